//! What a gate looks at: its population, its groups, the conditions on each row, the sample.

use super::clauses::Found;
use crate::check::checker::Checker;
use crate::check::diagnostics::{clauses as say_clause, gates as say};
use crate::check::facts::{Facts, Proof, Root, blurred, with_field_type};
use crate::check::scope::{Place, Scope};
use crate::check::shapes::is_word;
use crate::data::Type;
use crate::model::{self, EachClause, ExpectClause, GroupKey, LocalId, Message};
use crate::source::Span;
use crate::syntax::tree::{Condition, ExprKind, GateClause, GateClauseKind as Kind};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The rows of a gate.
pub(in crate::check) struct Population {
    /// Unset after a mistake.
    pub(super) scope: Option<model::Scope>,
    row: LocalId,
    /// The type of a row.
    ty: Type,
}

/// What stays of them, and the names in force for figures and limits.
pub(super) struct Sample {
    /// Names at the level of the sample: `rows` and the keys of `per`.
    pub(super) scope: Scope,
    /// Names for a value of each row of the sample.
    pub(super) row: Scope,
    pub(super) per: Vec<GroupKey>,
    pub(super) each: Vec<EachClause>,
}

/// A condition of a gate, checked.
struct Judged {
    condition: model::Expr,
    message: Option<Arc<Message>>,
    leans_on: Vec<usize>,
    span: Span,
}

