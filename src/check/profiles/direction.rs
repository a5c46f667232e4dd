//! Whether a changed clause is provably no looser than the one before.

use crate::check::checker::Checker;
use crate::check::diagnostics::profiles as say;
use crate::check::gates::keyword;
use crate::model::{Decide, EmptyPolicy, GateDefinition, GateId, MissingPolicy, Samples};
use crate::source::Span;
use crate::syntax::tree::{GateClause, GateClauseKind as Kind};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// What a change does to a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Whatever passes now passed before.
    Stricter,
    /// Something may pass that failed before.
    Looser,
    /// Neither can be shown.
    Incomparable,
}

impl Change {
    /// From an order in which greater is stricter.
    fn from_order(order: Ordering) -> Self {
        if order.is_lt() { Self::Looser } else { Self::Stricter }
    }
}

impl Checker<'_> {
    /// Reports each clause of a `tighten` that may let through what failed before. Thresholds are
    /// judged apart.
    pub(super) fn check_stricter(
        &mut self,
        before: &GateDefinition,
        after: &GateDefinition,
        given: &[&GateClause],
        name: &str,
    ) {
        for clause in given {
            let change = match &clause.kind {
                Kind::Required(_) => Change::from_order(after.required.cmp(&before.required)),
                Kind::Needs(_) => needs(&before.needs, &after.needs),
                Kind::Scope(_) | Kind::Per(_) => self.same_words(before, clause),
                Kind::Metric { .. } => self.metric_change(before, after, clause),
                Kind::Samples { .. } => self.samples_change(before.samples.as_ref(), after.samples.as_ref()),
                Kind::Missing(_) => missing(before.missing.as_ref(), after.missing.as_ref()),
                Kind::WhenEmpty(_) => Change::from_order(strict_when_empty(after).cmp(&strict_when_empty(before))),
                Kind::Decide(_) => decide(before.decide, after.decide),
                Kind::Waivable(_) => Change::from_order(before.waivable.cmp(&after.waivable)),
                Kind::EffectiveFrom(_) => Change::from_order(before.effective_from.cmp(&after.effective_from)),
                // More conditions can only take something away.
                Kind::Each(_) | Kind::Expect(_) => Change::Stricter,
                Kind::Threshold { .. }
                | Kind::Title(_)
                | Kind::Owner(_)
                | Kind::Fix(_)
                | Kind::Refs(_)
                | Kind::Stage(_)
                | Kind::Broken(_) => Change::Stricter,
            };
            let word = keyword(&clause.kind);
            let old = before.clauses.get(word).copied();
            match change {
                Change::Stricter => {}
                Change::Looser => self.report(say::looser(name, word, clause.span, old)),
                Change::Incomparable => self.report(say::incomparable(name, word, clause.span, old)),
            }
        }
    }

    /// Another population or other groups cannot be compared, unless nothing is changed.
    fn same_words(&self, before: &GateDefinition, clause: &GateClause) -> Change {
        let old = before.clauses.get(keyword(&clause.kind));
        if old.is_some_and(|old| self.words_of(*old) == self.words_of(clause.span)) {
            Change::Stricter
        } else {
            Change::Incomparable
        }
    }

    fn words_of(&self, span: Span) -> Vec<&str> {
        self.sources.slice(span).split_whitespace().collect()
    }

    /// A figure more is stricter; another formula under an old name cannot be compared.
    fn metric_change(&self, before: &GateDefinition, after: &GateDefinition, clause: &GateClause) -> Change {
        let Some(new) = after.metrics.iter().find(|m| m.span == clause.span) else { return Change::Incomparable };
        match before.metrics.iter().find(|m| m.label == new.label) {
            Some(old) if old.source != new.source => Change::Incomparable,
            _ => Change::Stricter,
        }
    }

    fn samples_change(&self, before: Option<&Samples>, after: Option<&Samples>) -> Change {
        let (Some(before), Some(after)) = (before, after) else { return Change::Stricter };
        let words = |s: &Samples| s.weight.as_ref().map(|w| self.words_of(w.span));
        if words(before) == words(after) {
            Change::from_order(after.least.cmp(&before.least))
        } else {
            Change::Incomparable
        }
    }
}

