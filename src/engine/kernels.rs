//! Row expressions over whole columns.
//!
//! A kernel computes all rows of a batch, guarded ones too: rows without a value come out
//! without one, and nothing that it computes can fault. Where a row could fault (a number that
//! leaves 128 bits), there is no kernel result and the scalar road decides row by row. The
//! results are those of the interpreter, which tests hold.

use super::columns::{Lane, View, bools, gather, ints, members, text};
use crate::data::{Column, Num, Type, Validity, Value};
use crate::eval::{arithmetic, compare};
use crate::model::{ArithmeticOp, CompareOp, Pattern};
use std::cmp::Ordering;

/// `a + b` and so on. `None`: some row would fault.
pub(super) fn calculate<'b>(op: ArithmeticOp, a: &Lane<'b>, b: &Lane<'b>, ty: &Type, len: usize) -> Option<Lane<'b>> {
    if let (Some(x), Some(y)) = (ints(a), ints(b)) {
        let made = match op {
            ArithmeticOp::Add => whole(&x, &y, len, i64::overflowing_add),
            ArithmeticOp::Subtract => whole(&x, &y, len, i64::overflowing_sub),
            ArithmeticOp::Multiply => whole(&x, &y, len, i64::overflowing_mul),
            ArithmeticOp::Divide => None,
        };
        if let Some(column) = made {
            return Some(Lane::own(column));
        }
    }
    let values: Option<Vec<Value>> = (0..len).map(|r| arithmetic(op, &a.value(r), &b.value(r)).ok()).collect();
    Some(Lane::own(gather(values?, ty)))
}

/// `None`: a row leaves 64 bits.
fn whole(a: &View<'_, i64>, b: &View<'_, i64>, len: usize, f: impl Fn(i64, i64) -> (i64, bool)) -> Option<Column> {
    let mut values = Vec::with_capacity(len);
    let mut left = false;
    each_pair(a, b, len, |x, y| {
        let (value, over) = f(x, y);
        left |= over;
        values.push(value);
    });
    let valid = both_hold(a, b, len);
    if left {
        // What is not there holds nothing that matters, so its overflow does not either.
        let matters = |r: usize| valid.as_ref().is_none_or(|v| v.get(r).copied().unwrap_or(false));
        if (0..len).any(|r| matters(r) && f(a.get(r), b.get(r)).1) {
            return None;
        }
    }
    Some(Column::Int { values, valid })
}

/// Which rows have both values.
fn both_hold<T>(a: &View<'_, T>, b: &View<'_, T>, len: usize) -> Validity {
    fn valid<'v, T>(view: &View<'v, T>) -> Option<&'v [bool]> {
        match view {
            View::Each(_, valid) => *valid,
            View::All(_) => None,
        }
    }
    match (valid(a), valid(b)) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one.iter().take(len).copied().collect()),
        (Some(x), Some(y)) => Some(x.iter().zip(y).take(len).map(|(x, y)| *x & *y).collect()),
    }
}

/// `-x`. `None`: some row would fault.
pub(super) fn negate<'b>(a: &Lane<'b>, ty: &Type, len: usize) -> Option<Lane<'b>> {
    if let Some(x) = ints(a)
        && let Some(column) = whole(&View::All(0), &x, len, i64::overflowing_sub)
    {
        return Some(Lane::own(column));
    }
    let negated = |value: Value| match value {
        Value::Num(n) => n.neg().map(Value::Num),
        _ => Some(Value::Missing),
    };
    let values: Option<Vec<Value>> = (0..len).map(|r| negated(a.value(r))).collect();
    Some(Lane::own(gather(values?, ty)))
}

/// `a == b` and so on; a missing value stands before every other.
pub(super) fn comparison<'b>(op: CompareOp, a: &Lane<'b>, b: &Lane<'b>, len: usize) -> Lane<'b> {
    if let (Lane::Const(a), Lane::Const(b)) = (a, b) {
        return Lane::Const(Value::Bool(compare(op, a, b)));
    }
    let values = if let (Some(x), Some(y)) = (ints(a), ints(b)) {
        ordered(op, &x, &y, len)
    } else if let (Some(x), Some(y)) = (members(a), members(b)) {
        ordered(op, &x, &y, len)
    } else if let (Some(x), Some(y)) = (bools(a), bools(b)) {
        ordered(op, &x, &y, len)
    } else if let (Some(column), Lane::Const(Value::Text(word))) = (a.column(), b) {
        (0..len).map(|r| holds(op, text(column, r).cmp(&Some(word)))).collect()
    } else if let (Some(x @ Column::Text { .. }), Some(y @ Column::Text { .. })) = (a.column(), b.column()) {
        (0..len).map(|r| holds(op, text(x, r).cmp(&text(y, r)))).collect()
    } else {
        (0..len).map(|r| compare(op, &a.value(r), &b.value(r))).collect()
    };
    Lane::own(Column::Bool { values, valid: None })
}

