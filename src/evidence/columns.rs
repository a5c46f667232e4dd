//! Rows become columns.

use crate::data::{Column, EnumValue, RecordType, Type, Validity, Value};

/// Collects rows of one record type into columns. A kept value that does not fit its column's
/// layout (a whole number beyond 64 bits) turns the column into one of values.
#[derive(Debug)]
pub(super) struct ColumnBuilder {
    columns: Vec<Growing>,
    len: usize,
}

#[derive(Debug)]
enum Growing {
    Pruned,
    Bool(Vec<bool>, Valid),
    Int(Vec<i64>, Valid),
    Enum(Vec<u32>, Valid),
    Text(String, Vec<u32>, Valid),
    Values(Vec<Value>),
    Whole(Vec<Value>),
}

/// Which rows hold a value: nothing is kept while all of them do.
#[derive(Debug, Default)]
struct Valid {
    rows: Validity,
}

impl Valid {
    fn push(&mut self, holds: bool, len: usize) {
        match &mut self.rows {
            Some(rows) => rows.push(holds),
            None if holds => {}
            None => {
                let mut rows = vec![true; len];
                rows.push(false);
                self.rows = Some(rows);
            }
        }
    }
}

impl ColumnBuilder {
    /// For rows of this type; `keeps` says which fields are kept.
    pub fn new(ty: &RecordType, keeps: impl Fn(&str) -> bool) -> Self {
        let columns = ty.fields.iter().map(|f| if keeps(&f.name) { Growing::of(&f.ty) } else { Growing::Pruned });
        Self { columns: columns.collect(), len: 0 }
    }

    /// For rows that are no records: one column that holds them.
    pub fn of_whole_rows() -> Self {
        Self { columns: vec![Growing::Whole(Vec::new())], len: 0 }
    }

    /// How many rows it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds a row; values in the order of the fields.
    pub fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        let mut row = row.into_iter();
        for column in &mut self.columns {
            column.push(row.next().unwrap_or(Value::Missing), self.len);
        }
        self.len += 1;
    }

    /// The columns, and an empty builder in its place.
    pub fn finish(self) -> Vec<Column> {
        self.columns.into_iter().map(Growing::finish).collect()
    }
}

impl Growing {
    fn of(ty: &Type) -> Self {
        match ty.present() {
            Type::Bool => Self::Bool(Vec::new(), Valid::default()),
            Type::Int | Type::Quantity(_) | Type::Instant => Self::Int(Vec::new(), Valid::default()),
            Type::Enum(e) if e.otherwise.is_none() => Self::Enum(Vec::new(), Valid::default()),
            Type::String => Self::Text(String::new(), Vec::new(), Valid::default()),
            _ => Self::Values(Vec::new()),
        }
    }

    fn push(&mut self, value: Value, len: usize) {
        match (&mut *self, &value) {
            (Self::Pruned, _) => {}
            (Self::Values(values) | Self::Whole(values), _) => values.push(value),
            (Self::Bool(values, valid), Value::Bool(b)) => {
                values.push(*b);
                valid.push(true, len);
            }
            (Self::Bool(values, valid), Value::Missing) => {
                values.push(false);
                valid.push(false, len);
            }
            (Self::Int(values, valid), Value::Missing) => {
                values.push(0);
                valid.push(false, len);
            }
            (Self::Int(values, valid), Value::Num(n)) => match n.as_i64() {
                Some(n) => {
                    values.push(n);
                    valid.push(true, len);
                }
                None => self.widen(value, len),
            },
            (Self::Enum(values, valid), Value::Enum(EnumValue { member, word: None })) => {
                values.push(*member);
                valid.push(true, len);
            }
            (Self::Enum(values, valid), Value::Missing) => {
                values.push(0);
                valid.push(false, len);
            }
            (Self::Text(bytes, ends, valid), Value::Text(_) | Value::Missing) => {
                let text = value.as_text().map_or("", |t| t);
                match u32::try_from(bytes.len() + text.len()) {
                    Ok(end) => {
                        bytes.push_str(text);
                        ends.push(end);
                        valid.push(!value.is_missing(), len);
                    }
                    Err(_) => self.widen(value, len),
                }
            }
            _ => self.widen(value, len),
        }
    }

    fn widen(&mut self, value: Value, len: usize) {
        let column = std::mem::replace(self, Self::Pruned).finish();
        let mut values: Vec<Value> = (0..len).map(|row| column.value(row)).collect();
        values.push(value);
        *self = Self::Values(values);
    }

    fn finish(self) -> Column {
        match self {
            Self::Pruned => Column::Pruned,
            Self::Bool(values, valid) => Column::Bool { values, valid: valid.rows },
            Self::Int(values, valid) => Column::Int { values, valid: valid.rows },
            Self::Enum(values, valid) => Column::Enum { values, valid: valid.rows },
            Self::Text(bytes, ends, valid) => Column::Text { bytes, ends, valid: valid.rows },
            Self::Values(values) => Column::Values(values),
            Self::Whole(values) => Column::Whole(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Field, Num};

    #[test]
    fn a_number_beyond_64_bits_is_kept_exactly_among_small_ones() {
        let ty = RecordType { name: None, fields: vec![Field { name: "n".into(), ty: Type::Int }] };
        let mut builder = ColumnBuilder::new(&ty, |_| true);
        let big = Num::int(i128::from(i64::MAX) + 1);
        let rows = [Value::int(1), Value::Missing, Value::Num(big), Value::int(2)];
        for row in &rows {
            builder.push([row.clone()]);
        }
        let columns = builder.finish();
        let back: Vec<Value> = (0..rows.len()).map(|r| columns[0].value(r)).collect();
        assert_eq!(back, rows);
    }

    #[test]
    fn texts_and_gaps_come_back() {
        let field = |name: &str, ty| Field { name: name.into(), ty };
        let fields =
            vec![field("t", Type::String.optional()), field("b", Type::Bool.optional()), field("x", Type::Int)];
        let mut builder = ColumnBuilder::new(&RecordType { name: None, fields }, |name| name != "x");
        builder.push([Value::text("a"), Value::Bool(true), Value::int(1)]);
        builder.push([Value::Missing, Value::Missing, Value::int(1)]);
        builder.push([Value::text("bc"), Value::Bool(false), Value::int(1)]);
        let columns = builder.finish();
        assert!(matches!(columns[2], Column::Pruned));
        let row = |r| (columns[0].value(r), columns[1].value(r));
        assert_eq!(row(0), (Value::text("a"), Value::Bool(true)));
        assert_eq!(row(1), (Value::Missing, Value::Missing));
        assert_eq!(row(2), (Value::text("bc"), Value::Bool(false)));
    }
}
