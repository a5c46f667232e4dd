//! Every way that is written down from missing to green: where a value, a row or a file that is
//! not there does not fail the gate, because the policy says so.
//!
//! Of the gate it looks at all but messages, of lets and evidence only at the columns that its
//! verdict depends on (as the planner finds them), of defs at their whole bodies.

use super::bindings::Bindings;
use super::source::one_line;
use super::words::{Words, bare};
use crate::data::{Projection, Value, print};
use crate::model::{
    DefId, EffectiveProfile, EmptyPolicy, EvidenceDefinition, EvidenceId, Expr, ExprKind, FieldShape, GateDefinition,
    LetId, MissingPolicy, OptionalEvidence, ParamId, Policy, Shape, ShapeId, Stage,
};
use crate::plan::{Plan, gate_exprs, plan_gates};
use crate::registry::Narrows;
use crate::source::{SourceMap, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    /// In which declaration it stands: `let turns`, `record Entry`; nothing for the gate itself.
    pub(super) inside: Option<String>,
    /// Where.
    pub(super) span: Span,
    /// What is let through, in words.
    pub(super) text: String,
}

/// The ways of a gate, those of the gate itself first, then by place.
pub(super) fn ways(
    policy: &Policy,
    profile: &EffectiveProfile,
    sources: &SourceMap,
    gate: &GateDefinition,
) -> Vec<Way> {
    let judged = without_messages(gate);
    let plan = plan_alone(policy, profile, &judged);
    let exprs = gate_exprs(&judged);
    let mut walk = Walk {
        policy: &plan.policy,
        words: Words::new(&plan.policy, sources),
        sources,
        bindings: Bindings::new(&plan.policy, &judged, &exprs),
        ways: BTreeSet::new(),
        lets: BTreeSet::new(),
        defs: BTreeSet::new(),
        params: BTreeSet::new(),
        evidence: BTreeSet::new(),
        shapes: BTreeSet::new(),
        profile,
        inside: None,
        own_lets: plan.own_lets,
    };
    walk.clauses(&judged);
    for metric in &judged.metrics {
        walk.words = Words::new(&plan.policy, sources).with_aggregates(&metric.row_aggregates);
        for aggregate in &metric.row_aggregates {
            walk.counted(&aggregate.value);
        }
    }
    walk.words = Words::new(&plan.policy, sources);
    for expr in exprs {
        walk.expr(expr, true);
    }
    for (id, projection) in plan.projections.iter().enumerate() {
        if let (Some(projection), Some(evidence)) = (projection, profile.evidence.get(id)) {
            let read = walk.evidence.iter().any(|e| e.index() == id);
            walk.of_evidence(evidence, projection, read);
        }
    }
    let mut ways: Vec<Way> = walk.ways.into_iter().collect();
    ways.sort_by_key(|w| (w.inside.is_some(), w.span, w.text.clone()));
    // Twice on one line is said once.
    ways.dedup_by(|a, b| {
        a.text == b.text && super::source::place(sources, a.span) == super::source::place(sources, b.span)
    });
    ways
}

/// The plan of one gate by itself, with what a profile makes of params and evidence.
pub(super) fn plan_alone(policy: &Policy, profile: &EffectiveProfile, gate: &GateDefinition) -> Plan {
    let mut alone = profile.clone();
    let gate = Arc::new(gate.clone());
    let why = crate::model::WhyIncluded::Selected;
    let id = gate.id.clone();
    alone.gates.insert(id.clone(), crate::model::EffectiveGate { gate, why, changed: BTreeMap::new() });
    plan_gates(policy, &alone, &BTreeSet::from([id]))
}

/// What is said of a violation decides nothing.
fn without_messages(gate: &GateDefinition) -> GateDefinition {
    let mut gate = gate.clone();
    gate.each.iter_mut().for_each(|e| e.message = None);
    gate.expect.iter_mut().for_each(|e| e.message = None);
    gate
}

struct Walk<'p> {
    policy: &'p Policy,
    words: Words<'p>,
    sources: &'p SourceMap,
    bindings: Bindings<'p>,
    profile: &'p EffectiveProfile,
    ways: BTreeSet<Way>,
    lets: BTreeSet<LetId>,
    defs: BTreeSet<DefId>,
    params: BTreeSet<ParamId>,
    evidence: BTreeSet<EvidenceId>,
    shapes: BTreeSet<ShapeId>,
    inside: Option<String>,
    own_lets: usize,
}

impl<'p> Walk<'p> {
    fn way(&mut self, span: Span, text: impl Into<String>) {
        self.ways.insert(Way { inside: self.inside.clone(), span, text: text.into() });
    }

