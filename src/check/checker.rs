//! The state of one check: declarations, what is known of them so far, diagnostics, counters.
//!
//! Lets, params, defs, shapes and evidence are checked when they are first asked for, in
//! whatever order that happens; asking for one that is being checked is a cycle.

use super::facts::Tag;
use super::names::Declared;
use super::profiles::Profile;
use super::records::Drafts;
use crate::data::Value;
use crate::diag::Diagnostic;
use crate::model::{
    ArtifactDefinition, Def, DefId, EvidenceDefinition, EvidenceId, GateDefinition, GateId, Let, LetId, LocalId,
    NamedShape, Param, ParamId, ProfileId, RowAggregate, ShapeId, SiteId, WaiverId,
};
use crate::registry::Registry;
use crate::source::{SourceMap, Span};
use crate::syntax::tree;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many declarations may lean on each other in a row. People stay below ten; the limit keeps a
/// hostile policy from exhausting the stack.
pub(super) const MAX_CHAIN: usize = 64;

/// Something that is worked out once, when first asked for.
#[derive(Debug, Clone)]
pub(super) enum Memo<T> {
    /// Nobody has asked.
    NotStarted,
    /// Being worked out: asking again is a cycle.
    InProgress,
    /// Known (or poison, after a reported error).
    Done(T),
}

impl<T> Memo<T> {
    pub(super) fn done(&self) -> Option<&T> {
        match self {
            Self::Done(item) => Some(item),
            _ => None,
        }
    }
}

/// A declared thing as a node of the graph of who reads what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Param(ParamId),
    Let(LetId),
    Def(DefId),
    Shape(ShapeId),
    Evidence(EvidenceId),
    Gate(GateId),
    Artifact(Arc<str>),
    Waiver(WaiverId),
    /// `as_of`
    AsOf,
    /// `candidate`
    Candidate,
}

/// The state of one check.
pub(super) struct Checker<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) registry: &'a Registry,
    /// Every declaration by name.
    pub(super) declared: Declared<'a>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many errors were reported.
    errors: usize,
    pub(super) params: Vec<Memo<Param>>,
    pub(super) lets: Vec<Memo<Let>>,
    pub(super) defs: Vec<Memo<Def>>,
    /// Indexed by [`ShapeId`]; the prelude's records stand after the declared ones.
    pub(super) shapes: Vec<Memo<NamedShape>>,
    pub(super) evidence: Vec<Memo<EvidenceDefinition>>,
    pub(super) gates: BTreeMap<GateId, Memo<Arc<GateDefinition>>>,
    /// Gates and evidence with mistakes of their own: what profiles make of them is not checked.
    pub(super) unsound_gates: BTreeSet<GateId>,
    pub(super) unsound_evidence: BTreeSet<EvidenceId>,
    pub(super) artifacts: BTreeMap<Arc<str>, Arc<ArtifactDefinition>>,
    pub(super) profiles: BTreeMap<ProfileId, Memo<Arc<Profile<'a>>>>,
    /// What the profile at hand sets params to, for folding.
    pub(super) set: BTreeMap<ParamId, Value>,
    /// Values of params and lets, as far as they were folded under what is set.
    pub(super) folded: RefCell<BTreeMap<Node, Option<Value>>>,
    /// Who reads what, directly, with the place of the first use.
    pub(super) reads: BTreeMap<Node, BTreeMap<Node, Span>>,
    /// The gates whose results each gate reads as it is declared, itself or through lets and defs;
    /// known once all gates are checked.
    pub(super) results: BTreeMap<GateId, BTreeSet<GateId>>,
    /// The gates of each stage; known once all gates are checked.
    pub(super) stages: BTreeMap<Arc<str>, BTreeSet<GateId>>,
    /// What is being checked at the moment, outermost first.
    pub(super) path: Vec<Node>,
    /// Tags of facts that the typing of the current expression leaned on.
    pub(super) leaned: BTreeSet<Tag>,
    /// Aggregates of each row found in the current metric.
    pub(super) row_aggregates: Vec<RowAggregate>,
    /// Shapes that are not settled yet.
    pub(super) drafts: Drafts,
    /// Mistakes told already, by declaration, kind and name: the second use of a name that failed
    /// is the same mistake.
    told: BTreeSet<(Option<Node>, &'static str, String)>,
    /// A chain of declarations that is too long has been told.
    pub(super) chain_told: bool,
    next_local: u32,
    next_site: u32,
}

impl<'a> Checker<'a> {
    pub(super) fn new(files: &'a [tree::File], sources: &'a SourceMap, registry: &'a Registry) -> Self {
        let mut diagnostics = Vec::new();
        let declared = Declared::collect(files, &mut diagnostics);
        Self {
            params: memos(declared.params.len()),
            lets: memos(declared.lets.len()),
            defs: memos(declared.defs.len()),
            shapes: memos(declared.shapes.len()),
            evidence: memos(declared.evidence.len()),
            gates: BTreeMap::new(),
            unsound_gates: BTreeSet::new(),
            unsound_evidence: BTreeSet::new(),
            artifacts: BTreeMap::new(),
            profiles: BTreeMap::new(),
            set: BTreeMap::new(),
            folded: RefCell::default(),
            sources,
            registry,
            declared,
            diagnostics,
            errors: 0,
            reads: BTreeMap::new(),
            results: BTreeMap::new(),
            stages: BTreeMap::new(),
            path: Vec::new(),
            leaned: BTreeSet::new(),
            row_aggregates: Vec::new(),
            drafts: Drafts::default(),
            told: BTreeSet::new(),
            chain_told: false,
            next_local: 0,
            next_site: 0,
        }
    }

    /// Reports one mistake.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.is_error());
        self.diagnostics.push(diagnostic);
    }

    /// Reports a mistake about a name, once for each declaration.
    pub(super) fn report_once(&mut self, kind: &'static str, name: &str, diagnostic: Diagnostic) {
        if self.told.insert((self.path.last().cloned(), kind, name.to_owned())) {
            self.report(diagnostic);
        }
    }

    /// How many errors were reported so far, to see whether there are more after something.
    pub(super) fn error_count(&self) -> usize {
        self.errors
    }

    pub(super) fn local(&mut self) -> LocalId {
        self.next_local += 1;
        LocalId(self.next_local - 1)
    }

    pub(super) fn site(&mut self) -> SiteId {
        self.next_site += 1;
        SiteId(self.next_site - 1)
    }

    /// Works `f` out as a part of `node`: what it reads is noted as read by `node`.
    pub(super) fn within<R>(&mut self, node: Node, f: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(node);
        let result = f(self);
        self.path.pop();
        result
    }

    /// Notes that what is being checked reads `node`.
    pub(super) fn note_read(&mut self, node: Node, span: Span) {
        if let Some(reader) = self.path.last() {
            self.reads.entry(reader.clone()).or_default().entry(node).or_insert(span);
        }
    }

    /// Runs `f` and says which tagged facts its typing leaned on, in order. A clause that leans on
    /// another leans on all that the other leans on too: the caller adds those.
    pub(super) fn leaning<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> (R, BTreeSet<Tag>) {
        let outer = std::mem::take(&mut self.leaned);
        let result = f(self);
        let leaned = std::mem::replace(&mut self.leaned, outer);
        self.leaned.extend(leaned.iter().copied());
        (result, leaned)
    }
}

fn memos<T>(n: usize) -> Vec<Memo<T>> {
    std::iter::repeat_with(|| Memo::NotStarted).take(n).collect()
}
