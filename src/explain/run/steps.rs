//! The steps from evidence to verdict, as a report tells them.

use super::Against;
use super::saved::{Evidence, Exact, Gate, Group, Ledger, Metric, Reason, Report, Samples, Threshold, Violation};
use super::share::{Figure, figure};
use crate::data::{Num, Type, Value, print};
use crate::explain::asks;
use crate::explain::sheet::Sheet;
use crate::explain::words::joined;
use crate::model::digest::PolicyDigests;
use crate::model::{EffectiveProfile, GateDefinition, GateId, ProfileId};
use crate::registry::Registry;
use crate::report::values::coarse;
use crate::stats::nearest_rank;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Violations, worst rows and parts that are shown of many.
const MOST_VIOLATIONS: usize = 10;
const MOST_PARTS: usize = 30;
const MOST_FAULTS: usize = 5;
const FEW_ROWS: u64 = 3;

/// What the policy at hand says of the gate.
type Declared<'a> = Option<(Against<'a>, Option<&'a EffectiveProfile>, &'a GateDefinition)>;

/// One population and what became of it: the whole gate, or a part of it.
struct Part<'a> {
    ledger: Ledger,
    metrics: &'a BTreeMap<String, Metric>,
    samples: Option<&'a Samples>,
    empty: Option<&'a str>,
    reasons: &'a [Reason],
    violation_count: u64,
    verdict: &'a str,
    filtered: bool,
}

/// Writes the page.
pub(super) fn page(
    sheet: &mut Sheet<'_>,
    report: &Report,
    gate: &Gate,
    registry: &Registry,
    against: Option<Against<'_>>,
) {
    let same = against.filter(|a| same(*a, report, gate));
    let effective = same.and_then(|a| {
        let profile = a.checked.profiles.get(&ProfileId::new(&report.profile));
        let id = GateId::new(&gate.gate_id);
        let effective = profile.and_then(|p| p.gates.get(&id)).map(|g| &*g.gate);
        let declared = effective.or_else(|| a.checked.policy.gates.get(&id).map(|g| &**g))?;
        Some((a, profile, declared))
    });
    head(sheet, report, gate);
    match against {
        Some(a) if same.is_none() => {
            sheet.say(&format!(
                "The run was made with another policy (sha256 {} of its files; those here have {}), in which the gate \
                 asked something else: figures and limits are those of the run, and what the gate asked is not told.",
                short(&report.policy.sha256),
                short(&a.files.to_string())
            ));
        }
        _ => {}
    }
    if let Some((a, profile, declared)) = effective {
        sheet.section("What it asked");
        for sentence in asks::asks(a.checked, a.sources, profile, declared) {
            sheet.say(&sentence.text);
            for (i, item) in sentence.items.iter().enumerate() {
                sheet.item(&format!("{}.", i + 1), item);
            }
        }
    }
    sheet.section("Step by step");
    let mut steps = Steps { sheet, next: 1, registry, declared: effective };
    steps.evidence(report, gate);
    if gate.groups.is_empty() {
        let whole = Part {
            ledger: gate.ledger,
            metrics: &gate.metrics,
            samples: gate.samples.as_ref(),
            empty: gate.empty.as_deref(),
            reasons: &gate.reasons,
            violation_count: gate.violation_count,
            verdict: &gate.verdict,
            filtered: true,
        };
        steps.part(&whole);
    } else {
        steps.parts(gate);
    }
    steps.verdict(gate);
    violations(sheet, gate);
    if let Some(fix) = gate.fix.as_ref().filter(|_| gate.verdict == "fail") {
        sheet.page.blank();
        sheet.say(&format!("When it fails: {fix}"));
    }
}

/// Whether the gate asks here what it asked in the run: its digest is the same, or, in a report that
/// does not say it, the files of the policy are.
fn same(against: Against<'_>, report: &Report, gate: &Gate) -> bool {
    let Some(digest) = gate.gate_digest.strip_prefix("sha256:") else {
        return against.files.to_string() == report.policy.sha256;
    };
    let digests = PolicyDigests::of(against.checked);
    let id = GateId::new(&gate.gate_id);
    let here = digests.effective.get(&ProfileId::new(&report.profile)).and_then(|gates| gates.get(&id));
    here.is_some_and(|here| here.to_string() == digest)
}

