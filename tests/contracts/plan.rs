//! The plan of a turn, part by part.

use crate::documents::{handoff, plan, set, without};
use crate::judge::expect;
use serde_json::{Value, json};

const PLAN: &str = "resolved_turn_plan";
const EDGE: &str = "/edge_buffer_policies/default";

/// Each change is made alone to the least plan.
#[track_caller]
fn changes(below: &str, cases: &[(&str, Value, bool)]) {
    for (pointer, value, good) in cases {
        let document = set(&plan(), &format!("{below}{pointer}"), value.clone());
        expect(PLAN, &document, *good, &format!("{below}{pointer} = {value}"));
    }
}

#[test]
fn the_least_plan_is_one() {
    expect(PLAN, &plan(), true, "the least plan");
}

#[test]
fn names_and_the_hash() {
    let of = |c: char, n: usize| json!(c.to_string().repeat(n));
    changes(
        "",
        &[
            ("/turn_id", json!(""), false),
            ("/pipeline_version", json!(""), false),
            ("/graph_definition_ref", json!(""), false),
            ("/execution_profile", json!(""), false),
            ("/execution_profile", json!("advanced"), true),
            ("/plan_hash", of('a', 64), true),
            ("/plan_hash", of('F', 64), true),
            ("/plan_hash", of('a', 63), false),
            ("/plan_hash", of('a', 65), false),
            ("/plan_hash", of('g', 64), false),
            ("/authority_epoch", json!(-1), false),
            ("/authority_epoch", json!(9_223_372_036_854_775_807_u64), true),
            ("/authority_epoch", json!(9_223_372_036_854_775_808_u64), false),
        ],
    );
}

#[test]
fn budgets_are_at_least_one() {
    for field in ["turn_budget_ms", "node_budget_ms_default", "path_budget_ms_default", "edge_budget_ms_default"] {
        changes("/budgets", &[(&format!("/{field}"), json!(0), false), (&format!("/{field}"), json!(2000), true)]);
    }
}

#[test]
fn maps_have_entries_and_no_empty_key() {
    changes(
        "",
        &[
            ("/provider_bindings", json!({}), false),
            ("/provider_bindings", json!({"": "a"}), false),
            ("/provider_bindings", json!({"stt": ""}), false),
            ("/provider_bindings", json!({"anything": "a"}), true),
            ("/edge_buffer_policies", json!({}), false),
            ("/edge_buffer_policies", json!({"": plan().pointer(EDGE).unwrap()}), false),
            ("/node_execution_policies", json!({}), true),
            ("/node_execution_policies", json!({"": {}}), false),
            ("/node_execution_policies", json!({"n": {}}), true),
            ("/node_execution_policies", json!({"n": {"concurrency_limit": 0}}), true),
            ("/node_execution_policies", json!({"n": {"concurrency_limit": -1}}), false),
            ("/node_execution_policies", json!({"n": {"fairness_key": "k"}}), true),
            ("/node_execution_policies", json!({"n": {"fairness_key": ""}}), false),
            ("/node_execution_policies", json!({"n": {"fairness_key": " \t"}}), false),
        ],
    );
}

#[test]
fn edges() {
    let mark = json!({"high": 5, "low": 2});
    changes(
        EDGE,
        &[
            ("/strategy", json!("drop"), true),
            ("/strategy", json!("merge"), true),
            ("/strategy", json!("sample"), true),
            ("/strategy", json!("latest_only"), true),
            ("/strategy", json!("block"), false),
            ("/strategy", json!("wait"), false),
            ("/max_queue_items", json!(0), false),
            ("/max_queue_ms", json!(0), false),
            ("/max_queue_bytes", json!(0), false),
            ("/max_latency_contribution_ms", json!(0), false),
            ("/max_block_time_ms", json!(0), false),
            ("/max_block_time_ms", json!(1), true),
            ("/watermarks", json!({}), false),
            ("/watermarks", json!({"queue_items": mark}), true),
            ("/watermarks", json!({"queue_ms": mark}), true),
            ("/watermarks", json!({"queue_items": mark, "queue_ms": mark}), true),
            ("/watermarks", json!({"queue_ms": {"high": 1, "low": 9}}), true),
            ("/watermarks", json!({"queue_ms": {"high": 0, "low": 0}}), false),
            ("/watermarks", json!({"queue_ms": {"high": 1, "low": -1}}), false),
            ("/watermarks", json!({"queue_ms": {"high": 1}}), false),
            ("/watermarks", json!({"queue_ms": {"low": 1}}), false),
            ("/fairness_key", json!("k"), true),
            ("/fairness_key", json!(""), false),
            ("/defaulting_source", json!("execution_profile_default"), true),
            ("/defaulting_source", json!("guess"), false),
        ],
    );
    let blocking =
        set(&set(&plan(), &format!("{EDGE}/strategy"), json!("block")), &format!("{EDGE}/max_block_time_ms"), json!(1));
    expect(PLAN, &blocking, true, "a blocking edge with an end");
}

