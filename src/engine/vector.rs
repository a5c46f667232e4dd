//! Row expressions over whole batches: columns in, columns out.
//!
//! A faster road to what [`Interpreter`] gives row by row, for the expressions that most rows
//! meet: fields, constants, sums and differences of whole numbers, comparisons, logic, `if`,
//! `??`. Whatever else there is goes to the interpreter, one row at a time. Guards hold: the
//! right side of `and` is only evaluated where the left side is true, so a row can fault only
//! where the interpreter would.

use crate::data::{Batch, Column, Fault, Validity, Value};
use crate::eval::{Bound, Env, Interpreter};
use crate::model::{ArithmeticOp, CompareOp, Expr, ExprKind, LocalId};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Evaluates expressions over the rows of one batch.
#[derive(Clone, Copy)]
pub struct Vector<'e> {
    interpreter: Interpreter<'e>,
    row: LocalId,
    batch: &'e Batch,
}

/// What an expression came to: one constant for all rows, or a column.
enum Lane<'e> {
    Constant(Value),
    Column(Cow<'e, Column>),
}

impl<'e> Vector<'e> {
    /// Over this batch, whose rows are bound to `row`.
    pub fn new(interpreter: Interpreter<'e>, row: LocalId, batch: &'e Batch) -> Self {
        Self { interpreter, row, batch }
    }

    /// The rows, among those chosen, for which a condition holds. `rows` is ascending, and so is
    /// the answer.
    ///
    /// # Errors
    /// The fault of the first chosen row that has one.
    pub fn truth(&self, condition: &Expr, rows: &[u32]) -> Result<Vec<u32>, Fault> {
        match &*condition.kind {
            ExprKind::And(a, b) => self.truth(b, &self.truth(a, rows)?),
            ExprKind::Or(a, b) => {
                let first = self.truth(a, rows)?;
                let second = self.truth(b, &without(rows, &first))?;
                Ok(merged(&first, &second))
            }
            ExprKind::Implies(a, b) => {
                let asked = self.truth(a, rows)?;
                let kept = self.truth(b, &asked)?;
                Ok(merged(&without(rows, &asked), &kept))
            }
            ExprKind::Not(inner) => Ok(without(rows, &self.truth(inner, rows)?)),
            ExprKind::Compare { op, left, right } => self.compare(condition, *op, left, right, rows),
            ExprKind::InRange { item, low, high } => {
                match (self.lane(item, rows)?, self.lane(low, rows)?, self.lane(high, rows)?) {
                    (Lane::Column(item), Lane::Constant(low), Lane::Constant(high)) => {
                        match (&*item, int_of(&low), int_of(&high)) {
                            (Column::Int { values, .. }, Some(low), Some(high)) => {
                                Ok(chosen(rows, |r| values.get(r).is_some_and(|v| low <= *v && *v <= high)))
                            }
                            _ => self.truth_by_row(condition, rows),
                        }
                    }
                    _ => self.truth_by_row(condition, rows),
                }
            }
            _ => match self.lane(condition, rows)? {
                Lane::Constant(Value::Bool(true)) => Ok(rows.to_vec()),
                Lane::Constant(Value::Bool(false)) => Ok(Vec::new()),
                Lane::Column(column) => match &*column {
                    Column::Bool { values, .. } => Ok(chosen(rows, |r| values.get(r) == Some(&true))),
                    Column::Values(values) => Ok(chosen(rows, |r| values.get(r) == Some(&Value::Bool(true)))),
                    _ => self.truth_by_row(condition, rows),
                },
                Lane::Constant(_) => self.truth_by_row(condition, rows),
            },
        }
    }

