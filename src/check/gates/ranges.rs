//! What a limit allows, what a figure can be, and limits that decide nothing.

use crate::check::checker::Checker;
use crate::check::diagnostics::gates as say;
use crate::data::{Num, Type, Value};
use crate::model::{ArithmeticOp, CompareOp, Expr, ExprKind, Limit, Metric, RowAggregate, Threshold};
use crate::registry::{Aggregate, Body, CallTypes, Certify, Function};

/// An end of a range of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    at: Num,
    /// The end itself is outside.
    strict: bool,
}

/// A set of numbers: a range, perhaps without one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::check) struct Bounds {
    low: Option<End>,
    high: Option<End>,
    not: Option<Num>,
}

impl Bounds {
    fn between(low: Option<Num>, high: Option<Num>) -> Self {
        let end = |at| End { at, strict: false };
        Self { low: low.map(end), high: high.map(end), not: None }
    }

    fn point(at: Num) -> Self {
        Self::between(Some(at), Some(at))
    }

    /// The same set of whole numbers, with ends that belong to it.
    fn of_whole_numbers(self) -> Self {
        let up = |e: End| {
            let whole = Num::int(e.at.floor());
            let at = if whole == e.at && !e.strict { whole } else { whole.add(Num::ONE).unwrap_or(whole) };
            End { at, strict: false }
        };
        let down = |e: End| {
            let whole = Num::int(e.at.floor());
            let at = if whole == e.at && e.strict { whole.sub(Num::ONE).unwrap_or(whole) } else { whole };
            End { at, strict: false }
        };
        Self { low: self.low.map(up), high: self.high.map(down), not: self.not.filter(|n| n.as_int().is_some()) }
    }

    fn and(self, other: Self) -> Self {
        let tighter = |a: Option<End>, b: Option<End>, upper: bool| match (a, b) {
            (Some(a), Some(b)) => Some(if within(a, b, upper) { a } else { b }),
            (a, b) => a.or(b),
        };
        Self {
            low: tighter(self.low, other.low, false),
            high: tighter(self.high, other.high, true),
            not: self.not.or(other.not),
        }
    }

    fn is_empty(self) -> bool {
        match (self.low, self.high) {
            (Some(l), Some(h)) => l.at > h.at || (l.at == h.at && (l.strict || h.strict || self.not == Some(l.at))),
            _ => false,
        }
    }

    fn holds(self, n: Num) -> bool {
        self.low.is_none_or(|l| n > l.at || (n == l.at && !l.strict))
            && self.high.is_none_or(|h| n < h.at || (n == h.at && !h.strict))
            && self.not != Some(n)
    }

    /// Whether every number of it is in `other`.
    pub(in crate::check) fn is_inside(self, other: Self) -> bool {
        let side = |mine: Option<End>, theirs: Option<End>, upper: bool| match (mine, theirs) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(m), Some(t)) => within(m, t, upper),
        };
        self.is_empty()
            || (side(self.low, other.low, false)
                && side(self.high, other.high, true)
                && other.not.is_none_or(|n| !self.holds(n)))
    }
}

/// Whether an end is at least as tight as another.
fn within(mine: End, theirs: End, upper: bool) -> bool {
    match mine.at.cmp(&theirs.at) {
        std::cmp::Ordering::Equal => mine.strict || !theirs.strict,
        order => order.is_lt() == upper,
    }
}