#[test]
fn every_lane_has_its_own_words() {
    let try_all = |pointer: &str, words: &[&str], legal: &[&str]| {
        for word in words {
            let document = set(&plan(), pointer, json!(word));
            expect(PLAN, &document, legal.contains(word), &format!("{pointer} = {word}"));
        }
    };
    let handling =
        ["block", "drop", "merge", "sample", "latest_only", "non_blocking_priority", "best_effort_drop", "none", ""];
    try_all(&format!("{EDGE}/lane_handling/DataLane"), &handling, &handling[..5]);
    try_all(&format!("{EDGE}/lane_handling/ControlLane"), &handling, &["non_blocking_priority"]);
    try_all(&format!("{EDGE}/lane_handling/TelemetryLane"), &handling, &["drop", "sample", "best_effort_drop"]);
    let shedding = ["drop", "merge", "latest_only", "degrade", "fallback", "none", "sample", "block", ""];
    try_all("/flow_control/shedding_strategy_by_lane/DataLane", &shedding, &shedding[..5]);
    try_all("/flow_control/shedding_strategy_by_lane/ControlLane", &shedding, &["none"]);
    try_all("/flow_control/shedding_strategy_by_lane/TelemetryLane", &shedding, &["drop", "sample"]);
    for lane in ["DataLane", "ControlLane", "TelemetryLane"] {
        try_all(
            &format!("/flow_control/mode_by_lane/{lane}"),
            &["signal", "credit", "hybrid", "none", ""],
            &["signal", "credit", "hybrid"],
        );
        let mark = format!("/flow_control/watermarks/{lane}");
        changes(
            &mark,
            &[
                ("/high", json!(0), false),
                ("/high", json!(7), true),
                ("/low", json!(-1), false),
                ("/low", json!(9), true),
            ],
        );
    }
}

#[test]
fn what_is_dropped_together() {
    let pointer = format!("{EDGE}/sync_drop_policy");
    for (policy, group, domain, good) in [
        ("no_sync", false, false, true),
        ("no_sync", true, true, true),
        ("atomic_drop", true, false, true),
        ("atomic_drop", true, true, true),
        ("atomic_drop", false, false, false),
        ("atomic_drop", false, true, false),
        ("drop_with_discontinuity", true, true, true),
        ("drop_with_discontinuity", true, false, false),
        ("drop_with_discontinuity", false, true, false),
        ("drop_with_discontinuity", false, false, false),
        ("drop", true, true, false),
    ] {
        for scope in ["edge_local", "plan_wide"] {
            let mut rule = json!({"policy": policy, "scope": scope});
            if group {
                rule["group_by"] = json!("sync_id");
            }
            if domain {
                rule["sync_domain"] = json!("d");
            }
            expect(PLAN, &set(&plan(), &pointer, rule), good, &format!("{policy} {group} {domain}"));
        }
    }
    let whole =
        json!({"policy": "drop_with_discontinuity", "scope": "plan_wide", "group_by": "custom", "sync_domain": "d"});
    let document = set(&plan(), &pointer, whole);
    for (field, value, good) in [
        ("group_by", json!("event_id"), true),
        ("group_by", json!(""), false),
        ("group_by", json!("turn_id"), false),
        ("sync_domain", json!(""), false),
        ("scope", json!("node"), false),
    ] {
        expect(PLAN, &set(&document, &format!("{pointer}/{field}"), value), good, field);
    }
    for field in ["policy", "scope"] {
        expect(PLAN, &without(&document, &format!("{pointer}/{field}")), false, field);
    }
}