    /// The values of an expression: a column of the batch's length that means something at the
    /// chosen rows.
    ///
    /// # Errors
    /// The fault of the first chosen row that has one.
    pub fn column(&self, expr: &Expr, rows: &[u32]) -> Result<Cow<'e, Column>, Fault> {
        match self.lane(expr, rows)? {
            Lane::Column(column) => Ok(column),
            Lane::Constant(value) => Ok(Cow::Owned(repeated(&value, self.batch.len))),
        }
    }

    fn lane(&self, expr: &Expr, rows: &[u32]) -> Result<Lane<'e>, Fault> {
        match &*expr.kind {
            ExprKind::Literal(value) => Ok(Lane::Constant(value.clone())),
            ExprKind::Param(_) | ExprKind::AsOf => self.interpreter.eval(expr, &mut Env::new()).map(Lane::Constant),
            ExprKind::Field { base, index } if is_row(base, self.row) => match self.batch.columns.get(*index) {
                Some(column) => Ok(Lane::Column(Cow::Borrowed(column))),
                None => self.by_row(expr, rows),
            },
            ExprKind::Narrowed { value, shape: None } => self.lane(value, rows),
            ExprKind::Arithmetic { op: op @ (ArithmeticOp::Add | ArithmeticOp::Subtract), left, right } => {
                let (a, b) = (self.lane(left, rows)?, self.lane(right, rows)?);
                match sum(*op, &a, &b, rows, self.batch.len) {
                    Some(column) => Ok(Lane::Column(Cow::Owned(column))),
                    // Not whole numbers, or one that leaves 64 bits: the exact road.
                    None => self.by_row(expr, rows),
                }
            }
            ExprKind::Coalesce(a, b) => {
                let first = self.column(a, rows)?;
                let missing = chosen(rows, |r| first.value(r).is_missing());
                if missing.is_empty() {
                    return Ok(Lane::Column(first));
                }
                let second = self.column(b, &missing)?;
                Ok(Lane::Column(Cow::Owned(blend(&first, &second, &missing, self.batch.len))))
            }
            ExprKind::If { condition, then, otherwise } => {
                let yes = self.truth(condition, rows)?;
                let no = without(rows, &yes);
                if no.is_empty() {
                    return self.lane(then, rows);
                }
                let second = self.column(otherwise, &no)?;
                if yes.is_empty() {
                    return Ok(Lane::Column(second));
                }
                let first = self.column(then, &yes)?;
                Ok(Lane::Column(Cow::Owned(blend(&first, &second, &no, self.batch.len))))
            }
            ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Implies(..)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::InRange { .. } => {
                let mut values = vec![false; self.batch.len];
                for row in self.truth(expr, rows)? {
                    if let Some(value) = values.get_mut(row as usize) {
                        *value = true;
                    }
                }
                Ok(Lane::Column(Cow::Owned(Column::Bool { values, valid: None })))
            }
            _ => self.by_row(expr, rows),
        }
    }

    fn compare(&self, whole: &Expr, op: CompareOp, left: &Expr, right: &Expr, rows: &[u32]) -> Result<Vec<u32>, Fault> {
        let (a, b) = (self.lane(left, rows)?, self.lane(right, rows)?);
        let found = match (&a, &b) {
            (Lane::Column(a), Lane::Column(b)) => match (&**a, &**b) {
                (Column::Int { values: a, .. }, Column::Int { values: b, .. }) => {
                    Some(chosen(rows, |r| both(a, b, r).is_some_and(|(a, b)| op.holds(a.cmp(&b)))))
                }
                (Column::Enum { values: a, .. }, Column::Enum { values: b, .. }) => {
                    Some(chosen(rows, |r| both(a, b, r).is_some_and(|(a, b)| op.holds(a.cmp(&b)))))
                }
                (Column::Bool { values: a, .. }, Column::Bool { values: b, .. }) => {
                    Some(chosen(rows, |r| both(a, b, r).is_some_and(|(a, b)| op.holds(a.cmp(&b)))))
                }
                _ => None,
            },
            (Lane::Column(column), Lane::Constant(value)) => against(column, value, rows, |order| op.holds(order)),
            (Lane::Constant(value), Lane::Column(column)) => {
                against(column, value, rows, |order| op.holds(order.reverse()))
            }
            (Lane::Constant(_), Lane::Constant(_)) => None,
        };
        found.map_or_else(|| self.truth_by_row(whole, rows), Ok)
    }

    fn by_row(&self, expr: &Expr, rows: &[u32]) -> Result<Lane<'e>, Fault> {
        let mut values = vec![Value::Missing; self.batch.len];
        let mut env = Env::new();
        for row in rows {
            env.push(self.row, Bound::Row(self.batch, *row as usize));
            let value = self.interpreter.eval(expr, &mut env)?;
            env.truncate(0);
            if let Some(place) = values.get_mut(*row as usize) {
                *place = value;
            }
        }
        Ok(Lane::Column(Cow::Owned(Column::Values(values))))
    }

    fn truth_by_row(&self, condition: &Expr, rows: &[u32]) -> Result<Vec<u32>, Fault> {
        let mut env = Env::new();
        let mut kept = Vec::new();
        for row in rows {
            env.push(self.row, Bound::Row(self.batch, *row as usize));
            if self.interpreter.holds(condition, &mut env)? {
                kept.push(*row);
            }
            env.truncate(0);
        }
        Ok(kept)
    }
}

fn is_row(base: &Expr, row: LocalId) -> bool {
    match &*base.kind {
        ExprKind::Local(local) => *local == row,
        ExprKind::Narrowed { value, shape: None } => is_row(value, row),
        _ => false,
    }
}

fn chosen(rows: &[u32], keep: impl Fn(usize) -> bool) -> Vec<u32> {
    rows.iter().copied().filter(|r| keep(*r as usize)).collect()
}

fn both<T: Copy>(a: &[T], b: &[T], row: usize) -> Option<(T, T)> {
    Some((*a.get(row)?, *b.get(row)?))
}

fn int_of(value: &Value) -> Option<i64> {
    value.as_num().and_then(crate::data::Num::as_i64)
}

/// Ascending rows that are not among others, which are ascending too.
fn without(rows: &[u32], taken: &[u32]) -> Vec<u32> {
    let mut taken = taken.iter().copied().peekable();
    rows.iter()
        .copied()
        .filter(|r| {
            while taken.peek().is_some_and(|t| t < r) {
                taken.next();
            }
            taken.peek() != Some(r)
        })
        .collect()
}

