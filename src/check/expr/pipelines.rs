//! Lists taken through stages: `xs as x where .. join .. select ..`.
//!
//! Without a name the element is "the row": bare names are its fields, and a row further out is
//! hidden. With a name (`as`) bare names keep meaning the row outside. What a `where` proves of
//! an element is part of the type of the result.

use super::{Expect, literal, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{lists, names as say, types};
use crate::check::facts::{Fact, Path, Proof, Root, with_field_type};
use crate::check::scope::{Place, Row, Scope};
use crate::data::{Field, RecordType, Type, Value};
use crate::model::{Expr, ExprKind, JoinStage, LocalId, SortKey, Stage};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

/// A pipeline on the way.
struct Flow {
    /// Names in force for the next stage.
    scope: Scope,
    stages: Vec<Stage>,
    /// What an element is made of: the unnamed row, or names.
    element: Element,
    /// A mistake was reported: the result is poison.
    broken: bool,
}

enum Element {
    Row(LocalId),
    Names(Vec<Named>),
}

struct Named {
    name: Arc<str>,
    local: LocalId,
    /// It came with `as` or `join`, and not with `with` or `number`.
    alias: bool,
}

impl Checker<'_> {
    pub(super) fn pipeline(
        &mut self,
        outer: &Scope,
        source: &tree::Expr,
        alias: Option<&tree::Name>,
        stages: &[tree::Stage],
        span: Span,
        expected: Option<&Type>,
    ) -> Expr {
        // A list of words filtered before it is used takes them from the place, if nothing in
        // between makes something else of it.
        let keeps = stages.iter().all(|s| {
            !matches!(s.kind, tree::StageKind::Select(_) | tree::StageKind::Group(_) | tree::StageKind::Join(..))
        });
        let hint = expected.filter(|_| keeps).map_or(Expect::Free, Expect::Hint);
        let source = self.expr(outer, source, hint);
        let source = self.listed(&source);
        let ty = source.ty.element().unwrap_or(Type::Unknown);
        let row = self.local();
        let mut flow = match alias {
            Some(name) => {
                self.check_unbound(outer, name);
                let mut scope = outer.clone();
                scope.bind(&name.text, row, ty, Some(name.span));
                let named = Named { name: name.text.as_str().into(), local: row, alias: true };
                Flow { scope, stages: Vec::new(), element: Element::Names(vec![named]), broken: false }
            }
            None => {
                let scope = outer.with_row(row, ty);
                Flow { scope, stages: Vec::new(), element: Element::Row(row), broken: false }
            }
        };
        flow.scope.sample = None;
        flow.scope.place = Place::Stage;
        flow.broken = source.ty.is_unknown();
        let element = expected.and_then(|ty| ty.present().element());
        for (i, stage) in stages.iter().enumerate() {
            let last = i + 1 == stages.len();
            self.stage(outer, &mut flow, stage, element.as_ref().filter(|_| last));
        }
        self.finish(flow, source, row, span)
    }

    fn stage(&mut self, outer: &Scope, flow: &mut Flow, stage: &tree::Stage, expected: Option<&Type>) {
        match &stage.kind {
            tree::StageKind::Where(condition) => {
                // A mistake in it does not hide what the elements are.
                let judged = self.judge(&flow.scope, condition);
                flow.scope.assume(&judged.yes, None);
                let site = self.site();
                flow.stages.push(Stage::Where { site, condition: judged.expr });
            }
            tree::StageKind::With(name, value) => {
                let value = self.expr(&flow.scope, value, Expect::Free);
                self.column(flow, name, value);
            }
            tree::StageKind::Join(source, name) => self.join(flow, source, name, stage.span),
            tree::StageKind::Group(keys) => self.group(outer, flow, keys, stage.span),
            tree::StageKind::Select(value) => {
                let hint = expected.map_or(Expect::Free, Expect::Hint);
                let value = self.expr(&flow.scope, value, hint);
                flow.broken |= value.ty.is_unknown();
                let local = self.local();
                let ty = value.ty.clone();
                flow.stages.push(Stage::Bind { local, value });
                self.unnamed(outer, flow, local, ty);
            }
            tree::StageKind::Sort(keys) => {
                let keys = keys.iter().map(|(key, order)| {
                    let key = self.expr(&flow.scope, key, Expect::Free);
                    self.sortable(&key);
                    SortKey { key, descending: *order == tree::SortOrder::Descending }
                });
                let keys = keys.collect();
                flow.stages.push(Stage::Sort { keys });
            }
            tree::StageKind::Distinct(keys) => {
                let keys = match keys {
                    Some(keys) => self.keys(flow, keys),
                    None => self.whole(flow, stage.span),
                };
                flow.stages.push(Stage::Distinct { keys });
            }
            tree::StageKind::Number(name, keys) => {
                let keys = keys.as_ref().map(|keys| self.keys(flow, keys)).unwrap_or_default();
                let local = self.local();
                flow.stages.push(Stage::Number { keys, local });
                let position = node(ExprKind::Local(local), Type::Int, name.span);
                self.column(flow, name, position);
            }
        }
    }

    fn keys(&mut self, flow: &mut Flow, keys: &[tree::Expr]) -> Vec<Expr> {
        let keys: Vec<Expr> = keys.iter().map(|k| self.expr(&flow.scope, k, Expect::Free)).collect();
        flow.broken |= keys.iter().any(|k| k.ty.is_unknown());
        keys
    }

    fn sortable(&mut self, key: &Expr) {
        match key.ty.present() {
            ty if ty.is_ordered() => {}
            Type::Bool | Type::Enum(_) | Type::Unknown => {}
            ty => {
                let words = self.words(key.span);
                self.report(lists::no_sort(&words, ty, key.span));
            }
        }
    }

    /// `with name = value`, and the number of `number`: a new column of an unnamed row, a new
    /// name next to aliases.
    fn column(&mut self, flow: &mut Flow, name: &tree::Name, value: Expr) {
        flow.broken |= value.ty.is_unknown();
        match &mut flow.element {
            Element::Names(names) => {
                if flow.scope.bound(&name.text).is_some() {
                    let first = flow.scope.bound(&name.text).and_then(|b| b.span);
                    self.report(say::shadowed(&name.text, name.span, first));
                    flow.broken = true;
                    return;
                }
                // The number of `number` is a local already.
                let local = match &*value.kind {
                    ExprKind::Local(local) if value.span == name.span => *local,
                    _ => self.next_bound(&mut flow.stages, value.clone()),
                };
                flow.scope.bind(&name.text, local, value.ty, Some(name.span));
                names.push(Named { name: name.text.as_str().into(), local, alias: false });
            }
            Element::Row(row) => {
                let row = *row;
                let Some(Row { ty, .. }) = flow.scope.row.clone() else { return };
                let this = self.expr_of_row(&flow.scope, row, ty, name.span);
                let record = match &this.ty {
                    Type::Record(record) => record.clone(),
                    Type::Unknown => {
                        flow.broken = true;
                        return;
                    }
                    ty => {
                        self.report(lists::column_of_no_record(&name.text, ty, name.span));
                        flow.broken = true;
                        return;
                    }
                };
                if record.field(&name.text).is_some() {
                    self.report(say::column_exists(&name.text, name.span));
                    flow.broken = true;
                    return;
                }
                let (fields, ty) = extended(&this, &record, [(name.text.as_str().into(), value)]);
                let local = self.local();
                let value = node(ExprKind::Record(fields), ty.clone(), name.span);
                flow.stages.push(Stage::Bind { local, value });
                carry_facts(&mut flow.scope, row, local);
                flow.scope.row = Some(Row { local, ty });
                flow.element = Element::Row(local);
            }
        }
    }

    fn next_bound(&mut self, stages: &mut Vec<Stage>, value: Expr) -> LocalId {
        let local = self.local();
        stages.push(Stage::Bind { local, value });
        local
    }

    fn expr_of_row(&mut self, scope: &Scope, row: LocalId, ty: Type, span: Span) -> Expr {
        let local = node(ExprKind::Local(row), ty, span);
        self.narrowed(scope, local)
    }

    fn join(&mut self, flow: &mut Flow, source: &tree::Expr, name: &tree::Name, span: Span) {
        let source = self.expr(&flow.scope, source, Expect::Free);
        let source = self.listed(&source);
        flow.broken |= source.ty.is_unknown();
        let Element::Names(names) = &mut flow.element else {
            // The name is bound all the same: its uses are no further mistakes.
            let local = self.local();
            flow.scope.bind(&name.text, local, Type::Unknown, Some(name.span));
            self.report(lists::join_of_unnamed(&name.text, span));
            flow.broken = true;
            return;
        };
        if let Some(bound) = flow.scope.bound(&name.text) {
            let first = bound.span;
            self.report(say::shadowed(&name.text, name.span, first));
            flow.broken = true;
        }
        let (site, local) = (self.site(), self.local());
        flow.scope.bind(&name.text, local, source.ty.element().unwrap_or(Type::Unknown), Some(name.span));
        names.push(Named { name: name.text.as_str().into(), local, alias: true });
        flow.stages.push(Stage::Join(JoinStage { site, source, local }));
    }

    /// `group by a, b`: rows become `{a, b, group: {rows}}`.
    fn group(&mut self, outer: &Scope, flow: &mut Flow, keys: &[tree::Expr], span: Span) {
        let mut fields = Vec::with_capacity(keys.len() + 1);
        for key in keys {
            match key_name(key) {
                Some("group") => {
                    self.report(lists::group_key_clash(key.span));
                    flow.broken = true;
                }
                Some(name) if fields.iter().any(|(n, _): &(Arc<str>, Span)| **n == *name) => {
                    self.report(types::field_twice(name, key.span, key.span));
                    flow.broken = true;
                }
                Some(name) => fields.push((name.into(), key.span)),
                None => {
                    let words = self.words(key.span);
                    self.report(lists::group_key_without_name(&words, key.span));
                    flow.broken = true;
                }
            }
        }
        let keys = self.keys(flow, keys);
        let Some(member) = self.one_value(flow, span, "group by") else {
            flow.broken = true;
            self.unnamed_unknown(outer, flow);
            return;
        };
        if flow.broken || fields.len() != keys.len() {
            flow.broken = true;
            self.unnamed_unknown(outer, flow);
            return;
        }
        let rows = Field { name: "rows".into(), ty: Type::list(member.ty.clone()) };
        let group = Type::Record(Arc::new(RecordType { name: None, fields: vec![rows] }));
        let mut columns: Vec<Field> =
            fields.iter().zip(&keys).map(|((name, _), key)| Field { name: name.clone(), ty: key.ty.clone() }).collect();
        columns.push(Field { name: "group".into(), ty: group });
        let ty = Type::Record(Arc::new(RecordType { name: None, fields: columns }));
        let (site, row) = (self.site(), self.local());
        flow.stages.push(Stage::Group { site, keys, member, row });
        self.unnamed(outer, flow, row, ty);
        let path = Path { root: Root::Local(row), fields: vec!["group".into(), "rows".into()] };
        flow.scope.facts.push(Fact { path, proof: Proof::Nonempty, tag: None });
    }

    /// From here on the element is an unnamed row again.
    fn unnamed(&mut self, outer: &Scope, flow: &mut Flow, row: LocalId, ty: Type) {
        let mut scope = outer.with_row(row, ty);
        scope.sample = None;
        scope.place = Place::Stage;
        flow.scope = scope;
        flow.element = Element::Row(row);
    }

    fn unnamed_unknown(&mut self, outer: &Scope, flow: &mut Flow) {
        let row = self.local();
        self.unnamed(outer, flow, row, Type::Unknown);
    }

    /// All that an element is made of, for `distinct` without keys.
    fn whole(&mut self, flow: &mut Flow, span: Span) -> Vec<Expr> {
        let locals: Vec<LocalId> = match &flow.element {
            Element::Row(row) => vec![*row],
            Element::Names(names) => names.iter().map(|n| n.local).collect(),
        };
        locals.into_iter().map(|local| self.local_value(&flow.scope, local, span)).collect()
    }

    fn local_value(&mut self, scope: &Scope, local: LocalId, span: Span) -> Expr {
        let row = scope.row.as_ref().filter(|r| r.local == local).map(|r| r.ty.clone());
        let ty = row.or_else(|| scope.bound.iter().find(|b| b.local == local).map(|b| b.ty.clone()));
        let value = node(ExprKind::Local(local), ty.unwrap_or(Type::Unknown), span);
        self.narrowed(scope, value)
    }

    /// The element as one value: the row, or the one alias with the columns that `with` and
    /// `number` gave it. More aliases need a `select`.
    fn one_value(&mut self, flow: &mut Flow, span: Span, before: &str) -> Option<Expr> {
        let names = match &flow.element {
            Element::Row(row) => {
                let row = *row;
                return Some(self.element_value(&flow.scope, row, span));
            }
            Element::Names(names) => names,
        };
        let aliases: Vec<&Named> = names.iter().filter(|n| n.alias).collect();
        let others: Vec<(Arc<str>, LocalId)> =
            names.iter().filter(|n| !n.alias).map(|n| (n.name.clone(), n.local)).collect();
        let [alias] = aliases.as_slice() else {
            if !flow.broken {
                let all: Vec<&str> = names.iter().map(|n| &*n.name).collect();
                self.report(lists::needs_select(&all, span, before));
            }
            return None;
        };
        let (alias_name, alias) = (alias.name.clone(), alias.local);
        let value = self.element_value(&flow.scope, alias, span);
        if others.is_empty() {
            return Some(value);
        }
        let record = match &value.ty {
            Type::Record(record) => record.clone(),
            Type::Unknown => return None,
            _ => {
                if !flow.broken {
                    let all: Vec<&str> =
                        std::iter::once(&*alias_name).chain(others.iter().map(|(n, _)| &**n)).collect();
                    self.report(lists::needs_select(&all, span, before));
                }
                return None;
            }
        };
        if let Some((name, _)) = others.iter().find(|(n, _)| record.field(n).is_some()) {
            self.report(lists::name_and_column(name, &alias_name, span));
            return None;
        }
        let columns: Vec<(Arc<str>, Expr)> =
            others.into_iter().map(|(n, local)| (n, self.element_value(&flow.scope, local, span))).collect();
        let (fields, ty) = extended(&value, &record, columns);
        Some(node(ExprKind::Record(fields), ty, span))
    }

    /// The value of a local under the type that the facts in force give it: fields that are
    /// proved to be there are not optional, those proved to be readable are decoded.
    fn element_value(&mut self, scope: &Scope, local: LocalId, span: Span) -> Expr {
        let value = self.local_value(scope, local, span);
        let facts: Vec<Fact> = scope
            .facts
            .iter()
            .filter(|f| f.path.root == Root::Local(local) && !f.path.fields.is_empty())
            .cloned()
            .collect();
        let mut value = value;
        // Presence first: it changes no values.
        let mut ty = value.ty.clone();
        for fact in facts.iter().filter(|f| matches!(f.proof, Proof::Present)) {
            ty = with_field_type(&ty, &fact.path.fields, &|t| t.present().clone()).unwrap_or(ty);
        }
        if ty != value.ty {
            value = node(ExprKind::Narrowed { value, shape: None }, ty, span);
        }
        let decoded = |f: &&Fact| matches!(f.proof, Proof::Is(..));
        let mut done: Vec<&[Arc<str>]> = Vec::new();
        for fact in facts.iter().filter(decoded) {
            if !done.iter().any(|d| fact.path.fields.starts_with(d)) {
                value = decode(value, &fact.path.fields, &fact.proof, span);
                done.push(&fact.path.fields);
            }
        }
        value
    }

    fn finish(&mut self, mut flow: Flow, source: Expr, row: LocalId, span: Span) -> Expr {
        let Some(value) = self.one_value(&mut flow, span, "") else { return unknown(span) };
        if flow.broken || value.ty.is_unknown() {
            return unknown(span);
        }
        let ty = value.ty.clone();
        let result = match bare_local(&value) {
            Some(local) => local,
            None => self.next_bound(&mut flow.stages, value),
        };
        node(ExprKind::Pipeline { source, row, stages: flow.stages, result }, Type::list(ty), span)
    }
}

