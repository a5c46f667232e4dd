//! The engine against an independent evaluator that is slow, obvious and shares no evaluation
//! code with it: it reads evidence with its own JSON reading and calls nothing of `builtins`,
//! `eval`, `plan` or `engine`. Cases worked out by hand fix the oracle itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and drives the product over real folders"
)]

mod cases;
mod certain;
mod engine;
mod eval;
mod fold;
mod functions;
mod generate;
mod read;
mod waivers;

use engine::Setup;
use eval::World;
use fold::{Answer, Figure};
use rspp_gates::data::{Num, Type, Value, print};
use rspp_gates::model::{CheckedPolicy, GateId, ProfileId};
use rspp_gates::verdict::{Certainty, Comparison, FigureValue, GateResult, Verdict, ViolationKind};

/// 2026-03-01T00:00:00Z
const AS_OF: Num = Num::int(1_772_323_200_000_000_000);

fn oracle(checked: &CheckedPolicy, gate: &GateId, files: &[(&str, &str)]) -> Answer {
    let policy = &checked.policy;
    let text = |name: &str| files.iter().find(|(n, _)| *n == name).map_or("", |(_, t)| t);
    let evidence =
        policy.evidence.iter().map(|e| read::evidence(policy, e, text(&format!("{}.jsonl", e.name)))).collect();
    let world = World { policy, as_of: AS_OF, evidence };
    let gate = &checked.profiles[&ProfileId::new("p")].gates[gate].gate;
    fold::judge(&world, gate)
}

/// The engine's result in the oracle's words.
fn answer(result: &GateResult) -> Answer {
    let groups = result
        .groups
        .iter()
        .map(|g| fold::Group {
            key: g.key.iter().map(|(v, _)| v.clone()).collect(),
            verdict: g.verdict.word(),
            in_scope: g.ledger.in_scope as usize,
            broken: g.ledger.broken as usize,
            excluded: g.ledger.excluded as usize,
            missing: g.ledger.missing as usize,
            sample: g.ledger.sample as usize,
            metrics: g
                .metrics
                .iter()
                .map(|m| {
                    let figure = match &m.value {
                        FigureValue::Value(v) => Figure::Value(v.clone()),
                        FigureValue::Missing => Figure::Missing,
                        FigureValue::Above => Figure::Above,
                        FigureValue::Below => Figure::Below,
                    };
                    (figure, m.n)
                })
                .collect(),
            met: g
                .thresholds
                .iter()
                .map(|t| match t.comparison {
                    Comparison::Met => Some(true),
                    Comparison::NotMet => Some(false),
                    Comparison::NoFigure => None,
                })
                .collect(),
            certain: g
                .thresholds
                .iter()
                .map(|t| {
                    t.certified.as_ref().map(|c| match c.certainty {
                        Certainty::Meets => "meets",
                        Certainty::Misses => "misses",
                        Certainty::Open => "open",
                    })
                })
                .collect(),
            violations: g
                .violations
                .iter()
                .map(|v| {
                    let of_row = matches!(v.kind, ViolationKind::Each(_) | ViolationKind::MissingValue(_));
                    let row = v.row.as_ref().filter(|_| of_row).map(|r| r.ordinal as usize);
                    (v.kind.word().to_owned(), row)
                })
                .collect(),
        })
        .collect();
    let groups = if result.verdict == Verdict::Error { Vec::new() } else { groups };
    Answer { verdict: result.verdict.word(), groups }
}

