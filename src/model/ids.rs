//! Names and numbers of declared things, each a type of its own.

use std::fmt;
use std::sync::Arc;

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index into the policy's list of its kind.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// A `let`.
    LetId,
    /// A `param`.
    ParamId,
    /// A `def`.
    DefId,
    /// An `evidence`.
    EvidenceId,
    /// A named record or type.
    ShapeId,
    /// A name bound inside an expression: an alias, a quantifier's variable, a parameter, the
    /// row of a pipeline, a gate's `rows`. Unique in the whole policy.
    LocalId,
    /// A place where an expression walks a list: an aggregate's call, a quantifier, a stage. The
    /// planner hangs indexes and shared passes on these. Unique in the whole policy.
    SiteId,
}

/// The number of a named record: its [`ShapeId`].
pub type RecordId = ShapeId;

macro_rules! name {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Arc<str>);

        impl $name {
            /// From its text.
            pub fn new(text: &str) -> Self {
                Self(text.into())
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

name! {
    /// The dotted id of a gate.
    GateId,
    /// The dotted id of a profile.
    ProfileId,
    /// The dotted id of a waiver.
    WaiverId,
}
