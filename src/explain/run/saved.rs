//! A saved report as far as it is read here: the stored form of `rspp-gates.gate-run.v1`.
//! Fields that later versions of the form add are passed over.

use crate::data::{Num, Type, Value};
use crate::report::values::brief;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub(super) struct Report {
    #[serde(default)]
    pub(super) run_id: String,
    #[serde(default)]
    pub(super) engine: Engine,
    pub(super) policy: Policy,
    pub(super) profile: String,
    #[serde(default)]
    pub(super) only: Vec<String>,
    pub(super) as_of: String,
    #[serde(default)]
    pub(super) as_of_origin: String,
    pub(super) gates: Vec<Gate>,
    #[serde(default)]
    pub(super) evidence: Vec<Evidence>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Engine {
    #[serde(default)]
    pub(super) version: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Policy {
    #[serde(default)]
    pub(super) name: String,
    pub(super) sha256: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Gate {
    pub(super) gate_id: String,
    /// What the gate asked, as a digest; older reports do not say it.
    #[serde(default)]
    pub(super) gate_digest: String,
    pub(super) verdict: String,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) counted: bool,
    #[serde(default)]
    pub(super) fix: Option<String>,
    #[serde(default)]
    pub(super) reasons: Vec<Reason>,
    #[serde(default)]
    pub(super) blocked_by: Vec<String>,
    #[serde(default)]
    pub(super) would_be: Option<String>,
    #[serde(default)]
    pub(super) waived_by: Vec<String>,
    #[serde(default)]
    pub(super) evidence_refs: Vec<String>,
    pub(super) ledger: Ledger,
    #[serde(default)]
    pub(super) metrics: BTreeMap<String, Metric>,
    #[serde(default)]
    pub(super) samples: Option<Samples>,
    #[serde(default)]
    pub(super) empty: Option<String>,
    #[serde(default)]
    pub(super) violation_count: u64,
    #[serde(default)]
    pub(super) violations: Vec<Violation>,
    #[serde(default)]
    pub(super) groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Group {
    #[serde(default)]
    pub(super) group: BTreeMap<String, String>,
    pub(super) verdict: String,
    #[serde(default)]
    pub(super) reasons: Vec<Reason>,
    pub(super) ledger: Ledger,
    #[serde(default)]
    pub(super) metrics: BTreeMap<String, Metric>,
    #[serde(default)]
    pub(super) samples: Option<Samples>,
    #[serde(default)]
    pub(super) empty: Option<String>,
    #[serde(default)]
    pub(super) violation_count: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Ledger {
    pub(super) read: u64,
    pub(super) in_scope: u64,
    pub(super) broken: u64,
    pub(super) missing: u64,
    pub(super) excluded: u64,
    pub(super) worst: u64,
    pub(super) sample: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Metric {
    pub(super) formula: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    pub(super) value: Option<Exact>,
    #[serde(default)]
    pub(super) beyond: Option<String>,
    pub(super) n: u64,
    #[serde(default)]
    pub(super) thresholds: Vec<Threshold>,
    #[serde(default)]
    pub(super) worst_rows: Vec<WorstRow>,
    /// Exact bounds of a gate that decides by them.
    #[serde(default)]
    pub(super) bounds: Option<Json>,
}

impl Metric {
    /// The type of the figure, as far as its name says it.
    pub(super) fn ty(&self) -> Type {
        Type::named(&self.r#type).unwrap_or(Type::Decimal)
    }

    /// The type of distances between figures.
    pub(super) fn distance(&self) -> Type {
        match self.ty() {
            Type::Instant => Type::DURATION,
            other => other,
        }
    }
}

/// A number as a report tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Exact {
    pub(super) text: String,
    #[serde(default)]
    num: Option<serde_json::Number>,
    #[serde(default)]
    den: Option<serde_json::Number>,
}

impl Exact {
    /// The number for people: where the exact one is long, a short one and the exact one.
    pub(super) fn told(&self, ty: &Type) -> String {
        let Some(number) = self.number() else { return self.text.clone() };
        let short = brief(&Value::Num(number), ty);
        if short == self.text { short } else { format!("{short} (exactly {})", self.text) }
    }

    /// The exact number, if it is one.
    pub(super) fn number(&self) -> Option<Num> {
        let part = |n: &Option<serde_json::Number>| n.as_ref()?.to_string().parse::<i128>().ok();
        Num::new(part(&self.num)?, part(&self.den)?)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Threshold {
    pub(super) text: String,
    pub(super) comparison: String,
    #[serde(default)]
    pub(super) op: Option<String>,
    #[serde(default)]
    pub(super) slack: Option<Exact>,
    /// What is certain, for a gate that decides by bounds.
    #[serde(default)]
    pub(super) certified: Option<Json>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WorstRow {
    #[serde(default)]
    pub(super) value: Option<Exact>,
    #[serde(default)]
    pub(super) beyond: Option<String>,
    pub(super) row: Row,
}

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    #[serde(default)]
    ordinal: u64,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    line: Option<u64>,
    #[serde(default)]
    pointer: Option<String>,
    #[serde(default)]
    key: Option<String>,
}

impl Row {
    /// Where the row stands.
    pub(super) fn place(&self) -> String {
        let mut out = match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.clone(),
            (None, _) => format!("row {}", self.ordinal.saturating_add(1)),
        };
        match (&self.key, &self.pointer) {
            (Some(key), _) => out.push_str(&format!(" (key {key})")),
            (None, Some(pointer)) => out.push_str(&format!(" ({pointer})")),
            (None, None) => {}
        }
        out
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Samples {
    pub(super) found: Exact,
    pub(super) least: u64,
    pub(super) reached: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    pub(super) code: String,
    pub(super) message: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Violation {
    pub(super) message: String,
    pub(super) place: Place,
    #[serde(default)]
    pub(super) row: Option<Row>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Evidence {
    pub(super) name: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) path: String,
    #[serde(default)]
    pub(super) sha256: Option<String>,
    #[serde(default)]
    pub(super) rows: u64,
    #[serde(default)]
    pub(super) source: Option<String>,
    #[serde(default)]
    pub(super) age: Option<Exact>,
    #[serde(default)]
    pub(super) max_age: Option<Exact>,
    #[serde(default)]
    pub(super) unreadable: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) fault_count: u64,
    #[serde(default)]
    pub(super) faults: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Fault {
    pub(super) message: String,
}
