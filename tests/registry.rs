//! Every shipped function: its examples give what they say, and its page in the reference is
//! made from its descriptor. `UPDATE_DOCS=1 cargo test --test registry` writes the pages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and drives the product over real folders"
)]

use rspp_gates::builtins;
use rspp_gates::registry::{Body, Function, Registry};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

fn registry() -> Registry {
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    registry
}

#[test]
fn every_function_says_what_it_is_for_and_shows_it() {
    for (function, _) in registry().functions() {
        assert!(!function.doc.trim().is_empty(), "`{}` has no doc", function.name);
        assert!(function.doc.ends_with('.'), "the doc of `{}` does not end in a full stop", function.name);
        assert!(!function.phrase.is_empty(), "`{}` does not say how it reads aloud", function.name);
        let pure = matches!(function.body, Body::Scalar(_) | Body::Aggregate(_));
        assert!(!pure || !function.examples.is_empty(), "`{}` shows no example", function.name);
    }
}

#[test]
fn every_example_prints_what_it_says() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("gates")).unwrap();
    std::fs::create_dir_all(root.path().join("profiles")).unwrap();
    let mut policy = String::from("policy examples { language 1 }\nparam never = 2\n");
    let mut due = BTreeMap::new();
    for (function, _) in registry().functions() {
        for (i, example) in function.examples.iter().enumerate() {
            let name = format!("example.{}_{i}", function.name);
            let _ =
                writeln!(policy, "gate {name} {{ stage s  expect never == 1 else \"{{{}}}\" }}", example.expression);
            due.insert(name, (example.expression, example.prints));
        }
    }
    assert!(due.len() > 40, "only {} examples", due.len());
    std::fs::write(root.path().join("gates/examples.gate"), policy).unwrap();
    let profile = "profile p { stage s  sources synthetic, recorded, live }\n";
    std::fs::write(root.path().join("profiles/p.profile"), profile).unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
        .current_dir(root.path())
        .args(["run", "p", "--as-of", "2026-03-01T00:00:00Z", "--no-timing", "--report", "json=out.json"])
        .output()
        .unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert_eq!(ran.status.code(), Some(1), "{told}");
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(root.path().join("out.json")).unwrap()).unwrap();
    for gate in report["gates"].as_array().unwrap() {
        let (expression, prints) = due.remove(gate["gate_id"].as_str().unwrap()).unwrap();
        assert_eq!(gate["violations"][0]["message"], prints, "{expression}");
    }
    assert!(due.is_empty(), "{due:?}");
}

#[test]
fn the_pages_of_the_reference_are_made_from_the_descriptors() {
    let registry = registry();
    let mut families: BTreeMap<&str, Vec<&Function>> = BTreeMap::new();
    for (function, _) in registry.functions() {
        families.entry(function.family).or_default().push(function);
    }
    let mut page = String::from(
        "# Functions\n\nEvery function of the language, by family.\nA parameter written `T?` takes what may be missing; \
         for the others a missing argument makes the result missing.\n\n| family | functions |\n| --- | --- |\n",
    );
    for (family, functions) in &families {
        let names: Vec<String> = functions.iter().map(|f| format!("[`{0}`](#{0})", f.name)).collect();
        let _ = writeln!(page, "| {family} | {} |", names.join(" "));
    }
    for (family, functions) in &families {
        let _ = write!(page, "\n## {family}\n");
        for function in functions {
            let _ = write!(page, "\n### {0}\n\n`{0}{1}`\n\n{2}\n", function.name, function.signature, function.doc);
            if !function.examples.is_empty() {
                page.push_str("\n| expression | prints |\n| --- | --- |\n");
                for e in function.examples {
                    let _ = writeln!(
                        page,
                        "| `{}` | `{}` |",
                        e.expression.replace('|', "\\|"),
                        e.prints.replace('|', "\\|")
                    );
                }
            }
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/functions.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/reference/functions.md is out of date: run UPDATE_DOCS=1 cargo test --test registry"
    );
}