#[test]
fn actions_recording_and_determinism() {
    let actions = ["retry", "provider_switch", "degrade", "fallback"];
    let modes = ["re_simulate_nodes", "playback_recorded_provider_outputs", "replay_decisions", "recompute_decisions"];
    changes(
        "",
        &[
            ("/allowed_adaptive_actions", json!(actions), true),
            ("/allowed_adaptive_actions", json!(["retry", "retry"]), false),
            ("/allowed_adaptive_actions", json!(["Retry"]), false),
            ("/allowed_adaptive_actions", json!(["give_up"]), false),
            ("/recording_policy/recording_level", json!("L1"), true),
            ("/recording_policy/recording_level", json!("L2"), true),
            ("/recording_policy/recording_level", json!("L3"), false),
            ("/recording_policy/recording_level", json!("l0"), false),
            ("/recording_policy/allowed_replay_modes", json!(modes), true),
            ("/recording_policy/allowed_replay_modes", json!([]), false),
            ("/recording_policy/allowed_replay_modes", json!(["replay_decisions", "replay_decisions"]), false),
            ("/recording_policy/allowed_replay_modes", json!(["audit"]), false),
            ("/recording_policy/allowed_replay_modes", json!(["regression"]), false),
            ("/determinism/seed", json!(-1), false),
            ("/determinism/seed", json!(12), true),
            ("/determinism/ordering_markers", json!([]), false),
            ("/determinism/ordering_markers", json!([""]), false),
            ("/determinism/ordering_markers", json!(["a", "b"]), true),
            ("/determinism/ordering_markers", json!(["a", "a"]), false),
            ("/determinism/ordering_marker", json!(""), true),
            ("/determinism/ordering_marker", json!("anything"), true),
            ("/determinism/ordering_marker", json!(1), false),
            ("/determinism/merge_rule_id", json!(""), false),
            ("/determinism/merge_rule_version", json!("v1.2.3"), true),
            ("/determinism/merge_rule_version", json!("1.2"), true),
            ("/determinism/merge_rule_version", json!("1"), false),
            ("/determinism/merge_rule_version", json!("v1.2.3.4"), false),
            ("/determinism/merge_rule_version", json!("1.2\n"), false),
            ("/determinism/nondeterministic_inputs", Value::Null, false),
        ],
    );
    for source in ["external_call", "system_time", "random", "operator_override", "other", "weather", ""] {
        let input = json!({"input_key": "k", "source": source, "evidence_ref": "r"});
        let good = !["weather", ""].contains(&source);
        let document = set(&plan(), "/determinism/nondeterministic_inputs", json!([input]));
        expect(PLAN, &document, good, source);
        for field in ["input_key", "source", "evidence_ref"] {
            let pointer = format!("/determinism/nondeterministic_inputs/0/{field}");
            expect(PLAN, &without(&document, &pointer), false, field);
            expect(PLAN, &set(&document, &pointer, json!("")), false, field);
        }
    }
    for snapshot in [
        "routing_view",
        "admission_policy",
        "abi_compatibility",
        "version_resolution",
        "policy_resolution",
        "provider_health",
    ] {
        changes("/snapshot_provenance", &[(&format!("/{snapshot}_snapshot"), json!(""), false)]);
    }
}

/// All combinations of what may be enabled, of which edges are there, and of what is complete.
#[test]
fn streaming_handoff() {
    let edges = [None, Some((false, true)), Some((false, false)), Some((true, true)), Some((true, false))];
    for enabled in [None, Some(false), Some(true)] {
        for first in edges {
            for second in edges {
                let mut value = json!({});
                if let Some(enabled) = enabled {
                    value["enabled"] = json!(enabled);
                }
                for (name, edge) in [("stt_to_llm", first), ("llm_to_tts", second)] {
                    let Some((on, complete)) = edge else { continue };
                    value[name] = handoff()[name].clone();
                    value[name]["enabled"] = json!(on);
                    if !complete {
                        value[name].as_object_mut().unwrap().remove("max_pending_segments");
                    }
                }
                let whole = [first, second].iter().flatten().all(|(on, complete)| !on || *complete);
                let both = first.is_some() && second.is_some();
                let some = [first, second].iter().flatten().any(|(on, _)| *on);
                let good = whole && (enabled != Some(true) || both && some);
                let document = set(&plan(), "/streaming_handoff", value);
                expect(PLAN, &document, good, &format!("{enabled:?} {first:?} {second:?}"));
            }
        }
    }
    // An edge that does not say whether it is enabled is not.
    for disabled in [json!({"enabled": false, "stt_to_llm": {}}), json!({"llm_to_tts": {}}), json!({})] {
        expect(PLAN, &set(&plan(), "/streaming_handoff", disabled), true, "nothing is enabled");
    }
    for field in ["min_partial_chars", "max_partial_age_ms", "max_pending_revisions", "max_pending_segments"] {
        for enabled in [true, false] {
            let mut value = handoff();
            value["enabled"] = json!(enabled);
            for (name, on) in [("stt_to_llm", true), ("llm_to_tts", false)] {
                value[name]["enabled"] = json!(on);
                let document = set(&plan(), "/streaming_handoff", value.clone());
                let pointer = format!("/streaming_handoff/{name}/{field}");
                expect(PLAN, &without(&document, &pointer), !on, &format!("{pointer} of enabled {on} left out"));
                expect(PLAN, &set(&document, &pointer, json!(0)), false, &format!("{pointer} is zero"));
            }
        }
    }
    for (pointer, value) in [
        ("/streaming_handoff/enabled", json!("yes")),
        ("/streaming_handoff/stt_to_llm/trigger_on_punctuation", json!(1)),
        ("/streaming_handoff/tts_to_llm", json!({})),
    ] {
        expect(PLAN, &set(&set(&plan(), "/streaming_handoff", handoff()), pointer, value), false, pointer);
    }
    for flag in
        ["trigger_on_punctuation", "coalesce_latest_only", "emit_flow_control_signals", "degrade_on_threshold_breach"]
    {
        let document = set(&plan(), "/streaming_handoff", handoff());
        expect(PLAN, &set(&document, &format!("/streaming_handoff/llm_to_tts/{flag}"), json!(true)), true, flag);
    }
}
