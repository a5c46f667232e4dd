//! Threads, batches and the order in which they come mean nothing.

use crate::support::{Cut, Setup, check, run};
use rspp_gates::verdict::{RunStatus, Verdict};

const POLICY: &str = r#"
enum Kind { red, green, blue }
evidence xs {
  path "xs.jsonl"  source recorded  fresh any
  row { id : string key  a : int  b : int?  share : decimal  kind : Kind  region : string  tags : list<string> default [] }
}
evidence regions { path "regions.jsonl"  source recorded  fresh any  row { name : string  limit : int } }
let view = xs where a > -30 select { id = id  region = region  kind = kind  gap = b - a  tags = tags }
let by_region = xs where a > 0 group by region select { region = region  n = count(group.rows)  top = max(group.rows[].a) }
let over = xs as x join regions as r where r.name == x.region and x.a > r.limit select { id = x.id  by = x.a - r.limit }
let first_of = xs number place by region, kind
let mean_a = mean(xs[].a) ?? 0

gate g.tail { stage s  when empty fail  scope view  per region, kind
  each (gap ?? 1) > -200 else "{id}"
  metric p50(gap) as mid  metric p95(gap) as tail  threshold mid <= 40  threshold tail <= 90  missing worst  samples >= 3 }
gate g.excluded { stage s  when empty pass  scope view where kind != blue  metric mean(gap)  threshold <= 30  missing exclude at most 10% }
gate g.each { stage s  when empty pass  scope xs  each present(b) else "{id} lacks b"  each b < 60 else "{id}: {b}"
  each no t in tags: t == "bad" else "{id} has {t}"  expect count(rows where share > 0.5) > sum(rows[].a) / 100 else "few"
  expect every x in rows: x.a < 95 else "{x.id}: {x.a}" }
gate g.regions { stage s  when empty pass  scope by_region  each n < 20 else "{region}: {n}"  metric max(top)  threshold < 80 }
gate g.over { stage s  when empty pass  scope over  metric sum(by)  threshold <= 100  each by < 40 else "{id}: {by}" }
gate g.firsts { stage s  when empty pass  scope first_of where place <= 2  each a > -45 else "{id}: {a}" }
gate g.late { stage s  when empty pass  scope xs  each a <= mean_a * 4 else "{id}: {a}"
  each exists x in xs: x.region == region and x.id != id else "{id} is alone" }
gate g.whole { stage s  when empty pass  scope xs where kind == red
  expect ((rows sort by a descending)[0].id ?? "") != "x1" else "x1 is first"  expect unique(rows[].id) }
gate g.ratio { stage s  when empty pass  scope xs  metric ratio(a > 0)  threshold ratio >= 80%  metric 1 - sum(a) / sum(if a < 0 then 1 - a else 1 + a) as odd shown
  threshold ratio < 100% }
gate g.after { stage s  expect result(g.excluded).passed  expect count(result(g.each).violations) < 10 else "too many" }
"#;

fn evidence(n: u64) -> (String, String) {
    let mut seed = 7u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let row = |i: u64| {
        let b = if next(5) == 0 { String::new() } else { format!(",\"b\":{}", next(120)) };
        let tags = if next(9) == 0 { "\"ok\",\"bad\"" } else { "\"ok\"" };
        format!(
            "{{\"id\":\"x{i}\",\"a\":{},\"share\":0.{},\"kind\":\"{}\",\"region\":\"{}\",\"tags\":[{tags}]{b}}}",
            next(150) as i64 - 50,
            next(1000),
            ["red", "green", "blue"][next(3) as usize],
            ["east", "west", "north", "south"][next(4) as usize],
        )
    };
    let xs: Vec<String> = (0..n).map(row).collect();
    let regions = r#"[{"name":"east","limit":40},{"name":"west","limit":70},{"name":"east","limit":90}]"#;
    (format!("[{}]", xs.join(",")), regions.to_owned())
}

#[test]
fn a_run_is_the_same_at_any_number_of_threads_batch_size_and_order() {
    let policy = check(POLICY);
    let (xs, regions) = evidence(300);
    let given = [("xs", xs.as_str()), ("regions", regions.as_str())];
    let due = run(&policy, &given, &Setup::default());
    assert_eq!(due.status, RunStatus::Fail);
    assert!(due.gates.iter().all(|g| g.verdict != Verdict::Error), "{due:?}");
    assert!(due.gates.iter().filter(|g| g.violation_count > 1).count() > 4);
    let due = format!("{due:#?}");
    for (threads, batch_rows, shuffle) in
        [(1, 1, 0), (1, 7, 1), (2, 1, 2), (2, 7, 3), (2, 4096, 4), (64, 1, 5), (64, 7, 6), (64, 4096, 7)]
    {
        let cut = Cut { threads, batch_rows, shuffle };
        let found = format!("{:#?}", run(&policy, &given, &Setup { cut, ..Setup::default() }));
        assert_eq!(found, due, "{cut:?}");
    }
}
