//! What a pass collects of one group of a gate's rows.

use super::kept::{FirstViolations, RowKey, WorstRows};
use super::pass::Started;
use crate::data::{Fault, Value};
use crate::plan::RowsPlan;
use crate::registry::Accumulator;

/// Counts, figures and violations of one group; parts made by several threads merge.
pub(super) struct GroupState {
    pub(super) in_scope: u64,
    pub(super) broken: u64,
    pub(super) missing: u64,
    pub(super) excluded: u64,
    pub(super) worst: u64,
    pub(super) sample: u64,
    pub(super) violation_count: u64,
    pub(super) violations: FirstViolations,
    /// Rows that broke an `each` and that a waiver excuses, by waiver.
    pub(super) excused: Vec<Excused>,
    /// One for each aggregate of row values, then one for each over the sample.
    pub(super) accumulators: Vec<Box<dyn Accumulator>>,
    /// The worst rows, for the aggregates that have a bad end.
    pub(super) worst_rows: Vec<Option<WorstRows>>,
    /// One for each quantifier over the sample.
    pub(super) quantifiers: Vec<Decided>,
    /// The sample, if something reads it as a whole.
    pub(super) rows: Vec<(RowKey, Value)>,
    /// Bytes charged for it so far.
    pub(super) charged: u64,
}

/// The rows of a group that one waiver excuses, and the first that it cannot be asked of.
#[derive(Debug, Default)]
pub(super) struct Excused {
    pub(super) rows: u64,
    pub(super) fault: Option<(RowKey, Fault)>,
}

impl Excused {
    pub(super) fn fail(&mut self, key: RowKey, fault: Fault) {
        if self.fault.as_ref().is_none_or(|(known, _)| key < *known) {
            self.fault = Some((key, fault));
        }
    }

    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        if let Some((key, fault)) = other.fault {
            self.fail(key, fault);
        }
    }
}

/// How far a quantifier has come: it is decided by the first element that settles it, unless an
/// element before that one faults.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub(super) by: Option<RowKey>,
    pub(super) fault: Option<(RowKey, Fault)>,
}

impl Decided {
    pub(super) fn settle(&mut self, key: RowKey) {
        self.by = Some(self.by.map_or(key, |k| k.min(key)));
    }

    pub(super) fn fail(&mut self, key: RowKey, fault: Fault) {
        if self.fault.as_ref().is_none_or(|(known, _)| key < *known) {
            self.fault = Some((key, fault));
        }
    }

    fn merge(&mut self, other: Self) {
        if let Some(key) = other.by {
            self.settle(key);
        }
        if let Some((key, fault)) = other.fault {
            self.fail(key, fault);
        }
    }

    /// Whether an element settled it.
    pub(super) fn finish(&self) -> Result<bool, Fault> {
        match (&self.by, &self.fault) {
            (Some(by), Some((at, fault))) if at <= by => Err(fault.clone()),
            (None, Some((_, fault))) => Err(fault.clone()),
            (by, _) => Ok(by.is_some()),
        }
    }
}

impl GroupState {
    /// An empty one.
    pub(super) fn new(plan: &RowsPlan, started: &Started) -> Result<Self, Fault> {
        Ok(Self {
            in_scope: 0,
            broken: 0,
            missing: 0,
            excluded: 0,
            worst: 0,
            sample: 0,
            violation_count: 0,
            violations: FirstViolations::default(),
            excused: plan.excused.iter().map(|_| Excused::default()).collect(),
            accumulators: started.accumulators()?,
            worst_rows: plan.aggregates.iter().map(|a| a.worst.map(WorstRows::new)).collect(),
            quantifiers: plan.sample_quantifiers.iter().map(|_| Decided::default()).collect(),
            rows: Vec::new(),
            charged: 0,
        })
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<(), Fault> {
        self.in_scope += other.in_scope;
        self.broken += other.broken;
        self.missing += other.missing;
        self.excluded += other.excluded;
        self.worst += other.worst;
        self.sample += other.sample;
        self.violation_count += other.violation_count;
        self.violations.merge(other.violations);
        for (mine, theirs) in self.excused.iter_mut().zip(other.excused) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.accumulators.iter_mut().zip(other.accumulators) {
            mine.merge(theirs)?;
        }
        for (mine, theirs) in self.worst_rows.iter_mut().zip(other.worst_rows) {
            if let (Some(mine), Some(theirs)) = (mine, theirs) {
                mine.merge(theirs);
            }
        }
        for (mine, theirs) in self.quantifiers.iter_mut().zip(other.quantifiers) {
            mine.merge(theirs);
        }
        self.rows.extend(other.rows);
        self.charged += other.charged;
        Ok(())
    }

    /// Bytes held, rows of the sample apart (those are charged as they come).
    pub(super) fn bytes(&self) -> u64 {
        size_of::<Self>() as u64 + self.accumulators.iter().map(|a| a.held()).sum::<u64>() + self.violations.bytes()
    }
}
