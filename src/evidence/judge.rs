//! What an evidence's declaration demands of each row, or of the document: shape, version, an
//! instant to go by, a kind of source, keys. Prepared once, asked for every row.

use super::diagnostics;
use super::files::Pattern;
use super::tree::Keep;
use crate::data::{EvidenceFault, Json, JsonKind, Num, Projection, RecordType, Type, Value, print};
use crate::eval::Globals;
use crate::eval::decode::{DecodeFault, DecodeReport, Decoder};
use crate::model::{
    EvidenceDefinition, EvidenceFiles, EvidenceShape, FieldShape, Policy, RecordShape, Shape, SourceKind,
};
use crate::schema::Schema;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Judges the rows or the document of one evidence.
pub(super) struct Judge<'a> {
    pub definition: &'a EvidenceDefinition,
    pub decoder: Decoder<'a>,
    /// What somebody reads.
    pub asked: &'a Projection,
    pub policy: &'a Policy,
    /// How a row or document that is a record is declared.
    pub row: Option<&'a RecordShape>,
    /// The type of a row or document that is a record.
    pub record: Option<Arc<RecordType>>,
    /// What a parser has to build of a row.
    pub keep: Keep,
    /// Fields that are keys: position, name and type.
    pub keys: Vec<(usize, Arc<str>, Type)>,
    shape: &'a Shape,
    /// What is read, and what is judged besides.
    kept: Projection,
    version: Option<Look>,
    fresh: Option<Vec<usize>>,
    source: Option<Look>,
    schema: Option<Demanded<'a>>,
    /// The field that takes all that a file or a line holds: `from this`.
    whole: Option<&'a FieldShape>,
    /// Rows go out undecoded, and policies ask with `is` whether they have the shape.
    undecoded: bool,
}

/// A JSON Schema that rows have to meet.
struct Demanded<'a> {
    name: &'a str,
    schema: Option<&'a Schema>,
    /// Fields that the path fills: no schema knows of them.
    filled: Vec<Arc<str>>,
}

/// Faults of a schema that are told of one row.
const SCHEMA_FAULTS: usize = 3;

/// Where a text stands that a clause asks for.
#[derive(Debug)]
enum Look {
    /// In a declared field: positions from the top, and its type.
    Field(Vec<usize>, Type),
    /// Under these names in the data.
    Names(Vec<Arc<str>>),
}

/// What became of one row, or of a document.
#[derive(Debug)]
pub(super) struct Judged {
    /// Its value; means nothing with faults.
    pub value: Value,
    pub faults: Vec<JudgedFault>,
    /// Values of `lenient` fields that could not be read.
    pub unreadable: BTreeMap<Arc<str>, u64>,
    pub said: Said,
}

/// What a row, a document, or what stands beside a list of rows says of itself.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The instant that it is of.
    pub instant: Option<Num>,
    /// Its kind of source, as a position in [`SourceKind::KINDS`].
    pub kind: Option<usize>,
    /// Its version, as a position among those accepted.
    pub version: Option<usize>,
}

/// A fault with its place inside the file.
#[derive(Debug)]
pub(super) struct JudgedFault {
    pub fault: EvidenceFault,
    /// JSON pointer from the value that was judged.
    pub pointer: String,
    /// Byte offset in the file.
    pub at: u64,
}

impl From<DecodeFault> for JudgedFault {
    fn from(found: DecodeFault) -> Self {
        let DecodeFault { code, pointer, path: _, lacking: _, touches: _, at, message, help, expected: _, policy: _ } =
            found;
        Self { fault: EvidenceFault { code, message, help, place: None, column: None }, pointer, at }
    }
}

impl<'a> Judge<'a> {
    pub fn new(definition: &'a EvidenceDefinition, asked: &'a Projection, globals: &'a dyn Globals) -> Self {
        let policy = globals.policy();
        let shape = definition.shape.shape();
        let row = record_shape(shape, policy);
        let declared = row.map(|r| r.ty.clone());
        let undecoded = definition.judge_each_file;
        let ty = declared.clone().map_or(Type::Json, Type::Record);
        let look = |path: &[Arc<str>]| match field_at(&ty, path) {
            Some((at, found)) if matches!(found.present(), Type::String | Type::Enum(_)) => Look::Field(at, found),
            _ => Look::Names(path.to_vec()),
        };
        let version = definition.version.as_ref().map(|rule| look(&rule.at));
        let source = match &definition.source {
            SourceKind::From(path) => Some(look(path)),
            SourceKind::Fixed(_) | SourceKind::Unsaid => None,
        };
        let fresh = definition.fresh.as_ref().map(|f| field_at(&ty, &f.of).map(|(at, _)| at).unwrap_or_default());
        let mut judge = Self {
            definition,
            decoder: Decoder::new(globals),
            asked,
            policy,
            row,
            record: declared.filter(|_| !undecoded),
            keep: if undecoded || definition.schema.is_some() { Keep::All } else { Keep::of(shape, policy) },
            keys: Vec::new(),
            kept: asked.clone(),
            version,
            fresh,
            source,
            schema: definition.schema.as_deref().map(|name| Demanded {
                name,
                schema: policy.schemas.get(name).map(|schema| &**schema),
                filled: filled_by_path(definition),
            }),
            whole: row.and_then(|r| r.fields.iter().find(|f| f.reading.whole)),
            undecoded,
            shape,
        };
        judge.prepare(policy);
        judge
    }

