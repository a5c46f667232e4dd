//! Evidence declarations: files, format, age, source, shape.
//!
//! An evidence is checked as a list of clauses, so that a profile may put others in place of
//! some and have the whole checked again.

use super::checker::{Checker, Memo, Node};
use super::diagnostics::evidence as say;
use super::diagnostics::shapes as say_shape;
use super::paths;
use super::shapes::Purpose;
use crate::data::{Type, Value};
use crate::diag::did_you_mean;
use crate::model::{EvidenceDefinition, EvidenceFiles, EvidenceId, EvidenceShape, OptionalEvidence, Shape};
use crate::source::Span;
use crate::syntax::tree::{self, EvidenceClause, EvidenceClauseKind as Kind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is declared, and its clauses in force.
#[derive(Clone)]
pub(super) struct EvidenceClauses<'a> {
    pub(super) name: &'a tree::Name,
    pub(super) doc: Option<Arc<str>>,
    pub(super) clauses: Vec<&'a EvidenceClause>,
}

/// Clauses by what they say.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) clauses: BTreeMap<&'static str, &'a EvidenceClause>,
    /// A clause could not be read: nothing is said to be lacking.
    pub(super) broken: bool,
    /// Both `row` and `document` are said: neither is believed.
    two_shapes: bool,
}

impl<'a> Found<'a> {
    pub(super) fn get(&self, keyword: &str) -> Option<&'a EvidenceClause> {
        self.clauses.get(keyword).copied()
    }

    pub(super) fn kind(&self, keyword: &str) -> Option<&'a Kind> {
        self.get(keyword).map(|c| &c.kind)
    }
}

/// What an evidence looks like.
pub(super) struct Look {
    pub(super) shape: EvidenceShape,
    pub(super) ty: Type,
    /// The type of one row, or of the document.
    pub(super) part: Type,
    pub(super) span: Span,
}

