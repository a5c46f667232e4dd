//! What a profile sets: params, kinds of source that count, clauses of evidence.

use super::{ChangedEvidence, Profile, SetParam};
use crate::check::checker::{Checker, Memo, Node};
use crate::check::diagnostics::{evidence as say_evidence, profiles as say};
use crate::check::evidence::{EvidenceClauses, keyword};
use crate::check::names::ValueName;
use crate::diag::did_you_mean;
use crate::model::{EvidenceDefinition, EvidenceId, OptionalEvidence, SourceKind};
use crate::syntax::tree::{
    self, EvidenceClause, EvidenceClauseKind, EvidenceDecl, Name, ProfileClause, ProfileClauseKind, ProfileDecl,
};
use std::collections::BTreeMap;
use std::sync::Arc;

impl<'a> Checker<'a> {
    pub(super) fn set_param(
        &mut self,
        profile: &mut Profile<'a>,
        name: &Name,
        value: &tree::Expr,
        clause: &ProfileClause,
    ) {
        let id = match self.declared.value(&name.text) {
            Some(ValueName::Param(id)) => id,
            other => {
                if !self.declared.broken.contains(&name.text) {
                    let near = did_you_mean(&name.text, self.declared.params.iter().map(|e| &*e.name));
                    let near = near.map(str::to_owned);
                    self.report(say::unknown_param(&name.text, near.as_deref(), other.is_some(), name.span));
                }
                return;
            }
        };
        if let Some(first) = profile.params.get(&id)
            && first.span.source == clause.span.source
            && first.span != clause.span
            && self.own_clause(profile, first.span)
        {
            let first = first.span;
            self.report(say::said_twice(&format!("set {}", name.text), first, clause.span));
            return;
        }
        let ty = self.param(id, name.span);
        if let Some((expr, value)) = self.constant(value, &ty) {
            profile.params.insert(id, SetParam { expr, value, span: clause.span });
        }
    }

    /// Whether a place lies in the profile's own declaration.
    pub(super) fn own_clause(&self, profile: &Profile<'_>, span: crate::source::Span) -> bool {
        self.declared
            .profiles
            .get(&profile.id)
            .is_some_and(|e| e.whole.source == span.source && e.whole.start <= span.start && span.end <= e.whole.end)
    }

    pub(super) fn sources(&mut self, profile: &mut Profile<'a>, words: &[Name], clause: &ProfileClause) {
        let list = self.word_list("sources", words);
        for name in words.iter().filter(|n| !SourceKind::KINDS.contains(&&*n.text)) {
            self.report(say_evidence::unknown_source(&name.text, name.span));
        }
        profile.definition.sources = Some(list.clone());
        profile.sources = Some((list, clause.span));
    }

    /// Artifacts that the profile writes besides those of the profiles that it extends.
    pub(super) fn write(&mut self, profile: &mut Profile<'a>, names: &[Name]) {
        profile.definition.write = self.word_list("write", names);
        for name in names {
            if self.declared.artifacts.contains_key(&*name.text) {
                // One that an extended profile writes is written once; the nearer place is told.
                profile.write.insert(name.text.as_str().into(), name.span);
            } else if !self.declared.broken_artifact && !self.declared.broken.contains(&name.text) {
                let near = did_you_mean(&name.text, self.declared.artifacts.keys().map(|n| &**n));
                let near = near.map(str::to_owned);
                self.report(say::unknown_artifact(&name.text, near.as_deref(), name.span));
            }
        }
    }

    pub(super) fn inherit_evidence(&mut self, profile: &mut Profile<'a>, parent: &Profile<'a>, decl: &ProfileDecl) {
        for (id, theirs) in &parent.evidence {
            let Some(mine) = profile.evidence.get(id) else {
                profile.evidence.insert(*id, theirs.clone());
                continue;
            };
            let mut clauses = mine.clauses.clone();
            let name = self.declared.evidence.get(id.index()).map_or("", |e| &*e.name).to_owned();
            let mut clash = None;
            for (keyword, clause) in &theirs.clauses {
                match clauses.get(keyword) {
                    Some(other) if other.span != clause.span => {
                        if !says(decl, &name, keyword) {
                            clash = Some((other.span, clause.span));
                        }
                    }
                    _ => {
                        clauses.insert(keyword, clause);
                    }
                }
            }
            if let Some((first, second)) = clash {
                let what = format!("evidence `{name}`");
                self.report(say::conflict(&what, profile.definition.span, first, second));
                continue;
            }
            if let Some(definition) = self.evidence_with(*id, &clauses) {
                profile.evidence.insert(*id, ChangedEvidence { clauses, definition });
            }
        }
    }

