//! Expressions as the checker judges them: one mistake a file, each told once and shown with its
//! source in a snapshot.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read their files and stop at what is wrong")]

use rspp_gates::check;
use rspp_gates::diag::{self, Diagnostic, Style};
use rspp_gates::model::ExprKind;
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
    judge_files(&[(name.to_owned(), text.to_owned())])
}

/// What is said about a policy of several files.
fn judge_files(texts: &[(String, String)]) -> (SourceMap, Vec<Diagnostic>) {
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let mut sources = SourceMap::default();
    let (mut files, mut diagnostics) = (Vec::new(), Vec::new());
    for (name, text) in texts {
        let id = sources.add(name, text);
        let (file, said) = syntax::parse(id, text);
        files.push(file);
        diagnostics.extend(said);
    }
    diagnostics.extend(check::check(&files, &sources, Arc::new(registry)).diagnostics);
    (sources, diagnostics)
}

fn shown(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let style = Style { colour: false, unicode: true, width: 100 };
    diagnostics.iter().map(|d| diag::render(d, sources, &style)).collect()
}

fn beside_the_files() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("diagnostics/check/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn of_many_mistakes_in_a_file_each_is_told_and_none_twice() {
    let settings = beside_the_files();
    let _bound = settings.bind_to_scope();
    let text = std::fs::read_to_string("tests/diagnostics/check/many.gate").unwrap();
    let (sources, said) = judge("many.gate", &text);
    let lines: Vec<usize> = said.iter().filter_map(|d| d.span()).map(|s| sources.place(s).1).collect();
    let mut once = lines.clone();
    once.dedup();
    assert_eq!(lines, once, "a line with two");
    insta::assert_snapshot!("many", shown(&sources, &said));
}

#[test]
fn each_mistake_is_told_once() {
    let mut wrong = Vec::new();
    let settings = beside_the_files();
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

/// The policy of `tests/check_good`, which uses most of the language.
fn good_policy() -> Vec<(String, String)> {
    let mut paths: Vec<_> = std::fs::read_dir("tests/check_good").unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|p| (p.display().to_string(), std::fs::read_to_string(p).unwrap())).collect()
}

#[test]
fn a_good_policy_is_met_with_silence() {
    let (sources, said) = judge_files(&good_policy());
    let errors: Vec<Diagnostic> = said
        .into_iter()
        .filter(|d| d.is_error() || TOPICS.contains(&d.code.0.split("::").nth(1).unwrap_or("")))
        .collect();
    assert!(errors.is_empty(), "{}", shown(&sources, &errors));
}

#[test]
fn a_checked_policy_holds_no_poison_and_each_site_once() {
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let mut sources = SourceMap::default();
    let files: Vec<_> =
        good_policy().iter().map(|(name, text)| syntax::parse(sources.add(name, text), text).0).collect();
    let policy = check::check(&files, &sources, Arc::new(registry)).policy.unwrap().policy;
    let lets = policy.lets.iter().map(|l| &l.value);
    let defs = policy.defs.iter().map(|d| &d.body);
    let gates = policy.gates.values().flat_map(|g| {
        let scope = g.scope.iter().map(|s| &s.list);
        let rows = g.metrics.iter().flat_map(|m| m.row_aggregates.iter().map(|r| &r.value).chain([&m.figure]));
        scope.chain(g.each.iter().map(|e| &e.condition)).chain(g.expect.iter().map(|e| &e.condition)).chain(rows)
    });
    let mut sites = std::collections::BTreeSet::new();
    for whole in lets.chain(defs).chain(gates) {
        whole.visit(&mut |e| {
            let site = match &*e.kind {
                ExprKind::Unknown => panic!("poison at {:?}", sources.place(e.span)),
                ExprKind::Project { site, .. } | ExprKind::Call { site, .. } | ExprKind::Quantified { site, .. } => {
                    Some(*site)
                }
                _ => None,
            };
            assert!(!e.ty.is_unknown(), "no type at {:?}", sources.place(e.span));
            assert!(site.is_none_or(|s| sites.insert(s)), "a site twice at {:?}", sources.place(e.span));
        });
    }
    assert!(sites.len() > 100);
}

/// Words and signs of a text, blanks apart.
fn tokens(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut out: Vec<std::ops::Range<usize>> = Vec::new();
    let mut word = false;
    for (i, c) in text.char_indices() {
        let part = c.is_alphanumeric() || c == '_';
        match out.last_mut() {
            Some(last) if word && part && last.end == i => last.end += c.len_utf8(),
            _ if c.is_whitespace() => {}
            _ => out.push(i..i + c.len_utf8()),
        }
        word = part;
    }
    out
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    /// Whatever word is lost, doubled or put in place of another: something is said, or the
    /// policy is still one; nothing panics.
    #[test]
    fn no_slip_of_the_hand_breaks_the_checker(
        file in 0usize..100, place in 0usize..100_000, other in 0usize..100_000, how in 0u8..3,
    ) {
        let mut policy = good_policy();
        let count = policy.len();
        let text = &mut policy[file % count].1;
        let all = tokens(text);
        let (at, from) = (all[place % all.len()].clone(), all[other % all.len()].clone());
        let word = text.get(from).unwrap().to_owned();
        match how {
            0 => text.replace_range(at, ""),
            1 => text.insert_str(at.start, &format!("{word} ")),
            _ => text.replace_range(at, &word),
        }
        let (sources, said) = judge_files(&policy);
        proptest::prop_assert!(said.iter().all(|d| !d.message.is_empty()));
        shown(&sources, &said);
    }
}
