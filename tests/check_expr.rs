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
    let (sources, mut diagnostics) = judge_all(name, text);
    let topic = |d: &Diagnostic| d.code.0.split("::").nth(1).unwrap_or("").to_owned();
    diagnostics.retain(|d| topic(d) == "syntax" || TOPICS.contains(&&*topic(d)));
    (sources, diagnostics)
}

/// What is said about a policy text.
fn judge_all(name: &str, text: &str) -> (SourceMap, Vec<Diagnostic>) {
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let mut sources = SourceMap::default();
    let id = sources.add(name, text);
    let (file, mut diagnostics) = syntax::parse(id, text);
    diagnostics.extend(check::check(&[file], &sources, Arc::new(registry)).diagnostics);
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

/// The examples of a page of `docs/diagnostics`: policies that raise its code, and repaired ones.
fn examples(page: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```gate,") {
            let text: Vec<&str> = lines.by_ref().take_while(|l| !l.starts_with("```")).collect();
            found.push((kind == "error", text.join("\n") + "\n"));
        }
    }
    found
}

#[test]
fn each_page_raises_its_code_alone_and_its_repair_raises_nothing() {
    let mut wrong = String::new();
    for code in check::diagnostics::CODES.iter().flat_map(|codes| codes.iter()) {
        if !TOPICS.contains(&code.0.split("::").nth(1).unwrap_or("")) {
            continue;
        }
        let page = format!("docs/diagnostics/{}.md", code.0.replace("::", "-"));
        let Ok(text) = std::fs::read_to_string(&page) else {
            wrong += &format!("{page} is not there\n");
            continue;
        };
        let examples = examples(&text);
        assert!(examples.iter().any(|(bad, _)| *bad) && examples.iter().any(|(bad, _)| !bad), "{page}");
        for (bad, example) in examples {
            let (sources, said) = judge_all(&page, &example);
            let codes: Vec<&str> = said.iter().map(|d| d.code.0).collect();
            let fine = if bad { codes == [code.0] } else { codes.is_empty() };
            if !fine {
                wrong += &format!("{page} ({})\n{}", if bad { "error" } else { "ok" }, shown(&sources, &said));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
