//! What holds of every kind of artifact, events, and the list of cases in which the two older
//! validators disagreed.

use crate::documents::*;
use crate::judge::{advice, expect, faults, faults_by, faults_of_text, keeps, objections, policy, rules_of};
use serde_json::{Value, json};

const KINDS: [&str; 6] =
    ["event", "control_signal", "turn_transition", "resolved_turn_plan", "decision_outcome", "artifact_bundle"];

#[test]
fn every_field_of_a_least_document_is_needed() {
    for kind in KINDS {
        let document = least(kind);
        expect(kind, &document, true, "the least document");
        for pointer in keys(&document) {
            // Entries of a map may go, as long as one is left; here there is one.
            expect(kind, &without(&document, &pointer), false, &format!("{pointer} left out"));
            expect(kind, &set(&document, &pointer, Value::Null), false, &format!("{pointer} is null"));
        }
    }
}

#[test]
fn unknown_fields_are_refused_at_every_depth() {
    for kind in KINDS {
        let document = least(kind);
        for object in objects(&document) {
            expect(kind, &set(&document, &format!("{object}/surprise"), json!(1)), false, &format!("in {object}"));
        }
    }
}

#[test]
fn a_document_is_of_its_own_kind_only() {
    for kind in KINDS {
        for other in KINDS {
            expect(kind, &least(other), kind == other, &format!("a {other}"));
        }
        for value in [json!({}), json!([]), json!(null), json!("event"), json!(1), json!([least(kind)])] {
            expect(kind, &value, false, "no object of that kind");
        }
    }
}

#[test]
fn keys_are_exact_and_stand_once_and_nothing_follows() {
    for kind in KINDS {
        let text = least(kind).to_string();
        assert!(faults_of_text(kind, &text).is_empty());
        assert!(faults_of_text(kind, &format!("\n {text} \n\t")).is_empty());
        for wrong in [
            format!("{text}{text}"),
            format!("{text} x"),
            format!("{text},"),
            text.strip_suffix('}').unwrap().to_owned(),
        ] {
            assert!(!faults_of_text(kind, &wrong).is_empty(), "{kind}: {wrong}");
        }
        for pointer in keys(&least(kind)) {
            let key = pointer.rsplit_once('/').unwrap().1;
            let upper = text.replacen(&format!("\"{key}\":"), &format!("\"{}\":", key.to_uppercase()), 1);
            if upper != text && !["default", "stt"].contains(&key) {
                assert!(!faults_of_text(kind, &upper).is_empty(), "{kind}: {upper}");
            }
            let twice = text.replacen(&format!("\"{key}\":"), &format!("\"{key}\":1,\"{key}\":"), 1);
            assert!(!faults_of_text(kind, &twice).is_empty(), "{kind}: {twice}");
        }
    }
}

/// Whole numbers are written as such and fit into 64 bits.
#[test]
fn whole_numbers() {
    for kind in KINDS {
        let document = least(kind);
        for pointer in keys(&document) {
            if !document.pointer(&pointer).unwrap().is_number() {
                continue;
            }
            let marked = set(&document, &pointer, json!("NUMBER")).to_string();
            for (number, good) in [
                ("1", true),
                ("9223372036854775807", true),
                ("9223372036854775808", false),
                ("1.0", false),
                ("1e0", false),
                ("1.5", false),
                ("-1", false),
                ("\"1\"", false),
                ("true", false),
            ] {
                let text = marked.replace("\"NUMBER\"", number);
                let found = faults_of_text(kind, &text);
                assert_eq!(found.is_empty(), good, "{kind}{pointer} = {number}: {found:?}");
            }
        }
    }
}

#[test]
fn events() {
    for (document, good, why) in [
        (event(), true, "about a session"),
        (turn_event(), true, "about a turn"),
        (without(&turn_event(), "/turn_id"), false, "a turn without its id"),
        (set(&turn_event(), "/turn_id", json!("")), false, "a turn with an empty id"),
        (without(&turn_event(), "/authority_epoch"), false, "a turn without its epoch"),
        (set(&event(), "/turn_id", json!("t1")), true, "a session with a turn"),
        (set(&event(), "/authority_epoch", json!(3)), true, "a session with an epoch"),
        (set(&event(), "/lane", json!("TelemetryLane")), true, "telemetry"),
        (set(&event(), "/lane", json!("ControlLane")), false, "control"),
        (set(&event(), "/timestamp_ms", json!(0)), true, "another time"),
        (set(&event(), "/timestamp_ms", json!(-1)), false, "another time before 1970"),
        (audio(), true, "audio by milliseconds"),
        (set(&audio(), "/media_time", json!({"sample_index": 4})), true, "audio by samples"),
        (set(&audio(), "/media_time", json!({})), false, "audio without a place"),
        (set(&audio(), "/media_time", json!({"pts_ms": -1})), false, "audio before its start"),
        (without(&audio(), "/media_time"), false, "audio without a time"),
        (set(&event(), "/media_time", json!({"pts_ms": 1})), true, "a time on what is no audio"),
        (set(&event(), "/signal", json!("stop")), false, "a signal"),
    ] {
        expect("event", &document, good, why);
    }
    for class in ["PII", "PHI", "text_raw", "derived_summary", "metadata"] {
        expect("event", &set(&event(), "/payload_class", json!(class)), true, class);
    }
    for (version, good) in [
        ("v1.0", true),
        ("v1.2.3", true),
        ("v10.20.30", true),
        ("v1", false),
        ("1.0", false),
        ("v1.0.0.0", false),
        ("v1.0 ", false),
        ("v1.0\n", false),
    ] {
        for kind in ["event", "control_signal"] {
            expect(kind, &set(&least(kind), "/schema_version", json!(version)), good, version);
        }
    }
    for field in ["session_id", "pipeline_version", "event_id"] {
        for kind in ["event", "control_signal"] {
            expect(kind, &set(&least(kind), &format!("/{field}"), json!("")), false, field);
        }
    }
}