/// A record with more columns.
fn extended(
    base: &Expr,
    record: &RecordType,
    columns: impl IntoIterator<Item = (Arc<str>, Expr)>,
) -> (Vec<Expr>, Type) {
    let mut values = parts(base, record);
    let mut fields = record.fields.clone();
    for (name, value) in columns {
        fields.push(Field { name, ty: value.ty.clone() });
        values.push(value);
    }
    (values, Type::Record(Arc::new(RecordType { name: None, fields })))
}

/// Each field of a record as an expression.
fn parts(base: &Expr, record: &RecordType) -> Vec<Expr> {
    if let ExprKind::Record(values) = &*base.kind {
        return values.clone();
    }
    let part = |(index, field): (usize, &Field)| {
        node(ExprKind::Field { base: base.clone(), index }, field.ty.clone(), base.span)
    };
    record.fields.iter().enumerate().map(part).collect()
}

/// A record in which one part, some fields down, is decoded.
fn decode(value: Expr, fields: &[Arc<str>], proof: &Proof, span: Span) -> Expr {
    let Proof::Is(shape, ty) = proof else { return value };
    let Some((head, rest)) = fields.split_first() else {
        return node(ExprKind::Narrowed { value, shape: Some(shape.clone()) }, ty.clone(), span);
    };
    let Type::Record(record) = value.ty.clone() else { return value };
    let Some((index, _)) = record.field(head) else { return value };
    let mut values = parts(&value, &record);
    let mut types = record.fields.clone();
    if let (Some(slot), Some(field)) = (values.get_mut(index), types.get_mut(index)) {
        let part = std::mem::replace(slot, literal(Value::Missing, Type::Unknown, span));
        *slot = decode(part, rest, proof, span);
        field.ty = slot.ty.clone();
    }
    let ty = Type::Record(Arc::new(RecordType { name: None, fields: types }));
    node(ExprKind::Record(values), ty, span)
}

/// The local that a value is, however much is known of it.
fn bare_local(value: &Expr) -> Option<LocalId> {
    match &*value.kind {
        ExprKind::Local(local) => Some(*local),
        ExprKind::Narrowed { value, shape: None } => bare_local(value),
        _ => None,
    }
}

/// What is known of a row also holds for the same row with one more column.
fn carry_facts(scope: &mut Scope, from: LocalId, to: LocalId) {
    let carried: Vec<Fact> = scope
        .facts
        .iter()
        .filter(|f| f.path.root == Root::Local(from))
        .map(|f| Fact { path: Path { root: Root::Local(to), fields: f.path.fields.clone() }, ..f.clone() })
        .collect();
    scope.facts.extend(carried);
}

/// The name of a key: that of the field it is.
pub(in crate::check) fn key_name(key: &tree::Expr) -> Option<&str> {
    match &*key.kind {
        tree::ExprKind::Name(name) => Some(name),
        tree::ExprKind::Field { name, .. } => Some(&name.text),
        tree::ExprKind::Parenthesised(inner) => key_name(inner),
        _ => None,
    }
}
