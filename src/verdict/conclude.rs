//! From what the engine found to a whole [`GateRun`]: gates, needs, the answer.

use super::{
    ArtifactDocument, ArtifactOutcome, ArtifactResult, Context, EvidenceArtifact, GateResult, GateRun, Ledger, Reason,
    RunStatus, Verdict, fold, reasons, record, run_id,
};
use crate::data::{Digest, EvidenceOutcome, EvidenceStatus, Fault, Num, ReadReport, Value};
use crate::engine::{ArtifactFault, ArtifactTally, EngineRun, GateTally, Judge};
use crate::eval::{Constants, Env, Interpreter};
use crate::model::digest::PolicyDigests;
use crate::model::{
    CheckedPolicy, EffectiveProfile, EvidenceDefinition, EvidenceFiles, EvidenceId, GateDefinition, GateId, Limit,
    Waiver, WhyIncluded,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One run, as far as verdicts go.
pub(super) struct Conclusion<'r> {
    pub(super) checked: &'r CheckedPolicy,
    pub(super) profile: &'r EffectiveProfile,
    pub(super) context: &'r Context,
    pub(super) constants: Constants,
    pub(super) digests: PolicyDigests,
    /// The waivers of each gate, by id.
    pub(super) excuses: BTreeMap<GateId, Vec<Arc<Waiver>>>,
}

impl Judge for Conclusion<'_> {
    fn result(&self, gate: &GateDefinition, tally: &GateTally, run: &EngineRun) -> Result<Value, Fault> {
        let result = self.gate(gate, tally, run);
        if result.verdict == Verdict::Error {
            let unusable = run.unusable(&tally.reads);
            return Err(match (unusable.first(), &tally.groups) {
                (Some(id), _) => Fault::EvidenceUnusable { evidence: self.name(*id) },
                (None, Err(fault)) => fault.clone(),
                (None, Ok(_)) => Fault::Internal { what: "a gate in error without a cause".into() },
            });
        }
        Ok(record::record(gate, &result))
    }

    fn told(&self, gate: &GateDefinition, tally: &GateTally, run: &EngineRun) -> Value {
        record::record(gate, &self.gate(gate, tally, run))
    }
}

impl<'r> Conclusion<'r> {
    pub(super) fn new(checked: &'r CheckedPolicy, profile: &'r EffectiveProfile, context: &'r Context) -> Self {
        let set = profile.params.iter().map(|(id, (value, _))| (*id, value.clone())).collect();
        let constants = Constants::new(checked.policy.clone(), set);
        let mut excuses: BTreeMap<GateId, Vec<Arc<Waiver>>> = BTreeMap::new();
        for waiver in checked.policy.waivers.values() {
            excuses.entry(waiver.gate.clone()).or_default().push(waiver.clone());
        }
        Self { checked, profile, context, constants, digests: PolicyDigests::of(checked), excuses }
    }

    /// The whole run. `only` names the gates that count, if not all of the profile's.
    pub(super) fn run(&self, run: &EngineRun, only: Option<&BTreeSet<GateId>>) -> GateRun {
        let mut results: BTreeMap<GateId, GateResult> = BTreeMap::new();
        for (id, tally) in &run.gates {
            if let Some(effective) = self.profile.gates.get(id) {
                let mut result = self.gate(&effective.gate, tally, run);
                result.via_needs = match (&effective.why, only) {
                    (WhyIncluded::Needed { by }, _) => Some(by.clone()),
                    (WhyIncluded::Selected, Some(only)) if !only.contains(id) => self.needed_by(id, run),
                    (WhyIncluded::Selected, _) => None,
                };
                results.insert(id.clone(), result);
            }
        }
        self.block(&mut results);
        let gates: Vec<GateResult> = results.into_values().collect();
        let evidence = self.evidence(run);
        let mut run_reasons = Vec::new();
        let waivers = self.waivers(&gates, run, only.is_some());
        // A profile that takes no waivers takes none that has been left lying about either.
        let grave = waivers.iter().filter_map(|w| w.finding.as_ref()).filter(|f| f.is_error);
        run_reasons.extend(grave.map(|f| f.reason.clone()));
        let status = self.status(&gates, only.is_some(), &mut run_reasons);
        let context = self.context;
        GateRun {
            run_id: run_id::run_id(context, &self.digests, &self.profile.id, &evidence),
            policy: self.checked.policy.name.clone(),
            policy_digest: self.digests.policy,
            policy_files: context.policy_files,
            profile: self.profile.id.clone(),
            as_of: context.as_of,
            as_of_origin: context.as_of_origin,
            candidate: context.candidate.as_ref().map(|c| c.fields.clone()),
            sources: self.profile.sources.clone(),
            status,
            reasons: run_reasons,
            gates,
            evidence,
            artifacts: run.artifacts.iter().filter_map(|(name, tally)| self.written(name, tally, run)).collect(),
            waivers,
        }
    }

