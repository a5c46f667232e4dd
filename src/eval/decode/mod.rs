//! Reading of undecoded values by shape. See [`Decoder`].
//!
//! What is absent, null, unreadable, a sentinel and a default are five things (language
//! reference, "Missing values"); this is where they are told apart. Faults are collected, not
//! thrown: one reading tells everything that is wrong.

mod expected;
mod paired;
mod path;
mod records;
mod rules;
mod scalars;

pub use expected::expected;
pub use paired::{Objection, objections};
pub use path::path_of;
pub use records::may_be_absent;

use super::{Env, Globals, Interpreter};
use crate::data::{Fault, Json, JsonKind, Origin, Projection, Value};
use crate::diag::{did_you_mean as nearest, printable as escaped};
use crate::model::{Refinement, Shape};
use crate::source::Span;
use path::{Step, Trail};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Reads [`Json`] trees into values of a shape's type, and judges refinements and rules.
#[derive(Clone, Copy)]
pub struct Decoder<'g> {
    globals: &'g dyn Globals,
    locate: Option<&'g dyn Locate>,
    /// The schemas that contracts are paired with are asked too.
    schemas: bool,
    /// Advice is looked at.
    advice: bool,
}

/// Faults of one value that are kept; more are counted.
const MOST_FAULTS: usize = 10_000;

/// Says where the records of a document's lists come from.
pub trait Locate: Sync {
    /// The origin of a record that is an element of a list (or a value of a map), or nothing.
    fn origin(&self, pointer: &str, at: u64) -> Option<Arc<Origin>>;
}

/// What was found while reading one value.
#[derive(Debug, Clone, Default)]
pub struct DecodeReport {
    /// Everything wrong, in reading order; a value that is wrong all over is cut short.
    pub faults: Vec<DecodeFault>,
    /// How many more there are than are kept.
    pub more: u64,
    /// Advice that was not taken, where somebody asks for it.
    pub advice: Vec<DecodeFault>,
    /// Unreadable values of `lenient` fields, by dotted field path.
    pub unreadable: BTreeMap<Arc<str>, u64>,
}

/// One thing wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeFault {
    /// A stable code such as `rspp::evidence::wrong-type`.
    pub code: &'static str,
    /// JSON pointer from the value that was read.
    pub pointer: String,
    /// The field in words, such as `edges[0].from`, or `(document)`. A key that is not there has a
    /// path and no pointer of its own.
    pub path: String,
    /// The key that should be there in what stands at the pointer.
    pub lacking: Option<Arc<str>>,
    /// Of a rule: the fields that it reads, as paths.
    pub touches: Vec<String>,
    /// Byte offset in the file ([`Json::at`]).
    pub at: u64,
    /// What is wrong, printable.
    pub message: String,
    /// What should have been there, printable, where the message does not say it.
    pub expected: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The place in the policy that demands it.
    pub policy: Option<Span>,
}

impl std::fmt::Display for DecodeFault {
    /// Path, what is wrong, what should have been there.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path, self.message)?;
        self.expected.as_ref().map_or(Ok(()), |expected| write!(f, "; {expected}"))
    }
}

/// Codes of the faults made here; each has its page.
pub const CODES: &[&str] = &[
    "rspp::evidence::wrong-type",
    "rspp::evidence::null",
    "rspp::evidence::missing-field",
    "rspp::evidence::unknown-field",
    "rspp::evidence::unknown-word",
    "rspp::evidence::two-spellings",
    "rspp::evidence::unreadable-value",
    "rspp::evidence::rule",
];

/// Collects what one reading finds.
struct Reading<'r> {
    trail: Trail,
    report: &'r mut DecodeReport,
    /// Values that could not be read so far. Other faults leave a value that rules can ask.
    lost: u64,
    /// Unknown keys pass here: a record around it is open everywhere.
    tolerant: bool,
    /// The place in the policy of the field that is being read.
    demand: Option<Span>,
}

/// How much was found at one moment.
#[derive(Clone, Copy)]
struct Mark {
    faults: usize,
    more: u64,
    lost: u64,
}

/// A fault before its place is known.
struct Said {
    code: &'static str,
    at: u64,
    message: String,
    expected: Option<String>,
    help: Option<String>,
    lacking: Option<Arc<str>>,
    touches: Vec<String>,
}

impl Said {
    fn new(code: &'static str, at: u64, message: String) -> Self {
        Self { code, at, message, expected: None, help: None, lacking: None, touches: Vec::new() }
    }
}

impl<'r> Reading<'r> {
    fn new(report: &'r mut DecodeReport) -> Self {
        Self { trail: Trail::default(), report, lost: 0, tolerant: false, demand: None }
    }

    fn mark(&self) -> Mark {
        Mark { faults: self.report.faults.len(), more: self.report.more, lost: self.lost }
    }

