//! Waiver declarations: which gate, what of it, how far, for how long, who says so.
//!
//! What a waiver covers is typed over the gate as it is declared, and reads nothing from outside:
//! what is excused stands in the policy, where it was approved. Whether it is excused may hang on
//! evidence (`when`).

use super::checker::{Checker, Node};
use super::diagnostics::{gates as say_gate, waivers as say};
use super::gates::{Excuse, comparable, compare_op};
use super::scope::{Place, Scope};
use super::shapes::is_word;
use crate::data::{Num, Type, Value, print};
use crate::diag::did_you_mean;
use crate::model::{
    Covers, Expr, GateDefinition, GroupChoice, Limit, RowChoice, Threshold, Waiver, WaiverBound, WaiverId,
};
use crate::source::Span;
use crate::syntax::tree::{self, ExprKind, StringLit, WaiverClause as Clause, WaiverDecl};
use std::collections::BTreeMap;
use std::sync::Arc;

/// For how long a waiver may be open where the policy does not say: 90 days.
const HORIZON_DAYS: i128 = 90;

/// Nanoseconds of a day.
const DAY: i128 = 86_400_000_000_000;

/// For how long waivers may be open.
struct Horizon {
    longest: Num,
    /// Where the policy says so.
    written: Option<Span>,
}

/// The clauses of a waiver by keyword.
struct Found<'a> {
    clauses: BTreeMap<&'static str, (Span, &'a Clause)>,
    /// Some clause could not be read.
    broken: bool,
}

impl<'a> Found<'a> {
    fn of(decl: &'a WaiverDecl) -> Self {
        let mut found = Self { clauses: BTreeMap::new(), broken: false };
        for (span, clause) in &decl.clauses {
            match keyword(clause) {
                Some(word) => {
                    found.clauses.entry(word).or_insert((*span, clause));
                }
                None => found.broken = true,
            }
        }
        found
    }

    fn get(&self, word: &str) -> Option<&'a Clause> {
        self.clauses.get(word).map(|(_, clause)| *clause)
    }

    fn span(&self, word: &str) -> Option<Span> {
        self.clauses.get(word).map(|(span, _)| *span)
    }

    fn note(&self, word: &str) -> Option<&'a StringLit> {
        match self.get(word) {
            Some(Clause::Note { text, .. }) => Some(text),
            _ => None,
        }
    }
}

fn keyword(clause: &Clause) -> Option<&'static str> {
    Some(match clause {
        Clause::Gate(_) => "gate",
        Clause::For(_) => "for",
        Clause::Covers { .. } => "covers",
        Clause::When(_) => "when",
        Clause::Bound(_) => "bound",
        Clause::AtMostRows(_) => "at most",
        Clause::Note { keyword, .. } => match keyword.text.as_str() {
            "reason" => "reason",
            "approver" => "approver",
            "owner" => "owner",
            "ticket" => "ticket",
            _ => return None,
        },
        Clause::Opened(_) => "opened",
        Clause::Expires(_) => "expires",
        Clause::Broken(_) => return None,
    })
}

/// What every waiver says, each with an example.
const DUE: [(&str, &str); 9] = [
    ("gate", "gate g.x"),
    ("for", "for \"sha256:..\""),
    ("covers", "covers threshold"),
    ("reason", "reason \"..\""),
    ("approver", "approver \"..\""),
    ("owner", "owner \"..\""),
    ("ticket", "ticket \"..\""),
    ("opened", "opened 2026-02-01T00:00:00Z"),
    ("expires", "expires 2026-03-01T00:00:00Z"),
];

