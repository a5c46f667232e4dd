//! Evidence from memory: values that a test or an editor gives.

use super::diagnostics;
use super::source::{empty, unusable};
use super::tree::parse_json;
use crate::data::{
    Batch, BatchSink, BatchSource, Column, EvidenceFault, EvidenceOutcome, Flow, Json, JsonKind, Origins, Projection,
    ReadReport, Type, Value,
};
use crate::eval::Globals;
use crate::eval::decode::{DecodeReport, Decoder};
use crate::model::{EvidenceDefinition, EvidenceShape};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Evidence by name. What was not given is missing evidence. Given values are not asked for
/// age, version or source.
#[derive(Debug, Default)]
pub struct MemorySource {
    given: BTreeMap<Arc<str>, Given>,
    batch_rows: Option<usize>,
}

#[derive(Debug)]
enum Given {
    Rows(Vec<Value>),
    Document(Value),
    Absent,
    Unusable(Vec<EvidenceFault>),
}

/// Rows that go out together.
const BATCH_ROWS: usize = 1024;

impl MemorySource {
    /// Nothing given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rows go out in batches of so many. Results do not depend on it.
    #[must_use]
    pub fn with_batch_rows(mut self, rows: usize) -> Self {
        self.batch_rows = Some(rows.max(1));
        self
    }

    /// Gives rows.
    pub fn rows(&mut self, evidence: &str, rows: Vec<Value>) {
        self.given.insert(evidence.into(), Given::Rows(rows));
    }

    /// Gives a document.
    pub fn document(&mut self, evidence: &str, document: Value) {
        self.given.insert(evidence.into(), Given::Document(document));
    }

    /// Says that an evidence is absent, and excused.
    pub fn absent(&mut self, evidence: &str) {
        self.given.insert(evidence.into(), Given::Absent);
    }

    /// Says that an evidence cannot be used, and why.
    pub fn unusable(&mut self, evidence: &str, faults: Vec<EvidenceFault>) {
        self.given.insert(evidence.into(), Given::Unusable(faults));
    }

    /// Gives a document, or a list of rows, as JSON text. What is wrong with it makes it
    /// unusable.
    pub fn json(&mut self, definition: &EvidenceDefinition, globals: &dyn Globals, text: &str) {
        let given = read(definition, globals, text).unwrap_or_else(Given::Unusable);
        self.given.insert(definition.name.clone(), given);
    }
}

fn read(definition: &EvidenceDefinition, globals: &dyn Globals, text: &str) -> Result<Given, Vec<EvidenceFault>> {
    let json = parse_json(text).map_err(|fault| vec![diagnostics::text(&fault, None)])?;
    let decoder = Decoder::new(globals);
    let mut report = DecodeReport::default();
    let mut decode = |json: &Json| {
        let shape = definition.shape.shape();
        match definition.ty.present().element() {
            Some(Type::Json) if definition.judge_each_file => Value::Json(Arc::new(json.clone())),
            _ => decoder.decode(json, shape, &Projection::everything(), &mut report),
        }
    };
    let given = match (&definition.shape, &json.kind) {
        (EvidenceShape::Document(_), _) => Given::Document(decode(&json)),
        (EvidenceShape::Rows(_), JsonKind::List(items)) => Given::Rows(items.iter().map(decode).collect()),
        (EvidenceShape::Rows(_), _) => return Err(vec![diagnostics::no_rows(None, json.what())]),
    };
    let faults: Vec<EvidenceFault> = report
        .faults
        .into_iter()
        .map(|f| EvidenceFault { code: f.code, message: f.message, help: f.help, place: None, column: None })
        .collect();
    if faults.is_empty() { Ok(given) } else { Err(faults) }
}

impl BatchSource for MemorySource {
    fn read(&self, evidence: &str, _: &Projection, sink: &dyn BatchSink) -> ReadReport {
        match self.given.get(evidence) {
            None => unusable(vec![diagnostics::not_given(evidence)]),
            Some(Given::Absent) => empty(EvidenceOutcome::Absent),
            Some(Given::Unusable(faults)) => unusable(faults.clone()),
            Some(Given::Document(document)) => {
                ReadReport { rows: 1, document: Some(document.clone()), ..empty(EvidenceOutcome::Usable) }
            }
            Some(Given::Rows(rows)) => {
                send(rows, self.batch_rows.unwrap_or(BATCH_ROWS), sink);
                ReadReport { rows: rows.len() as u64, ..empty(EvidenceOutcome::Usable) }
            }
        }
    }
}

fn send(rows: &[Value], batch_rows: usize, sink: &dyn BatchSink) {
    let mut first = 0;
    for rows in rows.chunks(batch_rows) {
        let origins = Origins::Each(rows.iter().map(|r| r.origin().cloned()).collect());
        if sink.take(Batch { len: rows.len(), first, columns: columns(rows), origins }) == Flow::Stop {
            return;
        }
        first += rows.len() as u64;
    }
}

/// Columns of values; rows that are no records stay whole.
fn columns(rows: &[Value]) -> Vec<Column> {
    let width = rows.iter().filter_map(|r| r.as_record()).map(|r| r.fields.len()).max();
    let Some(width) = width else { return vec![Column::Whole(rows.to_vec())] };
    let cell = |row: &Value, i: usize| row.as_record().and_then(|r| r.fields.get(i)).cloned().unwrap_or(Value::Missing);
    (0..width).map(|i| Column::Values(rows.iter().map(|row| cell(row, i)).collect())).collect()
}
