use super::*;
use crate::data::read::{self, instant as read_instant, signed_quantity};
use crate::data::{EnumMember, Field, Json, JsonKind, RecordType};
use crate::units::Dimension;
use proptest::prelude::*;
use std::sync::Arc;

fn num(n: i128, d: i128) -> Value {
    Value::Num(Num::new(n, d).unwrap())
}

const MS: i128 = 1_000_000;
const S: i128 = 1_000 * MS;

#[test]
fn durations_take_the_unit_of_the_shortest_text() {
    for (ns, text) in [
        (0, "0s"),
        (1, "1ns"),
        (118 * MS, "118ms"),
        (120 * MS, "120ms"),
        (100 * MS, "100ms"),
        (500 * MS, "500ms"),
        (1000 * MS, "1s"),
        (1200 * MS, "1.2s"),
        (1500 * MS, "1.5s"),
        (-1500 * MS, "-1.5s"),
        (1234 * MS, "1234ms"),
        (12_500, "12.5us"),
        (60 * S, "1m"),
        (90 * S, "90s"),
        (150 * S, "150s"),
        (90 * 60 * S, "90m"),
        (2 * 3600 * S, "2h"),
        (24 * 3600 * S, "1d"),
        (36 * 3600 * S, "36h"),
        (7 * 24 * 3600 * S, "7d"),
        (1_000_000_001, "1.000000001s"),
    ] {
        assert_eq!(value(&num(ns, 1), &Type::DURATION), text);
    }
    assert_eq!(value(&num(301 * MS, 3), &Type::DURATION), "301/3ms");
    assert_eq!(value(&num(1, 2), &Type::DURATION), "0.5ns");
}

#[test]
fn sizes_ratios_and_compounds() {
    let bytes = Type::BYTES;
    for (n, text) in
        [(0, "0B"), (1000, "1kB"), (1024, "1KiB"), (1536, "1536B"), (64 << 20, "64MiB"), (5_000_000, "5MB")]
    {
        assert_eq!(value(&num(n, 1), &bytes), text);
    }
    let ratio = Type::Ratio;
    for (n, d, text) in [(124, 125, "99.2%"), (1, 1, "100%"), (0, 1, "0%"), (997, 1003, "997/1003"), (-1, 8, "-12.5%")]
    {
        assert_eq!(value(&num(n, d), &ratio), text);
    }
    assert_eq!(value(&num(1, 3), &Type::Decimal), "1/3");
    assert_eq!(value(&num(-5, 4), &Type::Decimal), "-1.25");
    assert_eq!(value(&num(7, 1), &Type::Int), "7");
    let compound = |data, time| Type::Quantity(Dimension { data, time });
    assert_eq!(value(&num(1, 1000), &compound(1, -1)), "1MB/s");
    assert_eq!(value(&num(3, S), &compound(0, -1)), "3/s");
    assert_eq!(value(&num(2 * S * S, 1), &compound(0, 2)), "2s^2");
    assert_eq!(value(&num(3 * S, 1), &compound(1, 1)), "3B*s");
    assert_eq!(value(&num(5 * S, 1), &compound(-1, 1)), "5s/B");
    assert_eq!(value(&num(5, S), &compound(-1, -1)), "5/B/s");
}

#[test]
fn numbers_at_the_rim_print_and_do_not_panic() {
    for n in [i128::MAX, i128::MIN, i128::MAX - 1] {
        for d in [1, 2, 3, i128::MAX, 1 << 126, 10i128.pow(38)] {
            let Some(n) = Num::new(n, d) else { continue };
            for ty in [
                Type::Int,
                Type::Decimal,
                Type::Ratio,
                Type::DURATION,
                Type::BYTES,
                Type::Instant,
                Type::Quantity(Dimension { data: 1, time: -1 }),
                Type::Quantity(Dimension { data: -2, time: 5 }),
            ] {
                assert!(!value(&Value::Num(n), &ty).is_empty());
                let _ = to_json(&Value::Num(n), &ty);
                for word in format_words(&ty).into_iter().chain(["0.00", "0.0%"]) {
                    if let Some(format) = format_for(word, &ty) {
                        assert!(!formatted(&Value::Num(n), &ty, format).is_empty());
                    }
                }
            }
        }
    }
}

