//! Random lists of differences with random annotations, judged by the shipped gates and by an
//! oracle that is written here from the policy's words alone.

use crate::dice::Dice;
use crate::root::{NOW_MS, Shipped, baseline, with_policy};
use rspp_gates::verdict::Verdict;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const CLASSES: [&str; 7] = [
    "PLAN_DIVERGENCE",
    "OUTCOME_DIVERGENCE",
    "ORDERING_DIVERGENCE",
    "TIMING_DIVERGENCE",
    "AUTHORITY_DIVERGENCE",
    "PROVIDER_CHOICE_DIVERGENCE",
    "MOOD_DIVERGENCE",
];
const SCOPES: [&str; 7] = [
    "turn:a",
    "turn:b",
    "session:s",
    "event:e",
    "trace",
    "invocation_latency_final:turn:turn-ab-1",
    "invocation_latency_total:turn:turn-ab-1",
];
/// What was measured: turn, calls.
const CALLS: &[(&str, &[(i64, i64)])] = &[
    ("turn-ab-1", &[(5, 9), (12, 30), (8, 31)]),
    ("turn-ab-2", &[(20, 40)]),
    ("turn-ab-2", &[(7, 44)]),
    ("turn-listed", &[(1, 2)]),
];

#[derive(Clone)]
struct Difference {
    class: String,
    scope: String,
    diff: Option<i64>,
}

#[derive(Clone)]
struct Annotation {
    class: String,
    scope: String,
    approved: Option<bool>,
}

struct Fixture {
    id: String,
    tolerance: Option<i64>,
    final_limit: Option<i64>,
    total_limit: Option<i64>,
    listed: Vec<String>,
    differences: Vec<Difference>,
    annotations: Vec<Annotation>,
}

/// A fixture with differences of all kinds; one in three only with such as the policy excuses.
fn fixture(dice: &mut Dice, number: usize) -> Fixture {
    let calm = dice.chance(33);
    let family = dice.pick(&["ab-1", "ab-2", "ab-3", "ab-x", "alone"]);
    // The number comes third, so that the turn which the id tells is one of few.
    let id = format!("{family}-{number:03}");
    let tolerance = dice.pick(&[None, Some(0), Some(15), Some(-3), Some(40)]);
    let limit = |dice: &mut Dice, near: &[i64]| {
        if dice.chance(if calm { 0 } else { 40 }) { Some(dice.pick(near)) } else { None }
    };
    let final_limit = limit(dice, &[-1, 11, 12, 19, 20, 21]);
    let total_limit = limit(dice, &[30, 31, 40, 43, 44]);
    let listed = if dice.chance(25) {
        (0..dice.below(4))
            .map(|_| dice.pick(&["turn:turn-ab-1", " turn:turn-listed ", "", "turn:turn-nowhere"]).to_owned())
            .collect()
    } else {
        Vec::new()
    };
    let mut differences = Vec::new();
    let mut annotations = Vec::new();
    for _ in 0..dice.below(6) {
        let class = if calm {
            dice.pick(&[
                "PLAN_DIVERGENCE",
                "OUTCOME_DIVERGENCE",
                "ORDERING_DIVERGENCE",
                "TIMING_DIVERGENCE",
                "PROVIDER_CHOICE_DIVERGENCE",
            ])
        } else {
            dice.pick(&CLASSES)
        };
        let scope = if calm { format!("turn:{}", differences.len()) } else { dice.pick(&SCOPES).to_owned() };
        let diff = match class {
            "TIMING_DIVERGENCE" if calm => Some(dice.below(tolerance.unwrap_or(15).max(0) as usize + 1) as i64),
            "TIMING_DIVERGENCE" => dice.pick(&[None, Some(0), Some(14), Some(15), Some(16), Some(40), Some(41)]),
            _ => dice.pick(&[None, None, Some(3)]),
        };
        if calm && class != "TIMING_DIVERGENCE" || !calm && dice.chance(50) {
            let approved = if calm { Some(true) } else { dice.pick(&[None, Some(false), Some(true)]) };
            annotations.push(Annotation { class: class.into(), scope: scope.clone(), approved });
        }
        differences.push(Difference { class: class.into(), scope: scope.clone(), diff });
        if !calm && dice.chance(25) {
            differences.push(Difference { class: class.into(), scope, diff });
        }
    }
    if !calm && dice.chance(40) {
        let again = annotations.first().cloned();
        annotations.push(match again {
            Some(again) if dice.chance(50) => Annotation { approved: dice.pick(&[None, Some(true)]), ..again },
            _ => Annotation { class: dice.pick(&CLASSES).into(), scope: dice.pick(&SCOPES).into(), approved: None },
        });
    }
    // The order in which things were written down means nothing to a careful reader.
    if dice.chance(50) {
        annotations.reverse();
    }
    Fixture { id, tolerance, final_limit, total_limit, listed, differences, annotations }
}

