//! Conditions as formulas: what is constant is worked out, what asks about a place stays.

use super::formula::{Anchor, Formula, Step, Test};
use super::lists::Rows;
use super::patterns::ecma;
use super::shapes::Gaps;
use super::sym::{Spot, Sym};
use super::{Said, Unsayable, Writer, texts, unsayable};
use crate::data::{Fault, Value};
use crate::eval::{self, Env, Interpreter};
use crate::model::{CompareOp, DefId, Expr, ExprKind, LetId, LocalId, ParamId, Pattern, Quantifier, Shape};
use crate::registry::{Body, Function};
use std::collections::BTreeMap;

/// Steps that a rule may take to be worked out: rows of tables times what is asked of each.
const MAX_STEPS: usize = 50_000;

/// Tests of one condition. Conditions compared with each other double them.
const MAX_SIZE: usize = 20_000;

/// A declaration that an expression leans on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    Param(ParamId),
    Let(LetId),
    Def(DefId),
}

/// What bound names stand for.
pub(super) type Bound<'p> = BTreeMap<LocalId, Sym<'p>>;

impl<'p> Writer<'p> {
    /// A condition on a value of a shape.
    pub(super) fn condition(
        &mut self,
        condition: &'p Expr,
        this: LocalId,
        shape: &'p Shape,
        open: bool,
    ) -> Said<Formula> {
        let above = std::mem::replace(&mut self.budget, MAX_STEPS);
        let top = Sym::Spot(Spot::top(self.anchor(), shape, open));
        let formula = self.truth(condition, &Bound::from([(this, top)]));
        self.budget = above;
        formula.map(Formula::pushed)
    }

    /// A new anchor.
    pub(super) fn anchor(&mut self) -> Anchor {
        self.roots += 1;
        Anchor(self.roots)
    }

    pub(super) fn spend(&mut self) -> Said<()> {
        match self.budget.checked_sub(1) {
            Some(rest) => {
                self.budget = rest;
                Ok(())
            }
            None => unsayable(format!("to write its cases out takes more than {MAX_STEPS} steps")),
        }
    }

    /// When a condition holds.
    pub(super) fn truth(&mut self, expr: &'p Expr, bound: &Bound<'p>) -> Said<Formula> {
        self.spend()?;
        let formula = self.judged(expr, bound)?;
        match formula.size() {
            size if size > MAX_SIZE => unsayable(format!("it comes to more than {MAX_SIZE} tests")),
            _ => Ok(formula),
        }
    }

    fn judged(&mut self, expr: &'p Expr, bound: &Bound<'p>) -> Said<Formula> {
        if let Some(value) = self.constant(expr, bound)? {
            return match value.as_bool() {
                Some(known) => Ok(Formula::Known(known)),
                None => unsayable("a condition without a value"),
            };
        }
        match &*expr.kind {
            ExprKind::Not(inner) => Ok(self.truth(inner, bound)?.not()),
            ExprKind::And(a, b) => self.both(a, b, bound),
            ExprKind::Or(a, b) => match self.truth(a, bound)? {
                Formula::Known(true) => Ok(Formula::Known(true)),
                a => Ok(Formula::any([a, self.truth(b, bound)?])),
            },
            ExprKind::Implies(a, b) => match self.truth(a, bound)? {
                Formula::Known(false) => Ok(Formula::Known(true)),
                a => Ok(a.implies(self.truth(b, bound)?)),
            },
            ExprKind::If { condition, then, otherwise } => match self.truth(condition, bound)? {
                Formula::Known(true) => self.truth(then, bound),
                Formula::Known(false) => self.truth(otherwise, bound),
                condition => {
                    let (then, otherwise) = (self.truth(then, bound)?, self.truth(otherwise, bound)?);
                    Ok(Formula::all([condition.clone().implies(then), Formula::any([condition, otherwise])]))
                }
            },
            ExprKind::Compare { op, left, right } => {
                let (left, right) = (self.value(left, bound)?, self.value(right, bound)?);
                self.compare(*op, &left, &right)
            }
            ExprKind::In { item, list, keys } => {
                let (item, list) = (self.value(item, bound)?, self.value(list, bound)?);
                self.member(&item, list, *keys)
            }
            ExprKind::InRange { item, low, high } => {
                let item = self.value(item, bound)?;
                let (low, high) = (self.value(low, bound)?, self.value(high, bound)?);
                let above = self.compare(CompareOp::AtLeast, &item, &low)?;
                Ok(Formula::all([above, self.compare(CompareOp::AtMost, &item, &high)?]))
            }
            ExprKind::Match { text, pattern } => {
                let text = self.value(text, bound)?;
                self.matches(&text, pattern)
            }
            ExprKind::Is { subject, shape } => {
                let subject = self.value(subject, bound)?;
                self.is(&subject, shape)
            }
            ExprKind::Quantified { quantifier, item, source, body, .. } => {
                let source = self.value(source, bound)?;
                let rows = self.rows_of(source)?;
                self.quantified(*quantifier, rows, &mut |writer, element| {
                    let mut inner = bound.clone();
                    inner.insert(*item, element);
                    writer.truth(body, &inner)
                })
            }
            _ => {
                let value = self.value(expr, bound)?;
                self.holds(&value)
            }
        }
    }

