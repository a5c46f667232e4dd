//! Limits and what cannot be judged: memory, groups, unusable evidence, no candidate.

use crate::support::{Cut, Numbers, Setup, check, context, gate, messages, run};
use rspp_gates::model::ProfileId;
use rspp_gates::verdict::{Verdict, evaluate};

const XS: &str = r#"
evidence xs { path "xs.jsonl"  source recorded  fresh any  row { id : string  a : int  text : string } }
evidence other { path "other.jsonl"  source recorded  fresh any  row { id : string } }
"#;

fn rows(n: usize) -> String {
    let row = |i: usize| format!("{{\"id\":\"x{i}\",\"a\":{i},\"text\":\"{}\"}}", "t".repeat(20));
    format!("[{}]", (0..n).map(row).collect::<Vec<_>>().join(","))
}

#[test]
fn a_list_over_the_memory_limit_is_an_error_of_those_who_need_it_and_of_nobody_else() {
    let policy = check(&format!(
        "{XS}let groups = xs group by text select {{ text = text  n = count(group.rows) }}
        let tops = xs where a > 3 sort by a descending
        gate g.held {{ stage s  when empty pass  scope groups  each n > 0 else \"{{text}}\" }}
        gate g.sorted {{ stage s  expect count(tops) > 0 else \"none\" }}
        gate g.streams {{ stage s  when empty pass  scope xs  metric max(a)  threshold <= 100000 }}\n"
    ));
    let xs = rows(3000);
    let given = [("xs", xs.as_str()), ("other", "[]")];
    let small = run(&policy, &given, &Setup { memory_limit: 60_000, ..Setup::default() });
    for id in ["g.held", "g.sorted"] {
        assert_eq!(gate(&small, id).verdict, Verdict::Error, "{id}");
        assert_eq!(gate(&small, id).reasons[0].code, "rspp::verdict::memory");
    }
    assert_eq!(gate(&small, "g.streams").verdict, Verdict::Pass);
    let large = run(&policy, &given, &Setup::default());
    assert!(large.gates.iter().all(|g| g.verdict == Verdict::Pass), "{large:?}");
}

#[test]
fn a_filter_before_a_sort_decides_what_is_held() {
    let policy = check(&format!(
        "{XS}let tops = xs where a > 2990 sort by a descending
        gate g.sorted {{ stage s  expect count(tops) == 9 else \"none\" }}\n"
    ));
    let xs = rows(3000);
    let setup = Setup { memory_limit: 60_000, ..Setup::default() };
    let run = run(&policy, &[("xs", &xs), ("other", "[]")], &setup);
    assert_eq!(gate(&run, "g.sorted").verdict, Verdict::Pass, "{:?}", gate(&run, "g.sorted").reasons);
}

/// The least memory with which a gate passes; with a byte less it is an error that says so.
#[track_caller]
fn least(policy: &str, given: &[(&str, &str)], id: &str, cut: Cut, says: &str) -> u64 {
    let policy = check(policy);
    let with = |memory_limit: u64| {
        let run = run(&policy, given, &Setup { memory_limit, cut, ..Setup::default() });
        let gate = gate(&run, id);
        let reason = gate.reasons.first().map(|r| (r.code, r.message.clone()));
        (gate.verdict, reason)
    };
    let (mut over, mut fits) = (0, 1 << 30);
    while fits - over > 1 {
        let middle = (over + fits) / 2;
        match with(middle).0 {
            Verdict::Pass => fits = middle,
            _ => over = middle,
        }
    }
    assert_eq!(with(fits).0, Verdict::Pass);
    let (verdict, reason) = with(over);
    assert_eq!(verdict, Verdict::Error);
    let (code, message) = reason.unwrap();
    assert_eq!(code, "rspp::verdict::memory", "{message}");
    assert!(message.contains(says) && message.contains(&format!("the limit is {over} bytes")), "{message}");
    fits
}

#[test]
fn what_just_fits_does_not_depend_on_threads() {
    let xs = rows(2000);
    let report = format!("{{\"names\":[{}]}}", vec!["\"some name\""; 500].join(","));
    let given = [("xs", xs.as_str()), ("other", "[]"), ("report", report.as_str())];
    let of = |gate: &str| {
        format!(
            "{XS}evidence report {{ path \"report.json\"  source recorded  fresh any  document {{ names : list<string> }} }}
            {gate}\n"
        )
    };
    let cases = [
        ("gate g.one { stage s  expect count(report.names) == 500 else \"none\" }", "the document `report` takes "),
        (
            "gate g.one { stage s  when empty pass  scope xs  per a  metric count(rows)  threshold <= 1 }",
            "what the gate keeps of its groups",
        ),
        (
            "gate g.one { stage s  when empty pass  scope xs  metric p95(a)  threshold <= 100000 }",
            "what the gate keeps of its groups",
        ),
        (
            "let tops = xs where a > 3 sort by a descending
            gate g.one { stage s  expect count(tops) > 0 else \"none\" }",
            "takes more memory than there may be",
        ),
        (
            "let med = p50(xs[].a)
            gate g.one { stage s  expect (med ?? 0) > 0 else \"none\" }",
            "p50 takes more memory",
        ),
    ];
    for (gate, says) in cases {
        let policy = of(gate);
        let cut = |threads| Cut { threads, batch_rows: 64, shuffle: 0 };
        let one = least(&policy, &given, "g.one", cut(1), says);
        for threads in [2, 8] {
            assert_eq!(least(&policy, &given, "g.one", cut(threads), says), one, "{threads} threads: {gate}");
        }
    }
}

#[test]
fn a_hundred_thousand_groups_are_kept_and_one_more_is_an_error() {
    let policy = check(&format!(
        "{XS}gate g.groups {{ stage s  when empty pass  scope xs  per a  metric count(rows)  threshold <= 1 }}\n"
    ));
    let cut = Cut { threads: 2, batch_rows: 4096, shuffle: 0 };
    let setup = || Setup { cut, ..Setup::default() };
    let row = |i: usize| format!("{{\"id\":\"\",\"a\":{i},\"text\":\"\"}}");
    let some = |n: usize| format!("[{}]", (0..n).map(row).collect::<Vec<_>>().join(","));
    let fits = run(&policy, &[("xs", &some(100_000)), ("other", "[]")], &setup());
    assert_eq!((gate(&fits, "g.groups").verdict, gate(&fits, "g.groups").groups.len()), (Verdict::Pass, 100_000));
    let over = run(&policy, &[("xs", &some(100_001)), ("other", "[]")], &setup());
    assert_eq!(gate(&over, "g.groups").verdict, Verdict::Error);
    assert_eq!(gate(&over, "g.groups").reasons[0].code, "rspp::verdict::groups");
}

#[test]
fn unusable_evidence_is_an_error_of_every_gate_that_reads_it_through_whatever() {
    let policy = check(&format!(
        "{XS}let view = xs where a > 1
        def has(id: string) : bool = exists x in xs: x.id == id
        gate g.view {{ stage s  when empty pass  scope view  each a > 0 else \"\" }}
        gate g.def {{ stage s  when empty pass  scope other  each has(id) else \"\" }}
        gate g.result {{ stage s  expect result(g.view).passed }}
        gate g.needs {{ stage s  needs g.view  when empty pass  scope other  each id != \"\" else \"\" }}
        gate g.free {{ stage s  when empty pass  scope other  each id != \"\" else \"\" }}\n"
    ));
    let setup = Setup { unusable: vec!["xs"], ..Setup::default() };
    let run = run(&policy, &[("other", r#"[{"id":"a"}]"#)], &setup);
    for id in ["g.view", "g.def", "g.result"] {
        assert_eq!(gate(&run, id).verdict, Verdict::Error, "{id}");
        assert!(gate(&run, id).reasons[0].message.contains("`xs`"), "{id}: {:?}", gate(&run, id).reasons);
    }
    assert_eq!(gate(&run, "g.needs").verdict, Verdict::Blocked);
    assert_eq!(gate(&run, "g.free").verdict, Verdict::Pass);
    let artifact = run.evidence.iter().find(|e| &*e.name == "xs").unwrap();
    let read_by: Vec<&str> = artifact.read_by.iter().map(|g| g.as_str()).collect();
    assert_eq!(read_by, ["g.def", "g.result", "g.view"]);
}

#[test]
fn a_gate_that_reads_the_candidate_is_an_error_without_one() {
    let policy = check(&format!(
        "{XS}gate g.candidate {{ stage s  when empty pass  scope other  each present(candidate) else \"\" }}
        gate g.free {{ stage s  when empty pass  scope other  each id != \"\" else \"\" }}\n"
    ));
    let run = run(&policy, &[("other", r#"[{"id":"a"}]"#)], &Setup::default());
    assert_eq!(gate(&run, "g.candidate").verdict, Verdict::Error);
    assert_eq!(gate(&run, "g.free").verdict, Verdict::Pass);
}

#[test]
fn an_index_changes_nothing_but_time() {
    let policy = check(&format!(
        "{XS}gate g.hashed {{ stage s  when empty pass  scope xs
          each exists o in other: o.id == id else \"{{id}}\"
          each count(other where this.id == \"x1\") == 1 else \"never\" }}
        gate g.walked {{ stage s  when empty pass  scope xs
          each exists o in other: same(o.id, id) else \"{{id}}\" }}\n"
    ));
    let xs = rows(40);
    let other = r#"[{"id":"x1"},{"id":"x3"},{"id":"x3"},{"id":"zz"}]"#;
    let run = run(&policy, &[("xs", &xs), ("other", other)], &Setup::default());
    let hashed = messages(gate(&run, "g.hashed"));
    assert_eq!(hashed, messages(gate(&run, "g.walked")));
    assert_eq!(hashed.len(), 38);
}

#[test]
fn what_is_over_the_limit_is_dropped_while_rows_still_come() {
    let xs = "evidence xs { path \"xs.jsonl\"  source recorded  fresh any  row { a : int } }\n";
    let cases = [
        ("gate g.one { stage s  when empty pass  scope xs  metric p95(a)  threshold <= 0 }", "what the gate keeps"),
        (
            "gate g.one { stage s  when empty pass  scope xs  expect count(rows sort by a) > 0 }",
            "the sample of the gate",
        ),
        ("let med = p50(xs[].a)\ngate g.one { stage s  expect (med ?? 0) > 0 else \"none\" }", "p50"),
        ("let tops = xs where a > 0 sort by a\ngate g.one { stage s  expect count(tops) > 0 else \"none\" }", "a list"),
    ];
    for (gate_text, says) in cases {
        let policy = check(&format!("{xs}{gate_text}\n"));
        let source = Numbers { batches: 200, rows: 4096 };
        let context = context(1 << 20);
        let mut run = None;
        // What a thread allocates is counted, so everything stays on one.
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let taken = alone.install(|| {
            allocation_counter::measure(|| {
                run = Some(evaluate(&policy, &ProfileId::new("p"), &source, &context).unwrap());
            })
        });
        let run = run.unwrap();
        let reason = &gate(&run, "g.one").reasons[0];
        assert_eq!(reason.code, "rspp::verdict::memory", "{gate_text}: {}", reason.message);
        assert!(reason.message.contains(says), "{}", reason.message);
        assert!(taken.bytes_max < 3 << 20, "{gate_text}: {} bytes", taken.bytes_max);
    }
}
