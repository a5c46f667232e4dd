//! 43 signals, 18 emitters, two scopes, and what each signal has to say.

use crate::documents::{set, signal, with, without};
use crate::judge::{expect, faults};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const EMITTERS: [&str; 18] = [
    "RK-02", "RK-03", "RK-06", "RK-11", "RK-12", "RK-13", "RK-14", "RK-15", "RK-16", "RK-17", "RK-22", "RK-23",
    "RK-24", "RK-25", "OR-02", "CP-05", "CP-07", "CP-08",
];

/// Signals, emitters, scopes (`s`, `t`), fields required besides.
const RULES: &[(&str, &str, &str, &str)] = &[
    ("turn_open_proposed", "RK-02", "s", ""),
    ("turn_open commit close", "RK-03", "t", "turn_id"),
    ("abort", "RK-03", "t", "turn_id reason"),
    ("barge_in stop", "RK-06 RK-16", "st", ""),
    ("cancel", "RK-06 RK-16", "st", "scope"),
    ("watermark", "RK-13", "st", "edge_id target_lane reason"),
    ("budget_warning budget_exhausted", "RK-17", "st", "reason"),
    ("degrade fallback", "RK-13 RK-17", "st", "reason"),
    ("discontinuity", "RK-15", "st", "sync_domain discontinuity_id reason"),
    ("drop_notice", "RK-12 RK-13", "st", "edge_id target_lane reason seq_range"),
    ("flow_xoff", "RK-14", "st", "edge_id target_lane reason"),
    ("flow_xon", "RK-14", "st", "edge_id target_lane"),
    ("credit_grant", "RK-14", "st", "edge_id target_lane amount"),
    ("provider_error circuit_event provider_switch", "RK-11", "st", "reason"),
    ("lease_issued lease_rotated migration_start migration_finish session_handoff", "CP-07 CP-08", "st", ""),
    ("admit reject defer", "RK-25 CP-05", "s", "reason"),
    ("shed", "RK-25", "st", "reason"),
    ("stale_epoch_reject deauthorized_drain", "RK-24", "st", "reason"),
    ("connected reconnecting disconnected ended silence stall", "RK-23", "st", ""),
    ("output_accepted playback_started playback_completed playback_cancelled", "RK-22 RK-23", "t", "turn_id"),
    ("recording_level_downgraded", "OR-02", "st", "reason"),
];

/// A value for every field that some signal requires.
fn extras() -> Value {
    json!({
        "turn_id": "t1", "reason": "why", "edge_id": "e1", "target_lane": "TelemetryLane", "sync_domain": "d1",
        "discontinuity_id": "d1", "seq_range": {"start": 3, "end": 3}, "amount": 1, "scope": "node"
    })
}

/// A signal by an emitter, about a session or a turn.
fn sent(name: &str, emitter: &str, scope: &str) -> Value {
    with(&signal(), &json!({"signal": name, "emitted_by": emitter, "event_scope": scope}))
}

fn initial(word: &str) -> char {
    word.chars().next().unwrap()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|w| !w.is_empty())
}

/// Signals, emitters, initials of the scopes, required fields.
type Line = (&'static str, &'static str, &'static str, &'static str);

/// Each signal with its line.
fn signals() -> Vec<(&'static str, &'static Line)> {
    RULES.iter().flat_map(|rule| words(rule.0).map(move |s| (s, rule))).collect()
}

#[test]
fn every_signal_emitter_and_scope_is_judged_as_the_table_says() {
    let signals = signals();
    assert_eq!(signals.iter().map(|(s, _)| s).collect::<BTreeSet<_>>().len(), 43);
    let (mut seen, mut legal) = (0, 0);
    for (name, rule) in &signals {
        for emitter in EMITTERS {
            for scope in ["session", "turn"] {
                // Nothing that is required anywhere is lacking: only emitter and scope decide.
                let document = with(&sent(name, emitter, scope), &extras());
                let good = words(rule.1).any(|e| e == emitter) && rule.2.contains(initial(scope));
                expect("control_signal", &document, good, &format!("{name} by {emitter}, {scope}"));
                seen += 1;
                legal += usize::from(good);
            }
        }
    }
    assert_eq!((seen, legal), (43 * 18 * 2, 103));
}

