use super::quantiles::Quantile;
use super::register;
use crate::data::{Column, Fault, Field, Num, Origin, Record, RecordType, Type, Validity, Value, Version, print};
use crate::registry::{
    Accumulator, Aggregate, Ambient, Body, CallTypes, Certify, Counted, Extreme, Figure, FileFacts, Function, Narrows,
    Registry,
};
use crate::stats::nearest_rank as rank;
use proptest::prelude::*;
use std::sync::Arc;

fn registry() -> Registry {
    let mut registry = Registry::default();
    register(&mut registry).unwrap();
    registry
}

fn function(name: &str) -> (Function, Arc<crate::registry::Signature>) {
    let registry = registry();
    let (function, signature) = registry.function(name).unwrap();
    (**function, signature.clone())
}

/// Types and computes a call as checker and evaluator do: result type and result.
fn try_call(name: &str, arguments: &[(Type, Value)]) -> (Type, Result<Value, Fault>) {
    let (function, signature) = function(name);
    let types: Vec<Type> = arguments.iter().map(|(t, _)| t.clone()).collect();
    let values: Vec<Value> = arguments.iter().map(|(_, v)| v.clone()).collect();
    let resolved = function.resolve(&signature, &types).unwrap();
    for constant in function.constants {
        if let Some(value) = values.get(constant.argument) {
            (constant.check)(value).unwrap();
        }
    }
    let result = if resolved.lifted && values.iter().any(Value::is_missing) {
        Ok(Value::Missing)
    } else {
        let call = CallTypes { arguments: &resolved.arguments, result: &resolved.result };
        match function.body {
            Body::Scalar(body) => body(&call, &values),
            Body::Aggregate(aggregate) => {
                let (list, constants) = values.split_last().unwrap();
                let mut accumulator = (aggregate.start)(&call, constants).unwrap();
                for (i, item) in list.as_list().unwrap().iter().enumerate() {
                    accumulator.push(item, i as u64).unwrap();
                }
                accumulator.finish().map(|figure| match figure {
                    Figure::Value(value) => value,
                    other => panic!("{other:?}"),
                })
            }
            Body::Ambient(body) => body(&call, &values, &Files),
            Body::Form => panic!("a form"),
        }
    };
    (resolved.result, result)
}

#[track_caller]
fn prints(name: &str, arguments: &[(Type, Value)], text: &str) {
    let (ty, result) = try_call(name, arguments);
    let result = result.unwrap();
    assert!(!result.is_missing() || ty.is_optional(), "{name} is missing under {ty}");
    assert_eq!(print::value(&result, &ty), text, "{name}");
}

fn text(t: &str) -> (Type, Value) {
    (Type::String, Value::text(t))
}

fn int(n: i64) -> (Type, Value) {
    (Type::Int, Value::int(n))
}

fn fraction(num: i128, den: i128) -> (Type, Value) {
    (Type::Decimal, Value::Num(Num::new(num, den).unwrap()))
}

fn ms(n: i64) -> (Type, Value) {
    (Type::DURATION, Value::int(n * 1_000_000))
}

fn ints(items: &[i64]) -> (Type, Value) {
    (Type::list(Type::Int), Value::list(items.iter().map(|n| Value::int(*n)).collect::<Vec<_>>()))
}

fn bools(items: &[bool]) -> (Type, Value) {
    (Type::list(Type::Bool), Value::list(items.iter().map(|b| Value::Bool(*b)).collect::<Vec<_>>()))
}

fn texts(items: &[&str]) -> (Type, Value) {
    (Type::list(Type::String), Value::list(items.iter().map(|t| Value::text(*t)).collect::<Vec<_>>()))
}

fn record(fields: &[(&str, Type, Value)]) -> (Type, Value) {
    let ty = fields.iter().map(|(n, t, _)| Field { name: (*n).into(), ty: t.clone() }).collect();
    let ty = Type::Record(Arc::new(RecordType { name: None, fields: ty }));
    (ty, Value::record(fields.iter().map(|(_, _, v)| v.clone()).collect()))
}