    fn both(&mut self, a: &'p Expr, b: &'p Expr, bound: &Bound<'p>) -> Said<Formula> {
        match self.truth(a, bound)? {
            Formula::Known(false) => Ok(Formula::Known(false)),
            a => Ok(Formula::all([a, self.truth(b, bound)?])),
        }
    }

    /// A value as a condition.
    pub(super) fn holds(&self, value: &Sym<'p>) -> Said<Formula> {
        match value {
            Sym::Truth(formula) => Ok(formula.clone()),
            // Where it would be asked for, the checker has seen to it that it is there.
            Sym::Known(Value::Missing) => Ok(Formula::Known(false)),
            Sym::Known(Value::Bool(known)) => Ok(Formula::Known(*known)),
            Sym::Spot(spot) => self.compared(CompareOp::Equal, spot, &Value::Bool(true)),
            Sym::Either(ways) => {
                let each = ways.iter().map(|(when, way)| Ok(Formula::all([when.clone(), self.holds(way)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            _ => unsayable("a condition that is no truth value"),
        }
    }

    /// The value of an expression that is the same in every document.
    ///
    /// # Errors
    /// Something that is not known here, or a fault.
    fn constant(&mut self, expr: &'p Expr, bound: &Bound<'p>) -> Said<Option<Value>> {
        let varies = |e: &Expr| match &*e.kind {
            ExprKind::Local(local) => bound.get(local).is_some_and(|sym| sym.known().is_none()),
            _ => false,
        };
        if expr.any(&mut |e| varies(e)) {
            return Ok(None);
        }
        self.fixed(expr)?;
        let mut env = Env::new();
        for (local, sym) in bound {
            if let Some(value) = sym.known() {
                env.bind(*local, value.clone());
            }
        }
        let fault = |fault: Fault| Unsayable(format!("it cannot be worked out: {fault}"));
        Interpreter::new(&self.constants).eval(expr, &mut env).map(Some).map_err(fault)
    }

    /// Refuses what is another value in another run.
    fn fixed(&mut self, expr: &'p Expr) -> Said<()> {
        let mut named = Vec::new();
        let mut varies = false;
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Param(id) => named.push(Named::Param(*id)),
            ExprKind::Let(id) => named.push(Named::Let(*id)),
            ExprKind::CallDef { def, .. } => named.push(Named::Def(*def)),
            ExprKind::AsOf | ExprKind::Candidate | ExprKind::Evidence(_) | ExprKind::Result(_) => varies = true,
            _ => {}
        });
        if varies {
            return unsayable("it reads what is another one in each run");
        }
        named.into_iter().try_for_each(|name| self.fixed_name(name))
    }

    fn fixed_name(&mut self, name: Named) -> Said<()> {
        if let Some(known) = self.fixed.get(&name) {
            return known.clone();
        }
        // Declarations do not lean on themselves; this only guards against a policy that was not checked.
        self.fixed.insert(name, Ok(()));
        let policy = &self.policy.policy;
        let found = match name {
            Named::Param(id) => match policy.params.get(id.index()) {
                Some(param) if self.set.contains(&id) => {
                    unsayable(format!("a profile sets `{}`, which it reads", param.name))
                }
                Some(param) => self.fixed(&param.value),
                None => Ok(()),
            },
            Named::Let(id) => policy.lets.get(id.index()).map_or(Ok(()), |item| self.fixed(&item.value)),
            Named::Def(id) => policy.defs.get(id.index()).map_or(Ok(()), |def| self.fixed(&def.body)),
        };
        self.fixed.insert(name, found.clone());
        found
    }

    /// What an expression gives.
    pub(super) fn value(&mut self, expr: &'p Expr, bound: &Bound<'p>) -> Said<Sym<'p>> {
        self.spend()?;
        if let Some(value) = self.constant(expr, bound)? {
            return Ok(Sym::Known(value));
        }
        match &*expr.kind {
            ExprKind::Local(local) => match bound.get(local) {
                Some(sym) => Ok(sym.clone()),
                None => unsayable("a name that is not bound"),
            },
            ExprKind::Field { base, index } => {
                let base = self.value(base, bound)?;
                self.field(base, *index)
            }
            ExprKind::Narrowed { value, shape } => {
                let value = self.value(value, bound)?;
                match shape {
                    None => Ok(value),
                    Some(shape) => self.seen_as(value, shape),
                }
            }
            ExprKind::Coalesce(a, b) => {
                let a = self.value(a, bound)?;
                let there = self.present(&a);
                if there == Formula::Known(true) {
                    return Ok(a);
                }
                let b = self.value(b, bound)?;
                Ok(either([(there.clone(), a), (there.not(), b)]))
            }
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.truth(condition, bound)?;
                match condition {
                    Formula::Known(true) => self.value(then, bound),
                    Formula::Known(false) => self.value(otherwise, bound),
                    condition => {
                        let (then, otherwise) = (self.value(then, bound)?, self.value(otherwise, bound)?);
                        Ok(either([(condition.clone(), then), (condition.not(), otherwise)]))
                    }
                }
            }
            ExprKind::ListIndex { base, index } => {
                let (base, index) = (self.value(base, bound)?, self.value(index, bound)?);
                let index = index.known().and_then(Value::as_num).and_then(|n| n.as_i64());
                let Some(index) = index else { return unsayable("a position that depends on the document") };
                let Ok(index) = u64::try_from(index) else { return Ok(Sym::Known(Value::Missing)) };
                self.over(base, &mut |writer, base| match &base {
                    Sym::Spot(spot) => writer.item(spot, index),
                    Sym::Known(Value::List(items)) => {
                        let item = usize::try_from(index).ok().and_then(|i| items.get(i));
                        Ok(Sym::Known(item.cloned().unwrap_or(Value::Missing)))
                    }
                    Sym::Known(Value::Missing) => Ok(base),
                    _ => unsayable("a position in a list that is made"),
                })
            }
            ExprKind::MapLookup { base, key } => {
                let (base, key) = (self.value(base, bound)?, self.value(key, bound)?);
                self.look_up(base, &key)
            }
            ExprKind::Call { function, arguments, lifted, .. } => self.call(function, arguments, *lifted, bound),
            ExprKind::CallDef { def, arguments } => self.call_def(*def, arguments, bound),
            ExprKind::List(items) => {
                let items = items.iter().map(|i| Ok((Formula::Known(true), self.value(i, bound)?)));
                Ok(Sym::List(items.collect::<Said<_>>()?))
            }
            ExprKind::Record(fields) => {
                Ok(Sym::Record(fields.iter().map(|f| self.value(f, bound)).collect::<Said<_>>()?))
            }
            ExprKind::Reshape { base, fields } => {
                let base = self.value(base, bound)?;
                let there = self.present(&base);
                let fields = fields.iter().map(|f| match f {
                    Some(index) => self.field(base.clone(), *index),
                    None => Ok(Sym::Known(Value::Missing)),
                });
                let record = Sym::Record(fields.collect::<Said<_>>()?);
                Ok(either([(there.clone(), record), (there.not(), Sym::Known(Value::Missing))]))
            }
            ExprKind::Project { list, item, body, flatten, .. } => {
                let list = self.value(list, bound)?;
                self.mapped(list, *item, body, *flatten, bound)
            }
            ExprKind::ReshapeEach { base, item, body } => {
                let base = self.value(base, bound)?;
                self.mapped(base, *item, body, false, bound)
            }
            ExprKind::Pipeline { source, row, stages, result } => {
                let source = self.value(source, bound)?;
                self.pipeline(source, *row, stages, *result, bound)
            }
            ExprKind::Arithmetic { .. } | ExprKind::Negate(_) => unsayable("it calculates with values of the document"),
            ExprKind::Faults { .. } => unsayable("it counts faults"),
            ExprKind::Interpolate(_) => unsayable("it makes a text out of values of the document"),
            ExprKind::Map(_) => unsayable("it makes a map out of values of the document"),
            ExprKind::Not(_)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Implies(..)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::InRange { .. }
            | ExprKind::Match { .. }
            | ExprKind::Is { .. }
            | ExprKind::Quantified { .. } => self.truth(expr, bound).map(Sym::Truth),
            _ => unsayable("it reads something that is no part of the document"),
        }
    }

    /// Each of several ways by itself.
    pub(super) fn over(
        &mut self,
        value: Sym<'p>,
        f: &mut dyn FnMut(&mut Self, Sym<'p>) -> Said<Sym<'p>>,
    ) -> Said<Sym<'p>> {
        match value {
            Sym::Either(ways) => {
                let ways: Vec<_> =
                    ways.into_iter().map(|(when, way)| Ok((when, self.over(way, f)?))).collect::<Said<_>>()?;
                Ok(either(ways))
            }
            other => f(self, other),
        }
    }

    fn look_up(&mut self, base: Sym<'p>, key: &Sym<'p>) -> Said<Sym<'p>> {
        let key = key.clone();
        self.over(base, &mut |writer, base| match (&base, &key) {
            (Sym::Known(Value::Missing), _) => Ok(base),
            (Sym::Spot(spot), Sym::Known(key)) => writer.entry(spot, key),
            (Sym::Spot(_), _) => unsayable("a key that depends on the document"),
            // A key of the document in a map that is known: each of the map's keys is tried.
            (Sym::Known(Value::List(entries)), key) => {
                let mut ways = Vec::new();
                let mut rest = Formula::Known(true);
                for entry in entries.iter() {
                    let pair = entry.as_record().map_or(&[][..], |r| &r.fields);
                    let [name, value] = pair else { continue };
                    let hit = writer.compare(CompareOp::Equal, key, &Sym::Known(name.clone()))?;
                    rest = Formula::all([rest, hit.clone().not()]);
                    ways.push((hit, Sym::Known(value.clone())));
                }
                ways.push((rest, Sym::Known(Value::Missing)));
                Ok(either(ways))
            }
            _ => unsayable("a key of a map that is made"),
        })
    }