    /// The declaration that a let stands for: itself, or where a value was taken out of a loop the
    /// one that it was written in.
    fn home_of(&self, id: LetId, name: &str, span: Span) -> String {
        if id.index() < self.own_lets {
            return format!("let {name}");
        }
        let holds = |whole: Span| whole.source == span.source && whole.start <= span.start && span.end <= whole.end;
        let mut lets = self.policy.lets.iter().take(self.own_lets).filter(|l| holds(l.value.span));
        let mut defs = self.policy.defs.iter().filter(|d| holds(d.body.span));
        match (lets.next(), defs.next(), &self.inside) {
            (Some(item), _, _) => format!("let {}", item.name),
            (None, Some(item), _) => format!("def {}", item.name),
            (None, None, Some(inside)) => inside.clone(),
            (None, None, None) => String::new(),
        }
    }

    fn within(&mut self, inside: String, f: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.inside, Some(inside).filter(|i| !i.is_empty()));
        f(self);
        self.inside = outer;
    }

    /// What clauses of the gate say of missing values and empty populations.
    fn clauses(&mut self, gate: &GateDefinition) {
        if let (EmptyPolicy::Pass, Some(span)) = (gate.when_empty, gate.clauses.get("when empty")) {
            self.way(*span, "`when empty pass`: when no row is in scope, the gate passes");
        }
        let Some(span) = gate.clauses.get("missing") else { return };
        match &gate.missing {
            Some(MissingPolicy::Exclude { at_most }) => {
                let share = print::value(&Value::Num(*at_most), &crate::data::Type::Ratio);
                self.way(
                    *span,
                    format!("`missing exclude at most {share}`: rows whose value is missing leave the sample, up to {share} of them"),
                );
            }
            Some(MissingPolicy::Worst) => self.way(
                *span,
                "`missing worst`: a row whose value is missing counts as the worst, which a figure may have room for",
            ),
            Some(MissingPolicy::Fail) | None => {}
        }
    }

    /// A condition of each row whose share or count is the figure.
    fn counted(&mut self, value: &'p Expr) {
        let against = "a row counts against the figure where";
        for test in presence(value) {
            let denied = self.words.denial(test);
            let text = format!("{}: {against} {denied}, and the limit may leave room", self.quoted(test));
            self.way(test.span, text);
        }
        let mut because = Vec::new();
        self.missing_decides(value, &mut BTreeSet::new(), &mut because);
        if !because.is_empty() {
            let text = format!("{}: {against} it is false ({})", self.quoted(value), because.join("; "));
            self.way(value.span, text);
        }
    }

    fn quoted(&self, expr: &Expr) -> String {
        format!("`{}`", one_line(self.sources, expr.span, 80))
    }

    /// `demanded`: the condition must hold, so that a plain test in it lets nothing through.
    fn expr(&mut self, expr: &'p Expr, demanded: bool) {
        match &*expr.kind {
            ExprKind::Coalesce(value, otherwise) => {
                let (value, otherwise) = (self.words.value(value), self.words.value(otherwise));
                self.way(
                    expr.span,
                    format!("{}: where {value} is missing, {otherwise} takes its place", self.quoted(expr)),
                );
            }
            ExprKind::Implies(left, _) if !presence(left).is_empty() => {
                let denied = self.words.denial(left);
                self.way(expr.span, format!("{}: nothing more is asked where {denied}", self.quoted(expr)));
            }
            ExprKind::Or(left, right) => {
                for side in [left, right] {
                    if denies_presence(side) {
                        let words = self.words.condition(side);
                        self.way(side.span, format!("{}: holds where {words}", self.quoted(expr)));
                    }
                }
            }
            ExprKind::If { condition, .. } if !presence(condition).is_empty() => {
                let words = self.words.condition(condition);
                self.way(expr.span, format!("{}: decides by whether {words}", self.quoted(expr)));
            }
            ExprKind::Not(inner) if demanded && !presence(inner).is_empty() => {
                let words = self.words.denial(inner);
                self.way(expr.span, format!("{}: holds where {words}", self.quoted(expr)));
            }
            ExprKind::Pipeline { stages, .. } => {
                for stage in stages {
                    if let Stage::Where { condition, .. } = stage {
                        self.filter(condition);
                    }
                }
            }
            ExprKind::Let(id) if self.lets.insert(*id) => {
                if let Some(item) = self.policy.lets.get(id.index()) {
                    let name = self.home_of(*id, &item.name, item.value.span);
                    self.within(name, |w| w.expr(&item.value, false));
                }
            }
            ExprKind::CallDef { def, .. } => {
                let Some(item) = self.policy.defs.get(def.index()) else { return };
                // In a demand that it is so, what is missing breaks it; elsewhere it may be the way out.
                if let (true, false, Some(test)) = (self.inside.is_none(), demanded, presence(&item.body).first()) {
                    let denied = self.words.denial(test);
                    self.way(expr.span, format!("{}: is false where {denied}", self.quoted(expr)));
                }
                if self.defs.insert(*def) {
                    let name = format!("def {}", item.name);
                    self.within(name, |w| w.expr(&item.body, true));
                }
            }
            ExprKind::Param(id) if self.params.insert(*id) => {
                let profile = self.profile;
                let set = profile.params.get(id).map(|(value, _)| value);
                if let Some(item) = self.policy.params.get(id.index()) {
                    let name = format!("param {}", item.name);
                    self.within(name, |w| w.expr(set.unwrap_or(&item.value), false));
                }
            }
            ExprKind::Evidence(id) => {
                self.evidence.insert(*id);
            }
            ExprKind::Is { shape, .. }
            | ExprKind::Faults { shape, .. }
            | ExprKind::Narrowed { shape: Some(shape), .. } => self.shape(shape, &Projection::everything()),
            _ => {}
        }
        for child in expr.children() {
            self.expr(child, demanded && stays_demanded(expr, child));
        }
    }

    /// Rows that a condition leaves out because something is missing.
    fn filter(&mut self, condition: &'p Expr) {
        let mut because = Vec::new();
        self.missing_decides(condition, &mut BTreeSet::new(), &mut because);
        let direct = !presence(condition).is_empty();
        if because.is_empty() && !direct {
            return;
        }
        because.sort();
        because.dedup();
        let because = match because.as_slice() {
            [] => String::new(),
            some => format!(" ({})", some.join("; ")),
        };
        let denied = self.words.denial(condition);
        let text = format!(
            "`where {}`: rows for which {denied} are left out{because}",
            one_line(self.sources, condition.span, 80)
        );
        self.way(condition.span, text);
    }

    /// Columns and defs that a condition asks, and that depend on whether something is there.
    fn missing_decides(&self, condition: &'p Expr, seen: &mut BTreeSet<Span>, out: &mut Vec<String>) {
        let made = match &*condition.kind {
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Implies(..) | ExprKind::Not(_) => {
                condition.children().into_iter().for_each(|c| self.missing_decides(c, seen, out));
                return;
            }
            ExprKind::Narrowed { value, shape: None } => return self.missing_decides(value, seen, out),
            ExprKind::Field { .. } => self.bindings.behind(condition),
            ExprKind::CallDef { def, .. } => self.policy.defs.get(def.index()).map(|d| &d.body),
            _ => None,
        };
        let Some(made) = made.filter(|m| seen.insert(m.span)) else { return };
        match presence(made).first() {
            Some(test) => {
                let name = one_line(self.sources, condition.span, 40);
                let place = super::source::place(self.sources, test.span);
                out.push(format!("{name} asks whether {}, {place}", self.words.condition(test)));
            }
            None => self.missing_decides(made, seen, out),
        }
    }

    // ---- evidence ----

    fn of_evidence(&mut self, evidence: &'p EvidenceDefinition, projection: &Projection, read: bool) {
        let name = format!("evidence {}", evidence.name);
        let optional = evidence.clauses.get("optional").copied().unwrap_or(evidence.span);
        self.within(name, |w| {
            match evidence.optional {
                OptionalEvidence::Required => {}
                OptionalEvidence::Always => {
                    w.way(optional, format!("`optional`: the file may be absent; {} is then missing", evidence.name));
                }
                OptionalEvidence::Until(until) => {
                    let until = print::instant(until);
                    w.way(
                        optional,
                        format!(
                            "`optional until {until}`: before that the file may be absent; {} is then missing",
                            evidence.name
                        ),
                    );
                }
            }
            if evidence.judge_each_file {
                let span = evidence.clauses.get("judge each file").copied().unwrap_or(evidence.span);
                w.way(
                    span,
                    "`judge each file`: a file that cannot be read is a row that is not of its shape, and no fault",
                );
            }
            if read {
                w.shape(evidence.shape.shape(), projection);
            }
        });
    }

    fn shape(&mut self, shape: &'p Shape, projection: &Projection) {
        match shape {
            Shape::Named(id) => {
                let Some(named) = self.policy.shapes.get(id.index()) else { return };
                // A shape that is read in two places may be read in other columns.
                if projection.all && !self.shapes.insert(*id) {
                    return;
                }
                let word = match (&named.contract, &named.shape) {
                    (Some(_), _) => "contract",
                    (None, Shape::Record(_)) => "record",
                    (None, _) => "type",
                };
                let name = format!("{word} {}", named.name);
                self.within(name, |w| w.shape(&named.shape, projection));
            }
            Shape::Record(record) => {
                let read = |f: &&FieldShape| projection.reads(&f.name);
                let optional: Vec<&str> =
                    record.fields.iter().filter(read).filter(|f| f.ty.is_optional()).map(|f| &*f.name).collect();
                if let (true, Some(first), false) = (record.is_open(), record.fields.first(), optional.is_empty()) {
                    self.way(
                        first.span,
                        format!(
                            "`open`: keys that are not declared pass, so a misspelt {} reads as absent",
                            listed(&optional)
                        ),
                    );
                }
                for field in record.fields.iter().filter(read) {
                    self.field(field);
                    let below = if projection.all {
                        Projection::everything()
                    } else {
                        projection.fields.get(&field.name).cloned().unwrap_or_default()
                    };
                    self.shape(&field.shape, &below);
                }
            }
            Shape::Enum(reading) => {
                let Some(otherwise) = reading.ty.otherwise else { return };
                let member = reading.ty.members.get(otherwise as usize).map_or("", |m| &m.name);
                if let Some(declared) = self.policy.enums.get(&reading.ty.name) {
                    let text = format!("`else {member}`: a word that is not listed reads as {member}");
                    let name = format!("enum {}", reading.ty.name);
                    self.within(name, |w| w.way(declared.span, text));
                }
            }
            Shape::List(inner) | Shape::Optional(inner) => self.shape(inner, projection),
            Shape::Map(key, value) => {
                self.shape(key, projection);
                self.shape(value, projection);
            }
            Shape::Refined(refined) => self.shape(&refined.base, projection),
            _ => {}
        }
    }

    /// What reads as absent, or as something that is not there.
    fn field(&mut self, field: &'p FieldShape) {
        let reading = &field.reading;
        let (mut written, mut read) = (Vec::new(), Vec::new());
        if reading.nullable {
            written.push("`nullable`".to_owned());
            read.push("null".to_owned());
        }
        if reading.lenient {
            written.push("`lenient`".to_owned());
            read.push("what cannot be read (it is counted)".to_owned());
        }
        for sentinel in &reading.sentinels {
            let value = print::short(sentinel, field.ty.present(), 40);
            written.push(format!("`sentinel {value}`"));
            read.push(value);
        }
        let as_what = match &reading.default {
            Some(default) => {
                let value = print::short(default, &field.ty, 40);
                written.insert(0, format!("`default {value}`"));
                read.insert(0, "absent".to_owned());
                value
            }
            None => "absent".to_owned(),
        };
        if read.is_empty() {
            return;
        }
        let reads = if read.len() == 1 { "reads" } else { "read" };
        let (written, read) = (super::words::joined(&written, "and"), super::words::joined(&read, "and"));
        self.way(field.span, format!("{written} of `{}`: {read} {reads} as {as_what}", field.name));
    }
}