fn instant(text: &str) -> (Type, Value) {
    (Type::Instant, Value::Num(crate::data::read::instant(text).unwrap()))
}

fn version(text: &str) -> (Type, Value) {
    (Type::Version, Value::Version(Arc::new(Version::parse(text).unwrap())))
}

struct Files;

impl Ambient for Files {
    fn files(&self, evidence: &str) -> Result<Vec<FileFacts>, Fault> {
        let count = match evidence {
            "none" => 0,
            "one" => 1,
            _ => 2,
        };
        Ok((0..count).map(|i| facts(&format!("{evidence}/{i}.json"))).collect())
    }

    fn file_of(&self, origin: &Origin) -> Result<FileFacts, Fault> {
        Ok(facts(&origin.file))
    }
}

fn facts(path: &str) -> FileFacts {
    FileFacts { path: path.into(), sha256: "ab".into(), bytes: 2048, age: Value::Missing }
}

#[test]
fn every_descriptor_is_complete() {
    let registry = registry();
    assert!(registry.functions().count() > 50);
    for (function, signature) in registry.functions() {
        let name = function.name;
        assert_eq!(signature.to_string(), function.signature, "{name}");
        assert!(function.doc.ends_with('.') && function.doc.len() > 20, "{name}");
        assert!(!function.family.is_empty(), "{name}");
        // What stands for evidence or a gate cannot be written without one.
        let about_evidence = function.family == "evidence";
        assert_eq!(function.examples.is_empty(), about_evidence, "{name}");
        for example in function.examples {
            assert!(example.expression.contains(&format!("{name}(")), "{name}");
        }
        let narrows = matches!(name, "present" | "filled");
        assert_eq!(function.narrows == Narrows::ArgumentsPresent, narrows, "{name}");
        for constant in function.constants {
            assert!(signature.parameter(constant.argument).is_some(), "{name}");
        }
        if let Body::Aggregate(aggregate) = function.body {
            let certify = match name {
                "p50" | "p95" | "p99" | "quantile" => Certify::Quantile,
                "ratio" => Certify::Ratio,
                _ => Certify::No,
            };
            assert_eq!(aggregate.certify, certify, "{name}");
            let constants = if name == "quantile" { vec![fraction(1, 2).1] } else { vec![] };
            let call = CallTypes { arguments: &[], result: &Type::Unknown };
            let mut accumulator = (aggregate.start)(&call, &constants).unwrap();
            assert_eq!(accumulator.push_extreme(Extreme::Above), aggregate.extremes || is_share(name), "{name}");
        }
    }
}

/// Truth values have no extremes of their own for `any` and `all`; their accumulator is shared.
fn is_share(name: &str) -> bool {
    matches!(name, "any" | "all")
}

#[test]
fn the_nearest_rank_is_the_one_of_the_tables() {
    let half = Num::new(1, 2).unwrap();
    let p95 = Num::new(95, 100).unwrap();
    for (n, at_50, at_95) in [
        (1, 1, 1),
        (2, 1, 2),
        (3, 2, 3),
        (10, 5, 10),
        (19, 10, 19),
        (20, 10, 19),
        (21, 11, 20),
        (40, 20, 38),
        (59, 30, 57),
        (93, 47, 89),
        (100, 50, 95),
        (200, 100, 190),
        (500, 250, 475),
        (1000, 500, 950),
        (10_000, 5_000, 9_500),
    ] {
        assert_eq!((rank(half, n), rank(p95, n)), (Some(at_50), Some(at_95)), "n = {n}");
        let q = Quantile::new(p95);
        let mut boxed: Box<dyn Accumulator> = Box::new(q);
        for i in (1..=n).rev() {
            boxed.push(&Value::int(i64::try_from(i).unwrap()), i).unwrap();
        }
        assert_eq!(boxed.finish(), Ok(Figure::Value(Value::int(at_95.try_into().unwrap()))));
    }
    // Where floats go wrong.
    assert_eq!(rank(Num::new(55, 100).unwrap(), 100), Some(55));
    assert_eq!(rank(Num::new(7, 100).unwrap(), 100), Some(7));
    assert_eq!(rank(Num::ONE, 7), Some(7));
    assert_eq!(rank(Num::new(1, 1000).unwrap(), 7), Some(1));
    assert_eq!(rank(half, 0), None);
    assert_eq!(rank(Num::new(999_999, 1_000_000).unwrap(), u64::MAX), Some(u64::MAX - u64::MAX / 1_000_000));
    assert_eq!(rank(Num::new(i128::MAX - 1, i128::MAX).unwrap(), u64::MAX), None);
}