impl Checker<'_> {
    /// The number that a limit stands for, when it does not depend on evidence. With `fixed`:
    /// when it is the same in every profile.
    pub(super) fn limit_number(&self, value: &Expr, fixed: bool) -> Option<Num> {
        let mut params = false;
        value.visit(&mut |e| params |= matches!(&*e.kind, ExprKind::Param(_)));
        if fixed && params { None } else { self.fold(value)?.as_num() }
    }

    /// What a limit allows, when it does not depend on evidence.
    pub(in crate::check) fn bounds_of(&self, limit: &Limit, fixed: bool) -> Option<Bounds> {
        match limit {
            Limit::Compare { op, value } => {
                let at = self.limit_number(value, fixed)?;
                let strict = matches!(op, CompareOp::Less | CompareOp::Greater);
                let end = Some(End { at, strict });
                Some(match op {
                    CompareOp::Equal => Bounds::point(at),
                    CompareOp::NotEqual => Bounds { not: Some(at), ..Bounds::default() },
                    CompareOp::AtMost | CompareOp::Less => Bounds { high: end, ..Bounds::default() },
                    CompareOp::AtLeast | CompareOp::Greater => Bounds { low: end, ..Bounds::default() },
                })
            }
            Limit::Range { low, high } => {
                Some(Bounds::between(Some(self.limit_number(low, fixed)?), Some(self.limit_number(high, fixed)?)))
            }
        }
    }

    /// Reports limits of one metric that no figure can miss, that none can meet, or that cannot
    /// be met together. With `fixed` only those that are the same in every profile.
    pub(in crate::check) fn check_limits(&mut self, metric: &Metric, thresholds: &[&Threshold], fixed: bool) {
        let ty = metric.figure.ty.present().clone();
        let possible = possible(&metric.figure, &metric.row_aggregates);
        let whole = |b: Bounds| if ty == Type::Int { b.of_whole_numbers() } else { b };
        let mut allowed: Vec<(Bounds, &Threshold)> = Vec::new();
        for threshold in thresholds {
            let Some(bounds) = self.bounds_of(&threshold.limit, fixed) else { continue };
            if bounds.is_empty() {
                self.report(say::ends_crossed(&metric.label, threshold.span));
                continue;
            }
            let bounds = whole(bounds);
            if bounds.is_empty() || bounds.and(possible).is_empty() {
                let why = if bounds.is_empty() { "it is a whole number".to_owned() } else { told(possible, &ty) };
                self.report(say::never_met(&metric.label, &why, threshold.span, metric.span));
            } else if possible != Bounds::default() && possible.is_inside(bounds) {
                self.report(say::never_missed(&metric.label, &told(possible, &ty), threshold.span, metric.span));
            } else {
                allowed.push((bounds, threshold));
            }
        }
        for (i, (bounds, threshold)) in allowed.iter().enumerate() {
            let clash = allowed.iter().take(i).find(|(b, _)| b.and(*bounds).is_empty());
            if let Some((_, first)) = clash {
                self.report(say::never_met_together(&metric.label, first.span, threshold.span));
                return;
            }
        }
    }
}

/// How the bound of a waiver stands to the limits of its figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Excuse {
    /// It allows more than they do, or they are known only in a run.
    More,
    /// It allows nothing that they do not allow.
    Nothing,
    /// It refuses figures that meet them, so it does not bound what misses them.
    Astray,
}

impl Checker<'_> {
    /// What a bound excuses of a metric's thresholds.
    pub(in crate::check) fn excuse(&self, metric: &Metric, thresholds: &[&Threshold], bound: &Limit) -> Excuse {
        let whole = |b: Bounds| if *metric.figure.ty.present() == Type::Int { b.of_whole_numbers() } else { b };
        let Some(bound) = self.bounds_of(bound, false).map(whole) else { return Excuse::More };
        let limits: Option<Vec<Bounds>> = thresholds.iter().map(|t| self.bounds_of(&t.limit, false)).collect();
        let Some(limits) = limits else { return Excuse::More };
        let allowed = limits.into_iter().map(whole).fold(Bounds::default(), Bounds::and);
        if bound.is_inside(allowed) {
            Excuse::Nothing
        } else if allowed.is_inside(bound) {
            Excuse::More
        } else {
            Excuse::Astray
        }
    }
}