    fn prepare(&mut self, policy: &Policy) {
        let clauses = [
            self.definition.version.as_ref().map(|rule| (&rule.at, self.version.as_ref())),
            match &self.definition.source {
                SourceKind::From(path) => Some((path, self.source.as_ref())),
                SourceKind::Fixed(_) | SourceKind::Unsaid => None,
            },
        ];
        for (path, look) in clauses.into_iter().flatten() {
            match look {
                Some(Look::Names(names)) if self.keep != Keep::All => self.keep.add(names, Keep::All),
                Some(Look::Names(_)) | None => {}
                Some(Look::Field(..)) => self.kept.add(path),
            }
        }
        if let Some(fresh) = &self.definition.fresh {
            self.kept.add(&fresh.of);
        }
        let is_rows = matches!(self.definition.shape, EvidenceShape::Rows(_));
        let Some(record) = record_shape(self.shape, policy).filter(|_| is_rows && !self.undecoded) else { return };
        for (i, field) in record.fields.iter().enumerate().filter(|(_, f)| f.reading.key) {
            self.kept.add(std::slice::from_ref(&field.name));
            self.keys.push((i, field.name.clone(), field.ty.clone()));
        }
    }

    /// Whether a field's values are kept in the rows that go out. Keys are: they name rows.
    pub fn keeps(&self, field: &str) -> bool {
        self.asked.reads(field) || self.keys.iter().any(|(_, name, _)| &**name == field)
    }

    /// The shape of rows that are plain records, and the policy that it is of.
    pub fn row_shape(&self) -> Option<(&'a RecordShape, &'a Policy)> {
        let mut shape = self.shape;
        while let Shape::Named(id) = shape {
            let named = self.policy.shapes.get(id.index())?;
            // A schema judges a row as a whole.
            if named.schema().is_some() {
                return None;
            }
            shape = &named.shape;
        }
        match shape {
            Shape::Record(record) => Some((record, self.policy)),
            _ => None,
        }
    }

    /// What is read of a row, and what is judged besides.
    pub fn kept(&self) -> &Projection {
        &self.kept
    }

    /// Which field says the instant of a row.
    ///
    /// # Errors
    /// It is no field of the row itself.
    pub fn instant_at(&self) -> Result<Option<usize>, ()> {
        match self.fresh.as_deref() {
            None => Ok(None),
            Some([field]) => Ok(Some(*field)),
            Some(_) => Err(()),
        }
    }

    /// Which field says the version of a row.
    ///
    /// # Errors
    /// It is no field of the row itself.
    pub fn version_at(&self) -> Result<Option<usize>, ()> {
        self.version.as_ref().map(Look::field).transpose()
    }

    /// Which field says a row's kind of source.
    ///
    /// # Errors
    /// It is no field of the row itself.
    pub fn source_at(&self) -> Result<Option<usize>, ()> {
        self.source.as_ref().map(Look::field).transpose()
    }

    /// The version that a field's value says, as a position among those accepted.
    pub fn version_of(&self, value: &Value) -> Option<usize> {
        let (Some(Look::Field(_, ty)), Some(rule)) = (&self.version, &self.definition.version) else { return None };
        let found = text_of(value, ty)?;
        rule.accepted.iter().position(|v| **v == *found)
    }

    /// The kind of source that a field's value says, as a position in [`SourceKind::KINDS`].
    pub fn kind_of(&self, value: &Value) -> Option<usize> {
        let Some(Look::Field(_, ty)) = &self.source else { return None };
        let found = text_of(value, ty)?;
        SourceKind::KINDS.iter().position(|k| **k == *found)
    }

    /// Whether version and source stand beside the list of rows, at the top of the file.
    fn beside(&self) -> bool {
        self.definition.rows_at.as_ref().is_some_and(|pointer| !pointer.is_empty())
    }