fn head(sheet: &mut Sheet<'_>, report: &Report, gate: &Gate) {
    sheet.title("gate", &gate.gate_id, gate.title.as_deref().unwrap_or(""), None);
    let origin = match report.as_of_origin.as_str() {
        "flag" => " (command line)",
        "run_file" => " (run file)",
        "clock" => " (clock)",
        _ => "",
    };
    sheet.say(&format!(
        "in the run {} of profile {}, as of {}{origin}; policy {}, engine {}",
        short(&report.run_id),
        report.profile,
        report.as_of,
        report.policy.name,
        report.engine.version
    ));
    if !report.only.is_empty() {
        sheet.say(&format!("The run judged only {}.", report.only.join(", ")));
    }
}

struct Steps<'s, 'a, 'r> {
    sheet: &'s mut Sheet<'a>,
    next: usize,
    registry: &'r Registry,
    declared: Declared<'r>,
}

impl Steps<'_, '_, '_> {
    fn step(&mut self, text: &str) {
        let mark = format!("{}.", self.next);
        self.next += 1;
        self.sheet.item(&mark, text);
    }

    fn more(&mut self, text: &str) {
        self.sheet.item("  ", text);
    }

    fn evidence(&mut self, report: &Report, gate: &Gate) {
        let read: Vec<&Evidence> = report.evidence.iter().filter(|e| gate.evidence_refs.contains(&e.name)).collect();
        if read.is_empty() {
            self.step("It rests on no evidence.");
        }
        for evidence in read {
            self.step(&of_evidence(evidence));
            for fault in evidence.faults.iter().take(MOST_FAULTS) {
                self.more(&fault.message);
            }
            let more = evidence.fault_count.saturating_sub(MOST_FAULTS as u64);
            if more > 0 {
                self.more(&format!("and {more} faults more"));
            }
        }
    }

    fn part(&mut self, part: &Part<'_>) {
        self.ledger(part);
        for (label, metric) in part.metrics {
            self.metric(label, metric);
        }
        if let Some(samples) = part.samples {
            let reached = if samples.reached { "is enough" } else { "is too little: nothing is decided" };
            self.step(&format!(
                "The sample must come to {} at least; it comes to {}, which {reached}.",
                samples.least, samples.found.text
            ));
        }
        if let Some(empty) = part.empty {
            self.step(&format!("Nothing was there to be judged, and the gate says `when empty {empty}`."));
        }
    }

    fn ledger(&mut self, part: &Part<'_>) {
        let ledger = part.ledger;
        if ledger.read == 0 && ledger.in_scope == 0 {
            self.step("No row is in scope.");
            return;
        }
        let out = ledger.read.saturating_sub(ledger.in_scope);
        if part.filtered && out > 0 {
            self.step(&format!(
                "{} {} read, of which {} in scope; the scope leaves {out} out.",
                rows(ledger.read),
                were(ledger.read),
                are(ledger.in_scope)
            ));
        } else {
            self.step(&format!(
                "{} {} in scope.",
                rows(ledger.in_scope),
                if ledger.in_scope == 1 { "is" } else { "are" }
            ));
        }
        let mut gone = Vec::new();
        for (n, why) in [
            (ledger.broken, "broke an `each`"),
            (ledger.missing, "had no value, which is a violation"),
            (ledger.excluded, "had no value and were left out"),
        ] {
            if n > 0 {
                gone.push(format!("{n} {why}"));
            }
        }
        let gone = if gone.is_empty() { "none was lost".to_owned() } else { joined(&gone, "and") };
        let worst = match ledger.worst {
            0 => String::new(),
            n => format!(", {n} of them as worse than every other, because they had no value"),
        };
        self.step(&format!("Of these {gone}: the sample has {}{worst}.", rows(ledger.sample)));
    }

    fn metric(&mut self, label: &str, metric: &Metric) {
        let kind = figure(label, metric, self.registry, self.declared);
        let value = match (&metric.value, metric.beyond.as_deref()) {
            (Some(value), _) => value.told(&metric.ty()),
            (None, Some(side)) => format!("{side} every value, for rows without one counted as worst"),
            (None, None) => "none".to_owned(),
        };
        let mut marked = None;
        let how = match kind {
            Figure::Quantile(share) => match nearest_rank(share, metric.n) {
                Some(k) => {
                    let from_top = metric.n.saturating_sub(k).saturating_add(1);
                    marked = Some((k, from_top));
                    let product = product(share, metric.n);
                    let up = if product == k.to_string() { String::new() } else { format!(", rounded up {k}") };
                    format!(
                        "the rank is {} of {} = {product}{up}: the {} of {} values, the {}, is",
                        print::value(&Value::Num(share), &Type::Ratio),
                        metric.n,
                        superlative(k, "smallest"),
                        metric.n,
                        superlative(from_top, "largest")
                    )
                }
                None => "over no values there is".to_owned(),
            },
            Figure::Ratio => match hits(metric) {
                Some(hits) => format!("it holds for {hits} of {}, which is", rows(metric.n)),
                None => format!("over {} it is", rows(metric.n)),
            },
            Figure::Other => format!("over {} it is", rows(metric.n)),
        };
        self.step(&format!("{label}, that is `{}`: {how} {value}.", metric.formula));
        self.worst(metric, marked);
        if let Some(bounds) = &metric.bounds {
            self.bounds(bounds);
        }
        if metric.thresholds.is_empty() {
            self.step(&format!("{label} has no limit: it is only shown."));
        }
        for threshold in &metric.thresholds {
            let text = compared(label, &value, threshold, &metric.distance());
            self.step(&text);
            if let Some(certified) = &threshold.certified {
                self.certified(certified);
            }
        }
    }

    /// The rows that the figure would be worse or better without; the one that is the figure is
    /// marked where it is among them.
    fn worst(&mut self, metric: &Metric, marked: Option<(u64, u64)>) {
        if metric.worst_rows.is_empty() {
            return;
        }
        let low = metric.thresholds.iter().any(|t| matches!(t.op.as_deref(), Some(">=" | ">")));
        let at = marked.map(|(k, from_top)| if low { k } else { from_top });
        // Down to the figure itself and a little further.
        let most = at.map_or(FEW_ROWS, |at| at.saturating_add(1).max(FEW_ROWS));
        for (place, worst) in (1..=most).zip(&metric.worst_rows) {
            let value = match (&worst.value, worst.beyond.as_deref()) {
                (Some(value), _) => value.text.clone(),
                (None, Some(side)) => format!("{side} all"),
                (None, None) => "none".to_owned(),
            };
            let same = worst.value.as_ref().map(|v| &v.text) == metric.value.as_ref().map(|v| &v.text);
            let mark = if at == Some(place) && same { "  <- the figure" } else { "" };
            self.more(&format!("{}: {value}  {}{mark}", superlative(place, "worst"), worst.row.place()));
        }
    }

    /// What is certain of the figure of all rows that the sample stands for.
    fn bounds(&mut self, bounds: &Json) {
        let text = |name: &str| {
            let bound = bounds.get(name)?;
            let beyond = || Some(format!("{} all", bound.get("beyond").and_then(said)?));
            let value = bound.get("value").and_then(said).or_else(beyond)?;
            let rank = bound.get("rank").and_then(Json::as_u64).map(|r| format!(", the {} smallest", ordinal(r)));
            Some(format!("{value}{}", rank.unwrap_or_default()))
        };
        let confidence = bounds.get("confidence").and_then(said).unwrap_or_else(|| "the confidence asked for".into());
        let lower = text("lower").map(|t| format!("at least {t}"));
        let upper = text("upper").map(|t| format!("at most {t}"));
        let parts: Vec<String> = [lower, upper].into_iter().flatten().collect();
        self.more(&match parts.as_slice() {
            [] => format!("at {confidence} the sample bounds it on no side: it is too small"),
            _ => format!("at {confidence} each, the figure of all rows is {}", joined(&parts, "and")),
        });
    }

    fn certified(&mut self, certified: &Json) {
        let mut words = Vec::new();
        let outcome = certified.get("certainty").and_then(said);
        words.extend(outcome.map(|o| format!("by the bound: {}", o.replace('_', " "))));
        let number = |name: &str| certified.get(name).and_then(said);
        words.extend(number("misses").map(|n| format!("{n} rows are on the wrong side")));
        words.extend(number("most_misses").map(|n| format!("at most {n} would certify that it is met")));
        words.extend(number("least_misses").map(|n| format!("{n} or more that it is missed")));
        words.extend(number("further_rows").map(|n| format!("{n} rows more could tell, if none of them is")));
        if !words.is_empty() {
            self.more(&words.join("; "));
        }
    }

    /// The parts of a gate that is split, and how the worst one came to its verdict.
    fn parts(&mut self, gate: &Gate) {
        let out = gate.ledger.read.saturating_sub(gate.ledger.in_scope);
        let left = if out > 0 { format!(", of which {} in scope", are(gate.ledger.in_scope)) } else { String::new() };
        self.step(&format!(
            "{} {} read{left}; they fall into {} parts.",
            rows(gate.ledger.read),
            were(gate.ledger.read),
            gate.groups.len()
        ));
        let mut ordered: Vec<&Group> = gate.groups.iter().collect();
        ordered.sort_by_key(|g| std::cmp::Reverse(weight(&g.verdict)));
        for group in ordered.iter().take(MOST_PARTS) {
            let figures: Vec<String> = group
                .metrics
                .iter()
                .map(|(label, m)| format!("{label} {}", m.value.as_ref().map_or("none", |v| v.text.as_str())))
                .collect();
            self.more(&format!(
                "{}  {}: {} of {}",
                group.verdict,
                keys(group),
                if figures.is_empty() { "no figure".to_owned() } else { figures.join(", ") },
                rows(group.ledger.sample)
            ));
        }
        let more = gate.groups.len().saturating_sub(MOST_PARTS);
        if more > 0 {
            self.more(&format!("and {more} parts more, none of them worse"));
        }
        let Some(worst) = ordered.first() else { return };
        self.step(&format!("The part that decides is {}: {}. Its steps:", keys(worst), worst.verdict));
        let part = Part {
            ledger: worst.ledger,
            metrics: &worst.metrics,
            samples: worst.samples.as_ref(),
            empty: worst.empty.as_deref(),
            reasons: &worst.reasons,
            violation_count: worst.violation_count,
            verdict: &worst.verdict,
            filtered: false,
        };
        self.part(&part);
        for reason in part.reasons {
            self.more(&format!("{} ({})", reason.message, reason.code));
        }
        self.more(&format!("violations in this part: {}; so it is {}", part.violation_count, part.verdict));
    }

    fn verdict(&mut self, gate: &Gate) {
        let mut because = Vec::new();
        if gate.violation_count > 0 {
            let n = gate.violation_count;
            because.push(format!("{n} violation{}", if n == 1 { "" } else { "s" }));
        }
        if let Some(would_be) = &gate.would_be {
            because.push(format!("it would be {would_be} without {}", joined(&gate.waived_by, "and")));
        }
        if !gate.blocked_by.is_empty() {
            because.push(format!("it needs {}, which did not pass", joined(&gate.blocked_by, "and")));
        }
        let because = match because.as_slice() {
            [] if gate.verdict == "pass" => ": no violation".to_owned(),
            [] => String::new(),
            some => format!(": {}", joined(some, "and")),
        };
        let counts = match (gate.required, gate.counted) {
            (true, true) => "It is required, so the answer of the run depends on it.",
            (true, false) => "It is required, and yet the answer of this run does not depend on it.",
            (false, _) => "It advises only.",
        };
        self.step(&format!("So the verdict is {}{because}. {counts}", gate.verdict));
        for reason in &gate.reasons {
            self.more(&format!("{} ({})", reason.message, reason.code));
        }
    }
}