impl Checker<'_> {
    /// Checks every waiver.
    pub(super) fn check_waivers(&mut self) -> BTreeMap<WaiverId, Arc<Waiver>> {
        let horizon = self.horizon();
        let mut waivers = BTreeMap::new();
        for entry in self.declared.waivers.values().cloned().collect::<Vec<_>>() {
            let id = WaiverId(entry.name.clone());
            let node = Node::Waiver(id.clone());
            let checked = self.alone(node.clone(), |c| c.waiver(&id, entry.tree, &horizon));
            self.refuse_results(&node);
            if let Some(waiver) = checked {
                let waiver = Waiver { whole: entry.whole, doc: entry.doc.clone(), ..waiver };
                waivers.insert(id, Arc::new(waiver));
            }
        }
        waivers
    }

    fn horizon(&mut self) -> Horizon {
        let usual = Horizon { longest: Num::int(HORIZON_DAYS * DAY), written: None };
        let Some(policy) = self.declared.policies.first().cloned() else { return usual };
        let Some(written) = &policy.tree.waivers else { return usual };
        match self.constant(written, &Type::DURATION) {
            Some((expr, Value::Num(longest))) => {
                if longest.is_zero() || longest.is_negative() {
                    self.report(say::horizon(expr.span));
                    return usual;
                }
                Horizon { longest, written: Some(expr.span) }
            }
            _ => usual,
        }
    }

    /// One waiver; `None` after a mistake in it.
    fn waiver(&mut self, id: &WaiverId, decl: &WaiverDecl, horizon: &Horizon) -> Option<Waiver> {
        let errors = self.error_count();
        let found = Found::of(decl);
        self.check_complete(decl, &found);
        let gate = match found.get("gate") {
            Some(Clause::Gate(name)) => self.waived_gate(name),
            _ => None,
        };
        let digest = match found.get("for") {
            Some(Clause::For(text)) => self.pinned(text, decl),
            _ => None,
        };
        let covers = match (&gate, found.get("covers")) {
            (Some(gate), Some(Clause::Covers { each, condition })) => {
                let condition = condition.as_ref();
                if *each {
                    self.covers_each(gate, &found, condition)
                } else {
                    self.covers_threshold(gate, &found, condition)
                }
            }
            _ => None,
        };
        let when = match found.get("when") {
            Some(Clause::When(condition)) => Some(self.condition(&Scope::top(), condition).0),
            _ => None,
        };
        let reason = found.note("reason").map(|text| {
            self.refuse_blank("reason", text);
            self.message(&Scope::top(), text)
        });
        let mut plain = |word: &'static str| found.note(word).and_then(|text| self.plain_note(word, text));
        let (approver, owner, ticket) = (plain("approver"), plain("owner"), plain("ticket"));
        let (opened, expires) = self.dates(&found, horizon);
        if self.error_count() > errors || found.broken {
            return None;
        }
        Some(Waiver {
            id: id.clone(),
            span: decl.id.span,
            whole: decl.id.span,
            doc: None,
            gate: gate?.id.clone(),
            digest: digest?,
            covers: covers?,
            when,
            reason: reason?,
            approver: approver?,
            owner: owner?,
            ticket: ticket?,
            opened: opened?,
            expires: expires?,
            clauses: found.clauses.iter().map(|(word, (span, _))| (Arc::from(*word), *span)).collect(),
        })
    }

    /// All that an exception has to say is there.
    fn check_complete(&mut self, decl: &WaiverDecl, found: &Found<'_>) {
        if found.broken {
            return;
        }
        let mut missing: Vec<(&'static str, &'static str)> =
            DUE.into_iter().filter(|(word, _)| found.get(word).is_none()).collect();
        match found.get("covers") {
            Some(Clause::Covers { each: true, .. }) if found.get("at most").is_none() => {
                missing.push(("at most", "at most 2 rows"));
            }
            Some(Clause::Covers { each: false, .. }) if found.get("bound").is_none() => {
                missing.push(("bound", "bound p95 <= 2s"));
            }
            _ => {}
        }
        if !missing.is_empty() {
            self.report(say::missing_clauses(&decl.id.text, &missing, decl.id.span));
        }
    }

    fn waived_gate(&mut self, name: &tree::Name) -> Option<Arc<GateDefinition>> {
        let id = self.gate_named(name)?;
        let gate = self.gate_definition(&id, name.span)?;
        if self.unsound_gates.contains(&id) {
            return None;
        }
        if !gate.waivable {
            let declared = gate.clauses.get("waivable").copied().unwrap_or(gate.span);
            self.report(say::not_waivable(&name.text, name.span, declared));
            return None;
        }
        Some(gate)
    }

    /// `sha256:` and 64 hexadecimal digits.
    fn pinned(&mut self, text: &tree::Text, decl: &WaiverDecl) -> Option<Arc<str>> {
        let hex = text.text.strip_prefix("sha256:");
        let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        if hex.is_some_and(|h| h.len() == 64 && h.bytes().all(is_hex)) {
            return Some(text.text.as_str().into());
        }
        let gate = decl.clauses.iter().find_map(|(_, c)| match c {
            Clause::Gate(name) => Some(name.text.as_str()),
            _ => None,
        });
        self.report(say::digest(gate.unwrap_or("GATE"), text.span));
        None
    }

    fn covers_each(
        &mut self,
        gate: &GateDefinition,
        found: &Found<'_>,
        condition: Option<&tree::Expr>,
    ) -> Option<Covers> {
        let at = found.span("covers")?;
        if let Some(bound) = found.span("bound") {
            self.report(say::other_measure("bound", "each", "at most 2 rows", bound, at));
        }
        let at_most = match found.get("at most") {
            Some(Clause::AtMostRows(number)) => match number.text.replace('_', "").parse::<u64>() {
                Ok(n) if n > 0 => Some(n),
                _ => {
                    self.report(say::no_rows(&number.text, number.span));
                    None
                }
            },
            _ => None,
        };
        let scope = gate.scope.as_ref().filter(|_| !gate.each.is_empty());
        let Some(scope) = scope else {
            self.report(say::nothing_of_the_kind(gate.id.as_str(), "each", at, gate.span));
            return None;
        };
        let ty = scope.list.ty.element().unwrap_or(Type::Unknown);
        let rows = condition.map(|condition| {
            let row = self.local();
            let names = Scope::top().with_row(row, ty.clone()).at(Place::Excused);
            RowChoice { row, ty, condition: self.condition(&names, condition).0 }
        });
        Some(Covers::Each { rows, at_most: at_most? })
    }

    fn covers_threshold(
        &mut self,
        gate: &GateDefinition,
        found: &Found<'_>,
        condition: Option<&tree::Expr>,
    ) -> Option<Covers> {
        let at = found.span("covers")?;
        if let Some(most) = found.span("at most") {
            self.report(say::other_measure("at most", "threshold", "bound p95 <= 2s", most, at));
        }
        if gate.thresholds.is_empty() {
            self.report(say::nothing_of_the_kind(gate.id.as_str(), "threshold", at, gate.span));
            return None;
        }
        let groups = match condition {
            Some(condition) if gate.per.is_empty() => {
                self.report(say::no_groups(gate.id.as_str(), condition.span));
                None
            }
            Some(condition) => Some(self.chosen_groups(gate, condition)),
            None => None,
        };
        let Some(Clause::Bound(written)) = found.get("bound") else { return None };
        let mut bounds: Vec<WaiverBound> = Vec::new();
        for (figure, limit) in written {
            if let Some(first) = bounds.iter().find(|b| *b.figure == *figure.text) {
                let first = first.span;
                self.report(say::bounded_twice(&figure.text, first, figure.span));
                continue;
            }
            bounds.extend(self.bound(gate, figure, limit));
        }
        Some(Covers::Threshold { groups, bounds })
    }

    fn chosen_groups(&mut self, gate: &GateDefinition, condition: &tree::Expr) -> GroupChoice {
        let mut names = Scope::top().at(Place::Excused);
        let mut keys = Vec::new();
        for key in gate.per.iter().filter(|k| is_word(&k.name)) {
            let local = self.local();
            names.bind(&key.name, local, key.value.ty.clone(), Some(key.value.span));
            keys.push((key.name.clone(), local, key.value.ty.clone()));
        }
        GroupChoice { keys, condition: self.condition(&names, condition).0 }
    }

    /// `p95 <= 2s`: of the figure's kind, in the direction of its limit, and looser.
    fn bound(&mut self, gate: &GateDefinition, figure: &tree::Name, limit: &tree::Limit) -> Option<WaiverBound> {
        let Some((number, metric)) = gate.metrics.iter().enumerate().find(|(_, m)| *m.label == *figure.text) else {
            let known: Vec<&str> = gate.metrics.iter().map(|m| &*m.label).collect();
            let nearest = did_you_mean(&figure.text, known.iter().copied());
            self.report(say_gate::unknown_figure(&figure.text, nearest, &known, figure.span));
            return None;
        };
        let thresholds: Vec<&Threshold> = gate.thresholds.iter().filter(|t| t.metric == number).collect();
        if thresholds.is_empty() {
            self.report(say::not_judged(&figure.text, figure.span));
            return None;
        }
        let ty = metric.figure.ty.present().clone();
        let limit = match limit {
            tree::Limit::Compare { op, value, .. } => {
                Limit::Compare { op: compare_op(*op), value: self.bound_value(value, &ty, metric.span)? }
            }
            tree::Limit::Range { low, high } => {
                let low = self.bound_value(low, &ty, metric.span);
                Limit::Range { low: low?, high: self.bound_value(high, &ty, metric.span)? }
            }
        };
        match self.excuse(metric, &thresholds, &limit) {
            Excuse::More => {}
            excuse => {
                let limits: Vec<Span> = thresholds.iter().map(|t| t.span).collect();
                self.report(say::excuses_nothing(&figure.text, excuse, figure.span, &limits));
            }
        }
        Some(WaiverBound { figure: metric.label.clone(), ty, limit, span: figure.span })
    }

    fn bound_value(&mut self, value: &tree::Expr, figure: &Type, metric: Span) -> Option<Expr> {
        let bound = self.infer(&Scope::top().at(Place::Constant), value, None);
        if bound.ty.is_unknown() {
            return None;
        }
        if !comparable(figure, &bound.ty) {
            let words = self.words(value.span);
            let bare = matches!(&*value.bare().kind, ExprKind::Number(_));
            self.report(say_gate::limit_type(figure, metric, &bound.ty, value.span, bare.then_some(&*words)));
            return None;
        }
        if self.fold(&bound).is_none() {
            let words = self.words(value.span);
            self.report(super::diagnostics::types::not_constant(&words, value.span));
            return None;
        }
        Some(bound)
    }

    fn dates(&mut self, found: &Found<'_>, horizon: &Horizon) -> (Option<Num>, Option<Num>) {
        let mut moment = |clause: Option<&Clause>| match clause {
            Some(Clause::Opened(at) | Clause::Expires(at)) => match self.constant(at, &Type::Instant) {
                Some((expr, Value::Num(n))) => Some((n, expr.span)),
                _ => None,
            },
            _ => None,
        };
        let (opened, expires) = (moment(found.get("opened")), moment(found.get("expires")));
        if let (Some((from, opened)), Some((to, expires))) = (opened, expires) {
            let asked = to.sub(from);
            if to <= from {
                self.report(say::never_open(opened, expires));
            } else if let Some(asked) = asked.filter(|a| *a > horizon.longest) {
                let shown = |n: Num| print::value(&Value::Num(n), &Type::DURATION);
                self.report(say::too_long(&shown(asked), &shown(horizon.longest), horizon.written, expires));
            }
        }
        (opened.map(|o| o.0), expires.map(|e| e.0))
    }

    fn plain_note(&mut self, word: &'static str, text: &StringLit) -> Option<Arc<str>> {
        self.refuse_blank(word, text);
        let plain = text.as_plain();
        if plain.is_none() {
            self.report(say_gate::text_with_values(word, text.span));
        }
        plain.map(Into::into)
    }

    fn refuse_blank(&mut self, word: &str, text: &StringLit) {
        if text.as_plain().is_some_and(|t| t.trim().is_empty()) {
            self.report(say::blank(word, text.span));
        }
    }

    /// A waiver is judged before the gate that it excuses: it reads no results.
    fn refuse_results(&mut self, waiver: &Node) {
        let reads = self.reads.get(waiver).cloned().unwrap_or_default();
        for (read, span) in reads {
            let Some(path) = self.road_to_result(&read) else { continue };
            let names: Vec<String> = path.iter().map(|n| self.node_name(n)).collect();
            self.report(say::reads_result(&names, span));
        }
    }

    /// How something leads to the result of a gate: the nodes on the way, itself first.
    fn road_to_result(&self, from: &Node) -> Option<Vec<Node>> {
        let mut before: BTreeMap<&Node, Option<&Node>> = BTreeMap::from([(from, None)]);
        let mut open = Vec::from([from]);
        while let Some(node) = open.pop() {
            if matches!(node, Node::Gate(_)) {
                let steps = std::iter::successors(Some(node), |at| before.get(at).copied().flatten());
                let mut road: Vec<Node> = steps.cloned().collect();
                road.reverse();
                return Some(road);
            }
            for next in self.reads.get(node).into_iter().flat_map(|r| r.keys()) {
                if !before.contains_key(next) {
                    before.insert(next, Some(node));
                    open.push(next);
                }
            }
        }
        None
    }
}