/// Two ascending lists as one.
fn merged(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x <= y => a.next(),
            (_, Some(_)) => b.next(),
            (_, None) => a.next(),
        };
        match next {
            Some(row) => out.push(row),
            None => return out,
        }
    }
}

/// Rows of a column that stand in some order to a constant; `None` where there is no kernel.
fn against(column: &Column, value: &Value, rows: &[u32], holds: impl Fn(Ordering) -> bool) -> Option<Vec<u32>> {
    Some(match (column, value) {
        (Column::Int { values, .. }, Value::Num(_)) => {
            let limit = int_of(value)?;
            chosen(rows, |r| values.get(r).is_some_and(|v| holds(v.cmp(&limit))))
        }
        (Column::Enum { values, .. }, Value::Enum(word)) => {
            chosen(rows, |r| values.get(r).is_some_and(|v| holds(v.cmp(&word.member))))
        }
        (Column::Bool { values, .. }, Value::Bool(b)) => {
            chosen(rows, |r| values.get(r).is_some_and(|v| holds(v.cmp(b))))
        }
        (Column::Text { bytes, ends, .. }, Value::Text(text)) => chosen(rows, |r| {
            let start = r.checked_sub(1).and_then(|r| ends.get(r)).copied().unwrap_or(0) as usize;
            let own = ends.get(r).and_then(|end| bytes.get(start..*end as usize));
            own.is_some_and(|own| holds(own.cmp(text)))
        }),
        _ => return None,
    })
}

/// `a + b` or `a - b` of whole numbers; `None` where there is no kernel or a chosen row leaves
/// 64 bits.
fn sum(op: ArithmeticOp, a: &Lane<'_>, b: &Lane<'_>, rows: &[u32], len: usize) -> Option<Column> {
    let (a, b) = (ints(a)?, ints(b)?);
    let mut values = vec![0i64; len];
    let apply = |x: i64, y: i64| if op == ArithmeticOp::Add { x.checked_add(y) } else { x.checked_sub(y) };
    for row in rows {
        let row = *row as usize;
        // What is not valid holds nothing that matters, so its overflow does not either.
        let holds = a.holds(row) && b.holds(row);
        let made = if holds { apply(a.value(row), b.value(row))? } else { 0 };
        *values.get_mut(row)? = made;
    }
    let valid = if a.valid.is_none() && b.valid.is_none() {
        None
    } else {
        Some((0..len).map(|r| a.holds(r) && b.holds(r)).collect())
    };
    Some(Column::Int { values, valid })
}

/// Whole numbers of a lane: a column, or one for all.
struct Ints<'l> {
    values: &'l [i64],
    one: i64,
    valid: Option<&'l [bool]>,
}

impl Ints<'_> {
    fn value(&self, row: usize) -> i64 {
        self.values.get(row).copied().unwrap_or(self.one)
    }

    fn holds(&self, row: usize) -> bool {
        self.valid.is_none_or(|v| v.get(row).copied().unwrap_or(false))
    }
}

fn ints<'l>(lane: &'l Lane<'_>) -> Option<Ints<'l>> {
    match lane {
        Lane::Constant(value) => Some(Ints { values: &[], one: int_of(value)?, valid: None }),
        Lane::Column(column) => match &**column {
            Column::Int { values, valid } => Some(Ints { values, one: 0, valid: valid.as_deref() }),
            _ => None,
        },
    }
}

/// The first column, with the second one's values at some rows.
fn blend(first: &Column, second: &Column, from_second: &[u32], len: usize) -> Column {
    if let (Column::Int { values: a, valid: va }, Column::Int { values: b, valid: vb }) = (first, second) {
        let (mut values, mut valid) = (a.clone(), va.clone());
        for row in from_second {
            let row = *row as usize;
            if let (Some(place), Some(value)) = (values.get_mut(row), b.get(row)) {
                *place = *value;
            }
            let holds = vb.as_ref().is_none_or(|v| v.get(row).copied().unwrap_or(false));
            set_valid(&mut valid, row, holds, len);
        }
        if valid.as_ref().is_some_and(|v| v.iter().all(|h| *h)) {
            valid = None;
        }
        return Column::Int { values, valid };
    }
    let mut values: Vec<Value> = (0..len).map(|r| first.value(r)).collect();
    for row in from_second {
        if let Some(place) = values.get_mut(*row as usize) {
            *place = second.value(*row as usize);
        }
    }
    Column::Values(values)
}

fn set_valid(valid: &mut Validity, row: usize, holds: bool, len: usize) {
    if holds && valid.is_none() {
        return;
    }
    if let Some(place) = valid.get_or_insert_with(|| vec![true; len]).get_mut(row) {
        *place = holds;
    }
}

fn repeated(value: &Value, len: usize) -> Column {
    match (value, int_of(value)) {
        (Value::Num(_), Some(n)) => Column::Int { values: vec![n; len], valid: None },
        (Value::Bool(b), _) => Column::Bool { values: vec![*b; len], valid: None },
        _ => Column::Values(vec![value.clone(); len]),
    }
}
