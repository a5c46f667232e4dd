//! Every declaration by name, with its tree. Ids follow the order of names, so they do not
//! depend on the order of files.

use super::diagnostics::names as say;
use crate::diag::Diagnostic;
use crate::model::{DefId, EvidenceId, GateId, LetId, ParamId, ProfileId, ShapeId};
use crate::source::Span;
use crate::syntax::tree::{self, DeclarationKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One declaration.
#[derive(Debug)]
pub(super) struct Entry<'a, T> {
    pub(super) name: Arc<str>,
    /// Its name's place.
    pub(super) span: Span,
    /// The whole declaration.
    pub(super) whole: Span,
    pub(super) doc: Option<Arc<str>>,
    pub(super) tree: &'a T,
}

impl<T> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), span: self.span, whole: self.whole, doc: self.doc.clone(), tree: self.tree }
    }
}

/// A declaration that names a shape.
#[derive(Debug, Clone, Copy)]
pub(super) enum ShapeDecl<'a> {
    Type(&'a tree::TypeDecl),
    Record(&'a tree::RecordDecl),
    Contract(&'a tree::ContractDecl),
}

/// What a name of a value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueName {
    Param(ParamId),
    Let(LetId),
    Evidence(EvidenceId),
    AsOf,
    Candidate,
}

/// A shape's declaration.
#[derive(Debug, Clone)]
pub(super) struct ShapeEntry<'a> {
    pub(super) name: Arc<str>,
    pub(super) span: Span,
    pub(super) doc: Option<Arc<str>>,
    pub(super) tree: ShapeDecl<'a>,
}

/// Every declaration by name. Lists are sorted by name and indexed by the ids of their kind.
#[derive(Debug, Default)]
pub(super) struct Declared<'a> {
    /// `policy ..` declarations in file order.
    pub(super) policies: Vec<Entry<'a, tree::PolicyDecl>>,
    pub(super) enums: BTreeMap<Arc<str>, Entry<'a, tree::EnumDecl>>,
    pub(super) shapes: Vec<ShapeEntry<'a>>,
    pub(super) params: Vec<Entry<'a, tree::LetDecl>>,
    pub(super) lets: Vec<Entry<'a, tree::LetDecl>>,
    pub(super) defs: Vec<Entry<'a, tree::DefDecl>>,
    pub(super) evidence: Vec<Entry<'a, tree::EvidenceDecl>>,
    pub(super) gates: BTreeMap<GateId, Entry<'a, tree::GateDecl>>,
    pub(super) profiles: BTreeMap<ProfileId, Entry<'a, tree::ProfileDecl>>,
    pub(super) waivers: BTreeMap<Arc<str>, Entry<'a, tree::WaiverDecl>>,
    pub(super) tests: BTreeMap<Arc<str>, Entry<'a, tree::TestDecl>>,
    pub(super) artifacts: BTreeMap<Arc<str>, Entry<'a, tree::ArtifactDecl>>,
    /// What could not be read may have been an artifact.
    pub(super) broken_artifact: bool,
    /// Names of declarations that could not be read: references to them stay silent.
    pub(super) broken: BTreeSet<String>,
    /// What could not be read may have been the policy, a profile, a gate.
    pub(super) broken_policy: bool,
    pub(super) broken_profile: bool,
    pub(super) broken_gate: bool,
    values: BTreeMap<Arc<str>, ValueName>,
    functions: BTreeMap<Arc<str>, DefId>,
    shape_ids: BTreeMap<Arc<str>, ShapeId>,
}

