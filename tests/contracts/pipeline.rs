//! Specs, bundles of policy, rollouts and what hangs together with them.

use crate::documents::{keys, set, with, without};
use crate::judge::{advice, expect, faults};
use serde_json::{Value, json};

fn spec() -> Value {
    json!({
        "schema_version": "rspp.pipeline.spec.v1", "spec_id": "s", "pipeline_version": "p1", "graph_definition_ref": "g",
        "nodes": [{"node_id": "a", "kind": "source"}, {"node_id": "b", "kind": "provider", "modality": "stt"}],
        "edges": [{"from": "a", "to": "b"}]
    })
}

fn policy() -> Value {
    json!({
        "schema_version": "rspp.policy.bundle.v1", "policy_resolution_snapshot": "p/v1",
        "allowed_adaptive_actions": ["retry"], "provider_bindings": {"stt": "a"},
        "recording_policy": {"recording_level": "L0", "allowed_replay_modes": ["replay_decisions"]}
    })
}

fn rollout() -> Value {
    json!({
        "pipeline_version": "p1", "strategy": "canary",
        "rollback_posture": {"mode": "manual", "trigger": "p95 above 2 s"}
    })
}

/// Each change alone, in both modes: `s` strict, `r` relaxed.
fn both(kind: &str, document: &Value, cases: &[(&str, Value, &str)]) {
    for (pointer, value, accepting) in cases {
        let changed = set(document, pointer, value.clone());
        expect(kind, &changed, accepting.contains('s'), &format!("{pointer} = {value}"));
        expect(&format!("{kind}_relaxed"), &changed, accepting.contains('r'), &format!("{pointer} = {value}"));
    }
}

#[test]
fn specs() {
    both(
        "spec",
        &spec(),
        &[
            ("/schema_version", json!("rspp.pipeline.spec.v1"), "sr"),
            ("/schema_version", json!("rspp.pipeline.spec.v2"), "r"),
            ("/schema_version", json!("rspp.pipeline.spec"), ""),
            ("/schema_version", json!("rspp.policy.bundle.v1"), ""),
            ("/surprise", json!(1), "r"),
            ("/nodes/0/surprise", json!(1), "r"),
            ("/edges/0/surprise", json!({"a": null}), "r"),
            ("/spec_id", json!(" "), ""),
            ("/pipeline_version", json!("\t"), ""),
            ("/graph_definition_ref", json!(""), ""),
            ("/nodes", json!([]), ""),
            ("/edges", json!([]), ""),
            ("/edges", json!({}), ""),
            ("/nodes/0/node_id", json!("  "), ""),
            ("/nodes/0/node_id", json!(" a "), "sr"),
            ("/nodes/0/node_id", json!("b"), ""),
            ("/nodes/0/node_id", json!(" b"), ""),
            ("/nodes/0/node_id", json!("B"), ""),
            ("/nodes/0/kind", json!(""), ""),
            ("/nodes/0/kind", json!("anything at all"), "sr"),
            ("/nodes/0/kind", json!("Provider"), ""),
            ("/nodes/0/modality", json!("smell"), "sr"),
            ("/nodes/0/modality", json!(""), "sr"),
            ("/nodes/0/modality", json!(1), ""),
            ("/nodes/1/kind", json!("PROVIDER"), "sr"),
            ("/nodes/1/modality", json!("STT"), "sr"),
            ("/nodes/1/modality", json!("llm"), "sr"),
            ("/nodes/1/modality", json!("tts"), "sr"),
            ("/nodes/1/modality", json!("external"), ""),
            ("/nodes/1/modality", json!(""), ""),
            ("/edges/0/from", json!(""), ""),
            ("/edges/0/from", json!("c"), ""),
            ("/edges/0/to", json!("c"), ""),
            ("/edges/0/to", json!(" b "), "sr"),
            ("/edges/0/to", json!("a"), "sr"),
            ("/edges/1", json!({"from": "b", "to": "a"}), "sr"),
            ("/edges/1", json!({"from": "a", "to": "b"}), ""),
            ("/edges/1", json!({"from": "a ", "to": " b"}), ""),
        ],
    );
    for kind in ["spec", "spec_relaxed"] {
        for pointer in keys(&spec()) {
            expect(kind, &without(&spec(), &pointer), false, &pointer);
            expect(kind, &set(&spec(), &pointer, Value::Null), false, &pointer);
        }
    }
}

