//! What an evidence's declaration demands of each row, or of the document: shape, version, an
//! instant to go by, a kind of source, keys. Prepared once, asked for every row.

use super::diagnostics;
use super::tree::Keep;
use crate::data::{EvidenceFault, Json, JsonKind, Num, Projection, RecordType, Type, Value, print};
use crate::eval::Globals;
use crate::eval::decode::{DecodeReport, Decoder};
use crate::model::{EvidenceDefinition, EvidenceShape, InstantEncoding, Policy, RecordShape, Shape, SourceKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Judges the rows or the document of one evidence.
pub(super) struct Judge<'a> {
    pub definition: &'a EvidenceDefinition,
    pub decoder: Decoder<'a>,
    /// What somebody reads.
    pub asked: &'a Projection,
    /// The type of a row or document that is a record.
    pub record: Option<Arc<RecordType>>,
    /// What a parser has to build of a row.
    pub keep: Keep,
    /// Fields that are keys: position, name and type.
    pub keys: Vec<(usize, Arc<str>, Type)>,
    shape: Shape,
    /// What is read, and what is judged besides.
    kept: Projection,
    version: Option<Look>,
    fresh: Option<Vec<usize>>,
    source: Option<Look>,
    /// Names at the top that clauses speak of: they are known, declared or not.
    known: Vec<String>,
    /// How fields filled from the path are written: as numbers or as texts.
    numeric: BTreeMap<Arc<str>, bool>,
}

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

impl<'a> Judge<'a> {
    pub fn new(definition: &'a EvidenceDefinition, asked: &'a Projection, globals: &'a dyn Globals) -> Self {
        let policy = globals.policy();
        let ty = match &definition.shape {
            EvidenceShape::Rows(_) => definition.ty.present().element().unwrap_or(Type::Json),
            EvidenceShape::Document(_) => definition.ty.present().clone(),
        };
        let record = match ty.present() {
            Type::Record(record) => Some(record.clone()),
            _ => None,
        };
        // Rows that policies see undecoded are judged there, by `is`.
        let shape = match ty.present() {
            Type::Json => Shape::Json,
            _ => definition.shape.shape().clone(),
        };
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
            record,
            keep: Keep::of(&shape, policy),
            keys: Vec::new(),
            kept: asked.clone(),
            version,
            fresh,
            source,
            known: Vec::new(),
            numeric: BTreeMap::new(),
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
            if let [name] = path.as_slice() {
                self.known.push(format!("/{}", name.replace('~', "~0").replace('/', "~1")));
            }
        }
        if let Some(fresh) = &self.definition.fresh {
            self.kept.add(&fresh.of);
        }
        for (i, field) in fields(&self.shape, policy).iter().enumerate() {
            if field.reading.key && matches!(self.definition.shape, EvidenceShape::Rows(_)) {
                self.kept.add(std::slice::from_ref(&field.name));
                self.keys.push((i, field.name.clone(), field.ty.clone()));
            }
            self.numeric.insert(field.name.clone(), is_number(&field.shape, policy));
        }
    }

    /// Whether a field's values are kept in the rows that go out. Keys are: they name rows.
    pub fn keeps(&self, field: &str) -> bool {
        self.asked.reads(field) || self.keys.iter().any(|(_, name, _)| &**name == field)
    }

    /// Whether version and source stand beside the list of rows, at the top of the file.
    fn beside(&self) -> bool {
        self.definition.rows_at.as_ref().is_some_and(|pointer| !pointer.is_empty())
    }

    /// Judges a row, or a document.
    pub fn judge(&self, json: &Json, decoder: &Decoder<'_>) -> Judged {
        let mut report = DecodeReport::default();
        let value = decoder.decode(json, &self.shape, &self.kept, &mut report);
        let mut judged = Judged { value, faults: Vec::new(), unreadable: report.unreadable, said: Said::default() };
        for found in report.faults {
            if found.code == "rspp::evidence::unknown-field" && self.known.contains(&found.pointer) {
                continue;
            }
            let fault =
                EvidenceFault { code: found.code, message: found.message, help: found.help, place: None, column: None };
            judged.faults.push(JudgedFault { fault, pointer: found.pointer, at: found.at });
        }
        let broken = !judged.faults.is_empty();
        let mut says = |fault| judged.faults.push(JudgedFault { fault, pointer: String::new(), at: json.at });
        // A field that could not be read was told of already.
        let readable = |look: &Look| !broken || matches!(look, Look::Names(_));
        if let Some(look) = self.version.as_ref().filter(|l| !self.beside() && readable(l)) {
            match self.version(look, json, Some(&judged.value)) {
                Ok(version) => judged.said.version = Some(version),
                Err(fault) => says(fault),
            }
        }
        let of_row = |look: &Look| matches!(look, Look::Field(..)) || !self.beside();
        if let Some(look) = self.source.as_ref().filter(|l| of_row(l) && readable(l)) {
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
        judged
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
        let JsonKind::Object(entries) = &json.kind else { return Ok(json) };
        let mut entries = entries.to_vec();
        let declared = |name: &Arc<str>| self.record.is_none() || self.numeric.contains_key(name);
        for (name, text) in captures.iter().filter(|(name, _)| declared(name)) {
            if let Some((_, found)) = entries.iter().find(|(n, _)| n == name) {
                let pointer = format!("/{name}");
                return Err(JudgedFault { fault: diagnostics::name_in_file(name), pointer, at: found.at });
            }
            let numeric = self.numeric.get(name).copied().unwrap_or(false);
            let kind = match super::tree::parse_json(text).map(|j| j.kind) {
                Ok(JsonKind::Number(number)) if numeric => JsonKind::Number(number),
                _ => JsonKind::Text(text.clone()),
            };
            entries.push((name.clone(), Json { kind, at: json.at }));
        }
        Ok(Json { kind: JsonKind::Object(entries.into()), at: json.at })
    }

    /// The text of a row's first key, for messages.
    pub fn key_text(&self, value: &Value) -> Option<Arc<str>> {
        let (at, _, ty) = self.keys.first()?;
        let found = value_at(value, std::slice::from_ref(at)).filter(|v| !v.is_missing())?;
        Some(diagnostics::cut(&print::value(found, ty)).into())
    }
}

