//! Steps of a turn, and decisions.

use crate::documents::{decision, set, with};
use crate::judge::expect;
use serde_json::json;

const STATES: [&str; 5] = ["Idle", "Opening", "Active", "Terminal", "Closed"];
const TRIGGERS: [&str; 9] = [
    "turn_open_proposed",
    "turn_open",
    "commit",
    "abort",
    "close",
    "reject",
    "defer",
    "stale_epoch_reject",
    "deauthorized_drain",
];
const LEGAL: [(&str, &str, &str); 9] = [
    ("Idle", "turn_open_proposed", "Opening"),
    ("Opening", "turn_open", "Active"),
    ("Opening", "reject", "Idle"),
    ("Opening", "defer", "Idle"),
    ("Opening", "stale_epoch_reject", "Idle"),
    ("Opening", "deauthorized_drain", "Idle"),
    ("Active", "commit", "Terminal"),
    ("Active", "abort", "Terminal"),
    ("Terminal", "close", "Closed"),
];

#[test]
fn nine_of_225_steps_are_legal_and_only_when_they_are_deterministic() {
    let mut seen = 0;
    for from in STATES {
        for trigger in TRIGGERS {
            for to in STATES {
                for deterministic in [true, false] {
                    let document = json!({
                        "from_state": from, "trigger": trigger, "to_state": to, "deterministic": deterministic
                    });
                    let good = deterministic && LEGAL.contains(&(from, trigger, to));
                    expect("turn_transition", &document, good, "a step");
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(seen, 450);
}

#[test]
fn of_1296_shapes_of_a_decision_139_are_accepted() {
    let outcomes = ["admit", "reject", "defer", "shed", "stale_epoch_reject", "deauthorized_drain"];
    let (mut seen, mut accepted) = (0, 0);
    for outcome in outcomes {
        for phase in ["pre_turn", "scheduling_point", "active_turn"] {
            for scope in ["tenant", "session", "turn", "edge_enqueue", "edge_dequeue", "node_dispatch"] {
                for emitter in ["RK-24", "RK-25", "CP-05"] {
                    for turn in [false, true] {
                        for epoch in [false, true] {
                            let named = json!({
                                "outcome_kind": outcome, "phase": phase, "scope": scope, "emitted_by": emitter
                            });
                            let mut document = with(&decision(), &named);
                            if turn {
                                document = set(&document, "/turn_id", json!("t1"));
                            }
                            if epoch {
                                document = set(&document, "/authority_epoch", json!(0));
                            }
                            let good = cell(outcome, emitter, phase, scope)
                                && (turn || scope != "turn" && phase != "active_turn")
                                && (epoch || !["stale_epoch_reject", "deauthorized_drain"].contains(&outcome));
                            expect("decision_outcome", &document, good, "a decision");
                            seen += 1;
                            accepted += usize::from(good);
                        }
                    }
                }
            }
        }
    }
    assert_eq!((seen, accepted), (1296, 139));
}

/// Whether this emitter may send this outcome in this phase for this scope.
fn cell(outcome: &str, emitter: &str, phase: &str, scope: &str) -> bool {
    let queues = ["edge_enqueue", "edge_dequeue", "node_dispatch"].contains(&scope);
    match (outcome, emitter, phase) {
        ("admit" | "reject" | "defer", "RK-25", "pre_turn") => ["tenant", "session", "turn"].contains(&scope),
        ("admit" | "reject" | "defer" | "shed", "RK-25", "scheduling_point") => queues,
        ("admit" | "reject" | "defer", "RK-25", "active_turn") => queues || scope == "turn",
        ("admit" | "reject" | "defer", "CP-05", "pre_turn") => ["tenant", "session"].contains(&scope),
        ("stale_epoch_reject", "RK-24", "scheduling_point") => queues,
        ("stale_epoch_reject" | "deauthorized_drain", "RK-24", "pre_turn") => ["session", "turn"].contains(&scope),
        ("deauthorized_drain", "RK-24", "active_turn") => scope == "turn",
        _ => false,
    }
}