/// The tests in a condition of whether something is there, or readable as what it should be; those
/// of nested lists are their own.
fn presence(expr: &Expr) -> Vec<&Expr> {
    let mut out = Vec::new();
    collect(expr, &mut out);
    out
}

fn collect<'e>(expr: &'e Expr, out: &mut Vec<&'e Expr>) {
    match &*expr.kind {
        ExprKind::Call { function, .. } if function.narrows == Narrows::ArgumentsPresent => out.push(expr),
        ExprKind::Is { .. } => out.push(expr),
        ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Implies(..) | ExprKind::Not(_) | ExprKind::If { .. } => {
            expr.children().into_iter().for_each(|c| collect(c, out));
        }
        ExprKind::Narrowed { value, shape: None } => collect(value, out),
        _ => {}
    }
}

/// Whether a part of a condition that must hold must hold as well, or is at least what may make it
/// hold.
fn stays_demanded(whole: &Expr, part: &Expr) -> bool {
    match &*whole.kind {
        ExprKind::And(..) | ExprKind::Narrowed { .. } => true,
        // Told already, with the whole.
        ExprKind::Or(..) => !denies_presence(part),
        ExprKind::Implies(left, _) => !std::ptr::eq(left, part),
        ExprKind::If { condition, .. } => !std::ptr::eq(condition, part),
        ExprKind::Quantified { body, quantifier, .. } => {
            std::ptr::eq(body, part) && *quantifier != crate::model::Quantifier::No
        }
        _ => false,
    }
}

/// Whether a condition holds because something is missing.
fn denies_presence(expr: &Expr) -> bool {
    match &*bare(expr).kind {
        ExprKind::Not(inner) => !presence(inner).is_empty(),
        ExprKind::And(left, right) => denies_presence(left) || denies_presence(right),
        _ => false,
    }
}

/// `a`, `b` or `c`, of many the first few.
fn listed(names: &[&str]) -> String {
    const FEW: usize = 4;
    let mut words: Vec<String> = names.iter().take(FEW).map(|n| format!("`{n}`")).collect();
    if names.len() > FEW {
        words.push(match names.len() - FEW {
            1 => "one other".to_owned(),
            n => format!("one of {n} others"),
        });
    }
    super::words::joined(&words, "or")
}
