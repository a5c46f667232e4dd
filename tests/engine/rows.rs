//! What becomes of rows: violations, witnesses, worst rows, samples, faults.

use crate::support::{Cut, PLAIN, Setup, check, gate, messages, run};
use rspp_gates::data::Value;
use rspp_gates::verdict::{FigureValue, Verdict, ViolationKind};

const XS: &str = r#"
evidence xs { path "xs.jsonl"  source recorded  fresh any  row { id : string key  a : int  b : int?  region : string } }
evidence regions { path "regions.jsonl"  source recorded  fresh any  row { name : string  limit : int } }
"#;

fn rows(of: impl IntoIterator<Item = (i64, Option<i64>)>) -> String {
    let row = |(i, (a, b)): (usize, (i64, Option<i64>))| {
        let b = b.map_or(String::new(), |b| format!(",\"b\":{b}"));
        format!("{{\"id\":\"x{i}\",\"a\":{a},\"region\":\"{}\"{b}}}", if i % 2 == 0 { "east" } else { "west" })
    };
    format!("[{}]", of.into_iter().enumerate().map(row).collect::<Vec<_>>().join(","))
}

#[test]
fn the_first_thousand_violations_are_kept_and_all_are_counted() {
    let policy = check(&format!(
        "{XS}gate g.many {{ stage s  when empty pass  scope xs  each a < 0 else \"{{id}} has {{a}}\" }}
        gate g.count {{ stage s  expect count(result(g.many).violations) == 1500 }}
        gate g.kept {{ stage s  expect count(result(g.many).violations where kind == \"each\") == 1000 }}\n"
    ));
    let xs = rows((0..1500).map(|n| (n, None)));
    for (batch_rows, shuffle) in [(4096, 0), (7, 3), (64, 11)] {
        let cut = Cut { threads: 4, batch_rows, shuffle };
        let run = run(&policy, &[("xs", &xs), ("regions", "[]")], &Setup { cut, ..Setup::default() });
        let many = gate(&run, "g.many");
        assert_eq!((many.verdict, many.violation_count), (Verdict::Fail, 1500));
        let kept = &many.groups[0].violations;
        assert_eq!(kept.len(), 1000);
        for (i, violation) in kept.iter().enumerate() {
            assert_eq!(violation.row.as_ref().unwrap().ordinal, i as u64);
            assert_eq!(violation.message, format!("x{i} has {i}"));
        }
        assert_eq!(gate(&run, "g.count").verdict, Verdict::Pass);
        assert_eq!(gate(&run, "g.kept").verdict, Verdict::Pass);
    }
}

#[test]
fn positions_of_rows_are_those_among_the_rows_of_the_scope() {
    let policy = check(&format!(
        "{XS}gate g.odd {{ stage s  when empty pass  scope xs where region == \"west\"  each a != 7 else \"{{id}}\" }}\n"
    ));
    let xs = rows((0..20).map(|n| (n, None)));
    for batch_rows in [1, 3, 4096] {
        let cut = Cut { threads: 2, batch_rows, shuffle: 5 };
        let run = run(&policy, &[("xs", &xs), ("regions", "[]")], &Setup { cut, ..Setup::default() });
        let odd = gate(&run, "g.odd");
        // x7 is the fourth row of the west: 1, 3, 5, 7.
        assert_eq!(odd.groups[0].violations[0].row.as_ref().unwrap().ordinal, 3, "{batch_rows}");
        assert_eq!((odd.ledger.read, odd.ledger.in_scope), (20, 10));
    }
}

#[test]
fn a_message_names_the_element_that_decided() {
    let policy = check(&format!(
        "{XS}gate g.no {{ stage s  when empty pass  scope xs
          each no r in regions where r.limit > 10: r.name == region else \"{{id}} is in {{r.name}} with {{r.limit}}\" }}
        gate g.every {{ stage s  expect every x in xs: x.a < 2 else \"{{x.id}} has {{x.a}}\" }}
        gate g.sample {{ stage s  when empty pass  scope xs  expect no x in rows: x.a > 0 else \"{{x.id}}\" }}\n"
    ));
    let xs = rows([(1, None), (2, None), (3, None)]);
    let regions = r#"[{"name":"west","limit":5},{"name":"west","limit":11},{"name":"west","limit":12}]"#;
    let run = run(&policy, &[("xs", &xs), ("regions", regions)], &Setup::default());
    assert_eq!(messages(gate(&run, "g.no")), ["x1 is in west with 11"]);
    assert_eq!(messages(gate(&run, "g.every")), ["x1 has 2"]);
    assert_eq!(messages(gate(&run, "g.sample")), ["x0"]);
}

#[test]
fn the_worst_twenty_rows_are_kept_and_rows_without_a_value_stand_first() {
    let policy = check(&format!(
        "{XS}gate g.tail {{ stage s  when empty pass  scope xs  metric p95(b - a)  threshold <= 20  missing worst }}\n"
    ));
    let values = |n: i64| (n, if n % 30 == 4 { None } else { Some(n + (n * 37) % 101) });
    let xs = rows((0..300).map(values));
    let mut due: Vec<(i64, u64)> =
        (0..300).filter_map(|n| values(n).1.map(|b| (-(b - n), n as u64))).collect::<Vec<_>>();
    due.sort_unstable();
    for (batch_rows, shuffle) in [(1, 9), (7, 2), (4096, 0)] {
        let cut = Cut { threads: 3, batch_rows, shuffle };
        let run = run(&policy, &[("xs", &xs), ("regions", "[]")], &Setup { cut, ..Setup::default() });
        let metric = &gate(&run, "g.tail").groups[0].metrics[0];
        let found: Vec<(FigureValue, u64)> =
            metric.worst_rows.iter().map(|w| (w.value.clone(), w.row.ordinal)).collect();
        let missing = (0..10).map(|i| (FigureValue::Above, i * 30 + 4));
        let values = due.iter().take(10).map(|(b, n)| (FigureValue::Value(Value::int(-b)), *n));
        assert_eq!(found, missing.chain(values).collect::<Vec<_>>());
        assert_eq!((metric.n, gate(&run, "g.tail").ledger.worst), (300, 10));
    }
}

#[test]
fn a_row_of_a_join_comes_from_its_first_table() {
    let policy = check(
        r#"
evidence xs { path "xs.jsonl"  source recorded  fresh any  row { id : string  parts : list<{ n : int }> } }
gate g.parts { stage s  when empty pass  scope xs as x join x.parts as p select { id = x.id  n = p.n }  each n < 3 else "{id}: {n}" }
"#,
    );
    let xs =
        r#"[{"id":"a","parts":[{"n":1},{"n":4}]},{"id":"b","parts":[]},{"id":"c","parts":[{"n":5},{"n":2},{"n":6}]}]"#;
    for batch_rows in [1, 2, 9] {
        let cut = Cut { threads: 2, batch_rows, shuffle: 4 };
        let run = run(&policy, &[("xs", xs)], &Setup { cut, ..Setup::default() });
        let parts = gate(&run, "g.parts");
        assert_eq!(messages(parts), ["a: 4", "c: 5", "c: 6"]);
        let ordinals: Vec<u64> = parts.groups[0].violations.iter().map(|v| v.row.as_ref().unwrap().ordinal).collect();
        assert_eq!(ordinals, [1, 2, 4]);
        assert_eq!((parts.ledger.read, parts.ledger.in_scope), (3, 5));
    }
}

#[test]
fn rows_may_be_judged_by_figures_of_their_own_table() {
    let policy = check(&format!(
        "{XS}gate g.outlier {{ stage s  when empty pass  scope xs
          each a <= (mean(xs[].a) ?? 0) * 2 else \"{{id}}: {{a}} is more than twice the mean\"
          each (exists x in xs: x.a == a + 1) or a == (max(xs[].a) ?? 0) else \"nothing follows {{id}}\" }}\n"
    ));
    let xs = rows([(1, None), (2, None), (3, None), (30, None)]);
    for batch_rows in [1, 4096] {
        let cut = Cut { batch_rows, shuffle: 1, ..PLAIN };
        let run = run(&policy, &[("xs", &xs), ("regions", "[]")], &Setup { cut, ..Setup::default() });
        assert_eq!(messages(gate(&run, "g.outlier")), ["nothing follows x2", "x3: 30 is more than twice the mean"]);
    }
}

#[test]
fn groups_are_in_key_order_and_each_has_its_own_figures() {
    let policy = check(&format!(
        "{XS}gate g.per {{ stage s  when empty pass  scope xs  per region
          each a < 90 else \"{{id}}\"
          expect every x in rows: x.region == region else \"never\"
          expect count(rows where a > 3) >= 1 else \"{{region}} has no big one\"
          metric max(a)  threshold <= 10 + sum(rows[].a) }}
        gate g.slices {{ stage s  expect (result(g.per).slices select {{ region = this.group.region  top = this.max.value ?? 0 }})[].top == [6, 5] }}\n"
    ));
    let xs = rows([(0, None), (5, None), (6, None), (99, None), (2, None), (1, None)]);
    for batch_rows in [1, 2, 4096] {
        let cut = Cut { threads: 2, batch_rows, shuffle: 8 };
        let run = run(&policy, &[("xs", &xs), ("regions", "[]")], &Setup { cut, ..Setup::default() });
        let per = gate(&run, "g.per");
        let keys: Vec<&Value> = per.groups.iter().map(|g| &g.key[0].0).collect();
        assert_eq!(keys, [&Value::text("east"), &Value::text("west")]);
        assert_eq!(per.groups[0].verdict, Verdict::Pass);
        assert_eq!((per.groups[1].verdict, per.groups[1].ledger.broken), (Verdict::Fail, 1));
        assert_eq!(messages(per), ["x3"]);
        assert_eq!(gate(&run, "g.slices").verdict, Verdict::Pass);
    }
}

#[test]
fn a_per_without_rows_is_one_part_without_a_key() {
    let policy = check(&format!(
        "{XS}gate g.per {{ stage s  when empty pass  scope xs  per region
          expect count(rows) > 0 else \"nothing came\"
          metric max(a)  threshold <= 10 }}\n"
    ));
    let run = run(&policy, &[("xs", "[]"), ("regions", "[]")], &Setup::default());
    let per = gate(&run, "g.per");
    assert_eq!(per.groups.len(), 1);
    assert!(per.groups[0].key.is_empty());
    assert_eq!((per.verdict, messages(per)), (Verdict::Fail, vec!["nothing came"]));
}

#[test]
fn a_missing_value_is_one_violation_of_its_row_and_leaves_all_figures() {
    let policy = check(&format!(
        "{XS}gate g.both {{ stage s  when empty pass  scope xs
          metric p50(b) as mid shown  metric max(b) as top  metric count(rows) as n shown
          threshold top <= 100  missing fail }}\n"
    ));
    let xs = rows([(1, Some(5)), (2, None), (3, Some(9))]);
    let run = run(&policy, &[("xs", &xs), ("regions", "[]")], &Setup::default());
    let both = gate(&run, "g.both");
    assert_eq!(both.violation_count, 1);
    assert_eq!(both.groups[0].violations[0].kind, ViolationKind::MissingValue(0));
    assert_eq!((both.ledger.missing, both.ledger.sample), (1, 2));
    assert_eq!(both.groups[0].metrics[2].value, FigureValue::Value(Value::int(2)));
}

#[test]
fn the_first_fault_in_evidence_order_is_told_however_rows_come() {
    let policy = check(&format!(
        "{XS}def cube(n: int) : int = n * n * n
        gate g.over {{ stage s  when empty pass  scope xs
          each a >= 0 else \"{{id}}\"
          each cube(cube(a)) >= 0 or (only(regions where limit >= 0).limit ?? 0) == 3 else \"{{id}}\" }}\n"
    ));
    // Row 2 meets two regions where one may be; row 3 overflows.
    let xs = rows([(1, None), (2, None), (-1, None), (9_000_000_000_000, None), (-1, None)]);
    let regions = r#"[{"name":"a","limit":1},{"name":"b","limit":2}]"#;
    let mut told = Vec::new();
    for (batch_rows, shuffle) in [(1, 0), (1, 7), (2, 3), (4096, 0)] {
        let cut = Cut { threads: 2, batch_rows, shuffle };
        let run = run(&policy, &[("xs", &xs), ("regions", regions)], &Setup { cut, ..Setup::default() });
        let over = gate(&run, "g.over");
        assert_eq!((over.verdict, over.groups.len()), (Verdict::Error, 0));
        told.push(over.reasons[0].message.clone());
    }
    assert!(told[0].contains("`only` found two rows"), "{told:?}");
    assert!(told.iter().all(|t| *t == told[0]), "{told:?}");
}

#[test]
fn a_value_of_each_row_may_depend_on_the_whole_sample() {
    let policy = check(
        &format!(
            "{XS}gate g.near {{ stage s  when empty pass  scope xs where a >= 0  each a < 50 else \"{{id}}\"
          metric ratio(a <= (mean(rows[].a) ?? 0))  threshold >= 50%
          metric max(a - (min(rows[].a) ?? 0)) as span  threshold span <= 3 }}\n"
        )
        .replace("threshold >=", "threshold ratio >="),
    );
    let xs = rows([(2, None), (3, None), (-9, None), (4, None), (99, None), (7, None)]);
    for batch_rows in [1, 4096] {
        let cut = Cut { threads: 2, batch_rows, shuffle: 3 };
        let run = run(&policy, &[("xs", &xs), ("regions", "[]")], &Setup { cut, ..Setup::default() });
        let group = &gate(&run, "g.near").groups[0];
        // The sample is 2, 3, 4, 7; its mean is 4.
        assert_eq!(group.metrics[0].value, FigureValue::Value(Value::Num(rspp_gates::data::Num::new(3, 4).unwrap())));
        assert_eq!(group.metrics[1].value, FigureValue::Value(Value::int(5)));
        assert_eq!((group.metrics[0].n, group.verdict), (4, Verdict::Fail));
    }
}

#[test]
fn rows_that_may_be_absent_stream_like_others() {
    let policy = check(
        r#"
evidence xs { path "xs.jsonl"  source recorded  fresh any  optional  row { id : string  a : int } }
gate g.x { stage s  when empty pass  scope (xs ?? []) where a > 1  each a < 9 else "{id}" }
gate g.n { stage s  expect count(xs ?? []) < 5 }
"#,
    );
    let (plan, _) = rspp_gates::plan::plan(&policy.policy, &policy.profiles[&rspp_gates::model::ProfileId::new("p")]);
    assert!(plan.rows.iter().all(|step| !step.held), "{:?}", plan.rows);
    let xs = r#"[{"id":"p","a":1},{"id":"q","a":9}]"#;
    assert_eq!(messages(gate(&run(&policy, &[("xs", xs)], &Setup::default()), "g.x")), ["q"]);
    let absent = run(&policy, &[], &Setup { absent: vec!["xs"], ..Setup::default() });
    assert!(absent.gates.iter().all(|g| g.verdict == Verdict::Pass), "{absent:?}");
}

#[test]
fn one_row_of_one_batch_decides_for_all() {
    let policy = check(&format!(
        "{XS}gate g.every {{ stage s  when empty pass  scope xs  expect every x in rows: x.a != 0 else \"{{x.id}}\" }}
        gate g.exists {{ stage s  when empty pass  scope xs  expect exists x in rows: x.a == 0 else \"none\" }}
        gate g.no {{ stage s  when empty pass  scope xs  expect no x in rows: x.a == 0 else \"{{x.id}}\" }}
        gate g.per {{ stage s  when empty pass  scope xs  per region  expect no x in rows: x.a == 0 else \"{{x.id}}\" }}\n"
    ));
    for at in (0..200).step_by(13) {
        let xs = rows((0..200).map(|n| (n - at, None)));
        for (threads, batch_rows, shuffle) in [(1, 4096, 0), (4, 3, 5), (8, 1, 9)] {
            let cut = Cut { threads, batch_rows, shuffle };
            let run = run(&policy, &[("xs", &xs), ("regions", "[]")], &Setup { cut, ..Setup::default() });
            assert_eq!(gate(&run, "g.exists").verdict, Verdict::Pass, "{at} {cut:?}");
            for id in ["g.every", "g.no", "g.per"] {
                assert_eq!(messages(gate(&run, id)), [format!("x{at}")], "{id} {cut:?}");
            }
        }
    }
}

#[test]
fn an_element_that_faults_counts_only_before_the_one_that_decides() {
    let policy = check(&format!(
        "{XS}gate g.exists {{ stage s  when empty pass  scope xs
          expect exists x in rows: x.a * x.a * x.a * x.a == 16 else \"none\" }}\n"
    ));
    let of = |fault: usize, decides: usize| {
        let value = |n: usize| match n {
            n if n == fault => i64::MAX,
            n if n == decides => 2,
            _ => 1,
        };
        rows((0..40).map(|n| (value(n), None)))
    };
    for (fault, decides, due) in [(30, 10, Verdict::Pass), (10, 30, Verdict::Error), (10, 40, Verdict::Error)] {
        for (threads, batch_rows, shuffle) in [(1, 4096, 0), (4, 3, 5), (4, 1, 9), (1, 7, 2)] {
            let cut = Cut { threads, batch_rows, shuffle };
            let run =
                run(&policy, &[("xs", &of(fault, decides)), ("regions", "[]")], &Setup { cut, ..Setup::default() });
            assert_eq!(gate(&run, "g.exists").verdict, due, "{fault} {decides} {cut:?}");
        }
    }
}

#[test]
fn a_limit_that_faults_matters_only_where_there_is_a_figure() {
    let policy = check(&format!(
        "param big = 9_000_000_000_000_000_000
        {XS}gate g.limit {{ stage s  when empty pass  scope xs  metric max(a)  threshold <= big * big * big * big }}\n"
    ));
    let verdict = |xs: &str| {
        let run = run(&policy, &[("xs", xs), ("regions", "[]")], &Setup::default());
        gate(&run, "g.limit").verdict
    };
    assert_eq!(verdict("[]"), Verdict::Pass);
    assert_eq!(verdict(&rows([(1, None)])), Verdict::Error);
}
