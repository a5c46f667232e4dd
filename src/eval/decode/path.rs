//! Where a value stands in a document: as a JSON pointer for tools, as a path for people.

use super::scalars::cut;
use crate::data::{Json, JsonKind};
use std::sync::Arc;

/// The path of the whole.
const WHOLE: &str = "(document)";

/// The place of the value being read, from the top.
#[derive(Debug, Default, Clone)]
pub(super) struct Trail {
    pub steps: Vec<Step>,
}

/// One step into a value.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Key(Arc<str>),
    Index(usize),
}

impl Trail {
    /// RFC 6901.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.steps {
            out.push('/');
            match step {
                Step::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => out.push_str(&index.to_string()),
            }
        }
        out
    }

    /// `edges[0].from`, printable.
    pub fn path(&self) -> String {
        let mut out = String::new();
        for step in &self.steps {
            match step {
                Step::Key(key) => push_key(&mut out, key),
                Step::Index(index) => push_index(&mut out, *index),
            }
        }
        if out.is_empty() { WHOLE.to_owned() } else { out }
    }

    /// The path of a key in the value.
    pub fn path_below(&self, key: &str) -> String {
        let mut out = if self.steps.is_empty() { String::new() } else { self.path() };
        push_key(&mut out, key);
        out
    }

    /// The path of what has another path in the value.
    pub fn joined(&self, below: &str) -> String {
        match (self.steps.is_empty(), below) {
            (true, _) => below.to_owned(),
            (false, WHOLE) => self.path(),
            (false, below) if below.starts_with('[') => format!("{}{below}", self.path()),
            (false, below) => format!("{}.{below}", self.path()),
        }
    }

    /// The names of the fields on the way, list positions left out.
    pub fn fields(&self) -> String {
        let names: Vec<&str> = self
            .steps
            .iter()
            .filter_map(|s| match s {
                Step::Key(key) => Some(&**key),
                Step::Index(_) => None,
            })
            .collect();
        names.join(".")
    }
}

/// The path of what stands at a JSON pointer in a value, or would stand there.
pub fn path_of(json: &Json, pointer: &str) -> String {
    let (mut out, mut at) = (String::new(), Some(json));
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        match (at.map(|json| &json.kind), key.parse::<usize>()) {
            (Some(JsonKind::List(items)), Ok(index)) => {
                push_index(&mut out, index);
                at = items.get(index);
            }
            _ => {
                push_key(&mut out, &key);
                at = at.and_then(|json| json.get(&key));
            }
        }
    }
    if out.is_empty() { WHOLE.to_owned() } else { out }
}

fn push_key(out: &mut String, key: &str) {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if key.is_empty() || !key.chars().all(plain) {
        out.push_str("[\"");
        out.push_str(&cut(key).replace('"', "\\\""));
        out.push_str("\"]");
        return;
    }
    if !out.is_empty() {
        out.push('.');
    }
    out.push_str(&cut(key));
}

fn push_index(out: &mut String, index: usize) {
    out.push('[');
    out.push_str(&index.to_string());
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::parse_json;

    #[test]
    fn paths_read_as_the_policy_would_say_them() {
        let json = parse_json(r#"{"edges":[{"from":1}],"0":{"a b":2,"":3},"x":4}"#).unwrap();
        for (pointer, path) in [
            ("", "(document)"),
            ("/edges/0/from", "edges[0].from"),
            ("/edges/0/to", "edges[0].to"),
            ("/edges/7/to", "edges[7].to"),
            ("/0/a b", "0[\"a b\"]"),
            ("/0/", "0[\"\"]"),
            ("/x\u{7}", "[\"x\\u{7}\"]"),
        ] {
            assert_eq!(path_of(&json, pointer), path, "{pointer}");
        }
    }
}