#[test]
fn aggregates_of_nothing() {
    let none = ints(&[]);
    for (name, text) in [
        ("count", "0"),
        ("sum", "0"),
        ("unique", "true"),
        ("min", "(missing)"),
        ("max", "(missing)"),
        ("mean", "(missing)"),
        ("first", "(missing)"),
        ("last", "(missing)"),
        ("only", "(missing)"),
        ("p50", "(missing)"),
        ("p95", "(missing)"),
        ("p99", "(missing)"),
    ] {
        prints(name, std::slice::from_ref(&none), text);
    }
    prints("any", &[bools(&[])], "false");
    prints("all", &[bools(&[])], "true");
    prints("ratio", &[bools(&[])], "(missing)");
    let nothing = (Type::list(Type::Never), Value::list(vec![]));
    assert_eq!(try_call("sum", std::slice::from_ref(&nothing)).0, Type::Int);
    assert_eq!(try_call("mean", &[nothing]).0, Type::Decimal.optional());
}

#[test]
fn aggregates_of_something() {
    prints("count", &[ints(&[4, 4])], "2");
    prints("sum", &[ints(&[1, 2, 3])], "6");
    prints("mean", &[ints(&[1, 2])], "1.5");
    prints("mean", &[(Type::list(Type::DURATION), Value::list(vec![ms(100).1, ms(101).1]))], "100.5ms");
    prints("min", &[texts(&["b", "a"])], "a");
    prints("max", &[(Type::list(Type::Version), Value::list(vec![version("1.9").1, version("1.10").1]))], "v1.10.0");
    prints("first", &[ints(&[3, 1])], "3");
    prints("last", &[ints(&[3, 1])], "1");
    prints("only", &[ints(&[3])], "3");
    prints("p50", &[texts(&["c", "a", "b"])], "b");
    prints("quantile", &[(Type::Ratio, Value::Num(Num::new(9, 10).unwrap())), ints(&[5, 4, 3, 2, 1])], "5");
    prints("ratio", &[bools(&[true, false, true])], "2/3");
    prints("any", &[bools(&[false, true])], "true");
    prints("all", &[bools(&[false, true])], "false");
    prints("unique", &[ints(&[1, 2, 1])], "false");
    let maybe = (Type::list(Type::Int.optional()), Value::list(vec![Value::Missing, Value::int(1), Value::Missing]));
    prints("unique", std::slice::from_ref(&maybe), "false");
    prints("count", std::slice::from_ref(&maybe), "3");
    prints("first", &[maybe], "(missing)");
}

#[test]
fn only_names_the_first_two_rows_in_evidence_order() {
    let row = |ordinal: u64| {
        let origin = Origin {
            evidence: "turns".into(),
            file: "turns.jsonl".into(),
            line: ordinal + 1,
            pointer: None,
            key: None,
            ordinal,
        };
        Value::Record(Arc::new(Record { fields: Box::new([]), origin: Some(Arc::new(origin)) }))
    };
    let aggregate = aggregate("only");
    for split in [[vec![2, 0], vec![3, 1]], [vec![0, 1, 2, 3], vec![]], [vec![3], vec![2, 1, 0]]] {
        let [a, b] = split.map(|ordinals| {
            let mut part = start(&aggregate);
            ordinals.iter().for_each(|o| part.push(&row(*o), *o).unwrap());
            part
        });
        let mut whole = a;
        whole.merge(b).unwrap();
        let Err(fault) = whole.finish() else { panic!("two rows passed") };
        assert_eq!(
            fault.to_string(),
            "`only` found two rows or more where at most one may be: turns.jsonl:1, turns.jsonl:2"
        );
    }
}