    /// An artifact's documents, or why there are none.
    fn written(&self, name: &str, tally: &ArtifactTally, run: &EngineRun) -> Option<ArtifactResult> {
        let artifact = self.checked.policy.artifacts.get(name)?;
        let heading = artifact.heading();
        let outcome = match &tally.made {
            Ok(made) => ArtifactOutcome::Made(
                made.iter()
                    .map(|d| ArtifactDocument {
                        path: d.path.clone(),
                        title: d.title.clone().unwrap_or_else(|| heading.clone()),
                        passed: d.passed,
                        document: d.document.clone(),
                    })
                    .collect(),
            ),
            Err(ArtifactFault::Unusable) => {
                let unusable = run.unusable(&tally.reads);
                let first = unusable.first().and_then(|id| self.unusable(*id, run));
                ArtifactOutcome::Withheld(first.unwrap_or_else(|| reasons::fault(&Fault::NoCandidate, artifact.span)))
            }
            Err(ArtifactFault::NoCandidate) => ArtifactOutcome::Withheld(reasons::no_candidate(artifact.span)),
            Err(fault) => ArtifactOutcome::Failed(reasons::unmade(fault, artifact.path.span, artifact.span)),
        };
        Some(ArtifactResult {
            name: artifact.name.clone(),
            span: artifact.span,
            path: tally.path.clone(),
            pattern: artifact.pattern().into(),
            many: artifact.rows.is_some(),
            page: artifact.page.is_some(),
            fields: artifact.fields(),
            evidence_refs: tally.reads.iter().map(|id| self.name(*id)).collect(),
            outcome,
            files: Vec::new(),
        })
    }

    /// One gate on its own: without the gates it needs.
    fn gate(&self, gate: &GateDefinition, tally: &GateTally, run: &EngineRun) -> GateResult {
        let unusable = run.unusable(&tally.reads);
        let mut reasons: Vec<Reason> = unusable.iter().filter_map(|id| self.unusable(*id, run)).collect();
        let groups = match &tally.groups {
            _ if !unusable.is_empty() => Vec::new(),
            Ok(groups) => groups.iter().map(|g| fold::group(gate, g)).collect(),
            Err(fault) => {
                reasons.push(reasons::fault(fault, gate.span));
                Vec::new()
            }
        };
        let mut groups = groups;
        let failed = !reasons.is_empty();
        let unexcused = groups.iter().map(|g| g.verdict).max();
        let waivers = if failed { self.idle(gate, run) } else { self.waive(gate, tally, run, &mut groups) };
        let worst = groups.iter().map(|g| g.verdict).max().unwrap_or(Verdict::Inconclusive);
        let verdict = if failed { Verdict::Error } else { worst };
        let mut ledger = Ledger { read: tally.read, ..Ledger::default() };
        for group in &groups {
            ledger.in_scope += group.ledger.in_scope;
            ledger.broken += group.ledger.broken;
            ledger.missing += group.ledger.missing;
            ledger.excluded += group.ledger.excluded;
            ledger.worst += group.ledger.worst;
            ledger.sample += group.ledger.sample;
        }
        let as_of = self.context.as_of;
        GateResult {
            gate_id: gate.id.clone(),
            gate_digest: self.digest_of(&gate.id),
            title: gate.title.clone(),
            owner: gate.owner.clone(),
            refs: gate.refs.clone(),
            fix: gate.fix.clone(),
            span: gate.span,
            required: gate.required,
            via_needs: None,
            not_before: gate.effective_from.filter(|from| *from > as_of),
            decide: gate.decide,
            verdict,
            reasons,
            blocked_by: Vec::new(),
            evidence_refs: tally.reads.iter().map(|id| self.name(*id)).collect(),
            group_keys: gate.per.iter().map(|k| k.name.clone()).collect(),
            violation_count: groups.iter().map(|g| g.violation_count).sum(),
            would_be: unexcused.filter(|v| !failed && *v != verdict),
            waivers,
            groups,
            ledger,
        }
    }