/// What the policy makes of a fixture: total, failing, unexplained, missing, latency breaches.
/// `seen` collects which rules were met, so that a test of nothing is noticed.
fn judged(fixture: &Fixture, seen: &mut BTreeSet<String>) -> [usize; 5] {
    let breaches = latency_breaches(fixture);
    let all: Vec<&Difference> = fixture.differences.iter().chain(&breaches).collect();
    let tolerance = fixture.tolerance.unwrap_or(15).max(0);
    // Annotations by class and scope: the later one's approval holds; each is used once.
    let mut open: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    for annotation in &fixture.annotations {
        open.insert((&annotation.class, &annotation.scope), annotation.approved.unwrap_or(false));
    }
    let (mut failing, mut unexplained) = (0, 0);
    for difference in &all {
        let found = open.remove(&(&*difference.class, &*difference.scope));
        let (fails, is_unexplained) = match &*difference.class {
            "PLAN_DIVERGENCE" | "OUTCOME_DIVERGENCE" | "PROVIDER_CHOICE_DIVERGENCE" => {
                (found.is_none(), found.is_none())
            }
            "ORDERING_DIVERGENCE" => (found != Some(true), found.is_none()),
            "TIMING_DIVERGENCE" if is_latency(&difference.scope) => (true, false),
            "TIMING_DIVERGENCE" => (difference.diff.is_none_or(|d| d > tolerance), false),
            _ => (true, false),
        };
        seen.insert(format!(
            "{} {}{}",
            difference.class,
            if fails { "fails" } else { "passes" },
            if found.is_some() { ", annotated" } else { "" }
        ));
        failing += usize::from(fails);
        unexplained += usize::from(is_unexplained);
    }
    let missing = open.len();
    if missing > 0 {
        seen.insert("an annotation is missed".into());
    }
    let breaching = all.iter().filter(|d| d.class == "TIMING_DIVERGENCE" && is_latency(&d.scope)).count();
    [all.len(), failing + missing, unexplained, missing, breaching]
}

fn is_latency(scope: &str) -> bool {
    scope.starts_with("invocation_latency_final:") || scope.starts_with("invocation_latency_total:")
}

fn latency_breaches(fixture: &Fixture) -> Vec<Difference> {
    let mut largest: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (turn, calls) in CALLS {
        for (final_, total) in *calls {
            let known = largest.entry(format!("turn:{turn}")).or_insert((*final_, *total));
            *known = (known.0.max(*final_), known.1.max(*total));
        }
    }
    let listed: BTreeSet<String> =
        fixture.listed.iter().map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
    let mut scopes: Vec<String> = listed.into_iter().collect();
    if scopes.is_empty() {
        let parts: Vec<&str> = fixture.id.split('-').collect();
        if parts.len() > 1 && !parts[1].is_empty() && parts[1].bytes().all(|b| b.is_ascii_digit()) {
            scopes.push(format!("turn:turn-{}-{}", parts[0], parts[1]));
        } else {
            scopes.push(format!("fixture:{}", fixture.id));
        }
    }
    let mut out = Vec::new();
    for scope in scopes {
        let measured = largest.get(&scope);
        let limits = [
            ("invocation_latency_final", fixture.final_limit, measured.map(|m| m.0)),
            ("invocation_latency_total", fixture.total_limit, measured.map(|m| m.1)),
        ];
        for (prefix, limit, measured) in limits {
            let Some(limit) = limit.map(|l| l.max(0)) else { continue };
            let difference =
                |diff| Difference { class: "TIMING_DIVERGENCE".into(), scope: format!("{prefix}:{scope}"), diff };
            match measured {
                None => out.push(difference(None)),
                Some(m) if m > limit => out.push(difference(Some(m - limit))),
                Some(_) => {}
            }
        }
    }
    out
}