/// Where the typed rules and the schema of the older tools disagreed: each of these is refused.
#[test]
fn the_old_disagreements_are_settled() {
    let edge = "/edge_buffer_policies/default";
    let mut refused: Vec<(&str, Value)> = Vec::new();
    for pointer in ["/runtime_sequence", "/transport_sequence", "/runtime_timestamp_ms", "/wall_clock_timestamp_ms"] {
        refused.push(("event", without(&event(), pointer)));
        refused.push(("control_signal", without(&signal(), pointer)));
    }
    refused.push(("resolved_turn_plan", without(&plan(), "/determinism/seed")));
    refused.push(("resolved_turn_plan", without(&plan(), "/authority_epoch")));
    refused.push(("control_signal", without(&signal(), "/authority_epoch")));
    refused.push(("resolved_turn_plan", without(&plan(), &format!("{edge}/watermarks/queue_items/low"))));
    refused.push(("resolved_turn_plan", without(&plan(), "/flow_control/watermarks/DataLane/low")));
    refused.push(("control_signal", set(&signal(), "/seq_range", json!({"end": 4}))));
    for (kind, document) in [("event", event()), ("control_signal", signal()), ("decision_outcome", decision())] {
        refused.push((kind, set(&document, "/authority_epoch", json!(-1))));
        refused.push((kind, set(&document, "/timestamp_ms", Value::Null)));
        refused.push((kind, set(&document, "/turn_id", json!(""))));
    }
    refused.push(("event", set(&event(), "/transport_sequence", Value::Null)));
    refused.push(("control_signal", set(&signal(), "/reason", json!(""))));
    refused.push(("control_signal", set(&signal(), "/scope", json!(""))));
    refused.push(("resolved_turn_plan", set(&plan(), &format!("{edge}/fairness_key"), json!(""))));
    let sync = json!({"policy": "no_sync", "scope": "edge_local", "group_by": ""});
    refused.push(("resolved_turn_plan", set(&plan(), &format!("{edge}/sync_drop_policy"), sync)));
    refused.push(("resolved_turn_plan", set(&plan(), "/streaming_handoff", Value::Null)));
    refused.push(("event", set(&audio(), "/media_time", json!({"pts_ms": 1, "sample_index": 1}))));
    for wrong in [json!({}), json!({"pts_ms": -1}), json!({"pts_ms": 1, "sample_index": 1}), json!(4)] {
        refused.push(("event", set(&event(), "/media_time", wrong)));
    }
    for (field, value) in [
        ("node_id", json!("n")),
        ("edge_id", json!("e")),
        ("causal_parent_id", json!("e0")),
        ("idempotency_key", json!("k")),
        ("provider_invocation_id", json!("i")),
        ("sync_id", json!("s")),
        ("sync_domain", json!("d")),
        ("discontinuity_id", json!("d")),
        ("merge_group_id", json!("g")),
        ("merged_from_event_ids", json!(["a", "b"])),
        ("late_after_cancel", json!(true)),
        ("lease_token", json!("l")),
        ("emitted_by", json!("RK-23")),
        ("reason", json!("why")),
        ("seq_range", json!({"start": 0, "end": 1})),
        ("scope", json!("turn")),
        ("target_lane", json!("DataLane")),
        ("amount", json!(1)),
        ("signal", json!("stop")),
    ] {
        refused.push(("event", set(&turn_event(), &format!("/{field}"), value)));
    }
    refused.push(("control_signal", set(&signal(), "/media_time", json!({"pts_ms": 1}))));
    refused.push(("control_signal", set(&signal(), "/causal_parent_id", json!("e0"))));
    refused.push(("control_signal", set(&signal(), "/scope", json!("room"))));
    refused.push(("control_signal", set(&signal(), "/discontinuity_id", json!("d"))));
    refused.push(("control_signal", set(&signal(), "/seq_range", json!({"start": 5, "end": 4}))));
    refused.push(("resolved_turn_plan", set(&plan(), "/provider_bindings", json!({}))));
    refused.push(("resolved_turn_plan", set(&plan(), "/provider_bindings", json!({"": "a"}))));
    refused.push(("resolved_turn_plan", set(&plan(), "/node_execution_policies", json!({"": {}}))));
    refused
        .push(("resolved_turn_plan", set(&plan(), "/node_execution_policies", json!({"n": {"fairness_key": "  "}}))));
    refused.push(("resolved_turn_plan", set(&plan(), &format!("{edge}/max_block_time_ms"), json!(0))));
    refused.push(("resolved_turn_plan", set(&plan(), "/streaming_handoff", without(&handoff(), "/llm_to_tts"))));
    let off = set(&handoff(), "/enabled", json!(false));
    refused.push((
        "resolved_turn_plan",
        set(&plan(), "/streaming_handoff", without(&off, "/stt_to_llm/max_partial_age_ms")),
    ));
    refused.push((
        "resolved_turn_plan",
        set(&plan(), "/streaming_handoff", set(&off, "/stt_to_llm/max_partial_age_ms", json!(0))),
    ));
    for (kind, document) in &refused {
        expect(kind, document, false, "settled: refused");
    }
    assert!(refused.len() > 60);
}

