//! Parts of values: `x.f`, `xs[i]`, `m[k]`, and `xs[].f`, where each `[]` means "every element".

use super::names::{enum_word, spelling};
use super::{Expect, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{lists, missing, names as say, types};
use crate::check::scope::Scope;
use crate::data::Type;
use crate::diag::did_you_mean;
use crate::model::{Expr, ExprKind, GateId, LocalId};
use crate::source::Span;
use crate::syntax::tree;

/// `body` of each `item` of a list: what a projection is while it is read.
struct Each {
    list: Expr,
    item: LocalId,
    body: Expr,
}

impl Checker<'_> {
    /// `x.f`, `xs[i]`, `xs[]` and chains of them.
    pub(super) fn postfix(&mut self, scope: &Scope, expr: &tree::Expr) -> Expr {
        match self.every(scope, expr) {
            Some(each) => self.project(each, false, expr.span),
            None => self.part(scope, expr),
        }
    }

    fn project(&mut self, each: Each, flatten: bool, span: Span) -> Expr {
        if each.list.ty.is_unknown() || each.body.ty.is_unknown() {
            return unknown(span);
        }
        if !flatten && matches!(&*each.body.kind, ExprKind::Local(local) if *local == each.item) {
            return Expr { span, ..each.list };
        }
        let ty = match (flatten, each.body.ty.element()) {
            (true, Some(element)) => Type::list(element),
            _ => Type::list(each.body.ty.clone()),
        };
        let Each { list, item, body } = each;
        let site = self.site();
        node(ExprKind::Project { site, list, item, body, flatten }, ty, span)
    }

    /// The part of a chain up to its last `[]`, and what is taken of each element after it.
    fn every(&mut self, scope: &Scope, expr: &tree::Expr) -> Option<Each> {
        match &*expr.kind {
            tree::ExprKind::Every { base } => {
                let list = match self.every(scope, base) {
                    None => self.expr(scope, base, Expect::Free),
                    Some(each) => {
                        let body = self.listed(&each.body);
                        self.project(Each { body, ..each }, true, base.span)
                    }
                };
                let list = self.listed(&list);
                let element = list.ty.element().unwrap_or(Type::Unknown);
                let item = self.local();
                Some(Each { list, item, body: node(ExprKind::Local(item), element, expr.span) })
            }
            tree::ExprKind::Field { base, name } => {
                let each = self.every(scope, base)?;
                let body = self.field_of_record(scope, each.body, name, expr.span);
                Some(Each { body, ..each })
            }
            tree::ExprKind::Index { base, key } => {
                let each = self.every(scope, base)?;
                let body = self.index_of(scope, each.body, key, expr.span);
                Some(Each { body, ..each })
            }
            _ => None,
        }
    }

    /// A list, or poison after a report.
    pub(super) fn listed(&mut self, list: &Expr) -> Expr {
        match &list.ty {
            Type::Unknown | Type::List(_) | Type::Map(..) => list.clone(),
            Type::Optional(inner) if matches!(**inner, Type::List(_) | Type::Map(..)) => {
                let words = self.words(list.span);
                self.report(missing::optional_list(&words, &list.ty, list.span));
                unknown(list.span)
            }
            ty => {
                let words = self.words(list.span);
                self.report(lists::not_a_list(&words, ty, list.span));
                unknown(list.span)
            }
        }
    }

    fn part(&mut self, scope: &Scope, expr: &tree::Expr) -> Expr {
        match &*expr.kind {
            tree::ExprKind::Field { base, name } => {
                if let Some(word) = self.qualified_word(scope, base, name, expr.span) {
                    return word;
                }
                if self.gate_as_value(scope, expr) {
                    return unknown(expr.span);
                }
                let base = self.expr(scope, base, Expect::Free);
                self.field_of_record(scope, base, name, expr.span)
            }
            tree::ExprKind::Index { base, key } => {
                let base = self.expr(scope, base, Expect::Free);
                self.index_of(scope, base, key, expr.span)
            }
            _ => unknown(expr.span),
        }
    }

    /// `E.member`
    fn qualified_word(&mut self, scope: &Scope, base: &tree::Expr, name: &tree::Name, span: Span) -> Option<Expr> {
        let tree::ExprKind::Name(enum_name) = &*base.kind else { return None };
        let e = self.enum_named(enum_name, base.span)?;
        if self.means_something(scope, enum_name) {
            // A value of that name too: it is meant when only it has such a part.
            let value = self.bare_name(scope, enum_name, base.span, None);
            let has = matches!(value.ty.present(), Type::Record(r) if r.field(&name.text).is_some());
            match (has, e.member(&name.text).is_some()) {
                (true, false) => return Some(self.field_of_record(scope, value, name, span)),
                (true, true) => {
                    self.report(say::enum_and_value(enum_name, &name.text, span));
                    return Some(unknown(span));
                }
                (false, _) => {}
            }
        }
        if e.member(&name.text).is_none() {
            let near = did_you_mean(&name.text, e.members.iter().map(|m| &*m.name)).map(str::to_owned);
            let near = near.or_else(|| spelling(&e, &name.text));
            self.report(say::unknown_member(&name.text, name.span, &e, near.as_deref(), &[]));
        }
        Some(enum_word(&e, &name.text, span))
    }

    /// A gate's id written like a value.
    fn gate_as_value(&mut self, scope: &Scope, expr: &tree::Expr) -> bool {
        if !first_word(expr).is_some_and(|first| self.declared.begins_gate(first)) {
            return false;
        }
        let Some((first, id)) = dotted(expr) else { return false };
        if self.means_something(scope, first) {
            // A value of that name too: it is meant when it has such a part.
            let value = self.bare_name(scope, first, expr.span, None);
            let part = id.split('.').nth(1).unwrap_or("");
            match value.ty.present() {
                Type::Record(record) if record.field(part).is_none() => {}
                Type::Record(_) | Type::Unknown => return false,
                _ => {}
            }
        }
        // The longest head of the chain that is a gate.
        let mut head = id.as_str();
        loop {
            if self.declared.gates.contains_key(&GateId::new(head)) {
                let rest = id.get(head.len()..).unwrap_or("").to_owned();
                self.report(say::gate_as_value(head, &rest, expr.span));
                return true;
            }
            match head.rsplit_once('.') {
                Some((shorter, _)) => head = shorter,
                None => return false,
            }
        }
    }

    /// The field of a record; lifts.
    pub(super) fn field_of_record(&mut self, scope: &Scope, base: Expr, name: &tree::Name, span: Span) -> Expr {
        let record = match base.ty.present() {
            Type::Record(record) => record.clone(),
            Type::Unknown => return unknown(span),
            _ => {
                let words = self.words(base.span);
                self.report(types::no_fields(&words, &base.ty, &name.text, base.span, name.span));
                return unknown(span);
            }
        };
        let Some((index, field)) = record.field(&name.text) else {
            let near = did_you_mean(&name.text, record.fields.iter().map(|f| &*f.name));
            self.report(say::unknown_field(&name.text, name.span, base.ty.present(), near));
            return unknown(span);
        };
        if field.is_unknown() {
            return unknown(span);
        }
        let ty = if base.ty.is_optional() { field.clone().optional() } else { field.clone() };
        let part = node(ExprKind::Field { base, index }, ty, span);
        self.narrowed(scope, part)
    }

    /// `xs[i]`, `m[k]`; lifts, and what is not there is missing.
    fn index_of(&mut self, scope: &Scope, base: Expr, key: &tree::Expr, span: Span) -> Expr {
        let (kind, ty): (fn(Expr, Expr) -> ExprKind, Type) = match base.ty.present() {
            Type::List(element) => {
                if let (Type::Record(_), tree::ExprKind::Text(_)) = (&**element, &*key.kind) {
                    let words = self.words(base.span);
                    self.report(lists::text_index(&words, &base.ty, key.span));
                    return unknown(span);
                }
                (|base, index| ExprKind::ListIndex { base, index }, (**element).clone())
            }
            Type::Map(_, value) => (|base, key| ExprKind::MapLookup { base, key }, (**value).clone()),
            Type::Unknown => {
                self.expr(scope, key, Expect::Free);
                return unknown(span);
            }
            ty => {
                let words = self.words(base.span);
                self.report(lists::no_index(&words, ty, base.span));
                return unknown(span);
            }
        };
        let due = match base.ty.present() {
            Type::Map(key, _) => (**key).clone(),
            _ => Type::Int,
        };
        let key = self.expr(scope, key, Expect::Due(&due.optional()));
        if base.ty.is_unknown() || key.ty.is_unknown() || ty.is_unknown() {
            return unknown(span);
        }
        node(kind(base, key), ty.optional(), span)
    }
}

/// The first word of a chain of names with dots.
fn first_word(expr: &tree::Expr) -> Option<&str> {
    match &*expr.kind {
        tree::ExprKind::Name(name) => Some(name),
        tree::ExprKind::Field { base, .. } => first_word(base),
        _ => None,
    }
}

/// The words of a chain of names with dots: the first, and all.
fn dotted(expr: &tree::Expr) -> Option<(&str, String)> {
    match &*expr.kind {
        tree::ExprKind::Name(name) => Some((name, name.clone())),
        tree::ExprKind::Field { base, name } => {
            let (first, head) = dotted(base)?;
            Some((first, format!("{head}.{}", name.text)))
        }
        _ => None,
    }
}