fn ordered<T: Copy + Default + Ord>(op: CompareOp, a: &View<'_, T>, b: &View<'_, T>, len: usize) -> Vec<bool> {
    if !(a.holds_all() && b.holds_all()) {
        return (0..len).map(|r| holds(op, a.find(r).cmp(&b.find(r)))).collect();
    }
    match op {
        CompareOp::Equal => pairs(a, b, len, |x, y| x == y),
        CompareOp::NotEqual => pairs(a, b, len, |x, y| x != y),
        CompareOp::AtMost => pairs(a, b, len, |x, y| x <= y),
        CompareOp::AtLeast => pairs(a, b, len, |x, y| x >= y),
        CompareOp::Less => pairs(a, b, len, |x, y| x < y),
        CompareOp::Greater => pairs(a, b, len, |x, y| x > y),
    }
}

/// Both values of each row. By slices, so that the loops have no choices in them.
fn each_pair<T: Copy + Default>(a: &View<'_, T>, b: &View<'_, T>, len: usize, mut f: impl FnMut(T, T)) {
    match (a, b) {
        (View::Each(x, _), View::Each(y, _)) => x.iter().zip(*y).take(len).for_each(|(x, y)| f(*x, *y)),
        (View::Each(x, _), View::All(y)) => x.iter().take(len).for_each(|x| f(*x, *y)),
        (View::All(x), View::Each(y, _)) => y.iter().take(len).for_each(|y| f(*x, *y)),
        (View::All(x), View::All(y)) => (0..len).for_each(|_| f(*x, *y)),
    }
}

fn pairs<T: Copy + Default, U>(a: &View<'_, T>, b: &View<'_, T>, len: usize, f: impl Fn(T, T) -> U) -> Vec<U> {
    let mut out = Vec::with_capacity(len);
    each_pair(a, b, len, |x, y| out.push(f(x, y)));
    out
}

fn holds(op: CompareOp, order: Ordering) -> bool {
    op.holds(order)
}

/// How truth values join. The right side counts only where the left one leaves it open; a row
/// without a truth value where one counts comes out without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
    Implies,
}

/// `a and b`, `a or b`, `a implies b`. `None`: a side is no column of truth values.
pub(super) fn logic<'b>(logic: Logic, a: &Lane<'b>, b: &Lane<'b>, len: usize) -> Option<Lane<'b>> {
    let (x, y) = (bools(a)?, bools(b)?);
    // The value that decides without the right side, and what it decides.
    let (decides, outcome) = match logic {
        Logic::And => (false, false),
        Logic::Or => (true, true),
        Logic::Implies => (false, true),
    };
    let values = pairs(&x, &y, len, |x, y| if x == decides { outcome } else { y });
    let valid: Validity = if x.holds_all() && y.holds_all() {
        None
    } else {
        Some((0..len).map(|r| x.holds(r) && (x.get(r) == decides || y.holds(r))).collect())
    };
    Some(Lane::own(Column::Bool { values, valid: valid.filter(|v| v.contains(&false)) }))
}

/// `not x`. `None`: it is no column of truth values.
pub(super) fn not<'b>(a: &Lane<'b>, len: usize) -> Option<Lane<'b>> {
    let x = bools(a)?;
    let values = (0..len).map(|r| !x.get(r)).collect();
    let valid = if x.holds_all() { None } else { Some((0..len).map(|r| x.holds(r)).collect()) };
    Some(Lane::own(Column::Bool { values, valid }))
}

/// Whether none of these is missing.
pub(super) fn present<'b>(lanes: &[Lane<'b>], len: usize) -> Lane<'b> {
    if lanes.iter().all(Lane::holds_all) {
        return Lane::Const(Value::Bool(true));
    }
    let mut values = vec![true; len];
    for lane in lanes.iter().filter(|l| !l.holds_all()) {
        match lane.validity() {
            Some(valid) => values.iter_mut().zip(valid).for_each(|(all, one)| *all &= one),
            None => values.iter_mut().enumerate().for_each(|(row, all)| *all &= lane.holds(row)),
        }
    }
    Lane::own(Column::Bool { values, valid: None })
}

