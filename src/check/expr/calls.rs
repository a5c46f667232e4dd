//! Calls: defs of the policy, functions and aggregates of the registry.

use super::{Expect, leans_on_expectation, node, unknown};
use crate::check::checker::{Checker, Node};
use crate::check::diagnostics::{calls, missing, names as say};
use crate::check::scope::Scope;
use crate::data::{RecordType, Type, Value};
use crate::diag::did_you_mean;
use crate::model::{DefId, Expr, ExprKind};
use crate::registry::{Body, CallTypes, Function, Mismatch, Narrows, ParameterKind, Pattern, Resolved, Signature};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

/// What people call functions of ours in other languages.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("avg", "mean"),
    ("average", "mean"),
    ("len", "count"),
    ("length", "count"),
    ("size", "count"),
    ("total", "sum"),
    ("median", "p50"),
    ("percentile", "quantile"),
    ("percent", "ratio"),
    ("rate", "ratio"),
    ("share", "ratio"),
    ("defined", "present"),
    ("exists", "present"),
    ("str", "text"),
    ("to_string", "text"),
    ("tolower", "lower"),
    ("lowercase", "lower"),
    ("strip", "trim"),
    ("one", "only"),
    ("single", "only"),
];

/// A call under work: what is called, and where.
pub(super) struct Call<'c> {
    pub(super) function: Arc<Function>,
    pub(super) signature: Arc<Signature>,
    pub(super) arguments: &'c [tree::Expr],
    pub(super) name: Span,
    pub(super) span: Span,
}

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        scope: &Scope,
        name: &tree::Name,
        arguments: &[tree::Expr],
        span: Span,
        expected: Option<&Type>,
    ) -> Expr {
        if let Some(def) = self.declared.def(&name.text) {
            return self.call_def(scope, def, name, arguments, span);
        }
        let Some((function, signature)) = self.registry.function(&name.text) else {
            self.no_such_function(scope, name);
            self.only_arguments(scope, arguments);
            return unknown(span);
        };
        let (function, signature) = (function.clone(), signature.clone());
        let call = Call { function, signature, arguments, name: name.span, span };
        if matches!(call.function.body, Body::Form) {
            return self.form(scope, &call.signature, name, arguments, span);
        }
        match (&call.function.body, &scope.sample, arguments.split_last()) {
            (Body::Aggregate(_), Some(sample), Some((last, before))) => {
                self.aggregate_of_rows(scope, &sample.clone(), &call, before, last)
            }
            _ => self.call_function(scope, &call, expected),
        }
    }

    /// After a mistake about the call itself, its arguments are still checked for their own.
    fn only_arguments(&mut self, scope: &Scope, arguments: &[tree::Expr]) {
        for argument in arguments {
            if !leans_on_expectation(self, scope, argument) {
                self.expr(scope, argument, Expect::Free);
            }
        }
    }

    fn no_such_function(&mut self, scope: &Scope, name: &tree::Name) {
        if self.declared.broken.contains(&name.text) {
            return;
        }
        if self.means_something(scope, &name.text) {
            self.report(say::value_called(&name.text, name.span));
            return;
        }
        if self.declared.shape(&name.text).is_some() || self.declared.enums.contains_key(name.text.as_str()) {
            self.report(say::type_called(&name.text, name.span));
            return;
        }
        let lower = name.text.to_lowercase();
        let other = OTHER_NAMES.iter().find(|(theirs, _)| *theirs == lower).map(|(_, ours)| *ours);
        let other = other.filter(|ours| self.registry.function(ours).is_some());
        let registry = self.registry;
        let all = registry.functions().map(|(f, _)| f.name);
        let near = other.or_else(|| did_you_mean(&name.text, all.chain(self.declared.def_names()))).map(str::to_owned);
        self.report_once("function", &name.text, say::unknown_function(&name.text, name.span, near.as_deref()));
    }

    /// A function or aggregate over values.
    fn call_function(&mut self, scope: &Scope, call: &Call<'_>, expected: Option<&Type>) -> Expr {
        let Some(arguments) = self.arguments(scope, call, expected) else { return unknown(call.span) };
        self.finish_call(scope, call, arguments)
    }

    pub(super) fn finish_call(&mut self, scope: &Scope, call: &Call<'_>, arguments: Vec<Expr>) -> Expr {
        let span = call.span;
        let found: Vec<Type> = arguments.iter().map(|a| a.ty.clone()).collect();
        let resolved = match call.function.resolve(&call.signature, &found) {
            Ok(resolved) => resolved,
            Err(mismatch) => {
                self.mismatched(scope, call, &arguments, &mismatch);
                return unknown(span);
            }
        };
        let Resolved { arguments: due, result, lifted } = resolved;
        let converted: Vec<Expr> = arguments.into_iter().zip(&due).map(|(a, due)| self.argument_as(a, due)).collect();
        if !self.constant_arguments(call, &converted) {
            return unknown(span);
        }
        if self.aggregates_quotients(call, converted.last()) {
            return unknown(span);
        }
        self.always_there(call, &converted);
        let filled = result.is_optional()
            && !lifted
            && (self.never_empty(scope, call, &converted) || self.definite(call, &converted));
        let site = self.site();
        let kind = ExprKind::Call { site, function: call.function.clone(), arguments: converted, lifted };
        let value = node(kind, result.clone(), span);
        if filled { node(ExprKind::Narrowed { value, shape: None }, result.present().clone(), span) } else { value }
    }

    /// Whether the constant arguments of a call already say that there is a result.
    fn definite(&self, call: &Call<'_>, arguments: &[Expr]) -> bool {
        let known = || arguments.iter().map(|a| self.fold(a)).collect::<Vec<_>>();
        call.function.definite.is_some_and(|definite| definite(&known()))
    }

    /// An argument as the signature wants it; names and `any` stay what they are.
    pub(super) fn argument_as(&mut self, argument: Expr, due: &Type) -> Expr {
        if due.is_unknown() { argument } else { self.converted(argument, due) }
    }

    /// The arguments of a call: first those that say their own type, then those that take it
    /// from what the signature makes of the others. `None` after a report.
    fn arguments(&mut self, scope: &Scope, call: &Call<'_>, expected: Option<&Type>) -> Option<Vec<Expr>> {
        let mut inner = scope.clone();
        inner.sample = None;
        if call.function.narrows == Narrows::ArgumentsPresent {
            // A test for presence takes what may be missing: it leans on no earlier clause.
            inner.facts.retain(|f| f.tag.is_none());
        }
        let mut checked: Vec<Option<Expr>> = vec![None; call.arguments.len()];
        for leaning in [false, true] {
            for (i, argument) in call.arguments.iter().enumerate() {
                let kind = call.signature.parameter(i).map(|p| p.kind.clone());
                let by_name = !matches!(kind, None | Some(ParameterKind::Value(_)));
                if leans_on_expectation(self, scope, argument) != leaning && !by_name || checked_already(&checked, i) {
                    continue;
                }
                let expr = match kind {
                    Some(ParameterKind::Evidence) => self.evidence_or_row(&inner, argument),
                    Some(ParameterKind::Enum(_) | ParameterKind::Type(_)) => self.type_argument(argument),
                    Some(ParameterKind::Contract(_) | ParameterKind::Gate) | None => {
                        self.expr(&inner, argument, Expect::Free)
                    }
                    Some(ParameterKind::Value(pattern)) => {
                        let hint = self.hint(call, &checked, i, &pattern, expected);
                        self.expr(&inner, argument, hint.as_ref().map_or(Expect::Free, Expect::Hint))
                    }
                };
                if let Some(slot) = checked.get_mut(i) {
                    *slot = Some(expr);
                }
            }
        }
        let checked: Vec<Expr> = checked.into_iter().flatten().collect();
        let by_name = |i: usize| matches!(call.signature.parameter(i).map(|p| &p.kind), Some(k) if !matches!(k, ParameterKind::Value(_)));
        // Poison stays silent; names stand for themselves.
        let poisoned = checked
            .iter()
            .enumerate()
            .any(|(i, a)| a.ty.is_unknown() && (!by_name(i) || matches!(&*a.kind, ExprKind::Unknown)));
        if poisoned { None } else { Some(checked) }
    }

    /// What the signature makes of an argument, given those that are known.
    fn hint(
        &self,
        call: &Call<'_>,
        checked: &[Option<Expr>],
        index: usize,
        pattern: &Pattern,
        expected: Option<&Type>,
    ) -> Option<Type> {
        let known: Vec<Type> = checked.iter().map(|a| a.as_ref().map_or(Type::Never, |a| a.ty.clone())).collect();
        let due = call.signature.resolve(&known).ok().and_then(|r| r.arguments.get(index).cloned());
        let useful = |ty: &Type| {
            let mut inner = ty.present().clone();
            while let Type::List(element) = &inner {
                inner = element.present().clone();
            }
            !matches!(inner, Type::Never | Type::Unknown)
        };
        due.filter(useful).or_else(|| match (pattern, &call.signature.result) {
            // `concat([..], [..])`: the result's type is that of its parts.
            (a, b) if a == b => expected.cloned(),
            _ => None,
        })
    }

    /// The name of an evidence, or a row of one.
    fn evidence_or_row(&mut self, scope: &Scope, argument: &tree::Expr) -> Expr {
        if let tree::ExprKind::Name(name) = &*argument.kind
            && scope.bound(name).is_none()
            && let Some(value @ crate::check::names::ValueName::Evidence(_)) = self.declared.value(name)
        {
            // Reading the evidence notes it as read; what is passed is its name.
            let read = self.declaration(scope, value, argument.span);
            let clash = self.bare_name(scope, name, argument.span, None);
            if matches!(&*clash.kind, ExprKind::Unknown) && !matches!(&*read.kind, ExprKind::Unknown) {
                return unknown(argument.span);
            }
            return super::literal(Value::text(name.as_str()), Type::String, argument.span);
        }
        let row = self.expr(scope, argument, Expect::Free);
        if !matches!(row.ty, Type::Record(_) | Type::Unknown) {
            let words = self.words(row.span);
            self.report(calls::no_evidence_row(&words, &row.ty, row.span));
            return unknown(argument.span);
        }
        row
    }

    fn call_def(&mut self, scope: &Scope, def: DefId, name: &tree::Name, arguments: &[tree::Expr], span: Span) -> Expr {
        let mut inner = scope.clone();
        inner.sample = None;
        self.note_read(Node::Def(def), name.span);
        let (parameters, result) = self.def_signature_at(def, name.span);
        if !self.may_read(scope, &Node::Def(def), name.span) {
            return unknown(span);
        }
        if parameters.len() != arguments.len() {
            let declared = self.declared.defs.get(def.index()).map(|e| e.span);
            self.report(calls::def_arguments(&name.text, parameters.len(), arguments.len(), span, declared));
            self.only_arguments(&inner, arguments);
            return unknown(span);
        }
        let mut lifted = false;
        let mut checked = Vec::with_capacity(arguments.len());
        for (argument, (_, due)) in arguments.iter().zip(&parameters) {
            // A scalar that may be missing makes the call missing; a list must be there.
            let lifts = !due.is_optional() && !matches!(due, Type::List(_) | Type::Map(..));
            let taken = if lifts { due.clone().optional() } else { due.clone() };
            let value = self.def_argument(&inner, argument, &taken);
            if let (false, Type::Optional(t)) = (due.is_optional(), &value.ty)
                && matches!(**t, Type::Never)
            {
                self.report(missing::none_where_due(due, value.span));
                checked.push(unknown(span));
                continue;
            }
            lifted |= lifts && value.ty.is_optional();
            checked.push(value);
        }
        if result.is_unknown() || checked.iter().any(|a| a.ty.is_unknown()) {
            return unknown(span);
        }
        let ty = if lifted { result.optional() } else { result };
        node(ExprKind::CallDef { def, arguments: checked }, ty, span)
    }

    /// An argument of a def. A row may have more columns than the record that the def asks for:
    /// `with` and `number` add some, and the def does not see them.
    fn def_argument(&mut self, scope: &Scope, argument: &tree::Expr, due: &Type) -> Expr {
        let Type::Record(wanted) = due.present() else { return self.expr(scope, argument, Expect::Due(due)) };
        let mut written = argument;
        while let tree::ExprKind::Parenthesised(inner) = &*written.kind {
            written = inner;
        }
        if matches!(&*written.kind, tree::ExprKind::Record { .. } | tree::ExprKind::Map(_)) {
            return self.expr(scope, argument, Expect::Due(due));
        }
        let value = self.expr(scope, argument, Expect::Hint(due));
        let value = match value.ty.present().clone() {
            Type::Record(found) if found.fields.iter().any(|f| wanted.field(&f.name).is_none()) => {
                let kept = found.fields.iter().enumerate().filter(|(_, f)| wanted.field(&f.name).is_some());
                let (places, fields): (Vec<_>, Vec<_>) = kept.map(|(i, f)| (Some(i), f.clone())).unzip();
                let ty = Type::Record(Arc::new(RecordType { name: found.name.clone(), fields }));
                if ty.fits(due.present()) {
                    let ty = if value.ty.is_optional() { ty.optional() } else { ty };
                    let span = value.span;
                    node(ExprKind::Reshape { base: value, fields: places }, ty, span)
                } else {
                    value
                }
            }
            _ => value,
        };
        self.fit(scope, value, due)
    }

    /// Arguments that must be known now: those before an aggregate's list, and those that the
    /// function says.
    pub(super) fn constant_arguments(&mut self, call: &Call<'_>, arguments: &[Expr]) -> bool {
        let before = match &call.function.body {
            Body::Aggregate(_) => call.signature.parameters.len().saturating_sub(1),
            _ => 0,
        };
        let mut fine = true;
        for (i, argument) in arguments.iter().enumerate() {
            let checks: Vec<_> = call.function.constants.iter().filter(|c| c.argument == i).collect();
            if i >= before && checks.is_empty() {
                continue;
            }
            let words = self.words(argument.span);
            match self.fold(argument) {
                None => {
                    self.report(calls::argument_not_constant(call.function.name, &words, argument.span));
                    fine = false;
                }
                Some(value) => {
                    for reason in checks.iter().filter_map(|c| (c.check)(&value).err()) {
                        self.report(calls::argument_will_not_do(call.function.name, &words, &reason, argument.span));
                        fine = false;
                    }
                }
            }
        }
        fine
    }

    /// Warns of a test for presence that cannot fail. The function itself says whether it looks
    /// at more than presence: it is asked about an empty value.
    fn always_there(&mut self, call: &Call<'_>, arguments: &[Expr]) {
        let Body::Scalar(body) = &call.function.body else { return };
        if call.function.narrows != Narrows::ArgumentsPresent {
            return;
        }
        let always = |argument: &Expr| {
            let empty = match &argument.ty {
                Type::Optional(_) | Type::Unknown => return false,
                Type::String => Value::text(""),
                Type::List(_) | Type::Map(..) => Value::list(Vec::new()),
                _ => Value::Bool(false),
            };
            let types = [argument.ty.clone()];
            body(&CallTypes { arguments: &types, result: &Type::Bool }, &[empty]) == Ok(Value::Bool(true))
        };
        let (Some(first), true) = (arguments.first(), arguments.iter().all(always)) else { return };
        let words = self.words(first.span);
        self.report(missing::always_there(&words, &first.ty, first.span));
    }

    /// Says why argument types do not fit.
    pub(super) fn mismatched(&mut self, scope: &Scope, call: &Call<'_>, arguments: &[Expr], mismatch: &Mismatch) {
        let function = &call.function;
        let notation = format!("{}{}", function.name, call.signature);
        match mismatch {
            Mismatch::Count { expected, found } => {
                self.report(calls::argument_count(function.name, expected, *found, call.span, &notation));
            }
            Mismatch::Other { reason } => self.report(calls::call(function.name, reason, call.name, &notation)),
            Mismatch::MissingElements { index, found } => {
                let Some(argument) = arguments.get(*index) else { return };
                let words = self.words(argument.span);
                let field = match &*argument.kind {
                    ExprKind::Project { list, body, .. } => {
                        Some((self.words(list.span), self.projected(argument.span, list.span, body)))
                    }
                    _ => None,
                };
                self.report(missing::elements(function.name, &words, found, argument.span, field));
            }
            Mismatch::Argument { index, expected, found } => {
                let Some(argument) = arguments.get(*index) else { return };
                let words = self.words(argument.span);
                let list_due = matches!(
                    call.signature.parameter(*index).map(|p| &p.kind),
                    Some(ParameterKind::Value(Pattern::List(_) | Pattern::Map(..)))
                );
                let inner = found.present();
                if list_due && found.is_optional() && inner.element().is_some() {
                    self.report(missing::optional_list(&words, found, argument.span));
                } else if list_due && matches!(inner, Type::Bool) && matches!(function.body, Body::Aggregate(_)) {
                    let rows = scope.bound("rows").map(|_| "rows");
                    self.report(calls::count_of_condition(function.name, &words, inner, argument.span, rows));
                } else {
                    self.report(calls::argument(function.name, expected, &words, found, argument.span, &notation));
                }
            }
        }
    }

    /// The part after `[]` of a projection, as written.
    fn projected(&self, whole: Span, list: Span, _body: &Expr) -> String {
        let text = self.sources.slice(Span { start: list.end, ..whole });
        text.trim_start_matches(|c: char| c == '[' || c == ']' || c == '.' || c == ')' || c.is_whitespace()).to_owned()
    }
}

fn checked_already(checked: &[Option<Expr>], index: usize) -> bool {
    checked.get(index).is_some_and(Option::is_some)
}