    /// Remembers for each gate which of its needed gates are not satisfied. A gate that is
    /// itself blocked blocks those that need it; needs make no circle.
    fn block(&self, results: &mut BTreeMap<GateId, GateResult>) {
        let mut settled: BTreeMap<GateId, bool> = BTreeMap::new();
        let ids: Vec<GateId> = results.keys().cloned().collect();
        for id in &ids {
            self.settle(id, results, &mut settled);
        }
    }

    /// Whether a gate satisfies those that need it, all its own needs counted.
    fn settle(
        &self,
        id: &GateId,
        results: &mut BTreeMap<GateId, GateResult>,
        settled: &mut BTreeMap<GateId, bool>,
    ) -> bool {
        if let Some(known) = settled.get(id) {
            return *known;
        }
        let needs = self.profile.gates.get(id).map(|g| g.gate.needs.clone()).unwrap_or_default();
        let blocked_by: Vec<GateId> = needs.into_iter().filter(|n| !self.settle(n, results, settled)).collect();
        let Some(result) = results.get_mut(id) else {
            return true;
        };
        if !blocked_by.is_empty() {
            result.reasons.push(reasons::blocked(&blocked_by));
            result.verdict = result.verdict.max(Verdict::Blocked);
            result.blocked_by = blocked_by;
        }
        // A gate that is not in force yet holds nobody up.
        let satisfied = result.verdict.satisfies() || result.not_before.is_some();
        settled.insert(id.clone(), satisfied);
        satisfied
    }

    fn needed_by(&self, id: &GateId, run: &EngineRun) -> Option<GateId> {
        run.gates.keys().find(|g| self.profile.gates.get(*g).is_some_and(|e| e.gate.needs.contains(id))).cloned()
    }

    fn status(&self, gates: &[GateResult], part: bool, reasons: &mut Vec<Reason>) -> RunStatus {
        let counted: Vec<&GateResult> =
            gates.iter().filter(|g| g.required && g.via_needs.is_none() && g.not_before.is_none()).collect();
        if counted.is_empty() {
            reasons.push(reasons::none_in_force());
        }
        // A part of a profile cannot be expected to be the whole.
        if !part {
            reasons.extend(self.profile.expect_gates.iter().filter_map(|e| self.expected(e)));
        }
        if counted.iter().any(|g| g.verdict == Verdict::Fail) {
            RunStatus::Fail
        } else if reasons.is_empty() && counted.iter().all(|g| g.verdict.satisfies()) {
            RunStatus::Pass
        } else {
            RunStatus::Unknown
        }
    }