/// A range in words.
fn told(bounds: Bounds, ty: &Type) -> String {
    let shown = |n: Num| crate::data::print::value(&Value::Num(n), ty);
    match (bounds.low, bounds.high) {
        (Some(l), Some(h)) => format!("it lies between {} and {}", shown(l.at), shown(h.at)),
        (Some(l), None) => format!("it is never below {}", shown(l.at)),
        (None, Some(h)) => format!("it is never above {}", shown(h.at)),
        (None, None) => String::new(),
    }
}

/// What a figure can be, as far as its formula says. Ends belong to it.
fn possible(figure: &Expr, rows: &[RowAggregate]) -> Bounds {
    let ends = |b: Bounds| (b.low.map(|e| e.at), b.high.map(|e| e.at));
    let of = |e: &Expr| possible(e, rows);
    match &*figure.kind {
        ExprKind::Literal(value) => value.as_num().map(Bounds::point).unwrap_or_default(),
        ExprKind::RowAggregate(i) => {
            rows.get(*i).map(|r| of_aggregate(&r.function, r.arguments.is_empty())).unwrap_or_default()
        }
        ExprKind::Call { function, arguments, .. } => of_aggregate(function, arguments.len() == 1),
        ExprKind::Narrowed { value, shape: None } => of(value),
        ExprKind::Coalesce(left, right) => hull(of(left), of(right)),
        ExprKind::If { then, otherwise, .. } => hull(of(then), of(otherwise)),
        ExprKind::Negate(value) => {
            let (low, high) = ends(of(value));
            Bounds::between(high.and_then(Num::neg), low.and_then(Num::neg))
        }
        ExprKind::Arithmetic { op, left, right } => {
            let ((a, b), (c, d)) = (ends(of(left)), ends(of(right)));
            let both = |x: Option<Num>, y: Option<Num>, f: fn(Num, Num) -> Option<Num>| f(x?, y?);
            match op {
                ArithmeticOp::Add => Bounds::between(both(a, c, Num::add), both(b, d, Num::add)),
                ArithmeticOp::Subtract => Bounds::between(both(a, d, Num::sub), both(b, c, Num::sub)),
                // Products and quotients of what is never below zero are never below zero.
                ArithmeticOp::Multiply | ArithmeticOp::Divide => {
                    let natural = |low: Option<Num>| low.is_some_and(|n| !n.is_negative());
                    if natural(a) && natural(c) { Bounds::between(Some(Num::ZERO), None) } else { Bounds::default() }
                }
            }
        }
        _ => Bounds::default(),
    }
}

fn hull(a: Bounds, b: Bounds) -> Bounds {
    let low = a.low.zip(b.low).map(|(x, y)| x.at.min(y.at));
    let high = a.high.zip(b.high).map(|(x, y)| x.at.max(y.at));
    Bounds::between(low, high)
}

/// A share lies between 0 and 1; what does not look at the elements counts them.
fn of_aggregate(function: &Function, only_a_list: bool) -> Bounds {
    let Body::Aggregate(aggregate) = &function.body else { return Bounds::default() };
    if aggregate.certify == Certify::Ratio {
        return Bounds::between(Some(Num::ZERO), Some(Num::ONE));
    }
    if only_a_list && counts(aggregate) { Bounds::between(Some(Num::ZERO), None) } else { Bounds::default() }
}

