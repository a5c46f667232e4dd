//! Sample-level expressions of a gate: what they ask of the sample row by row is answered by the
//! pass over its rows, and they get the answer by name. Only a sample that something reads as a
//! whole is held in memory.

use super::compile::{Compiler, Names};
use super::program::{FrameId, FrameKind, NodeId};
use super::rewrite::{free_locals, is_open, map_children, map_gate, mentions};
use super::tables::{Aggregation, RowAggregatePlan};
use crate::model::{ExpectClause, Expr, ExprKind, GateDefinition, LocalId, Quantifier, Stage};
use crate::registry::{AggregateMemory, Body};
use std::collections::BTreeSet;

/// An aggregate over a list made of the sample: `count(rows where x)`.
#[derive(Debug, Clone)]
pub struct SampleAggregate {
    /// The name that stands for its value.
    pub local: LocalId,
    /// The rows.
    pub frame: FrameId,
    /// What is computed of them.
    pub aggregation: Aggregation,
}

/// A quantifier over a list made of the sample.
#[derive(Debug, Clone)]
pub struct SampleQuantifier {
    /// The name that stands for its value.
    pub local: LocalId,
    /// Which of the three.
    pub quantifier: Quantifier,
    /// The rows.
    pub frame: FrameId,
    /// What is asked of each.
    pub condition: NodeId,
}

pub(super) struct CompiledSample {
    pub(super) gate: GateDefinition,
    pub(super) frame: FrameId,
    pub(super) aggregates: Vec<SampleAggregate>,
    pub(super) quantifiers: Vec<SampleQuantifier>,
    pub(super) collect: bool,
}

/// Compiles the sample of a gate: `scope` is the frame of its scope, the row, and its number
/// among the gates of the table; `names` are the row and the keys of `per`.
pub(super) fn compile_sample(
    gate: &GateDefinition,
    compiler: &mut Compiler<'_>,
    (scope, row, number): (FrameId, NodeId, u32),
    names: &Names,
    row_aggregates: &[RowAggregatePlan],
    fresh: &mut dyn FnMut() -> LocalId,
) -> CompiledSample {
    let frame = compiler.frame(FrameKind::Sample { scope, gate: number });
    // The row itself is out of sight in sample-level expressions.
    let keys: Names = gate.per.iter().filter_map(|k| Some((k.local, *names.get(&k.local)?))).collect();
    let mut sampler = Sampler {
        rows: gate.rows,
        keys,
        root: (frame, row),
        compiler,
        fresh,
        aggregates: Vec::new(),
        quantifiers: Vec::new(),
        witnessed: gate.expect.iter().filter_map(witnessed).collect(),
        whole: false,
    };
    let mut out = gate.clone();
    for (metric, figure) in out.metrics.iter_mut().enumerate() {
        let locals: Vec<LocalId> = row_aggregates.iter().filter(|a| a.metric == metric).map(|a| a.local).collect();
        figure.figure = name_aggregates(&figure.figure, &locals);
    }
    // Row-level expressions do not name the sample, so going through all of them changes only
    // sample-level ones.
    let out = map_gate(&out, &mut |e| if mentions(e, gate.rows) { sampler.expr(e) } else { e.clone() });
    CompiledSample {
        gate: out,
        frame,
        aggregates: sampler.aggregates,
        quantifiers: sampler.quantifiers,
        collect: sampler.whole,
    }
}

fn name_aggregates(expr: &Expr, locals: &[LocalId]) -> Expr {
    match &*expr.kind {
        ExprKind::RowAggregate(number) => match locals.get(*number) {
            Some(local) => Expr { kind: Box::new(ExprKind::Local(*local)), ty: expr.ty.clone(), span: expr.span },
            None => expr.clone(),
        },
        _ => map_children(expr, &mut |child| name_aggregates(child, locals)),
    }
}

struct Sampler<'c, 'p> {
    rows: LocalId,
    keys: Names,
    root: (FrameId, NodeId),
    compiler: &'c mut Compiler<'p>,
    fresh: &'c mut dyn FnMut() -> LocalId,
    aggregates: Vec<SampleAggregate>,
    quantifiers: Vec<SampleQuantifier>,
    /// Elements that a message names: they have to be found, not only known to be there.
    witnessed: BTreeSet<LocalId>,
    whole: bool,
}

