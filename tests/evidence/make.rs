//! Declarations of evidence by hand, and reading them from memory.

use rspp_gates::data::{
    Batch, BatchSink, BatchSource, EnumMember, EnumType, EvidenceFault, EvidenceOutcome, Field, Flow, Num, Projection,
    ReadReport, RecordType, Type, Value,
};
use rspp_gates::eval::Constants;
use rspp_gates::evidence::{FileSource, ReadLimits};
use rspp_gates::host::{Host, MemHost, Root};
use rspp_gates::model::{
    DurationUnit, EnumReading, EvidenceDefinition, EvidenceFiles, EvidenceShape, Expr, ExprKind, FieldShape, Freshness,
    InstantEncoding, LocalId, Openness, OptionalEvidence, Policy, Reading, RecordShape, Shape, SourceKind, TextReading,
    VersionRule,
};
use rspp_gates::source::{SourceId, Span};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

pub const SECOND: i64 = 1_000_000_000;
pub const HOUR: i64 = 3600 * SECOND;
/// 2026-03-31T00:00:00Z
pub const AS_OF: i64 = 1_774_915_200 * SECOND;
pub const TEXT: Shape = Shape::Text(TextReading { trim: false, fold: false });
pub const MS: Shape = Shape::Duration(DurationUnit { scale: 1_000_000, round: false });
pub const RFC3339: Shape = Shape::Instant(InstantEncoding::Rfc3339);

pub fn span() -> Span {
    Span::new(SourceId(0), 0, 0)
}

fn duration(ns: i64) -> Expr {
    Expr { kind: Box::new(ExprKind::Literal(Value::int(ns))), ty: Type::DURATION, span: span() }
}

pub fn type_of(shape: &Shape) -> Type {
    match shape {
        Shape::Bool => Type::Bool,
        Shape::Int => Type::Int,
        Shape::Decimal => Type::Decimal,
        Shape::Ratio { .. } => Type::Ratio,
        Shape::Duration(_) => Type::DURATION,
        Shape::Instant(_) => Type::Instant,
        Shape::Bytes => Type::BYTES,
        Shape::Text(_) => Type::String,
        Shape::Version => Type::Version,
        Shape::Json => Type::Json,
        Shape::Enum(how) => Type::Enum(how.ty.clone()),
        Shape::Record(record) => Type::Record(record.ty.clone()),
        Shape::List(element) => Type::list(type_of(element)),
        Shape::Map(key, value) => Type::map(type_of(key), type_of(value)),
        Shape::Optional(inner) => type_of(inner).optional(),
        Shape::Named(_) | Shape::Refined(_) => panic!("not made here"),
    }
}

pub fn optional(shape: Shape) -> Shape {
    Shape::Optional(Arc::new(shape))
}

pub fn list(shape: Shape) -> Shape {
    Shape::List(Arc::new(shape))
}

pub fn one_of(name: &str, words: &[&str]) -> Shape {
    let member = |w: &&str| EnumMember { name: (*w).into(), quoted: false, spellings: vec![(*w).into()] };
    let ty = EnumType { name: name.into(), members: words.iter().map(member).collect(), otherwise: None };
    Shape::Enum(EnumReading { ty: Arc::new(ty), reading: TextReading::default() })
}

/// A field, and what its modifiers say.
pub fn field(name: &str, shape: Shape) -> FieldShape {
    let ty = type_of(&shape);
    FieldShape { name: name.into(), span: span(), doc: None, shape, ty, reading: Reading::default() }
}

pub fn key(mut field: FieldShape) -> FieldShape {
    field.reading.key = true;
    field
}

pub fn lenient(mut field: FieldShape) -> FieldShape {
    field.reading.lenient = true;
    field
}

pub fn from(mut field: FieldShape, paths: &[&[&str]]) -> FieldShape {
    field.reading.from = paths.iter().map(|p| p.iter().map(|s| Arc::from(*s)).collect()).collect();
    field
}

fn record(open: bool, fields: Vec<FieldShape>) -> Shape {
    let types = fields.iter().map(|f| Field { name: f.name.clone(), ty: f.ty.clone() }).collect();
    let ty = Arc::new(RecordType { name: None, fields: types });
    let open = if open { Openness::Open } else { Openness::Closed };
    Shape::Record(Arc::new(RecordShape { ty, open, fields, rules: Vec::new(), advice: Vec::new(), this: LocalId(0) }))
}

pub fn open(fields: Vec<FieldShape>) -> Shape {
    record(true, fields)
}

pub fn closed(fields: Vec<FieldShape>) -> Shape {
    record(false, fields)
}

fn definition(files: EvidenceFiles, shape: EvidenceShape) -> EvidenceDefinition {
    let path = match &files {
        EvidenceFiles::Path(path) | EvidenceFiles::Pattern(path) => path.clone(),
    };
    let format = match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("jsonl") => "jsonl",
        Some("csv" | "tsv") => "csv",
        Some("yaml") => "yaml",
        _ => "json",
    };
    let ty = match &shape {
        EvidenceShape::Rows(row) => Type::list(type_of(row)),
        EvidenceShape::Document(document) => type_of(document),
    };
    EvidenceDefinition {
        name: "e".into(),
        span: span(),
        doc: None,
        files,
        format: format.into(),
        format_options: BTreeMap::new(),
        rows_at: None,
        judge_each_file: false,
        version: None,
        fresh: None,
        schema: None,
        source: SourceKind::Fixed("recorded".into()),
        optional: OptionalEvidence::Required,
        shape,
        ty,
        clauses: BTreeMap::new(),
    }
}

pub fn rows(path: &str, shape: Shape) -> EvidenceDefinition {
    definition(EvidenceFiles::Path(path.into()), EvidenceShape::Rows(shape))
}

