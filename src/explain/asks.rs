//! What a gate asks, as sentences that a person can read aloud.

use super::fields::settled;
use super::words::{Words, joined};
use crate::data::{Num, Type, Value, print};
use crate::model::{
    CheckedPolicy, Decide, EffectiveProfile, EmptyPolicy, Expr, GateDefinition, Limit, Message, Metric, MissingPolicy,
};
use crate::source::SourceMap;

/// A sentence, and where it introduces a list, the items of that.
#[derive(Debug, Clone)]
pub(super) struct Sentence {
    pub(super) text: String,
    pub(super) items: Vec<String>,
}

/// What a gate asks.
pub(super) fn asks(
    checked: &CheckedPolicy,
    sources: &SourceMap,
    profile: Option<&EffectiveProfile>,
    gate: &GateDefinition,
) -> Vec<Sentence> {
    let asks = Asks { checked, sources, profile, gate, words: Words::new(&checked.policy, sources), out: Vec::new() };
    asks.all()
}

struct Asks<'a> {
    checked: &'a CheckedPolicy,
    sources: &'a SourceMap,
    profile: Option<&'a EffectiveProfile>,
    gate: &'a GateDefinition,
    words: Words<'a>,
    out: Vec<Sentence>,
}

impl Asks<'_> {
    fn all(mut self) -> Vec<Sentence> {
        self.population();
        self.rows();
        self.sample();
        self.metrics();
        self.decision();
        self.standing();
        self.out
    }

    fn say(&mut self, text: impl Into<String>) {
        self.out.push(Sentence { text: text.into(), items: Vec::new() });
    }

    /// One demand in the sentence itself, several as its list.
    fn demands(&mut self, lead: &str, items: Vec<String>) {
        match items.as_slice() {
            [] => {}
            [one] => self.say(format!("{lead} {}", stopped(one))),
            _ => {
                let text = format!("{lead}:");
                self.out.push(Sentence { text, items: items.iter().map(|i| stopped(i)).collect() });
            }
        }
    }

    fn population(&mut self) {
        match &self.gate.scope {
            None => self.say("It looks at whole documents, not at rows."),
            Some(scope) => self.say(format!("It looks at the {}.", self.words.rows(&scope.list))),
        }
        if !self.gate.per.is_empty() {
            let keys: Vec<String> = self.gate.per.iter().map(|k| k.name.to_string()).collect();
            self.say(format!(
                "It splits them by {} and judges every part for itself; its verdict is that of the worst part.",
                joined(&keys, "and")
            ));
        }
    }

    fn rows(&mut self) {
        let items: Vec<String> = self
            .gate
            .each
            .iter()
            .map(|each| {
                let leans: Vec<String> = each.leans_on.iter().map(|n| (n + 1).to_string()).collect();
                let leans = match leans.as_slice() {
                    [] => String::new(),
                    _ => format!("; not asked of a row that breaks {}", joined(&leans, "or")),
                };
                format!("{}{}{leans}", self.words.condition(&each.condition), self.says(each.message.as_deref()))
            })
            .collect();
        self.demands("Of every such row it demands that", items);
        if !self.gate.each.is_empty() {
            let which = if self.gate.each.len() == 1 { "it" } else { "one of these" };
            let sample = if self.gate.metrics.is_empty() { "" } else { ", and the row leaves the sample" };
            self.say(format!("A row that breaks {which} is a violation, which fails the gate{sample}."));
        }
    }

    fn sample(&mut self) {
        let items: Vec<String> = self
            .gate
            .expect
            .iter()
            .map(|e| format!("{}{}", self.words.condition(&e.condition), self.says(e.message.as_deref())))
            .collect();
        let lead = match (&self.gate.scope, self.gate.per.is_empty()) {
            (None, _) => "It demands that",
            (Some(_), true) => "Of the whole it demands that",
            (Some(_), false) => "Of every part it demands that",
        };
        self.demands(lead, items);
    }

    fn metrics(&mut self) {
        let items: Vec<String> =
            self.gate.metrics.iter().enumerate().map(|(i, metric)| self.metric(i, metric)).collect();
        self.demands("It measures", items);
        if self.gate.metrics.is_empty() {
            return;
        }
        match &self.gate.missing {
            None => {}
            Some(MissingPolicy::Fail) => {
                self.say("A row whose value is missing is a violation, and leaves the sample.");
            }
            Some(MissingPolicy::Worst) => self.say("A row whose value is missing counts as worse than every other."),
            Some(MissingPolicy::Exclude { at_most }) => {
                let share = ratio(*at_most);
                self.say(format!(
                    "A row whose value is missing leaves the sample; when more than {share} of the rows do, the gate \
                     fails."
                ));
            }
        }
    }

    fn metric(&self, number: usize, metric: &Metric) -> String {
        let words = self.words.with_aggregates(&metric.row_aggregates).value(&metric.figure);
        let several = self.gate.metrics.len() > 1;
        let own = metric.source.starts_with(&*metric.label);
        let name = if several || !own { format!(" (`{}`)", metric.label) } else { String::new() };
        let limits: Vec<String> = self
            .gate
            .thresholds
            .iter()
            .filter(|t| t.metric == number)
            .map(|t| format!("{}{}", self.words.limit(&t.limit), self.comes_to(&t.limit)))
            .collect();
        match limits.as_slice() {
            [] => format!("{words}{name}, which is only shown"),
            _ => format!("{words}{name}, which must be {}", joined(&limits, "and")),
        }
    }

    /// What a limit that is computed comes to.
    fn comes_to(&self, limit: &Limit) -> String {
        let parts: Vec<&Expr> = match limit {
            Limit::Compare { value, .. } => vec![value],
            Limit::Range { low, high } => vec![low, high],
        };
        let values: Vec<String> = parts.iter().filter_map(|e| settled(self.checked, self.profile, e)).collect();
        if values.is_empty() { String::new() } else { format!(" (that is {})", values.join(" to ")) }
    }

    fn decision(&mut self) {
        if let Some(samples) = &self.gate.samples {
            let least = print::value(&Value::Num(Num::int(i128::from(samples.least))), &Type::Int);
            self.say(match &samples.weight {
                None => format!("It needs a sample of at least {least} rows; with fewer it is inconclusive."),
                Some(weight) => format!(
                    "It needs {} to be at least {least}; below that it is inconclusive.",
                    self.words.value(weight)
                ),
            });
        }
        if let Decide::Certified { confidence } = self.gate.decide {
            self.say(format!(
                "A figure that meets its limit is not enough: the bound of the figure at a confidence of {} must meet \
                 it too. A sample that cannot tell makes it inconclusive.",
                ratio(confidence)
            ));
        }
        if self.gate.scope.is_some() {
            let what = if self.gate.per.is_empty() { "no row is in scope" } else { "no row is in scope at all" };
            self.say(match self.gate.when_empty {
                EmptyPolicy::Pass => format!("When {what}, it passes."),
                EmptyPolicy::Fail => format!("When {what}, it fails."),
                EmptyPolicy::Inconclusive => format!("When {what}, it is inconclusive, which is no pass."),
            });
        }
    }

    fn standing(&mut self) {
        let gate = self.gate;
        if !gate.needs.is_empty() {
            let names: Vec<String> = gate.needs.iter().map(|g| g.to_string()).collect();
            self.say(format!("It counts only when {} passed; else it is blocked.", joined(&names, "and")));
        }
        self.say(if gate.required {
            "It is required: a run in which it does not pass never says yes."
        } else {
            "It advises only: its verdict is told, and the answer of the run does not depend on it."
        });
        if let Some(from) = gate.effective_from {
            self.say(format!("Its verdict counts from {} on; before that it is only told.", print::instant(from)));
        }
        self.say(if gate.waivable { "A waiver may excuse it." } else { "No waiver can excuse it." });
    }

    fn says(&self, message: Option<&Message>) -> String {
        message
            .map(|m| format!(", else it says {}", super::source::one_line(self.sources, m.span, 200)))
            .unwrap_or_default()
    }
}

fn stopped(text: &str) -> String {
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

fn ratio(n: Num) -> String {
    print::value(&Value::Num(n), &Type::Ratio)
}