#[test]
fn the_oracle_gives_the_answers_worked_out_by_hand_and_so_does_the_engine() {
    for hand in cases::HANDS {
        let policy = format!("{}gate g.x {{ stage s  {} }}\n", cases::HEAD, hand.gate);
        let rows: String = hand
            .rows
            .iter()
            .map(|(a, ok, b)| match b {
                Some(b) => format!("{{\"a\":{a},\"ok\":{ok},\"b\":{b}}}\n"),
                None => format!("{{\"a\":{a},\"ok\":{ok}}}\n"),
            })
            .collect();
        let files = [("xs.jsonl", rows.as_str())];
        let checked = engine::check(&policy).unwrap_or_else(|d| panic!("{}: {d}", hand.name));
        let gate = GateId::new("g.x");
        let told = oracle(&checked, &gate, &files);
        assert_eq!(told.verdict, hand.verdict, "{}", hand.name);
        let sum = |f: fn(&fold::Group) -> usize| told.groups.iter().map(f).sum::<usize>();
        let rows = [sum(|g| g.in_scope), sum(|g| g.broken), sum(|g| g.missing), sum(|g| g.excluded), sum(|g| g.sample)];
        assert_eq!(rows, hand.rows_told, "{}", hand.name);
        let kinds: Vec<&str> = told.groups.iter().flat_map(|g| &g.violations).map(|(k, _)| k.as_str()).collect();
        assert_eq!(kinds, hand.violations, "{}", hand.name);
        if told.groups.len() == 1 && !hand.figures.is_empty() {
            let figures: Vec<(String, u64)> = told.groups[0].metrics.iter().map(|(f, n)| (shown(f), *n)).collect();
            let due: Vec<(String, u64)> = hand.figures.iter().map(|(f, n)| ((*f).to_owned(), *n)).collect();
            assert_eq!(figures, due, "{}", hand.name);
        }
        let run = engine::run(&checked, &files, &Setup::plain());
        assert_eq!(answer(engine::gate(&run, &gate)), told, "{}", hand.name);
    }
}

fn shown(figure: &Figure) -> String {
    match figure {
        Figure::Missing => "-".to_owned(),
        Figure::Above => "above".to_owned(),
        Figure::Below => "below".to_owned(),
        Figure::Value(v @ Value::Num(_)) => print::value(v, &Type::Decimal),
        Figure::Value(v) => format!("{v:?}"),
    }
}

/// How many random policies are tried; `ORACLE_CASES` asks for another number, `ORACLE_SEED` for one case.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    match number("ORACLE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("ORACLE_CASES").unwrap_or(400),
    }
}

#[test]
fn the_engine_agrees_with_the_oracle_on_random_policies_and_evidence() {
    let (mut told, mut verdicts) = (0, std::collections::BTreeMap::new());
    let mut certain = std::collections::BTreeMap::new();
    for seed in seeds() {
        let case = generate::case(seed);
        let files = [("turns.jsonl", case.turns.as_str()), ("regions.jsonl", case.regions.as_str())];
        // A random gate may be one that can never fail; the checker says so, and that is right.
        let Ok(checked) = engine::check(&case.policy) else { continue };
        told += 1;
        let run = engine::run(&checked, &files, &Setup::of(seed));
        for id in checked.policy.gates.keys() {
            let (found, due) = (answer(engine::gate(&run, id)), oracle(&checked, id, &files));
            *verdicts.entry(due.verdict).or_insert(0) += 1;
            due.groups.iter().flat_map(|g| &g.certain).flatten().for_each(|c| *certain.entry(*c).or_insert(0) += 1);
            assert_eq!(found, due, "ORACLE_SEED={seed}, gate {id}\n{}\n{}{}", case.policy, case.turns, case.regions);
        }
    }
    assert!(told * 2 > seeds().count(), "only {told} random policies passed the checker");
    assert!(certain.values().filter(|n| **n > 5).count() == 3 || seeds().count() < 400, "{certain:?}");
    eprintln!("{told} policies, verdicts {verdicts:?}, certainty {certain:?}");
}

#[test]
fn a_policy_that_passes_the_checker_fails_at_run_time_only_through_evidence_overflow_or_only() {
    let mut passed = 0;
    for seed in seeds() {
        let case = generate::case(seed);
        let Some(policy) = generate::mutated(&case.policy, seed) else { continue };
        let Ok(checked) = engine::check(&policy) else { continue };
        if !checked.profiles.contains_key(&ProfileId::new("p")) {
            continue;
        }
        passed += 1;
        let files = [("turns.jsonl", case.turns.as_str()), ("regions.jsonl", case.regions.as_str())];
        let run = engine::run(&checked, &files, &Setup::of(seed));
        for gate in &run.gates {
            for reason in gate.reasons.iter().chain(gate.groups.iter().flat_map(|g| &g.reasons)) {
                assert!(!reason.message.contains("internal"), "ORACLE_SEED={seed}: {}\n{policy}", reason.message);
            }
        }
    }
    assert!(passed > 0 || seeds().count() < 50, "no mutated policy passed the checker");
}
