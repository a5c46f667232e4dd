//! Bare names: a bound name, a field of the row, a declaration, or a word of the enum that is
//! expected. Two meanings at once are a mistake, never a choice.

use super::{literal, node, unknown};
use crate::check::checker::{Checker, Node};
use crate::check::diagnostics::names as say;
use crate::check::facts::{Path, Proof, blurred};
use crate::check::names::ValueName;
use crate::check::scope::{Place, Scope};
use crate::data::{EnumType, EnumValue, Type, Value};
use crate::diag::did_you_mean;
use crate::model::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

/// Words that start a clause of a gate: as bare field names they are easily misread there.
const CLAUSE_WORDS: &[&str] = &[
    "decide",
    "each",
    "effective",
    "expect",
    "fix",
    "metric",
    "missing",
    "needs",
    "owner",
    "per",
    "refs",
    "required",
    "samples",
    "scope",
    "stage",
    "threshold",
    "title",
    "waivable",
    "when",
];

impl Checker<'_> {
    /// Whether a bare name has a meaning of its own, whatever is expected.
    pub(super) fn means_something(&self, scope: &Scope, name: &str) -> bool {
        scope.bound(name).is_some() || self.row_field(scope, name).is_some() || self.declared.value(name).is_some()
    }

    /// What a bare name stands for.
    pub(super) fn bare_name(&mut self, scope: &Scope, name: &str, span: Span, expected: Option<&Type>) -> Expr {
        let member = expected.and_then(enum_of).filter(|e| e.member(name).is_some());
        let bound = scope.bound(name).cloned();
        let field = self.row_field(scope, name);
        let declared = self.declared.value(name);
        let mut meanings = Vec::new();
        if let Some(bound) = &bound {
            meanings.push(say::Meaning::Bound(bound.span));
        }
        if let Some((record, _)) = &field {
            meanings.push(say::Meaning::Field(record.to_string()));
        }
        if let Some(value) = declared {
            meanings.push(say::Meaning::Declaration(self.value_kind(value), self.declared.value_span(value)));
        }
        if let Some(e) = &member {
            meanings.push(say::Meaning::Member(e.name.to_string()));
        }
        if meanings.len() > 1 {
            self.report_once("two meanings", name, say::two_meanings(name, span, &meanings));
            return unknown(span);
        }
        if let Some(bound) = bound {
            let local = node(ExprKind::Local(bound.local), bound.ty, span);
            return self.narrowed(scope, local);
        }
        if field.is_some() {
            if CLAUSE_WORDS.contains(&name) && matches!(self.path.last(), Some(Node::Gate(_))) {
                self.report_once("clause word", name, say::clause_word(name, span));
            }
            let row = self.row(scope, span);
            return self.field_of_record(scope, row, &tree::Name { text: name.to_owned(), span }, span);
        }
        if let Some(value) = declared {
            return self.declaration(scope, value, span);
        }
        if let Some(e) = member {
            return enum_word(&e, name, span);
        }
        self.unknown_name(scope, name, span, expected);
        unknown(span)
    }

    /// `this`
    pub(super) fn this(&mut self, scope: &Scope, span: Span) -> Expr {
        if scope.row.is_none() {
            self.report(say::no_row(span, scope.sample.is_some()));
            return unknown(span);
        }
        self.row(scope, span)
    }

    /// The row, with all that is known of it.
    fn row(&mut self, scope: &Scope, span: Span) -> Expr {
        match &scope.row {
            Some(row) => {
                let local = node(ExprKind::Local(row.local), row.ty.clone(), span);
                self.narrowed(scope, local)
            }
            None => unknown(span),
        }
    }

    /// The row's type as it is known here, and the type of its field of this name.
    fn row_field(&self, scope: &Scope, name: &str) -> Option<(Type, Type)> {
        let row = scope.row.as_ref()?;
        let path = Path { root: crate::check::facts::Root::Local(row.local), fields: Vec::new() };
        let known = scope.facts.iter().rev().find_map(|f| match &f.proof {
            Proof::Is(_, ty) if f.path == path => Some(ty.clone()),
            _ => None,
        });
        let ty = known.unwrap_or_else(|| row.ty.clone());
        match ty.present() {
            Type::Record(record) => record.field(name).map(|(_, field)| (ty.present().clone(), field.clone())),
            _ => None,
        }
    }

    /// A value of the policy.
    pub(super) fn declaration(&mut self, scope: &Scope, value: ValueName, span: Span) -> Expr {
        let reads = match value {
            ValueName::Param(id) => Node::Param(id),
            ValueName::Let(id) => Node::Let(id),
            ValueName::Evidence(id) => Node::Evidence(id),
            ValueName::AsOf => Node::AsOf,
            ValueName::Candidate => Node::Candidate,
        };
        // Before it is looked into: a circle is told by the places where each needs the next.
        self.note_read(reads.clone(), span);
        let (kind, ty) = match value {
            ValueName::Param(id) => (ExprKind::Param(id), self.param(id, span)),
            ValueName::Let(id) => (ExprKind::Let(id), self.let_type_at(id, span)),
            ValueName::Evidence(id) => (ExprKind::Evidence(id), self.evidence_type(id)),
            ValueName::AsOf => (ExprKind::AsOf, Type::Instant),
            ValueName::Candidate => (ExprKind::Candidate, self.candidate_type(span)),
        };
        if !self.may_read(scope, &reads, span) {
            return unknown(span);
        }
        let ty = if scope.unsure { blurred(&ty) } else { ty };
        let read = node(kind, ty, span);
        self.narrowed(scope, read)
    }

    /// Refuses what a rule or a constant must not read, directly or through lets and defs.
    pub(super) fn may_read(&mut self, scope: &Scope, reads: &Node, span: Span) -> bool {
        let Some(place) = scope.no_evidence else { return true };
        let Some(path) = self.road_to_evidence(reads, place.before_the_run()) else { return true };
        let names: Vec<String> = path.iter().map(|n| self.node_name(n)).collect();
        self.report(say::evidence_in_rule(place, &names, span));
        false
    }

    fn candidate_type(&mut self, span: Span) -> Type {
        let name = tree::Name { text: "ReleaseCandidate".to_owned(), span };
        self.named_type(&name).map_or(Type::Unknown, |(_, ty)| ty)
    }

    /// An expression with what the facts in force prove of it.
    pub(super) fn narrowed(&mut self, scope: &Scope, expr: Expr) -> Expr {
        let Some(path) = Path::of(&expr) else { return expr };
        // Facts of the place itself come before those of an earlier clause, so that nothing
        // leans on a clause without need; decoding comes before mere presence.
        let best = scope.facts.iter().filter(|f| f.path == path).filter(|f| match &f.proof {
            Proof::Is(_, _) => matches!(expr.ty.present(), Type::Json | Type::String),
            Proof::Present => expr.ty.is_optional(),
            Proof::Nonempty | Proof::Nonzero => false,
        });
        let Some(fact) = best.min_by_key(|f| (matches!(f.proof, Proof::Present), f.tag.is_some(), f.tag)) else {
            return expr;
        };
        self.leaned.extend(fact.tag);
        let span = expr.span;
        let (shape, ty) = match &fact.proof {
            Proof::Is(shape, ty) => (Some(shape.clone()), ty.clone()),
            _ => (None, expr.ty.present().clone()),
        };
        node(ExprKind::Narrowed { value: expr, shape }, ty, span)
    }

    /// Whether a fact of this kind about a path is in force; notes what it leans on.
    pub(super) fn proved(&mut self, scope: &Scope, path: &Path, wanted: &Proof) -> bool {
        let same = |p: &Proof| std::mem::discriminant(p) == std::mem::discriminant(wanted);
        let fact = scope.facts.iter().filter(|f| f.path == *path && same(&f.proof)).min_by_key(|f| f.tag);
        match fact {
            Some(fact) => {
                self.leaned.extend(fact.tag);
                true
            }
            None => false,
        }
    }

    /// Refuses a name that is bound already.
    pub(in crate::check) fn check_unbound(&mut self, scope: &Scope, name: &tree::Name) {
        if let Some(bound) = scope.bound(&name.text) {
            let first = bound.span;
            self.report(say::shadowed(&name.text, name.span, first));
        }
    }

    fn value_kind(&self, value: ValueName) -> &'static str {
        match value {
            ValueName::Param(_) => "param",
            ValueName::Let(_) => "let",
            ValueName::Evidence(_) => "evidence",
            ValueName::AsOf => "instant of evaluation",
            ValueName::Candidate => "release candidate",
        }
    }

    /// The enum of this name, if it is declared (or built in).
    pub(super) fn enum_named(&mut self, name: &str, span: Span) -> Option<Arc<EnumType>> {
        if !self.declared.enums.contains_key(name) && name != "weekday" {
            return None;
        }
        let name = tree::Name { text: name.to_owned(), span };
        match self.named_type(&name)?.1 {
            Type::Enum(e) => Some(e),
            _ => None,
        }
    }

    fn unknown_name(&mut self, scope: &Scope, name: &str, span: Span, expected: Option<&Type>) {
        // Where the row itself could not be made out, its fields cannot be known.
        let rows =
            [&scope.row, &scope.hidden, &scope.sample.as_ref().and_then(|s| s.row.row.clone())].map(Clone::clone);
        if self.declared.broken.contains(name) || rows.iter().flatten().any(|row| row.ty.is_unknown()) {
            return;
        }
        let has = |ty: &Type| matches!(ty.present(), Type::Record(r) if r.field(name).is_some());
        if scope.hidden.as_ref().is_some_and(|row| has(&row.ty)) {
            self.report_once("unknown", name, say::hidden_row(name, span));
            return;
        }
        if let Some(sample) = &scope.sample
            && self.row_field(&sample.row, name).is_some()
        {
            self.report_once("unknown", name, say::row_in_metric(name, span));
            return;
        }
        if self.declared.def(name).is_some() || self.registry.function(name).is_some() {
            self.report_once("unknown", name, say::function_without_call(name, span));
            return;
        }
        let expected_enum = expected.and_then(enum_of);
        let owners: Vec<&str> = self
            .declared
            .enums
            .iter()
            .filter(|(_, e)| e.tree.members.iter().any(|m| m.name.text == name))
            .map(|(n, _)| &**n)
            .collect();
        if let Some(e) = expected_enum {
            let near = did_you_mean(name, e.members.iter().map(|m| &*m.name))
                .map(str::to_owned)
                .or_else(|| spelling(&e, name))
                .or_else(|| self.similar_value(scope, name));
            self.report_once("unknown", name, say::unknown_member(name, span, &e, near.as_deref(), &owners));
            return;
        }
        if !owners.is_empty() {
            let diagnostic = say::member_without_enum(name, span, &owners, scope.place == Place::Cell);
            let kind = owners.join(" ");
            self.report_once("enum word", &kind, diagnostic);
            return;
        }
        if self.declared.enums.contains_key(name) || self.declared.shape(name).is_some() {
            self.report_once("unknown", name, say::type_as_value(name, span, self.declared.enums.contains_key(name)));
            return;
        }
        // A field of a named row, or one step below the row: `t.id`, `group.rows`.
        let inside = |ty: &Type| matches!(ty.present(), Type::Record(r) if r.field(name).is_some());
        let named = scope.bound.iter().rev().find(|b| inside(&b.ty)).map(|b| format!("{}.{name}", b.name));
        let below = scope.row.as_ref().and_then(|row| match row.ty.present() {
            Type::Record(record) => record.fields.iter().find(|f| inside(&f.ty)).map(|f| format!("{}.{name}", f.name)),
            _ => None,
        });
        let near = named.or(below).or_else(|| self.similar_value(scope, name));
        let fields = scope.row.as_ref().map(|row| row.ty.present().clone());
        self.report_once("unknown", name, say::unknown_name(name, span, near.as_deref(), fields.as_ref()));
    }

    /// The nearest name in scope.
    fn similar_value(&self, scope: &Scope, name: &str) -> Option<String> {
        let row = scope.row.iter().flat_map(|row| match row.ty.present() {
            Type::Record(record) => record.fields.iter().map(|f| &*f.name).collect(),
            _ => Vec::new(),
        });
        let bound = scope.bound.iter().map(|b| &*b.name);
        let all = row.chain(bound).chain(self.declared.value_names());
        did_you_mean(name, all).map(str::to_owned)
    }
}

/// The enum that a type asks for, through `?` and lists left aside.
pub(super) fn enum_of(ty: &Type) -> Option<Arc<EnumType>> {
    match ty.present() {
        Type::Enum(e) => Some(e.clone()),
        _ => None,
    }
}

/// A word of an enum as a constant.
pub(super) fn enum_word(e: &Arc<EnumType>, name: &str, span: Span) -> Expr {
    match e.member(name) {
        Some(member) => literal(Value::Enum(EnumValue { member, word: None }), Type::Enum(e.clone()), span),
        None => unknown(span),
    }
}

/// The member that is spelt so in data.
pub(super) fn spelling(e: &EnumType, word: &str) -> Option<String> {
    let spelt =
        |m: &&crate::data::EnumMember| m.spellings.iter().any(|s| **s == *word) || m.name.eq_ignore_ascii_case(word);
    e.members.iter().find(spelt).map(|m| m.name.to_string())
}
