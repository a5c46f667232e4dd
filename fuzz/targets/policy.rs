//! Texts of policies: the parser, the checker, the planner.

use super::archive::Archive;
use super::hold;
use rspp_gates::check::{self, CheckOutcome};
use rspp_gates::diag::{self, Diagnostic};
use rspp_gates::fmt::{self, Formatted};
use rspp_gates::model::digest::PolicyDigests;
use rspp_gates::plan;
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::syntax::{self, tree};
use rspp_gates::{builtins, evidence};
use std::sync::{Arc, OnceLock};

/// The functions and formats that every policy may use.
pub fn registry() -> Arc<Registry> {
    static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();
    let made = REGISTRY.get_or_init(|| {
        let mut registry = Registry::default();
        builtins::register(&mut registry).expect("the shipped functions fit together");
        evidence::register(&mut registry);
        Arc::new(registry)
    });
    made.clone()
}

/// One text: a tree for it, and places that are in it.
pub fn syntax(bytes: &[u8]) {
    let text = match syntax::decode(bytes, "a.gate") {
        Ok(text) => text,
        Err(diagnostic) => return hold::diagnostics(&[*diagnostic], &SourceMap::default()),
    };
    let (file, diagnostics, sources) = parse(&text);
    hold::diagnostics(&diagnostics, &sources);
    places(&text, &file);
    if hold::now_and_then(bytes, 4) {
        let (again, told, _) = parse(&text);
        assert_eq!((&again, &told), (&file, &diagnostics), "two readings differ");
    }
    let mut sorted = diagnostics.clone();
    diag::sort(&mut sorted);
    assert_eq!(sorted, diagnostics, "not in order");
    if diagnostics.is_empty() {
        assert!(!format!("{:?}", file.declarations).contains("Broken"), "a broken node that nobody was told of");
    }
    hold::fixes(&diagnostics, &sources, |_, text| parse(text).1);
}

/// One text laid out: it says the same, and stays as it is.
pub fn fmt(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (sources, laid) = lay_out(text);
    hold::diagnostics(&laid.diagnostics, &sources);
    let told = |diagnostics: &[Diagnostic]| {
        let mut codes: Vec<&str> = diagnostics.iter().map(|d| d.code.0).collect();
        codes.sort_unstable();
        codes.join(" ")
    };
    let (_, again) = lay_out(&laid.text);
    assert_eq!(again.text, laid.text, "laid out twice it is another text");
    assert_eq!(told(&again.diagnostics), told(&laid.diagnostics), "it has other mistakes");
    let comments = |text: &str| {
        let mut all: Vec<String> = parse(text).0.comments.iter().map(|c| remark(text, c)).collect();
        all.sort();
        all
    };
    assert_eq!(comments(&laid.text), comments(text), "comments differ");
    if laid.diagnostics.is_empty() {
        assert!(laid.text.is_empty() || laid.text.ends_with('\n') && !laid.text.ends_with("\n\n"), "its end");
        assert!(!laid.text.contains(" \n") && !laid.text.contains("\n\n\n"), "blanks at the end of a line");
    }
}

fn remark(text: &str, comment: &tree::Comment) -> String {
    text[comment.span.start as usize..comment.span.end as usize].trim_end().to_owned()
}

fn lay_out(text: &str) -> (SourceMap, Formatted) {
    let mut sources = SourceMap::default();
    let id = sources.add("a.gate", text);
    let laid = fmt::format(id, text).unwrap_or_else(|e| panic!("{e}"));
    (sources, laid)
}

fn parse(text: &str) -> (tree::File, Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::default();
    let id = sources.add("a.gate", text);
    let (file, diagnostics) = syntax::parse(id, text);
    (file, diagnostics, sources)
}

/// Every place of a tree is a piece of its text. The tree is looked at as it is printed: there is
/// no walk over every kind of node that could not forget one.
fn places(text: &str, file: &tree::File) {
    let printed = format!("{file:?}");
    let mut rest = printed.as_str();
    while let Some((_, after)) = rest.split_once("Span { source: SourceId(0), start: ") {
        let (start, after) = after.split_once(", end: ").expect("a span has an end");
        let (end, after) = after.split_once(' ').expect("a span is closed");
        let (start, end): (usize, usize) = (start.parse().expect("a number"), end.parse().expect("a number"));
        assert!(text.get(start..end).is_some(), "{start}..{end} is no part of the text");
        rest = after;
    }
}

