//! Plans: what streams, what is read, what is shared, what is warned of.

use crate::support::{Setup, check, check_whole, gate, run_recorded};
use rspp_gates::data::Projection;
use rspp_gates::model::{CheckedPolicy, ProfileId};
use rspp_gates::plan::{GraphKind, Mark, Plan, plan};
use rspp_gates::verdict::Verdict;

const XS: &str = r#"
evidence xs {
  path "xs.jsonl"  source recorded  fresh any
  row { id : string key  a : int  b : int?  region : string  meta : { team : string  note : string }?  tags : list<{ k : string  v : string }> default [] }
}
evidence ys { path "ys.jsonl"  source recorded  fresh any  row { id : string  n : int  text : string } }
"#;

fn planned(policy: &CheckedPolicy) -> (Plan, Vec<String>) {
    let (plan, warnings) = plan(&policy.policy, &policy.profiles[&ProfileId::new("p")]);
    (plan, warnings.into_iter().map(|d| d.code.0.to_owned()).collect())
}

fn marks(plan: &Plan) -> Vec<(String, Mark)> {
    let kept = |k: &GraphKind| !matches!(k, GraphKind::Profile(_));
    plan.graph.nodes.iter().filter(|n| kept(&n.kind)).map(|n| (n.label.to_string(), n.mark)).collect()
}

