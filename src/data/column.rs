//! Columns and batches: rows of evidence as the engine meets them.

use super::{Origin, Value};
use std::sync::Arc;

/// Which rows of a column hold a value. `None` means all of them.
pub type Validity = Option<Vec<bool>>;

/// One column of a batch. All columns of a batch have its number of rows.
#[derive(Debug, Clone)]
pub enum Column {
    /// Nobody asked for it: checked on the way in, not kept.
    Pruned,
    /// Truth values.
    Bool {
        /// One a row; meaningless where not valid.
        values: Vec<bool>,
        /// Which rows hold a value.
        valid: Validity,
    },
    /// Whole numbers in base units: `int`, durations (ns), instants (ns), bytes.
    Int {
        /// One a row; meaningless where not valid.
        values: Vec<i64>,
        /// Which rows hold a value.
        valid: Validity,
    },
    /// Words of an enum without a catch-all member.
    Enum {
        /// One member number a row; meaningless where not valid.
        values: Vec<u32>,
        /// Which rows hold a value.
        valid: Validity,
    },
    /// Texts, one after the other.
    Text {
        /// All texts joined.
        bytes: String,
        /// Where each row's text ends in `bytes`.
        ends: Vec<u32>,
        /// Which rows hold a value.
        valid: Validity,
    },
    /// Values that come again and again, such as lists of words: each stands here once or a few
    /// times.
    Coded {
        /// Position among `values`, one a row.
        codes: Vec<u32>,
        /// The values; [`Value::Missing`] where there is none.
        values: Vec<Value>,
    },
    /// Anything else, [`Value::Missing`] where there is no value.
    Values(Vec<Value>),
    /// Rows that are no records (`row json`), whole: then the only column.
    Whole(Vec<Value>),
}

impl Column {
    /// The value of one row. Out of range, or pruned: missing.
    pub fn value(&self, row: usize) -> Value {
        let holds = |valid: &Validity| valid.as_ref().is_none_or(|v| v.get(row).copied().unwrap_or(false));
        match self {
            Self::Pruned => Value::Missing,
            Self::Bool { values, valid } if holds(valid) => values.get(row).map_or(Value::Missing, |b| Value::Bool(*b)),
            Self::Int { values, valid } if holds(valid) => values.get(row).map_or(Value::Missing, |n| Value::int(*n)),
            Self::Enum { values, valid } if holds(valid) => {
                values.get(row).map_or(Value::Missing, |m| Value::Enum(super::EnumValue { member: *m, word: None }))
            }
            Self::Text { bytes, ends, valid } if holds(valid) => {
                let start = row.checked_sub(1).and_then(|r| ends.get(r)).copied().unwrap_or(0) as usize;
                let text = ends.get(row).and_then(|end| bytes.get(start..*end as usize));
                text.map_or(Value::Missing, Value::text)
            }
            Self::Coded { codes, values } => {
                codes.get(row).and_then(|code| values.get(*code as usize)).cloned().unwrap_or(Value::Missing)
            }
            Self::Values(values) | Self::Whole(values) => values.get(row).cloned().unwrap_or(Value::Missing),
            Self::Bool { .. } | Self::Int { .. } | Self::Enum { .. } | Self::Text { .. } => Value::Missing,
        }
    }
}

/// Where the rows of a batch come from.
#[derive(Debug, Clone, Default)]
pub enum Origins {
    /// Rows made in the policy or in a test.
    #[default]
    None,
    /// Rows of one file of lines.
    Lines {
        /// The evidence's name.
        evidence: Arc<str>,
        /// The file.
        file: Arc<str>,
        /// Line of each row, from 1.
        lines: Vec<u64>,
        /// Which column is the key, for printing, if it was kept.
        key: Option<usize>,
    },
    /// Each row says it itself.
    Each(Vec<Option<Arc<Origin>>>),
}

/// Some consecutive rows of one list.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Number of rows.
    pub len: usize,
    /// Position of the first row in its list, from 0.
    pub first: u64,
    /// One column for each field of the row's type, in its order.
    pub columns: Vec<Column>,
    /// Where the rows come from.
    pub origins: Origins,
}

impl Batch {
    /// One field of one row.
    pub fn value(&self, column: usize, row: usize) -> Value {
        self.columns.get(column).map_or(Value::Missing, |c| c.value(row))
    }

    /// Where one row comes from.
    pub fn origin(&self, row: usize) -> Option<Arc<Origin>> {
        match &self.origins {
            Origins::None => None,
            Origins::Each(all) => all.get(row).cloned().flatten(),
            Origins::Lines { evidence, file, lines, key } => Some(Arc::new(Origin {
                evidence: evidence.clone(),
                file: file.clone(),
                line: lines.get(row).copied().unwrap_or(0),
                pointer: None,
                key: key.map(|k| self.value(k, row)).and_then(|v| match v {
                    Value::Text(t) => Some(t),
                    Value::Num(n) => n.as_int().map(|n| n.to_string().into()),
                    _ => None,
                }),
                ordinal: self.first + row as u64,
            })),
        }
    }

    /// A whole row: a record with its origin, or for rows that are no records what they are.
    pub fn row(&self, row: usize) -> Value {
        if let [whole @ Column::Whole(_)] = self.columns.as_slice() {
            return whole.value(row);
        }
        Value::Record(Arc::new(super::Record {
            fields: self.columns.iter().map(|c| c.value(row)).collect(),
            origin: self.origin(row),
        }))
    }
}
