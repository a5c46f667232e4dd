//! Choices that the profile's params decide are made before anything is planned: the branch that
//! is not taken is gone, and with it the evidence that only it would have read.
//!
//! A choice is `if`, `and`, `or` or `implies`. Its condition is decided when it reads a param and
//! otherwise nothing but constants. What stays gives the same value as the whole, because the
//! part that is taken away would never have been evaluated.

use super::hoist::Artifacts;
use super::rewrite::{free_locals, map_artifact, map_children, map_def, map_gate, map_let, with_bodies};
use crate::data::{Fault, Num, Value};
use crate::eval::{Env, Globals, Interpreter};
use crate::model::{
    ArtifactDefinition, DefId, EffectiveProfile, EvidenceId, Expr, ExprKind, GateDefinition, GateId, LetId, ParamId,
    Policy,
};
use crate::registry::{Ambient, Body};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A policy, and the gates and artifacts of a run.
type Folded = (Policy, BTreeMap<GateId, Arc<GateDefinition>>, Artifacts);

/// All of them with the choices made; `None` where there is nothing to choose.
pub(super) fn fold(
    policy: &Policy,
    profile: &EffectiveProfile,
    gates: &BTreeMap<GateId, Arc<GateDefinition>>,
    artifacts: &Artifacts,
) -> Option<Folded> {
    if policy.params.is_empty() {
        return None;
    }
    let folder = Folder {
        policy,
        known: Params { policy, profile },
        lets: RefCell::new(BTreeMap::new()),
        defs: RefCell::new(BTreeMap::new()),
    };
    let lets = policy.lets.iter().map(|l| map_let(l, &mut |e| folder.expr(e))).collect();
    let defs = policy.defs.iter().map(|d| map_def(d, &mut |e| folder.expr(e))).collect();
    let gates = gates.iter().map(|(id, g)| (id.clone(), Arc::new(map_gate(g, &mut |e| folder.expr(e))))).collect();
    let artifact = |a: &ArtifactDefinition| Arc::new(map_artifact(a, &mut |e| folder.expr(e)));
    let artifacts = artifacts.iter().map(|(name, a)| (name.clone(), artifact(a))).collect();
    Some((with_bodies(policy, lets, defs), gates, artifacts))
}

/// What the value of an expression hangs on.
#[derive(Debug, Clone, Copy, Default)]
struct Hangs {
    on_params: bool,
    /// On anything that only a run knows.
    on_the_run: bool,
}

struct Folder<'p> {
    policy: &'p Policy,
    known: Params<'p>,
    lets: RefCell<BTreeMap<LetId, Hangs>>,
    defs: RefCell<BTreeMap<DefId, Hangs>>,
}

