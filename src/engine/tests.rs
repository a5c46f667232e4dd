//! Columns and the interpreter give the same, row by row, faults included.

use super::batch::{BatchEval, Rows};
use super::session::Session;
use crate::data::{Batch, Column, Num, Origins, Value};
use crate::eval::{Bound, Env, Interpreter};
use crate::model::{CheckedPolicy, GateId, ProfileId};
use crate::plan::{Plan, SpaceId, plan};
use crate::registry::Registry;
use crate::source::SourceMap;
use crate::{builtins, check, evidence, syntax};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use std::sync::{Arc, OnceLock};

const HEAD: &str = r#"policy engine { language 1 }
enum Kind { red, green, blue }
evidence xs {
  path "xs.jsonl"  source recorded  fresh any
  row { a : int  b : int?  ok : bool  kind : Kind  s : string  o : string?  t : instant(ns)  u : instant(ns)?  share : decimal }
}
def twice(n: int) : int = n + n
def near(n: int, m: int) : bool = n - m in -3..3
"#;

fn checked(policy: &str) -> Option<CheckedPolicy> {
    let mut sources = SourceMap::default();
    let source = sources.add("engine.gate", policy);
    let (file, diagnostics) = syntax::parse(source, policy);
    assert!(diagnostics.is_empty(), "{policy}\n{diagnostics:?}");
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    check::check(&[file], &sources, Arc::new(registry)).policy
}

/// Whole numbers, some at the ends of 64 bits.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -5i64..6, 1 => Just(i64::MAX), 1 => Just(i64::MIN), 1 => any::<i64>()]
}

#[derive(Debug, Clone)]
struct Row {
    a: i64,
    b: Option<i64>,
    ok: bool,
    kind: u32,
    s: String,
    o: Option<String>,
    t: i64,
    u: Option<i64>,
    share: Num,
}

fn row() -> impl Strategy<Value = Row> {
    let texts = prop_oneof![Just(String::new()), "[ab]{1,3}", Just("east".to_owned())];
    let share = (-20i128..20, 1i128..7).prop_map(|(n, d)| Num::new(n, d).unwrap());
    (
        (number(), proptest::option::of(number()), any::<bool>(), 0u32..3),
        (texts.clone(), proptest::option::of(texts)),
        (number(), proptest::option::of(number()), share),
    )
        .prop_map(|((a, b, ok, kind), (s, o), (t, u, share))| Row { a, b, ok, kind, s, o, t, u, share })
}

fn batch(rows: &[Row]) -> Batch {
    let ints = |f: &dyn Fn(&Row) -> Option<i64>| {
        let found: Vec<Option<i64>> = rows.iter().map(f).collect();
        let valid =
            if found.iter().all(Option::is_some) { None } else { Some(found.iter().map(Option::is_some).collect()) };
        // What is not valid holds nothing, and garbage shows that nobody looks at it.
        Column::Int { values: found.iter().map(|v| v.unwrap_or(i64::MAX)).collect(), valid }
    };
    let texts = |f: &dyn Fn(&Row) -> Option<&str>| {
        let (mut bytes, mut ends) = (String::new(), Vec::new());
        for row in rows {
            bytes.push_str(f(row).unwrap_or(""));
            ends.push(u32::try_from(bytes.len()).unwrap());
        }
        Column::Text { bytes, ends, valid: Some(rows.iter().map(|r| f(r).is_some()).collect()) }
    };
    Batch {
        len: rows.len(),
        first: 0,
        columns: vec![
            ints(&|r| Some(r.a)),
            ints(&|r| r.b),
            Column::Bool { values: rows.iter().map(|r| r.ok).collect(), valid: None },
            Column::Enum { values: rows.iter().map(|r| r.kind).collect(), valid: None },
            texts(&|r| Some(&r.s)),
            texts(&|r| r.o.as_deref()),
            ints(&|r| Some(r.t)),
            ints(&|r| r.u),
            Column::Values(rows.iter().map(|r| Value::Num(r.share)).collect()),
        ],
        origins: Origins::None,
    }
}