fn needs(before: &[GateId], after: &[GateId]) -> Change {
    let (before, after): (BTreeSet<&GateId>, BTreeSet<&GateId>) = (before.iter().collect(), after.iter().collect());
    if after.is_superset(&before) {
        Change::Stricter
    } else if after.is_subset(&before) {
        Change::Looser
    } else {
        Change::Incomparable
    }
}

/// `fail` is the strictest; a lower cap is stricter; `worst` and a cap cannot be compared.
fn missing(before: Option<&MissingPolicy>, after: Option<&MissingPolicy>) -> Change {
    use MissingPolicy::{Exclude, Fail, Worst};
    match (before, after) {
        (None, _) | (_, Some(Fail)) | (Some(Worst), Some(Worst)) => Change::Stricter,
        (Some(Exclude { at_most: old }), Some(Exclude { at_most: new })) => Change::from_order(old.cmp(new)),
        (Some(Fail), _) => Change::Looser,
        _ => Change::Incomparable,
    }
}

/// Where nothing may be there: `pass` lets it through, the others do not, and `fail` says so.
fn strict_when_empty(gate: &GateDefinition) -> u8 {
    match gate.when_empty {
        EmptyPolicy::Pass => 0,
        EmptyPolicy::Inconclusive => 1,
        EmptyPolicy::Fail => 2,
    }
}

fn decide(before: Decide, after: Decide) -> Change {
    match (before, after) {
        (Decide::Point, _) => Change::Stricter,
        (Decide::Certified { .. }, Decide::Point) => Change::Looser,
        (Decide::Certified { confidence: old }, Decide::Certified { confidence: new }) => {
            Change::from_order(new.cmp(&old))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Num;

    #[test]
    fn a_missing_clause_has_an_order_as_far_as_one_can_be_shown() {
        let exclude = |n, d| MissingPolicy::Exclude { at_most: Num::new(n, d).unwrap() };
        let change = |a, b| missing(Some(&a), Some(&b));
        assert_eq!(change(exclude(1, 100), exclude(1, 200)), Change::Stricter);
        assert_eq!(change(exclude(1, 200), exclude(1, 100)), Change::Looser);
        assert_eq!(change(MissingPolicy::Worst, MissingPolicy::Fail), Change::Stricter);
        assert_eq!(change(MissingPolicy::Fail, MissingPolicy::Worst), Change::Looser);
        assert_eq!(change(MissingPolicy::Worst, exclude(1, 100)), Change::Incomparable);
        assert_eq!(change(exclude(1, 100), MissingPolicy::Worst), Change::Incomparable);
    }

    #[test]
    fn needs_are_stricter_when_none_is_gone() {
        let ids = |names: &[&str]| names.iter().map(|n| GateId::new(n)).collect::<Vec<_>>();
        let change = |a: &[&str], b: &[&str]| needs(&ids(a), &ids(b));
        assert_eq!(change(&["a", "b"], &["b", "a"]), Change::Stricter);
        assert_eq!(change(&["a"], &["a", "b"]), Change::Stricter);
        assert_eq!(change(&["a", "b"], &["a"]), Change::Looser);
        assert_eq!(change(&["a", "b"], &["a", "c"]), Change::Incomparable);
    }

    #[test]
    fn what_has_to_be_shown_is_stricter_and_more_confidence_too() {
        let certified = |n| Decide::Certified { confidence: Num::new(n, 100).unwrap() };
        assert_eq!(decide(Decide::Point, Decide::Point), Change::Stricter);
        assert_eq!(decide(Decide::Point, certified(90)), Change::Stricter);
        assert_eq!(decide(certified(90), Decide::Point), Change::Looser);
        assert_eq!(decide(certified(90), certified(95)), Change::Stricter);
        assert_eq!(decide(certified(95), certified(95)), Change::Stricter);
        assert_eq!(decide(certified(95), certified(90)), Change::Looser);
    }
}
