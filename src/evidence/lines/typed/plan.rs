//! What a row has to look like, made ready to be met byte by byte.

use super::super::super::judge::Judge;
use super::super::super::tree::Keep;
use super::text::Piece;
use crate::data::{EnumValue, Projection, Value};
use crate::model::{EnumReading, FieldShape, InstantEncoding, Openness, Policy, RecordShape, Shape, TextReading};
use std::sync::Arc;

/// Fields that one record may have: one bit for each.
const MOST_FIELDS: usize = 128;
/// Names that lead somewhere in one object; enough bits must be left for those that do not.
const MOST_NAMES: usize = 96;
/// Kinds inside kinds.
const MOST_LEVELS: usize = 24;

/// The rows of one evidence.
pub(super) struct Plan<'a> {
    pub records: Vec<RecordPlan<'a>>,
    /// The rows themselves, among these.
    pub row: usize,
    /// Objects by the names that lead somewhere in them.
    pub objects: Vec<ObjectPlan>,
    /// What is known from the start of values that come again.
    pub dictionaries: Vec<Vec<(Piece, Value)>>,
    policy: &'a Policy,
}

/// A record.
pub(super) struct RecordPlan<'a> {
    /// Its object, among [`Plan::objects`].
    pub object: usize,
    pub fields: Vec<FieldPlan<'a>>,
    /// One bit for each field.
    pub all: u128,
    /// Those that have to be there.
    pub required: u128,
}

/// A field.
pub(super) struct FieldPlan<'a> {
    pub kind: Kind<'a>,
    /// Somebody reads it.
    pub kept: bool,
    /// `null` stands for absent.
    pub nullable: bool,
    /// `null` is a value like others.
    pub takes_null: bool,
    /// It need not be there: what stands for it then.
    pub absent: Option<Value>,
    pub sentinels: &'a [Value],
    /// What a row says of itself by it.
    pub ask: Ask,
}

/// What a row says of itself by a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Nothing,
    Instant,
    Source,
    Version,
}

/// How a value is read.
pub(super) enum Kind<'a> {
    Bool,
    /// A whole number of so many base units; with `round`, fractions too.
    Whole {
        scale: i64,
        round: bool,
    },
    Number {
        percent: bool,
    },
    Rfc3339,
    Text(TextReading),
    /// A word, by its spellings in a dictionary.
    Word(usize, &'a Shape),
    /// Elements, of which `null` may be missing ones. Spellings of whole lists are remembered in
    /// a dictionary, except in lists themselves.
    List {
        element: Box<Kind<'a>>,
        gaps: bool,
        known: Option<usize>,
    },
    /// A record, among [`Plan::records`].
    Record(usize),
    /// A value that has to meet the condition of this shape.
    Refined(Box<Kind<'a>>, &'a Shape),
    /// By way of a tree. Spellings are remembered in a dictionary where values are likely to
    /// come again.
    Tree {
        shape: &'a Shape,
        keep: Keep,
        below: Projection,
        known: Option<usize>,
    },
}

/// An object.
pub(super) struct ObjectPlan {
    /// No other names may be there.
    pub closed: bool,
    pub names: Vec<(Arc<str>, Leads)>,
}

/// Where a name leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// To a field of the record.
    Field(usize),
    /// To an object with fields of the record in it.
    Inside(usize),
}

