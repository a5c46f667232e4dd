//! Finds nested loops over two tables of evidence that no index shortens.

use super::diagnostics::quadratic;
use super::hoist::Hoisted;
use super::index::IndexPlan;
use super::reads::{ReadsOf, artifact_exprs, gate_exprs};
use super::rewrite::{is_open, mentions};
use crate::diag::Diagnostic;
use crate::model::{DefId, EvidenceShape, Expr, ExprKind, LetId, SiteId, Stage};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// One warning for each such loop in what the gates and artifacts read.
pub(super) fn warnings(
    hoisted: &Hoisted,
    demanded: &BTreeSet<LetId>,
    indexes: &BTreeMap<SiteId, IndexPlan>,
) -> Vec<Diagnostic> {
    let mut finder = Finder {
        hoisted,
        reads: ReadsOf::new(&hoisted.policy),
        indexes,
        seen: BTreeSet::new(),
        found: BTreeMap::new(),
    };
    for gate in hoisted.gates.values() {
        let outer = gate.scope.as_ref().filter(|s| finder.is_table(&s.list)).map(|s| s.list.span);
        for expr in gate_exprs(gate) {
            // Only row-level parts run once a row; the others have no row in them to depend on.
            finder.walk(expr, if mentions_row(gate, expr) { outer } else { None });
        }
    }
    for artifact in hoisted.artifacts.values() {
        let rows = artifact.rows.as_ref();
        let outer = rows.filter(|r| finder.is_table(&r.list)).map(|r| r.list.span);
        for expr in artifact_exprs(artifact) {
            finder.walk(expr, outer.filter(|_| rows.is_some_and(|r| mentions(expr, r.row))));
        }
    }
    for id in demanded {
        if let Some(item) = hoisted.policy.lets.get(id.index()) {
            finder.walk(&item.value, None);
        }
    }
    finder.found.into_iter().map(|(inner, outer)| quadratic(inner, outer)).collect()
}

fn mentions_row(gate: &crate::model::GateDefinition, expr: &Expr) -> bool {
    gate.scope.as_ref().is_some_and(|s| mentions(expr, s.row))
}

struct Finder<'p> {
    hoisted: &'p Hoisted,
    reads: ReadsOf<'p>,
    indexes: &'p BTreeMap<SiteId, IndexPlan>,
    seen: BTreeSet<DefId>,
    found: BTreeMap<Span, Option<Span>>,
}

impl<'p> Finder<'p> {
    /// Whether a list is all of, or made of, the rows of some evidence.
    fn is_table(&mut self, list: &Expr) -> bool {
        let evidence = &self.hoisted.policy.evidence;
        !is_open(list, |_| false)
            && self
                .reads
                .expr(list)
                .evidence
                .iter()
                .any(|id| evidence.get(id.index()).is_some_and(|e| matches!(e.shape, EvidenceShape::Rows(_))))
    }

    /// Looks through an expression that runs for each row of the table at `outer`, if any.
    fn walk(&mut self, expr: &'p Expr, outer: Option<Span>) {
        let parts = expr.children();
        match &*expr.kind {
            ExprKind::Pipeline { source, stages, .. } => {
                let looked_up =
                    matches!(stages.first(), Some(Stage::Where { site, .. }) if self.indexes.contains_key(site));
                self.inner(expr, source, looked_up, outer);
                self.walk(source, outer);
                let inside = self.inside(source, outer);
                for stage in stages {
                    if let Stage::Join(join) = stage {
                        let looked_up = self.indexes.contains_key(&join.site);
                        self.inner(&join.source, &join.source, looked_up, inside);
                    }
                }
                parts.into_iter().skip(1).for_each(|p| self.walk(p, inside));
            }
            ExprKind::Quantified { site, source, body, .. } => {
                let looked_up = self.indexes.contains_key(site);
                self.inner(expr, source, looked_up, outer);
                self.walk(source, outer);
                let inside = self.inside(source, outer);
                self.walk(body, inside);
            }
            ExprKind::Project { list: source, body, .. } | ExprKind::ReshapeEach { base: source, body, .. } => {
                self.inner(expr, source, false, outer);
                self.walk(source, outer);
                let inside = self.inside(source, outer);
                self.walk(body, inside);
            }
            ExprKind::CallDef { def, .. } => {
                parts.into_iter().for_each(|p| self.walk(p, outer));
                if outer.is_some()
                    && self.seen.insert(*def)
                    && let Some(def) = self.hoisted.policy.defs.get(def.index())
                {
                    self.walk(&def.body, outer);
                }
            }
            _ => parts.into_iter().for_each(|p| self.walk(p, outer)),
        }
    }

    fn inner(&mut self, whole: &Expr, source: &Expr, looked_up: bool, outer: Option<Span>) {
        if outer.is_some() && !looked_up && self.is_table(source) {
            self.found.entry(whole.span).or_insert(outer);
        }
    }

    fn inside(&mut self, source: &Expr, outer: Option<Span>) -> Option<Span> {
        if self.is_table(source) { Some(source.span) } else { outer }
    }
}
