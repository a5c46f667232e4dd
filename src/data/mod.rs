//! Values and their types: exact numbers, records, lists, columns, batches, digests.
//!
//! Job: what flows through the engine, and the seam ([`BatchSource`]) by which evidence enters
//! it. May import: `units`. Deliberately absent: expressions, files, diagnostics, clocks, floats.

mod column;
mod digest;
mod fault;
mod json;
mod num;
pub mod print;
pub mod read;
mod source;
pub mod time;
mod types;
mod value;
mod version;

pub use column::{Batch, Column, Origins, Validity};
pub use digest::Digest;
pub use fault::Fault;
pub use json::{Json, JsonKind};
pub use num::Num;
pub use source::{
    BatchSink, BatchSource, EvidenceFault, EvidenceFile, EvidenceOutcome, EvidenceStatus, Flow, Projection, ReadReport,
};
pub use types::{EnumMember, EnumType, Field, RecordType, Type};
pub use value::{EnumValue, Origin, Record, Value};
pub use version::Version;