fn aggregate(name: &str) -> Aggregate {
    match function(name).0.body {
        Body::Aggregate(aggregate) => aggregate,
        other => panic!("{other:?}"),
    }
}

fn start(aggregate: &Aggregate) -> Box<dyn Accumulator> {
    (aggregate.start)(&CallTypes { arguments: &[], result: &Type::Unknown }, &[]).unwrap()
}

#[test]
fn a_sum_overflows_by_its_result_and_never_on_the_way() {
    let big = Value::Num(Num::int(i128::MAX));
    let small = Value::Num(Num::int(-i128::MAX));
    for name in ["sum", "mean"] {
        let mut sum = start(&aggregate(name));
        for value in [&big, &big, &small, &big, &small, &small] {
            sum.push(value, 0).unwrap();
        }
        assert_eq!(sum.finish(), Ok(Figure::Value(Value::int(0))), "{name}");
    }
    let list = (Type::list(Type::Int), Value::list(vec![big.clone(), big.clone()]));
    assert_eq!(try_call("sum", std::slice::from_ref(&list)).1, Err(Fault::Overflow { what: "a sum" }));
    prints("mean", &[list], &i128::MAX.to_string());
    let tiny = |den| Value::Num(Num::new(1, den).unwrap());
    let apart = Value::list(vec![tiny(i128::MAX), tiny(i128::MAX - 1)]);
    let apart = (Type::list(Type::Decimal), apart);
    assert_eq!(try_call("mean", &[apart]).1, Err(Fault::Overflow { what: "a mean" }));
}

#[test]
fn worst_elements_stand_beyond_all_others() {
    let with = |name: &str, values: &[i64], extremes: &[Extreme]| {
        let aggregate = aggregate(name);
        let mut parts = [start(&aggregate), start(&aggregate)];
        values.iter().for_each(|v| parts[0].push(&Value::int(*v), 0).unwrap());
        extremes.iter().for_each(|e| assert!(parts[1].push_extreme(*e)));
        let [mut whole, other] = parts;
        whole.merge(other).unwrap();
        assert_eq!(whole.count(), (values.len() + extremes.len()) as u64);
        whole.finish().unwrap()
    };
    let value = |n| Figure::Value(Value::int(n));
    use Extreme::{Above, Below};
    assert_eq!(with("p50", &[1, 2, 3], &[Above]), value(2));
    assert_eq!(with("p95", &[1, 2, 3], &[Above]), Figure::Above);
    assert_eq!(with("p50", &[1, 2, 3], &[Below, Below, Below]), Figure::Below);
    assert_eq!(with("p50", &[1, 2, 3], &[Below]), value(1));
    assert_eq!(with("p50", &[], &[Above]), Figure::Above);
    assert_eq!(with("max", &[1], &[Above]), Figure::Above);
    assert_eq!(with("max", &[1], &[Below]), value(1));
    assert_eq!(with("min", &[1], &[Above]), value(1));
    assert_eq!(with("min", &[1], &[Below]), Figure::Below);
    assert_eq!(with("min", &[], &[Above]), Figure::Above);
    assert_eq!(with("mean", &[1], &[Above]), Figure::Above);
    assert_eq!(with("mean", &[1], &[Below]), Figure::Below);
    assert_eq!(with("ratio", &[], &[Above, Extreme::False, Below, Extreme::False]), {
        Figure::Value(Value::Num(Num::new(1, 4).unwrap()))
    });
}