#[test]
fn a_signal_with_exactly_what_it_needs_is_fine_and_without_any_part_of_that_it_is_not() {
    let mut lacking = 0;
    for (name, rule) in signals() {
        for emitter in words(rule.1) {
            for scope in ["session", "turn"].iter().filter(|s| rule.2.contains(initial(s))) {
                let mut needed: BTreeSet<&str> = words(rule.3).collect();
                if *scope == "turn" {
                    needed.insert("turn_id");
                }
                let extras = extras();
                let mut document = sent(name, emitter, scope);
                for field in &needed {
                    document = set(&document, &format!("/{field}"), extras[field].clone());
                }
                expect("control_signal", &document, true, &format!("{name} by {emitter}, {scope}, with {needed:?}"));
                for field in &needed {
                    let less = without(&document, &format!("/{field}"));
                    expect("control_signal", &less, false, &format!("{name}, {scope}, without {field}"));
                    let told = faults("control_signal", &less).join("\n");
                    assert!(told.contains(field), "{name} without {field}: {told}");
                    lacking += 1;
                }
                for field in extras.as_object().unwrap().keys().filter(|f| !needed.contains(f.as_str())) {
                    // An id of a discontinuity needs its domain, on any signal.
                    if *field != "discontinuity_id" {
                        let more = set(&document, &format!("/{field}"), extras[field].clone());
                        expect("control_signal", &more, true, &format!("{name}, {scope}, with {field} as well"));
                    }
                }
            }
        }
    }
    assert!(lacking > 130, "only {lacking} fields were left out");
}

#[test]
fn a_cancel_takes_any_scope_with_it_whatever_it_is_about() {
    for about in ["session", "turn"] {
        for scope in ["session", "turn", "node", "provider_invocation"] {
            let document = with(&sent("cancel", "RK-16", about), &json!({"turn_id": "t1", "scope": scope}));
            expect("control_signal", &document, true, &format!("{scope} of {about}"));
        }
    }
}

#[test]
fn what_a_signal_carries_is_judged_on_every_signal() {
    for (pointer, value, good) in [
        ("/seq_range", json!({"start": 3, "end": 3}), true),
        ("/seq_range", json!({"start": 3, "end": 2}), false),
        ("/seq_range", json!({"start": -1, "end": 2}), false),
        ("/seq_range", json!({"start": 1}), false),
        ("/seq_range", json!({"end": 1}), false),
        ("/amount", json!(1), true),
        ("/amount", json!(0), false),
        ("/scope", json!("node"), true),
        ("/scope", json!("edge"), false),
        ("/scope", json!(""), false),
        ("/reason", json!(""), false),
        ("/edge_id", json!(""), false),
        ("/target_lane", json!("DataLane"), true),
        ("/target_lane", json!("SideLane"), false),
        ("/sync_domain", json!("d"), true),
        ("/discontinuity_id", json!("d"), false),
        ("/authority_epoch", json!(-1), false),
        ("/lane", json!("DataLane"), false),
        ("/lane", json!("TelemetryLane"), false),
        ("/payload_class", json!("text_raw"), false),
        ("/turn_id", json!("t1"), true),
        ("/media_time", json!({"pts_ms": 1}), false),
        ("/causal_parent_id", json!("e0"), false),
    ] {
        for (name, emitter) in [("barge_in", "RK-06"), ("connected", "RK-23"), ("lease_issued", "CP-08")] {
            let document = set(&sent(name, emitter, "session"), pointer, value.clone());
            expect("control_signal", &document, good, &format!("{name}: {pointer}"));
        }
    }
}
