//! A document as JSON text: two blanks a level, keys in their order, a newline at the end.

use crate::data::{Json, JsonKind};
use crate::diag::printable_json;

/// The text of a document. Numbers are as they are in it; characters that a terminal would act on
/// or hide are escaped.
pub fn text(document: &Json) -> String {
    let mut out = String::new();
    write(document, 0, &mut out);
    out.push('\n');
    printable_json(out)
}

fn write(json: &Json, level: usize, out: &mut String) {
    match &json.kind {
        JsonKind::Null => out.push_str("null"),
        JsonKind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        JsonKind::Number(number) => match is_number(number) {
            true => out.push_str(number),
            // As YAML may spell one.
            false => quoted(number, out),
        },
        JsonKind::Text(text) => quoted(text, out),
        JsonKind::List(items) => {
            let item = |i: usize, out: &mut String| {
                if let Some(item) = items.get(i) {
                    write(item, level + 1, out);
                }
            };
            block(('[', ']'), items.len(), level, item, out);
        }
        JsonKind::Object(entries) => {
            let entry = |i: usize, out: &mut String| {
                if let Some((key, value)) = entries.get(i) {
                    quoted(key, out);
                    out.push_str(": ");
                    write(value, level + 1, out);
                }
            };
            block(('{', '}'), entries.len(), level, entry, out);
        }
    }
}

fn block(signs: (char, char), parts: usize, level: usize, part: impl Fn(usize, &mut String), out: &mut String) {
    out.push(signs.0);
    for i in 0..parts {
        out.push_str(if i > 0 { ",\n" } else { "\n" });
        out.extend(std::iter::repeat_n("  ", level + 1));
        part(i, out);
    }
    if parts > 0 {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    }
    out.push(signs.1);
}

fn quoted(text: &str, out: &mut String) {
    // A text is always a JSON text.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn is_number(text: &str) -> bool {
    text.parse::<serde_json::Number>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn json(kind: JsonKind) -> Json {
        Json { kind, at: 0 }
    }

    #[test]
    fn a_document_is_indented_and_ends_in_a_newline() {
        let number = |n: &str| json(JsonKind::Number(n.into()));
        let list = json(JsonKind::List(vec![number("1"), number("0.25"), number(".5")].into()));
        let empty = json(JsonKind::Object(Vec::new().into()));
        let entries: Vec<(Arc<str>, Json)> = vec![
            ("z".into(), list),
            ("a\n".into(), json(JsonKind::Text("t\u{202e}\u{1b}\"".into()))),
            ("e".into(), empty),
            ("n".into(), json(JsonKind::Null)),
        ];
        let found = text(&json(JsonKind::Object(entries.into())));
        let expected = "{\n  \"z\": [\n    1,\n    0.25,\n    \".5\"\n  ],\n  \"a\\n\": \"t\\u202e\\u001b\\\"\",\n  \"e\": {},\n  \"n\": null\n}\n";
        assert_eq!(found, expected);
        assert!(serde_json::from_str::<serde_json::Value>(&found).is_ok());
    }
}
