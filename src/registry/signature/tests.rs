use super::*;
use crate::data::EnumType;

fn signature(text: &str) -> Signature {
    Signature::parse(text).unwrap()
}

#[track_caller]
fn gives(text: &str, arguments: &[Type], result: Type) -> Resolved {
    let resolved = signature(text).resolve(arguments).unwrap();
    assert_eq!(resolved.result, result, "{text}");
    resolved
}

#[track_caller]
fn refuses(text: &str, arguments: &[Type]) -> Mismatch {
    signature(text).resolve(arguments).unwrap_err()
}

fn record(name: Option<&str>, fields: &[(&str, Type)]) -> Type {
    let fields = fields.iter().map(|(n, t)| Field { name: (*n).into(), ty: t.clone() }).collect();
    Type::Record(Arc::new(RecordType { name: name.map(Into::into), fields }))
}

#[test]
fn the_notation_is_read_and_printed() {
    for text in [
        "() -> int",
        "(xs: list<A?>) -> int",
        "(x: N, xs: list<T?>, ks: T...) -> T?",
        "(m: map<K, V>) -> list<K>",
        "(enum E) -> list<E>",
        "(x: any, type T) -> list<string>",
        "(gate G) -> any",
        "(evidence X) -> {path: string, bytes: bytes, age: duration?}",
        "(t: instant, [offset: string]) -> weekday",
        "(record: R) -> list<field of R>",
        "(a: R, b: R2) -> any",
    ] {
        assert_eq!(signature(text).to_string(), text);
    }
    for bad in [
        "",
        "()",
        "(x) -> int",
        "(x: foo) -> int",
        "(x: int...,y: int) -> int",
        "([x: int], y: int) -> int",
        "(x: int) -> int int",
        "(x: list<int) -> int",
        "(thing X) -> int",
    ] {
        assert!(Signature::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn counts_of_arguments_are_said_in_words() {
    let count = |text, n: usize| match refuses(text, &vec![Type::Int; n]) {
        Mismatch::Count { expected, found } => {
            assert_eq!(found, n);
            expected
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(count("(a: int, b: int) -> int", 1), "2");
    assert_eq!(count("(a: int...) -> int", 0), "1 or more");
    assert_eq!(count("(a: int, [b: int]) -> int", 3), "1 or 2");
}

#[test]
fn a_variable_met_twice_takes_the_wider_type() {
    let text = "(xs: list<A>...) -> list<A>";
    let resolved = gives(text, &[Type::list(Type::Int), Type::list(Type::Ratio)], Type::list(Type::Ratio));
    assert_eq!(resolved.arguments, [Type::list(Type::Ratio), Type::list(Type::Ratio)]);
    gives(text, &[Type::list(Type::Never), Type::list(Type::String)], Type::list(Type::String));
    gives(text, &[Type::list(Type::Int), Type::list(Type::Int.optional())], Type::list(Type::Int.optional()));
    assert_eq!(
        refuses(text, &[Type::list(Type::Int), Type::list(Type::String)]),
        Mismatch::Argument { index: 1, expected: "list of int".into(), found: Type::list(Type::String) }
    );
}

#[test]
fn narrower_types_go_where_wider_ones_are_due() {
    let resolved = gives("(q: ratio) -> int", &[Type::Int], Type::Int);
    assert_eq!(resolved.arguments, [Type::Ratio]);
    gives("(q: ratio) -> int", &[Type::Decimal], Type::Int);
    let wrong = refuses("(q: int) -> int", &[Type::Decimal]);
    assert_eq!(wrong, Mismatch::Argument { index: 0, expected: "int".into(), found: Type::Decimal });
    gives("(x: T?) -> bool", &[Type::Int], Type::Bool);
    gives("(x: list<T?>) -> T?", &[Type::list(Type::Int)], Type::Int.optional());
}

#[test]
fn a_missing_scalar_lifts_and_a_missing_list_does_not() {
    let resolved = gives("(x: N) -> N", &[Type::DURATION.optional()], Type::DURATION.optional());
    assert!(resolved.lifted);
    assert_eq!(resolved.arguments, [Type::DURATION.optional()]);
    let resolved = gives("(x: T?, y: T?) -> bool", &[Type::Int.optional(), Type::Int], Type::Bool);
    assert!(!resolved.lifted);
    assert_eq!(resolved.arguments, [Type::Int.optional(), Type::Int.optional()]);
    let list = Type::list(Type::Int).optional();
    let wrong = refuses("(xs: list<T>) -> int", std::slice::from_ref(&list));
    assert_eq!(wrong, Mismatch::Argument { index: 0, expected: "a list".into(), found: list });
}

#[test]
fn elements_that_may_be_missing_are_told_apart_from_other_elements() {
    let maybe = Type::list(Type::Int.optional());
    for text in ["(xs: list<O>) -> O?", "(xs: list<T>) -> T?", "(xs: list<int>) -> int"] {
        let missing = Mismatch::MissingElements { index: 0, found: maybe.clone() };
        assert_eq!(refuses(text, std::slice::from_ref(&maybe)), missing, "{text}");
    }
    let nested = Type::list(Type::list(Type::Int).optional());
    let text = "(xs: list<list<T>>) -> list<T>";
    assert!(matches!(refuses(text, &[nested]), Mismatch::MissingElements { index: 0, .. }));
    let texts = Type::list(Type::Bool.optional());
    assert!(matches!(refuses("(xs: list<O>) -> O?", &[texts]), Mismatch::Argument { .. }));
    gives("(xs: list<A>) -> list<A>", std::slice::from_ref(&maybe), maybe.clone());
    gives("(xs: list<T?>) -> T?", &[maybe], Type::Int.optional());
}

#[test]
fn variables_keep_to_their_kind() {
    let expected = |text, ty| match refuses(text, &[ty]) {
        Mismatch::Argument { expected, .. } => expected,
        other => panic!("{other:?}"),
    };
    assert_eq!(expected("(xs: list<O>) -> O?", Type::list(Type::Bool)), "list of an ordered type");
    assert_eq!(expected("(x: N) -> N", Type::Instant), "a number or quantity");
    assert_eq!(expected("(x: R) -> int", Type::Int), "a record");
    assert_eq!(expected("(x: E) -> string", Type::String), "an enum");
    assert_eq!(expected("(m: map<K, V>) -> list<K>", Type::Int), "a map");
    gives("(x: E) -> E", &[Type::Enum(EnumType::weekday())], Type::Enum(EnumType::weekday()));
}

#[test]
fn unknown_and_never_go_anywhere() {
    for ty in [Type::Unknown, Type::list(Type::Unknown), Type::list(Type::Never), Type::Never] {
        assert!(signature("(xs: list<O>) -> O?").resolve(&[ty]).is_ok());
    }
    gives("(xs: list<N>) -> N", &[Type::list(Type::Unknown)], Type::Unknown);
    gives("(x: duration) -> int", &[Type::Never.optional()], Type::Int.optional());
}

#[test]
fn names_bind_their_variable() {
    let phase = Type::Enum(Arc::new(EnumType::of_words("Phase", ["a".into()])));
    let resolved = gives("(enum E) -> list<E>", std::slice::from_ref(&phase), Type::list(phase.clone()));
    assert_eq!(resolved.arguments, [Type::Unknown]);
    gives("(enum E) -> list<E>", &[Type::Unknown], Type::list(Type::Unknown));
}

#[test]
fn records_fit_by_their_fields_and_give_the_enum_of_their_names() {
    let run = record(Some("Run"), &[("id", Type::String), ("n", Type::Int)]);
    let fields = Type::Enum(Arc::new(EnumType::of_words("field of Run", ["id".into(), "n".into()])));
    gives("(r: R) -> list<field of R>", std::slice::from_ref(&run), Type::list(fields));
    gives("(r: {n: ratio}) -> int", std::slice::from_ref(&run), Type::Int);
    assert!(matches!(refuses("(r: {m: int}) -> int", &[run]), Mismatch::Argument { .. }));
}

#[test]
fn any_takes_each_argument_for_itself() {
    let resolved = gives("(xs: any?...) -> bool", &[Type::Int.optional(), Type::String], Type::Bool);
    assert_eq!(resolved.arguments, [Type::Int.optional(), Type::String.optional()]);
    assert!(gives("(x: any) -> string", &[Type::Int.optional()], Type::String.optional()).lifted);
}

#[test]
fn a_map_is_taken_as_the_list_of_its_pairs() {
    let pair = record(None, &[("key", Type::String), ("value", Type::Int)]);
    gives("(xs: list<T>) -> T?", &[Type::map(Type::String, Type::Int)], pair.optional());
}
