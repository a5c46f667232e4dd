//! Random pairs of traces, compared by the shipped policy and by an oracle that is written here.

use crate::dice::Dice;
use crate::root::{Shipped, baseline, with_policy};
use rspp_gates::verdict::Verdict;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const MODES: [&str; 4] =
    ["re_simulate_nodes", "playback_recorded_provider_outputs", "replay_decisions", "recompute_decisions"];

/// One item as it stands in the file.
type Item = Map<String, Value>;

#[derive(Clone)]
struct Event {
    id: String,
    dropped: Option<bool>,
    group: Option<String>,
}

struct Pair {
    id: String,
    mode: &'static str,
    tolerance: i64,
    cursor: Option<Value>,
    old: Vec<Item>,
    new: Vec<Item>,
    old_lineage: Option<Vec<Event>>,
    new_lineage: Option<Vec<Event>>,
}

fn item(dice: &mut Dice, number: usize) -> Item {
    let at = 1_000_000 + 100 * number as i64;
    let mut decision = json!({
        "outcome_kind": dice.pick(&["admit", "defer", "shed"]),
        "phase": dice.pick(&["pre_turn", "scheduling_point"]),
        "scope": dice.pick(&["turn", "session"]),
        "session_id": dice.pick(&["s1", "s2"]),
        "event_id": format!("e{}", dice.below(6)),
        "reason": dice.pick(&["r1", "r2"]),
        "runtime_timestamp_ms": at,
        "wall_clock_timestamp_ms": at + 1,
        "emitted_by": dice.pick(&["RK-24", "RK-25"]),
    });
    match dice.below(4) {
        0 => {}
        1 => decision["turn_id"] = json!(dice.pick(&["", "  "])),
        _ => decision["turn_id"] = json!(dice.pick(&["t1", "t2"])),
    }
    if dice.chance(50) {
        decision["authority_epoch"] = json!(dice.below(2));
    }
    if dice.chance(20) {
        decision["timestamp_ms"] = json!(dice.below(3));
    }
    let mut made = json!({
        "plan_hash": dice.pick(&["p1", "p2"]),
        "snapshot_provenance_ref": dice.pick(&["v1", "v2"]),
        "decision": decision,
        "runtime_sequence": dice.below(4),
        "authority_epoch": dice.below(3),
        "runtime_timestamp_ms": at,
    });
    if dice.chance(70) {
        made["lane"] = json!(dice.pick(&["DataLane", "ControlLane", "TelemetryLane", "SideLane"]));
    }
    if dice.chance(70) {
        made["provider_id"] = json!(dice.pick(&["a", "b"]));
        made["provider_model"] = json!(dice.pick(&["m", "n"]));
    }
    if dice.chance(60) {
        made["ordering_marker"] = json!(dice.pick(&["", " ", "m1", "m2", "runtime_sequence:1", "runtime_sequence:2"]));
    }
    made.as_object().unwrap().clone()
}

/// The replay of a trace: the same with some of it changed.
fn replayed(dice: &mut Dice, old: &[Item], tolerance: i64) -> Vec<Item> {
    let mut new = old.to_vec();
    let calm = dice.chance(30);
    for (number, one) in new.iter_mut().enumerate() {
        if dice.chance(70) {
            let by = dice.pick(&[-tolerance, tolerance, 0, 1]);
            shift(one, by);
        }
        if calm || !dice.chance(35) {
            continue;
        }
        let other = item(dice, number);
        match dice.below(11) {
            0 => one["plan_hash"] = other["plan_hash"].clone(),
            1 => one["snapshot_provenance_ref"] = other["snapshot_provenance_ref"].clone(),
            2 | 3 => {
                let keys: Vec<String> = other["decision"].as_object().unwrap().keys().cloned().collect();
                let key = dice.pick(&keys);
                one["decision"][&key] = other["decision"][&key].clone();
            }
            4 => {
                let key = dice.pick(&["turn_id", "authority_epoch"]);
                one["decision"].as_object_mut().unwrap().remove(key);
            }
            5 => put(one, &other, &["ordering_marker"]),
            6 => put(one, &other, &["provider_id", "provider_model"]),
            7 => one["authority_epoch"] = other["authority_epoch"].clone(),
            8 => shift(one, dice.pick(&[tolerance + 1, -(tolerance + 1), 400])),
            9 => put(one, &other, &["lane"]),
            _ => one["runtime_sequence"] = other["runtime_sequence"].clone(),
        }
    }
    if !calm {
        match dice.below(6) {
            0 if !new.is_empty() => {
                new.remove(dice.below(new.len()));
            }
            1 => {
                let one = item(dice, 3);
                new.insert(dice.below(new.len() + 1), one);
            }
            2 => new.truncate(dice.below(old.len() + 1)),
            3 if new.len() > 1 => {
                let at = dice.below(new.len() - 1);
                new.swap(at, at + 1);
            }
            _ => {}
        }
    }
    new
}