#[test]
fn filters_columns_and_aggregates_stream_and_groups_are_held() {
    let policy = check(&format!(
        "{XS}let view = xs where a > 1 select {{ id = id  twice = a + a }}
        let groups = xs group by region select {{ region = region  n = count(group.rows) }}
        gate g.streams {{ stage s  when empty pass  scope view where twice > 4  metric p95(twice)  threshold <= 9 }}
        gate g.counts {{ stage s  expect count(xs where a > 3) > 2 }}
        gate g.held {{ stage s  when empty pass  scope groups  each n > 1 else \"\" }}\n"
    ));
    let (plan, warnings) = planned(&policy);
    assert!(warnings.is_empty(), "{warnings:?}");
    let marks = marks(&plan);
    let of = |name: &str| marks.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{marks:?}")).1;
    assert_eq!(of("view"), Mark::Streaming);
    assert_eq!(of("count(..)"), Mark::Streaming);
    assert_eq!(of("groups"), Mark::Materialised);
    assert_eq!(of("xs"), Mark::Materialised, "the groups hold it");
    for node in &plan.graph.nodes {
        for input in &node.inputs {
            let place = plan.graph.nodes.iter().position(|n| std::ptr::eq(n, node)).unwrap();
            assert!((input.0 as usize) < place, "inputs come first: {:?}", plan.graph);
        }
    }
}

#[test]
fn only_what_somebody_reads_is_asked_for() {
    let policy = check(&format!(
        "{XS}let view = xs select {{ name = id  total = a + (b ?? 0)  team = meta.team  tags = tags  unread = region }}
        gate g.reads {{ stage s  when empty pass  scope view
          each total > 0 else \"{{name}}\"
          each present(team) implies (exists t in tags: t.k == \"x\") else \"\" }}
        gate g.counts {{ stage s  expect count(ys) > 0 else \"\" }}\n"
    ));
    let (plan, _) = planned(&policy);
    let of = |name: &str| {
        let at = policy.policy.evidence.iter().position(|e| &*e.name == name).unwrap();
        plan.projections[at].clone().unwrap()
    };
    let xs = of("xs");
    let fields = |p: &Projection| p.fields.keys().map(|k| k.to_string()).collect::<Vec<_>>();
    assert!(!xs.all);
    assert_eq!(fields(&xs), ["a", "b", "id", "meta", "tags"]);
    assert_eq!(fields(&xs.fields["meta"]), ["team"]);
    assert_eq!(fields(&xs.fields["tags"]), ["k"]);
    assert_eq!(of("ys"), Projection::default(), "a count reads nothing of its rows");
}

#[test]
fn each_evidence_is_read_once_whatever_hangs_on_it() {
    let policy = check(&format!(
        "{XS}let wide = xs where a > (mean(xs[].a) ?? 0)
        gate g.a {{ stage s  when empty pass  scope xs  metric max(a)  threshold <= 9 }}
        gate g.b {{ stage s  when empty pass  scope wide  each a > 0 else \"\" }}
        gate g.c {{ stage s  when empty pass  scope ys  each exists x in wide: x.id == id else \"\" }}
        gate g.d {{ stage s  expect count(ys where n > count(xs)) == 0 else \"\" }}\n"
    ));
    let xs = r#"[{"id":"p","a":1,"region":"r"},{"id":"q","a":5,"region":"r"}]"#;
    let ys = r#"[{"id":"q","n":1,"text":""},{"id":"p","n":2,"text":""}]"#;
    let (run, asked) = run_recorded(&policy, &[("xs", xs), ("ys", ys)], &Setup::default());
    let mut names: Vec<&str> = asked.iter().map(|(n, _)| n.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["xs", "ys"]);
    let verdicts: Vec<Verdict> = ["g.a", "g.b", "g.c", "g.d"].iter().map(|g| gate(&run, g).verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Pass, Verdict::Fail, Verdict::Pass]);
}

#[test]
fn gates_of_one_table_share_what_they_compute() {
    let one = check(&format!(
        "{XS}let view = xs where a > 1 select {{ id = id  sum = a + (b ?? 0) }}
        gate g.a {{ stage s  when empty pass  scope view where sum > 4  metric max(sum)  threshold <= 9 }}\n"
    ));
    let two = check(&format!(
        "{XS}let view = xs where a > 1 select {{ id = id  sum = a + (b ?? 0) }}
        gate g.a {{ stage s  when empty pass  scope view where sum > 4  metric max(sum)  threshold <= 9 }}
        gate g.b {{ stage s  when empty pass  scope view as v where v.sum > 4 select {{ total = v.sum }}  metric max(total)  threshold <= 8 }}\n"
    ));
    let (one, two) = (planned(&one).0, planned(&two).0);
    assert_eq!((one.tables.len(), two.tables.len()), (1, 1));
    assert_eq!(two.tables[0].gates.len(), 2);
    // The other gate adds the record that it makes, and nothing that is computed.
    assert_eq!(one.tables[0].program.nodes.len() + 1, two.tables[0].program.nodes.len());
}

#[test]
fn a_loop_over_two_tables_is_warned_of_unless_a_key_is_compared() {
    let with = |condition: &str| {
        let policy =
            check(&format!("{XS}gate g.x {{ stage s  when empty pass  scope xs  each {condition} else \"\" }}\n"));
        planned(&policy).1
    };
    assert_eq!(with("exists y in ys: same(y.id, id)"), ["rspp::plan::quadratic"]);
    assert_eq!(with("count(ys where n > 3) > 1"), [""; 0], "it does not depend on the row");
    assert_eq!(with("exists y in ys: y.id == id"), [""; 0]);
    assert_eq!(with("exists y in ys: y.n > 2 and y.id == id"), [""; 0]);
    assert_eq!(with("count(ys as y where y.n > a) > 0"), ["rspp::plan::quadratic"]);
    assert_eq!(with("exists t in tags: t.k == id"), [""; 0], "a list of the row is no table");
}

#[test]
fn a_join_over_a_compared_key_is_looked_up() {
    let policy = check(&format!(
        "{XS}let pairs_of = xs as x join ys as y where y.id == x.id and y.n > x.a select {{ id = x.id  n = y.n }}
        gate g.x {{ stage s  when empty pass  scope pairs_of  each n < 9 else \"{{id}}\" }}\n"
    ));
    let (plan, warnings) = planned(&policy);
    assert!(warnings.is_empty());
    assert_eq!(plan.indexes.len(), 1);
    assert_eq!(plan.tables[0].program.lookups.len(), 1);
}

#[test]
fn the_page_of_the_warning_shows_a_loop_and_a_look_up() {
    let page = include_str!("../../docs/diagnostics/rspp-plan-quadratic.md");
    for (fence, due) in [("```gate,error\n", &["rspp::plan::quadratic"][..]), ("```gate,ok\n", &[])] {
        let text = page.split_once(fence).unwrap().1.split_once("```").unwrap().0;
        let policy = check_whole(text);
        let (_, warnings) = plan(&policy.policy, &policy.profiles[&ProfileId::new("quick")]);
        let codes: Vec<&str> = warnings.iter().map(|d| d.code.0).collect();
        assert_eq!(codes, due);
    }
}

/// Params that choose between two evidences; `profile` is the body of the profile.
fn choosing(gates: &str, profile: &str) -> CheckedPolicy {
    check_whole(&format!(
        "policy engine {{ language 1 }}
        {XS}enum Place {{ left, right }}
        param from : Place = left
        let on_the_left = from == left
        def is_left(p: Place) : bool = p == left
        {gates}
        profile p {{ stage s  sources recorded  {profile} }}\n"
    ))
}

fn read_by(policy: &CheckedPolicy) -> Vec<String> {
    let (plan, _) = planned(policy);
    let ids = plan.gates.values().flat_map(|g| g.evidence.iter());
    let mut names: Vec<String> = ids.map(|id| policy.policy.evidence[id.index()].name.to_string()).collect();
    names.sort();
    names.dedup();
    let asked = plan.rows.iter().map(|s| policy.policy.evidence[s.id.index()].name.to_string());
    let mut asked: Vec<String> = asked.collect();
    asked.sort();
    assert_eq!(asked, names, "what gates rest on is what is read");
    names
}

#[test]
fn what_params_rule_out_is_not_read() {
    for gate in [
        "gate g { stage s  expect (if from == left then count(xs) else count(ys)) > 0 }",
        "gate g { stage s  expect (if on_the_left then count(xs) else count(ys)) > 0 }",
        "gate g { stage s  expect (if is_left(from) then count(xs) else count(ys)) > 0 }",
        "gate g { stage s  expect from == left implies count(xs) > 0  expect from == right implies count(ys) > 0 }",
        "gate g { stage s  expect (from == left and count(xs) > 0) or (from == right and count(ys) > 0) }",
        "gate g { stage s  expect from == right or count(xs) > 0  expect from == left or count(ys) > 0 }",
        "def n() : int = if from == left then count(xs) else count(ys)  gate g { stage s  expect n() > 0 }",
        "let ids = if from == left then xs[].id else ys[].id
         gate g { stage s  when empty fail  scope ids  each this != \"\" }",
        "let both = if from == left then (xs select { id = id  n = a as_n }) else (ys select { id = id  n = n as_n })
         gate g { stage s  when empty fail  scope both  metric sum(n)  threshold > 0 }",
    ] {
        let gate = gate.replace(" as_n", "");
        assert_eq!(read_by(&choosing(&gate, "")), ["xs"], "{gate}");
        assert_eq!(read_by(&choosing(&gate, "set from = right")), ["ys"], "{gate}");
    }
}

#[test]
fn what_more_than_params_decide_is_read() {
    for gate in [
        "gate g { stage s  expect (if from == left or count(xs) > 3 then true else count(ys) > 0) }",
        "gate g { stage s  when empty fail  scope xs  each (if from == left and a > 0 then true else count(ys) > 0) }",
    ] {
        let names = read_by(&choosing(gate, "set from = right"));
        assert!(names.contains(&"ys".to_owned()), "{gate}: {names:?}");
    }
    // Without a param nothing is ruled out: a constant is no choice of a profile.
    let constant = "gate g { stage s  expect (if 1 == 1 then count(xs) else count(ys)) > 0 }";
    assert_eq!(read_by(&choosing(constant, "")), ["xs", "ys"]);
}

#[test]
fn evidence_that_is_ruled_out_may_be_unusable() {
    let gates = "gate g { stage s  expect (if from == left then count(xs) else count(ys)) > 0 }";
    let xs = r#"[{"id":"x","a":1,"region":"r"}]"#;
    let setup = || Setup { unusable: vec!["ys"], ..Setup::default() };
    let (run, asked) = run_recorded(&choosing(gates, ""), &[("xs", xs)], &setup());
    assert_eq!(gate(&run, "g").verdict, Verdict::Pass);
    assert_eq!(asked.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["xs"]);
    let (run, _) = run_recorded(&choosing(gates, "set from = right"), &[("xs", xs)], &setup());
    assert_eq!(gate(&run, "g").verdict, Verdict::Error);
}

#[test]
fn a_gate_whose_result_is_ruled_out_is_not_asked_for() {
    let gates = "gate a { stage t  expect count(ys) > 0 }
        gate g { stage s  expect from == right implies result(a).passed  expect count(xs) > 0 }
        profile q { stage t  sources recorded }";
    let given = [("xs", r#"[{"id":"x","a":1,"region":"r"}]"#), ("ys", r#"[{"id":"y","n":1,"text":"t"}]"#)];
    for (profile, expected) in [("", vec!["xs"]), ("set from = right", vec!["xs", "ys"])] {
        let setup = Setup { only: Some(vec!["g".into()]), ..Setup::default() };
        let (run, asked) = run_recorded(&choosing(gates, profile), &given, &setup);
        assert_eq!(gate(&run, "g").verdict, Verdict::Pass);
        assert_eq!(asked.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), expected);
    }
}
