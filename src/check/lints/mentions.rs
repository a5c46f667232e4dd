//! Which names the declarations mention. A bare name with two meanings is an error, so in a
//! policy without errors a name that is mentioned is the declaration of that name.

use crate::source::Span;
use crate::syntax::tree::{
    ArtifactClause, Body, Condition, DecideClause, Declaration, DeclarationKind, EvidenceClause, EvidenceClauseKind,
    Expr, ExprKind, File, GateClause, GateClauseKind, Limit, Member, MissingClause, ModifierKind, ProfileClauseKind,
    TypeExpr, TypeExprKind, WaiverClause,
};
use std::collections::{BTreeMap, BTreeSet};

/// Names, and the declarations that mention them.
pub(super) struct Mentions(BTreeMap<String, BTreeSet<Span>>);

impl Mentions {
    pub(super) fn of(files: &[File]) -> Self {
        let mut names = BTreeMap::new();
        for declaration in files.iter().flat_map(|f| &f.declarations) {
            let mut found = Found(BTreeSet::new());
            found.declaration(declaration);
            for name in found.0 {
                names.entry(name).or_insert_with(BTreeSet::new).insert(declaration.span);
            }
        }
        Self(names)
    }

    /// Whether a declaration other than the one around `declared` mentions this name.
    pub(super) fn elsewhere(&self, name: &str, declared: Span) -> bool {
        let own = |s: &Span| s.source == declared.source && s.start <= declared.start && declared.end <= s.end;
        self.0.get(name).is_some_and(|places| places.iter().any(|p| !own(p)))
    }
}

struct Found(BTreeSet<String>);

impl Found {
    fn declaration(&mut self, declaration: &Declaration) {
        match &declaration.kind {
            DeclarationKind::Type(d) => {
                self.ty(&d.ty);
                d.condition.iter().for_each(|c| self.expr(c));
            }
            DeclarationKind::Record(d) => self.body(&d.body),
            DeclarationKind::Contract(d) => self.body(&d.body),
            DeclarationKind::Param(d) | DeclarationKind::Let(d) => {
                d.ty.iter().for_each(|t| self.ty(t));
                self.expr(&d.value);
            }
            DeclarationKind::Def(d) => {
                d.parameters.iter().for_each(|(_, t)| self.ty(t));
                d.ty.iter().for_each(|t| self.ty(t));
                self.expr(&d.body);
            }
            DeclarationKind::Evidence(d) => d.clauses.iter().for_each(|c| self.evidence(c)),
            DeclarationKind::Gate(d) => d.clauses.iter().for_each(|c| self.gate(c)),
            DeclarationKind::Waiver(d) => d.clauses.iter().for_each(|(_, c)| self.waiver(c)),
            DeclarationKind::Profile(d) => {
                for clause in &d.clauses {
                    match &clause.kind {
                        // To set a param is not to use it, and so with evidence.
                        ProfileClauseKind::Set(_, value) => self.expr(value),
                        ProfileClauseKind::Evidence(e) => e.clauses.iter().for_each(|c| self.evidence(c)),
                        ProfileClauseKind::Tighten(_, clauses) | ProfileClauseKind::Loosen(_, clauses, _) => {
                            clauses.iter().for_each(|c| self.gate(c));
                        }
                        ProfileClauseKind::ExpectGates(limit) => self.limit(limit),
                        _ => {}
                    }
                }
            }
            DeclarationKind::Artifact(d) => d.clauses.iter().for_each(|(_, c)| self.artifact(c)),
            DeclarationKind::Policy(_)
            | DeclarationKind::Enum(_)
            | DeclarationKind::Test(_)
            | DeclarationKind::Broken { .. } => {}
        }
    }

