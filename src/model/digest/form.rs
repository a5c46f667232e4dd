//! The written form: JSON as in RFC 8785, objects with sorted keys, no floats.

use crate::data::Digest;

/// A text of at most this many bytes stands where it is used; a longer one is stood for by its
/// digest. So what is used in many places is written once, and the effort stays linear.
pub(super) const INLINE_BYTES: usize = 64;

/// One object of the form: what it is, and its parts.
pub(super) struct Node {
    fields: Vec<(&'static str, String)>,
}

impl Node {
    /// An object of this kind.
    pub(super) fn new(kind: &str) -> Self {
        Self { fields: vec![("is", quoted(kind))] }
    }

    /// With one more part, JSON already.
    pub(super) fn with(mut self, name: &'static str, part: impl Into<String>) -> Self {
        self.fields.push((name, part.into()));
        self
    }

    /// With one more part where there is something to say.
    pub(super) fn with_some(self, name: &'static str, part: Option<String>) -> Self {
        match part {
            Some(part) => self.with(name, part),
            None => self,
        }
    }

    /// With a `true` where it holds.
    pub(super) fn flag(self, name: &'static str, holds: bool) -> Self {
        if holds { self.with(name, "true") } else { self }
    }

    /// With a list where it is not empty.
    pub(super) fn list(self, name: &'static str, parts: Vec<String>) -> Self {
        if parts.is_empty() { self } else { self.with(name, array(parts)) }
    }

    /// As JSON.
    pub(super) fn text(mut self) -> String {
        self.fields.sort_by_key(|(name, _)| *name);
        let length: usize = self.fields.iter().map(|(name, part)| name.len() + part.len() + 4).sum();
        let mut out = String::with_capacity(length + 2);
        for (name, part) in &self.fields {
            out.push(if out.is_empty() { '{' } else { ',' });
            out.push('"');
            out.push_str(name);
            out.push_str("\":");
            out.push_str(part);
        }
        out.push('}');
        out
    }
}

/// An object whose keys are names of the policy.
pub(super) fn object<'k>(entries: impl IntoIterator<Item = (&'k str, String)>) -> String {
    let mut entries: Vec<(&str, String)> = entries.into_iter().collect();
    entries.sort_by(|a, b| a.0.cmp(b.0));
    let parts: Vec<String> = entries.into_iter().map(|(key, part)| format!("{}:{part}", quoted(key))).collect();
    format!("{{{}}}", parts.join(","))
}

/// A list in this order.
pub(super) fn array(parts: Vec<String>) -> String {
    format!("[{}]", parts.join(","))
}

/// A list in which order means nothing.
pub(super) fn sorted(mut parts: Vec<String>) -> Vec<String> {
    parts.sort_unstable();
    parts
}

/// A text as JSON. The escapes are those of RFC 8785: the short ones, `\u00xx` for other control
/// characters, nothing else.
pub(super) fn quoted(text: &str) -> String {
    // A text is always JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// A number: `"3"`, `"-1/2"`, in lowest terms.
pub(super) fn number(n: crate::data::Num) -> String {
    match n.as_int() {
        Some(whole) => format!("\"{whole}\""),
        None => format!("\"{}/{}\"", n.numerator(), n.denominator()),
    }
}

/// What stands for a long text.
pub(super) fn reference(digest: Digest) -> String {
    format!("{{\"#\":\"{digest}\"}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_texts_escaped_as_in_rfc_8785() {
        let node =
            Node::new("b").with("a", quoted("\"\\\u{8}\u{c}\n\r\t\u{1}\u{7f}é/")).flag("z", false).flag("c", true);
        assert_eq!(node.text(), "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u{7f}é/\",\"c\":true,\"is\":\"b\"}");
        assert_eq!(object([("b", "1".into()), ("a", "[]".into())]), "{\"a\":[],\"b\":1}");
    }
}