fn evidence(fixtures: &[Fixture]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut metadata = serde_json::Map::new();
    let request = json!({ "baseline_ref": "fixture://baseline", "candidate_plan_ref": "fixture://candidate", "mode": "re_simulate_nodes" });
    let mut report = |id: &str, divergences: Vec<serde_json::Value>| {
        let result = json!({ "run_id": "run", "mode": "re_simulate_nodes", "divergences": divergences });
        let whole = json!({ "request": request, "result": result, "generated_at_ms": NOW_MS });
        out.insert(format!(".codex/replay/runs/{id}.json"), whole.to_string());
    };
    metadata.insert("rd-001-smoke".into(), json!({ "gate": "quick" }));
    report("rd-001-smoke", Vec::new());
    for fixture in fixtures {
        let mut meta = serde_json::Map::new();
        for (key, value) in [
            ("timing_tolerance_ms", fixture.tolerance),
            ("final_attempt_latency_threshold_ms", fixture.final_limit),
            ("total_invocation_latency_threshold_ms", fixture.total_limit),
        ] {
            if let Some(value) = value {
                meta.insert(key.into(), json!(value));
            }
        }
        meta.insert("invocation_latency_scopes".into(), json!(fixture.listed));
        let annotation = |a: &Annotation| match a.approved {
            Some(approved) => json!({ "class": a.class, "scope": a.scope, "approved": approved }),
            None => json!({ "class": a.class, "scope": a.scope }),
        };
        meta.insert("expected_divergences".into(), fixture.annotations.iter().map(annotation).collect());
        metadata.insert(fixture.id.clone(), meta.into());
        let told = |d: &Difference| match d.diff {
            Some(diff) => json!({ "class": d.class, "scope": d.scope, "message": "m", "diff_ms": diff }),
            None => json!({ "class": d.class, "scope": d.scope, "message": "m" }),
        };
        report(&fixture.id, fixture.differences.iter().map(told).collect());
    }
    out.insert("test/replay/fixtures/metadata.json".into(), json!({ "fixtures": metadata }).to_string());
    out.insert(".codex/replay/runtime-baseline.json".into(), baseline(CALLS));
    out
}

fn compare(shipped: &Shipped<'_>, seed: u64, fixtures: &[Fixture], seen: &mut BTreeSet<String>) {
    let found = shipped.judge("probe_ingestion", &evidence(fixtures));
    let mut failing = 0;
    let mut missing = 0;
    for fixture in fixtures {
        let expected = judged(fixture, seen);
        assert_eq!(found.numbers[&fixture.id], expected, "seed {seed}, {}", fixture.id);
        failing += expected[1] - expected[3];
        missing += expected[3];
    }
    let verdict = |gate: &str| found.verdicts[gate];
    let of = |bad: usize| if bad > 0 { Verdict::Fail } else { Verdict::Pass };
    assert_eq!(verdict("replay.fixtures_ran"), Verdict::Pass, "seed {seed}");
    assert_eq!(verdict("replay.divergence_policy"), of(failing), "seed {seed}");
    assert_eq!(verdict("replay.missing_expected"), of(missing), "seed {seed}");
    assert_eq!(found.messages["replay.divergence_policy"].len(), failing, "seed {seed}: one violation a difference");
    assert_eq!(found.messages["replay.missing_expected"].len(), missing, "seed {seed}: one violation an annotation");
    seen.extend([failing == 0, missing == 0].map(|b| format!("a run {}", if b { "passes" } else { "fails" })));
}

