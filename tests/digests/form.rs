//! The written form: canonical JSON, linear, and as the reference tells it.

use crate::{one, policy};
use rspp_gates::data::Digest;
use rspp_gates::model::digest::{FormLine, PolicyDigests, gate_form};
use rspp_gates::model::{CheckedPolicy, GateId, ProfileId};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files_below(&path, found),
            false => found.push(path),
        }
    }
}

/// The policy of a folder.
fn shipped(root: &str) -> CheckedPolicy {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut paths = Vec::new();
    files_below(&root.join("gates"), &mut paths);
    files_below(&root.join("profiles"), &mut paths);
    let texts: Vec<(String, String)> =
        paths.iter().map(|p| (p.display().to_string(), std::fs::read_to_string(p).unwrap())).collect();
    policy(&texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect::<Vec<_>>())
}

/// What another program would make of the text: parsed, and written with sorted keys.
fn rewritten(value: &serde_json::Value, out: &mut String) {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let sorted: std::collections::BTreeMap<&String, &Value> = map.iter().collect();
            out.push('{');
            for (i, (key, value)) in sorted.into_iter().enumerate() {
                let _ = write!(out, "{}{}:", if i > 0 { "," } else { "" }, serde_json::to_string(key).unwrap());
                rewritten(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                rewritten(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Every object in a text, itself included.
fn objects<'v>(value: &'v serde_json::Value, found: &mut Vec<&'v serde_json::Value>) {
    match value {
        serde_json::Value::Object(map) => {
            found.push(value);
            map.values().for_each(|v| objects(v, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|v| objects(v, found)),
        _ => {}
    }
}

#[test]
fn forms_are_canonical_json_closed_under_their_digests() {
    let reference = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/digests.md"))
        .expect("the reference of the form");
    let mut lines: Vec<FormLine> = Vec::new();
    let mut policies = vec![one(crate::edits::POLICY)];
    policies.extend([".", "examples/turn-metrics", "examples/app-stability"].map(shipped));
    for checked in &policies {
        let digests = PolicyDigests::of(checked);
        for (gate, digest) in &digests.gates {
            let form = gate_form(checked, None, gate).unwrap();
            assert_eq!(form[0].digest, *digest);
            lines.extend(form);
        }
        for (profile, gates) in &digests.effective {
            for (gate, digest) in gates {
                let form = gate_form(checked, Some(profile), gate).unwrap();
                assert_eq!(form[0].digest, *digest);
                lines.extend(form);
            }
        }
    }
    let known: BTreeSet<String> = lines.iter().map(|l| l.digest.to_string()).collect();
    let (mut kinds, mut whole) = (BTreeSet::new(), 0);
    for line in &lines {
        assert_eq!(Digest::of(line.text.as_bytes()), line.digest);
        assert!(line.text.len() > 64, "short enough to stand where it is used: {}", line.text);
        let value: serde_json::Value = serde_json::from_str(&line.text).unwrap();
        let mut again = String::new();
        rewritten(&value, &mut again);
        assert_eq!(again, line.text);
        let mut found = Vec::new();
        objects(&value, &mut found);
        for object in found {
            if let Some(hex) = object.get("#") {
                assert!(known.contains(hex.as_str().unwrap()), "nobody wrote {hex}");
                whole += 1;
            } else if let Some(kind) = object.get("is") {
                let kind = kind.as_str().unwrap();
                kinds.insert(kind.to_owned());
                for field in object.as_object().unwrap().keys().filter(|f| *f != "is") {
                    kinds.insert(format!("{kind} {field}"));
                }
                assert!(object.get("free").is_none(), "a name that nothing binds");
                assert_ne!(kind, "nothing");
            }
        }
    }
    assert!(whole > 50 && kinds.len() > 100, "{whole} {kinds:?}");
    let mut untold = Vec::new();
    for kind in kinds {
        let told = match kind.rsplit_once(' ').filter(|_| !reference.contains(&format!("`{kind}`"))) {
            Some((kind, field)) => reference
                .lines()
                .any(|l| l.starts_with("| ") && l.contains(&format!("`{kind}`")) && l.contains(&format!("`{field}`"))),
            None => reference.contains(&format!("`{kind}`")),
        };
        if !told {
            untold.push(kind);
        }
    }
    assert!(untold.is_empty(), "docs/reference/digests.md does not tell {untold:?}");
}

#[test]
fn the_reference_shows_a_form_that_can_be_checked_by_hand() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/digests.md")).unwrap();
    let block = |fence: &str| {
        let (_, rest) = page.split_once(fence).unwrap_or_else(|| panic!("no {fence}"));
        rest.split_once("```").unwrap().0.to_owned()
    };
    let checked = one(&block("```gate\n"));
    let form = gate_form(&checked, None, &GateId::new("shop.fast")).unwrap();
    let told: String = form.iter().map(|l| format!("{}\n{}\n\n", l.digest, l.text)).collect();
    assert_eq!(block("```text form\n").trim(), told.trim(), "the page should show\n{told}");
}

#[test]
fn what_is_used_twice_is_written_once() {
    let mut text =
        "policy deep { language 1 }\nevidence xs { path \"xs.jsonl\"  source live  fresh any  row { a : int } }\n"
            .to_owned();
    text.push_str("let v0 = count(xs)\n");
    for i in 1..60 {
        let _ = writeln!(text, "let v{i} = v{} + v{} * 2", i - 1, i - 1);
    }
    text.push_str("gate deep.x { stage s  expect v59 > 3 }\nprofile p { stage s }\n");
    let checked = one(&text);
    let form = gate_form(&checked, Some(&ProfileId::new("p")), &GateId::new("deep.x")).unwrap();
    assert!(form.len() < 200, "{} lines for 60 lets", form.len());
    let bytes: usize = form.iter().map(|l| l.text.len()).sum();
    assert!(bytes < 40_000, "{bytes} bytes for 60 lets");
}

#[test]
fn defs_and_shapes_used_twice_are_written_once() {
    let mut text = "policy deep { language 1 }\n".to_owned();
    text.push_str("record R0 { a : int }\ndef f0(x: int) : int = x + 1\n");
    for i in 1..12 {
        let _ = writeln!(text, "record R{i} {{ a : R{0}  b : R{0}? }}", i - 1);
    }
    for i in 1..13 {
        let _ = writeln!(text, "def f{i}(x: int) : int = f{0}(x) + f{0}(x + 1)", i - 1);
    }
    text.push_str("evidence doc { path \"d.json\"  source live  fresh any  document R11 }\n");
    text.push_str("gate deep.x { stage s  expect f12(doc.b.a.a.a.a.a.a.a.a.a.a.a ?? 1) > 3 }\nprofile p { stage s }\n");
    let checked = one(&text);
    let form = gate_form(&checked, None, &GateId::new("deep.x")).unwrap();
    assert!(form.len() < 400, "{} lines", form.len());
}