/// Every field at fault, with its place.
#[test]
fn a_spec_with_five_mistakes_names_five_places() {
    let mut document = spec();
    document["nodes"] = json!([
        {"node_id": "a", "kind": "source", "colour": "red"}, {"node_id": " ", "kind": "sink"},
        {"node_id": "c", "kind": "provider"}
    ]);
    document["edges"] = json!([{"from": "x", "to": "a"}, {"from": "a", "to": 7}]);
    let told = faults("spec", &document);
    let starts: Vec<&str> = told.iter().map(|f| f.split(": ").next().unwrap()).collect();
    for place in ["nodes[0].colour", "nodes[1].node_id", "nodes[2]", "edges[1].to"] {
        assert!(starts.iter().any(|s| s.starts_with(place)), "{place}\n{told:#?}");
    }
    // What stands in the fields that could be read is judged as well.
    document["nodes"][1]["node_id"] = json!("b");
    document["edges"][1]["to"] = json!("y");
    let told = faults("spec", &document);
    for place in ["edges[0].from: rule `edge_from`", "edges[1].to: rule `edge_to`"] {
        assert!(told.iter().any(|f| f.starts_with(place)), "{place}\n{told:#?}");
    }
}

#[test]
fn what_is_no_mistake_of_a_spec_and_worth_a_word() {
    assert_eq!(advice("spec", &spec()), Vec::<String>::new());
    let mut document = spec();
    document["nodes"] = json!([
        {"node_id": "a", "kind": "source", "modality": "smell"}, {"node_id": "b", "kind": "x"}, {"node_id": "c", "kind": "x"},
        {"node_id": "d", "kind": "x"}
    ]);
    document["edges"] = json!([{"from": "a", "to": "b"}, {"from": "b", "to": "a"}, {"from": "c", "to": "c"}]);
    for kind in ["spec", "spec_relaxed"] {
        let told = advice(kind, &document).join("\n");
        for words in [
            "nodes[0]",
            "`smell` is no modality",
            "nodes[3]",
            "no edge touches d",
            "a -> b",
            "edges[2]",
            "c leads to itself",
        ] {
            assert!(told.contains(words), "{words}\n{told}");
        }
        assert_eq!(told.lines().count(), 4, "{told}");
    }
}

#[test]
fn bundles_of_policy() {
    both(
        "policy",
        &policy(),
        &[
            ("/schema_version", json!("rspp.policy.bundle.v1"), "sr"),
            ("/schema_version", json!("rspp.policy.bundle.v9"), "r"),
            ("/schema_version", json!("rspp.policy.v1"), ""),
            ("/surprise", json!(1), "r"),
            ("/recording_policy/surprise", json!(1), "r"),
            ("/policy_resolution_snapshot", json!("  "), ""),
            ("/allowed_adaptive_actions", json!([]), ""),
            ("/allowed_adaptive_actions", json!([" Retry", "DEGRADE"]), "sr"),
            ("/allowed_adaptive_actions", json!(["retry", "RETRY "]), ""),
            ("/allowed_adaptive_actions", json!(["give_up"]), ""),
            ("/allowed_adaptive_actions", json!(["retry", "provider_switch", "degrade", "fallback"]), "sr"),
            ("/provider_bindings", json!({}), ""),
            ("/provider_bindings", json!({" ": "a"}), ""),
            ("/provider_bindings", json!({"stt": " "}), ""),
            ("/provider_bindings", json!({"vad": "a"}), "sr"),
            ("/recording_policy/recording_level", json!(" L2 "), "sr"),
            ("/recording_policy/recording_level", json!("l2"), ""),
            ("/recording_policy/allowed_replay_modes", json!([]), ""),
            ("/recording_policy/allowed_replay_modes", json!(["audit", " regression"]), "sr"),
            ("/recording_policy/allowed_replay_modes", json!(["audit", "audit "]), ""),
            ("/recording_policy/allowed_replay_modes", json!(["Audit"]), ""),
            ("/recording_policy/allowed_replay_modes", json!(["recompute_decisions", "re_simulate_nodes"]), "sr"),
        ],
    );
    for kind in ["policy", "policy_relaxed"] {
        for pointer in keys(&policy()) {
            expect(kind, &without(&policy(), &pointer), false, &pointer);
            expect(kind, &set(&policy(), &pointer, Value::Null), false, &pointer);
        }
    }
    let mut legacy = set(&policy(), "/recording_policy/allowed_replay_modes", json!(["replay_decisions", "audit"]));
    legacy["provider_bindings"]["vad"] = json!("a");
    let told = advice("policy", &legacy).join("\n");
    assert!(told.contains("`audit` is an older word") && told.contains("`vad`"), "{told}");
    assert_eq!(told.lines().count(), 2, "{told}");
}