    fn evidence(&mut self, clause: &EvidenceClause) {
        match &clause.kind {
            EvidenceClauseKind::Fresh { within, ahead, .. } => {
                self.expr(within);
                ahead.iter().for_each(|a| self.expr(a));
            }
            EvidenceClauseKind::Optional { until: Some(until) } => self.expr(until),
            EvidenceClauseKind::Shape { ty, .. } => self.ty(ty),
            _ => {}
        }
    }

    fn gate(&mut self, clause: &GateClause) {
        match &clause.kind {
            GateClauseKind::Scope(value) | GateClauseKind::EffectiveFrom(value) => self.expr(value),
            GateClauseKind::Per(keys) => keys.iter().for_each(|k| self.expr(k)),
            GateClauseKind::Each(c) | GateClauseKind::Expect(c) => self.condition(c),
            GateClauseKind::Metric { value, .. } => self.expr(value),
            GateClauseKind::Threshold { limit, .. } => self.limit(limit),
            GateClauseKind::Samples { weight, .. } => weight.iter().for_each(|w| self.expr(w)),
            GateClauseKind::Missing(MissingClause::Exclude(share))
            | GateClauseKind::Decide(DecideClause::Certified(share)) => self.expr(share),
            _ => {}
        }
    }

    fn artifact(&mut self, clause: &ArtifactClause) {
        match clause {
            ArtifactClause::Path(text) | ArtifactClause::Title(text) => text.values().for_each(|v| self.expr(v)),
            ArtifactClause::For(_, value) | ArtifactClause::Passed(value) | ArtifactClause::Document(value) => {
                self.expr(value);
            }
            ArtifactClause::Markdown | ArtifactClause::Broken(_) => {}
        }
    }

    fn waiver(&mut self, clause: &WaiverClause) {
        match clause {
            WaiverClause::Covers { condition: Some(value), .. } | WaiverClause::When(value) => self.expr(value),
            WaiverClause::Bound(bounds) => bounds.iter().for_each(|(_, limit)| self.limit(limit)),
            WaiverClause::Note { text, .. } => text.values().for_each(|v| self.expr(v)),
            _ => {}
        }
    }

    fn condition(&mut self, condition: &Condition) {
        self.expr(&condition.condition);
        condition.message.iter().flat_map(|m| m.values()).for_each(|v| self.expr(v));
    }

    fn limit(&mut self, limit: &Limit) {
        match limit {
            Limit::Compare { value, .. } => self.expr(value),
            Limit::Range { low, high } => {
                self.expr(low);
                self.expr(high);
            }
        }
    }

    fn body(&mut self, body: &Body) {
        for member in &body.members {
            match member {
                Member::Field(field) => {
                    self.ty(&field.ty);
                    for modifier in &field.modifiers {
                        if let ModifierKind::Default(value) | ModifierKind::Sentinel(value) = &modifier.kind {
                            self.expr(value);
                        }
                    }
                }
                Member::Include(name) => {
                    self.0.insert(name.text.clone());
                }
                Member::Rule(rule) | Member::Advice(rule) => {
                    self.expr(&rule.condition);
                    rule.message.iter().flat_map(|m| m.values()).for_each(|v| self.expr(v));
                }
                Member::Broken(_) => {}
            }
        }
    }

    fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeExprKind::Named { name, .. } | TypeExprKind::FieldOf(name) => {
                self.0.insert(name.text.clone());
            }
            TypeExprKind::List(inner) => self.ty(inner),
            TypeExprKind::Map(key, value) => {
                self.ty(key);
                self.ty(value);
            }
            TypeExprKind::Record(body) => self.body(body),
            TypeExprKind::Broken => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Name(name) => {
                self.0.insert(name.clone());
            }
            ExprKind::Call { name, .. } | ExprKind::Record { name: Some(name), .. } => {
                self.0.insert(name.text.clone());
            }
            ExprKind::Is { ty, .. } => self.ty(ty),
            ExprKind::Table(table) => table.columns.iter().filter_map(|(_, t)| t.as_ref()).for_each(|t| self.ty(t)),
            _ => {}
        });
    }
}
