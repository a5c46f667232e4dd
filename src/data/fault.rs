//! What can go wrong while a checked policy is evaluated, evidence apart.

use super::Origin;
use std::sync::Arc;

/// A fault of evaluation. The gate that meets one is an `error` that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A number left the range of exact arithmetic.
    Overflow {
        /// What was computed, in words: `a sum`, `a duration`.
        what: &'static str,
    },
    /// `only(..)` met two or more rows.
    OnlyFoundMany {
        /// Where the first two come from, when they are rows of evidence.
        places: Vec<Arc<Origin>>,
    },
    /// A list that has to be held in memory went over the limit.
    Memory {
        /// What was to be held.
        what: Arc<str>,
        /// Its bytes and those that were held before it, where they are known.
        needs: Option<(u64, u64)>,
        /// The limit in bytes.
        limit: u64,
    },
    /// `per` met more groups than are kept.
    TooManyGroups {
        /// The limit.
        limit: usize,
    },
    /// An evidence that this value is made of cannot be used. Its faults are told once, with
    /// the evidence itself.
    EvidenceUnusable {
        /// The evidence's name.
        evidence: Arc<str>,
    },
    /// `candidate` was read and none was given.
    NoCandidate,
    /// Something the checker should have refused: a bug of this program.
    Internal {
        /// What was met.
        what: Arc<str>,
    },
}

impl std::fmt::Display for Fault {
    /// In words for people, lower case, no full stop.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Overflow { what } => write!(f, "{what} is too large for exact arithmetic"),
            Self::OnlyFoundMany { places } => {
                f.write_str("`only` found two rows or more where at most one may be")?;
                for (i, place) in places.iter().enumerate() {
                    write!(f, "{} {place}", if i == 0 { ":" } else { "," })?;
                }
                Ok(())
            }
            Self::Memory { what, needs, limit } => {
                match needs {
                    Some((bytes, 0)) => write!(f, "{what} takes {bytes} bytes of memory")?,
                    Some((bytes, held)) => {
                        write!(f, "{what} takes {bytes} bytes of memory beside the {held} that are held already")?;
                    }
                    None => write!(f, "{what} takes more memory than there may be")?,
                }
                write!(f, "; the limit is {limit} bytes, and `--memory` raises it")
            }
            Self::TooManyGroups { limit } => write!(f, "`per` makes more than {limit} groups"),
            Self::EvidenceUnusable { evidence } => write!(f, "evidence `{evidence}` cannot be used"),
            Self::NoCandidate => f.write_str("the gate reads `candidate`, and no release candidate was given"),
            Self::Internal { what } => write!(f, "internal: {what}"),
        }
    }
}
