//! Globals that know nothing but constants: params and lets that read no evidence.

use super::{Env, Globals, Interpreter};
use crate::data::{Fault, Num, Value};
use crate::model::{EvidenceId, Expr, GateId, LetId, ParamId, Policy};
use crate::registry::Ambient;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Params as a profile sets them, and lets made of them; each computed once, when first asked for.
#[derive(Debug)]
pub struct Constants {
    policy: Arc<Policy>,
    set: BTreeMap<ParamId, Expr>,
    params: Vec<OnceLock<Result<Value, Fault>>>,
    lets: Vec<OnceLock<Result<Value, Fault>>>,
}

impl Constants {
    /// Of this policy, with these params set.
    pub fn new(policy: Arc<Policy>, set: BTreeMap<ParamId, Expr>) -> Self {
        let params = policy.params.iter().map(|_| OnceLock::new()).collect();
        let lets = policy.lets.iter().map(|_| OnceLock::new()).collect();
        Self { policy, set, params, lets }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }
}

fn unknown(what: &str) -> Fault {
    Fault::Internal { what: what.into() }
}

impl Globals for Constants {
    fn policy(&self) -> &Policy {
        &self.policy
    }

    fn as_of(&self) -> Result<Num, Fault> {
        Err(unknown("`as_of` in a constant"))
    }

    fn candidate(&self) -> Result<Value, Fault> {
        Err(unknown("`candidate` in a constant"))
    }

    fn param(&self, id: ParamId) -> Result<Value, Fault> {
        let (Some(param), Some(slot)) = (self.policy.params.get(id.index()), self.params.get(id.index())) else {
            return Err(unknown("a param that is not there"));
        };
        let value = self.set.get(&id).unwrap_or(&param.value);
        slot.get_or_init(|| Interpreter::new(self).eval(value, &mut Env::new())).clone()
    }

    fn let_value(&self, id: LetId) -> Result<Value, Fault> {
        let (Some(item), Some(slot)) = (self.policy.lets.get(id.index()), self.lets.get(id.index())) else {
            return Err(unknown("a let that is not there"));
        };
        slot.get_or_init(|| Interpreter::new(self).eval(&item.value, &mut Env::new())).clone()
    }

    fn evidence(&self, _: EvidenceId) -> Result<Value, Fault> {
        Err(unknown("evidence in a constant"))
    }

    fn result(&self, _: &GateId) -> Result<Value, Fault> {
        Err(unknown("a gate's result in a constant"))
    }

    fn ambient(&self) -> Result<&dyn Ambient, Fault> {
        Err(unknown("files in a constant"))
    }
}