impl Look {
    fn text(&self, json: &Json, value: Option<&Value>, path: &[Arc<str>]) -> Option<Arc<str>> {
        match (self, value) {
            (Self::Field(at, ty), Some(value)) => match value_at(value, at)? {
                Value::Text(text) => Some(text.clone()),
                Value::Enum(word) => match ty.present() {
                    Type::Enum(e) => Some(print::word(word, e).into()),
                    _ => None,
                },
                _ => None,
            },
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

/// The fields of a record's shape, whatever it is wrapped in.
fn fields<'s>(shape: &'s Shape, policy: &'s Policy) -> &'s [crate::model::FieldShape] {
    record(shape, policy).map_or(&[], |r| &r.fields)
}

fn record<'s>(shape: &'s Shape, policy: &'s Policy) -> Option<&'s RecordShape> {
    match shape {
        Shape::Record(found) => Some(found),
        Shape::Optional(inner) => record(inner, policy),
        Shape::Refined(refinement) => record(&refinement.base, policy),
        Shape::Named(id) => policy.shapes.get(id.index()).and_then(|named| record(&named.shape, policy)),
        _ => None,
    }
}

/// Whether values of a shape are written as numbers.
fn is_number(shape: &Shape, policy: &Policy) -> bool {
    match shape {
        Shape::Int | Shape::Decimal | Shape::Ratio { .. } | Shape::Duration(_) | Shape::Bytes => true,
        Shape::Instant(InstantEncoding::Epoch(_)) => true,
        Shape::Optional(inner) => is_number(inner, policy),
        Shape::Refined(refinement) => is_number(&refinement.base, policy),
        Shape::Named(id) => policy.shapes.get(id.index()).is_some_and(|named| is_number(&named.shape, policy)),
        _ => false,
    }
}
