//! Which format reads an evidence, and its options.

use super::checker::Checker;
use super::diagnostics::clauses as say_clause;
use super::diagnostics::evidence as say;
use super::evidence::{EvidenceClauses, Found, Look};
use super::paths;
use crate::model::{EvidenceFiles, EvidenceShape};
use crate::registry::{Format, FormatOptionValue};
use crate::source::Span;
use crate::syntax::tree::{self, EvidenceClauseKind as Kind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Formats that the language knows of and that this version does not read.
const LATER_FORMATS: [(&str, &[&str]); 1] = [("git_index", &[])];

/// Options of a format with their values.
type Options = BTreeMap<Arc<str>, Arc<str>>;

impl Checker<'_> {
    pub(super) fn evidence_format(
        &mut self,
        evidence: &EvidenceClauses<'_>,
        found: &Found<'_>,
        files: &EvidenceFiles,
        look: Option<&Look>,
    ) -> Option<(Arc<str>, Options)> {
        let (path, at) = match (files, found.get("path").or_else(|| found.get("files"))) {
            (EvidenceFiles::Path(path) | EvidenceFiles::Pattern(path), Some(clause)) => (path.clone(), clause.span),
            (_, None) => (Arc::from(""), evidence.name.span),
        };
        let mut options = Options::new();
        let registry = self.registry;
        let format = match found.kind("format") {
            Some(Kind::Format { name, options: written }) => {
                let Some(format) = registry.format(&name.text) else {
                    self.unknown_format(name);
                    return None;
                };
                options = self.format_options(format, written);
                format
            }
            _ if path.is_empty() => return None,
            _ => match registry.format_of(&path) {
                Some(format) => format,
                None => {
                    let ending = paths::ending(&path);
                    let later = LATER_FORMATS.iter().find(|(_, e)| e.contains(&ending));
                    self.report(match later {
                        Some((name, _)) => say_clause::not_yet(&format!("the format `{name}`"), at),
                        None => say::format_unclear(ending, &self.format_names(), at),
                    });
                    return None;
                }
            },
        };
        if !format.nested {
            if let Some(rows_at) = found.get("rows at") {
                self.report(say::rows_at_format(format.name, rows_at.span));
            }
            if let Some(Look { shape: EvidenceShape::Document(_), span, .. }) = look {
                self.report(say::document_of_rows(format.name, *span, at));
            }
        }
        if format.cells {
            let named = options.get("header").is_none_or(|header| &**header == "true");
            self.check_cells(format, named, found, look, at);
        }
        if let Some(Kind::RowsAt(pointer)) = found.kind("rows at")
            && !(pointer.text.starts_with('/') && pointer.text.len() > 1)
        {
            self.report(say::bad_pointer(&pointer.text, pointer.span));
        }
        Some((format.name.into(), options))
    }

    /// The schema that an evidence has to meet. Its file is read by whoever holds the policy root.
    pub(super) fn evidence_schema(&mut self, found: &Found<'_>, format: Option<&str>) -> Option<Arc<str>> {
        let clause = found.get("schema")?;
        let Kind::Schema(name) = &clause.kind else { return None };
        self.schema_place(&name.text, name.span);
        let registry = self.registry;
        if let Some(format) = format.and_then(|f| registry.format(f)).filter(|f| f.cells) {
            self.report(say::schema_of_cells(format.name, clause.span));
        }
        if let Some(judged) = found.get("judge each file") {
            self.report(say::schema_and_judgement(clause.span, judged.span));
        }
        Some(name.text.as_str().into())
    }

    /// Refuses a schema that stands nowhere below the policy root.
    pub(super) fn schema_place(&mut self, name: &str, span: Span) {
        let path = name.split('#').next().unwrap_or_default();
        if let Some(problem) = paths::problem(path) {
            self.report(say::schema_path(name, &problem, span));
        }
    }

    fn format_names(&self) -> Vec<&'static str> {
        self.registry.formats().map(|f| f.name).collect()
    }

    fn unknown_format(&mut self, name: &tree::Name) {
        let later = LATER_FORMATS.iter().any(|(n, _)| *n == name.text);
        self.report(if later {
            say_clause::not_yet(&format!("the format `{}`", name.text), name.span)
        } else {
            say::unknown_format(&name.text, &self.format_names(), name.span)
        });
    }

    fn format_options(&mut self, format: &Format, written: &[(tree::Name, tree::Name)]) -> Options {
        let mut options = Options::new();
        for (i, (name, value)) in written.iter().enumerate() {
            let Some(option) = format.options.iter().find(|o| o.name == name.text) else {
                let known: Vec<&str> = format.options.iter().map(|o| o.name).collect();
                self.report(say::unknown_option(format.name, &name.text, &known, name.span));
                continue;
            };
            if let Some((first, _)) = written.iter().take(i).find(|(n, _)| n.text == name.text) {
                self.report(say_clause::repeated_word("format", &name.text, first.span, name.span));
                continue;
            }
            let quoted = self.sources.slice(value.span).starts_with('"');
            let good = match option.value {
                FormatOptionValue::Text => quoted,
                FormatOptionValue::Sign => quoted && is_sign(&value.text),
                FormatOptionValue::Bool => !quoted && matches!(value.text.as_str(), "true" | "false"),
            };
            if !good {
                self.report(say::option_value(option, value.span));
                continue;
            }
            options.insert(name.text.as_str().into(), value.text.as_str().into());
        }
        options
    }
}

/// One ASCII character that does not say something else between cells already.
fn is_sign(text: &str) -> bool {
    matches!(text.as_bytes(), [sign] if sign.is_ascii() && !matches!(sign, b'"' | b'\r' | b'\n'))
}
