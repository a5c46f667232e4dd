use super::*;
use crate::evidence::parse_json;

fn compiled(name: &str, files: &[(&str, &str)]) -> Result<Schema, SchemaError> {
    compile(name, &mut |path| match files.iter().find(|(p, _)| *p == path) {
        Some((_, text)) => Ok(SchemaFile { json: parse_json(text).unwrap(), digest: Digest::of(text.as_bytes()) }),
        None => Err(SchemaError { message: format!("no file `{path}`"), help: None }),
    })
}

#[track_caller]
fn refused(text: &str, why: &str) {
    let error = compiled("x.json", &[("x.json", text)]).unwrap_err();
    assert!(error.message.contains(why), "{text}\n{error:?}");
}

fn told(schema: &Schema, text: &str) -> Vec<String> {
    let (faults, total) = schema.faults(&parse_json(text).unwrap(), &[], 10);
    assert_eq!(faults.len(), total);
    faults.into_iter().map(|f| format!("{} {}", f.pointer, f.message)).collect()
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_without_the_data() {
    let text = r#"{"type":"object","required":["id"],"additionalProperties":false,
        "properties":{"id":{"type":"string","maxLength":3},"xs":{"items":{"type":"integer"}}}}"#;
    let schema = compiled("x.json", &[("x.json", text)]).unwrap();
    assert_eq!(told(&schema, r#"{"id":"abc","xs":[1,2]}"#), Vec::<String>::new());
    assert_eq!(
        told(&schema, r#"{"id":"secret","xs":[1,"hidden"],"a\u0007b":1}"#),
        [
            "/id it is longer than 3 characters",
            "/xs/1 it is not of type \"integer\"",
            " Additional properties are not allowed ('a\\u{7}b' was unexpected)",
        ]
    );
    assert_eq!(told(&schema, "{}"), [" \"id\" is a required property"]);
    let (first, total) = schema.faults(&parse_json(r#"{"id":"x","xs":["a","b","c","d"]}"#).unwrap(), &[], 2);
    assert_eq!((first.len(), total), (2, 4));
    let filled: Arc<str> = "region".into();
    let row = parse_json(r#"{"id":"x","region":"eu"}"#).unwrap();
    assert_eq!((schema.faults(&row, &[], 9).1, schema.faults(&row, &[filled], 9).1), (1, 0));
}

#[test]
fn numbers_are_compared_to_the_last_digit() {
    let big = r#"{"const": 12345678901234567890123}"#;
    let schema = compiled("x.json", &[("x.json", big)]).unwrap();
    assert_eq!(told(&schema, "12345678901234567890123").len(), 0);
    assert_eq!(told(&schema, "12345678901234567890124").len(), 1);
    let fine = r#"{"maximum": 0.1, "multipleOf": 0.0000000000000000001}"#;
    let schema = compiled("x.json", &[("x.json", fine)]).unwrap();
    assert_eq!(told(&schema, "0.1").len(), 0);
    assert_eq!(told(&schema, "0.1000000000000000001").len(), 1);
    assert_eq!(told(&schema, "1").len(), 1);
    let whole = compiled("x.json", &[("x.json", r#"{"type":"integer"}"#)]).unwrap();
    assert_eq!(told(&whole, "1.0").len(), 0);
    assert_eq!(told(&whole, "1.5").len(), 1);
    for huge in ["[1e999999999]", "[-1E-999999999]", &format!("[{}]", "9".repeat(500))] {
        assert_eq!(told(&whole, huge), ["/0 the number is too large to be judged by a schema"], "{huge}");
    }
    refused(r#"{"maximum": 1e999999999}"#, "the number at `/maximum` is too large");
}

#[test]
fn drafts_follow_what_the_schema_says() {
    let with = |draft: &str, rest: &str| format!(r#"{{"$schema":"{draft}",{rest}}}"#);
    let tuple = r#""items":[{"type":"integer"}]"#;
    let old = with("http://json-schema.org/draft-07/schema#", tuple);
    let schema = compiled("x.json", &[("x.json", &old)]).unwrap();
    assert_eq!(told(&schema, r#"["x", "y"]"#), ["/0 it is not of type \"integer\""]);
    let tuple = r#""prefixItems":[{"type":"integer"}]"#;
    let new = with("https://json-schema.org/draft/2020-12/schema", tuple);
    for text in [new, format!("{{{tuple}}}")] {
        let schema = compiled("x.json", &[("x.json", &text)]).unwrap();
        assert_eq!(told(&schema, r#"["x", "y"]"#), ["/0 it is not of type \"integer\""]);
    }
    refused(r#"{"$schema":"https://example.com/mine"}"#, "which is no draft that is known");
    refused(r#"{"$schema":7}"#, "which is no draft that is known");
}

#[test]
fn references_lead_to_files_of_the_policy_and_nowhere_else() {
    let files = [
        ("schemas/a.json", r##"{"properties":{"b":{"$ref":"sub/b%20c.json#/$defs/n"},"me":{"$ref":"#"}}}"##),
        ("schemas/sub/b c.json", r##"{"$defs":{"n":{"$ref":"../../top.json"}}}"##),
        ("top.json", r#"{"type":"integer"}"#),
    ];
    let schema = compiled("schemas/a.json", &files).unwrap();
    assert_eq!(told(&schema, r#"{"me":{"b":"x"}}"#), ["/me/b it is not of type \"integer\""]);
    let read: Vec<&str> = schema.files.keys().map(|path| &**path).collect();
    assert_eq!(read, ["schemas/a.json", "schemas/sub/b c.json", "top.json"]);
    let place = compiled("schemas/sub/b c.json#/$defs/n", &files).unwrap();
    assert_eq!(told(&place, "\"x\""), [" it is not of type \"integer\""]);
    for (link, why) in [
        ("https://example.com/x.json", "nothing is read from outside"),
        ("http://127.0.0.1:1/x.json", "nothing is read from outside"),
        ("file:///etc/passwd", "nothing is read from outside"),
        ("//example.com/x.json", "nothing is read from outside"),
        ("../../../etc/passwd", "no file `etc/passwd`"),
        ("%2e%2e/%2e%2e/etc/passwd", "no file"),
        ("gone.json", "no file `gone.json`"),
        ("#/$defs/gone", "is no schema"),
        ("#gone", "is no schema"),
    ] {
        refused(&format!(r#"{{"$ref":"{link}"}}"#), why);
    }
    assert!(compiled("a.json#/nowhere", &[("a.json", "{}")]).is_err());
}

#[test]
fn files_beside_the_first_are_found_under_the_addresses_beside_its_id() {
    let files = [
        ("s/a.json", r#"{"$id":"https://example.com/v1/a.json","$ref":"b.json"}"#),
        ("s/b.json", r#"{"$id":"https://example.com/v1/b.json","type":"integer"}"#),
    ];
    let schema = compiled("s/a.json", &files).unwrap();
    assert_eq!(told(&schema, "\"x\"").len(), 1);
    let away = [("s/a.json", r#"{"$id":"https://example.com/v1/a.json","$ref":"../v2/b.json"}"#)];
    let error = compiled("s/a.json", &away).unwrap_err();
    assert!(error.message.contains("nothing is read from outside"), "{error:?}");
}

#[test]
fn what_would_never_end_or_says_nothing_is_refused() {
    for circle in [
        r##"{"$ref":"#"}"##,
        r##"{"$ref":"#/a","a":{"$ref":"#/b"},"b":{"$ref":"#/a"}}"##,
        r##"{"properties":{"x":{"allOf":[{"$ref":"#/properties/x"}]}}}"##,
        r##"{"$defs":{"a":{"not":{"$ref":"#/$defs/b"}},"b":{"if":{"$ref":"#/$defs/a"}}},"properties":{"x":{"$ref":"#/$defs/a"}}}"##,
    ] {
        refused(circle, "round in a circle");
    }
    let mut bomb = String::from(r##"{"$ref":"#/$defs/d0","$defs":{"d40":{}"##);
    for i in 0..40 {
        let next = i + 1;
        bomb.push_str(&format!(r##","d{i}":{{"anyOf":[{{"$ref":"#/$defs/d{next}"}},{{"$ref":"#/$defs/d{next}"}}]}}"##));
    }
    bomb.push_str("}}");
    refused(&bomb, "looks at one value more than 10000 times");
    // A tree refers to itself below a part, and that ends with the data.
    let tree = r##"{"type":"object","properties":{"below":{"type":"array","items":{"$ref":"#"}}}}"##;
    let schema = compiled("x.json", &[("x.json", tree)]).unwrap();
    assert_eq!(told(&schema, r#"{"below":[{"below":[{}, 1]}]}"#), ["/below/0/below/1 it is not of type \"object\""]);
}

#[test]
fn patterns_are_matched_in_linear_time() {
    for pattern in ["(?=a)b", "(a)\\\\1", "(", "(((((a{100}){100}){100}){100}){100})"] {
        let error = compiled("x.json", &[("x.json", &format!(r#"{{"pattern":"{pattern}"}}"#))]).unwrap_err();
        assert!(error.help.unwrap().contains("linear time"), "{pattern}");
    }
    let schema = compiled("x.json", &[("x.json", r#"{"pattern":"^(a+)+$"}"#)]).unwrap();
    let hostile = format!("\"{}!\"", "a".repeat(100_000));
    assert_eq!(told(&schema, &hostile).len(), 1);
}

#[test]
fn what_is_no_schema_is_refused() {
    for text in [r#"{"type":"nothing"}"#, "7", "\"x\"", r#"{"required":"id"}"#, r#"{"properties":{"a":3}}"#] {
        refused(text, "is no schema");
    }
    compiled("x.json", &[("x.json", "false")]).unwrap();
}
