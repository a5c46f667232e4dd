//! Waivers over random policies and evidence: nothing but a fail is ever waived, only what the
//! waiver says, and nothing else of the run is touched.

use crate::engine::{self, Setup};
use crate::{answer, generate, seeds};
use rspp_gates::data::Type;
use rspp_gates::model::{CheckedPolicy, CompareOp, GateDefinition, GateId, Limit};
use rspp_gates::verdict::{FigureValue, GateResult, GroupResult, MetricResult, Verdict, ViolationKind, WaiverStatus};
use std::collections::BTreeMap;

/// What a waiver of the test covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covers {
    Rows { at_most: u64, only_some: bool },
    Figures,
}

const PEOPLE: &str = "reason \"seed\"  approver \"a\"  owner \"o\"  ticket \"t\"  opened 2026-02-01T00:00:00Z  expires 2026-04-01T00:00:00Z";

fn clauses(gate: &GateDefinition, covers: Covers) -> Option<String> {
    match covers {
        Covers::Rows { at_most, only_some } => {
            let choice = if only_some { " where 3 < 2" } else { "" };
            (!gate.each.is_empty() && gate.scope.is_some())
                .then(|| format!("covers each{choice}  at most {at_most} rows"))
        }
        Covers::Figures => {
            let mut bounds: BTreeMap<&str, String> = BTreeMap::new();
            for threshold in &gate.thresholds {
                let metric = gate.metrics.get(threshold.metric)?;
                let far = match metric.figure.ty.present() {
                    ty if *ty == Type::DURATION => "1000000s",
                    Type::Int | Type::Decimal => "1000000",
                    Type::Ratio => "500%",
                    _ => return None,
                };
                let bound = match &threshold.limit {
                    Limit::Compare { op: CompareOp::AtMost | CompareOp::Less, .. } => format!("<= {far}"),
                    Limit::Compare { op: CompareOp::AtLeast | CompareOp::Greater, .. } => format!(">= -{far}"),
                    _ => format!("in -{far}..{far}"),
                };
                bounds.insert(&metric.label, bound);
            }
            let bounds: Vec<String> = bounds.into_iter().map(|(label, bound)| format!("{label} {bound}")).collect();
            (!bounds.is_empty()).then(|| format!("covers threshold  bound {}", bounds.join(", ")))
        }
    }
}

/// The policy with one waiver for one gate; nothing where the checker has a reason to refuse it.
fn with_waiver(policy: &str, result: &GateResult, gate: &GateDefinition, covers: Covers) -> Option<CheckedPolicy> {
    let clauses = clauses(gate, covers)?;
    let (id, digest) = (&result.gate_id, result.gate_digest);
    engine::check(&format!("{policy}waiver w.x {{ gate {id}  for \"sha256:{digest}\"  {clauses}  {PEOPLE} }}\n")).ok()
}

/// Whether a waiver excuses a group, said once more from what the group found.
fn due(group: &GroupResult, gate: &GateResult, covers: Covers) -> bool {
    let only = |kept: fn(ViolationKind) -> bool| group.violations.iter().all(|v| kept(v.kind));
    let excused = match covers {
        Covers::Rows { only_some: true, .. } => false,
        Covers::Rows { at_most, .. } => gate.ledger.broken <= at_most && only(|k| matches!(k, ViolationKind::Each(_))),
        // (A figure beyond every value is beyond every bound.)
        Covers::Figures => {
            let far = |m: &MetricResult| matches!(m.value, FigureValue::Above | FigureValue::Below);
            only(|k| matches!(k, ViolationKind::Threshold(_))) && !group.metrics.iter().any(far)
        }
    };
    let decided = group.samples.as_ref().is_none_or(|s| s.reached)
        && group.empty.is_none()
        && group.thresholds.iter().all(|t| !t.is_open() && t.comparison != rspp_gates::verdict::Comparison::NoFigure);
    group.verdict == Verdict::Fail && excused && decided
}

#[test]
fn nothing_but_a_covered_fail_is_waived_and_nothing_else_of_a_run_changes() {
    let (mut tried, mut waived, mut refused) = (0, 0, 0);
    for seed in seeds() {
        let case = generate::case(seed);
        let files = [("turns.jsonl", case.turns.as_str()), ("regions.jsonl", case.regions.as_str())];
        let policy = case.policy.replace("  stage s\n", "  stage s\n  waivable true\n");
        let Ok(checked) = engine::check(&policy) else { continue };
        let before = engine::run(&checked, &files, &Setup::of(seed));
        let dice = &mut generate::Dice::new(seed ^ 0x77);
        for result in &before.gates {
            let gate = &checked.policy.gates[&result.gate_id];
            let rows = Covers::Rows { at_most: 1 + dice.below(40), only_some: dice.chance(20) };
            for covers in [rows, Covers::Figures] {
                let Some(with) = with_waiver(&policy, result, gate, covers) else { continue };
                tried += 1;
                let after = engine::run(&with, &files, &Setup::of(seed.rotate_left(7)));
                let what = || format!("ORACLE_SEED={seed}, {} {covers:?}\n{policy}\n{}", result.gate_id, case.turns);
                for (old, new) in before.gates.iter().zip(&after.gates) {
                    let its = old.gate_id == result.gate_id;
                    let (mut told, was) = (answer(new), answer(old));
                    for ((told, group), old_group) in told.groups.iter_mut().zip(&new.groups).zip(&old.groups) {
                        let excused = its && due(old_group, old, covers);
                        assert_eq!(group.verdict == Verdict::Waived, excused, "{}", what());
                        assert_eq!(group.waiver.is_some(), excused, "{}", what());
                        if excused {
                            told.verdict = "fail";
                        }
                    }
                    assert_eq!(new.violation_count, old.violation_count, "{}", what());
                    let verdict = new.groups.iter().map(|g| g.verdict).max();
                    if new.verdict != old.verdict {
                        assert!(its && old.verdict == Verdict::Fail && verdict == Some(new.verdict), "{}", what());
                        assert_eq!(new.would_be, Some(Verdict::Fail), "{}", what());
                        waived += usize::from(new.verdict == Verdict::Waived);
                        told.verdict = "fail";
                    }
                    refused += usize::from(its && new.verdict == Verdict::Fail);
                    assert_eq!(told, was, "{}", what());
                }
                let applied = after.waivers.iter().any(|w| w.status == WaiverStatus::Applied);
                let any = after.gates.iter().flat_map(|g| &g.groups).any(|g| g.waiver.is_some());
                assert_eq!(applied, any, "{}", what());
                assert_eq!(after.evidence.len(), before.evidence.len(), "{}", what());
            }
        }
    }
    assert!(waived > 10 && refused > 10 || seeds().count() < 400, "of {tried} only {waived} waived, {refused} refused");
    eprintln!("{tried} waivers, {waived} gates waived, {refused} not");
}

/// Which gate a waiver is for is said by its id alone.
#[test]
fn a_gate_without_a_waiver_has_none() {
    let case = generate::case(1);
    if let Ok(checked) = engine::check(&case.policy) {
        let run =
            engine::run(&checked, &[("turns.jsonl", &case.turns), ("regions.jsonl", &case.regions)], &Setup::plain());
        assert!(run.waivers.is_empty() && run.gates.iter().all(|g| g.waivers.is_empty() && g.would_be.is_none()));
        assert!(run.gates.iter().all(|g| g.gate_id != GateId::new("waiver w.x")));
    }
}