    fn call(&mut self, function: &Function, arguments: &'p [Expr], lifted: bool, bound: &Bound<'p>) -> Said<Sym<'p>> {
        let values: Vec<Sym<'p>> = arguments.iter().map(|a| self.value(a, bound)).collect::<Said<_>>()?;
        // An aggregate of a list that is missing is missing.
        if !lifted && !matches!(function.body, Body::Aggregate(_)) {
            return self.called(function.name, &values);
        }
        let there = Formula::all(values.iter().map(|v| self.present(v)).collect::<Vec<_>>());
        if there == Formula::Known(false) {
            return Ok(Sym::Known(Value::Missing));
        }
        let result = self.called(function.name, &values)?;
        Ok(either([(there.clone(), result), (there.not(), Sym::Known(Value::Missing))]))
    }

    fn called(&mut self, name: &str, values: &[Sym<'p>]) -> Said<Sym<'p>> {
        match (name, values) {
            ("present", values) => {
                let all: Vec<Formula> = values.iter().map(|v| self.present(v)).collect();
                Ok(Sym::Truth(Formula::all(all)))
            }
            ("filled", values) => {
                let all = values.iter().map(|v| self.is_filled(v)).collect::<Said<Vec<_>>>()?;
                Ok(Sym::Truth(Formula::all(all)))
            }
            ("same", [a, b]) => self.same(a, b).map(Sym::Truth),
            ("unique", [list]) => self.unique(list).map(Sym::Truth),
            ("count", [list]) => self.over(list.clone(), &mut |_, list| match list {
                Sym::Known(Value::Missing) => Ok(list),
                Sym::Known(Value::List(items)) => {
                    Ok(Sym::Known(Value::int(i64::try_from(items.len()).unwrap_or(i64::MAX))))
                }
                list => Ok(Sym::Count(Box::new(list))),
            }),
            ("any" | "all", [list]) => {
                let rows = self.rows_of(list.clone())?;
                let quantifier = if name == "any" { Quantifier::Exists } else { Quantifier::Every };
                self.quantified(quantifier, rows, &mut |writer, element| writer.holds(&element)).map(Sym::Truth)
            }
            ("given", [record]) => self.given(record.clone()),
            ("keys" | "values", [map]) => self.parts_of(map.clone(), name == "keys"),
            ("length", [text]) => self.over(text.clone(), &mut |_, text| match text {
                Sym::Spot(spot) => Ok(Sym::Length(spot)),
                Sym::Known(Value::Text(text)) => {
                    Ok(Sym::Known(Value::int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))))
                }
                Sym::Known(Value::Missing) => Ok(text),
                _ => unsayable("the length of a text that is made"),
            }),
            ("trim" | "lower", [text]) => self.over(text.clone(), &mut |writer, text| match text {
                Sym::Spot(mut spot) if writer.reading_of(&spot).is_some() => {
                    // Trimmed after it was folded, or the other way round: the same.
                    spot.after.trim |= name == "trim";
                    spot.after.fold |= name == "lower";
                    Ok(Sym::Spot(spot))
                }
                Sym::Known(Value::Missing) => Ok(text),
                _ => unsayable("a text that is made"),
            }),
            ("nonempty", [value]) => self.over(value.clone(), &mut |writer, value| match &value {
                Sym::Known(Value::Missing) => Ok(value),
                Sym::Spot(spot) => {
                    let empty = match writer.underneath(spot.shape) {
                        Shape::Text(_) => Value::text(""),
                        _ => Value::list(Vec::new()),
                    };
                    let empty = writer.compared(CompareOp::Equal, spot, &empty)?;
                    Ok(either([(empty.clone().not(), value.clone()), (empty, Sym::Known(Value::Missing))]))
                }
                _ => unsayable("a list that is made"),
            }),
            ("starts_with" | "ends_with" | "contains", [text, Sym::Known(Value::Text(part))]) => {
                let part = texts::escaped(part);
                let pattern = match name {
                    "starts_with" => format!("^{part}"),
                    "ends_with" => format!("{part}$"),
                    _ => part,
                };
                self.over(text.clone(), &mut |writer, text| match &text {
                    Sym::Spot(spot) => writer.matched(spot, pattern.clone()).map(Sym::Truth),
                    Sym::Known(Value::Missing) => Ok(text),
                    _ => unsayable("a pattern over a text that is made"),
                })
            }
            _ => unsayable(format!("it calls `{name}` with values of the document")),
        }
    }

    fn call_def(&mut self, def: DefId, arguments: &'p [Expr], bound: &Bound<'p>) -> Said<Sym<'p>> {
        let policy = &self.policy.policy;
        let Some(def) = policy.defs.get(def.index()) else { return unsayable("a def that is not there") };
        let (mut inner, mut there) = (Bound::new(), Vec::new());
        for ((local, _, ty), argument) in def.parameters.iter().zip(arguments) {
            let value = self.value(argument, bound)?;
            if !ty.is_optional() {
                there.push(self.present(&value));
            }
            inner.insert(*local, value);
        }
        let there = Formula::all(there);
        if there == Formula::Known(false) {
            return Ok(Sym::Known(Value::Missing));
        }
        let result = self.value(&def.body, &inner)?;
        Ok(either([(there.clone(), result), (there.not(), Sym::Known(Value::Missing))]))
    }

    /// Whether a value is there.
    pub(super) fn present(&self, value: &Sym<'p>) -> Formula {
        match value {
            Sym::Known(value) => Formula::Known(!value.is_missing()),
            Sym::Spot(spot) => Formula::there(&spot.place),
            Sym::Either(ways) => {
                Formula::any(ways.iter().map(|(when, way)| Formula::all([when.clone(), self.present(way)])))
            }
            Sym::Listed(listed) => Formula::there(&listed.place),
            Sym::Truth(_) | Sym::List(_) | Sym::Record(_) | Sym::Count(_) | Sym::Length(_) => Formula::Known(true),
        }
    }

    fn is_filled(&mut self, value: &Sym<'p>) -> Said<Formula> {
        match value {
            Sym::Spot(spot) => Ok(self.filled(spot)),
            Sym::Either(ways) => {
                let each = ways.iter().map(|(when, way)| Ok(Formula::all([when.clone(), self.is_filled(way)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            Sym::Known(Value::Missing) => Ok(Formula::Known(false)),
            Sym::Known(Value::Text(text)) => Ok(Formula::Known(!text.trim().is_empty())),
            Sym::Known(Value::List(items)) => Ok(Formula::Known(!items.is_empty())),
            Sym::Truth(_) | Sym::Record(_) | Sym::Known(Value::Bool(_) | Value::Num(_) | Value::Enum(_)) => {
                Ok(Formula::Known(true))
            }
            _ => unsayable("whether something that is made is filled"),
        }
    }

    fn same(&mut self, a: &Sym<'p>, b: &Sym<'p>) -> Said<Formula> {
        match (a, b) {
            (Sym::Known(a), Sym::Known(b)) => Ok(Formula::Known(a == b)),
            (Sym::Known(Value::Missing), other) | (other, Sym::Known(Value::Missing)) => Ok(self.present(other).not()),
            (Sym::Either(ways), other) | (other, Sym::Either(ways)) => {
                let each = ways.iter().map(|(when, way)| Ok(Formula::all([when.clone(), self.same(way, other)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            (a, b) => self.compare(CompareOp::Equal, a, b),
        }
    }

    /// `a op b`, of values that are there.
    pub(super) fn compare(&mut self, op: CompareOp, a: &Sym<'p>, b: &Sym<'p>) -> Said<Formula> {
        self.spend()?;
        match (a, b) {
            (Sym::Either(ways), other) => {
                let each =
                    ways.iter().map(|(when, way)| Ok(Formula::all([when.clone(), self.compare(op, way, other)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            (other, Sym::Either(ways)) => {
                let each =
                    ways.iter().map(|(when, way)| Ok(Formula::all([when.clone(), self.compare(op, other, way)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            // Never asked where a value is missing; the checker has seen to it.
            (Sym::Known(Value::Missing), _) | (_, Sym::Known(Value::Missing)) => Ok(Formula::Known(false)),
            (Sym::Known(a), Sym::Known(b)) => Ok(Formula::Known(eval::compare(op, a, b))),
            (Sym::Spot(spot), Sym::Known(known)) => self.compared(op, spot, known),
            (Sym::Known(known), Sym::Spot(spot)) => self.compared(turned(op), spot, known),
            (Sym::Length(spot), Sym::Known(known)) => self.length(op, spot, known),
            (Sym::Known(known), Sym::Length(spot)) => self.length(turned(op), spot, known),
            (Sym::Count(list), Sym::Known(known)) => self.counted(op, list, known),
            (Sym::Known(known), Sym::Count(list)) => self.counted(turned(op), list, known),
            (Sym::Spot(a), Sym::Spot(b)) if a.place == b.place && a.after == b.after => {
                Ok(Formula::Known(matches!(op, CompareOp::Equal | CompareOp::AtMost | CompareOp::AtLeast)))
            }
            (Sym::Truth(_), _) | (_, Sym::Truth(_)) => self.alike(op, a, b),
            (Sym::Spot(x), Sym::Spot(y)) if self.is_bool(x) && self.is_bool(y) => self.alike(op, a, b),
            (Sym::Spot(_) | Sym::Length(_) | Sym::Count(_), Sym::Spot(_) | Sym::Length(_) | Sym::Count(_)) => {
                unsayable("it compares two values of the document")
            }
            (list @ (Sym::List(_) | Sym::Listed(_)), Sym::Known(Value::List(none)))
            | (Sym::Known(Value::List(none)), list @ (Sym::List(_) | Sym::Listed(_)))
                if none.is_empty() && matches!(op, CompareOp::Equal | CompareOp::NotEqual) =>
            {
                self.counted(op, list, &Value::int(0))
            }
            _ => unsayable("it compares lists or records of the document as wholes"),
        }
    }

    fn is_bool(&self, spot: &Spot<'p>) -> bool {
        matches!(self.underneath(spot.shape), Shape::Bool)
    }

    /// Two conditions compared with each other.
    fn alike(&self, op: CompareOp, a: &Sym<'p>, b: &Sym<'p>) -> Said<Formula> {
        let same = self.holds(a)?.same_as(self.holds(b)?);
        match op {
            CompareOp::Equal => Ok(same),
            CompareOp::NotEqual => Ok(same.not()),
            _ => unsayable("conditions are compared by size"),
        }
    }

    fn member(&mut self, item: &Sym<'p>, list: Sym<'p>, keys: bool) -> Said<Formula> {
        self.spend()?;
        match list {
            Sym::Either(ways) => {
                let each = ways.into_iter().map(|(when, way)| Ok(Formula::all([when, self.member(item, way, keys)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            Sym::Known(Value::Missing) => Ok(Formula::Known(false)),
            Sym::Known(Value::List(items)) => {
                let name = |entry: &Value| match keys {
                    true => entry.as_record().and_then(|r| r.fields.first()).cloned().unwrap_or(Value::Missing),
                    false => entry.clone(),
                };
                let each = items.iter().map(|entry| self.compare(CompareOp::Equal, item, &Sym::Known(name(entry))));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            Sym::Spot(spot) if keys => match item {
                Sym::Known(key) => {
                    let Sym::Spot(mut entry) = self.entry(&spot, key)? else { return unsayable("a key of a map") };
                    // A key is there whatever its value says.
                    if let Some(Step::Key { counts, .. }) = entry.place.steps.last_mut() {
                        *counts = super::Keywords::new();
                    }
                    Ok(Formula::there(&entry.place))
                }
                _ => unsayable("it looks a value of the document up in the document"),
            },
            list => {
                let rows = self.rows_of(list)?;
                let item = item.clone();
                self.quantified(Quantifier::Exists, rows, &mut |writer, element| {
                    writer.compare(CompareOp::Equal, &item, &element)
                })
            }
        }
    }

    fn matches(&mut self, text: &Sym<'p>, pattern: &Pattern) -> Said<Formula> {
        match text {
            Sym::Either(ways) => {
                let each = ways.iter().map(|(when, way)| Ok(Formula::all([when.clone(), self.matches(way, pattern)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            Sym::Known(Value::Text(text)) => Ok(Formula::Known(pattern.regex.is_match(text))),
            Sym::Known(Value::Missing) => Ok(Formula::Known(false)),
            Sym::Spot(spot) => self.matched(spot, ecma(pattern.regex.as_str())?),
            _ => unsayable("a pattern over a text that is made"),
        }
    }

    /// `x is T`
    fn is(&mut self, subject: &Sym<'p>, shape: &'p Shape) -> Said<Formula> {
        match subject {
            Sym::Either(ways) => {
                let each = ways.iter().map(|(when, way)| Ok(Formula::all([when.clone(), self.is(way, shape)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            Sym::Known(Value::Missing) => Ok(Formula::Known(false)),
            Sym::Spot(spot) => {
                let as_is = match self.underneath(spot.shape) {
                    Shape::Json => true,
                    Shape::Text(_) => self.reading_of(spot).is_some_and(texts::plain),
                    _ => false,
                };
                if !as_is {
                    return unsayable("whether a value that was read is of another type");
                }
                let mut gaps = Gaps::default();
                let keywords = self.shape(shape, false, "", &mut gaps);
                if !gaps.none() {
                    return unsayable("it asks for a type of which a schema does not say everything");
                }
                Ok(Formula::at(&spot.place, Test::Meets(keywords)))
            }
            _ => unsayable("whether something that is made is of a type"),
        }
    }

    /// A value that has been found to be of a type, as a value of it.
    fn seen_as(&mut self, value: Sym<'p>, shape: &'p Shape) -> Said<Sym<'p>> {
        self.over(value, &mut |writer, value| match value {
            Sym::Spot(spot) => match writer.underneath(spot.shape) {
                Shape::Json => Ok(Sym::Spot(Spot { shape, ..spot })),
                Shape::Text(_) if writer.reading_of(&spot).is_some_and(texts::plain) => {
                    Ok(Sym::Spot(Spot { shape, ..spot }))
                }
                _ => unsayable("a text that was trimmed or folded, as a word"),
            },
            Sym::Known(Value::Missing) => Ok(value),
            _ => unsayable("something that is made, as a value of another type"),
        })
    }

    /// The elements of a list or the entries of a map.
    pub(super) fn rows_of(&mut self, list: Sym<'p>) -> Said<Rows<'p>> {
        match list {
            Sym::Known(Value::List(items)) => {
                Ok(Rows::Each(items.iter().map(|i| (Formula::Known(true), Sym::Known(i.clone()))).collect()))
            }
            Sym::Known(Value::Missing) => Ok(Rows::Each(Vec::new())),
            Sym::List(items) => Ok(Rows::Each(items)),
            Sym::Listed(listed) => Ok(Rows::Listed(listed)),
            Sym::Spot(spot) => self.listed(spot).map(|l| Rows::Listed(Box::new(l))),
            Sym::Either(ways) => {
                let ways = ways.into_iter().map(|(when, way)| Ok((when, self.rows_of(way)?)));
                Ok(Rows::Either(ways.collect::<Said<_>>()?))
            }
            Sym::Known(_) | Sym::Truth(_) | Sym::Record(_) | Sym::Count(_) | Sym::Length(_) => {
                unsayable("something that is no list")
            }
        }
    }
}

/// One of several ways, without those that are never taken.
pub(super) fn either<'p>(ways: impl IntoIterator<Item = (Formula, Sym<'p>)>) -> Sym<'p> {
    let mut out: Vec<(Formula, Sym<'p>)> = Vec::new();
    for (when, way) in ways {
        match (when, way) {
            (Formula::Known(false), _) => {}
            (Formula::Known(true), way) => return way,
            (when, Sym::Either(inner)) => {
                for (also, way) in inner {
                    match Formula::all([when.clone(), also]) {
                        Formula::Known(false) => {}
                        both => out.push((both, way)),
                    }
                }
            }
            (when, way) => out.push((when, way)),
        }
    }
    Sym::Either(out)
}

/// The sign as seen from the other side.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::Equal,
        CompareOp::NotEqual => CompareOp::NotEqual,
        CompareOp::AtMost => CompareOp::AtLeast,
        CompareOp::AtLeast => CompareOp::AtMost,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::Greater => CompareOp::Less,
    }
}
