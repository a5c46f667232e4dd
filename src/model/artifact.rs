//! Artifacts as checked: files that a run writes besides its reports.

use super::{Expr, LocalId, Message, MessagePart};
use crate::data::Type;
use crate::source::Span;
use std::sync::Arc;

/// One `artifact` declaration. It judges nothing: what it says never changes a verdict.
#[derive(Debug, Clone)]
pub struct ArtifactDefinition {
    /// Its name.
    pub name: Arc<str>,
    /// Its name's place.
    pub span: Span,
    /// The whole declaration.
    pub whole: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// `for r in xs`: one file a row; without it there is one file.
    pub rows: Option<ArtifactRows>,
    /// Where the file goes, below the root of artifacts. Values stand in the last part only and
    /// are fit to be names of files.
    pub path: Arc<Message>,
    /// What is written: a record whose parts all have a form in JSON.
    pub document: Expr,
    /// The page beside it.
    pub page: Option<ArtifactPage>,
}

/// The rows that an artifact has a file for.
#[derive(Debug, Clone)]
pub struct ArtifactRows {
    /// The name that stands for a row.
    pub name: Arc<str>,
    /// The row, in all other expressions of the artifact.
    pub row: LocalId,
    /// The list.
    pub list: Expr,
}

/// The Markdown page beside a document.
#[derive(Debug, Clone)]
pub struct ArtifactPage {
    /// Its heading, if the policy says one.
    pub title: Option<Arc<Message>>,
    /// Whether its last line says PASS.
    pub passed: Expr,
    /// Where `markdown` stands.
    pub span: Span,
}

impl ArtifactDefinition {
    /// All its expressions but the list of its rows.
    pub fn exprs(&self) -> Vec<&Expr> {
        let mut out: Vec<&Expr> = self.path.values().collect();
        out.push(&self.document);
        if let Some(page) = &self.page {
            out.extend(page.title.iter().flat_map(|t| t.values()));
            out.push(&page.passed);
        }
        out
    }

    /// Fields that each of its documents has.
    pub fn fields(&self) -> Vec<Arc<str>> {
        let Type::Record(record) = self.document.ty.present() else { return Vec::new() };
        record.fields.iter().filter(|f| !f.ty.is_optional()).map(|f| f.name.clone()).collect()
    }

    /// Its path with `*` for each value.
    pub fn pattern(&self) -> String {
        let part = |part: &MessagePart| match part {
            MessagePart::Text(text) => text.to_string(),
            MessagePart::Value { .. } => "*".to_owned(),
        };
        self.path.parts.iter().map(part).collect()
    }

    /// The heading of its page where the policy says none: the first line of its `##` lines, else
    /// its name.
    pub fn heading(&self) -> String {
        let line = self.doc.as_deref().and_then(|doc| doc.lines().map(str::trim).find(|l| !l.is_empty()));
        match line {
            Some(line) => line.trim_end_matches('.').to_owned(),
            None => self.name.replace('_', " "),
        }
    }
}
