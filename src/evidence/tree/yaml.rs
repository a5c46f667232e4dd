//! YAML 1.2 (core schema) into the same trees as JSON. Plain scalars that could be read in two
//! ways are refused; numbers stay text; aliases are counted by what they stand for.

use super::{MAX_DEPTH, TextFault};
use crate::data::{Json, JsonKind};
use crate::evidence::diagnostics::cut;
use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span, Tag, options};
use std::collections::HashMap;
use std::sync::Arc;

/// How many values all aliases of a file may stand for together.
const MAX_ALIASED: u64 = 100_000;

/// Reads a file's text: one document.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse_yaml(text: &str) -> Result<Json, TextFault> {
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.take(event, &span).map_err(|fault| builder.placed(fault))?,
            Err(error) => {
                let at = offset(error.marker().byte_offset());
                let message = cut(&error.info());
                // The parser looks ahead of what it gives, and has the same limit.
                if message.starts_with("recursion limit") {
                    return Err(builder.placed(too_deep(at)));
                }
                return Err(builder.placed(TextFault::new("rspp::evidence::syntax", at, message)));
            }
        }
    }
    builder.root.map(|node| node.json).ok_or_else(|| {
        TextFault::new("rspp::evidence::syntax", 0, "the file is empty").help("write a value; an empty list is `[]`")
    })
}

/// A finished value, and what it weighs when an alias repeats it.
#[derive(Clone)]
struct Node {
    json: Json,
    values: u64,
    depth: usize,
}

/// A list or mapping that is not closed.
struct Open {
    at: u64,
    anchor: usize,
    items: Items,
    values: u64,
    depth: usize,
}

enum Items {
    List(Vec<Json>),
    Mapping { entries: Vec<(Arc<str>, Json)>, names: HashMap<Arc<str>, u64>, name: Option<Arc<str>> },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    documents: u64,
    aliased: u64,
}

fn offset(bytes: Option<usize>) -> u64 {
    bytes.unwrap_or(0) as u64
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), TextFault> {
        let at = offset(span.start.byte_offset());
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "the file holds a second document";
                    let fault = TextFault::new("rspp::evidence::yaml-documents", at, message);
                    return Err(fault.help("write one document a file, or rows as JSONL"));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let kind = scalar(&text, style, tag.as_deref(), at)?;
                self.close(Node { json: Json { kind, at }, values: 1, depth: 0 }, anchor, Some(&text))
            }
            Event::SequenceStart(_, anchor, tag) => {
                known_tag(tag.as_deref(), "seq", at)?;
                self.start(at, anchor, Items::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                known_tag(tag.as_deref(), "map", at)?;
                let items = Items::Mapping { entries: Vec::new(), names: HashMap::new(), name: None };
                self.start(at, anchor, items)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => {
                    let kind = match open.items {
                        Items::List(items) => JsonKind::List(items.into()),
                        Items::Mapping { entries, .. } => JsonKind::Object(entries.into()),
                    };
                    let node = Node { json: Json { kind, at: open.at }, values: open.values, depth: open.depth };
                    self.close(node, open.anchor, None)
                }
                None => Ok(()),
            },
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id).cloned() else {
                    let message = "an alias stands inside the value that it repeats";
                    return Err(TextFault::new("rspp::evidence::yaml-unsupported", at, message));
                };
                self.aliased = self.aliased.saturating_add(node.values);
                if self.aliased > MAX_ALIASED {
                    let message = format!("aliases stand for more than {MAX_ALIASED} values");
                    return Err(TextFault::new("rspp::evidence::yaml-expansion", at, message));
                }
                let text = match &node.json.kind {
                    JsonKind::Text(text) => Some(text.clone()),
                    _ => None,
                };
                self.close(Node { json: Json { at, ..node.json }, ..node }, 0, text.as_deref())
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, at: u64, anchor: usize, items: Items) -> Result<(), TextFault> {
        if let Some(Open { items: Items::Mapping { name: None, .. }, .. }) = self.open.last() {
            let message = "a list or mapping stands as a name";
            return Err(TextFault::new("rspp::evidence::yaml-unsupported", at, message).help("names are texts"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(at));
        }
        self.open.push(Open { at, anchor, items, values: 1, depth: 1 });
        Ok(())
    }

    /// Takes a finished value: as an element, as a name, as a value, or as the whole. `text` is
    /// the scalar's own text.
    fn close(&mut self, node: Node, anchor: usize, text: Option<&str>) -> Result<(), TextFault> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let level = self.open.len();
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        if level + node.depth > MAX_DEPTH {
            return Err(too_deep(node.json.at));
        }
        open.values = open.values.saturating_add(node.values);
        open.depth = open.depth.max(node.depth + 1);
        match &mut open.items {
            Items::List(items) => items.push(node.json),
            Items::Mapping { entries, names, name } => match name.take() {
                Some(name) => entries.push((name, node.json)),
                None => {
                    let found = name_of(&node.json, text)?;
                    if let Some(first) = names.insert(found.clone(), node.json.at) {
                        let message = format!("the name `{}` stands twice in one mapping", cut(&found));
                        let mut fault = TextFault::new("rspp::evidence::repeated-name", node.json.at, message);
                        fault.first = Some(first);
                        return Err(fault.help("keep one of them"));
                    }
                    *name = Some(found);
                }
            },
        }
        Ok(())
    }

    /// Adds the way to the value that was being read.
    fn placed(&self, mut fault: TextFault) -> TextFault {
        for open in self.open.iter().rev() {
            match &open.items {
                Items::List(items) => fault = fault.below(&items.len().to_string()),
                Items::Mapping { name: Some(name), .. } => fault = fault.below(name),
                Items::Mapping { .. } => {}
            }
        }
        fault
    }
}