fn violations(sheet: &mut Sheet<'_>, gate: &Gate) {
    if gate.violations.is_empty() {
        return;
    }
    sheet.section("Violations");
    for violation in gate.violations.iter().take(MOST_VIOLATIONS) {
        let Violation { message, place, row } = violation;
        let row = row.as_ref().map(|r| format!("  {}", r.place())).unwrap_or_default();
        sheet.item("-", &format!("{message}  ({}:{}){row}", place.file, place.line));
    }
    let shown = gate.violations.len().min(MOST_VIOLATIONS) as u64;
    let more = gate.violation_count.saturating_sub(shown);
    if more > 0 {
        sheet.say(&format!("and {more} more"));
    }
}

fn of_evidence(evidence: &Evidence) -> String {
    let mut words = format!("Evidence {} is {}", evidence.name, evidence.status);
    if !evidence.path.is_empty() {
        words.push_str(&format!(": `{}`", evidence.path));
    }
    if evidence.status == "usable" {
        words.push_str(&format!(", {}", rows(evidence.rows)));
    }
    if let Some(age) = &evidence.age {
        let most = evidence.max_age.as_ref().map(|m| format!(" (at most {})", m.text)).unwrap_or_default();
        words.push_str(&format!(", {} old{most}", spoken(age)));
    }
    if let Some(source) = &evidence.source {
        words.push_str(&format!(", {source}"));
    }
    if let Some(sha256) = &evidence.sha256 {
        words.push_str(&format!(", sha256 {}", short(sha256)));
    }
    words.push('.');
    let unreadable: Vec<String> = evidence.unreadable.iter().map(|(f, n)| format!("{n} of {f}")).collect();
    if !unreadable.is_empty() {
        words.push_str(&format!(" Read as absent, because they could not be read: {}.", joined(&unreadable, "and")));
    }
    words
}