impl Folder<'_> {
    fn expr(&self, expr: &Expr) -> Expr {
        let chosen = match &*expr.kind {
            ExprKind::If { condition, then, otherwise } => {
                self.decided(condition).map(|holds| if holds { then } else { otherwise })
            }
            ExprKind::And(left, right) => match self.decided(left) {
                Some(true) => Some(right),
                Some(false) => return truth(expr, false),
                None => None,
            },
            ExprKind::Or(left, right) => match self.decided(left) {
                Some(false) => Some(right),
                Some(true) => return truth(expr, true),
                None => None,
            },
            ExprKind::Implies(left, right) => match self.decided(left) {
                Some(true) => Some(right),
                Some(false) => return truth(expr, true),
                None => None,
            },
            _ => None,
        };
        match chosen {
            // The type stays that of the whole: it may be wider than that of the part.
            Some(part) if part.ty == expr.ty => self.expr(part),
            Some(part) => Expr {
                kind: Box::new(ExprKind::Narrowed { value: self.expr(part), shape: None }),
                ty: expr.ty.clone(),
                span: expr.span,
            },
            None => map_children(expr, &mut |child| self.expr(child)),
        }
    }

    /// The value of a condition that params decide. One that cannot be computed stays, and whoever
    /// evaluates it meets its fault.
    fn decided(&self, condition: &Expr) -> Option<bool> {
        let hangs = self.hangs(condition);
        if !hangs.on_params || hangs.on_the_run || !free_locals(condition).is_empty() {
            return None;
        }
        Interpreter::new(&self.known).eval(condition, &mut Env::new()).ok()?.as_bool()
    }

    fn hangs(&self, expr: &Expr) -> Hangs {
        let mut all = Hangs::default();
        expr.visit(&mut |e| {
            let part = match &*e.kind {
                ExprKind::Param(_) => Hangs { on_params: true, on_the_run: false },
                ExprKind::Let(id) => self.of_let(*id),
                ExprKind::CallDef { def, .. } => self.of_def(*def),
                ExprKind::Call { function, .. } => {
                    Hangs { on_params: false, on_the_run: matches!(function.body, Body::Ambient(_)) }
                }
                ExprKind::Unknown
                | ExprKind::Evidence(_)
                | ExprKind::AsOf
                | ExprKind::Candidate
                | ExprKind::Result(_)
                | ExprKind::RowAggregate(_) => Hangs { on_params: false, on_the_run: true },
                _ => Hangs::default(),
            };
            all.on_params |= part.on_params;
            all.on_the_run |= part.on_the_run;
        });
        all
    }

    fn of_let(&self, id: LetId) -> Hangs {
        if let Some(known) = self.lets.borrow().get(&id) {
            return *known;
        }
        let hangs = self.policy.lets.get(id.index()).map_or(RUN, |l| self.hangs(&l.value));
        self.lets.borrow_mut().insert(id, hangs);
        hangs
    }

    fn of_def(&self, id: DefId) -> Hangs {
        if let Some(known) = self.defs.borrow().get(&id) {
            return *known;
        }
        let hangs = self.policy.defs.get(id.index()).map_or(RUN, |d| self.hangs(&d.body));
        self.defs.borrow_mut().insert(id, hangs);
        hangs
    }
}

const RUN: Hangs = Hangs { on_params: false, on_the_run: true };

/// `true` or `false` in the place of a condition.
fn truth(of: &Expr, value: bool) -> Expr {
    Expr { kind: Box::new(ExprKind::Literal(Value::Bool(value))), ty: of.ty.clone(), span: of.span }
}

/// Params as the profile sets them, and what is made of them; nothing of a run.
struct Params<'p> {
    policy: &'p Policy,
    profile: &'p EffectiveProfile,
}

fn of_the_run(what: &str) -> Fault {
    Fault::Internal { what: format!("{what} before the run").into() }
}

impl Globals for Params<'_> {
    fn policy(&self) -> &Policy {
        self.policy
    }

    fn as_of(&self) -> Result<Num, Fault> {
        Err(of_the_run("the instant of evaluation"))
    }

    fn candidate(&self) -> Result<Value, Fault> {
        Err(of_the_run("the candidate"))
    }

    fn param(&self, id: ParamId) -> Result<Value, Fault> {
        let param = self.policy.params.get(id.index()).ok_or_else(|| of_the_run("a param that is not there"))?;
        let value = self.profile.params.get(&id).map_or(&param.value, |(value, _)| value);
        Interpreter::new(self).eval(value, &mut Env::new())
    }

    fn let_value(&self, id: LetId) -> Result<Value, Fault> {
        let item = self.policy.lets.get(id.index()).ok_or_else(|| of_the_run("a let that is not there"))?;
        Interpreter::new(self).eval(&item.value, &mut Env::new())
    }

    fn evidence(&self, _: EvidenceId) -> Result<Value, Fault> {
        Err(of_the_run("evidence"))
    }

    fn result(&self, _: &GateId) -> Result<Value, Fault> {
        Err(of_the_run("a gate's result"))
    }

    fn ambient(&self) -> Result<&dyn Ambient, Fault> {
        Err(of_the_run("files"))
    }
}
