//! Expressions as the checker judges them: one mistake a file, each told once and shown with its
//! source in a snapshot.

use rspp_gates::check;
use rspp_gates::diag::{self, Diagnostic, Style};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::{builtins, evidence, syntax};
use std::sync::Arc;

/// Topics of the half of the checker that looks at expressions.
const TOPICS: [&str; 6] = ["names", "types", "units", "missing", "lists", "calls"];

/// What is said about the expressions of a policy text, errors of the parser included.
fn judge(name: &str, text: &str) -> (SourceMap, Vec<Diagnostic>) {
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let mut sources = SourceMap::default();
    let id = sources.add(name, text);
    let (file, mut diagnostics) = syntax::parse(id, text);
    diagnostics.extend(check::check(&[file], &sources, Arc::new(registry)).diagnostics);
    let topic = |d: &Diagnostic| d.code.0.split("::").nth(1).unwrap_or("").to_owned();
    diagnostics.retain(|d| topic(d) == "syntax" || TOPICS.contains(&&*topic(d)));
    (sources, diagnostics)
}

fn shown(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let style = Style { colour: false, unicode: true, width: 100 };
    diagnostics.iter().map(|d| diag::render(d, sources, &style)).collect()
}

#[test]
fn each_mistake_is_told_once() {
    let mut wrong = Vec::new();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("diagnostics/check/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    let mut paths: Vec<_> = std::fs::read_dir("tests/diagnostics/check").unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "gate"));
    paths.sort();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let topic = name.split('-').next().unwrap_or("").to_owned();
        if !TOPICS.contains(&topic.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let (sources, diagnostics) = judge(&format!("{name}.gate"), &text);
        if diagnostics.len() != 1 {
            wrong.push(format!("{name}: {} diagnostics\n{}", diagnostics.len(), shown(&sources, &diagnostics)));
        }
        insta::assert_snapshot!(name, format!("{text}\n{}", shown(&sources, &diagnostics)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