impl<'a> Declared<'a> {
    /// Whether a gate's id begins with this word: it is the whole id, or the first of several.
    pub(super) fn begins_gate(&self, word: &str) -> bool {
        let below = format!("{word}.");
        let begins = |(id, _): (&GateId, &Entry<'_, tree::GateDecl>)| id.as_str().starts_with(&below);
        self.gates.contains_key(&GateId::new(word))
            || self.gates.range(GateId::new(&below)..).next().is_some_and(begins)
    }

    /// Gathers the declarations of all files; a name declared twice is reported, and the first
    /// of them (by file, then place) stands.
    pub(super) fn collect(files: &'a [tree::File], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut out = Self::default();
        // Names of one kind must differ: values, types, functions, and each of the others.
        let mut taken: BTreeMap<(&str, &str), Span> = BTreeMap::new();
        let mut claim = |space: &'static str, what: &str, name: &'a tree::Name| match taken.get(&(space, &*name.text)) {
            Some(first) => {
                diagnostics.push(say::duplicate(what, &name.text, *first, name.span));
                false
            }
            None => {
                taken.insert((space, &*name.text), name.span);
                true
            }
        };
        for declaration in files.iter().flat_map(|f| &f.declarations) {
            macro_rules! entry {
                ($name:expr, $tree:expr) => {
                    Entry {
                        name: $name.text.as_str().into(),
                        span: $name.span,
                        whole: declaration.span,
                        doc: declaration.doc.as_deref().map(Into::into),
                        tree: $tree,
                    }
                };
            }
            let mut shape = |name: &'a tree::Name, tree: ShapeDecl<'a>| {
                out.shapes.push(ShapeEntry {
                    name: name.text.as_str().into(),
                    span: name.span,
                    doc: declaration.doc.as_deref().map(Into::into),
                    tree,
                });
            };
            match &declaration.kind {
                DeclarationKind::Policy(d) => out.policies.push(entry!(d.name, d)),
                DeclarationKind::Type(d) if claim("types", "type", &d.name) => shape(&d.name, ShapeDecl::Type(d)),
                DeclarationKind::Record(d) if claim("types", "record", &d.name) => shape(&d.name, ShapeDecl::Record(d)),
                DeclarationKind::Contract(d) if claim("types", "contract", &d.name) => {
                    shape(&d.name, ShapeDecl::Contract(d));
                }
                DeclarationKind::Enum(d) if claim("types", "enum", &d.name) => {
                    out.enums.insert(d.name.text.as_str().into(), entry!(d.name, d));
                }
                DeclarationKind::Param(d) if claim("values", "param", &d.name) => out.params.push(entry!(d.name, d)),
                DeclarationKind::Let(d) if claim("values", "let", &d.name) => out.lets.push(entry!(d.name, d)),
                DeclarationKind::Evidence(d) if claim("values", "evidence", &d.name) => {
                    out.evidence.push(entry!(d.name, d));
                }
                DeclarationKind::Def(d) if claim("functions", "def", &d.name) => out.defs.push(entry!(d.name, d)),
                DeclarationKind::Gate(d) if claim("gates", "gate", &d.id) => {
                    out.gates.insert(GateId::new(&d.id.text), entry!(d.id, d));
                }
                DeclarationKind::Profile(d) if claim("profiles", "profile", &d.id) => {
                    out.profiles.insert(ProfileId::new(&d.id.text), entry!(d.id, d));
                }
                DeclarationKind::Waiver(d) if claim("waivers", "waiver", &d.id) => {
                    out.waivers.insert(d.id.text.as_str().into(), entry!(d.id, d));
                }
                DeclarationKind::Test(d) if claim("tests", "test", &d.name) => {
                    out.tests.insert(d.name.text.as_str().into(), entry!(d.name, d));
                }
                DeclarationKind::Artifact(d) if claim("artifacts", "artifact", &d.name) => {
                    out.artifacts.insert(d.name.text.as_str().into(), entry!(d.name, d));
                }
                DeclarationKind::Broken { keyword, name } => {
                    out.broken.extend(name.iter().map(|n| n.text.clone()));
                    out.broken_policy |= keyword.as_ref().is_none_or(|k| k.text == "policy");
                    out.broken_profile |= keyword.as_ref().is_none_or(|k| k.text == "profile");
                    out.broken_gate |= keyword.as_ref().is_none_or(|k| k.text == "gate");
                    out.broken_artifact |= keyword.as_ref().is_none_or(|k| k.text == "artifact");
                }
                // A second declaration of a name: reported by `claim`.
                _ => {}
            }
        }
        out.number();
        out
    }

    /// Sorts by name and gives ids.
    fn number(&mut self) {
        self.shapes.sort_by(|a, b| a.name.cmp(&b.name));
        self.params.sort_by(|a, b| a.name.cmp(&b.name));
        self.lets.sort_by(|a, b| a.name.cmp(&b.name));
        self.defs.sort_by(|a, b| a.name.cmp(&b.name));
        self.evidence.sort_by(|a, b| a.name.cmp(&b.name));
        self.values.insert("as_of".into(), ValueName::AsOf);
        self.values.insert("candidate".into(), ValueName::Candidate);
        for (i, entry) in (0..).zip(&self.params) {
            self.values.insert(entry.name.clone(), ValueName::Param(ParamId(i)));
        }
        for (i, entry) in (0..).zip(&self.lets) {
            self.values.insert(entry.name.clone(), ValueName::Let(LetId(i)));
        }
        for (i, entry) in (0..).zip(&self.evidence) {
            self.values.insert(entry.name.clone(), ValueName::Evidence(EvidenceId(i)));
        }
        for (i, entry) in (0..).zip(&self.defs) {
            self.functions.insert(entry.name.clone(), DefId(i));
        }
        for (i, entry) in (0..).zip(&self.shapes) {
            self.shape_ids.insert(entry.name.clone(), ShapeId(i));
        }
    }

    /// The value of this name.
    pub(super) fn value(&self, name: &str) -> Option<ValueName> {
        self.values.get(name).copied()
    }

    /// The def of this name.
    pub(super) fn def(&self, name: &str) -> Option<DefId> {
        self.functions.get(name).copied()
    }

    /// The record, contract or type of this name.
    pub(super) fn shape(&self, name: &str) -> Option<ShapeId> {
        self.shape_ids.get(name).copied()
    }

    /// Names of values, for suggestions.
    pub(super) fn value_names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(|n| &**n)
    }

    /// Names of defs, for suggestions.
    pub(super) fn def_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(|n| &**n)
    }

    /// Where a value is declared.
    pub(super) fn value_span(&self, name: ValueName) -> Option<Span> {
        match name {
            ValueName::Param(id) => self.params.get(id.index()).map(|e| e.span),
            ValueName::Let(id) => self.lets.get(id.index()).map(|e| e.span),
            ValueName::Evidence(id) => self.evidence.get(id.index()).map(|e| e.span),
            ValueName::AsOf | ValueName::Candidate => None,
        }
    }

    /// Where the type, enum, record or contract of this name is declared.
    pub(super) fn type_span(&self, name: &str) -> Option<Span> {
        let shape = self.shape(name).and_then(|id| self.shapes.get(id.index())).map(|s| s.span);
        shape.or_else(|| self.enums.get(name).map(|e| e.span))
    }

    /// Adds a record after the declared ones.
    pub(super) fn add_record(&mut self, record: &'a tree::RecordDecl, doc: Option<&str>) {
        let name: Arc<str> = record.name.text.as_str().into();
        self.shape_ids.insert(name.clone(), ShapeId(u32::try_from(self.shapes.len()).unwrap_or(u32::MAX)));
        self.shapes.push(ShapeEntry {
            name,
            span: record.name.span,
            doc: doc.map(Into::into),
            tree: ShapeDecl::Record(record),
        });
    }
}