#[test]
fn a_bundle_is_as_good_as_its_parts() {
    let bundle = least("artifact_bundle");
    for kind in &KINDS[..5] {
        assert!(keeps("artifact_bundle", &set(&bundle, &format!("/{kind}"), least(kind))));
        for other in KINDS.iter().filter(|o| o != &kind) {
            expect("artifact_bundle", &set(&bundle, &format!("/{kind}"), least(other)), false, other);
        }
    }
    expect("artifact_bundle", &set(&bundle, "/event/lane", json!("ControlLane")), false, "a wrong part");
}

/// The shipped documents, by kind and folder.
fn shipped(kind: &str, folder: &str) -> Vec<(String, Value)> {
    let path = format!("{}/fixtures/reference/test/contract/fixtures/{kind}/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<(String, Value)> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), serde_json::from_str(&text).unwrap())
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[test]
fn shipped_documents_are_accepted_or_refused_by_contract_and_schema() {
    for kind in &KINDS[..5] {
        let (valid, invalid) = (shipped(kind, "valid"), shipped(kind, "invalid"));
        assert!(valid.len() >= 8 && invalid.len() >= 20, "{kind}: {} and {}", valid.len(), invalid.len());
        for (name, document) in valid {
            expect(kind, &document, true, &name);
        }
        let mut broken = String::new();
        for (name, document) in invalid {
            expect(kind, &document, false, &name);
            assert!(!objections(kind, &document).is_empty(), "{kind}/{name}: the schema accepts it");
            broken.push_str(&faults(kind, &document).join("\n"));
        }
        // Of every rule there is a document that breaks it, but for one that no schema can state.
        for rule in rules_of(kind).iter().filter(|r| *r != "ordered") {
            assert!(broken.contains(&format!("rule `{rule}` ")), "{kind}: no document breaks `{rule}`");
        }
    }
}

#[test]
fn a_low_mark_above_the_high_one_is_worth_a_word() {
    let pointer = "/edge_buffer_policies/default/watermarks/queue_items/low";
    assert_eq!(advice("resolved_turn_plan", &plan()), Vec::<String>::new());
    let told = advice("resolved_turn_plan", &set(&plan(), pointer, json!(2)));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("edge_buffer_policies"), "{told:?}");
}

/// One line in one gate file allows another step, and nothing else changes.
#[test]
fn a_legal_step_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in ["gates", "profiles", "docs/ContractArtifacts.schema.json", "docs/PipelineArtifacts.schema.json"] {
        copy(&root.join(part), &folder.path().join(part));
    }
    let path = folder.path().join("gates/contracts/turn_transition.gate");
    let text = std::fs::read_to_string(&path).unwrap();
    let line = text.lines().find(|l| l.contains("[close]")).expect("the step that closes a turn");
    let more = line.replace("Terminal ", "Idle     ").replace("[close]", "[abort]");
    std::fs::write(&path, text.replace(line, &format!("{line}\n{more}"))).unwrap();
    let changed = policy(folder.path());
    let added = json!({"from_state": "Idle", "trigger": "abort", "to_state": "Closed", "deterministic": true});
    assert!(!keeps("turn_transition", &added));
    let by = |document: &Value| {
        let json = rspp_gates::evidence::parse_json(&document.to_string()).unwrap();
        faults_by(&changed, "turn_transition", &json)
    };
    assert_eq!(by(&added), Vec::<String>::new());
    assert!(!by(&set(&added, "/to_state", json!("Active"))).is_empty());
    assert_eq!(by(&step()), Vec::<String>::new());
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    if from.is_dir() {
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            copy(&path, &to.join(path.file_name().unwrap()));
        }
    } else {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    }
}