fn phase() -> Type {
    let member =
        |name: &str, spelling: &str| EnumMember { name: name.into(), quoted: false, spellings: vec![spelling.into()] };
    Type::Enum(Arc::new(EnumType {
        name: "Phase".into(),
        members: vec![member("early", "EARLY"), member("other", "other")],
        otherwise: Some(1),
    }))
}

fn sample() -> (Value, Type) {
    let field = |name: &str, ty| Field { name: name.into(), ty };
    let pair = |k: &str, v| Value::record(vec![Value::text(k), Value::int(v)]);
    let ty = Type::Record(Arc::new(RecordType {
        name: None,
        fields: vec![
            field("id", Type::String),
            field("phases", Type::list(phase())),
            field("at", Type::Instant.optional()),
            field("took", Type::DURATION.optional()),
            field("counts", Type::map(Type::String, Type::Int)),
            field("share", Type::Ratio),
        ],
    }));
    let phases = vec![
        Value::Enum(EnumValue { member: 0, word: None }),
        Value::Enum(EnumValue { member: 1, word: Some("weird".into()) }),
    ];
    let value = Value::record(vec![
        Value::text("a, b"),
        Value::list(phases),
        num(1_774_915_200 * S + 120 * MS, 1),
        Value::Missing,
        Value::list(vec![pair("x", 1), pair("y", 2)]),
        num(1, 3),
    ]);
    (value, ty)
}

#[test]
fn records_lists_maps_and_enums_print_by_their_parts() {
    let (sample, ty) = sample();
    assert_eq!(
        value(&sample, &ty),
        "{id = \"a, b\", phases = [early, weird], at = 2026-03-31T00:00:00.12Z, took = (missing), \
         counts = {x: 1, y: 2}, share = 1/3}"
    );
    assert_eq!(value(&Value::text("a, b"), &Type::String), "a, b");
    assert_eq!(value(&Value::list(vec![]), &Type::list(Type::Never)), "[]");
}

#[test]
fn json_is_exact_and_leaves_missing_fields_out() {
    let (sample, ty) = sample();
    assert_eq!(
        to_json(&sample, &ty).to_string(),
        r#"{"id":"a, b","phases":["EARLY","weird"],"at":"2026-03-31T00:00:00.12Z","counts":{"x":1,"y":2},"share":"1/3"}"#
    );
    assert_eq!(to_json(&num(1, 10), &Type::Decimal).to_string(), "0.1");
    assert_eq!(to_json(&num(118 * MS, 1), &Type::DURATION).to_string(), "\"118ms\"");
    assert_eq!(to_json(&num(1024, 1), &Type::BYTES).to_string(), "1024");
    let big = "123456789012345678901234567890.5";
    let json = Json { kind: JsonKind::Number(big.into()), at: 7 };
    assert_eq!(to_json(&Value::Json(Arc::new(json.clone())), &Type::Json).to_string(), big);
    assert_eq!(from_json(&to_json(&Value::Json(Arc::new(json.clone())), &Type::Json)), json);
}

