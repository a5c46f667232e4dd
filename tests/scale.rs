//! The work that a policy makes grows as its gates do. Work is counted in allocations, which are
//! the same on every machine; how long it takes is for `benches/` to say.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

#[path = "../benches/support/front.rs"]
mod front;
#[path = "../benches/support/policies.rs"]
mod policies;

use allocation_counter::{AllocationInfo, measure};
use front::Texts;
use rspp_gates::model::ProfileId;
use rspp_gates::plan;

/// What each step allocates for a policy of this many gates.
fn work(gates: usize) -> Vec<(&'static str, AllocationInfo)> {
    let texts = Texts::new(&policies::policy(gates));
    let (mut files, mut checked) = (Vec::new(), None);
    let parsing = measure(|| files = texts.parse());
    let checking = measure(|| checked = Some(texts.check(&files)));
    let checked = checked.unwrap();
    let release = &checked.profiles[&ProfileId::new("release")];
    let planning =
        measure(|| drop(plan::plan_gates(&checked.policy, release, &release.gates.keys().cloned().collect())));
    let warning = measure(|| drop(plan::warnings(&checked.policy, checked.profiles.values())));
    vec![("parse", parsing), ("check", checking), ("plan", planning), ("warnings", warning)]
}

#[test]
fn four_times_the_gates_are_four_times_the_work() {
    let (small, large) = (work(200), work(800));
    for ((step, small), (_, large)) in small.iter().zip(&large) {
        let pairs = [
            ("allocations", small.count_total, large.count_total),
            ("bytes allocated", small.bytes_total, large.bytes_total),
            ("bytes held", small.bytes_max, large.bytes_max),
        ];
        for (what, small, large) in pairs {
            assert!(small > 0, "{step}: nothing was counted");
            // A tenth more leaves room for tables that grow by doubling.
            assert!(large * 10 <= small * 44, "{step}: {small} {what} for 200 gates, {large} for 800");
        }
    }
}