    pub(super) fn change_evidence(&mut self, profile: &mut Profile<'a>, decl: &'a EvidenceDecl) {
        let name = &decl.name;
        let Some(ValueName::Evidence(id)) = self.declared.value(&name.text) else {
            if !self.declared.broken.contains(&name.text) {
                let near = did_you_mean(&name.text, self.declared.evidence.iter().map(|e| &*e.name));
                let near = near.map(str::to_owned);
                self.report(say::unknown_evidence(&name.text, near.as_deref(), name.span));
            }
            return;
        };
        let Some(base) = self.evidence.get(id.index()).and_then(Memo::done).cloned() else { return };
        let mut clauses: BTreeMap<&'static str, &'a EvidenceClause> =
            profile.evidence.get(&id).map(|e| e.clauses.clone()).unwrap_or_default();
        for clause in &decl.clauses {
            let optional = matches!(clause.kind, EvidenceClauseKind::Optional { .. });
            if matches!(clause.kind, EvidenceClauseKind::Shape { .. } | EvidenceClauseKind::JudgeEachFile)
                || (optional && base.optional == OptionalEvidence::Required)
            {
                self.report(say::changes_the_type(&name.text, keyword(&clause.kind), clause.span, base.span));
                continue;
            }
            if matches!(clause.kind, EvidenceClauseKind::Broken(_)) {
                continue;
            }
            let keyword = keyword(&clause.kind);
            match keyword {
                "path" => clauses.remove("files"),
                "files" => clauses.remove("path"),
                _ => None,
            };
            clauses.insert(keyword, clause);
        }
        if let Some(definition) = self.evidence_with(id, &clauses) {
            profile.evidence.insert(id, ChangedEvidence { clauses, definition });
        }
    }

    /// An evidence with some of its clauses replaced. `None` where its own clauses are mistaken.
    fn evidence_with(
        &mut self,
        id: EvidenceId,
        changed: &BTreeMap<&'static str, &'a EvidenceClause>,
    ) -> Option<Arc<EvidenceDefinition>> {
        let entry = self.declared.evidence.get(id.index()).cloned()?;
        let base = self.evidence.get(id.index()).and_then(Memo::done).cloned()?;
        if self.unsound_evidence.contains(&id) {
            return None;
        }
        let rivals = |keyword: &str| match keyword {
            "path" => changed.contains_key("files"),
            "files" => changed.contains_key("path"),
            _ => false,
        };
        let own = entry.tree.clauses.iter().filter(|c| {
            let keyword = keyword(&c.kind);
            !changed.contains_key(keyword) && !rivals(keyword)
        });
        let clauses = EvidenceClauses {
            name: &entry.tree.name,
            doc: entry.doc.clone(),
            clauses: own.chain(changed.values().copied()).collect(),
        };
        let mark = self.drafts.pending.len();
        let definition = self.within(Node::Evidence(id), |c| c.check_evidence(&clauses));
        // The shape is the same as before; its own rules stand.
        self.drafts.pending.truncate(mark);
        Some(Arc::new(EvidenceDefinition { shape: base.shape.clone(), ty: base.ty.clone(), ..definition }))
    }
}

/// Whether a profile itself says this clause of an evidence.
fn says(decl: &ProfileDecl, evidence: &str, word: &str) -> bool {
    decl.clauses.iter().any(|c| match &c.kind {
        ProfileClauseKind::Evidence(e) => e.name.text == evidence && e.clauses.iter().any(|c| keyword(&c.kind) == word),
        _ => false,
    })
}
