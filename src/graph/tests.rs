//! Every format on a made-up picture with names that would break out of it.

use super::{Columns, Edge, FORMATS, Flow, Kind, Node, Picture, Place, format};
use crate::plan::Mark;

const HOSTILE: &str = "a\"]; rm -rf \\ <b>x</b> &amp; `end` #35; {{}} --> %% \n\u{202e}\\N é";

fn picture() -> Picture {
    let node = |kind, name: &str, mark| Node {
        kind,
        name: name.to_owned(),
        mark,
        place: Some(Place { file: "gates/a.gate".into(), line: 3 }),
    };
    let many = (0..12).map(|n| format!("field_{n}.{HOSTILE}")).collect();
    let evidence = |columns| Kind::Evidence { path: HOSTILE.into(), format: "jsonl".into(), columns };
    let nodes = vec![
        node(evidence(Columns::Some(many)), HOSTILE, Some(Mark::Streaming)),
        node(evidence(Columns::All), "held", Some(Mark::Materialised)),
        node(evidence(Columns::Some(Vec::new())), "counted", Some(Mark::Streaming)),
        node(Kind::View, "view", Some(Mark::Streaming)),
        node(Kind::Index, "held by key", Some(Mark::Materialised)),
        node(Kind::Pass { gates: 2, values: 1 }, "one pass over view", None),
        node(Kind::Value, &format!("count({HOSTILE})"), Some(Mark::Streaming)),
        node(Kind::Gate { required: true, selected: true }, "a.one", None),
        node(Kind::Gate { required: false, selected: true }, "a.two", None),
        node(Kind::Gate { required: true, selected: false }, "a.three", Some(Mark::Materialised)),
        node(Kind::Profile, "mvp", None),
    ];
    let edge = |from, to, flow| Edge { to, from, flow };
    let edges = vec![
        edge(0, 3, Flow::Reads),
        edge(1, 4, Flow::Reads),
        edge(3, 5, Flow::Reads),
        edge(5, 7, Flow::Walks),
        edge(5, 8, Flow::Walks),
        edge(7, 8, Flow::Result),
        edge(9, 8, Flow::Needs),
        edge(8, 10, Flow::Answers),
    ];
    Picture { profile: HOSTILE.into(), nodes, edges }
}

#[test]
fn each_format_reads_like_this() {
    for format in FORMATS {
        insta::assert_snapshot!(format!("graph_{}", format.name), (format.render)(&picture()));
    }
}

/// Reads a statement of dot outside of quotes: what is left of it without quoted texts.
fn without_quoted(line: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (inside, c) {
            (true, '\\') => {
                chars.next();
            }
            (_, '"') => {
                inside = !inside;
                out.push('"');
            }
            (false, c) => out.push(c),
            (true, _) => {}
        }
    }
    assert!(!inside, "a text is not closed: {line}");
    out
}

#[test]
fn no_name_breaks_out_of_a_text_of_dot() {
    let text = (format("dot").unwrap().render)(&picture());
    let mut depth = 0_i32;
    for line in text.lines() {
        let bare = without_quoted(line);
        let plain = |c: char| c.is_ascii_alphanumeric() || " {}[]=_->\".".contains(c);
        assert!(bare.chars().all(plain), "{line}\n{bare}");
        depth += bare.chars().map(|c| i32::from(c == '{') - i32::from(c == '}')).sum::<i32>();
    }
    assert_eq!(depth, 0);
}

#[test]
fn no_name_breaks_out_of_a_text_of_mermaid() {
    let text = (format("mermaid").unwrap().render)(&picture());
    let nodes = text.lines().filter(|l| l.trim_start().starts_with('n') && l.contains('"'));
    let mut seen = 0;
    for line in nodes {
        seen += 1;
        // One text a line, and in it nothing but letters, separators, line breaks and entities.
        assert_eq!(line.matches('"').count(), 2, "{line}");
        let inside = line.split('"').nth(1).unwrap().replace("<br/>", "");
        for piece in inside.split('#').skip(1) {
            let (number, _) = piece.split_once(';').unwrap_or_else(|| panic!("{line}"));
            assert!(number.parse::<u32>().is_ok(), "{line}");
        }
        assert!(!inside.contains(['<', '>', '&', '`', '[', ']', '{', '}', '\\', '|', '%']), "{line}");
    }
    assert_eq!(seen, picture().nodes.len());
}

#[test]
fn the_json_is_what_its_schema_says_and_nothing_more() {
    let mut schema: serde_json::Value =
        serde_json::from_str(include_str!("../../schemas/graph.v1.schema.json")).unwrap();
    close(&mut schema);
    let text = (format("json").unwrap().render)(&picture());
    let graph: serde_json::Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&graph).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

fn close(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            if map.contains_key("properties") {
                map.insert("additionalProperties".into(), false.into());
            }
            map.values_mut().for_each(close);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
