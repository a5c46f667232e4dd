//! What the form of a policy is written with: the declarations in force, and what of them has
//! been written already.

use super::FormLine;
use super::form::{INLINE_BYTES, Node, reference};
use crate::data::{Digest, EnumType, RecordType};
use crate::model::{
    EffectiveProfile, EvidenceDefinition, Expr, GateDefinition, GateId, LocalId, Policy, RecordShape, RowAggregate,
    SourceKind,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Writes forms under one set of params and evidence. Declarations are written once.
pub(super) struct Writer<'p> {
    pub(super) policy: &'p Policy,
    /// The profile whose params, evidence and gates are in force, if one is.
    pub(super) profile: Option<&'p EffectiveProfile>,
    /// Names in force, innermost last.
    pub(super) bound: Vec<LocalId>,
    /// What the metric at hand asks of each row.
    pub(super) aggregates: &'p [RowAggregate],
    pub(super) lets: Memo,
    pub(super) params: Memo,
    pub(super) defs: Memo,
    pub(super) evidence: Memo,
    pub(super) shapes: Memo,
    gates: BTreeMap<GateId, Option<Digest>>,
    /// By place in memory: the policy outlives the writer, and nothing else is put in here.
    pub(super) records: HashMap<*const RecordType, String>,
    pub(super) enums: HashMap<*const EnumType, String>,
    pub(super) record_shapes: HashMap<*const RecordShape, String>,
    /// Every text hashed, where somebody asks for them.
    texts: Option<BTreeMap<Digest, String>>,
}

/// Declarations of one kind, by number.
pub(super) type Memo = HashMap<u32, String>;

impl<'p> Writer<'p> {
    /// Under everything as it is declared.
    pub(super) fn declared(policy: &'p Policy) -> Self {
        Self::new(policy, None)
    }

    /// Under everything as a profile makes it effective.
    pub(super) fn of_profile(policy: &'p Policy, profile: &'p EffectiveProfile) -> Self {
        Self::new(policy, Some(profile))
    }

    fn new(policy: &'p Policy, profile: Option<&'p EffectiveProfile>) -> Self {
        Self {
            policy,
            profile,
            bound: Vec::new(),
            aggregates: &[],
            lets: Memo::new(),
            params: Memo::new(),
            defs: Memo::new(),
            evidence: Memo::new(),
            shapes: Memo::new(),
            gates: BTreeMap::new(),
            records: HashMap::new(),
            enums: HashMap::new(),
            record_shapes: HashMap::new(),
            texts: None,
        }
    }

    /// Params and evidence in force: where these are equal, everything but gates is.
    pub(super) fn surroundings(&mut self) -> (Vec<String>, Vec<String>) {
        let params = (0..).take(self.policy.params.len()).map(|i| self.param(crate::model::ParamId(i))).collect();
        let evidence =
            (0..).take(self.policy.evidence.len()).map(|i| self.evidence(crate::model::EvidenceId(i))).collect();
        (params, evidence)
    }

    /// A definition of evidence in force.
    pub(super) fn evidence_in_force(&self, index: usize) -> Option<&'p EvidenceDefinition> {
        match self.profile {
            Some(profile) => profile.evidence.get(index).map(|e| &**e),
            None => self.policy.evidence.get(index),
        }
    }

    /// The value of a param in force.
    pub(super) fn param_in_force(&self, id: crate::model::ParamId) -> Option<&'p Expr> {
        let set = self.profile.and_then(|p| p.params.get(&id)).map(|(value, _)| value);
        set.or_else(|| self.policy.params.get(id.index()).map(|p| &p.value))
    }

    /// Kinds of source that count.
    pub(super) fn accepts(&self, kind: &str) -> bool {
        match self.profile {
            Some(profile) => profile.sources.iter().any(|s| **s == *kind),
            None => SourceKind::KINDS.contains(&kind),
        }
    }

    fn gate_in_force(&self, id: &GateId) -> Option<&'p GateDefinition> {
        let effective = self.profile.and_then(|p| p.gates.get(id)).map(|g| &g.gate);
        effective.or_else(|| self.policy.gates.get(id)).map(|g: &'p Arc<GateDefinition>| &**g)
    }

    /// The digest of a gate in force. Gates that are needed, or whose results are read, are
    /// inside of it.
    pub(super) fn gate_digest(&mut self, id: &GateId) -> Option<Digest> {
        if let Some(known) = self.gates.get(id) {
            return *known;
        }
        let gate = self.gate_in_force(id)?;
        // Gates make no circle; this only guards against a policy that was not checked.
        self.gates.insert(id.clone(), None);
        let (bound, aggregates) = (std::mem::take(&mut self.bound), std::mem::take(&mut self.aggregates));
        let node = self.gate(gate);
        (self.bound, self.aggregates) = (bound, aggregates);
        let digest = self.hashed(node.text());
        self.gates.insert(id.clone(), Some(digest));
        Some(digest)
    }

    /// An object as a part of another: itself when it is short, else its digest.
    pub(super) fn part(&mut self, node: Node) -> String {
        let text = node.text();
        if text.len() <= INLINE_BYTES { text } else { reference(self.hashed(text)) }
    }

    /// A gate as a part of another object.
    pub(super) fn gate_part(&mut self, id: &GateId) -> String {
        match self.gate_digest(id) {
            Some(digest) => reference(digest),
            None => Node::new("nothing").text(),
        }
    }

    /// The digest of a text.
    pub(super) fn hashed(&mut self, text: String) -> Digest {
        let digest = Digest::of(text.as_bytes());
        if let Some(texts) = &mut self.texts {
            texts.insert(digest, text);
        }
        digest
    }

    /// From here on every text that is hashed is kept.
    pub(super) fn remember(&mut self) {
        self.texts = Some(BTreeMap::new());
    }

    /// The text of a digest, and of all digests in it, in the order of first mention.
    pub(super) fn lines(&self, first: Digest) -> Vec<FormLine> {
        let Some(texts) = &self.texts else { return Vec::new() };
        let by_hex: HashMap<String, (Digest, &String)> =
            texts.iter().map(|(digest, text)| (digest.to_string(), (*digest, text))).collect();
        let mut seen = std::collections::BTreeSet::from([first]);
        let mut open = std::collections::VecDeque::from([first]);
        let mut out = Vec::new();
        while let Some(digest) = open.pop_front() {
            let Some(text) = texts.get(&digest) else { continue };
            out.push(FormLine { digest, text: text.clone() });
            for piece in text.split("{\"#\":\"").skip(1) {
                let named = piece.split_once('"').and_then(|(hex, _)| by_hex.get(hex));
                if let Some((found, _)) = named
                    && seen.insert(*found)
                {
                    open.push_back(*found);
                }
            }
        }
        out
    }
}