#[test]
fn rollouts_of_a_release() {
    for (pointer, value, good) in [
        ("/strategy", json!(" Phased "), true),
        ("/strategy", json!("IMMEDIATE"), true),
        ("/strategy", json!("slow"), false),
        ("/pipeline_version", json!(" "), false),
        ("/rollback_posture/mode", json!("Automatic"), true),
        ("/rollback_posture/mode", json!("none"), false),
        ("/rollback_posture/trigger", json!(""), false),
        ("/rollback_posture/trigger", json!("any words"), true),
        ("/rollback_posture/surprise", json!(1), false),
        ("/schema_version", json!("v1"), false),
        ("/surprise", json!(1), false),
    ] {
        expect("rollout", &set(&rollout(), pointer, value), good, pointer);
    }
    for pointer in keys(&rollout()) {
        expect("rollout", &without(&rollout(), &pointer), false, &pointer);
    }
    let other = with(&rollout(), &json!({"schema_version": "rspp.rollout.v1", "strategy": {"kind": "allowlist"}}));
    let told = faults("rollout", &other).join("\n");
    assert!(told.contains("this is a file of kind rspp.rollout.v1, which other tools read"), "{told}");
}

/// The other kinds of files: as shipped, with more in them, and without any field.
#[test]
fn what_hangs_together_with_a_pipeline() {
    for (path, kind, fields) in [
        ("pipelines/bundles/voice-assistant.json", "pipeline_bundle", 10),
        ("pipelines/profiles/simple.json", "execution_profile", 5),
        ("pipelines/rollouts/default.json", "platform_rollout", 5),
        ("pipelines/compat/compatibility.json", "compatibility", 6),
        ("pipelines/extensions/catalog.json", "extensions", 3),
        ("pipelines/replay/manifest.json", "replay_manifest", 6),
        ("deploy/profiles/eu-west.json", "deploy_rollout", 6),
    ] {
        let file = format!("{}/fixtures/reference/{path}", env!("CARGO_MANIFEST_DIR"));
        let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        expect(kind, &document, true, path);
        expect(kind, &set(&document, "/notes", json!("more")), true, "more in it");
        let top: Vec<String> = keys(&document).into_iter().filter(|k| k.matches('/').count() == 1).collect();
        assert_eq!(top.len(), fields, "{path}");
        for field in top {
            expect(kind, &without(&document, &field), false, &format!("{path} without {field}"));
            if document.pointer(&field).unwrap().is_string() {
                expect(kind, &set(&document, &field, json!(" ")), false, &format!("{path} with a blank {field}"));
            }
        }
        let version = document["schema_version"].as_str().unwrap().replace(".v1", ".v2");
        expect(kind, &set(&document, "/schema_version", json!(version)), false, "another version");
    }
}