    /// Judges a row, or a document.
    pub fn judge(&self, json: &Json, decoder: &Decoder<'_>) -> Judged {
        let mut report = DecodeReport::default();
        let value = decoder.decode(json, self.shape, &self.kept, &mut report);
        let broken = !report.faults.is_empty();
        let mut judged = Judged { value, faults: Vec::new(), unreadable: report.unreadable, said: Said::default() };
        if !self.undecoded {
            judged.faults.extend(report.faults.into_iter().map(JudgedFault::from));
            if report.more > 0 {
                let fault = diagnostics::more_faults(report.more);
                judged.faults.push(JudgedFault { fault, pointer: String::new(), at: json.at });
            }
        }
        if let Some(demanded) = &self.schema {
            demanded.judge(json, &mut judged);
        }
        self.ask(json, broken, &mut judged);
        if self.undecoded {
            judged.value = Value::Json(Arc::new(json.clone()));
        }
        judged
    }

    /// Asks what a row or document says of itself. What could not be read was told of already.
    fn ask(&self, json: &Json, broken: bool, judged: &mut Judged) {
        let mut says = |fault| judged.faults.push(JudgedFault { fault, pointer: String::new(), at: json.at });
        let here = |look: &&Look| match look {
            Look::Field(..) => !broken,
            Look::Names(_) => !(self.beside() || broken && self.undecoded),
        };
        if let Some(look) = self.version.as_ref().filter(here) {
            match self.version(look, json, Some(&judged.value)) {
                Ok(version) => judged.said.version = Some(version),
                Err(fault) => says(fault),
            }
        }
        if let Some(look) = self.source.as_ref().filter(here) {
            match self.kind(look, json, Some(&judged.value)) {
                Ok(kind) => judged.said.kind = Some(kind),
                Err(fault) => says(fault),
            }
        }
        if let (Some(at), Some(fresh), false) = (&self.fresh, &self.definition.fresh, broken) {
            match value_at(&judged.value, at) {
                Some(Value::Num(instant)) => judged.said.instant = Some(*instant),
                _ => says(diagnostics::undated(&fresh.of.join("."))),
            }
        }
    }

    /// Judges what stands beside a list of rows.
    pub fn judge_beside(&self, top: &Json) -> (Said, Vec<EvidenceFault>) {
        let (mut said, mut faults) = (Said::default(), Vec::new());
        if !self.beside() {
            return (said, faults);
        }
        if let Some(look) = &self.version {
            match self.version(look, top, None) {
                Ok(version) => said.version = Some(version),
                Err(fault) => faults.push(fault),
            }
        }
        if let Some(look @ Look::Names(_)) = &self.source {
            match self.kind(look, top, None) {
                Ok(kind) => said.kind = Some(kind),
                Err(fault) => faults.push(fault),
            }
        }
        (said, faults)
    }

    fn version(&self, look: &Look, json: &Json, value: Option<&Value>) -> Result<usize, EvidenceFault> {
        let Some(rule) = &self.definition.version else { return Ok(0) };
        let found = look.text(json, value, &rule.at);
        let position = found.as_deref().and_then(|found| rule.accepted.iter().position(|v| **v == *found));
        position.ok_or_else(|| diagnostics::version(&rule.at.join("."), found.as_deref(), &rule.accepted))
    }

    fn kind(&self, look: &Look, json: &Json, value: Option<&Value>) -> Result<usize, EvidenceFault> {
        let SourceKind::From(path) = &self.definition.source else { return Ok(0) };
        let found = look.text(json, value, path);
        let position = found.as_deref().and_then(|found| SourceKind::KINDS.iter().position(|k| *k == found));
        position.ok_or_else(|| diagnostics::source_unknown(&path.join("."), found.as_deref()))
    }

    /// The row with fields filled from its file's path.
    ///
    /// # Errors
    /// A fault when the file holds such a field too.
    pub fn with_path_fields(&self, json: Json, captures: &[(Arc<str>, Arc<str>)]) -> Result<Json, JudgedFault> {
        if let Some(field) = self.whole {
            return Ok(filled(captures, json.at, Some((field.name.clone(), json))));
        }
        let JsonKind::Object(entries) = &json.kind else { return Ok(json) };
        let mut entries = entries.to_vec();
        for (name, text) in captures {
            if let Some((_, found)) = entries.iter().find(|(n, _)| n == name) {
                let pointer = format!("/{name}");
                return Err(JudgedFault { fault: diagnostics::name_in_file(name), pointer, at: found.at });
            }
            entries.push((name.clone(), Json { kind: JsonKind::Text(text.clone()), at: json.at }));
        }
        Ok(Json { kind: JsonKind::Object(entries.into()), at: json.at })
    }

    /// Whether a row is all that a file or a line holds.
    pub fn takes_whole(&self) -> bool {
        self.whole.is_some()
    }