/// Expressions of the policy: whole numbers.
fn int_expr() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("(b ?? 7)".to_owned()),
        (-4i64..9).prop_map(|n| if n < 0 { format!("(0 - {})", -n) } else { n.to_string() }),
        Just("9_223_372_036_854_775_807".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop_oneof![Just("+"), Just("-"), Just("*")], inner.clone())
                .prop_map(|(x, op, y)| format!("({x} {op} {y})")),
            inner.clone().prop_map(|x| format!("(-{x})")),
            inner.clone().prop_map(|x| format!("twice({x})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("(b - {x} ?? {y})")),
            (inner.clone(), inner).prop_map(|(x, y)| format!("(if ok then {x} else {y})")),
        ]
    })
}

/// Expressions of the policy: conditions.
fn condition() -> impl Strategy<Value = String> {
    let sign = prop_oneof![Just("=="), Just("!="), Just("<="), Just(">="), Just("<"), Just(">")];
    let leaf = prop_oneof![
        Just("ok".to_owned()),
        Just("present(b)".to_owned()),
        Just("present(o, u)".to_owned()),
        Just("filled(o)".to_owned()),
        Just("kind == green".to_owned()),
        Just("kind in [red, blue]".to_owned()),
        Just("s == \"a\"".to_owned()),
        Just("s in [\"east\", \"ab\"]".to_owned()),
        Just("s like \"a*\"".to_owned()),
        Just("s matches /^[a-b]+$/".to_owned()),
        Just("same(s, o)".to_owned()),
        Just("(present(u) and u - t > 5ns)".to_owned()),
        Just("(present(u, b) implies u >= t)".to_owned()),
        Just("(present(o) and o like \"*b\")".to_owned()),
        Just("share * share < share + 2".to_owned()),
        Just("share in 0.25..1.5".to_owned()),
        Just("near(a, 1)".to_owned()),
        Just("count([a, b ?? 1] where this > 0) > 1".to_owned()),
        (int_expr(), sign, int_expr()).prop_map(|(x, op, y)| format!("{x} {op} {y}")),
        (int_expr(), int_expr()).prop_map(|(x, y)| format!("{x} in {y}..100")),
    ];
    leaf.prop_recursive(3, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop_oneof![Just("and"), Just("or"), Just("implies")], inner.clone())
                .prop_map(|(x, op, y)| format!("(({x}) {op} ({y}))")),
            inner.clone().prop_map(|x| format!("(not ({x}))")),
            (inner.clone(), inner.clone(), inner).prop_map(|(c, x, y)| format!("(if ({c}) then ({x}) else ({y}))")),
        ]
    })
}

fn planned(conditions: &[String]) -> Option<(CheckedPolicy, Plan)> {
    let each: String = conditions.iter().map(|c| format!("  each ({c}) else \"x\"\n")).collect();
    let policy = format!(
        "{HEAD}gate g.x {{ stage s  when empty pass  scope xs\n{each}}}\nprofile p {{ stage s  sources recorded }}\n"
    );
    let checked = checked(&policy)?;
    let (plan, _) = plan(&checked.policy, &checked.profiles[&ProfileId::new("p")]);
    Some((checked, plan))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_give_what_the_interpreter_gives(
        conditions in proptest::collection::vec(condition(), 1..4),
        rows in proptest::collection::vec(row(), 1..12),
        backwards in any::<bool>(),
    ) {
        // The checker refuses conditions that can be seen to decide nothing.
        let Some((checked, plan)) = planned(&conditions) else { return Ok(()) };
        let profile = &checked.profiles[&ProfileId::new("p")];
        let session = Session::new(&plan, profile, Num::ZERO, None, 1 << 30);
        let gate = &plan.gates[&GateId::new("g.x")];
        let of_rows = gate.rows.as_ref().unwrap();
        let table = &plan.tables[of_rows.table.0 as usize];
        let batch = batch(&rows);
        let closed = table.program.nodes.iter().map(|_| OnceLock::new()).collect();
        let mut eval = BatchEval::new(&session, table, &closed, Rows::Batch(&batch));
        let interpreter = Interpreter::new(&session);
        let row_local = gate.gate.scope.as_ref().unwrap().row;
        for (node, each) in of_rows.each.iter().zip(&gate.gate.each) {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            if backwards {
                order.reverse();
            }
            for row in order {
                let mut env = Env::new();
                env.push(row_local, Bound::Row(&batch, row));
                let due = interpreter.eval(&each.condition, &mut env);
                let found = eval.value(*node, SpaceId::TABLE, u32::try_from(row).unwrap());
                prop_assert_eq!(&found, &due, "row {}: {:?} of {:?}", row, rows[row], conditions);
            }
        }
    }
}