#[test]
fn bounds_can_ask_accumulators_for_more() {
    let mut quantile = start(&aggregate("p95"));
    for n in [10, 20, 20, 30] {
        quantile.push(&Value::int(n), 0).unwrap();
    }
    quantile.push_extreme(Extreme::Above);
    quantile.push_extreme(Extreme::Below);
    let Some(Counted::Quantile(quantile)) = quantile.counted() else { panic!() };
    assert_eq!(quantile.share(), Num::new(95, 100).unwrap());
    assert_eq!((quantile.less_than(&Value::int(20)), quantile.at_most(&Value::int(20))), (2, 4));
    assert_eq!((quantile.less_than(&Value::int(99)), quantile.at_most(&Value::int(99))), (5, 5));
    let kth: Vec<_> = (0..=7).map(|k| quantile.kth(k)).collect();
    let value = |n| Some(Figure::Value(Value::int(n)));
    assert_eq!(kth, [None, Some(Figure::Below), value(10), value(20), value(20), value(30), Some(Figure::Above), None]);
    let mut ratio = start(&aggregate("ratio"));
    ratio.push(&Value::Bool(true), 0).unwrap();
    ratio.push(&Value::Bool(false), 0).unwrap();
    let Some(Counted::Ratio { hits, total }) = ratio.counted() else { panic!() };
    assert_eq!((hits, total), (1, 2));
    assert!(start(&aggregate("max")).counted().is_none());
}

#[test]
fn constants_are_judged() {
    let refused = |name: &str, value: Value| (function(name).0.constants[0].check)(&value).is_err();
    for (q, bad) in [((0, 1), true), ((1, 100), false), ((1, 1), false), ((101, 100), true), ((-1, 2), true)] {
        assert_eq!(refused("quantile", Value::Num(Num::new(q.0, q.1).unwrap())), bad, "{q:?}");
    }
    assert!(refused("day", Value::text("Europe/Berlin")) && !refused("day", Value::text("+02:00")));
    assert!(refused("version", Value::text("latest")) && !refused("version", Value::text("v1.2.0-rc1")));
    assert!(refused("round", Value::int(0)) && !refused("round", Value::int(5)));
    let definite = function("div").0.definite.unwrap();
    assert!(definite(&[None, Some(Value::int(2))]));
    assert!(!definite(&[None, Some(Value::int(0))]) && !definite(&[Some(Value::int(2)), None]));
}

#[test]
fn numbers() {
    prints("abs", &[int(-3)], "3");
    prints("abs", &[ms(-40)], "40ms");
    for (a, b, quotient, rest) in [(7, 2, "3", "1"), (-7, 2, "-4", "1"), (7, -2, "-4", "-1"), (-7, -2, "3", "-1")] {
        prints("div", &[int(a), int(b)], quotient);
        prints("mod", &[int(a), int(b)], rest);
    }
    prints("div", &[int(1), int(0)], "(missing)");
    prints("mod", &[ms(90_000), ms(60_000)], "30s");
    for (x, floor, ceil, round) in
        [((-3, 2), "-2", "-1", "-2"), ((5, 2), "2", "3", "2"), ((7, 2), "3", "4", "4"), ((4, 1), "4", "4", "4")]
    {
        let x = fraction(x.0, x.1);
        prints("floor", std::slice::from_ref(&x), floor);
        prints("ceil", std::slice::from_ref(&x), ceil);
        prints("round", &[x], round);
    }
    prints("round", &[ms(124), ms(50)], "100ms");
    prints("round", &[fraction(2, 3), fraction(1, 100)], "0.67");
    prints("floor", &[(Type::Int.optional(), Value::Missing)], "(missing)");
    prints("number", &[text("-1.50")], "-1.5");
    prints("number", &[text("1.")], "(missing)");
    let (floor, signature) = function("floor");
    assert!(floor.resolve(&signature, &[Type::DURATION]).is_err());
    assert!(floor.resolve(&signature, &[Type::DURATION, Type::Int]).is_err());
}

