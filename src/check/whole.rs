//! Puts together what was checked, when nothing is wrong with it.

use super::checker::{Checker, Memo};
use crate::model::{Declared, Policy, ProfileDefinition, ProfileId, Waiver, WaiverId};
use crate::schema::SchemaSet;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Checker<'_> {
    /// The policy, each kind in the order of its ids.
    pub(super) fn whole_policy(
        &self,
        name: Arc<str>,
        language: u32,
        profiles: BTreeMap<ProfileId, ProfileDefinition>,
        waivers: BTreeMap<WaiverId, Arc<Waiver>>,
    ) -> Policy {
        let enums = self.declared.enums.iter().filter_map(|(name, entry)| {
            let item = self.drafts.enums.get(name)?.clone();
            Some((name.clone(), Declared { item, span: entry.span, doc: entry.doc.clone() }))
        });
        Policy {
            schemas: SchemaSet::default(),
            name,
            language,
            enums: enums.collect(),
            shapes: done(&self.shapes),
            params: done(&self.params),
            lets: done(&self.lets),
            defs: done(&self.defs),
            evidence: done(&self.evidence),
            gates: self.gates.iter().filter_map(|(id, g)| Some((id.clone(), g.done()?.clone()))).collect(),
            artifacts: self.artifacts.clone(),
            waivers,
            profiles,
        }
    }
}

fn done<T: Clone>(memos: &[Memo<T>]) -> Vec<T> {
    memos.iter().filter_map(Memo::done).cloned().collect()
}
