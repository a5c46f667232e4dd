//! What the columns of a file are: their names, and how a cell of each becomes an undecoded value.

use super::super::diagnostics;
use super::super::judge::Judge;
use super::super::reading::FileRead;
use super::super::tree::Keep;
use super::Dialect;
use super::cells::Cell;
use super::detached;
use super::records::Block;
use super::rows::{Place, Placed, row};
use crate::data::{EvidenceFault, JsonKind, read};
use crate::eval::decode::may_be_absent;
use crate::model::{FieldShape, Policy, Shape};
use std::sync::Arc;

/// The columns of one file.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    columns: Vec<Column>,
    /// Cells beyond the columns pass.
    more: bool,
    /// Fields that need a cell with something in it.
    pub needed: Vec<Needed>,
}

/// One column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub name: Arc<str>,
    reads: Reads,
}

/// A field that has to have a value.
#[derive(Debug, Clone)]
pub(super) struct Needed {
    pub name: Arc<str>,
    /// Its columns: several where it has several spellings.
    pub columns: Vec<usize>,
}

/// What becomes of the text of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Nobody wants it.
    Nothing,
    Text {
        /// Empty quotes are an empty text, and not nothing.
        empty: bool,
    },
    Number,
    Bool,
}

impl Columns {
    /// None, for blocks without records.
    pub fn none() -> Self {
        Self { columns: Vec::new(), more: false, needed: Vec::new() }
    }

    /// The declared fields in their order, those apart that the path fills.
    pub fn declared(file: &FileRead<'_>) -> Self {
        let filled = |field: &&FieldShape| !file.captures().iter().any(|(name, _)| *name == field.name);
        let fields: Vec<&FieldShape> = file.judge.row.iter().flat_map(|r| &r.fields).filter(filled).collect();
        let columns = fields.iter().map(|f| Column { name: f.name.clone(), reads: Reads::of(f, file.judge.policy) });
        let needed = |(i, f): (usize, &&FieldShape)| {
            (!may_be_absent(f)).then(|| Needed { name: f.name.clone(), columns: vec![i] })
        };
        Self {
            columns: columns.collect(),
            more: file.judge.row.is_none_or(crate::model::RecordShape::is_open),
            needed: fields.iter().enumerate().filter_map(needed).collect(),
        }
    }

    /// As the first record of a block names them, which is passed by.
    ///
    /// # Errors
    /// Everything that is wrong with the names.
    pub fn named(file: &FileRead<'_>, dialect: Dialect, block: &mut Block) -> Result<Self, Vec<Placed>> {
        let read = {
            let Some(record) = block.records().next() else { return Ok(Self::none()) };
            let mut cells = Vec::new();
            let place = Place::of(block, &record);
            match row(file, dialect, block, &record, &mut cells) {
                Ok(_) => Self::of_names(file, &cells, place),
                Err(wrong) => Err(vec![*wrong]),
            }
        };
        block.pass_names();
        read
    }