/// Per row the first or the second: `if`, `??`, a def that lifts. `choose` is true for the first.
pub(super) fn either<'b>(
    choose: impl Fn(usize) -> bool,
    a: &Lane<'b>,
    b: &Lane<'b>,
    ty: &Type,
    len: usize,
) -> Lane<'b> {
    fn pick<T: Copy + Default>(
        choose: impl Fn(usize) -> bool,
        a: &View<'_, T>,
        b: &View<'_, T>,
        len: usize,
    ) -> (Vec<T>, Validity) {
        let values = (0..len).map(|r| if choose(r) { a.get(r) } else { b.get(r) }).collect();
        let valid = if a.holds_all() && b.holds_all() {
            None
        } else {
            Some((0..len).map(|r| if choose(r) { a.holds(r) } else { b.holds(r) }).collect())
        };
        (values, valid.filter(|v: &Vec<bool>| v.contains(&false)))
    }
    if let (Some(x), Some(y)) = (ints(a), ints(b)) {
        let (values, valid) = pick(choose, &x, &y, len);
        return Lane::own(Column::Int { values, valid });
    }
    if let (Some(x), Some(y)) = (bools(a), bools(b)) {
        let (values, valid) = pick(choose, &x, &y, len);
        return Lane::own(Column::Bool { values, valid });
    }
    let values = (0..len).map(|r| if choose(r) { a.value(r) } else { b.value(r) }).collect();
    Lane::own(gather(values, ty))
}

/// `x in low..high`, both ends included.
pub(super) fn in_range<'b>(item: &Lane<'b>, low: &Lane<'b>, high: &Lane<'b>, len: usize) -> Lane<'b> {
    let values = if let (Some(x), Some(View::All(low)), Some(View::All(high))) = (ints(item), ints(low), ints(high)) {
        (0..len).map(|r| x.find(r).is_some_and(|x| low <= x && x <= high)).collect()
    } else {
        let within = |r: usize| {
            let x = item.value(r);
            low.value(r).order(&x).is_le() && x.order(&high.value(r)).is_le()
        };
        (0..len).map(within).collect()
    };
    Lane::own(Column::Bool { values, valid: None })
}

/// `x in xs` for a list that is the same for all rows.
pub(super) fn in_list<'b>(item: &Lane<'b>, list: &[Value], len: usize) -> Lane<'b> {
    let values = if let (Some(x), Some(wanted)) = (members(item), words(list)) {
        (0..len).map(|r| x.find(r).is_some_and(|x| wanted.contains(&x))).collect()
    } else if let (Some(x), Some(wanted)) = (ints(item), numbers(list)) {
        (0..len).map(|r| x.find(r).is_some_and(|x| wanted.binary_search(&x).is_ok())).collect()
    } else if let (Some(column @ Column::Text { .. }), Some(wanted)) = (item.column(), texts(list)) {
        (0..len).map(|r| text(column, r).is_some_and(|x| wanted.binary_search(&x).is_ok())).collect()
    } else if let Some(Column::Coded { codes, values }) = item.column() {
        let found: Vec<bool> = values.iter().map(|value| list.contains(value)).collect();
        codes.iter().take(len).map(|code| found.get(*code as usize).copied().unwrap_or(false)).collect()
    } else {
        (0..len).map(|r| list.contains(&item.value(r))).collect()
    };
    Lane::own(Column::Bool { values, valid: None })
}

fn words(list: &[Value]) -> Option<Vec<u32>> {
    list.iter().map(|v| if let Value::Enum(word) = v { Some(word.member) } else { None }).collect()
}

fn numbers(list: &[Value]) -> Option<Vec<i64>> {
    let mut numbers: Vec<i64> = list.iter().map(|v| v.as_num().and_then(Num::as_i64)).collect::<Option<_>>()?;
    numbers.sort_unstable();
    Some(numbers)
}

fn texts(list: &[Value]) -> Option<Vec<&str>> {
    let mut texts: Vec<&str> = list.iter().map(|v| v.as_text().map(|t| &**t)).collect::<Option<_>>()?;
    texts.sort_unstable();
    Some(texts)
}

/// `x like ".."`, `x matches /../`: rows without a text come out without a truth value.
pub(super) fn matching<'b>(item: &Lane<'b>, pattern: &Pattern, len: usize) -> Option<Lane<'b>> {
    let column = item.column()?;
    let found: Vec<Option<bool>> = (0..len).map(|r| text(column, r).map(|t| pattern.regex.is_match(t))).collect();
    let valid =
        if found.iter().all(Option::is_some) { None } else { Some(found.iter().map(Option::is_some).collect()) };
    let values = found.into_iter().map(Option::unwrap_or_default).collect();
    Some(Lane::own(Column::Bool { values, valid }))
}