pub fn many(pattern: &str, shape: Shape) -> EvidenceDefinition {
    definition(EvidenceFiles::Pattern(pattern.into()), EvidenceShape::Rows(shape))
}

pub fn document(path: &str, shape: Shape) -> EvidenceDefinition {
    definition(EvidenceFiles::Path(path.into()), EvidenceShape::Document(shape))
}

pub fn path(text: &str) -> Vec<Arc<str>> {
    text.split('.').map(Arc::from).collect()
}

pub fn fresh(mut definition: EvidenceDefinition, of: &str, within: i64) -> EvidenceDefinition {
    definition.fresh = Some(Freshness { within: duration(within), of: path(of), ahead: duration(300 * SECOND) });
    definition
}

pub fn version(mut definition: EvidenceDefinition, accepted: &[&str]) -> EvidenceDefinition {
    let accepted = accepted.iter().map(|v| Arc::from(*v)).collect();
    definition.version = Some(VersionRule { accepted, at: path("schema_version") });
    definition
}

pub fn source_from(mut definition: EvidenceDefinition, at: &str) -> EvidenceDefinition {
    definition.source = SourceKind::From(path(at));
    definition
}

/// What came out of a reading, rows in evidence order.
#[derive(Debug, PartialEq)]
pub struct Read {
    pub report: ReadReport,
    pub rows: Vec<(u64, Option<String>, Value)>,
}

impl Read {
    pub fn faults(&self) -> &[EvidenceFault] {
        match &self.report.outcome {
            EvidenceOutcome::Unusable { faults, .. } => faults,
            _ => &[],
        }
    }

    pub fn total(&self) -> u64 {
        match &self.report.outcome {
            EvidenceOutcome::Unusable { total, .. } => *total,
            _ => 0,
        }
    }

    /// Code, place, column and message of each fault, a line each.
    pub fn told(&self) -> Vec<String> {
        self.faults().iter().map(told).collect()
    }

    #[track_caller]
    pub fn usable(self) -> Self {
        assert_eq!(self.told(), Vec::<String>::new());
        assert_ne!(self.report.outcome, EvidenceOutcome::Absent);
        self
    }
}

pub fn told(fault: &EvidenceFault) -> String {
    let code = fault.code.trim_start_matches("rspp::evidence::");
    let place = fault.place.as_ref().map_or("-".to_owned(), |p| match &p.pointer {
        Some(pointer) => format!("{}:{}{pointer}", p.file, p.line),
        None => format!("{}:{}", p.file, p.line),
    });
    let column = fault.column.map_or(String::new(), |c| format!(" column {c}"));
    let key = fault.place.as_ref().and_then(|p| p.key.clone()).map_or(String::new(), |k| format!(" key {k}"));
    format!("{code} {place}{column}{key}: {}", fault.message)
}

/// Keeps everything that comes.
#[derive(Default)]
pub struct Keeping {
    pub batches: Mutex<Vec<Batch>>,
    pub stop_after: Option<usize>,
}

impl BatchSink for Keeping {
    fn take(&self, batch: Batch) -> Flow {
        let mut batches = self.batches.lock().unwrap();
        batches.push(batch);
        if self.stop_after.is_some_and(|n| batches.len() >= n) { Flow::Stop } else { Flow::Continue }
    }
}

impl Keeping {
    pub fn rows(self) -> Vec<(u64, Option<String>, Value)> {
        let mut rows = Vec::new();
        for batch in self.batches.into_inner().unwrap() {
            for row in 0..batch.len {
                let origin = batch.origin(row);
                let ordinal = batch.first + row as u64;
                assert_eq!(origin.as_ref().map_or(ordinal, |o| o.ordinal), ordinal);
                rows.push((ordinal, origin.map(|o| o.to_string()), batch.row(row)));
            }
        }
        rows.sort_by_key(|(ordinal, ..)| *ordinal);
        assert!(rows.iter().enumerate().all(|(i, (ordinal, ..))| i as u64 == *ordinal), "gaps or repeats: {rows:?}");
        rows
    }
}

/// Reads with everything else as it mostly is.
pub struct Setting<'h> {
    pub host: &'h dyn Host,
    pub limits: ReadLimits,
    pub accepted: Vec<Arc<str>>,
    pub projection: Projection,
    pub elsewhere: Option<&'h str>,
}

impl<'h> Setting<'h> {
    pub fn of(host: &'h dyn Host) -> Self {
        let accepted = ["synthetic", "recorded", "live"].map(Arc::from).to_vec();
        Self { host, limits: ReadLimits::default(), accepted, projection: Projection::everything(), elsewhere: None }
    }

    pub fn read(&self, definition: &EvidenceDefinition) -> Read {
        self.read_below("/root", definition)
    }

    pub fn read_below(&self, root: &str, definition: &EvidenceDefinition) -> Read {
        let root = Root::new(self.host, Path::new(root)).unwrap();
        let evidence = [Arc::new(definition.clone())];
        let constants = Constants::new(Arc::new(Policy::default()), BTreeMap::new());
        let mut source = FileSource::new(self.host, &root, &evidence, &constants, Num::from(AS_OF), &self.accepted)
            .with_limits(self.limits.clone());
        if let Some(path) = self.elsewhere {
            source = source.with_path("e", Path::new("/desk"), path);
        }
        let sink = Keeping::default();
        let report = source.read("e", &self.projection, &sink);
        Read { report, rows: sink.rows() }
    }
}

/// Reads one file of these bytes.
pub fn read_one(definition: &EvidenceDefinition, bytes: impl AsRef<[u8]>) -> Read {
    let host = MemHost::new();
    let EvidenceFiles::Path(path) = &definition.files else { panic!("one file") };
    host.put(format!("/root/{path}"), bytes);
    Setting::of(&host).read(definition)
}