impl Checker<'_> {
    /// The population; `None` for a gate without `scope`.
    pub(super) fn population(&mut self, found: &Found<'_>) -> Option<Population> {
        let Some(clause) = found.get("scope") else {
            return found.may_be_broken("scope").then(|| self.unknown_population());
        };
        let Kind::Scope(written) = &clause.kind else { return None };
        let list = self.infer(&Scope::top(), written, None);
        let row = self.local();
        let ty = match &list.ty {
            Type::Unknown => Type::Unknown,
            Type::Optional(inner) if inner.element().is_some() => {
                self.report(say::scope_may_be_missing(inner, list.span));
                Type::Unknown
            }
            ty => match ty.element() {
                Some(Type::Optional(_)) => {
                    self.report(say::scope_of_missing(ty, list.span));
                    Type::Unknown
                }
                Some(element) => element,
                None => {
                    self.report(say::scope_is_no_list(ty, list.span));
                    Type::Unknown
                }
            },
        };
        Some(Population { scope: Some(model::Scope { list, row, span: clause.span }), row, ty })
    }

    /// Stands in where a mistake was reported.
    pub(super) fn unknown_population(&mut self) -> Population {
        Population { scope: None, row: self.local(), ty: Type::Unknown }
    }

    /// Groups and conditions on each row.
    pub(super) fn judge_rows(&mut self, found: &Found<'_>, population: Option<&Population>, rows: LocalId) -> Sample {
        let mut sample_scope = Scope::top();
        let Some(population) = population else {
            return Sample { scope: sample_scope, row: Scope::top(), per: Vec::new(), each: Vec::new() };
        };
        let row = Scope::top().with_row(population.row, population.ty.clone());
        let per = self.group_keys(found, &row);
        let clauses: Vec<_> = found.each.clone();
        let (judged, facts) = self.conditions(&clauses, &row.clone().at(Place::Each));
        let each = judged
            .into_iter()
            .map(|j| EachClause { condition: j.condition, message: j.message, leans_on: j.leans_on, span: j.span })
            .collect();
        let mut known = row;
        facts.iter().for_each(|f| known.assume(f, None));
        let mut element = proved(&population.ty, population.row, &facts);
        if facts.iter().any(|f| f.1) {
            element = blurred(&element);
        }
        sample_scope.bind("rows", rows, Type::list(element.clone()), None);
        // A formula may speak of a row and of the sample: `sum(a) / sum(rows[].b)`.
        known.bind("rows", rows, Type::list(element), None);
        for key in &per {
            if is_word(&key.name) {
                sample_scope.bind(&key.name, key.local, key.value.ty.clone(), Some(key.value.span));
            }
        }
        Sample { scope: sample_scope, row: known, per, each }
    }

    /// Conditions on the sample or on documents.
    pub(super) fn expects(&mut self, found: &Found<'_>, sample: &Sample) -> Vec<ExpectClause> {
        let clauses: Vec<_> = found.expect.clone();
        let (judged, _) = self.conditions(&clauses, &sample.scope.clone().at(Place::Expect));
        judged
            .into_iter()
            .map(|j| ExpectClause { condition: j.condition, message: j.message, leans_on: j.leans_on, span: j.span })
            .collect()
    }

    /// Conditions in order: each may lean on what the earlier ones prove.
    fn conditions(&mut self, clauses: &[(&GateClause, &Condition)], scope: &Scope) -> (Vec<Judged>, Vec<Facts>) {
        let mut known = scope.clone();
        let (mut judged, mut proofs): (Vec<Judged>, Vec<Facts>) = Default::default();
        for (number, (clause, written)) in clauses.iter().enumerate() {
            let ((condition, facts), leaned) = self.leaning(|c| c.condition(&known, &written.condition));
            // The message is printed of a row that breaks this condition and perhaps earlier
            // ones: it may lean on those that this one leans on, and on no others.
            let mut told = scope.clone();
            for tag in &leaned {
                if let Some(facts) = proofs.get(*tag) {
                    told.assume(facts, Some(*tag));
                }
            }
            let message = written.message.as_ref().map(|m| {
                let told = self.scope_of_message(&told, &written.condition, &condition);
                self.leaning(|c| c.message(&told, m)).0
            });
            self.check_constant_condition(&condition, clause);
            known.assume(&facts, Some(number));
            proofs.push(facts);
            // Who leans on a clause leans on all that it leans on: where it is not judged, nothing
            // is known either.
            let direct = leaned.iter().copied().filter(|t| *t < number);
            let all: BTreeSet<usize> = direct
                .flat_map(|t| judged.get(t).into_iter().flat_map(|j: &Judged| j.leans_on.clone()).chain([t]))
                .collect();
            let leans_on: Vec<usize> = all.into_iter().collect();
            judged.push(Judged { condition, message, leans_on, span: clause.span });
        }
        (judged, proofs)
    }

    /// `each true`
    fn check_constant_condition(&mut self, condition: &model::Expr, clause: &GateClause) {
        if let model::ExprKind::Literal(value) = &*condition.kind
            && let Some(holds) = value.as_bool()
        {
            let word = super::keyword(&clause.kind);
            self.report(if holds {
                say::condition_always_holds(word, condition.span)
            } else {
                say::condition_never_holds(word, condition.span)
            });
        }
    }

    fn group_keys(&mut self, found: &Found<'_>, row: &Scope) -> Vec<GroupKey> {
        let Some(Kind::Per(keys)) = found.kind("per") else { return Vec::new() };
        let mut out: Vec<GroupKey> = Vec::new();
        for key in keys {
            let value = self.infer(row, key, None);
            if !may_group(value.ty.present()) {
                self.report(say::group_key_type(&value.ty, key.span));
            }
            let name: Arc<str> = match &*key.bare().kind {
                ExprKind::Name(name) => name.as_str().into(),
                ExprKind::Field { name, .. } => name.text.as_str().into(),
                _ => self.words(key.span).into(),
            };
            if let Some(first) = out.iter().find(|k| k.name == name) {
                let first = first.value.span;
                self.report(say_clause::repeated_word("per", &name, first, key.span));
                continue;
            }
            let local = self.local();
            out.push(GroupKey { name, value, local });
        }
        out
    }

    /// The words of a place on one line.
    pub(super) fn one_line(&self, span: Span) -> String {
        self.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn may_group(ty: &Type) -> bool {
    match ty {
        Type::Unknown
        | Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::Ratio
        | Type::Quantity(_)
        | Type::Instant
        | Type::String
        | Type::Version
        | Type::Enum(_) => true,
        Type::Never | Type::Json | Type::Record(_) | Type::List(_) | Type::Map(..) | Type::Optional(_) => false,
    }
}

/// The type of a row of which these facts hold.
fn proved(ty: &Type, row: LocalId, facts: &[Facts]) -> Type {
    let mut ty = ty.clone();
    let paths: BTreeSet<&[Arc<str>]> = facts
        .iter()
        .flat_map(|f| &f.0)
        .filter(|f| f.path.root == Root::Local(row) && matches!(f.proof, Proof::Present))
        .map(|f| &*f.path.fields)
        .collect();
    for path in paths {
        if let Some(narrowed) = with_field_type(&ty, path, &|t| t.present().clone()) {
            ty = narrowed;
        }
    }
    ty
}
