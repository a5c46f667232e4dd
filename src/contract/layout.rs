//! JSON for people: what fits into a line stands in one.

use serde_json::Value as Out;

/// Columns of a line.
const WIDTH: usize = 120;

/// A document with a line for each part that is too long for one, and a line break at its end.
pub fn pretty(value: &Out) -> String {
    let mut out = String::new();
    write(value, 0, 0, true, &mut out);
    out.push('\n');
    out
}

/// `before` is how much of the line is taken already, `broken` whether it must not stay in one.
fn write(value: &Out, indent: usize, before: usize, broken: bool, out: &mut String) {
    let flat = flat(value);
    let (opening, closing, parts): (char, char, Vec<(Option<&String>, &Out)>) = match value {
        Out::Object(map) if !map.is_empty() => ('{', '}', map.iter().map(|(k, v)| (Some(k), v)).collect()),
        Out::Array(items) if !items.is_empty() => ('[', ']', items.iter().map(|v| (None, v)).collect()),
        _ => return out.push_str(&flat),
    };
    // A comma may follow.
    if !broken && before + flat.chars().count() < WIDTH {
        return out.push_str(&flat);
    }
    out.push(opening);
    let inner = indent + 2;
    if parts.iter().all(|(key, part)| key.is_none() && !part.is_array() && !part.is_object()) {
        packed(&parts, inner, out);
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        return out.push(closing);
    }
    for (i, (key, part)) in parts.iter().enumerate() {
        out.push_str(if i == 0 { "\n" } else { ",\n" });
        out.push_str(&" ".repeat(inner));
        let head = key.map_or(String::new(), |key| format!("{}: ", Out::from(key.as_str())));
        out.push_str(&head);
        write(part, inner, inner + head.chars().count(), false, out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(closing);
}

/// Words one after the other, as many as fit into each line.
fn packed(parts: &[(Option<&String>, &Out)], indent: usize, out: &mut String) {
    let mut column = WIDTH;
    for (i, (_, part)) in parts.iter().enumerate() {
        let comma = if i + 1 < parts.len() { "," } else { "" };
        let text = format!("{}{comma}", flat(part));
        let width = text.chars().count();
        if column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(&text);
        column += width;
    }
}

fn flat(value: &Out) -> String {
    match value {
        Out::Object(map) if !map.is_empty() => {
            let parts: Vec<String> =
                map.iter().map(|(key, part)| format!("{}: {}", Out::from(key.as_str()), flat(part))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        Out::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_into_a_line_stands_in_one() {
        let long: Vec<String> = (0..30).map(|i| format!("word number {i}")).collect();
        let value = serde_json::json!({ "short": { "a": [1, 2], "b": {} }, "long": long });
        let text = pretty(&value);
        assert!(text.starts_with(
            "{\n  \"short\": { \"a\": [1, 2], \"b\": {} },\n  \"long\": [\n    \"word number 0\", \"word number 1\","
        ));
        assert!(text.ends_with(" \"word number 29\"\n  ]\n}\n"));
        assert!(text.lines().count() < 12 && text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(serde_json::from_str::<Out>(&text).unwrap(), value);
    }
}