#[test]
fn the_random_conditions_mostly_check() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let made: Vec<String> = (0..60).map(|_| condition().new_tree(&mut runner).unwrap().current()).collect();
    let checked = made.iter().filter(|c| planned(std::slice::from_ref(*c)).is_some()).count();
    assert!(checked > 30, "{checked} of {}", made.len());
}

#[test]
fn a_number_that_leaves_64_bits_is_computed_exactly_and_one_that_leaves_128_faults_alone() {
    let conditions = ["a * a * 2 > 0".to_owned(), "a * a * a * a > 0".to_owned()];
    let (checked, plan) = planned(&conditions).unwrap();
    let session = Session::new(&plan, &checked.profiles[&ProfileId::new("p")], Num::ZERO, None, 1 << 30);
    let gate = &plan.gates[&GateId::new("g.x")];
    let of_rows = gate.rows.as_ref().unwrap();
    let table = &plan.tables[of_rows.table.0 as usize];
    let one = |a| Row { a, b: None, ok: true, kind: 0, s: String::new(), o: None, t: 0, u: None, share: Num::ONE };
    let batch = batch(&[one(2), one(i64::MAX)]);
    let closed = table.program.nodes.iter().map(|_| OnceLock::new()).collect();
    let mut eval = BatchEval::new(&session, table, &closed, Rows::Batch(&batch));
    let [first, second] = of_rows.each[..] else { panic!("two conditions") };
    assert!(eval.lane(first).is_some(), "the first one is computed for all rows at once");
    assert_eq!(eval.value(first, SpaceId::TABLE, 1), Ok(Value::Bool(true)));
    assert_eq!(eval.value(second, SpaceId::TABLE, 0), Ok(Value::Bool(true)));
    assert!(eval.value(second, SpaceId::TABLE, 1).is_err());
}

#[test]
fn conditions_of_simple_columns_are_computed_for_all_rows_at_once() {
    let conditions = [
        "ok",
        "not ok",
        "a + 2 * a - 1 > -a",
        "(ok and a > 3) or kind == green",
        "ok implies a in 3..9",
        "kind in [red, blue]",
        "s in [\"east\", \"ab\"]",
        "a in [1, 2, 3]",
        "s like \"a*\"",
        "s matches /^[a-b]+$/",
        "(b ?? 7) > 2",
        "present(b, o)",
        "if ok then a > 1 else a > 2",
        "near(a, 1)",
        "share * 2 > 1",
        "present(u) implies u - t > 5ns",
    ]
    .map(str::to_owned);
    let (checked, plan) = planned(&conditions).unwrap();
    let session = Session::new(&plan, &checked.profiles[&ProfileId::new("p")], Num::ZERO, None, 1 << 30);
    let gate = &plan.gates[&GateId::new("g.x")];
    let of_rows = gate.rows.as_ref().unwrap();
    let table = &plan.tables[of_rows.table.0 as usize];
    let rows: Vec<Row> = (0..4)
        .map(|n| Row {
            a: n,
            b: (n > 1).then_some(n),
            ok: n % 2 == 0,
            kind: 1,
            s: "ab".into(),
            o: None,
            t: 0,
            u: (n > 2).then_some(n),
            share: Num::ONE,
        })
        .collect();
    let batch = batch(&rows);
    let closed = table.program.nodes.iter().map(|_| OnceLock::new()).collect();
    let mut eval = BatchEval::new(&session, table, &closed, Rows::Batch(&batch));
    for (node, condition) in of_rows.each.iter().zip(&conditions) {
        assert!(eval.lane(*node).is_some(), "{condition}");
    }
}