/// The variable of an `expect` that is a quantifier, if its message names it.
fn witnessed(expect: &ExpectClause) -> Option<LocalId> {
    match &*expect.condition.kind {
        ExprKind::Quantified { item, .. } => {
            let named = expect.message.as_ref()?.values().any(|v| mentions(v, *item));
            named.then_some(*item)
        }
        _ => None,
    }
}

impl Sampler<'_, '_> {
    fn expr(&mut self, expr: &Expr) -> Expr {
        let local = match &*expr.kind {
            ExprKind::Local(local) if *local == self.rows => {
                self.whole = true;
                None
            }
            ExprKind::Call { function, arguments, .. } => match function.body {
                Body::Aggregate(aggregate) if aggregate.memory != AggregateMemory::Rows => {
                    self.aggregate(expr, function, arguments)
                }
                _ => None,
            },
            ExprKind::Quantified { quantifier, item, source, body, .. } => {
                self.quantifier(*quantifier, *item, source, body)
            }
            _ => None,
        };
        match local {
            Some(local) => Expr { kind: Box::new(ExprKind::Local(local)), ty: expr.ty.clone(), span: expr.span },
            None => map_children(expr, &mut |child| self.expr(child)),
        }
    }

    fn aggregate(
        &mut self,
        call: &Expr,
        function: &std::sync::Arc<crate::registry::Function>,
        arguments: &[Expr],
    ) -> Option<LocalId> {
        let (list, constants) = arguments.split_last()?;
        if constants.iter().any(|c| is_open(c, |_| false)) || list.ty.is_optional() {
            return None;
        }
        let (frame, value) = self.list(list)?;
        let local = (self.fresh)();
        let types = arguments.iter().map(|a| a.ty.clone()).collect();
        let aggregation = Aggregation {
            function: function.clone(),
            constants: constants.to_vec(),
            types,
            result: call.ty.clone(),
            value,
        };
        self.aggregates.push(SampleAggregate { local, frame, aggregation });
        Some(local)
    }

    fn quantifier(&mut self, quantifier: Quantifier, item: LocalId, source: &Expr, body: &Expr) -> Option<LocalId> {
        if self.witnessed.contains(&item) || !self.in_sight(body, &BTreeSet::from([item])) {
            return None;
        }
        let (frame, node) = self.list(source)?;
        let mut names = self.keys.clone();
        names.insert(item, node);
        let condition = self.compiler.expr(body, &names);
        let local = (self.fresh)();
        self.quantifiers.push(SampleQuantifier { local, quantifier, frame, condition });
        Some(local)
    }

    /// The rows of a list made of the sample, row by row.
    fn list(&mut self, list: &Expr) -> Option<(FrameId, NodeId)> {
        if !self.streams(list) {
            return None;
        }
        let (rows, root) = (self.rows, self.root);
        let root = |e: &Expr| matches!(&*e.kind, ExprKind::Local(l) if *l == rows).then_some(root);
        self.compiler.list(list, &self.keys, &root)
    }

    /// Whether a list is made of the sample by steps that look at one row and at nothing else
    /// of the sample.
    fn streams(&self, list: &Expr) -> bool {
        match &*list.kind {
            ExprKind::Local(local) => *local == self.rows,
            ExprKind::Narrowed { value, shape: None } => self.streams(value),
            ExprKind::Pipeline { source, row, stages, .. } => {
                let mut bound = BTreeSet::from([*row]);
                self.streams(source)
                    && stages.iter().all(|stage| match stage {
                        Stage::Where { condition, .. } => self.in_sight(condition, &bound),
                        Stage::Bind { local, value } => {
                            let seen = self.in_sight(value, &bound);
                            bound.insert(*local);
                            seen
                        }
                        Stage::Join(join) => {
                            let seen = self.in_sight(&join.source, &bound);
                            bound.insert(join.local);
                            seen
                        }
                        Stage::Group { .. } | Stage::Sort { .. } | Stage::Distinct { .. } | Stage::Number { .. } => {
                            false
                        }
                    })
            }
            ExprKind::Project { list, item, body, .. } => {
                self.streams(list) && self.in_sight(body, &BTreeSet::from([*item]))
            }
            ExprKind::ReshapeEach { base, item, body } => {
                !base.ty.is_optional() && self.streams(base) && self.in_sight(body, &BTreeSet::from([*item]))
            }
            _ => false,
        }
    }

    fn in_sight(&self, expr: &Expr, bound: &BTreeSet<LocalId>) -> bool {
        free_locals(expr).iter().all(|l| bound.contains(l) || self.keys.contains_key(l))
    }
}