    /// Whether something was found since.
    fn found_since(&self, mark: Mark) -> bool {
        self.report.faults.len() > mark.faults || self.report.more > mark.more
    }

    /// Forgets what was found since.
    fn forget(&mut self, mark: Mark) {
        self.report.faults.truncate(mark.faults);
        self.report.more = mark.more;
        self.lost = mark.lost;
    }

    /// A fault of the value that is being read: there is no value.
    fn fault(&mut self, code: &'static str, at: u64, message: String) -> Value {
        self.lose(Said::new(code, at, message))
    }

    fn lose(&mut self, said: Said) -> Value {
        self.lost += 1;
        let demand = self.demand;
        self.tell(said, None, demand);
        Value::Missing
    }

    /// A fault beside a value that was read. `path` is given where it is not the trail's.
    fn tell(&mut self, said: Said, path: Option<String>, policy: Option<Span>) {
        if self.report.faults.len() >= MOST_FAULTS {
            self.report.more += 1;
            return;
        }
        let fault = self.placed(said, path, policy);
        self.report.faults.push(fault);
    }

    /// A fault inside of the value that is being read, at a pointer from there.
    fn tell_inside(&mut self, said: Said, path: String, pointer: &str, policy: Option<Span>) {
        let before = self.report.faults.len();
        self.tell(said, Some(path), policy);
        if let Some(fault) = self.report.faults.get_mut(before) {
            fault.pointer.push_str(pointer);
        }
    }

    /// Advice that is not taken.
    fn advise(&mut self, said: Said, path: String, pointer: &str, rule: Span) {
        if self.report.advice.len() < MOST_FAULTS {
            let mut fault = self.placed(said, Some(path), Some(rule));
            fault.pointer.push_str(pointer);
            self.report.advice.push(fault);
        }
    }

    fn placed(&self, said: Said, path: Option<String>, policy: Option<Span>) -> DecodeFault {
        let Said { code, at, message, expected, help, lacking, touches } = said;
        let path = path.unwrap_or_else(|| match &lacking {
            Some(key) => self.trail.path_below(key),
            None => self.trail.path(),
        });
        let pointer = self.trail.pointer();
        DecodeFault { code, pointer, path, lacking, touches, at, message, expected, help, policy }
    }
}

impl<'g> Decoder<'g> {
    /// With these globals; [`super::Constants`] is enough.
    pub fn new(globals: &'g dyn Globals) -> Self {
        Self { globals, locate: None, schemas: true, advice: false }
    }

    /// Records in lists get their origin from here.
    #[must_use]
    pub fn locating(mut self, locate: &'g dyn Locate) -> Self {
        self.locate = Some(locate);
        self
    }

    /// The schemas that contracts are paired with are not asked.
    #[must_use]
    pub fn without_schemas(mut self) -> Self {
        self.schemas = false;
        self
    }

    /// Advice is looked at as well.
    #[must_use]
    pub fn advising(mut self) -> Self {
        self.advice = true;
        self
    }

    /// Reads a value. What nobody reads by `projection` is checked all the same and comes out
    /// missing. With faults in the report the value means nothing.
    pub fn decode(&self, json: &Json, shape: &Shape, projection: &Projection, report: &mut DecodeReport) -> Value {
        let mut reading = Reading::new(report);
        self.read(json, shape, projection, &mut reading)
    }

    /// The value, if it can be read without a fault.
    pub fn accept(&self, json: &Json, shape: &Shape) -> Option<Value> {
        let mut report = DecodeReport::default();
        let value = self.decode(json, shape, &Projection::everything(), &mut report);
        report.faults.is_empty().then_some(value)
    }

    /// Everything wrong with a value.
    pub fn faults(&self, json: &Json, shape: &Shape) -> DecodeReport {
        let mut report = DecodeReport::default();
        self.decode(json, shape, &Projection::everything(), &mut report);
        report
    }

    /// Whether a value that was read already meets the conditions of a refined type.
    ///
    /// # Errors
    /// As the conditions.
    pub fn meets(&self, value: &Value, shape: &Shape) -> Result<bool, Fault> {
        match shape {
            Shape::Named(id) => match self.globals.policy().shapes.get(id.index()) {
                Some(named) => self.meets(value, &named.shape),
                None => Err(Fault::Internal { what: "a shape that is not there".into() }),
            },
            Shape::Optional(inner) => self.meets(value, inner),
            Shape::Refined(refinement) => {
                Ok(self.meets(value, &refinement.base)? && self.refined(value.clone(), refinement)?)
            }
            _ => Ok(true),
        }
    }

    fn refined(&self, value: Value, refinement: &Refinement) -> Result<bool, Fault> {
        let mut env = Env::new();
        env.bind(refinement.this, value);
        Interpreter::new(self.globals).holds(&refinement.condition, &mut env)
    }

