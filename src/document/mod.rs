//! A person's own document, judged by a contract of the policy and by the schema that it is paired
//! with: every fault, with its place in the document's text.
//!
//! Job: which contract a word on the command line means ([`Kinds`]), reading of one document
//! ([`read`]), judgement ([`judge`]), and both as messages and as JSON. May import: `evidence` (to read
//! texts), `eval`, `schema`, `model`, `data`, `diag`, `source`. Deliberately absent: files, which
//! come as bytes; gates and evidence, which judge documents for themselves.

mod diagnostics;
mod json;
mod kinds;
mod merge;
mod places;

pub use diagnostics::{CODES, fault, not_read, unreadable};
pub use json::{SCHEMA_VERSION, json_line};
pub use kinds::{Kind, Kinds};

use crate::data::Json;
use crate::data::Projection;
use crate::diag::Diagnostic;
use crate::eval::Globals;
use crate::eval::decode::{DecodeFault, DecodeReport, Decoder, objections};
use crate::evidence::{parse_json, parse_yaml};
use crate::model::Shape;
use crate::source::{SourceId, SourceMap, Span};

/// The largest document, in bytes: far beyond what people write, and small in memory.
pub const MAX_BYTES: u64 = 32 << 20;
/// Faults of a schema that are looked at.
const MOST_OBJECTIONS: usize = 10_000;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// JSON.
    Json,
    /// YAML 1.2.
    Yaml,
}

impl Notation {
    /// As the ending of a file's name says; JSON where it says nothing.
    pub fn of_name(name: &str) -> Self {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if ["yaml", "yml"].iter().any(|yaml| ending.eq_ignore_ascii_case(yaml)) { Self::Yaml } else { Self::Json }
    }
}

/// A document that could be read.
#[derive(Debug)]
pub struct Document {
    /// What it holds.
    pub json: Json,
    /// Its text among the sources.
    pub source: SourceId,
    notation: Notation,
}

/// Who objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    /// Fields and rules of the contract.
    pub contract: bool,
    /// The paired schema.
    pub schema: bool,
}

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A stable code such as `rspp::evidence::wrong-type`.
    pub code: &'static str,
    /// The field in words, such as `edges[0].from`, or `(document)`.
    pub path: String,
    /// JSON pointer to the field, also where it is not there.
    pub pointer: String,
    /// The place in the document.
    pub span: Span,
    /// What is wrong, printable.
    pub message: String,
    /// What should have been there, where the message does not say it.
    pub expected: Option<String>,
    /// Who objects.
    pub by: By,
    /// What the schema says, where it objects.
    pub schema_says: Vec<String>,
    /// The place in the policy that demands it.
    pub policy: Option<Span>,
}

/// What was found out about a document.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// Everything wrong, in the order of the document.
    pub faults: Vec<Fault>,
    /// Faults beyond those that are kept.
    pub more: u64,
    /// Advice that is not taken, in the order of the document.
    pub advice: Vec<Fault>,
}

impl Judgement {
    /// Whether nothing is wrong.
    pub fn conforms(&self) -> bool {
        self.faults.is_empty() && self.more == 0
    }
}

/// Reads a document: one value, UTF-8, no name twice. Its text is added to `sources`.
///
/// # Errors
/// The first thing that is wrong with the text.
pub fn read(
    bytes: &[u8],
    name: &str,
    notation: Notation,
    sources: &mut SourceMap,
) -> Result<Document, Box<Diagnostic>> {
    let text = std::str::from_utf8(bytes).map_err(|e| diagnostics::not_utf8(bytes, e.valid_up_to(), name))?;
    let source = sources.add(name, text);
    let parsed = match notation {
        Notation::Json => parse_json(text),
        Notation::Yaml => parse_yaml(text),
    };
    match parsed {
        Ok(json) => Ok(Document { json, source, notation }),
        Err(wrong) => Err(diagnostics::no_value(&wrong, source, text).into()),
    }
}

/// Judges a document by a contract, with or without its advice.
pub fn judge(
    document: &Document,
    kind: &Kind<'_>,
    advice: bool,
    globals: &dyn Globals,
    sources: &SourceMap,
) -> Judgement {
    let mut decoder = Decoder::new(globals).without_schemas();
    if advice {
        decoder = decoder.advising();
    }
    let mut report = DecodeReport::default();
    decoder.decode(&document.json, &Shape::Named(kind.id), &Projection::everything(), &mut report);
    let schema = kind.named.schema().and_then(|s| globals.policy().schemas.get(&s.name));
    let (said, left) = match schema {
        Some(schema) => objections(schema, &document.json, MOST_OBJECTIONS),
        None => (Vec::new(), 0),
    };
    let text = sources.get(document.source).map_or("", |s| s.text());
    let places = places::Places { document, text };
    let mut faults = merge::merged(report.faults, said, schema.is_some(), &places);
    faults.sort_by(|a, b| (a.span, &a.path, &a.message).cmp(&(b.span, &b.path, &b.message)));
    let alone = By { contract: true, schema: false };
    let mut advice: Vec<Fault> = report.advice.into_iter().map(|f| placed(f, alone, &places)).collect();
    advice.sort_by(|a, b| (a.span, &a.path, &a.message).cmp(&(b.span, &b.path, &b.message)));
    Judgement { faults, more: report.more.saturating_add(left as u64), advice }
}

/// A fault of the contract with its place.
fn placed(fault: DecodeFault, by: By, places: &places::Places<'_>) -> Fault {
    let span = places.of_fault(&fault);
    let DecodeFault { code, mut pointer, path, lacking, touches: _, at: _, message, expected, help: _, policy } = fault;
    if let Some(key) = &lacking {
        pointer = merge::below(&pointer, key);
    }
    Fault { code, path, pointer, span, message, expected, by, schema_says: Vec::new(), policy }
}
