//! Documents of artifacts, made when all gates are judged.
//!
//! An artifact tells of gates, so it may read the result of one in error: figures are missing then,
//! there are no violations, and the verdict says so. Gates may not, so what is made of results is
//! computed for artifacts apart.

use super::memory::value_bytes;
use super::session::{Session, Slot};
use super::{ArtifactFault, ArtifactTally, MadeDocument};
use crate::data::{Fault, Num, Value, print};
use crate::eval::{Env, Globals, Index, Interpreter};
use crate::model::{ArtifactDefinition, EvidenceId, GateId, LetId, Message, MessagePart, ParamId, Policy, SiteId};
use crate::plan::{ArtifactPlan, Plan};
use crate::registry::Ambient;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// How many files one artifact may have: more are nobody's reading, and a folder of many more is
/// slow to look at.
const MOST_FILES: usize = 1_000;

/// Makes the documents of all artifacts of a plan.
pub(super) fn artifacts(plan: &Plan, session: &Session<'_>) -> BTreeMap<Arc<str>, ArtifactTally> {
    let told = Told { session, lets: plan.told_lets.iter().map(|id| (*id, OnceLock::new())).collect() };
    let one = |planned: &ArtifactPlan| (planned.artifact.name.clone(), told.artifact(planned));
    plan.artifacts.iter().map(one).collect()
}

/// What expressions of artifacts read.
struct Told<'s, 'r> {
    session: &'s Session<'r>,
    lets: BTreeMap<LetId, Slot>,
}

impl Told<'_, '_> {
    fn artifact(&self, planned: &ArtifactPlan) -> ArtifactTally {
        let artifact = &*planned.artifact;
        let unusable = planned.evidence.iter().find_map(|id| self.session.unusable(*id));
        let made = match unusable {
            Some(Fault::EvidenceUnusable { .. }) => Err(ArtifactFault::Unusable),
            Some(fault) => Err(ArtifactFault::Fault(fault)),
            None => self.documents(artifact),
        };
        // Where an older file would stand is often known all the same.
        let alone = artifact.rows.is_none();
        let path = alone.then(|| self.path(&artifact.path, &mut Env::new(), String::new).ok()).flatten();
        ArtifactTally { reads: planned.evidence.iter().copied().collect(), path: path.map(Into::into), made }
    }

    fn documents(&self, artifact: &ArtifactDefinition) -> Result<Vec<MadeDocument>, ArtifactFault> {
        let mut env = Env::new();
        let Some(rows) = &artifact.rows else {
            return Ok(vec![self.document(artifact, &mut env, String::new)?]);
        };
        let list = Interpreter::new(self).eval(&rows.list, &mut env)?;
        let list = list.as_list().cloned().unwrap_or_else(|| Vec::new().into());
        if list.len() > MOST_FILES {
            return Err(ArtifactFault::TooMany { rows: list.len(), limit: MOST_FILES });
        }
        let mut made: Vec<MadeDocument> = Vec::with_capacity(list.len());
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let called = |place: usize| match list.get(place).and_then(Value::origin) {
            Some(origin) => format!("row {} ({origin})", place + 1),
            None => format!("row {}", place + 1),
        };
        for (place, row) in list.iter().enumerate() {
            env.bind(rows.row, row.clone());
            let document = self.document(artifact, &mut env, || called(place))?;
            env.truncate(0);
            // Some file systems do not tell small letters from capitals.
            if let Some(first) = taken.insert(document.path.to_lowercase(), place) {
                let (first, second) = (called(first), called(place));
                return Err(ArtifactFault::SamePath { path: document.path, first, second });
            }
            made.push(document);
        }
        Ok(made)
    }

    fn document(
        &self,
        artifact: &ArtifactDefinition,
        env: &mut Env<'_>,
        row: impl Fn() -> String,
    ) -> Result<MadeDocument, ArtifactFault> {
        let interpreter = Interpreter::new(self);
        let path = self.path(&artifact.path, env, row)?.into();
        let value = interpreter.eval(&artifact.document, env)?;
        let document = Value::Json(Arc::new(print::document(&value, &artifact.document.ty)));
        self.session.memory.hold(value_bytes(&document), &format!("artifact `{}`", artifact.name))?;
        let Value::Json(document) = document else {
            return Err(Fault::Internal { what: "a document that is none".into() }.into());
        };
        let (mut title, mut passed) = (None, None);
        if let Some(page) = &artifact.page {
            title = page.title.as_ref().map(|t| interpreter.message(t, env));
            passed = interpreter.eval(&page.passed, env)?.as_bool();
        }
        Ok(MadeDocument { path, title, passed, document })
    }

    fn path(&self, path: &Message, env: &mut Env<'_>, row: impl Fn() -> String) -> Result<String, ArtifactFault> {
        let mut out = String::new();
        for part in &path.parts {
            match part {
                MessagePart::Text(text) => out.push_str(text),
                MessagePart::Value { value, format } => {
                    let found = Interpreter::new(self).eval(value, env)?;
                    if found.is_missing() || found.as_text().is_some_and(|t| t.trim().is_empty()) {
                        return Err(ArtifactFault::NoName { row: row() });
                    }
                    let ty = value.ty.present();
                    let format = format.as_ref().and_then(|f| print::format_for(&f.0, ty));
                    match format {
                        Some(format) => out.push_str(&print::formatted(&found, ty, format)),
                        None => return Err(Fault::Internal { what: "a part of a path without a format".into() }.into()),
                    }
                }
            }
        }
        Ok(out)
    }
}

impl From<Fault> for ArtifactFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NoCandidate => Self::NoCandidate,
            Fault::EvidenceUnusable { .. } => Self::Unusable,
            other => Self::Fault(other),
        }
    }
}

impl Globals for Told<'_, '_> {
    fn policy(&self) -> &Policy {
        self.session.policy()
    }

    fn as_of(&self) -> Result<Num, Fault> {
        self.session.as_of()
    }

    fn candidate(&self) -> Result<Value, Fault> {
        self.session.candidate()
    }

    fn param(&self, id: ParamId) -> Result<Value, Fault> {
        self.session.param(id)
    }

    fn let_value(&self, id: LetId) -> Result<Value, Fault> {
        match self.lets.get(&id) {
            Some(slot) => slot.get_or_init(|| self.session.compute(id, self, true)).clone(),
            None => self.session.let_value(id),
        }
    }

    fn evidence(&self, id: EvidenceId) -> Result<Value, Fault> {
        self.session.evidence(id)
    }

    fn result(&self, gate: &GateId) -> Result<Value, Fault> {
        self.session.told(gate)
    }

    fn index(&self, site: SiteId) -> Option<Result<Arc<Index>, Fault>> {
        self.session.index(site)
    }

    fn ambient(&self) -> Result<&dyn Ambient, Fault> {
        self.session.ambient()
    }

    fn charge(&self, elements: usize) -> Result<(), Fault> {
        self.session.charge(elements)
    }
}