    fn read(&self, json: &Json, shape: &Shape, projection: &Projection, reading: &mut Reading<'_>) -> Value {
        match shape {
            Shape::Named(id) => match self.globals.policy().shapes.get(id.index()) {
                Some(named) => {
                    let (before, tolerant) = (reading.mark(), reading.tolerant);
                    let value = self.read(json, &named.shape, projection, reading);
                    // A schema cannot be told that keys pass which it does not know; and what fields and
                    // rules have said is enough.
                    if let (Some(schema), true, false) = (named.schema(), self.schemas, tolerant)
                        && !reading.found_since(before)
                    {
                        self.paired(json, &schema.name, reading);
                    }
                    value
                }
                None => reading.fault("rspp::evidence::wrong-type", json.at, "a shape that is not there".to_owned()),
            },
            Shape::Optional(inner) => self.read(json, inner, projection, reading),
            Shape::Refined(refinement) => {
                let before = reading.mark();
                let value = self.read(json, &refinement.base, &Projection::everything(), reading);
                if reading.found_since(before) {
                    return value;
                }
                match self.refined(value.clone(), refinement) {
                    Ok(true) => value,
                    Ok(false) => {
                        let message = format!("{} is no `{}`", scalars::shown(json), refinement.name);
                        let said = Said::new("rspp::evidence::rule", json.at, message);
                        reading.lose(Said { expected: Some(format!("expected `{}`", refinement.source)), ..said })
                    }
                    Err(fault) => reading.fault("rspp::evidence::rule", json.at, fault.to_string()),
                }
            }
            Shape::Json => Value::Json(Arc::new(json.clone())),
            Shape::Record(record) => self.record(json, record, projection, reading),
            Shape::List(element) => match &json.kind {
                JsonKind::List(items) => {
                    let mut made = Vec::with_capacity(items.len());
                    for (i, item) in items.iter().enumerate() {
                        reading.trail.steps.push(Step::Index(i));
                        let value = self.element(item, element, projection, reading);
                        made.push(self.located(value, item.at, reading));
                        reading.trail.steps.pop();
                    }
                    Value::list(made)
                }
                _ => scalars::wrong(json, "a list", reading),
            },
            Shape::Map(key, value) => self.map(json, key, value, projection, reading),
            scalar => scalars::read(json, scalar, reading),
        }
    }

    /// An element of a list or a value of a map. It has no key that could be absent, so `null`
    /// is how the data says that one is missing, where its type allows that.
    fn element(&self, json: &Json, shape: &Shape, projection: &Projection, reading: &mut Reading<'_>) -> Value {
        let undecoded = matches!(shape.inner(), Shape::Json);
        if json.kind == JsonKind::Null && matches!(shape, Shape::Optional(_)) && !undecoded {
            return Value::Missing;
        }
        self.read(json, shape, projection, reading)
    }

    fn map(
        &self,
        json: &Json,
        key_shape: &Shape,
        value_shape: &Shape,
        projection: &Projection,
        reading: &mut Reading<'_>,
    ) -> Value {
        let JsonKind::Object(entries) = &json.kind else {
            return scalars::wrong(json, "an object", reading);
        };
        let below = projection.below("value");
        let mut made: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
        let mut seen: HashMap<Value, &Arc<str>> = HashMap::new();
        for (key, item) in entries.iter() {
            reading.trail.steps.push(Step::Key(key.clone()));
            let key_json = Json { kind: JsonKind::Text(key.clone()), at: item.at };
            let key_value = self.read(&key_json, key_shape, &Projection::everything(), reading);
            if let Some(first) = seen.insert(key_value.clone(), key).filter(|_| !key_value.is_missing()) {
                let (first, key) = (scalars::cut(first), scalars::cut(key));
                let message = format!("the keys \"{first}\" and \"{key}\" read as the same");
                reading.fault("rspp::evidence::two-spellings", item.at, message);
            }
            let value = self.element(item, value_shape, &below, reading);
            made.push((key_value, self.located(value, item.at, reading)));
            reading.trail.steps.pop();
        }
        made.sort_by(|a, b| a.0.order(&b.0));
        Value::list(made.into_iter().map(|(k, v)| Value::record(vec![k, v])).collect::<Vec<_>>())
    }

    /// Gives a record in a list its origin.
    fn located(&self, value: Value, at: u64, reading: &Reading<'_>) -> Value {
        let (Some(locate), Value::Record(record)) = (self.locate, &value) else {
            return value;
        };
        match locate.origin(&reading.trail.pointer(), at) {
            Some(origin) => {
                Value::Record(Arc::new(crate::data::Record { fields: record.fields.clone(), origin: Some(origin) }))
            }
            None => value,
        }
    }
}

/// Text from evidence without control characters.
fn printable(text: &str) -> String {
    escaped(text).into_owned()
}