fn counts(aggregate: &Aggregate) -> bool {
    let arguments = [Type::list(Type::Json)];
    let types = CallTypes { arguments: &arguments, result: &Type::Int };
    (aggregate.start)(&types, &[]).is_ok_and(|a| !a.reads_elements())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_most(n: i128) -> Bounds {
        Bounds { high: Some(End { at: Num::int(n), strict: false }), ..Bounds::default() }
    }

    fn below(n: i128) -> Bounds {
        Bounds { high: Some(End { at: Num::int(n), strict: true }), ..Bounds::default() }
    }

    fn above(n: i128) -> Bounds {
        Bounds { low: Some(End { at: Num::int(n), strict: true }), ..Bounds::default() }
    }

    #[test]
    fn a_strict_end_is_tighter_than_the_same_end() {
        assert!(below(3).is_inside(at_most(3)));
        assert!(!at_most(3).is_inside(below(3)));
        assert!(at_most(2).is_inside(below(3)));
        assert!(!at_most(2).is_inside(Bounds::point(Num::int(2))));
        assert!(at_most(2).is_inside(Bounds::default()));
        assert!(!Bounds::default().is_inside(at_most(2)));
    }

    #[test]
    fn whole_numbers_leave_gaps() {
        assert!(above(3).and(below(4)).of_whole_numbers().is_empty());
        assert!(!above(3).and(below(4)).is_empty());
        assert_eq!(below(4).of_whole_numbers(), at_most(3));
    }

    #[test]
    fn a_point_left_out_counts() {
        let not = Bounds { not: Some(Num::int(5)), ..Bounds::default() };
        assert!(below(5).is_inside(not));
        assert!(!at_most(5).is_inside(not));
        assert!(Bounds::point(Num::int(5)).and(not).is_empty());
        assert!(above(5).is_inside(not));
        assert!(!above(4).is_inside(not));
        let from = |n: i128| Bounds { low: Some(End { at: Num::int(n), strict: false }), ..Bounds::default() };
        assert!(!from(5).is_inside(not));
        assert!(from(6).is_inside(not));
        assert!(!from(4).is_inside(not));
        assert!(at_most(4).is_inside(not));
        assert!(!at_most(6).is_inside(not));
        assert!(not.is_inside(not));
        assert!(!not.is_inside(Bounds { not: Some(Num::int(6)), ..Bounds::default() }));
    }

    #[test]
    fn a_range_is_empty_when_its_ends_cross_or_leave_their_point_out() {
        let between = |low: i128, high: i128| Bounds::between(Some(Num::int(low)), Some(Num::int(high)));
        assert!(between(3, 2).is_empty());
        assert!(!between(2, 2).is_empty());
        assert!(!between(2, 3).is_empty());
        assert!(above(2).and(at_most(2)).is_empty());
        assert!(!above(2).and(at_most(3)).is_empty());
        assert!(!below(2).is_empty() && !above(2).is_empty());
        assert!(between(3, 2).is_inside(between(8, 9)));
        assert!(!between(1, 9).is_inside(between(2, 9)));
        assert!(!between(1, 9).is_inside(between(1, 8)));
        assert!(between(2, 8).is_inside(between(1, 9)));
    }

    #[test]
    fn the_tighter_end_of_two_holds_for_both() {
        assert_eq!(at_most(3).and(at_most(5)), at_most(3));
        assert_eq!(at_most(5).and(at_most(3)), at_most(3));
        assert_eq!(at_most(3).and(below(3)), below(3));
        assert_eq!(below(3).and(at_most(3)), below(3));
        assert_eq!(above(3).and(above(5)), above(5));
        assert_eq!(above(5).and(above(3)), above(5));
        assert_eq!(above(3).and(Bounds::default()), above(3));
    }

    #[test]
    fn ends_of_whole_numbers_are_whole_numbers_inside() {
        let half = Num::new(5, 2).unwrap();
        let end = |at: Num, strict: bool| Some(End { at, strict });
        let of = |low, high| Bounds { low, high, not: None }.of_whole_numbers();
        let whole = |low: i128, high: i128| Bounds::between(Some(Num::int(low)), Some(Num::int(high)));
        assert_eq!(of(end(half, false), end(half, false)), whole(3, 2));
        assert_eq!(of(end(half, true), end(half, true)), whole(3, 2));
        assert_eq!(of(end(Num::int(2), false), end(Num::int(4), false)), whole(2, 4));
        assert_eq!(of(end(Num::int(2), true), end(Num::int(4), true)), whole(3, 3));
        let without = |n: Num| Bounds { not: Some(n), ..Bounds::default() }.of_whole_numbers().not;
        assert_eq!((without(half), without(Num::int(2))), (None, Some(Num::int(2))));
    }
}