/// A whole policy: an archive with `gates/..` and `profiles/..`.
pub fn check(bytes: &[u8]) {
    let archive = Archive::read(bytes);
    if let Some(checked) = checked(&archive) {
        policy_holds(&checked, hold::now_and_then(bytes, 4));
        // Beside a clause that cannot be read a fix may be read as a part of it.
        let whole = if checked.told.is_empty() { &checked.outcome.diagnostics[..] } else { &[] };
        hold::fixes(whole, &checked.sources, |name, text| {
            let mut archive = archive.clone();
            archive.files.iter_mut().filter(|(n, _)| n == name).for_each(|(_, b)| *b = text.as_bytes().to_vec());
            self::checked(&archive).map(|c| c.all()).unwrap_or_default()
        });
    }
}

/// A profile beside gates that are right.
pub fn profile(bytes: &[u8]) {
    const GATES: &str = include_str!("gates.gate");
    static PARSED: OnceLock<(SourceMap, tree::File)> = OnceLock::new();
    let (mut sources, gates) = PARSED
        .get_or_init(|| {
            let mut sources = SourceMap::default();
            let (file, told) = syntax::parse(sources.add("gates/a.gate", GATES), GATES);
            assert!(told.is_empty(), "{told:?}");
            let outcome = check::check(std::slice::from_ref(&file), &sources, registry());
            assert!(outcome.policy.is_some(), "{:?}", outcome.diagnostics);
            (sources, file)
        })
        .clone();
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (file, told) = syntax::parse(sources.add("profiles/p.profile", text), text);
    let files = vec![gates, file];
    let outcome = check::check(&files, &sources, registry());
    policy_holds(&Checked { files, sources, told, outcome }, hold::now_and_then(bytes, 4));
}

fn policy_holds(checked: &Checked, twice: bool) {
    let CheckOutcome { policy, diagnostics } = &checked.outcome;
    hold::diagnostics(&checked.all(), &checked.sources);
    assert_eq!(
        policy.is_none(),
        diagnostics.iter().any(Diagnostic::is_error),
        "refused without a reason, or accepted with a mistake"
    );
    if twice {
        let again = check::check(&checked.files, &checked.sources, registry());
        assert_eq!(&again.diagnostics, diagnostics, "two checks differ");
    }
    let Some(policy) = policy else { return };
    // Ids are places in lists: nothing that was declared may have fallen out.
    let declared = |kind: fn(&tree::DeclarationKind) -> bool| {
        checked.files.iter().flat_map(|f| &f.declarations).filter(|d| kind(&d.kind)).count()
    };
    let p = &policy.policy;
    assert_eq!(p.lets.len(), declared(|k| matches!(k, tree::DeclarationKind::Let(_))));
    assert_eq!(p.defs.len(), declared(|k| matches!(k, tree::DeclarationKind::Def(_))));
    assert_eq!(p.params.len(), declared(|k| matches!(k, tree::DeclarationKind::Param(_))));
    assert_eq!(p.gates.len(), declared(|k| matches!(k, tree::DeclarationKind::Gate(_))));
    assert_eq!(p.evidence.len(), declared(|k| matches!(k, tree::DeclarationKind::Evidence(_))));
    assert_eq!(policy.profiles.len(), declared(|k| matches!(k, tree::DeclarationKind::Profile(_))));
    let digests = PolicyDigests::of(policy);
    assert!(!twice || digests == PolicyDigests::of(policy), "two digests differ");
    for profile in policy.profiles.values() {
        let (first, warnings) = plan::plan(p, profile);
        hold::diagnostics(&warnings, &checked.sources);
        assert_eq!(first.gate_order.len(), first.gates.len());
        if twice {
            let (second, _) = plan::plan(p, profile);
            assert_eq!(format!("{:?}", first.graph), format!("{:?}", second.graph), "two plans differ");
        }
    }
}

/// A policy that was parsed and checked.
pub struct Checked {
    pub files: Vec<tree::File>,
    pub sources: SourceMap,
    pub told: Vec<Diagnostic>,
    pub outcome: CheckOutcome,
}

impl Checked {
    pub fn all(&self) -> Vec<Diagnostic> {
        self.told.iter().chain(&self.outcome.diagnostics).cloned().collect()
    }
}

/// Parses and checks the policy of an archive; nothing where a file is no text.
pub fn checked(archive: &Archive) -> Option<Checked> {
    let (mut sources, mut files, mut told) = (SourceMap::default(), Vec::new(), Vec::new());
    for (name, bytes) in archive.below("gates").into_iter().chain(archive.below("profiles")) {
        let text = std::str::from_utf8(bytes).ok()?;
        let id = sources.add(name, text);
        let (file, diagnostics) = syntax::parse(id, text);
        files.push(file);
        told.extend(diagnostics);
    }
    let outcome = check::check(&files, &sources, registry());
    Some(Checked { files, sources, told, outcome })
}
