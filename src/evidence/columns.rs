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
    Coded(Vec<u32>, Vec<Value>),
    Values(Vec<Value>),
    Whole(Vec<Value>),
}

/// Which rows hold a value: nothing is kept while all of them do.
#[derive(Debug, Default)]
struct Valid {
    rows: Validity,
}

impl Valid {
    #[inline]
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

    fn holds(&self, row: usize) -> bool {
        self.rows.as_ref().is_none_or(|rows| rows.get(row).copied().unwrap_or(false))
    }

    fn truncate(&mut self, len: usize) {
        if let Some(rows) = &mut self.rows {
            rows.truncate(len);
        }
    }
}

/// The text of a row among texts that stand one after the other.
fn text_at<'b>(bytes: &'b str, ends: &[u32], row: usize) -> Option<&'b str> {
    let start = row.checked_sub(1).and_then(|r| ends.get(r)).copied().unwrap_or(0) as usize;
    bytes.get(start..*ends.get(row)? as usize)
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

    /// Adds a truth value to a column. A row that is added value by value ends with
    /// [`ColumnBuilder::end_row`].
    #[inline]
    pub fn bool(&mut self, column: usize, value: bool) {
        match self.columns.get_mut(column) {
            Some(Growing::Bool(values, valid)) => {
                values.push(value);
                valid.push(true, self.len);
            }
            _ => self.value(column, Value::Bool(value)),
        }
    }

    /// Adds a whole number to a column.
    #[inline]
    pub fn int(&mut self, column: usize, value: i64) {
        match self.columns.get_mut(column) {
            Some(Growing::Int(values, valid)) => {
                values.push(value);
                valid.push(true, self.len);
            }
            _ => self.value(column, Value::int(value)),
        }
    }

    /// Adds a text to a column.
    #[inline]
    pub fn text(&mut self, column: usize, text: &str) {
        if let Some(Growing::Text(bytes, ends, valid)) = self.columns.get_mut(column)
            && let Ok(end) = u32::try_from(bytes.len() + text.len())
        {
            bytes.push_str(text);
            ends.push(end);
            return valid.push(true, self.len);
        }
        self.value(column, Value::text(text));
    }

    /// Adds a value that comes again and again. `code` is its place in this column, once it has
    /// one.
    #[inline]
    pub fn coded(&mut self, column: usize, code: &mut Option<u32>, value: &Value) {
        if let Some(Growing::Coded(codes, values)) = self.columns.get_mut(column) {
            match code {
                Some(code) => return codes.push(*code),
                None => {
                    if let Ok(new) = u32::try_from(values.len()) {
                        values.push(value.clone());
                        *code = Some(new);
                        return codes.push(new);
                    }
                }
            }
        }
        self.value(column, value.clone());
    }

    /// Adds a value to a column.
    pub fn value(&mut self, column: usize, value: Value) {
        let len = self.len;
        if let Some(column) = self.columns.get_mut(column) {
            column.push(value, len);
        }
    }

    /// Every column has got its value.
    pub fn end_row(&mut self) {
        self.len += 1;
    }

    /// Takes back what was added since the last row ended.
    pub fn undo_row(&mut self) {
        let len = self.len;
        self.columns.iter_mut().for_each(|column| column.truncate(len));
    }

    /// A value of a finished row. Out of range, or pruned: missing.
    pub fn get(&self, column: usize, row: usize) -> Value {
        self.columns.get(column).map_or(Value::Missing, |column| column.get(row))
    }

    /// The text of a finished row, in a column of texts.
    pub fn text_at(&self, column: usize, row: usize) -> Option<&str> {
        match self.columns.get(column)? {
            Growing::Text(bytes, ends, valid) => text_at(bytes, ends, row).filter(|_| valid.holds(row)),
            _ => None,
        }
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
            Type::List(_) => Self::Coded(Vec::new(), Vec::new()),
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
            (Self::Coded(codes, values), _) => {
                let last = values.len().checked_sub(1).filter(|last| values.get(*last) == Some(&value));
                match u32::try_from(last.unwrap_or(values.len())) {
                    Ok(code) => {
                        if last.is_none() {
                            values.push(value);
                        }
                        codes.push(code);
                    }
                    Err(_) => self.widen(value, len),
                }
            }
            _ => self.widen(value, len),
        }
    }

    fn truncate(&mut self, len: usize) {
        match self {
            Self::Pruned => {}
            Self::Bool(values, valid) => {
                values.truncate(len);
                valid.truncate(len);
            }
            Self::Int(values, valid) => {
                values.truncate(len);
                valid.truncate(len);
            }
            Self::Enum(values, valid) => {
                values.truncate(len);
                valid.truncate(len);
            }
            Self::Text(bytes, ends, valid) => {
                ends.truncate(len);
                valid.truncate(len);
                bytes.truncate(ends.last().map_or(0, |end| *end as usize));
            }
            Self::Coded(codes, _) => codes.truncate(len),
            Self::Values(values) | Self::Whole(values) => values.truncate(len),
        }
    }

    fn get(&self, row: usize) -> Value {
        let holds = |valid: &Valid| valid.holds(row);
        let found = match self {
            Self::Pruned => None,
            Self::Bool(values, valid) => values.get(row).filter(|_| holds(valid)).map(|b| Value::Bool(*b)),
            Self::Int(values, valid) => values.get(row).filter(|_| holds(valid)).map(|n| Value::int(*n)),
            Self::Enum(values, valid) => values
                .get(row)
                .filter(|_| holds(valid))
                .map(|member| Value::Enum(EnumValue { member: *member, word: None })),
            Self::Text(bytes, ends, valid) => text_at(bytes, ends, row).filter(|_| holds(valid)).map(Value::text),
            Self::Coded(codes, values) => codes.get(row).and_then(|code| values.get(*code as usize)).cloned(),
            Self::Values(values) | Self::Whole(values) => values.get(row).cloned(),
        };
        found.unwrap_or(Value::Missing)
    }

    fn widen(&mut self, value: Value, len: usize) {
        let mut values: Vec<Value> = (0..len).map(|row| self.get(row)).collect();
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
            Self::Coded(codes, values) => Column::Coded { codes, values },
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
