//! Reading of undecoded values by shape. See [`Decoder`].
//!
//! What is absent, null, unreadable, a sentinel and a default are five things (language
//! reference, "Missing values"); this is where they are told apart. Faults are collected, not
//! thrown: one reading tells everything that is wrong.

mod records;
mod scalars;

pub use records::may_be_absent;

use super::{Env, Globals, Interpreter};
use crate::data::{Fault, Json, JsonKind, Origin, Projection, Value};
use crate::diag::{did_you_mean as nearest, printable as escaped};
use crate::model::{Refinement, Shape};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Reads [`Json`] trees into values of a shape's type, and judges refinements and rules.
#[derive(Clone, Copy)]
pub struct Decoder<'g> {
    globals: &'g dyn Globals,
    locate: Option<&'g dyn Locate>,
}

/// Says where the records of a document's lists come from.
pub trait Locate: Sync {
    /// The origin of a record that is an element of a list (or a value of a map), or nothing.
    fn origin(&self, pointer: &str, at: u64) -> Option<Arc<Origin>>;
}

/// What was found while reading one value.
#[derive(Debug, Clone, Default)]
pub struct DecodeReport {
    /// Everything wrong, in reading order.
    pub faults: Vec<DecodeFault>,
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
    /// Byte offset in the file ([`Json::at`]).
    pub at: u64,
    /// What is wrong, printable.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
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

/// The place of the value being read, from the top.
#[derive(Debug, Default)]
struct Trail {
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Key(Arc<str>),
    Index(usize),
}

impl Trail {
    /// RFC 6901.
    fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.steps {
            out.push('/');
            match step {
                Step::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => out.push_str(&index.to_string()),
            }
        }
        out
    }

    /// The names of the fields on the way, list positions left out.
    fn fields(&self) -> String {
        let names: Vec<&str> = self
            .steps
            .iter()
            .filter_map(|s| match s {
                Step::Key(key) => Some(&**key),
                Step::Index(_) => None,
            })
            .collect();
        names.join(".")
    }
}

/// Collects what one reading finds.
struct Reading<'r> {
    trail: Trail,
    report: &'r mut DecodeReport,
}

impl Reading<'_> {
    fn fault(&mut self, code: &'static str, at: u64, message: String) -> Value {
        self.fault_with_help(code, at, message, None)
    }

    fn fault_with_help(&mut self, code: &'static str, at: u64, message: String, help: Option<String>) -> Value {
        let pointer = self.trail.pointer();
        self.report.faults.push(DecodeFault { code, pointer, at, message, help });
        Value::Missing
    }
}

impl<'g> Decoder<'g> {
    /// With these globals; [`super::Constants`] is enough.
    pub fn new(globals: &'g dyn Globals) -> Self {
        Self { globals, locate: None }
    }

    /// Records in lists get their origin from here.
    #[must_use]
    pub fn locating(mut self, locate: &'g dyn Locate) -> Self {
        self.locate = Some(locate);
        self
    }

    /// Reads a value. What nobody reads by `projection` is checked all the same and comes out
    /// missing. With faults in the report the value means nothing.
    pub fn decode(&self, json: &Json, shape: &Shape, projection: &Projection, report: &mut DecodeReport) -> Value {
        let mut reading = Reading { trail: Trail::default(), report };
        self.read(json, shape, projection, &mut reading)
    }

    /// The value, if it can be read without a fault.
    pub fn accept(&self, json: &Json, shape: &Shape) -> Option<Value> {
        let mut report = DecodeReport::default();
        let value = self.decode(json, shape, &Projection::everything(), &mut report);
        report.faults.is_empty().then_some(value)
    }

    /// Everything wrong with a value.
    pub fn faults(&self, json: &Json, shape: &Shape) -> Vec<DecodeFault> {
        let mut report = DecodeReport::default();
        self.decode(json, shape, &Projection::everything(), &mut report);
        report.faults
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
                Some(named) => self.read(json, &named.shape, projection, reading),
                None => reading.fault("rspp::evidence::wrong-type", json.at, "a shape that is not there".to_owned()),
            },
            Shape::Optional(inner) => self.read(json, inner, projection, reading),
            Shape::Refined(refinement) => {
                let before = reading.report.faults.len();
                let value = self.read(json, &refinement.base, &Projection::everything(), reading);
                if reading.report.faults.len() > before {
                    return value;
                }
                match self.refined(value.clone(), refinement) {
                    Ok(true) => value,
                    Ok(false) => {
                        let message = format!("{} is no `{}`", scalars::shown(json), refinement.name);
                        reading.fault("rspp::evidence::rule", json.at, message)
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
