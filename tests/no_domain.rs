//! Every decision of a field lives in its policy, none in Rust: no word of the shipped policy's
//! field stands in the program's sources, and a policy of another field runs just as well.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use std::path::Path;

/// Distinctive words of the shipped policy's field: ids, enum words, field names, file names,
/// vendors. Compared without regard to case.
const WORDS: &[&str] = &[
    "barge_in",
    "flow_xoff",
    "plan_divergence",
    "outcome_divergence",
    "provider_choice_divergence",
    "timing_divergence",
    "ordering_divergence",
    "authority_divergence",
    "unknown_divergence",
    "invocation_latency",
    "recorded_trace",
    "replayed_trace",
    "recorded_lineage",
    "ordering_marker",
    "snapshot_provenance",
    "re_simulate",
    "recompute_decisions",
    "expected_divergences",
    "rd-001",
    "deepgram",
    "livekit",
    "elevenlabs",
    "nf-0",
    "rk-2",
    "cp-0",
    "turn_open",
    "turn_id",
    "turnopen",
    "happy_path",
    "cancel_fence",
    "stale_epoch",
    "authority_epoch",
    "terminal_events",
    "provider_invocation",
    "turn_transition",
    "control_signal",
    "artifact_bundle",
    "drop_notice",
    "credit_grant",
    "deauthorized_drain",
    "watermark_threshold",
    "buffer_strategy",
    "lane_handling",
    "sync_drop",
    "stt_to_llm",
    "llm_to_tts",
    "non_blocking_priority",
    "media_time",
    "provider_bindings",
    "recording_level",
    "adaptive_action",
    "shedding",
    "rollback_posture",
    "datalane",
    "controllane",
    "telemetrylane",
    "rk-0",
    "rk-1",
    "or-02",
    "rspp.pipeline",
    "rspp.policy.bundle",
    "replay_manifest",
    "decision_outcome",
    "resolved_turn_plan",
    "replay_regression",
    "regression-report",
    "slo-gates-report",
    "contracts-report",
    "runtime-baseline",
    "turn-metrics",
    "rspp.tooling",
    ".codex/",
];

#[test]
fn no_word_of_the_shipped_policy_s_field_stands_in_the_sources() {
    let mut found = Vec::new();
    let mut files = 0;
    scan(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files, &mut found);
    assert!(files > 50, "only {files} files were read");
    assert!(found.is_empty(), "words of one field in the program:\n{}", found.join("\n"));
}

fn scan(folder: &Path, files: &mut usize, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            scan(&path, files, found);
            continue;
        }
        *files += 1;
        let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
        for (number, line) in text.lines().enumerate() {
            found.extend(
                WORDS
                    .iter()
                    .filter(|word| line.contains(**word))
                    .map(|word| format!("{}:{}: `{word}`", path.display(), number + 1)),
            );
        }
    }
}

#[test]
fn a_policy_of_another_field_runs_just_as_well() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/app-stability"))
        .args(["run", "rollout", "--no-timing"])
        .output()
        .unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}");
}