/// `REPLAY_CASES` sets of fixtures; each has five.
#[test]
fn random_differences_are_judged_as_the_oracle_judges_them() {
    let sets: u64 = std::env::var("REPLAY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let mut seen = BTreeSet::new();
    let mut lists = 0;
    with_policy(
        |_, text| text,
        |shipped| {
            for seed in 0..sets {
                let mut dice = Dice::new(seed);
                let calm = seed % 4 == 0;
                let mut fixtures: Vec<Fixture> = (0..5).map(|n| fixture(&mut dice, n)).collect();
                if calm {
                    // Sets in which no fixture fails, so that a gate that always fails is noticed.
                    fixtures.retain(|f| judged(f, &mut BTreeSet::new())[1] == 0);
                    if fixtures.is_empty() {
                        continue;
                    }
                }
                compare(shipped, seed, &fixtures, &mut seen);
                lists += fixtures.len();
            }
        },
    );
    assert!(lists >= 200 || sets < 50, "only {lists} lists were judged");
    for rule in [
        "PLAN_DIVERGENCE fails",
        "PLAN_DIVERGENCE passes, annotated",
        "OUTCOME_DIVERGENCE fails",
        "OUTCOME_DIVERGENCE passes, annotated",
        "PROVIDER_CHOICE_DIVERGENCE fails",
        "PROVIDER_CHOICE_DIVERGENCE passes, annotated",
        "ORDERING_DIVERGENCE fails",
        "ORDERING_DIVERGENCE fails, annotated",
        "ORDERING_DIVERGENCE passes, annotated",
        "AUTHORITY_DIVERGENCE fails",
        "AUTHORITY_DIVERGENCE fails, annotated",
        "TIMING_DIVERGENCE fails",
        "TIMING_DIVERGENCE fails, annotated",
        "TIMING_DIVERGENCE passes",
        "MOOD_DIVERGENCE fails",
        "MOOD_DIVERGENCE fails, annotated",
        "an annotation is missed",
        "a run passes",
        "a run fails",
    ] {
        assert!(seen.contains(rule), "nothing met the rule: {rule}\n{seen:#?}");
    }
}

/// The policy is one line a class: another word in it, and the verdicts are others.
#[test]
fn one_line_changes_the_policy() {
    let line = "| AUTHORITY_DIVERGENCE       | nothing ";
    let fixture = |class: &str| Fixture {
        id: "ab-x-1".into(),
        tolerance: None,
        final_limit: None,
        total_limit: None,
        listed: Vec::new(),
        differences: vec![Difference { class: class.into(), scope: "turn:a".into(), diff: None }],
        annotations: vec![Annotation { class: class.into(), scope: "turn:a".into(), approved: None }],
    };
    let fails = |edit: &dyn Fn(&str, String) -> String| {
        let mut out = Vec::new();
        with_policy(edit, |shipped| {
            for class in ["AUTHORITY_DIVERGENCE", "PLAN_DIVERGENCE"] {
                let found = shipped.judge("probe_ingestion", &evidence(&[fixture(class)]));
                out.push(found.verdicts["replay.divergence_policy"] == Verdict::Fail);
            }
        });
        out
    };
    assert_eq!(fails(&|_, text| text), [true, false]);
    let changed = |name: &str, text: String| {
        if name != "gates/replay/policy.gate" {
            return text;
        }
        assert!(text.contains(line), "the line of the policy is written in another way");
        text.replace(line, "| AUTHORITY_DIVERGENCE       | annotation ")
    };
    assert_eq!(fails(&changed), [false, false]);
}

/// Missing ones come by class and then by scope, whatever their order in the metadata.
#[test]
fn missing_annotations_are_told_in_order() {
    let annotation = |class: &str, scope: &str| Annotation { class: class.into(), scope: scope.into(), approved: None };
    let fixture = Fixture {
        id: "ab-x-1".into(),
        tolerance: None,
        final_limit: None,
        total_limit: None,
        listed: Vec::new(),
        differences: Vec::new(),
        annotations: vec![
            annotation("TIMING_DIVERGENCE", "turn:a"),
            annotation("PLAN_DIVERGENCE", "turn:b"),
            annotation("AUTHORITY_DIVERGENCE", "turn:c"),
            annotation("PLAN_DIVERGENCE", "turn:a"),
        ],
    };
    with_policy(
        |_, text| text,
        |shipped| {
            let found = shipped.judge("probe_ingestion", &evidence(&[fixture]));
            let told = |m: &String| m.split(' ').skip(1).take(3).collect::<Vec<_>>().join(" ");
            assert_eq!(
                found.messages["replay.missing_expected"].iter().map(told).collect::<Vec<_>>(),
                [
                    "AUTHORITY_DIVERGENCE at turn:c",
                    "PLAN_DIVERGENCE at turn:a",
                    "PLAN_DIVERGENCE at turn:b",
                    "TIMING_DIVERGENCE at turn:a"
                ]
            );
        },
    );
}