fn too_deep(at: u64) -> TextFault {
    TextFault::new("rspp::evidence::too-deep", at, format!("lists and mappings nest deeper than {MAX_DEPTH}"))
}

/// The text of a name in a mapping.
fn name_of(json: &Json, text: Option<&str>) -> Result<Arc<str>, TextFault> {
    let unsupported = |message: &str| TextFault::new("rspp::evidence::yaml-unsupported", json.at, message);
    match (&json.kind, text) {
        (JsonKind::Text(text), _) if &**text == "<<" => {
            Err(unsupported("merge keys (`<<`) are not part of YAML 1.2").help("write the fields out"))
        }
        (JsonKind::Text(text), _) => Ok(text.clone()),
        (JsonKind::Number(_) | JsonKind::Bool(_), Some(text)) => Ok(text.into()),
        (JsonKind::Null, _) => Err(unsupported("a name is missing or null").help("quote it")),
        _ => Err(unsupported("a name is no text").help("names are texts")),
    }
}

fn known_tag(tag: Option<&Tag>, core: &str, at: u64) -> Result<(), TextFault> {
    match tag {
        None => Ok(()),
        Some(tag) if tag.is_yaml_core_schema_tag(core) => Ok(()),
        Some(_) => {
            let fault = TextFault::new("rspp::evidence::yaml-unsupported", at, "a tag of its own (`!..`) stands here");
            Err(fault.help("leave the tag out"))
        }
    }
}

/// What a scalar is, by the core schema of YAML 1.2.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: u64) -> Result<JsonKind, TextFault> {
    let quoted = style != ScalarStyle::Plain || tag.is_some_and(|t| t.is_yaml_core_schema_tag("str"));
    if quoted {
        known_tag(tag, "str", at)?;
        return Ok(JsonKind::Text(text.into()));
    }
    let resolved = match text {
        "" | "~" | "null" | "Null" | "NULL" => (JsonKind::Null, "null"),
        "true" | "True" | "TRUE" => (JsonKind::Bool(true), "bool"),
        "false" | "False" | "FALSE" => (JsonKind::Bool(false), "bool"),
        _ => match number(text) {
            Number::No => (JsonKind::Text(text.into()), "str"),
            Number::Text(number, core) => (JsonKind::Number(number.into()), core),
            Number::Unclear => {
                let message = format!("`{}` may be a number or a text", cut(text));
                let fault = TextFault::new("rspp::evidence::yaml-unsupported", at, message);
                return Err(fault.help("quote it, or write it as a plain decimal number"));
            }
        },
    };
    // A tag may say what the scalar is anyway, and an `int` is a `float` too.
    let said = tag.is_none_or(|t| {
        t.is_yaml_core_schema_tag(resolved.1) || (resolved.1 == "int" && t.is_yaml_core_schema_tag("float"))
    });
    if said {
        return Ok(resolved.0);
    }
    known_tag(tag, resolved.1, at)?;
    Ok(resolved.0)
}