impl Checker<'_> {
    /// The type of a whole evidence.
    pub(super) fn evidence_type(&mut self, id: EvidenceId) -> Type {
        match self.evidence.get(id.index()) {
            Some(Memo::Done(evidence)) => return evidence.ty.clone(),
            Some(Memo::NotStarted) => {}
            Some(Memo::InProgress) | None => return Type::Unknown,
        }
        let Some(entry) = self.declared.evidence.get(id.index()).cloned() else { return Type::Unknown };
        self.set_evidence(id, Memo::InProgress);
        let clauses = EvidenceClauses {
            name: &entry.tree.name,
            doc: entry.doc.clone(),
            clauses: entry.tree.clauses.iter().collect(),
        };
        let errors = self.error_count();
        let definition = self.within(Node::Evidence(id), |c| c.check_evidence(&clauses));
        if self.error_count() > errors {
            self.unsound_evidence.insert(id);
        }
        let ty = definition.ty.clone();
        self.set_evidence(id, Memo::Done(definition));
        ty
    }

    fn set_evidence(&mut self, id: EvidenceId, memo: Memo<EvidenceDefinition>) {
        if let Some(slot) = self.evidence.get_mut(id.index()) {
            *slot = memo;
        }
    }

    /// Checks every evidence that nobody has asked for yet.
    pub(super) fn check_all_evidence(&mut self) {
        for i in (0..).take(self.evidence.len()) {
            self.evidence_type(EvidenceId(i));
        }
    }

    /// Puts what has been settled into the shapes of all evidence.
    pub(super) fn settle_evidence(&mut self) {
        for i in (0..).take(self.evidence.len()) {
            let id = EvidenceId(i);
            if let Some(mut definition) = self.evidence.get(id.index()).and_then(Memo::done).cloned() {
                definition.shape = self.settled_evidence_shape(&definition.shape);
                self.set_evidence(id, Memo::Done(definition));
            }
        }
    }

    pub(super) fn settled_evidence_shape(&self, shape: &EvidenceShape) -> EvidenceShape {
        match shape {
            EvidenceShape::Rows(shape) => EvidenceShape::Rows(self.settled_shape(shape)),
            EvidenceShape::Document(shape) => EvidenceShape::Document(self.settled_shape(shape)),
        }
    }

    /// An evidence from its clauses. Where something is wrong, its type is unknown or the best
    /// that can be said.
    pub(super) fn check_evidence(&mut self, evidence: &EvidenceClauses<'_>) -> EvidenceDefinition {
        let found = self.collect_evidence(evidence);
        let files = self.evidence_files(evidence, &found);
        let optional = self.evidence_optional(&found);
        let look = self.evidence_look(evidence, &found, &files);
        let format = self.evidence_format(evidence, &found, &files, look.as_ref());
        let judge_each_file = self.judge_each_file(&found, &files, look.as_ref());
        if let Some(look) = &look {
            self.check_whole(&found, look, format.as_ref().map(|(name, _)| &**name));
        }
        let schema = self.evidence_schema(&found, format.as_ref().map(|(name, _)| &**name));
        let version = self.evidence_version(&found, look.as_ref());
        let fresh = self.evidence_fresh(evidence, &found, look.as_ref());
        let source = self.evidence_source(&found, look.as_ref());
        if let (Some(look), EvidenceFiles::Pattern(_)) = (&look, &files)
            && let Some(Kind::Files(pattern)) = found.kind("files")
        {
            self.check_captures(pattern, look);
        }
        let (shape, ty) = match look {
            Some(look) if judge_each_file => (look.shape, Type::list(Type::Json)),
            Some(look) => (look.shape, look.ty),
            None => (EvidenceShape::Document(Shape::Json), Type::Unknown),
        };
        // A pattern that matches nothing, where that is excused, is an empty list.
        let by_pattern = matches!(files, EvidenceFiles::Pattern(_)) && matches!(ty, Type::List(_));
        let ty = if optional == OptionalEvidence::Required || by_pattern { ty } else { ty.optional() };
        let (format, format_options) = format.unwrap_or_default();
        EvidenceDefinition {
            name: evidence.name.text.as_str().into(),
            span: evidence.name.span,
            doc: evidence.doc.clone(),
            files,
            format,
            format_options,
            rows_at: match found.kind("rows at") {
                Some(Kind::RowsAt(pointer)) => Some(pointer.text.as_str().into()),
                _ => None,
            },
            judge_each_file,
            version,
            fresh,
            source,
            schema,
            optional,
            shape,
            ty,
            clauses: found.clauses.iter().map(|(k, c)| (Arc::from(*k), c.span)).collect(),
        }
    }

    fn collect_evidence<'c>(&mut self, evidence: &EvidenceClauses<'c>) -> Found<'c> {
        let mut found = Found::default();
        for clause in &evidence.clauses {
            if let Kind::Broken(_) = &clause.kind {
                found.broken = true;
                continue;
            }
            let keyword = keyword(&clause.kind);
            // `path` and `files`, `row` and `document` exclude each other.
            let rivals: &[&str] = match keyword {
                "path" | "files" => &["path", "files"],
                "row" | "document" => &["row", "document"],
                other => &[other],
            };
            match rivals.iter().find_map(|k| found.get(k).map(|c| (*k, c))) {
                Some((k, _)) if k == keyword => {}
                Some((k, first)) => {
                    self.report(say::exclude_each_other(k, first.span, keyword, clause.span));
                    found.two_shapes |= matches!(keyword, "row" | "document");
                }
                None => {
                    found.clauses.insert(keyword, clause);
                }
            }
        }
        found
    }

    fn evidence_files(&mut self, evidence: &EvidenceClauses<'_>, found: &Found<'_>) -> EvidenceFiles {
        match (found.kind("path"), found.kind("files")) {
            (Some(Kind::Path(path)), _) => {
                self.check_path(&path.text, path.span, false);
                EvidenceFiles::Path(path.text.as_str().into())
            }
            (_, Some(Kind::Files(pattern))) => {
                self.check_path(&pattern.text, pattern.span, true);
                EvidenceFiles::Pattern(pattern.text.as_str().into())
            }
            _ => {
                if !found.broken {
                    self.report(say::no_files(&evidence.name.text, evidence.name.span));
                }
                EvidenceFiles::Path("".into())
            }
        }
    }

    fn check_path(&mut self, path: &str, span: Span, pattern: bool) {
        let wrong = paths::problem(path).or_else(|| if pattern { paths::pattern_problem(path) } else { None });
        if let Some(problem) = wrong {
            self.report(say::bad_path(path, &problem, span));
        } else if !pattern && path.contains(['*', '{', '?']) {
            self.report(say::pattern_as_path(path, span));
        } else if pattern && !path.contains(['*', '{', '?', '[']) {
            self.report(say::path_as_pattern(path, span));
        }
    }

    fn check_captures(&mut self, pattern: &tree::Text, look: &Look) {
        let Type::Record(record) = &look.part else { return };
        for name in paths::captures(&pattern.text) {
            match record.field(name) {
                None => {
                    let nearest = did_you_mean(name, record.fields.iter().map(|f| &*f.name)).map(str::to_owned);
                    self.report(say::capture_unknown(name, nearest.as_deref(), pattern.span, look.span));
                }
                Some((_, Type::String | Type::Unknown)) => {}
                Some((_, other)) => {
                    let other = other.clone();
                    self.report(say::capture_type(name, &other, pattern.span));
                }
            }
        }
    }

    /// A field that is read `from this` takes everything: the path fills the others.
    fn check_whole(&mut self, found: &Found<'_>, look: &Look, format: Option<&str>) {
        let Some(row) = self.underlying_record(look.shape.shape()) else { return };
        let Some(whole) = row.fields.iter().find(|f| f.reading.whole) else { return };
        for clause in ["judge each file", "rows at"] {
            if let Some(found) = found.get(clause) {
                self.report(say_shape::whole_and(&whole.name, whole.span, clause, found.span));
            }
        }
        if let Some(format) = format.and_then(|f| self.registry.format(f)).filter(|f| f.cells) {
            self.report(say_shape::whole_of_cells(&whole.name, format.name, whole.span));
        }
        let filled: Vec<&str> = match found.kind("files") {
            Some(Kind::Files(pattern)) => paths::captures(&pattern.text).collect(),
            _ => Vec::new(),
        };
        for other in row.fields.iter().filter(|f| f.name != whole.name && !filled.contains(&&*f.name)) {
            self.report(say_shape::whole_beside(&whole.name, whole.span, &other.name, other.span));
        }
    }

    fn evidence_optional(&mut self, found: &Found<'_>) -> OptionalEvidence {
        match found.kind("optional") {
            Some(Kind::Optional { until: Some(until) }) => match self.constant(until, &Type::Instant) {
                Some((_, Value::Num(instant))) => OptionalEvidence::Until(instant),
                _ => OptionalEvidence::Always,
            },
            Some(_) => OptionalEvidence::Always,
            None => OptionalEvidence::Required,
        }
    }

    fn evidence_look(
        &mut self,
        evidence: &EvidenceClauses<'_>,
        found: &Found<'_>,
        files: &EvidenceFiles,
    ) -> Option<Look> {
        if found.two_shapes {
            return None;
        }
        let Some(clause) = found.get("row").or_else(|| found.get("document")) else {
            if !found.broken {
                self.report(say::no_shape(&evidence.name.text, evidence.name.span));
            }
            return None;
        };
        let Kind::Shape { document, ty } = &clause.kind else { return None };
        let (shape, part) = self.resolve(ty, if *document { Purpose::Data } else { Purpose::Row });
        if *document {
            if matches!(files, EvidenceFiles::Pattern(_)) {
                let at = found.get("files").map_or(clause.span, |c| c.span);
                self.report(say::document_of_files(clause.span, at));
            }
            if let Some(rows_at) = found.get("rows at") {
                self.report(say::rows_at_document(rows_at.span, clause.span));
            }
            if let Type::Optional(_) = &part {
                self.report(say::optional_shape("document", ty.span));
                return None;
            }
            return Some(Look { shape: EvidenceShape::Document(shape), ty: part.clone(), part, span: ty.span });
        }
        match &part {
            Type::Record(_) | Type::Json | Type::Unknown => {}
            Type::Optional(_) => {
                self.report(say::optional_shape("row", ty.span));
                return None;
            }
            other => {
                let other = other.clone();
                self.report(say::row_type(&other, ty.span));
                return None;
            }
        }
        Some(Look { shape: EvidenceShape::Rows(shape), ty: Type::list(part.clone()), part, span: ty.span })
    }

    fn judge_each_file(&mut self, found: &Found<'_>, files: &EvidenceFiles, look: Option<&Look>) -> bool {
        let Some(clause) = found.get("judge each file") else { return false };
        let rows = look.is_none_or(|l| matches!(l.shape, EvidenceShape::Rows(_)));
        if !matches!(files, EvidenceFiles::Pattern(_)) || !rows {
            self.report(say::judge_needs_files(clause.span));
        }
        true
    }
}

/// The keyword that a clause is known by; the two ways of saying one thing share it.
pub(super) fn keyword(kind: &Kind) -> &'static str {
    match kind {
        Kind::Path(_) => "path",
        Kind::Files(_) => "files",
        Kind::RowsAt(_) => "rows at",
        Kind::JudgeEachFile => "judge each file",
        Kind::Format { .. } => "format",
        Kind::Version { .. } => "version",
        Kind::FreshAny | Kind::Fresh { .. } => "fresh",
        Kind::Source(_) | Kind::SourceFrom(_) => "source",
        Kind::Schema(_) => "schema",
        Kind::Optional { .. } => "optional",
        Kind::Shape { document: true, .. } => "document",
        Kind::Shape { document: false, .. } => "row",
        Kind::Broken(_) => "",
    }
}
