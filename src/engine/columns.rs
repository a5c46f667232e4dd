//! Typed views of columns, and columns made of values.

use crate::data::{Column, Num, Type, Validity, Value};
use std::rc::Rc;

/// The values of a node for all rows of a batch.
#[derive(Debug, Clone)]
pub(super) enum Lane<'b> {
    /// The same for all rows.
    Const(Value),
    /// A column of the batch.
    Base(&'b Column),
    /// A computed column.
    Own(Rc<Column>),
}

impl Lane<'_> {
    pub(super) fn own(column: Column) -> Self {
        Self::Own(Rc::new(column))
    }

    /// The column, if it is not the same for all rows.
    pub(super) fn column(&self) -> Option<&Column> {
        match self {
            Self::Const(_) => None,
            Self::Base(column) => Some(column),
            Self::Own(column) => Some(column),
        }
    }

    pub(super) fn value(&self, row: usize) -> Value {
        match self {
            Self::Const(value) => value.clone(),
            Self::Base(column) => column.value(row),
            Self::Own(column) => column.value(row),
        }
    }

    /// Whether a row has a value.
    pub(super) fn holds(&self, row: usize) -> bool {
        match self.column() {
            None => !matches!(self, Self::Const(Value::Missing)),
            Some(column) => match column {
                Column::Pruned => false,
                Column::Bool { valid, .. }
                | Column::Int { valid, .. }
                | Column::Enum { valid, .. }
                | Column::Text { valid, .. } => is_valid(valid, row),
                Column::Coded { codes, values } => {
                    codes.get(row).and_then(|code| values.get(*code as usize)).is_some_and(|v| !v.is_missing())
                }
                Column::Values(values) | Column::Whole(values) => values.get(row).is_some_and(|v| !v.is_missing()),
            },
        }
    }

    /// Which rows have a value, where the column says it row by row.
    pub(super) fn validity(&self) -> Option<&[bool]> {
        match self.column()? {
            Column::Bool { valid, .. }
            | Column::Int { valid, .. }
            | Column::Enum { valid, .. }
            | Column::Text { valid, .. } => valid.as_deref(),
            Column::Pruned | Column::Coded { .. } | Column::Values(_) | Column::Whole(_) => None,
        }
    }

    /// Whether every row has a value, as far as that is known without looking at each.
    pub(super) fn holds_all(&self) -> bool {
        match self.column() {
            None => !matches!(self, Self::Const(Value::Missing)),
            Some(column) => match column {
                Column::Pruned | Column::Values(_) | Column::Whole(_) => false,
                Column::Coded { values, .. } => !values.contains(&Value::Missing),
                Column::Bool { valid, .. }
                | Column::Int { valid, .. }
                | Column::Enum { valid, .. }
                | Column::Text { valid, .. } => valid.is_none(),
            },
        }
    }
}

pub(super) fn is_valid(valid: &Validity, row: usize) -> bool {
    valid.as_ref().is_none_or(|v| v.get(row).copied().unwrap_or(false))
}

/// One value a row of a simple kind: a slice with its validity, or the same for all.
#[derive(Clone, Copy)]
pub(super) enum View<'l, T> {
    All(T),
    Each(&'l [T], Option<&'l [bool]>),
}

impl<T: Copy + Default> View<'_, T> {
    /// The value of a row; what a row without one gives means nothing.
    pub(super) fn get(&self, row: usize) -> T {
        match self {
            Self::All(value) => *value,
            Self::Each(values, _) => values.get(row).copied().unwrap_or_default(),
        }
    }

    pub(super) fn holds(&self, row: usize) -> bool {
        match self {
            Self::All(_) | Self::Each(_, None) => true,
            Self::Each(_, Some(valid)) => valid.get(row).copied().unwrap_or(false),
        }
    }

    pub(super) fn holds_all(&self) -> bool {
        matches!(self, Self::All(_) | Self::Each(_, None))
    }

    /// The value of a row, if it has one.
    pub(super) fn find(&self, row: usize) -> Option<T> {
        self.holds(row).then(|| self.get(row))
    }
}

pub(super) fn ints<'l>(lane: &'l Lane<'_>) -> Option<View<'l, i64>> {
    match lane {
        Lane::Const(value) => value.as_num().and_then(Num::as_i64).map(View::All),
        _ => match lane.column()? {
            Column::Int { values, valid } => Some(View::Each(values, valid.as_deref())),
            _ => None,
        },
    }
}

pub(super) fn bools<'l>(lane: &'l Lane<'_>) -> Option<View<'l, bool>> {
    match lane {
        Lane::Const(value) => value.as_bool().map(View::All),
        _ => match lane.column()? {
            Column::Bool { values, valid } => Some(View::Each(values, valid.as_deref())),
            _ => None,
        },
    }
}

pub(super) fn members<'l>(lane: &'l Lane<'_>) -> Option<View<'l, u32>> {
    match lane {
        Lane::Const(Value::Enum(word)) => Some(View::All(word.member)),
        Lane::Const(_) => None,
        _ => match lane.column()? {
            Column::Enum { values, valid } => Some(View::Each(values, valid.as_deref())),
            _ => None,
        },
    }
}

/// The text of a row of a column of texts.
pub(super) fn text(column: &Column, row: usize) -> Option<&str> {
    match column {
        Column::Text { bytes, ends, valid } if is_valid(valid, row) => {
            let start = row.checked_sub(1).and_then(|r| ends.get(r)).copied().unwrap_or(0) as usize;
            bytes.get(start..*ends.get(row)? as usize)
        }
        Column::Values(values) => match values.get(row)? {
            Value::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// A column of these values: a typed one where the type has one and every value fits it.
pub(super) fn gather(values: Vec<Value>, ty: &Type) -> Column {
    let typed = match ty.present() {
        Type::Bool => typed(&values, Value::as_bool).map(|(values, valid)| Column::Bool { values, valid }),
        Type::Int | Type::Quantity(_) | Type::Instant => {
            typed(&values, |v| v.as_num().and_then(Num::as_i64)).map(|(values, valid)| Column::Int { values, valid })
        }
        Type::Enum(_) => typed(&values, |v| match v {
            Value::Enum(word) if word.word.is_none() => Some(word.member),
            _ => None,
        })
        .map(|(values, valid)| Column::Enum { values, valid }),
        _ => None,
    };
    typed.unwrap_or(Column::Values(values))
}

fn typed<T: Default>(values: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<(Vec<T>, Validity)> {
    let mut out = Vec::with_capacity(values.len());
    let mut valid: Validity = None;
    for (row, value) in values.iter().enumerate() {
        if value.is_missing() {
            out.push(T::default());
            if let Some(place) = valid.get_or_insert_with(|| vec![true; values.len()]).get_mut(row) {
                *place = false;
            }
        } else {
            out.push(read(value)?);
        }
    }
    Some((out, valid))
}

/// The same value for all rows, as a column.
pub(super) fn repeated(value: &Value, ty: &Type, len: usize) -> Column {
    gather(vec![value.clone(); len], ty)
}