impl<'a> Plan<'a> {
    /// `None`: these rows are read by way of trees.
    pub fn of(judge: &Judge<'a>) -> Option<Self> {
        let definition = judge.definition;
        judge.record.as_ref()?;
        // A schema judges a row as a whole.
        if definition.rows_at.is_some()
            || definition.judge_each_file
            || definition.schema.is_some()
            || judge.takes_whole()
        {
            return None;
        }
        let (shape, policy) = judge.row_shape()?;
        if !shape.rules.is_empty() {
            return None;
        }
        let mut plan = Self { records: Vec::new(), row: 0, objects: Vec::new(), dictionaries: Vec::new(), policy };
        plan.row = plan.record(shape, judge.kept(), 0)?;
        let record = plan.records.get_mut(plan.row)?;
        for (field, shape) in record.fields.iter_mut().zip(&shape.fields) {
            field.kept = judge.keeps(&shape.name);
        }
        for (ask, at) in
            [(Ask::Instant, judge.instant_at()), (Ask::Source, judge.source_at()), (Ask::Version, judge.version_at())]
        {
            match at {
                Ok(None) => {}
                Ok(Some(at)) => {
                    let field = record.fields.get_mut(at).filter(|f| f.ask == Ask::Nothing)?;
                    // What these say is not what is written.
                    if !field.sentinels.is_empty() {
                        return None;
                    }
                    field.ask = ask;
                }
                Err(()) => return None,
            }
        }
        Some(plan)
    }

    fn record(&mut self, shape: &'a RecordShape, read: &Projection, level: usize) -> Option<usize> {
        if level > MOST_LEVELS || shape.fields.len() > MOST_FIELDS || !shape.rules.is_empty() {
            return None;
        }
        // What is inside of it is not as it is declared.
        if shape.open == Openness::Everywhere {
            return None;
        }
        let object = self.objects.len();
        self.objects.push(ObjectPlan { closed: !shape.is_open(), names: Vec::new() });
        let mut fields = Vec::new();
        let (mut all, mut required) = (0, 0);
        for (number, field) in shape.fields.iter().enumerate() {
            if field.reading.from.is_empty() {
                self.lead(object, std::slice::from_ref(&field.name), number)?;
            }
            for path in &field.reading.from {
                self.lead(object, path, number)?;
            }
            let made = self.field(field, read, level)?;
            all |= 1 << number;
            required |= u128::from(made.absent.is_none()) << number;
            fields.push(made);
        }
        self.records.push(RecordPlan { object, fields, all, required });
        Some(self.records.len() - 1)
    }

    /// Lets a path of names lead to a field. `None`: its names have more than one meaning.
    fn lead(&mut self, object: usize, path: &[Arc<str>], field: usize) -> Option<()> {
        let (name, rest) = path.split_first()?;
        let known = self.objects.get(object)?.names.iter().find(|(n, _)| n == name).map(|(_, leads)| *leads);
        match (known, rest.is_empty()) {
            (None, true) => self.name(object, name, Leads::Field(field)),
            (None, false) => {
                let inside = self.objects.len();
                self.objects.push(ObjectPlan { closed: false, names: Vec::new() });
                self.name(object, name, Leads::Inside(inside))?;
                self.lead(inside, rest, field)
            }
            (Some(Leads::Inside(inside)), false) => self.lead(inside, rest, field),
            (Some(_), _) => None,
        }
    }

    fn name(&mut self, object: usize, name: &Arc<str>, leads: Leads) -> Option<()> {
        let names = &mut self.objects.get_mut(object)?.names;
        if names.len() >= MOST_NAMES || !is_plain(name) {
            return None;
        }
        names.push((name.clone(), leads));
        Some(())
    }

