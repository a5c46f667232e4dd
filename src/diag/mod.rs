//! What went wrong, as data: code, message, labels, help, a fix.
//!
//! Job: the one shape of every message about policy or evidence, and its adaptor to miette
//! (`render.rs`). May import: `source`. Knows nothing of who reports: each layer builds its
//! own diagnostics in its own `diagnostics.rs`, one function a code.

mod excerpt;
mod render;
mod text;

pub use render::{Style, render, render_json};
pub use text::{did_you_mean, printable, printable_json};

use crate::source::Span;
use std::sync::Arc;

/// A stable name such as `rspp::types::mismatch`: layer, then what is wrong. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The policy cannot run, or the evidence cannot be used.
    Error,
    /// Worth a look; changes no exit code.
    Warning,
}

/// A marked place in a policy text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there, in a few words; may be empty.
    pub text: String,
}

/// A repair that a tool may apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced (empty: text is put in at this place).
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A place in evidence: as much of it as is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EvidencePlace {
    /// Path as the policy or the command line says it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Column in characters, from 1.
    pub column: Option<u64>,
    /// JSON pointer inside the document or the row.
    pub pointer: Option<Arc<str>>,
    /// The row's key, as printed.
    pub key: Option<Arc<str>>,
}

impl std::fmt::Display for EvidencePlace {
    /// `file:line:column (at /pointer, key k)`, leaving out what is not known.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&printable(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        match (&self.pointer, &self.key) {
            (Some(p), Some(k)) => write!(f, " (at {}, key {})", printable(p), printable(k)),
            (Some(p), None) => write!(f, " (at {})", printable(p)),
            (None, Some(k)) => write!(f, " (key {})", printable(k)),
            (None, None) => Ok(()),
        }
    }
}

/// One mistake: code, words, places, a way out. A plain comparable value. Its words are cut to a
/// length that people read: names in policies and data may be as long as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable name.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong: starts lower case, no full stop, user text in backticks.
    pub message: String,
    /// Places, the primary one first. Those of another file are shown after it.
    pub labels: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
    /// A repair a tool may apply.
    pub fix: Option<Fix>,
    /// Where in the evidence, when the mistake is there.
    pub evidence: Option<EvidencePlace>,
}

impl Diagnostic {
    /// An error with its primary place.
    pub fn error(code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self::at(Severity::Error, code, message, span, label)
    }

    /// A warning with its primary place.
    pub fn warning(code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self::at(Severity::Warning, code, message, span, label)
    }

    fn at(severity: Severity, code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: text::cut(message.into()),
            labels: vec![Label { span, text: text::cut(label.into()) }],
            help: None,
            fix: None,
            evidence: None,
        }
    }

    /// An error that has no place in a policy text (a missing file, a whole profile).
    pub fn general(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: text::cut(message.into()),
            labels: Vec::new(),
            help: None,
            fix: None,
            evidence: None,
        }
    }

    /// Adds a further place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text::cut(text.into()) });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(text::cut(help.into()));
        self
    }

    /// Adds a repair.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, text: text.into() });
        self
    }

    /// Says where in the evidence it is.
    #[must_use]
    pub fn in_evidence(mut self, place: EvidencePlace) -> Self {
        self.evidence = Some(place);
        self
    }

    /// The primary place.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|l| l.span)
    }

    /// Whether it stops the policy.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Orders by source, place, code; drops exact repeats. Call once, before showing.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics
        .sort_by(|a, b| (a.span(), &a.evidence, a.code, &a.message).cmp(&(b.span(), &b.evidence, b.code, &b.message)));
    diagnostics.dedup();
}