    fn of_names(file: &FileRead<'_>, cells: &[Cell<'_>], place: Place<'_>) -> Result<Self, Vec<Placed>> {
        let judge = file.judge;
        let mut faults = Vec::new();
        let mut fault = |fault: EvidenceFault, at: usize| faults.push((fault, place.spot(at)));
        let fields = judge.row.map_or(&[][..], |r| &r.fields);
        let open = judge.row.is_none_or(crate::model::RecordShape::is_open);
        // Of rows that are judged one by one, wrong names are wrong in each.
        let lenient = judge.definition.judge_each_file;
        let mut columns: Vec<Column> = Vec::new();
        for (i, cell) in cells.iter().enumerate() {
            let field = fields.iter().find(|f| spellings(f).any(|s| **s == *cell.text));
            let twice = cells.iter().take(i).any(|c| c.text == cell.text);
            let from_path = file.captures().iter().any(|(name, _)| **name == *cell.text);
            if twice && !(cell.text.is_empty() && open) {
                fault(diagnostics::csv_name_twice(&cell.text), cell.at);
            } else if from_path && !lenient {
                fault(diagnostics::name_in_file(&cell.text), cell.at);
            } else if field.is_none() && !open && !lenient {
                let names: Vec<&str> = fields.iter().flat_map(spellings).map(|s| &**s).collect();
                fault(diagnostics::csv_unknown_column(&cell.text, i + 1, &names), cell.at);
            }
            let reads = match field {
                Some(field) => Reads::of(field, judge.policy),
                None if wanted(judge, &cell.text) => Reads::Text { empty: true },
                None => Reads::Nothing,
            };
            columns.push(Column { name: cell.text.as_ref().into(), reads });
        }
        let mut needed = Vec::new();
        let filled = |field: &&FieldShape| !file.captures().iter().any(|(name, _)| *name == field.name);
        for field in fields.iter().filter(|f| !may_be_absent(f)).filter(filled) {
            let place = |name: &Arc<str>| columns.iter().position(|c| c.name == *name);
            let found: Vec<usize> = spellings(field).filter_map(place).collect();
            if found.is_empty() && !lenient {
                let names: Vec<&str> = spellings(field).map(|s| &**s).collect();
                fault(diagnostics::csv_column_absent(&names, &field.name), 0);
            }
            needed.push(Needed { name: field.name.clone(), columns: found });
        }
        if faults.is_empty() { Ok(Self { columns, more: false, needed }) } else { Err(faults) }
    }

    /// How many cells a row has.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether a row of so many cells is as long as it should be.
    pub fn fit(&self, cells: usize) -> bool {
        cells == self.len() || self.more && cells > self.len()
    }

    /// The same with names of its own.
    pub fn detached(&self) -> Vec<Column> {
        self.columns.iter().map(|c| Column { name: detached(&c.name), reads: c.reads }).collect()
    }
}

impl Column {
    /// The value of a cell, or nothing where it is absent.
    pub fn value(&self, cell: &Cell<'_>) -> Option<JsonKind> {
        if cell.text.is_empty() && !(cell.quoted && matches!(self.reads, Reads::Text { empty: true })) {
            return None;
        }
        match self.reads {
            Reads::Nothing => None,
            Reads::Number if read::is_number(&cell.text) => Some(JsonKind::Number(cell.text.as_ref().into())),
            Reads::Bool if cell.text == "true" => Some(JsonKind::Bool(true)),
            Reads::Bool if cell.text == "false" => Some(JsonKind::Bool(false)),
            _ => Some(JsonKind::Text(cell.text.as_ref().into())),
        }
    }
}

impl Reads {
    fn of(field: &FieldShape, policy: &Policy) -> Self {
        Self::of_shape(&field.shape, policy)
    }

    fn of_shape(shape: &Shape, policy: &Policy) -> Self {
        match shape {
            Shape::Bool => Self::Bool,
            Shape::Int
            | Shape::Decimal
            | Shape::Ratio { .. }
            | Shape::Duration(_)
            | Shape::Bytes
            | Shape::Instant(crate::model::InstantEncoding::Epoch(_)) => Self::Number,
            Shape::Text(_) => Self::Text { empty: true },
            Shape::Enum(how) => {
                let empty = |s: &Arc<str>| s.is_empty();
                Self::Text { empty: how.ty.members.iter().any(|m| m.spellings.iter().any(empty)) }
            }
            Shape::Optional(inner) => Self::of_shape(inner, policy),
            Shape::Refined(refinement) => Self::of_shape(&refinement.base, policy),
            Shape::Named(id) => match policy.shapes.get(id.index()) {
                Some(named) => Self::of_shape(&named.shape, policy),
                None => Self::Text { empty: false },
            },
            Shape::Instant(crate::model::InstantEncoding::Rfc3339)
            | Shape::Version
            | Shape::Json
            | Shape::Record(_)
            | Shape::List(_)
            | Shape::Map(..) => Self::Text { empty: false },
        }
    }
}

/// The names a field can have in the data. Cells have no parts, so paths are none.
fn spellings(field: &FieldShape) -> impl Iterator<Item = &Arc<str>> + Clone {
    let own = field.reading.from.is_empty().then_some(&field.name);
    own.into_iter().chain(field.reading.from.iter().filter_map(|path| match path.as_slice() {
        [name] => Some(name),
        _ => None,
    }))
}

/// Whether somebody asks for a name that no field has.
fn wanted(judge: &Judge<'_>, name: &str) -> bool {
    match &judge.keep {
        Keep::All => true,
        Keep::Names(names) => names.iter().any(|(n, _)| **n == *name),
        Keep::Elements(_) => false,
    }
}
