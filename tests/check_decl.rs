//! Declarations as the checker judges them: one mistake a file, each told once and shown with its
//! source in a snapshot; policies without a mistake; profiles as they take effect.

use rspp_gates::check::{self, CheckOutcome};
use rspp_gates::diag::{self, Diagnostic, Style};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::{builtins, evidence, syntax};
use std::path::Path;
use std::sync::Arc;

/// Topics of the half of the checker that looks at declarations.
const TOPICS: [&str; 7] = ["policy", "clauses", "shapes", "sources", "gates", "profiles", "lints"];

/// Parser and checker over texts with their names.
fn judge(texts: &[(String, String)]) -> (SourceMap, CheckOutcome) {
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let (mut sources, mut files, mut said) = (SourceMap::default(), Vec::new(), Vec::new());
    for (name, text) in texts {
        let id = sources.add(name, text);
        let (file, diagnostics) = syntax::parse(id, text);
        files.push(file);
        said.extend(diagnostics);
    }
    let mut outcome = check::check(&files, &sources, Arc::new(registry));
    outcome.diagnostics.extend(said);
    diag::sort(&mut outcome.diagnostics);
    (sources, outcome)
}

fn shown(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let style = Style { colour: false, unicode: true, width: 100 };
    diagnostics.iter().map(|d| diag::render(d, sources, &style)).collect()
}

/// All policy files below a folder.
fn policy(root: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut folders = vec![Path::new(root).join("gates"), Path::new(root).join("profiles")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                out.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

#[test]
fn each_mistake_is_told_once() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("diagnostics/decl/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    let mut paths: Vec<_> = std::fs::read_dir("tests/diagnostics/decl").unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "gate"));
    paths.sort();
    assert!(!paths.is_empty());
    let mut wrong = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (sources, outcome) = judge(&[(format!("{name}.gate"), text.clone())]);
        let told = shown(&sources, &outcome.diagnostics);
        if outcome.diagnostics.len() != 1 {
            wrong.push(format!("{name}: {} diagnostics\n{told}", outcome.diagnostics.len()));
        }
        insta::assert_snapshot!(name, format!("{text}\n{told}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_policies_that_are_shipped_have_no_mistake() {
    for root in ["examples/app-stability", "examples/turn-metrics", "."] {
        let texts = policy(root);
        if texts.is_empty() {
            continue;
        }
        let (sources, outcome) = judge(&texts);
        assert_eq!(shown(&sources, &outcome.diagnostics), "", "{root}");
        assert!(outcome.policy.is_some(), "{root}");
    }
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
            let (sources, outcome) = judge(&[("p.gate".to_owned(), example)]);
            let codes: Vec<&str> = outcome.diagnostics.iter().map(|d| d.code.0).collect();
            let fine = if bad { codes == [code.0] } else { codes.is_empty() };
            if !fine {
                wrong += &format!(
                    "{page} ({})\n{}",
                    if bad { "error" } else { "ok" },
                    shown(&sources, &outcome.diagnostics)
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
