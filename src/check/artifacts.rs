//! Artifact declarations: where a file goes, what it holds, what its page says.

use super::checker::{Checker, Node};
use super::diagnostics::artifacts as say;
use super::names::Entry;
use super::paths;
use super::scope::Scope;
use crate::data::Type;
use crate::model::{ArtifactDefinition, ArtifactPage, ArtifactRows, Message, MessagePart};
use crate::source::Span;
use crate::syntax::tree::{ArtifactClause as Clause, ArtifactDecl, Expr, Name, StringLit, StringPart};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How the name of every document ends.
const ENDING: &str = ".json";

/// The clauses of an artifact, each with its place.
#[derive(Default)]
struct Found<'a> {
    path: Option<(&'a StringLit, Span)>,
    rows: Option<(&'a Name, &'a Expr)>,
    markdown: Option<Span>,
    title: Option<(&'a StringLit, Span)>,
    passed: Option<(&'a Expr, Span)>,
    document: Option<&'a Expr>,
    /// A clause could not be read: it may be any that seems to be absent.
    broken: bool,
}

impl<'a> Found<'a> {
    fn collect(decl: &'a ArtifactDecl) -> Self {
        let mut found = Self::default();
        for (span, clause) in &decl.clauses {
            match clause {
                Clause::Path(text) => found.path = Some((text, *span)),
                Clause::For(name, list) => found.rows = Some((name, list)),
                Clause::Markdown => found.markdown = Some(*span),
                Clause::Title(text) => found.title = Some((text, *span)),
                Clause::Passed(condition) => found.passed = Some((condition, *span)),
                Clause::Document(value) => found.document = Some(value),
                Clause::Broken(_) => found.broken = true,
            }
        }
        found
    }
}

impl<'a> Checker<'a> {
    /// Checks every artifact, and that no two write one file.
    pub(super) fn check_artifacts(&mut self) {
        let entries: Vec<Entry<'a, ArtifactDecl>> = self.declared.artifacts.values().cloned().collect();
        for entry in entries {
            let artifact = self.alone(Node::Artifact(entry.name.clone()), |c| c.artifact(&entry));
            if let Some(artifact) = artifact {
                self.artifacts.insert(entry.name.clone(), Arc::new(artifact));
            }
        }
        let mut paths: BTreeMap<String, Span> = BTreeMap::new();
        for artifact in self.artifacts.values().cloned().collect::<Vec<_>>() {
            // Some file systems do not tell small letters from capitals.
            let pattern = artifact.pattern();
            match paths.get(&pattern.to_lowercase()) {
                Some(first) => self.report(say::same_path(&pattern, *first, artifact.path.span)),
                None => drop(paths.insert(pattern.to_lowercase(), artifact.path.span)),
            }
        }
    }

    /// One artifact; `None` where a clause is absent, which has been reported.
    fn artifact(&mut self, entry: &Entry<'a, ArtifactDecl>) -> Option<ArtifactDefinition> {
        let found = Found::collect(entry.tree);
        let mut scope = Scope::top();
        let rows = found.rows.map(|(name, list)| self.artifact_rows(&mut scope, name, list));
        let path = found.path.map(|(text, _)| self.artifact_path(&scope, text, found.rows.map(|(name, _)| name)));
        let page = self.artifact_page(&scope, &found);
        let document = found.document.map(|written| {
            let mut scope = scope.clone();
            scope.document = true;
            let document = self.infer(&scope, written, None);
            match document.ty {
                Type::Unknown => {}
                Type::Record(_) => drop(self.check_written(&document)),
                _ => self.report(say::not_a_record(&document.ty, document.span)),
            }
            document
        });
        if !found.broken {
            for (keyword, absent, example) in [
                ("path", found.path.is_none(), "path \"reports/summary.json\""),
                ("document", found.document.is_none(), "document { generated_at_utc = as_of }"),
            ] {
                if absent {
                    self.report(say::lacks(&entry.name, keyword, example, entry.span));
                }
            }
        }
        Some(ArtifactDefinition {
            name: entry.name.clone(),
            span: entry.span,
            whole: entry.whole,
            doc: entry.doc.clone(),
            rows,
            path: path?,
            document: document?,
            page: page?,
        })
    }

    /// `for r in xs`
    fn artifact_rows(&mut self, scope: &mut Scope, name: &Name, written: &Expr) -> ArtifactRows {
        let list = self.infer(scope, written, None);
        let element = match &list.ty {
            Type::Unknown => Type::Unknown,
            ty => match ty.element() {
                Some(Type::Optional(_)) | None => {
                    self.report(say::no_rows(ty, list.span));
                    Type::Unknown
                }
                Some(element) => element,
            },
        };
        let row = self.local();
        scope.bind(&name.text, row, element, Some(name.span));
        ArtifactRows { name: name.text.as_str().into(), row, list }
    }

    /// The page: `Some(None)` where there is none, `None` where it is mistaken.
    fn artifact_page(&mut self, scope: &Scope, found: &Found<'_>) -> Option<Option<ArtifactPage>> {
        let title = found.title.map(|(text, _)| self.message(scope, text));
        let passed = found.passed.map(|(condition, _)| self.condition(scope, condition).0);
        match (found.markdown, passed) {
            (Some(span), Some(passed)) => Some(Some(ArtifactPage { title, passed, span })),
            (Some(span), None) => {
                if !found.broken {
                    self.report(say::page_without_answer(span));
                }
                None
            }
            (None, passed) => {
                let title = found.title.map(|(_, span)| ("title", span));
                let beside = title.or(found.passed.map(|(_, span)| ("passed", span)));
                if let (Some((keyword, span)), false) = (beside, found.broken) {
                    self.report(say::no_page(keyword, span));
                }
                passed.is_none().then_some(None)
            }
        }
    }

    /// The path: below its root, a JSON file, values only as (part of) the file's name.
    fn artifact_path(&mut self, scope: &Scope, text: &StringLit, row: Option<&Name>) -> Arc<Message> {
        let errors = self.error_count();
        let path = self.message(scope, text);
        for (written, part) in text.parts.iter().zip(&path.parts) {
            let (StringPart::Value { format, .. }, MessagePart::Value { value, .. }) = (written, part) else {
                continue;
            };
            if value.ty.is_unknown() {
                continue;
            }
            if value.ty.is_optional() {
                let words = self.words(value.span);
                self.report(say::part_may_be_missing(&words, value.span));
            } else if format.as_ref().is_none_or(|f| f.text != "file_name") {
                let words = self.words(value.span);
                let at = format.as_ref().map_or(value.span, |f| value.span.to(f.span));
                self.report(say::part_as_it_is(&words, at));
            }
        }
        if self.error_count() > errors {
            return path;
        }
        // A value counts as one letter: what it prints as has no `/`.
        let sample: String = text.parts.iter().map(|p| if let StringPart::Text(t) = p { t } else { "x" }).collect();
        if let Some(problem) = paths::problem(&sample) {
            self.report(say::path(&problem, text.span));
            return path;
        }
        let literal = |part: Option<&StringPart>| match part {
            Some(StringPart::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let values = text.values().count();
        let folders: usize = text.parts.iter().map(|p| literal(Some(p)).matches('/').count()).sum();
        if !literal(text.parts.last()).ends_with(ENDING) {
            self.report(say::path_ending(ENDING, text.span));
        } else if values > 0 && literal(text.parts.first()).matches('/').count() < folders {
            self.report(say::path_folder(text.span));
        } else if let (Some(row), 0) = (row, values) {
            self.report(say::path_of_rows(&row.text, text.span));
        } else if row.is_some() && folders == 0 {
            self.report(say::path_of_no_folder(text.span));
        }
        path
    }
}