#[test]
fn formats_suit_types() {
    let print = |v: &Value, ty: &Type, word: &str| format_for(word, ty).map(|f| formatted(v, ty, f));
    let took = num(1_234_567_890, 1);
    assert_eq!(print(&took, &Type::DURATION, "ms").unwrap(), "1234.56789ms");
    assert_eq!(print(&took, &Type::DURATION.optional(), "s").unwrap(), "1.23456789s");
    assert_eq!(print(&took, &Type::DURATION, "0.0ms").unwrap(), "1234.6ms");
    assert_eq!(print(&took, &Type::DURATION, "0s").unwrap(), "1s");
    assert_eq!(print(&Value::Missing, &Type::DURATION.optional(), "ms").unwrap(), MISSING);
    assert_eq!(print(&took, &Type::DURATION, "MiB"), None);
    assert_eq!(print(&took, &Type::DURATION, "0.00"), None);
    assert_eq!(print(&took, &Type::DURATION, "percent"), None);
    let share = num(997, 1003);
    assert_eq!(print(&share, &Type::Ratio, "0.00%").unwrap(), "99.40%");
    assert_eq!(print(&share, &Type::Ratio, "0.000").unwrap(), "0.994");
    assert_eq!(print(&num(124, 125), &Type::Ratio, "number").unwrap(), "0.992");
    assert_eq!(print(&num(124, 125), &Type::Ratio, "fraction").unwrap(), "124/125");
    assert_eq!(print(&num(1, 2), &Type::Decimal, "percent").unwrap(), "50%");
    assert_eq!(print(&num(-1, 200), &Type::Decimal, "0.00").unwrap(), "0.00");
    assert_eq!(print(&num(-3, 200), &Type::Decimal, "0.00").unwrap(), "-0.02");
    assert_eq!(print(&num(1_774_915_200 * S, 1), &Type::Instant, "date").unwrap(), "2026-03-31");
    assert_eq!(print(&Value::text("é"), &Type::String, "json").unwrap(), "\"é\"");
    for bad in ["0.", "00", "1.0", "0.0000000000000000000", "furlong", ""] {
        assert_eq!(format_for(bad, &Type::Decimal), None, "{bad}");
    }
}

#[test]
fn file_names_are_safe() {
    let name = |text: &str| formatted(&Value::text(text), &Type::String, Format::FileName);
    assert_eq!(name("ab-001_a.b"), "ab-001_a.b");
    assert_eq!(name("../../etc/passwd"), "%2E._.._etc_passwd");
    assert_eq!(name("c:\\a b\t|*?\"<>"), "c__a_b_%7C%2A%3F%22%3C%3E");
    assert_eq!((name("."), name(""), name("ä")), ("%2E".into(), "%".into(), "%C3%A4".into()));
    let (a, b) = ("x".repeat(500), format!("{}y", "x".repeat(500)));
    assert!(name(&a).len() <= 200 && name(&a) != name(&b));
}

#[test]
fn long_text_is_cut_between_characters_and_says_how_much_is_gone() {
    assert_eq!(cut("äöü", 3), "äöü");
    assert_eq!(cut("äöüß", 3), "äöü.. (1 more character)");
    assert_eq!(cut("äöü", 0), ".. (3 more characters)");
    let many = Value::list((0..100_000).map(Value::int).collect::<Vec<_>>());
    let shown = short(&many, &Type::list(Type::Int), 20);
    assert_eq!(shown, "[0, 1, 2, 3, 4, 5, 6, .. 99993 more]");
    let texts = Value::list(vec![Value::text("x".repeat(50)), Value::text("y")]);
    assert_eq!(short(&texts, &Type::list(Type::String), 10), "[xxxxxxxxx.. (41 more characters), .. 1 more]");
    assert_eq!(short(&texts, &Type::list(Type::String), 100).len(), 55);
}

proptest! {
    #[test]
    fn quantities_read_back_as_they_were_printed(n: i64, small in -100_000i64..100_000, round in 0usize..14) {
        let unit = crate::units::UNITS[round];
        for n in [Some(i128::from(n)), Some(i128::from(small) * i128::from(unit.scale))].into_iter().flatten() {
            for ty in [Type::DURATION, Type::BYTES] {
                let text = value(&Value::Num(Num::int(n)), &ty);
                prop_assert_eq!(signed_quantity(&text), Ok((ty, Num::int(n))), "{}", text);
            }
        }
    }

    #[test]
    fn decimals_and_percents_read_back_as_they_were_printed(n: i64, digits in 0u32..18) {
        let exact = Num::new(i128::from(n), 10i128.pow(digits)).unwrap();
        let text = value(&Value::Num(exact), &Type::Decimal);
        prop_assert_eq!(read::decimal(&text), Ok(exact), "{}", text);
        let text = value(&Value::Num(exact), &Type::Ratio);
        prop_assert_eq!(read::percent(text.strip_suffix('%').unwrap()), Ok(exact), "{}", text);
    }

    #[test]
    fn instants_read_back_as_they_were_printed(n: i64) {
        prop_assert_eq!(read_instant(&instant(Num::from(n))), Ok(Num::from(n)));
    }
}