fn shift(item: &mut Item, by: i64) {
    let at = item["runtime_timestamp_ms"].as_i64().unwrap();
    item["runtime_timestamp_ms"] = json!(at + by);
}

fn put(item: &mut Item, from: &Item, keys: &[&str]) {
    for key in keys {
        match from.get(*key) {
            Some(value) => item.insert((*key).to_owned(), value.clone()),
            None => item.remove(*key),
        };
    }
}

fn lineage(dice: &mut Dice, old: Option<&[Event]>) -> Vec<Event> {
    let mut events: Vec<Event> = match old {
        Some(old) => old.iter().filter(|_| dice.chance(85)).cloned().collect::<Vec<_>>(),
        None => (0..dice.below(5)).map(|n| Event { id: format!("e{n}"), dropped: None, group: None }).collect(),
    };
    for event in &mut events {
        if old.is_none() || dice.chance(20) {
            event.dropped = dice.pick(&[None, Some(false), Some(true)]);
        }
        if old.is_none() || dice.chance(20) {
            event.group = dice.pick(&[None, Some("g1".to_owned()), Some("g2".to_owned())]);
        }
    }
    if old.is_some() && dice.chance(30) {
        events.insert(0, Event { id: "of-the-replay".into(), dropped: Some(true), group: None });
    }
    events
}

fn pair(dice: &mut Dice, number: usize) -> Pair {
    let mode = dice.pick(&MODES);
    let tolerance = dice.pick(&[0, 5, 15]);
    let old: Vec<Item> = (0..1 + dice.below(7)).map(|n| item(dice, n)).collect();
    let mut new = replayed(dice, &old, tolerance);
    let cursor = dice.chance(45).then(|| {
        let mut cursor = cursor_of(&old[dice.below(old.len())]);
        match dice.below(8) {
            0 => cursor["session_id"] = json!("s9"),
            1 => cursor["event_id"] = json!("e9"),
            2 => cursor["runtime_sequence"] = json!(9),
            3 => cursor["lane"] = json!("TelemetryLane"),
            // The replay knows less of what was before the cursor.
            4 | 5 if new.len() > 1 => {
                new.remove(0);
            }
            _ => {}
        }
        // A cursor names a turn.
        if cursor["turn_id"] == json!("") {
            cursor["turn_id"] = json!("t1");
        }
        cursor
    });
    let old_lineage = dice.chance(50).then(|| lineage(dice, None));
    let new_lineage = match &old_lineage {
        Some(old) => dice.chance(90).then(|| lineage(dice, Some(old))),
        None => dice.chance(20).then(|| lineage(dice, None)),
    };
    Pair { id: format!("p{number:02}"), mode, tolerance, cursor, old, new, old_lineage, new_lineage }
}

// ---- The oracle