    /// The row of a file or a line that holds no value, at an offset, where such a row is let in:
    /// `from this lenient`.
    pub fn judge_nothing(&self, captures: &[(Arc<str>, Arc<str>)], at: u64) -> Option<Judged> {
        let field = self.whole.filter(|f| f.reading.lenient)?;
        let mut judged = self.judge(&filled(captures, at, None), &self.decoder);
        judged.unreadable.insert(field.name.clone(), 1);
        Some(judged)
    }

    /// The text of a value of the first key, for messages.
    pub fn key_of(&self, value: &Value) -> Option<Arc<str>> {
        let (_, _, ty) = self.keys.first()?;
        (!value.is_missing()).then(|| diagnostics::cut(&print::value(value, ty)).into())
    }

    /// The text of a row's first key, for messages.
    pub fn key_text(&self, value: &Value) -> Option<Arc<str>> {
        let (at, ..) = self.keys.first()?;
        self.key_of(value_at(value, std::slice::from_ref(at))?)
    }
}

/// The text of a field's value.
fn text_of(value: &Value, ty: &Type) -> Option<Arc<str>> {
    match (value, ty.present()) {
        (Value::Text(text), _) => Some(text.clone()),
        (Value::Enum(word), Type::Enum(e)) => Some(print::word(word, e).into()),
        _ => None,
    }
}

impl Demanded<'_> {
    fn judge(&self, json: &Json, judged: &mut Judged) {
        let mut says = |fault, pointer: String, at| judged.faults.push(JudgedFault { fault, pointer, at });
        let Some(schema) = self.schema else {
            return says(diagnostics::schema_not_given(self.name), String::new(), json.at);
        };
        let (first, total) = schema.faults(json, &self.filled, SCHEMA_FAULTS);
        let (told, more) = (first.len(), total - first.len());
        for (i, found) in first.into_iter().enumerate() {
            // The last one that is told says how many are not.
            let more = if i + 1 == told { more } else { 0 };
            let at = json.at_pointer(&found.pointer).map_or(json.at, |part| part.at);
            says(diagnostics::schema(self.name, &found.message, more), found.pointer, at);
        }
    }
}

/// Fields that parts of the path fill.
fn filled_by_path(definition: &EvidenceDefinition) -> Vec<Arc<str>> {
    match &definition.files {
        EvidenceFiles::Path(_) => Vec::new(),
        EvidenceFiles::Pattern(pattern) => Pattern::parse(pattern).map(|p| p.names()).unwrap_or_default(),
    }
}

/// What the path fills, and what a file holds as one value more.
fn filled(captures: &[(Arc<str>, Arc<str>)], at: u64, value: Option<(Arc<str>, Json)>) -> Json {
    let captured = captures.iter().map(|(name, text)| (name.clone(), Json { kind: JsonKind::Text(text.clone()), at }));
    Json { kind: JsonKind::Object(captured.chain(value).collect()), at }
}

impl Look {
    fn field(&self) -> Result<usize, ()> {
        match self {
            Self::Field(at, _) if at.len() == 1 => at.first().copied().ok_or(()),
            Self::Field(..) | Self::Names(_) => Err(()),
        }
    }

    fn text(&self, json: &Json, value: Option<&Value>, path: &[Arc<str>]) -> Option<Arc<str>> {
        match (self, value) {
            (Self::Field(at, ty), Some(value)) => text_of(value_at(value, at)?, ty),
            _ => match &path.iter().try_fold(json, |at, name| at.get(name))?.kind {
                JsonKind::Text(text) => Some(text.clone()),
                JsonKind::Number(number) => Some(number.clone()),
                _ => None,
            },
        }
    }
}

/// The positions of a path of fields, and its type.
fn field_at(ty: &Type, path: &[Arc<str>]) -> Option<(Vec<usize>, Type)> {
    let (mut at, mut ty) = (Vec::new(), ty.clone());
    for name in path {
        let Type::Record(record) = ty.present().clone() else { return None };
        let (position, found) = record.field(name)?;
        at.push(position);
        ty = found.clone();
    }
    Some((at, ty))
}

/// The value at positions from the top.
pub(super) fn value_at<'v>(value: &'v Value, at: &[usize]) -> Option<&'v Value> {
    at.iter().try_fold(value, |value, position| value.as_record()?.fields.get(*position))
}

/// The shape of a record, whatever it is wrapped in.
fn record_shape<'s>(shape: &'s Shape, policy: &'s Policy) -> Option<&'s RecordShape> {
    match shape {
        Shape::Record(found) => Some(found),
        Shape::Optional(inner) => record_shape(inner, policy),
        Shape::Refined(refinement) => record_shape(&refinement.base, policy),
        Shape::Named(id) => policy.shapes.get(id.index()).and_then(|named| record_shape(&named.shape, policy)),
        _ => None,
    }
}
