//! How long a policy takes from text to plan: the parser, the checker, the planner and the search
//! for loops in loops, each alone, over policies of three sizes. The time of each has to grow as
//! the number of gates does.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops where something is not as it should be")]

#[path = "support/front.rs"]
mod front;
#[path = "support/policies.rs"]
mod policies;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use front::Texts;
use rspp_gates::model::ProfileId;
use rspp_gates::plan;
use std::hint::black_box;
use std::time::Duration;

fn from_text_to_plan(criterion: &mut Criterion) {
    for gates in [50, 500, 5000] {
        let written = policies::policy(gates);
        let bytes: usize = written.iter().map(|(_, text)| text.len()).sum();
        let texts = Texts::new(&written);
        let files = texts.parse();
        let checked = texts.check(&files);
        let (policy, whole) = (&checked.policy, &checked.profiles[&ProfileId::new("release")]);

        let mut group = criterion.benchmark_group("policy");
        group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
        group.throughput(Throughput::Elements(gates as u64));
        group.bench_function(BenchmarkId::new("check", gates), |b| b.iter(|| texts.check(black_box(&files))));
        group.bench_function(BenchmarkId::new("plan", gates), |b| b.iter(|| plan::plan(policy, black_box(whole))));
        group.bench_function(BenchmarkId::new("warnings", gates), |b| {
            b.iter(|| plan::warnings(policy, black_box(&checked).profiles.values()));
        });
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("parse", gates), |b| b.iter(|| black_box(&texts).parse()));
        group.finish();
    }
}

criterion_group!(benches, from_text_to_plan);
criterion_main!(benches);
