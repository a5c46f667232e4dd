//! A JSON value that keeps the text of its numbers, the order of its keys and its place.

use std::sync::Arc;

/// One JSON (or YAML) value. Equality ignores the place.
#[derive(Debug, Clone)]
pub struct Json {
    /// What it is.
    pub kind: JsonKind,
    /// Byte offset of its first character in its file.
    pub at: u64,
}

/// What a JSON value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as written: numbers never pass through a float.
    Number(Arc<str>),
    /// A text, escapes resolved.
    Text(Arc<str>),
    /// An array.
    List(Arc<[Json]>),
    /// An object, keys in the order of the file. Readers refuse repeated keys.
    Object(Arc<[(Arc<str>, Json)]>),
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}
impl Eq for Json {}
impl std::hash::Hash for Json {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl Json {
    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            JsonKind::Object(entries) => entries.iter().find(|(k, _)| &**k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The value at a JSON pointer (RFC 6901).
    pub fn at_pointer(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |at, step| match &at.kind {
            JsonKind::List(items) if step == "0" || !step.starts_with('0') => items.get(step.parse::<usize>().ok()?),
            _ => at.get(&step.replace("~1", "/").replace("~0", "~")),
        })
    }

    /// What it is, in a word for messages: `a number`, `null`.
    pub fn what(&self) -> &'static str {
        match self.kind {
            JsonKind::Null => "null",
            JsonKind::Bool(_) => "true or false",
            JsonKind::Number(_) => "a number",
            JsonKind::Text(_) => "a text",
            JsonKind::List(_) => "a list",
            JsonKind::Object(_) => "an object",
        }
    }

    /// Compact JSON with sorted keys and numbers as written.
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match &self.kind {
            JsonKind::Null => out.push_str("null"),
            JsonKind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            JsonKind::Number(n) => out.push_str(n),
            JsonKind::Text(t) => write_text(t, out),
            JsonKind::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            JsonKind::Object(entries) => {
                let mut sorted: Vec<_> = entries.iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                out.push('{');
                for (i, (key, value)) in sorted.into_iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use crate::evidence::parse_json;

    #[test]
    fn pointers_lead_into_objects_and_lists() {
        let json = parse_json(r#"{"a": [{"x/y": 1, "m~n": 2}], "": 3}"#).unwrap();
        let at = |pointer| json.at_pointer(pointer).map(|found| found.canonical());
        assert_eq!(at("").unwrap(), json.canonical());
        assert_eq!(at("/a/0/x~1y").as_deref(), Some("1"));
        assert_eq!(at("/a/0/m~0n").as_deref(), Some("2"));
        assert_eq!(at("/").as_deref(), Some("3"));
        for nowhere in ["a", "/a/1", "/a/00", "/a/-1", "/b", "/a/0/x"] {
            assert_eq!(at(nowhere), None, "{nowhere}");
        }
    }
}