fn turn_of(item: &Item) -> String {
    item["decision"].get("turn_id").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn lane_of(item: &Item) -> &str {
    match item.get("lane").and_then(Value::as_str) {
        Some(lane @ ("ControlLane" | "TelemetryLane")) => lane,
        _ => "DataLane",
    }
}

fn cursor_of(item: &Item) -> Value {
    json!({
        "session_id": item["decision"]["session_id"],
        "turn_id": turn_of(item),
        "lane": lane_of(item),
        "runtime_sequence": item["runtime_sequence"],
        "event_id": item["decision"]["event_id"],
    })
}

fn marker_of(item: &Item) -> String {
    match item.get("ordering_marker").and_then(Value::as_str) {
        Some(marker) if !marker.trim().is_empty() => marker.to_owned(),
        _ => format!("runtime_sequence:{}", item["runtime_sequence"]),
    }
}

fn decision_of(item: &Item) -> Vec<Value> {
    let decision = &item["decision"];
    let fields = [
        "outcome_kind",
        "phase",
        "scope",
        "session_id",
        "event_id",
        "runtime_timestamp_ms",
        "wall_clock_timestamp_ms",
        "emitted_by",
        "reason",
        "authority_epoch",
    ];
    let mut out: Vec<Value> = fields.iter().map(|f| decision.get(*f).cloned().unwrap_or(Value::Null)).collect();
    out.push(turn_of(item).into());
    out
}

type Told = (String, String, Option<i64>);

/// What differs; nothing can be said when the cursor is not in the recorded trace.
fn oracle(pair: &Pair, seen: &mut BTreeSet<String>) -> Option<Vec<Told>> {
    let mut out: Vec<Told> = Vec::new();
    let (mut old, mut new) = (&pair.old[..], &pair.new[..]);
    let mut lost = None;
    if let Some(cursor) = &pair.cursor {
        let place = |trace: &[Item]| trace.iter().position(|i| cursor_of(i) == *cursor);
        let Some(start) = place(old) else {
            seen.insert("a cursor in neither".into());
            return None;
        };
        let resumed = match place(new) {
            Some(found) => {
                seen.insert(format!(
                    "a cursor {}",
                    if found == start { "at the same place" } else { "at another place" }
                ));
                found
            }
            None => {
                seen.insert(format!(
                    "a cursor in the recording alone{}",
                    if start >= new.len() { ", beyond the end" } else { "" }
                ));
                lost =
                    Some(("ORDERING_DIVERGENCE".into(), format!("turn:{}", cursor["turn_id"].as_str().unwrap()), None));
                start.min(new.len())
            }
        };
        (old, new) = (&old[start..], &new[resumed..]);
    }
    if old.len() != new.len() {
        out.push(("OUTCOME_DIVERGENCE".into(), "trace".into(), None));
        seen.insert(format!("{} items", if old.len() > new.len() { "fewer" } else { "more" }));
    }
    out.extend(lost);
    for (a, b) in old.iter().zip(new) {
        let scope = if turn_of(a).trim().is_empty() {
            format!("session:{}", a["decision"]["session_id"].as_str().unwrap())
        } else {
            format!("turn:{}", turn_of(a))
        };
        let mut differs = |class: &str, what: &str, is: bool, of_decision: bool, diff: Option<i64>| {
            if is && (of_decision || pair.mode != "replay_decisions") {
                seen.insert(format!("{what} differs"));
                out.push((class.to_owned(), scope.clone(), diff));
            } else if is {
                seen.insert(format!("{what} differs and is not looked at"));
            }
        };
        let text = |i: &Item, key: &str| i.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        differs("PLAN_DIVERGENCE", "the plan", a["plan_hash"] != b["plan_hash"], false, None);
        let snapshot = "snapshot_provenance_ref";
        differs("PLAN_DIVERGENCE", "the snapshot", a[snapshot] != b[snapshot], false, None);
        differs("OUTCOME_DIVERGENCE", "the decision", decision_of(a) != decision_of(b), true, None);
        differs("ORDERING_DIVERGENCE", "the marker", marker_of(a) != marker_of(b), false, None);
        let provider = |i: &Item| (text(i, "provider_id"), text(i, "provider_model"));
        differs("PROVIDER_CHOICE_DIVERGENCE", "the provider", provider(a) != provider(b), false, None);
        differs("AUTHORITY_DIVERGENCE", "the epoch", a["authority_epoch"] != b["authority_epoch"], false, None);
        let apart = (a["runtime_timestamp_ms"].as_i64().unwrap() - b["runtime_timestamp_ms"].as_i64().unwrap()).abs();
        differs("TIMING_DIVERGENCE", "the time", apart > pair.tolerance, false, Some(apart));
        if apart == pair.tolerance && apart > 0 {
            seen.insert("a time at the tolerance".into());
        }
    }
    let known: Vec<&Event> = pair.new_lineage.iter().flatten().collect();
    for event in pair.old_lineage.iter().flatten() {
        let mut add = |what: &str| {
            seen.insert(what.to_owned());
            out.push(("OUTCOME_DIVERGENCE".into(), format!("event:{}", event.id), None));
        };
        match known.iter().find(|e| e.id == event.id) {
            None => add("an event is absent"),
            Some(found) => {
                if found.dropped.unwrap_or(false) != event.dropped.unwrap_or(false) {
                    add("a dropped flag differs");
                }
                if found.group != event.group {
                    add("a merge group differs");
                }
            }
        }
    }
    Some(out)
}

// ---- Both

fn evidence(pairs: &[Pair]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut metadata = Map::new();
    for pair in pairs {
        metadata.insert(pair.id.clone(), json!({ "timing_tolerance_ms": pair.tolerance }));
        let folder = format!("test/replay/fixtures/{}", pair.id);
        let mut request = json!({ "baseline_ref": "fixture://baseline", "candidate_plan_ref": "fixture://candidate", "mode": pair.mode });
        if let Some(cursor) = &pair.cursor {
            request["cursor"] = cursor.clone();
        }
        out.insert(format!("{folder}/request.json"), request.to_string());
        let lines = |items: &[Item]| items.iter().map(|i| format!("{}\n", Value::from(i.clone()))).collect::<String>();
        out.insert(format!("{folder}/recorded.jsonl"), lines(&pair.old));
        out.insert(format!("{folder}/replayed.jsonl"), lines(&pair.new));
        for (side, events) in [("recorded", &pair.old_lineage), ("replayed", &pair.new_lineage)] {
            let Some(events) = events else { continue };
            let line = |e: &Event| {
                let mut made = json!({ "event_id": e.id });
                if let Some(dropped) = e.dropped {
                    made["dropped"] = json!(dropped);
                }
                if let Some(group) = &e.group {
                    made["merge_group_id"] = json!(group);
                }
                format!("{made}\n")
            };
            out.insert(format!("{folder}/{side}-lineage.jsonl"), events.iter().map(line).collect());
        }
    }
    out.insert("test/replay/fixtures/metadata.json".into(), json!({ "fixtures": metadata }).to_string());
    out.insert(".codex/replay/runtime-baseline.json".into(), baseline(&[("turn-x", &[(1, 2)])]));
    out
}

fn compare(shipped: &Shipped<'_>, seed: u64, pairs: &[Pair], seen: &mut BTreeSet<String>) {
    let found = shipped.judge("probe_full", &evidence(pairs));
    let unready = &found.messages["replay.fixtures_ran"];
    let mut any_unready = false;
    for pair in pairs {
        let told =
            |reason: &str| unready.iter().any(|m| m.starts_with(&format!("{}: ", pair.id)) && m.contains(reason));
        assert_eq!(told("no item in the replayed trace"), pair.new.is_empty(), "seed {seed}, {}", pair.id);
        any_unready |= pair.new.is_empty();
        let of_items = |(_, scope, _): &&Told| !scope.starts_with("event:");
        let divergences = found.divergences.get(&pair.id).map(Vec::as_slice).unwrap_or_default();
        match oracle(pair, seen) {
            Some(expected) => {
                assert_eq!(divergences, expected, "seed {seed}, {}: {:?}", pair.id, pair.cursor);
                assert!(!told("the cursor"), "seed {seed}, {}: {unready:?}", pair.id);
            }
            None => {
                assert!(told("the cursor of the request is not in the recorded trace"), "seed {seed}, {}", pair.id);
                assert_eq!(divergences.iter().find(of_items), None, "seed {seed}, {}", pair.id);
                any_unready = true;
            }
        }
    }
    let ran = if any_unready { Verdict::Fail } else { Verdict::Pass };
    assert_eq!(found.verdicts["replay.fixtures_ran"], ran, "seed {seed}");
}

/// `REPLAY_CASES` sets of traces; each has eight pairs.
#[test]
fn random_traces_differ_as_the_oracle_finds() {
    let sets: u64 = std::env::var("REPLAY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(26);
    let mut seen = BTreeSet::new();
    with_policy(
        |_, text| text,
        |shipped| {
            for seed in 0..sets {
                let mut dice = Dice::new(seed + 1_000_000);
                let pairs: Vec<Pair> = (0..8).map(|n| pair(&mut dice, n)).collect();
                compare(shipped, seed, &pairs, &mut seen);
            }
        },
    );
    for what in [
        "a cursor in neither",
        "a cursor at the same place",
        "a cursor at another place",
        "a cursor in the recording alone",
        "a cursor in the recording alone, beyond the end",
        "fewer items",
        "more items",
        "the plan differs",
        "the snapshot differs",
        "the decision differs",
        "the marker differs",
        "the provider differs",
        "the epoch differs",
        "the time differs",
        "a time at the tolerance",
        "the plan differs and is not looked at",
        "the time differs and is not looked at",
        "an event is absent",
        "a dropped flag differs",
        "a merge group differs",
    ] {
        assert!(seen.contains(what), "nothing met this: {what}\n{seen:#?}");
    }
}
