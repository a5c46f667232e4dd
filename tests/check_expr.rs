//! Expressions as the checker judges them: one mistake a file, and policies without any.

use rspp_gates::check;
use rspp_gates::diag::{self, Style};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::{builtins, evidence, syntax};
use std::sync::Arc;

/// Everything said about some policy texts, as people see it.
fn said(texts: &[(&str, &str)]) -> String {
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
    let style = Style { colour: false, unicode: true, width: 100 };
    diagnostics.iter().map(|d| diag::render(d, &sources, &style)).collect()
}

#[test]
fn scratch() {
    let Ok(list) = std::env::var("SCRATCH") else { return };
    let texts: Vec<(String, String)> =
        list.split_whitespace().map(|p| (p.to_owned(), std::fs::read_to_string(p).unwrap())).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    println!("{}", said(&texts));
}
