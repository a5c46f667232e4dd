//! What expressions read from outside: evidence, lets, other gates' results, the candidate.

use crate::data::Value;
use crate::model::{ArtifactDefinition, EvidenceId, Expr, ExprKind, GateDefinition, GateId, LetId, Limit, Policy};
use crate::registry::{Body, ParameterKind, Signature};
use std::collections::{BTreeMap, BTreeSet};

/// What something reads, through lets, params and defs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reads {
    /// Evidence whose content is read.
    pub evidence: BTreeSet<EvidenceId>,
    /// Evidence of which only its files are asked (`file(x)`).
    pub files: BTreeSet<EvidenceId>,
    /// Lets.
    pub lets: BTreeSet<LetId>,
    /// Gates whose results are read.
    pub results: BTreeSet<GateId>,
    /// Whether the release candidate is read.
    pub candidate: bool,
    /// Whether the file that a row comes from is asked for (`file(this)`): what is known of it is
    /// known when it has been read to its end.
    pub row_files: bool,
}

impl Reads {
    /// Adds what something else reads.
    pub fn add(&mut self, other: &Self) {
        self.evidence.extend(&other.evidence);
        self.files.extend(&other.files);
        self.lets.extend(&other.lets);
        self.results.extend(other.results.iter().cloned());
        self.candidate |= other.candidate;
        self.row_files |= other.row_files;
    }

    /// Evidence that has to be usable: read or asked for its files.
    pub fn all_evidence(&self) -> BTreeSet<EvidenceId> {
        self.evidence.union(&self.files).copied().collect()
    }
}

/// Answers what expressions of one policy read; lets and defs are looked through once.
pub(super) struct ReadsOf<'p> {
    policy: &'p Policy,
    names: BTreeMap<&'p str, EvidenceId>,
    lets: BTreeMap<LetId, Reads>,
    defs: BTreeMap<u32, Reads>,
}

impl<'p> ReadsOf<'p> {
    pub(super) fn new(policy: &'p Policy) -> Self {
        let id = |i: usize| EvidenceId(u32::try_from(i).unwrap_or(u32::MAX));
        let names = policy.evidence.iter().enumerate().map(|(i, e)| (&*e.name, id(i))).collect();
        Self { policy, names, lets: BTreeMap::new(), defs: BTreeMap::new() }
    }

    /// What this expression reads.
    pub(super) fn expr(&mut self, expr: &Expr) -> Reads {
        let mut reads = Reads::default();
        self.collect(expr, &mut reads);
        reads
    }

    /// What a let reads, itself included.
    pub(super) fn of_let(&mut self, id: LetId) -> Reads {
        if let Some(known) = self.lets.get(&id) {
            return known.clone();
        }
        let mut reads = Reads::default();
        reads.lets.insert(id);
        // Lets do not recurse; the entry only guards against a policy that was not checked.
        self.lets.insert(id, reads.clone());
        if let Some(item) = self.policy.lets.get(id.index()) {
            self.collect(&item.value, &mut reads);
        }
        self.lets.insert(id, reads.clone());
        reads
    }

    /// What a gate reads, all its clauses together.
    pub(super) fn gate(&mut self, gate: &GateDefinition) -> Reads {
        let mut reads = Reads::default();
        for expr in gate_exprs(gate) {
            self.collect(expr, &mut reads);
        }
        reads
    }

    /// What an artifact reads, all its clauses together.
    pub(super) fn artifact(&mut self, artifact: &ArtifactDefinition) -> Reads {
        let mut reads = Reads::default();
        for expr in artifact_exprs(artifact) {
            self.collect(expr, &mut reads);
        }
        reads
    }

    fn collect(&mut self, expr: &Expr, into: &mut Reads) {
        let mut nested: Vec<Reads> = Vec::new();
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Let(id) => nested.push(self.of_let(*id)),
            ExprKind::CallDef { def, .. } => nested.push(self.of_def(def.0)),
            ExprKind::Evidence(id) => {
                into.evidence.insert(*id);
            }
            ExprKind::Result(gate) => {
                into.results.insert(gate.clone());
            }
            ExprKind::Candidate => into.candidate = true,
            ExprKind::Call { function, arguments, .. } if matches!(function.body, Body::Ambient(_)) => {
                let named = self.asked_files(function.signature, arguments);
                into.row_files |= named.is_empty();
                into.files.extend(named);
            }
            _ => {}
        });
        nested.iter().for_each(|n| into.add(n));
    }

    /// Evidence named in a call: its name is passed as a text.
    fn asked_files(&self, signature: &str, arguments: &[Expr]) -> Vec<EvidenceId> {
        let Ok(signature) = Signature::parse(signature) else { return Vec::new() };
        let named = |(i, argument): (usize, &Expr)| {
            let is_evidence = signature.parameter(i).is_some_and(|p| p.kind == ParameterKind::Evidence);
            match &*argument.kind {
                ExprKind::Literal(Value::Text(name)) if is_evidence => self.names.get(&**name).copied(),
                _ => None,
            }
        };
        arguments.iter().enumerate().filter_map(named).collect()
    }

    fn of_def(&mut self, def: u32) -> Reads {
        if let Some(known) = self.defs.get(&def) {
            return known.clone();
        }
        self.defs.insert(def, Reads::default());
        let mut reads = Reads::default();
        if let Some(item) = self.policy.defs.get(def as usize) {
            self.collect(&item.body, &mut reads);
        }
        self.defs.insert(def, reads.clone());
        reads
    }
}

/// The evidence of which an artifact asks the files.
pub fn files_of(policy: &Policy, artifact: &ArtifactDefinition) -> BTreeSet<EvidenceId> {
    ReadsOf::new(policy).artifact(artifact).files
}

/// All expressions of an artifact.
pub fn artifact_exprs(artifact: &ArtifactDefinition) -> Vec<&Expr> {
    artifact.rows.iter().map(|r| &r.list).chain(artifact.exprs()).collect()
}

/// All expressions of a gate: rows, sample, messages.
pub fn gate_exprs(gate: &GateDefinition) -> Vec<&Expr> {
    let mut out: Vec<&Expr> = Vec::new();
    out.extend(gate.scope.iter().map(|s| &s.list));
    out.extend(row_exprs(gate));
    out.extend(sample_exprs(gate));
    out
}

/// Expressions of a gate about one row, messages included.
pub(super) fn row_exprs(gate: &GateDefinition) -> Vec<&Expr> {
    let mut out: Vec<&Expr> = Vec::new();
    out.extend(gate.per.iter().map(|k| &k.value));
    for each in &gate.each {
        out.push(&each.condition);
        out.extend(each.message.iter().flat_map(|m| m.values()));
    }
    out.extend(
        gate.metrics
            .iter()
            .flat_map(|m| m.row_aggregates.iter())
            .flat_map(|a| a.arguments.iter().chain(std::iter::once(&a.value))),
    );
    out.extend(&gate.excused);
    out
}

/// Expressions of a gate about its sample, messages included.
pub(super) fn sample_exprs(gate: &GateDefinition) -> Vec<&Expr> {
    let mut out: Vec<&Expr> = Vec::new();
    for expect in &gate.expect {
        out.push(&expect.condition);
        out.extend(expect.message.iter().flat_map(|m| m.values()));
    }
    out.extend(gate.metrics.iter().map(|m| &m.figure));
    for threshold in &gate.thresholds {
        match &threshold.limit {
            Limit::Compare { value, .. } => out.push(value),
            Limit::Range { low, high } => out.extend([low, high]),
        }
    }
    out.extend(gate.samples.iter().filter_map(|s| s.weight.as_ref()));
    out
}