    /// Why an `expect gates` is not met, if it is not.
    fn expected(&self, expect: &crate::model::ExpectGates) -> Option<Reason> {
        let found = Value::int(i64::try_from(expect.selected).unwrap_or(i64::MAX));
        let value = |expr| self.constant(expr);
        let (met, words) = match &expect.limit {
            Limit::Compare { op, value: limit } => {
                let limit = value(limit)?;
                let met = match op {
                    crate::model::CompareOp::Equal => found == limit,
                    crate::model::CompareOp::NotEqual => found != limit,
                    op => op.holds(found.order(&limit)),
                };
                (met, format!("{} {}", op.sign(), shown(&limit)))
            }
            Limit::Range { low, high } => {
                let (low, high) = (value(low)?, value(high)?);
                let met = found.order(&low).is_ge() && found.order(&high).is_le();
                (met, format!("in {}..{}", shown(&low), shown(&high)))
            }
        };
        (!met).then(|| reasons::expect_gates(expect.selected, &words, expect.span))
    }

    pub(super) fn constant(&self, expr: &crate::model::Expr) -> Option<Value> {
        Interpreter::new(&self.constants).eval(expr, &mut Env::new()).ok()
    }

    /// The digest of a gate of the profile. (One outside of it is only judged for its result.)
    pub(super) fn digest_of(&self, id: &GateId) -> Digest {
        let effective = self.digests.effective(&self.profile.id, id).or_else(|| self.digests.gates.get(id).copied());
        effective.unwrap_or_else(|| Digest::of(b""))
    }

    fn definition(&self, id: EvidenceId) -> Option<&Arc<EvidenceDefinition>> {
        self.profile.evidence.get(id.index())
    }

    pub(super) fn name(&self, id: EvidenceId) -> Arc<str> {
        self.definition(id).map_or_else(|| "(unknown)".into(), |e| e.name.clone())
    }

    pub(super) fn unusable(&self, id: EvidenceId, run: &EngineRun) -> Option<Reason> {
        match &run.evidence.get(&id)?.outcome {
            EvidenceOutcome::Unusable { faults, total } => Some(reasons::unusable(&self.name(id), faults, *total)),
            EvidenceOutcome::Usable | EvidenceOutcome::Absent => None,
        }
    }

    fn evidence(&self, run: &EngineRun) -> Vec<EvidenceArtifact> {
        let mut all: Vec<EvidenceArtifact> = run
            .evidence
            .iter()
            .filter_map(|(id, report)| self.definition(*id).map(|d| self.artifact(*id, d, report, run)))
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn artifact(
        &self,
        id: EvidenceId,
        definition: &EvidenceDefinition,
        report: &ReadReport,
        run: &EngineRun,
    ) -> EvidenceArtifact {
        let (status, faults, fault_count) = match &report.outcome {
            EvidenceOutcome::Usable => (EvidenceStatus::Usable, Vec::new(), 0),
            EvidenceOutcome::Absent => (EvidenceStatus::Absent, Vec::new(), 0),
            EvidenceOutcome::Unusable { faults, total } => (EvidenceStatus::Unusable, faults.clone(), *total),
        };
        let declared = match &definition.files {
            EvidenceFiles::Path(path) | EvidenceFiles::Pattern(path) => path.clone(),
        };
        // A path of the command line stands in the place of the declared one.
        let path = match (&definition.files, report.files.as_slice()) {
            (EvidenceFiles::Path(_), [file]) => file.path.clone(),
            _ => declared,
        };
        let max_age = definition.fresh.as_ref().and_then(|f| self.constant(&f.within)).and_then(|v| v.as_num());
        EvidenceArtifact {
            name: definition.name.clone(),
            id,
            status,
            path,
            files: report.files.clone(),
            digest: report.digest,
            rows: report.rows,
            schema_version: report.schema_version.clone(),
            fresh_at: report.fresh_at,
            age: report.fresh_at.and_then(|at| self.context.as_of.sub(at)),
            max_age: max_age.filter(|n: &Num| !n.is_negative()),
            source: report.source.clone(),
            unreadable: report.unreadable.clone(),
            faults,
            fault_count,
            read_by: run.gates.iter().filter(|(_, t)| t.reads.contains(&id)).map(|(g, _)| g.clone()).collect(),
        }
    }
}

fn shown(value: &Value) -> String {
    crate::data::print::value(value, &crate::data::Type::Int)
}