    fn field(&mut self, field: &'a FieldShape, read: &Projection, level: usize) -> Option<FieldPlan<'a>> {
        let reading = &field.reading;
        let may_be_absent =
            reading.default.is_some() || matches!(field.shape, Shape::Optional(_)) || field.ty.is_optional();
        let kind = self.kind(&field.shape, &read.below(&field.name), level)?;
        let simple = !matches!(kind, Kind::List { .. } | Kind::Record(_) | Kind::Tree { .. });
        if !(reading.sentinels.is_empty() || simple && may_be_absent) {
            return None;
        }
        Some(FieldPlan {
            kind,
            kept: read.reads(&field.name),
            nullable: reading.nullable && may_be_absent,
            takes_null: matches!(field.shape.inner(), Shape::Json) && !reading.nullable,
            absent: may_be_absent.then(|| reading.default.clone().unwrap_or(Value::Missing)),
            sentinels: &reading.sentinels,
            ask: Ask::Nothing,
        })
    }

    fn kind(&mut self, shape: &'a Shape, read: &Projection, level: usize) -> Option<Kind<'a>> {
        if level > MOST_LEVELS {
            return None;
        }
        Some(match shape {
            Shape::Bool => Kind::Bool,
            Shape::Int | Shape::Bytes => Kind::Whole { scale: 1, round: false },
            Shape::Duration(unit) | Shape::Instant(InstantEncoding::Epoch(unit)) => {
                Kind::Whole { scale: unit.scale, round: unit.round }
            }
            Shape::Decimal => Kind::Number { percent: false },
            Shape::Ratio { percent } => Kind::Number { percent: *percent },
            Shape::Instant(InstantEncoding::Rfc3339) => Kind::Rfc3339,
            Shape::Text(how) => Kind::Text(*how),
            Shape::Enum(how) => {
                let spellings = spellings(how);
                Kind::Word(self.dictionary(spellings), shape)
            }
            Shape::List(element) => {
                let gaps = matches!(**element, Shape::Optional(_)) && !matches!(element.inner(), Shape::Json);
                let known = (level == 0).then(|| self.dictionary(Vec::new()));
                let element = Box::new(self.kind(element, read, level + 1)?);
                Kind::List { element, gaps, known }
            }
            Shape::Record(record) if record.rules.is_empty() && record.fields.len() <= MOST_FIELDS => {
                // Where the record cannot be planned, what was begun of it is never met.
                match self.record(record, read, level + 1) {
                    Some(record) => Kind::Record(record),
                    None => self.tree(shape, read, false),
                }
            }
            Shape::Named(id) => match self.policy.shapes.get(id.index())? {
                named if named.schema().is_none() => self.kind(&named.shape, read, level)?,
                _ => self.tree(shape, read, false),
            },
            Shape::Optional(inner) => self.kind(inner, read, level)?,
            Shape::Refined(refinement) => {
                let base = self.kind(&refinement.base, &Projection::everything(), level + 1)?;
                Kind::Refined(Box::new(base), shape)
            }
            Shape::Version => self.tree(shape, read, true),
            Shape::Record(_) | Shape::Map(..) | Shape::Json => self.tree(shape, read, false),
        })
    }

    fn tree(&mut self, shape: &'a Shape, read: &Projection, known: bool) -> Kind<'a> {
        let known = known.then(|| self.dictionary(Vec::new()));
        Kind::Tree { shape, keep: Keep::of(shape, self.policy), below: read.clone(), known }
    }

    fn dictionary(&mut self, known: Vec<(Piece, Value)>) -> usize {
        self.dictionaries.push(known);
        self.dictionaries.len() - 1
    }
}

/// Every spelling of an enum that is read as it is written, quotes included.
fn spellings(how: &EnumReading) -> Vec<(Piece, Value)> {
    if how.reading != TextReading::default() {
        return Vec::new();
    }
    let mut known: Vec<(Piece, Value)> = Vec::new();
    for (member, named) in (0..).zip(&how.ty.members) {
        let own = std::slice::from_ref(&named.name);
        for spelling in if named.spellings.is_empty() { own } else { &named.spellings } {
            let written = format!("\"{spelling}\"");
            // The first member that has a spelling is the one.
            if is_plain(spelling) && !known.iter().any(|(piece, _)| piece.as_str() == written) {
                known.push((Piece::new(&written), Value::Enum(EnumValue { member, word: None })));
            }
        }
    }
    known
}

/// Whether a text is written in JSON as it reads. It can also be written otherwise.
fn is_plain(text: &str) -> bool {
    !text.bytes().any(|b| matches!(b, b'"' | b'\\' | 0..=0x1F))
}