fn compared(label: &str, value: &str, threshold: &Threshold, distance: &Type) -> String {
    let value = value.split([',', '(']).next().unwrap_or(value).trim();
    let slack = threshold.slack.as_ref().map(|s| s.told(distance));
    match (threshold.comparison.as_str(), slack.as_deref()) {
        ("met", Some(slack)) => {
            format!("{label} must be {}: {value} is, with {slack} to spare.", threshold.text)
        }
        ("met", None) => format!("{label} must be {}: {value} is.", threshold.text),
        ("not_met", Some(slack)) => {
            let by = slack.replace('-', "");
            format!("{label} must be {}: {value} is not; it misses the limit by {by}.", threshold.text)
        }
        ("not_met", None) => format!("{label} must be {}: {value} is not.", threshold.text),
        _ => format!("{label} must be {}: there is nothing to compare.", threshold.text),
    }
}

/// An age as people say it.
fn spoken(age: &Exact) -> String {
    age.number().map_or_else(|| age.text.clone(), coarse)
}

/// A text, a number, or the `text` of an exact number.
fn said(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(n) => Some(n.to_string()),
        Json::Object(fields) => fields.get("text").and_then(said),
        _ => None,
    }
}

fn keys(group: &Group) -> String {
    let keys: Vec<String> = group.group.iter().map(|(k, v)| format!("{k} = {v}")).collect();
    if keys.is_empty() { "(no key)".into() } else { keys.join(", ") }
}

fn weight(verdict: &str) -> usize {
    crate::model::VERDICT_WORDS.iter().position(|w| *w == verdict).unwrap_or(0)
}

/// For how many rows a share holds; nothing where that is no whole number.
fn hits(metric: &Metric) -> Option<i128> {
    metric.value.as_ref()?.number()?.mul(Num::int(i128::from(metric.n)))?.as_int()
}

fn product(share: Num, n: u64) -> String {
    match share.mul(Num::int(i128::from(n))) {
        Some(product) => print::value(&Value::Num(product), &Type::Decimal),
        None => "too many to tell".into(),
    }
}

fn rows(n: u64) -> String {
    format!("{n} row{}", if n == 1 { "" } else { "s" })
}

fn were(n: u64) -> &'static str {
    if n == 1 { "was" } else { "were" }
}

fn are(n: u64) -> String {
    format!("{n} {}", if n == 1 { "is" } else { "are" })
}

/// `largest`, `2nd largest`, ..
fn superlative(n: u64, word: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{} {word}", ordinal(n)) }
}

fn ordinal(n: u64) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
