//! Reading of undecoded values by shape. See [`Decoder`].

use super::Globals;
use crate::data::{Json, Projection, Value};
use crate::model::Shape;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads [`Json`] trees into values of a shape's type, and judges refinements and rules.
#[derive(Clone, Copy)]
pub struct Decoder<'g> {
    globals: &'g dyn Globals,
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

impl<'g> Decoder<'g> {
    /// With these globals; [`super::Constants`] is enough.
    pub fn new(globals: &'g dyn Globals) -> Self {
        Self { globals }
    }

    /// Reads a value. What nobody reads by `projection` is checked all the same and comes out
    /// missing. With faults in the report the value means nothing.
    pub fn decode(&self, json: &Json, shape: &Shape, projection: &Projection, report: &mut DecodeReport) -> Value {
        let _ = (json, shape, projection, report, self.globals);
        Value::Missing
    }
}
