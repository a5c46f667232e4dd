//! Lets, params and defs, worked out when they are first asked for, and who reads what.

use super::checker::{Checker, MAX_CHAIN, Memo, Node};
use super::diagnostics::{clauses as say_clause, names as say, types};
use super::expr::unknown;
use super::scope::{Place, Scope};
use crate::data::Type;
use crate::model::{Def, DefId, Let, LetId, LocalId, Param, ParamId};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Checker<'_> {
    /// Checks every let, param and def that nobody has asked for yet.
    pub(super) fn check_expressions(&mut self) {
        for (i, entry) in (0..).zip(self.declared.params.clone()) {
            self.param(ParamId(i), entry.span);
        }
        for (i, entry) in (0..).zip(self.declared.lets.clone()) {
            self.let_type_at(LetId(i), entry.span);
        }
        for (i, entry) in (0..).zip(self.declared.defs.clone()) {
            if let Some((_, signature)) = self.registry.function(&entry.name) {
                let notation = format!("{}{signature}", entry.name);
                self.report(say::def_hides_function(&entry.name, entry.span, &notation));
            }
            self.def_signature_at(DefId(i), entry.span);
        }
    }

    /// The type of a `let` that is used at this place.
    pub(super) fn let_type_at(&mut self, id: LetId, used: Span) -> Type {
        match self.lets.get(id.index()) {
            Some(Memo::Done(checked)) => return checked.value.ty.clone(),
            Some(Memo::NotStarted) => {}
            Some(Memo::InProgress) => {
                self.report_cycle(&Node::Let(id), used);
                return Type::Unknown;
            }
            None => return Type::Unknown,
        }
        let Some(entry) = self.declared.lets.get(id.index()).cloned() else { return Type::Unknown };
        if self.chain_is_too_long(used) {
            return Type::Unknown;
        }
        set(&mut self.lets, id.index(), Memo::InProgress);
        let value = self.alone(Node::Let(id), |c| {
            let due = entry.tree.ty.as_ref().map(|ty| c.type_expr(ty).1);
            match due {
                Some(due) => c.infer_as(&Scope::top(), &entry.tree.value, &due),
                None => {
                    let value = c.infer(&Scope::top(), &entry.tree.value, None);
                    c.typed(value, &entry.name, entry.span)
                }
            }
        });
        let ty = value.ty.clone();
        let checked = Let { name: entry.name, span: entry.span, doc: entry.doc, value };
        set(&mut self.lets, id.index(), Memo::Done(checked));
        ty
    }

    /// Whether too many declarations are being checked one inside the other; said once.
    fn chain_is_too_long(&mut self, used: Span) -> bool {
        if self.path.len() < MAX_CHAIN {
            return false;
        }
        if !std::mem::replace(&mut self.chain_told, true) {
            self.report(say_clause::depth(MAX_CHAIN, used));
        }
        true
    }

    /// A value whose type nothing says: `let x = none`, `let x = []`.
    fn typed(&mut self, value: crate::model::Expr, name: &str, span: Span) -> crate::model::Expr {
        if !nothing_inside(&value.ty) {
            return value;
        }
        self.report(types::type_unsaid(name, &value.ty, span, value.span));
        unknown(value.span)
    }

    /// The type of a `param` that is used at this place.
    pub(super) fn param(&mut self, id: ParamId, used: Span) -> Type {
        match self.params.get(id.index()) {
            Some(Memo::Done(checked)) => return checked.ty.clone(),
            Some(Memo::NotStarted) => {}
            Some(Memo::InProgress) => {
                self.report_cycle(&Node::Param(id), used);
                return Type::Unknown;
            }
            None => return Type::Unknown,
        }
        let Some(entry) = self.declared.params.get(id.index()).cloned() else { return Type::Unknown };
        set(&mut self.params, id.index(), Memo::InProgress);
        let (value, ty) = self.alone(Node::Param(id), |c| {
            let scope = Scope::top().at(Place::Constant);
            let due = entry.tree.ty.as_ref().map(|ty| c.type_expr(ty).1);
            let value = match &due {
                Some(due) => c.infer_as(&scope, &entry.tree.value, due),
                None => {
                    let value = c.infer(&scope, &entry.tree.value, None);
                    c.typed(value, &entry.name, entry.span)
                }
            };
            if !value.ty.is_unknown() && c.fold(&value).is_none() {
                let words = c.words(value.span);
                c.report(types::not_constant(&words, value.span));
            }
            // Where the value is wrong the declared type still helps the users of the param.
            let ty = due.unwrap_or_else(|| value.ty.clone());
            (value, ty)
        });
        let checked = Param { name: entry.name, span: entry.span, doc: entry.doc, ty: ty.clone(), value };
        set(&mut self.params, id.index(), Memo::Done(checked));
        ty
    }

    /// Parameters and result type of a `def` that is called at this place.
    pub(super) fn def_signature_at(&mut self, id: DefId, used: Span) -> (Vec<(Arc<str>, Type)>, Type) {
        let Some(entry) = self.declared.defs.get(id.index()).cloned() else { return (Vec::new(), Type::Unknown) };
        match self.defs.get(id.index()) {
            Some(Memo::Done(def)) => {
                let parameters = def.parameters.iter().map(|(_, name, ty)| (name.clone(), ty.clone())).collect();
                return (parameters, def.body.ty.clone());
            }
            Some(Memo::InProgress) => {
                self.report_cycle(&Node::Def(id), used);
                let parameters = entry.tree.parameters.iter().map(|(n, _)| (n.text.as_str().into(), Type::Unknown));
                return (parameters.collect(), Type::Unknown);
            }
            _ => {}
        }
        if self.chain_is_too_long(used) {
            let parameters = entry.tree.parameters.iter().map(|(n, _)| (n.text.as_str().into(), Type::Unknown));
            return (parameters.collect(), Type::Unknown);
        }
        set(&mut self.defs, id.index(), Memo::InProgress);
        let (parameters, body) = self.alone(Node::Def(id), |c| {
            let mut scope = Scope::top();
            let mut parameters: Vec<(LocalId, Arc<str>, Type)> = Vec::new();
            for (name, ty) in &entry.tree.parameters {
                c.check_unbound(&scope, name);
                let (local, ty) = (c.local(), c.type_expr(ty).1);
                scope.bind(&name.text, local, ty.clone(), Some(name.span));
                parameters.push((local, name.text.as_str().into(), ty));
            }
            let body = match &entry.tree.ty {
                Some(ty) => {
                    let due = c.type_expr(ty).1;
                    c.infer_as(&scope, &entry.tree.body, &due)
                }
                None => {
                    let body = c.infer(&scope, &entry.tree.body, None);
                    c.typed(body, &entry.name, entry.span)
                }
            };
            (parameters, body)
        });
        let result = body.ty.clone();
        let listed = parameters.iter().map(|(_, name, ty)| (name.clone(), ty.clone())).collect();
        let def = Def { name: entry.name, span: entry.span, doc: entry.doc, parameters, body };
        set(&mut self.defs, id.index(), Memo::Done(def));
        (listed, result)
    }

    /// Works something out on its own: what is being gathered for the place that asked for it
    /// (row aggregates, clauses leaned on) is put aside meanwhile.
    pub(super) fn alone<R>(&mut self, node: Node, f: impl FnOnce(&mut Self) -> R) -> R {
        let aggregates = std::mem::take(&mut self.row_aggregates);
        let leaned = std::mem::take(&mut self.leaned);
        let result = self.within(node, f);
        self.row_aggregates = aggregates;
        self.leaned = leaned;
        result
    }

    /// Reports that `node`, which is being worked out, asks for itself.
    pub(super) fn report_cycle(&mut self, node: &Node, used: Span) {
        let Some(start) = self.path.iter().position(|n| n == node) else { return };
        let members: Vec<Node> = self.path.iter().skip(start).cloned().collect();
        let names: Vec<String> = members.iter().chain([node]).map(|n| self.node_name(n)).collect();
        let hop = |pair: &[Node]| match pair {
            [a, b] => self.reads.get(a).and_then(|r| r.get(b)).map(|span| (self.node_name(b), *span)),
            _ => None,
        };
        let hops: Vec<(String, Span)> = members.windows(2).filter_map(hop).collect();
        self.report(say::cycle(&names, used, &hops));
    }

    /// The name of a declared thing.
    pub(super) fn node_name(&self, node: &Node) -> String {
        let name = match node {
            Node::Param(id) => self.declared.params.get(id.index()).map(|e| e.name.to_string()),
            Node::Let(id) => self.declared.lets.get(id.index()).map(|e| e.name.to_string()),
            Node::Def(id) => self.declared.defs.get(id.index()).map(|e| e.name.to_string()),
            Node::Shape(id) => self.declared.shapes.get(id.index()).map(|e| e.name.to_string()),
            Node::Evidence(id) => self.declared.evidence.get(id.index()).map(|e| e.name.to_string()),
            Node::Gate(id) => Some(id.to_string()),
            Node::Artifact(name) => Some(name.to_string()),
            Node::Waiver(id) => Some(id.to_string()),
            Node::AsOf => Some("as_of".to_owned()),
            Node::Candidate => Some("candidate".to_owned()),
        };
        name.unwrap_or_else(|| "(prelude)".to_owned())
    }

    /// How something leads to evidence (or, for constants, to anything known only in a run): the
    /// nodes on the way, itself first.
    pub(super) fn road_to_evidence(&self, from: &Node, constant: bool) -> Option<Vec<Node>> {
        let goal = |n: &Node| match n {
            Node::Evidence(_) | Node::Gate(_) => true,
            Node::AsOf | Node::Candidate => constant,
            Node::Param(_) | Node::Let(_) | Node::Def(_) | Node::Shape(_) | Node::Artifact(_) | Node::Waiver(_) => {
                false
            }
        };
        // Each node with the one that it was first reached from.
        let (mut open, mut before) = (vec![(from, None)], BTreeMap::new());
        while let Some((node, reader)) = open.pop() {
            if before.contains_key(node) {
                continue;
            }
            before.insert(node, reader);
            if goal(node) {
                let steps = std::iter::successors(Some(node), |at| before.get(at).copied().flatten());
                let mut road: Vec<Node> = steps.cloned().collect();
                road.reverse();
                return Some(road);
            }
            open.extend(self.reads.get(node).into_iter().flat_map(|r| r.keys()).rev().map(|next| (next, Some(node))));
        }
        None
    }
}

/// Whether a type has no values at its heart.
fn nothing_inside(ty: &Type) -> bool {
    match ty {
        Type::Never => true,
        Type::Optional(inner) | Type::List(inner) => nothing_inside(inner),
        Type::Map(key, _) => nothing_inside(key),
        _ => false,
    }
}

fn set<T>(memos: &mut [Memo<T>], index: usize, memo: Memo<T>) {
    if let Some(slot) = memos.get_mut(index) {
        *slot = memo;
    }
}
