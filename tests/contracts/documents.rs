//! Documents to start from, and small changes to them.

use serde_json::{Map, Value, json};

/// The fields that every event and signal has to have, about a session.
pub fn envelope() -> Value {
    json!({
        "schema_version": "v1.0", "event_scope": "session", "session_id": "s1", "pipeline_version": "p1",
        "event_id": "e1", "transport_sequence": 0, "runtime_sequence": 0, "runtime_timestamp_ms": 0,
        "wall_clock_timestamp_ms": 0
    })
}

/// An event about a session, with nothing that it could do without.
pub fn event() -> Value {
    with(&envelope(), &json!({"lane": "DataLane", "payload_class": "metadata"}))
}

/// An event about a turn.
pub fn turn_event() -> Value {
    with(&event(), &json!({"event_scope": "turn", "turn_id": "t1", "authority_epoch": 0}))
}

/// Audio of a session.
pub fn audio() -> Value {
    with(&event(), &json!({"payload_class": "audio_raw", "media_time": {"pts_ms": 0}}))
}

/// A signal that needs nothing of its own.
pub fn signal() -> Value {
    let own = json!({
        "lane": "ControlLane", "payload_class": "metadata", "authority_epoch": 0, "signal": "barge_in",
        "emitted_by": "RK-06"
    });
    with(&envelope(), &own)
}

/// A step that is legal.
pub fn step() -> Value {
    json!({"from_state": "Idle", "trigger": "turn_open_proposed", "to_state": "Opening", "deterministic": true})
}

/// A decision with nothing that it could do without.
pub fn decision() -> Value {
    json!({
        "outcome_kind": "admit", "phase": "pre_turn", "scope": "session", "session_id": "s1", "event_id": "e1",
        "reason": "capacity", "runtime_timestamp_ms": 0, "wall_clock_timestamp_ms": 0, "emitted_by": "RK-25"
    })
}

/// A plan with nothing that it could do without.
pub fn plan() -> Value {
    let lanes = |data: Value, control: Value, telemetry: Value| json!({"DataLane": data, "ControlLane": control, "TelemetryLane": telemetry});
    let mark = json!({"high": 1, "low": 0});
    json!({
        "turn_id": "t1", "pipeline_version": "p1", "plan_hash": "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdefABCD",
        "graph_definition_ref": "g1", "execution_profile": "simple", "authority_epoch": 0,
        "budgets": {
            "turn_budget_ms": 1, "node_budget_ms_default": 1, "path_budget_ms_default": 1, "edge_budget_ms_default": 1
        },
        "provider_bindings": {"stt": "a"},
        "edge_buffer_policies": {"default": {
            "strategy": "drop", "max_queue_items": 1, "max_queue_ms": 1, "max_queue_bytes": 1,
            "max_latency_contribution_ms": 1, "watermarks": {"queue_items": mark},
            "lane_handling": lanes("block".into(), "non_blocking_priority".into(), "drop".into()),
            "defaulting_source": "explicit_edge_config"
        }},
        "flow_control": {
            "mode_by_lane": lanes("signal".into(), "credit".into(), "hybrid".into()),
            "watermarks": lanes(mark.clone(), mark.clone(), mark),
            "shedding_strategy_by_lane": lanes("drop".into(), "none".into(), "sample".into())
        },
        "allowed_adaptive_actions": [],
        "snapshot_provenance": {
            "routing_view_snapshot": "a/v1", "admission_policy_snapshot": "b/v1", "abi_compatibility_snapshot": "c/v1",
            "version_resolution_snapshot": "d/v1", "policy_resolution_snapshot": "e/v1", "provider_health_snapshot": "f/v1"
        },
        "recording_policy": {"recording_level": "L0", "allowed_replay_modes": ["replay_decisions"]},
        "determinism": {
            "seed": 0, "ordering_markers": ["m1"], "merge_rule_id": "r1", "merge_rule_version": "1.0",
            "nondeterministic_inputs": []
        }
    })
}

/// A streaming handoff with everything that an enabled one needs.
pub fn handoff() -> Value {
    let edge = json!({
        "enabled": true, "min_partial_chars": 1, "max_partial_age_ms": 1, "max_pending_revisions": 1,
        "max_pending_segments": 1
    });
    json!({"enabled": true, "stt_to_llm": edge, "llm_to_tts": edge})
}

/// A document of each contract artifact, one and all optional parts left out.
pub fn least(kind: &str) -> Value {
    match kind {
        "event" => event(),
        "control_signal" => signal(),
        "turn_transition" => step(),
        "resolved_turn_plan" => plan(),
        "decision_outcome" => decision(),
        "artifact_bundle" => json!({
            "event": event(), "control_signal": signal(), "turn_transition": step(), "resolved_turn_plan": plan(),
            "decision_outcome": decision()
        }),
        other => panic!("no document of kind {other}"),
    }
}

/// The document with the keys of `more` put in.
pub fn with(document: &Value, more: &Value) -> Value {
    let mut made = document.clone();
    for (key, value) in more.as_object().unwrap() {
        made.as_object_mut().unwrap().insert(key.clone(), value.clone());
    }
    made
}

/// The document with a value put at a pointer; the parent has to be there.
pub fn set(document: &Value, pointer: &str, value: Value) -> Value {
    let mut made = document.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match made.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}")) {
        Value::Object(entries) => {
            entries.insert(key.replace("~1", "/").replace("~0", "~"), value);
        }
        Value::Array(items) => {
            let at: usize = key.parse().unwrap();
            items.resize(items.len().max(at + 1), Value::Null);
            items[at] = value;
        }
        other => panic!("{other} at {parent}"),
    }
    made
}

/// The document without the key at a pointer, which has to be there.
pub fn without(document: &Value, pointer: &str) -> Value {
    let mut made = document.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let entries: &mut Map<String, Value> = made.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    entries.remove(key).unwrap_or_else(|| panic!("nothing at {pointer}"));
    made
}

/// Pointers to every key of every object, however deep.
pub fn keys(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, "", &mut |pointer, _| found.push(pointer.to_owned()));
    found.retain(|p| !p.is_empty());
    found.retain(|p| document.pointer(p.rsplit_once('/').unwrap().0).unwrap().is_object());
    found
}

/// Pointers to every object.
pub fn objects(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, "", &mut |pointer, value| {
        if value.is_object() {
            found.push(pointer.to_owned());
        }
    });
    found
}

fn walk(value: &Value, pointer: &str, visit: &mut dyn FnMut(&str, &Value)) {
    visit(pointer, value);
    match value {
        Value::Object(entries) => entries.iter().for_each(|(k, v)| walk(v, &format!("{pointer}/{k}"), visit)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| walk(v, &format!("{pointer}/{i}"), visit)),
        _ => {}
    }
}
