//! Clauses of a gate.

use super::{Lower, Pair, all, find};
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords;
use crate::syntax::tree::{CompareOp, Condition, DecideClause, GateClause, GateClauseKind, Limit, MissingClause, Name};

impl Lower<'_> {
    /// A `gate_part`, as a gate or a profile's `tighten` has it.
    pub fn gate_clause(&mut self, pair: &Pair<'_>) -> Option<GateClause> {
        let part = pair.clone().into_inner().next()?;
        let span = self.span(&part);
        let first = part.clone().into_inner().next()?;
        let mut keyword = self.span(&first);
        if let Some(second) = find(&part, Rule::kw_empty) {
            keyword = keyword.to(self.span(&second));
        }
        if part.as_rule() == Rule::effective_clause
            && let Some(second) = find(&part, Rule::kw_from)
        {
            keyword = keyword.to(self.span(&second));
        }
        let word = first.as_str().to_owned();
        let kind = self.gate_clause_kind(&part).unwrap_or_else(|| {
            let name = Name { text: word, span: keyword };
            GateClauseKind::Broken(Some(name))
        });
        Some(GateClause { doc: self.doc(span.start as usize), span, keyword, kind })
    }

    fn gate_clause_kind(&mut self, part: &Pair<'_>) -> Option<GateClauseKind> {
        let names = |lower: &Self, rule: Rule| all(part, rule).map(|n| lower.name(&n)).collect::<Vec<Name>>();
        Some(match part.as_rule() {
            Rule::title_clause => GateClauseKind::Title(self.string(&find(part, Rule::string)?)),
            Rule::owner_clause => GateClauseKind::Owner(self.string(&find(part, Rule::string)?)),
            Rule::fix_clause => GateClauseKind::Fix(self.string(&find(part, Rule::string)?)),
            Rule::refs_clause => GateClauseKind::Refs(names(self, Rule::ref_id)),
            Rule::stage_clause => GateClauseKind::Stage(names(self, Rule::word)),
            Rule::needs_clause => GateClauseKind::Needs(names(self, Rule::dotted)),
            Rule::required_clause => GateClauseKind::Required(self.truth(part, "required")?),
            Rule::waivable_clause => GateClauseKind::Waivable(self.truth(part, "waivable")?),
            Rule::scope_clause => GateClauseKind::Scope(self.expr(&find(part, Rule::expr)?)),
            Rule::per_clause => GateClauseKind::Per(self.keys(&find(part, Rule::keys)?)),
            Rule::each_clause => GateClauseKind::Each(self.condition(part)?),
            Rule::expect_clause => GateClauseKind::Expect(self.condition(part)?),
            Rule::metric_clause => GateClauseKind::Metric {
                value: self.value(&find(part, Rule::value)?),
                label: find(part, Rule::word).map(|w| self.name(&w)),
                shown: find(part, Rule::kw_shown).map(|s| self.span(&s)),
            },
            Rule::threshold_clause => GateClauseKind::Threshold {
                figure: find(part, Rule::name).map(|n| self.name(&n)),
                limit: self.limit(&find(part, Rule::limit)?)?,
            },
            Rule::samples_clause => return self.samples(part),
            Rule::missing_clause => GateClauseKind::Missing(match find(part, Rule::share) {
                Some(share) => MissingClause::Exclude(self.share(&share)),
                None => match self.choice(part, "missing", &keywords::MISSING)?.text.as_str() {
                    "worst" => MissingClause::Worst,
                    _ => MissingClause::Fail,
                },
            }),
            Rule::when_clause => GateClauseKind::WhenEmpty(self.choice(part, "when empty", &keywords::WHEN_EMPTY)?),
            Rule::decide_clause => GateClauseKind::Decide(match find(part, Rule::share) {
                Some(share) => DecideClause::Certified(self.share(&share)),
                None => {
                    self.choice(part, "decide", &keywords::DECIDE)?;
                    DecideClause::Point
                }
            }),
            Rule::effective_clause => GateClauseKind::EffectiveFrom(self.moment(&find(part, Rule::moment)?)),
            _ => return None,
        })
    }

    /// `condition else ".."`
    fn condition(&mut self, part: &Pair<'_>) -> Option<Condition> {
        let condition = self.value(&find(part, Rule::value)?);
        let message = find(part, Rule::string).map(|s| self.string(&s));
        Some(Condition { condition, message })
    }

    /// The word of a `choice`; reported when it is none of `known`.
    fn choice(&mut self, part: &Pair<'_>, after: &str, known: &[&'static str]) -> Option<Name> {
        let word = self.name(&find(part, Rule::choice)?);
        // Words with something after them have rules of their own; alone they lack it.
        if known.contains(&word.text.as_str()) {
            return Some(word);
        }
        self.report(say::unknown_choice(&word, after, known));
        None
    }

    fn truth(&mut self, part: &Pair<'_>, after: &str) -> Option<bool> {
        self.choice(part, after, &keywords::TRUTH).map(|word| word.text == "true")
    }

    fn samples(&mut self, part: &Pair<'_>) -> Option<GateClauseKind> {
        let whole = self.span(part);
        if let Some(slip) = find(part, Rule::slip_at_least).or_else(|| find(part, Rule::slip_count)) {
            let number = find(&slip, Rule::number)?;
            let place = self.span(&slip);
            self.report(say::samples_sign(whole, place, number.as_str()));
            return Some(GateClauseKind::Samples { weight: None, least: self.name(&number) });
        }
        let sign = find(part, Rule::compare_sign)?;
        let number = find(part, Rule::number)?;
        if sign.as_str() != ">=" {
            let place = self.span(&sign);
            self.report(say::samples_sign(whole, place, number.as_str()));
        }
        let weight = find(part, Rule::arith).map(|w| self.arith(&w));
        Some(GateClauseKind::Samples { weight, least: self.name(&number) })
    }

    /// A `limit`.
    pub fn limit(&mut self, pair: &Pair<'_>) -> Option<Limit> {
        let mut values: Vec<_> = all(pair, Rule::arith).map(|a| self.arith(&a)).collect();
        match find(pair, Rule::compare_sign) {
            Some(sign) => {
                let op: CompareOp = self.compare_op(&sign);
                Some(Limit::Compare { op, op_span: self.span(&sign), value: values.pop()? })
            }
            None => {
                let high = values.pop()?;
                Some(Limit::Range { low: values.pop()?, high })
            }
        }
    }
}