#[test]
fn numbers_at_the_rim_overflow_as_faults() {
    let rims = [i128::MIN, -i128::MAX, -1, 0, 1, i128::MAX - 1, i128::MAX];
    let dens = [1, 2, 3, i128::MAX - 2, i128::MAX];
    let numbers: Vec<Value> =
        rims.iter().flat_map(|n| dens.iter().filter_map(|d| Num::new(*n, *d))).map(Value::Num).collect();
    for name in ["abs", "div", "mod", "floor", "ceil", "round"] {
        let (function, signature) = function(name);
        let Body::Scalar(body) = function.body else { panic!() };
        for a in &numbers {
            for b in &numbers {
                let values = [a.clone(), b.clone()];
                let taken = signature.parameters.len().min(2);
                let constant_fits = function.constants.iter().all(|c| (c.check)(&values[c.argument]).is_ok());
                if !constant_fits {
                    continue;
                }
                let types = [Type::Decimal, Type::Decimal];
                let call = CallTypes { arguments: &types[..taken], result: &Type::Decimal };
                match body(&call, &values[..taken]) {
                    Ok(Value::Num(_) | Value::Missing) | Err(Fault::Overflow { .. }) => {}
                    other => panic!("{name} of {values:?}: {other:?}"),
                }
            }
        }
    }
    for name in ["sum", "mean", "min", "p95"] {
        let list = (Type::list(Type::Decimal), Value::list(numbers.clone()));
        match try_call(name, &[list]).1 {
            Ok(_) | Err(Fault::Overflow { .. }) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn texts_and_lists() {
    prints("text", &[ms(1500)], "1.5s");
    prints("text", &[text("a, b")], "a, b");
    prints("lower", &[text("ÄB")], "äb");
    prints("upper", &[text("äb")], "ÄB");
    prints("trim", &[text(" a\t")], "a");
    prints("split", &[text("a-b"), text("-")], "[a, b]");
    prints("split", &[text(""), text("-")], "[\"\"]");
    prints("split", &[text("ab"), text("")], "[ab]");
    prints("replace", &[text("aXbX"), text("X"), text("")], "ab");
    prints("replace", &[text("ab"), text(""), text("x")], "ab");
    prints("starts_with", &[text("abc"), text("ab")], "true");
    prints("ends_with", &[text("abc"), text("ab")], "false");
    prints("contains", &[text("abc"), text("bc")], "true");
    prints("length", &[text("größe")], "5");
    prints("concat", &[ints(&[1]), ints(&[]), ints(&[2, 1])], "[1, 2, 1]");
    prints("pairs", &[ints(&[1, 2, 3])], "[{prev = 1, next = 2}, {prev = 2, next = 3}]");
    prints("pairs", &[ints(&[])], "[]");
    prints("nondecreasing", &[ints(&[1, 1])], "true");
    prints("increasing", &[ints(&[1, 1])], "false");
    prints("increasing", &[ints(&[])], "true");
    prints("counts", &[texts(&["b", "a", "b"])], "{a: 1, b: 2}");
    prints("counts", &[texts(&["b", "c"]), texts(&["b", "a", "b"])], "{a: 0, b: 1}");
    let map = (Type::map(Type::String, Type::Int), {
        let pair = |k: &str, v| Value::record(vec![Value::text(k), Value::int(v)]);
        Value::list(vec![pair("a", 2), pair("b", 1)])
    });
    prints("keys", std::slice::from_ref(&map), "[a, b]");
    prints("values", std::slice::from_ref(&map), "[2, 1]");
    prints("count", &[map], "2");
    prints("joined", &[texts(&["a", "b"]), text(", ")], "a, b");
}

#[test]
fn presence() {
    let missing = (Type::Int.optional(), Value::Missing);
    prints("present", &[int(1), missing.clone()], "false");
    prints("present", &[int(1), text("")], "true");
    prints("filled", &[text(" \t")], "false");
    prints("filled", &[ints(&[]), int(0)], "false");
    prints("filled", &[int(0), bools(&[false])], "true");
    prints("same", &[missing.clone(), missing.clone()], "true");
    prints("same", &[missing, int(1)], "false");
    prints("nonempty", &[ints(&[])], "(missing)");
    prints("nonempty", &[ints(&[0])], "[0]");
    prints("nonempty", &[(Type::list(Type::Int).optional(), Value::Missing)], "(missing)");
    let (nonempty, signature) = function("nonempty");
    assert!(nonempty.resolve(&signature, &[Type::Int]).is_err());
}

#[test]
fn records() {
    let a = record(&[("id", Type::String, Value::text("t")), ("n", Type::Int, Value::int(1))]);
    let b = record(&[("n", Type::String.optional(), Value::Missing), ("ok", Type::Bool, Value::Bool(true))]);
    prints("merge", &[a.clone(), b.clone()], "{id = t, n = (missing), ok = true}");
    prints("given", &[b], "[ok]");
    prints("given", &[a], "[id, n]");
}

#[test]
fn calendar_and_versions() {
    let late = instant("2026-03-31T22:30:00.5Z");
    prints("day", std::slice::from_ref(&late), "2026-03-31");
    prints("day", &[late.clone(), text("+02:00")], "2026-04-01");
    prints("hour", &[late.clone(), text("-05:00")], "17");
    prints("weekday", std::slice::from_ref(&late), "tuesday");
    prints("weekday", &[late, text("+02:00")], "wednesday");
    prints("weekday", &[(Type::Instant.optional(), Value::Missing)], "(missing)");
    let far = (Type::Instant, Value::Num(Num::int(i128::MAX)));
    assert!(matches!(try_call("day", &[far]).1, Err(Fault::Overflow { .. })));
    prints("version", &[text("v1.2.0-rc.1")], "v1.2.0-rc.1");
    prints("major", &[version("1.2.3")], "1");
    prints("minor", &[version("1.2.3")], "2");
    prints("patch", &[version("1.2.3")], "3");
    prints("prerelease", &[version("1.2.3-a")], "true");
    prints("prerelease", &[version("1.2.3+a")], "false");
}

#[test]
fn files_of_evidence_and_rows() {
    let name = |n: &str| (Type::Unknown, Value::text(n));
    let shown = "{path = one/0.json, sha256 = ab, bytes = 2KiB, age = (missing)}";
    prints("file", &[name("one")], shown);
    prints("files", &[name("one")], &format!("[{shown}]"));
    prints("files", &[name("none")], "[]");
    assert!(matches!(try_call("file", &[name("none")]).1, Err(Fault::EvidenceUnusable { .. })));
    assert!(matches!(try_call("file", &[name("two")]).1, Err(Fault::Internal { .. })));
    assert!(matches!(try_call("file", &[record(&[])]).1, Err(Fault::EvidenceUnusable { .. })));
}

/// What an aggregate gives, by sorting and folding the plain way.
fn oracle(name: &str, values: &[i64]) -> Value {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let n = sorted.len();
    let at = |rank: usize| sorted.get(rank.wrapping_sub(1)).map_or(Value::Missing, |v| Value::int(*v));
    let sum = || values.iter().fold(num_bigint::BigInt::from(0), |a, b| a + b);
    match name {
        "p50" => at(n.div_ceil(2)),
        "p95" => at((95 * n).div_ceil(100)),
        "p99" => at((99 * n).div_ceil(100)),
        "min" => at(1),
        "max" => at(n.max(1)),
        "first" => values.first().map_or(Value::Missing, |v| Value::int(*v)),
        "last" => values.last().map_or(Value::Missing, |v| Value::int(*v)),
        "count" => Value::int(n as i64),
        "sum" => Value::Num(Num::int(i128::try_from(sum()).unwrap())),
        "mean" if n == 0 => Value::Missing,
        "mean" => Value::Num(Num::new(i128::try_from(sum()).unwrap(), n as i128).unwrap()),
        "unique" => Value::Bool(sorted.windows(2).all(|w| w[0] != w[1])),
        other => panic!("{other}"),
    }
}

const STREAMING: [&str; 11] = ["p50", "p95", "p99", "min", "max", "first", "last", "count", "sum", "mean", "unique"];

fn values() -> impl Strategy<Value = Vec<i64>> {
    prop_oneof![
        prop::collection::vec(any::<i64>(), 0..200),
        prop::collection::vec(-20i64..20, 0..200),
        prop::collection::vec((0i64..50_000).prop_map(|n| n * 1_000_000), 0..12_000),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Elements dealt to parts in any way, by value or by column, merged in any order.
    #[test]
    fn merged_parts_are_one_pass_and_the_oracle(
        values in values(),
        deal in prop::collection::vec((0usize..4, any::<bool>()), 12_000),
        order in Just([0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        for name in STREAMING {
            let aggregate = aggregate(name);
            let mut one_pass = start(&aggregate);
            let mut parts: Vec<_> = (0..4).map(|_| start(&aggregate)).collect();
            let column = Column::Int { values: values.clone(), valid: Validity::None };
            let mut rows: Vec<Vec<u32>> = vec![Vec::new(); 4];
            for (i, v) in values.iter().enumerate() {
                one_pass.push(&Value::int(*v), i as u64).unwrap();
                let (part, by_column) = deal[i];
                if by_column {
                    rows[part].push(u32::try_from(i).unwrap());
                } else {
                    parts[part].push(&Value::int(*v), i as u64).unwrap();
                }
            }
            for (part, rows) in parts.iter_mut().zip(&rows) {
                part.push_column(&column, rows, 0).unwrap();
            }
            let mut parts: Vec<_> = parts.into_iter().map(Some).collect();
            let mut merged = start(&aggregate);
            for i in order {
                merged.merge(parts[i].take().unwrap()).unwrap();
            }
            let expected = Ok(Figure::Value(oracle(name, &values)));
            prop_assert_eq!(one_pass.finish(), expected.clone(), "{} in one pass", name);
            prop_assert_eq!(merged.finish(), expected, "{} merged", name);
            prop_assert_eq!(merged.count(), values.len() as u64);
        }
    }

    #[test]
    fn fractions_sum_exactly_in_any_order(
        parts in prop::collection::vec((-1_000_000i128..1_000_000, 1i128..40), 1..60),
        split in 0usize..60,
    ) {
        let numbers: Vec<Num> = parts.iter().map(|(n, d)| Num::new(*n, *d).unwrap()).collect();
        let expected = numbers.iter().try_fold(Num::ZERO, |sum, n| sum.add(*n)).unwrap();
        let aggregate = aggregate("sum");
        let (a, b) = numbers.split_at(split.min(numbers.len()));
        let (mut left, mut right) = (start(&aggregate), start(&aggregate));
        a.iter().for_each(|n| left.push(&Value::Num(*n), 0).unwrap());
        b.iter().rev().for_each(|n| right.push(&Value::Num(*n), 0).unwrap());
        right.merge(left).unwrap();
        prop_assert_eq!(right.finish(), Ok(Figure::Value(Value::Num(expected))));
    }

    #[test]
    fn sums_beyond_128_bits_on_the_way_do_not_depend_on_order(
        order in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(),
        n in any::<i64>(),
    ) {
        let numbers: Vec<i128> =
            (0..12).map(|i| match i { 0..5 => i128::MAX - i, 5..10 => -i128::MAX + i, _ => i128::from(n) }).collect();
        let mut sum = start(&aggregate("sum"));
        for i in order {
            sum.push(&Value::Num(Num::int(numbers[i])), i as u64).unwrap();
        }
        let expected = 35 - 10 + 2 * i128::from(n);
        prop_assert_eq!(sum.finish(), Ok(Figure::Value(Value::Num(Num::int(expected)))));
    }
}