enum Number {
    /// It is a text.
    No,
    /// A number in the notation of JSON, and its tag.
    Text(String, &'static str),
    /// Versions of YAML, or people, read it in different ways.
    Unclear,
}

fn number(text: &str) -> Number {
    let (sign, body) = match text.as_bytes().first() {
        Some(b'+') => ("", text.get(1..).unwrap_or_default()),
        Some(b'-') => ("-", text.get(1..).unwrap_or_default()),
        _ => ("", text),
    };
    let lower = body.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return Number::Unclear;
    }
    let prefixed = |prefix: &str, radix: u32| {
        body.strip_prefix(prefix).is_some_and(|d| !d.is_empty() && d.chars().all(|c| c.is_digit(radix)))
    };
    if prefixed("0x", 16) || prefixed("0o", 8) || prefixed("0b", 2) {
        return Number::Unclear;
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((m, e)) => (m, Some(e)),
        None => (body, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((w, f)) => (w, Some(f)),
        None => (mantissa, None),
    };
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let exponent_digits = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
    let is_number = digits(whole)
        && fraction.is_none_or(digits)
        && !(whole.is_empty() && fraction.unwrap_or_default().is_empty())
        && exponent_digits.is_none_or(|e| !e.is_empty() && digits(e));
    if !is_number {
        // `1_000` and `1:30` were numbers in YAML 1.1 and are texts now.
        return Number::No;
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Number::Unclear;
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push_str(sign);
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        out.push('e');
        out.push_str(exponent);
    }
    Number::Text(out, if fraction.is_none() && exponent.is_none() { "int" } else { "float" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(yaml: &str, json: &str) {
        assert_eq!(parse_yaml(yaml).unwrap().canonical(), json);
    }

    #[track_caller]
    fn refused(yaml: &str, code: &str, words: &str) -> TextFault {
        let fault = parse_yaml(yaml).unwrap_err();
        assert_eq!(fault.code, format!("rspp::evidence::{code}"), "{}", fault.message);
        assert!(fault.message.contains(words), "{}", fault.message);
        fault
    }

    #[test]
    fn plain_scalars_follow_the_core_schema_and_numbers_stay_text() {
        reads(
            "[1, -2, 1.50, 1e400, +3, .5, 5., 12345678901234567890123]",
            "[1,-2,1.50,1e400,3,0.5,5.0,12345678901234567890123]",
        );
        reads(
            "[true, False, ~, null, yes, no, on, 2026-01-01T00:00:00Z, v1.2, 1.2.3, 1_000, 12:30]",
            r#"[true,false,null,null,"yes","no","on","2026-01-01T00:00:00Z","v1.2","1.2.3","1_000","12:30"]"#,
        );
        reads("['1', \"2\", !!str 3, !!int 4, !!float 5]", r#"["1","2","3",4,5]"#);
        reads("a: |\n  x\n  y\nb: >\n  x\n  y\n", r#"{"a":"x\ny\n","b":"x y\n"}"#);
        reads("1: a\ntrue: b\n", r#"{"1":"a","true":"b"}"#);
    }

    #[test]
    fn values_have_their_place() {
        let yaml = "a: 1\nb:\n  - x\n  - ä\n  - y\n";
        let json = parse_yaml(yaml).unwrap();
        let JsonKind::List(items) = &json.get("b").unwrap().kind else { panic!() };
        assert_eq!(items[2].at, yaml.find('y').unwrap() as u64);
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for unclear in ["007", "0x1F", "0o17", "0b11", ".inf", "-.inf", ".NaN", "01.5"] {
            let fault = refused(&format!("a: {unclear}"), "yaml-unsupported", unclear);
            assert_eq!((fault.at, fault.pointer.as_str()), (3, "/a"));
        }
        refused("a: !mine x", "yaml-unsupported", "tag");
        refused("a: !mine [x]", "yaml-unsupported", "tag");
        refused("? [a]\n: b", "yaml-unsupported", "name");
        refused("~: b", "yaml-unsupported", "name");
        refused("x: &a {k: 1}\ny:\n  <<: *a\n", "yaml-unsupported", "merge");
    }

    #[test]
    fn one_document_a_file() {
        refused("a: 1\n---\nb: 2\n", "yaml-documents", "second");
        refused("", "syntax", "empty");
        refused("# only a comment\n", "syntax", "empty");
        reads("--- {a: 1}\n...\n", r#"{"a":1}"#);
    }

    #[test]
    fn repeated_names_are_refused_with_both_places() {
        let fault = refused("a: 1\nb:\n  x: 1\n  \"x\": 2\n", "repeated-name", "`x`");
        assert_eq!((fault.first, fault.at, fault.pointer.as_str()), (Some(10), 17, "/b"));
        refused("1: a\n\"1\": b\n", "repeated-name", "`1`");
    }

    #[test]
    fn aliases_are_resolved_and_bombs_refused() {
        reads("a: &x [1, 2]\nb: *x\n", r#"{"a":[1,2],"b":[1,2]}"#);
        reads("a: &x k\n*x : 1\n", r#"{"a":"k","k":1}"#);
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..20 {
            let refs = vec![format!("*a{}", i - 1); 10].join(", ");
            bomb.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
        }
        refused(&bomb, "yaml-expansion", "aliases");
        refused("a: &a [*a]", "yaml-unsupported", "inside");
        refused("a: *nothing", "syntax", "");
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        parse_yaml(&nested(MAX_DEPTH)).unwrap();
        refused(&nested(MAX_DEPTH + 1), "too-deep", "deeper");
        assert!(parse_yaml(&nested(50_000)).is_err());
        let blocks: String = (0..200).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        assert!(parse_yaml(&blocks).is_err());
        let mut stacked = format!("a0: &a0 {}\n", nested(100));
        stacked.push_str(&format!("a1: {}*a0{}\n", "[".repeat(60), "]".repeat(60)));
        refused(&stacked, "too-deep", "deeper");
    }
}
