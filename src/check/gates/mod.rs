//! Gate declarations: the fold of one gate, clause by clause.
//!
//! A gate is checked as a list of clauses, so that a profile may put others in place of some and
//! have the whole checked again.

mod certify;
mod clauses;
mod figures;
mod ranges;
mod rows;
mod sample;

pub(super) use clauses::keyword;
pub(super) use figures::{comparable, compare_op};
pub(super) use ranges::Excuse;

use super::checker::{Checker, MAX_CHAIN, Memo, Node};
use super::diagnostics::{clauses as say_clause, gates as say};
use crate::data::Type;
use crate::model::{GateDefinition, GateId, result_type};
use crate::source::Span;
use crate::syntax::tree::{GateClause, GateClauseKind as Kind, Name};
use clauses::Found;
use std::sync::Arc;

/// What is declared, and its clauses in force.
#[derive(Clone)]
pub(super) struct GateClauses<'a> {
    pub(super) id: &'a Name,
    /// The whole declaration.
    pub(super) whole: Span,
    pub(super) doc: Option<Arc<str>>,
    pub(super) clauses: Vec<&'a GateClause>,
}

impl<'a> Checker<'a> {
    /// The clauses of a declared gate.
    pub(super) fn gate_clauses(&self, id: &GateId) -> Option<GateClauses<'a>> {
        let entry = self.declared.gates.get(id)?;
        Some(GateClauses {
            id: &entry.tree.id,
            whole: entry.whole,
            doc: entry.doc.clone(),
            clauses: entry.tree.clauses.iter().collect(),
        })
    }
}

impl Checker<'_> {
    /// A declared gate, checked. `None` when there is none, or when it is being checked: then it
    /// reads its own result, which is reported at `span`.
    pub(super) fn gate_definition(&mut self, id: &GateId, span: Span) -> Option<Arc<GateDefinition>> {
        match self.gates.get(id) {
            Some(Memo::Done(gate)) => return Some(gate.clone()),
            Some(Memo::InProgress) => {
                self.report_cycle(&Node::Gate(id.clone()), span);
                return None;
            }
            Some(Memo::NotStarted) | None => {}
        }
        if self.path.len() >= MAX_CHAIN {
            self.report(say_clause::depth(MAX_CHAIN, span));
            return None;
        }
        let clauses = self.gate_clauses(id)?;
        self.gates.insert(id.clone(), Memo::InProgress);
        let errors = self.error_count();
        let gate = Arc::new(self.alone(Node::Gate(id.clone()), |c| c.check_gate(&clauses)));
        if self.error_count() > errors {
            self.unsound_gates.insert(id.clone());
        }
        self.gates.insert(id.clone(), Memo::Done(gate.clone()));
        Some(gate)
    }

    /// The type of `result(g)`; unknown after a mistake.
    pub(super) fn gate_result_type(&mut self, id: &GateId, used: Span) -> Type {
        self.gate_definition(id, used).map_or(Type::Unknown, |gate| result_type(&gate))
    }

    /// Checks every gate that nobody has asked for yet.
    pub(super) fn check_all_gates(&mut self) {
        let gates: Vec<(GateId, Span)> = self.declared.gates.iter().map(|(id, e)| (id.clone(), e.span)).collect();
        for (id, span) in gates {
            self.gate_definition(&id, span);
        }
    }

    /// A gate from its clauses.
    pub(super) fn check_gate(&mut self, gate: &GateClauses<'_>) -> GateDefinition {
        let found = Found::collect(&gate.clauses);
        let header = self.gate_header(gate, &found);
        let mut population = self.population(&found);
        if population.is_none() && self.refuse_without_scope(&found) {
            population = Some(self.unknown_population());
        }
        let rows = self.local();
        let sample = self.judge_rows(&found, population.as_ref(), rows);
        let metrics = self.metrics(&found, &sample);
        let thresholds = self.thresholds(&found, &metrics, &sample);
        let expect = self.expects(&found, &sample);
        let samples = self.samples(&found, &sample);
        let missing = self.missing(&found, &metrics, &thresholds);
        let when_empty = self.when_empty(gate, &found, header.required);
        let decide = self.decide(&found, population.as_ref(), rows, &metrics, &thresholds);
        let effective_from = self.effective_from(&found);
        if found.each.is_empty()
            && found.expect.is_empty()
            && found.metrics.is_empty()
            && found.thresholds.is_empty()
            && !found.any_broken()
        {
            self.report(say::nothing_to_judge(&gate.id.text, gate.id.span));
        }
        GateDefinition {
            id: GateId::new(&gate.id.text),
            span: gate.id.span,
            whole: gate.whole,
            doc: gate.doc.clone(),
            title: header.title,
            owner: header.owner,
            refs: header.refs,
            fix: header.fix,
            stage: header.stage,
            required: header.required,
            needs: header.needs,
            scope: population.and_then(|p| p.scope),
            rows,
            per: sample.per,
            each: sample.each,
            metrics: metrics.into_iter().map(|m| m.metric).collect(),
            thresholds: thresholds.into_iter().filter_map(|t| t.threshold).collect(),
            expect,
            samples,
            missing,
            when_empty,
            decide,
            waivable: header.waivable,
            excused: Vec::new(),
            effective_from,
            clauses: found.places(),
        }
    }

    /// Clauses that speak of rows need rows: the first of them is reported.
    fn refuse_without_scope(&mut self, found: &Found<'_>) -> bool {
        let each = found.each.iter().map(|(c, _)| *c);
        let figures = found.metrics.iter().chain(&found.thresholds).copied();
        let singles = ["per", "samples", "missing", "when empty"].into_iter().filter_map(|k| found.get(k));
        let mut clauses: Vec<&GateClause> = each.chain(figures).chain(singles).collect();
        clauses.sort_by_key(|c| c.span);
        let Some(clause) = clauses.first() else { return false };
        let counts = match &clause.kind {
            Kind::Metric { value, .. } => counted_list(value).map(|list| self.words(list)),
            _ => None,
        };
        self.report(say::needs_scope(keyword(&clause.kind), counts.as_deref(), clause.keyword));
        true
    }
}

/// The list in `count(xs where c)`, to say what the scope would be.
fn counted_list(value: &crate::syntax::tree::Expr) -> Option<Span> {
    use crate::syntax::tree::ExprKind;
    let ExprKind::Call { arguments, .. } = &*value.bare().kind else { return None };
    let last = arguments.last()?.bare();
    match &*last.kind {
        ExprKind::Pipeline { source, .. } => Some(source.span),
        ExprKind::Name(_) | ExprKind::Field { .. } => Some(last.span),
        _ => None,
    }
}
