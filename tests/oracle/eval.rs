//! The oracle's own evaluation of checked expressions: recursive, row by row, nothing shared,
//! nothing planned. It knows only `model` and `data`.

use rspp_gates::data::{Num, Value};
use rspp_gates::model::{ArithmeticOp, CompareOp, Expr, ExprKind, LocalId, Policy, Quantifier, RowAggregate, Stage};
use std::collections::HashMap;

/// Why there is no value.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    Overflow,
    TwoRows,
    Unusable(String),
}

pub type Made<T> = Result<T, Stop>;
pub type Names = HashMap<LocalId, Value>;

/// What an expression may read besides bound names.
pub struct World<'w> {
    pub policy: &'w Policy,
    pub as_of: Num,
    /// Each evidence by number: its rows or document, or why not.
    pub evidence: Vec<Made<Value>>,
}

impl World<'_> {
    pub fn eval(&self, e: &Expr, names: &Names) -> Made<Value> {
        self.eval_in(e, names, &[])
    }

    pub fn truth(&self, e: &Expr, names: &Names) -> Made<bool> {
        match self.eval(e, names)? {
            Value::Bool(b) => Ok(b),
            other => panic!("a condition gave {other:?}"),
        }
    }

    /// `figures`: the values of a metric's row aggregates.
    pub fn eval_in(&self, e: &Expr, names: &Names, figures: &[Value]) -> Made<Value> {
        let ev = |x: &Expr| self.eval_in(x, names, figures);
        let yes = |x: &Expr| -> Made<bool> { Ok(self.eval_in(x, names, figures)? == Value::Bool(true)) };
        Ok(match &*e.kind {
            ExprKind::Unknown => panic!("unchecked expression"),
            ExprKind::Literal(v) => v.clone(),
            ExprKind::Local(l) => names.get(l).unwrap_or_else(|| panic!("unbound {l:?}")).clone(),
            ExprKind::Let(id) => self.eval(&self.policy.lets[id.index()].value, &Names::new())?,
            ExprKind::Param(id) => self.eval(&self.policy.params[id.index()].value, &Names::new())?,
            ExprKind::Evidence(id) => self.evidence[id.index()].clone()?,
            ExprKind::AsOf => Value::Num(self.as_of),
            ExprKind::Candidate | ExprKind::Result(_) => panic!("not in the oracle's range"),
            ExprKind::Field { base, index } => match ev(base)? {
                Value::Record(r) => r.fields[*index].clone(),
                _ => Value::Missing,
            },
            ExprKind::ListIndex { base, index } => match (ev(base)?, ev(index)?) {
                (Value::List(xs), Value::Num(n)) => {
                    let i = n.as_int().and_then(|i| usize::try_from(i).ok());
                    i.and_then(|i| xs.get(i).cloned()).unwrap_or(Value::Missing)
                }
                _ => Value::Missing,
            },
            ExprKind::MapLookup { base, key } => match (ev(base)?, ev(key)?) {
                (Value::List(entries), key) => {
                    let hit = entries.iter().find(|p| p.as_record().unwrap().fields[0] == key);
                    hit.map_or(Value::Missing, |p| p.as_record().unwrap().fields[1].clone())
                }
                _ => Value::Missing,
            },
            ExprKind::Project { list, item, body, flatten, .. } => {
                let mut made = Vec::new();
                for x in list_of(ev(list)?) {
                    let v = self.eval_in(body, &bound(names, *item, x), figures)?;
                    if *flatten { made.extend(list_of(v)) } else { made.push(v) }
                }
                Value::list(made)
            }
            ExprKind::Negate(x) => match ev(x)? {
                Value::Num(n) => Value::Num(n.neg().ok_or(Stop::Overflow)?),
                _ => Value::Missing,
            },
            ExprKind::Not(x) => Value::Bool(!yes(x)?),
            ExprKind::Arithmetic { op, left, right } => {
                let (Value::Num(a), Value::Num(b)) = (ev(left)?, ev(right)?) else { return Ok(Value::Missing) };
                let r = match op {
                    ArithmeticOp::Add => a.add(b),
                    ArithmeticOp::Subtract => a.sub(b),
                    ArithmeticOp::Multiply => a.mul(b),
                    ArithmeticOp::Divide if b == Num::ZERO => return Ok(Value::Missing),
                    ArithmeticOp::Divide => a.div(b),
                };
                Value::Num(r.ok_or(Stop::Overflow)?)
            }
            ExprKind::And(a, b) => Value::Bool(if yes(a)? { yes(b)? } else { false }),
            ExprKind::Or(a, b) => Value::Bool(if yes(a)? { true } else { yes(b)? }),
            ExprKind::Implies(a, b) => Value::Bool(if yes(a)? { yes(b)? } else { true }),
            ExprKind::Coalesce(a, b) => match ev(a)? {
                Value::Missing => ev(b)?,
                v => v,
            },
            ExprKind::Compare { op, left, right } => Value::Bool(compare(*op, &ev(left)?, &ev(right)?)),
            ExprKind::In { item, list, keys } => {
                let item = ev(item)?;
                let key = |x: &Value| if *keys { x.as_record().unwrap().fields[0].clone() } else { x.clone() };
                Value::Bool(list_of(ev(list)?).iter().any(|x| key(x) == item))
            }
            ExprKind::InRange { item, low, high } => {
                let (x, low, high) = (ev(item)?, ev(low)?, ev(high)?);
                Value::Bool(compare(CompareOp::AtLeast, &x, &low) && compare(CompareOp::AtMost, &x, &high))
            }
            ExprKind::Match { text, pattern } => match ev(text)? {
                Value::Text(t) => Value::Bool(pattern.regex.is_match(&t)),
                other => panic!("a pattern over {other:?}"),
            },
            ExprKind::Is { .. } | ExprKind::Faults { .. } => panic!("not in the oracle's range"),
            ExprKind::Narrowed { value, shape } => {
                assert!(shape.is_none(), "not in the oracle's range");
                ev(value)?
            }
            ExprKind::If { condition, then, otherwise } => {
                if yes(condition)? {
                    ev(then)?
                } else {
                    ev(otherwise)?
                }
            }
            ExprKind::Call { function, arguments, lifted, .. } => {
                let values = arguments.iter().map(ev).collect::<Made<Vec<_>>>()?;
                if *lifted && values.contains(&Value::Missing) {
                    return Ok(Value::Missing);
                }
                crate::functions::call(function.name, &values)?
            }
            ExprKind::CallDef { def, arguments } => {
                let def = &self.policy.defs[def.index()];
                let mut inner = Names::new();
                for ((local, _, ty), a) in def.parameters.iter().zip(arguments) {
                    let v = ev(a)?;
                    if v == Value::Missing && !ty.is_optional() {
                        return Ok(Value::Missing);
                    }
                    inner.insert(*local, v);
                }
                self.eval(&def.body, &inner)?
            }
            ExprKind::RowAggregate(i) => figures[*i].clone(),
            ExprKind::List(items) => Value::list(items.iter().map(ev).collect::<Made<Vec<_>>>()?),
            ExprKind::Map(pairs) => {
                let mut made: Vec<(Value, Value)> = Vec::new();
                for (k, v) in pairs {
                    let (k, v) = (ev(k)?, ev(v)?);
                    made.retain(|(other, _)| *other != k);
                    made.push((k, v));
                }
                made.sort_by(|a, b| a.0.order(&b.0));
                Value::list(made.into_iter().map(|(k, v)| Value::record(vec![k, v])).collect::<Vec<_>>())
            }
            ExprKind::Record(fields) => Value::record(fields.iter().map(ev).collect::<Made<Vec<_>>>()?),
            ExprKind::Reshape { base, fields } => match ev(base)? {
                Value::Record(r) => {
                    Value::record(fields.iter().map(|f| f.map_or(Value::Missing, |i| r.fields[i].clone())).collect())
                }
                _ => Value::Missing,
            },
            ExprKind::ReshapeEach { base, item, body } => match ev(base)? {
                Value::List(items) => Value::list(
                    items
                        .iter()
                        .map(|x| self.eval_in(body, &bound(names, *item, x.clone()), figures))
                        .collect::<Made<Vec<_>>>()?,
                ),
                _ => Value::Missing,
            },
            ExprKind::Quantified { quantifier, item, source, body, .. } => {
                let mut hits = 0;
                let items = list_of(ev(source)?);
                // Stops where the answer is known, so that later elements cannot fault.
                for x in &items {
                    let hit = self.truth(body, &bound(names, *item, x.clone()))?;
                    hits += usize::from(hit);
                    if hit != (*quantifier == Quantifier::Every) {
                        break;
                    }
                }
                Value::Bool(match quantifier {
                    Quantifier::Exists => hits > 0,
                    Quantifier::No => hits == 0,
                    Quantifier::Every => hits == items.len(),
                })
            }
            ExprKind::Pipeline { source, row, stages, result } => {
                let start: Vec<Names> = list_of(ev(source)?).into_iter().map(|x| bound(names, *row, x)).collect();
                let end = stages.iter().try_fold(start, |rows, stage| self.stage(stage, rows))?;
                Value::list(end.into_iter().map(|n| n[result].clone()).collect::<Vec<_>>())
            }
            ExprKind::Interpolate(_) => panic!("not in the oracle's range"),
        })
    }

    fn stage(&self, stage: &Stage, rows: Vec<Names>) -> Made<Vec<Names>> {
        let keys_of = |keys: &[Expr], n: &Names| keys.iter().map(|k| self.eval(k, n)).collect::<Made<Vec<_>>>();
        let mut out: Vec<Names> = Vec::new();
        match stage {
            Stage::Where { condition, .. } => {
                for n in rows {
                    if self.truth(condition, &n)? {
                        out.push(n);
                    }
                }
            }
            Stage::Bind { local, value } => {
                for n in rows {
                    let v = self.eval(value, &n)?;
                    out.push(bound(&n, *local, v));
                }
            }
            Stage::Join(join) => {
                for n in rows {
                    for x in list_of(self.eval(&join.source, &n)?) {
                        out.push(bound(&n, join.local, x));
                    }
                }
            }
            Stage::Group { keys, member, row, .. } => {
                let mut groups: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
                for n in rows {
                    let (key, m) = (keys_of(keys, &n)?, self.eval(member, &n)?);
                    match groups.iter_mut().find(|(k, _)| *k == key) {
                        Some((_, members)) => members.push(m),
                        None => groups.push((key, vec![m])),
                    }
                }
                for (mut key, members) in groups {
                    key.push(Value::record(vec![Value::list(members)]));
                    out.push(Names::from([(*row, Value::record(key))]));
                }
            }
            Stage::Sort { keys } => {
                let mut keyed = Vec::new();
                for n in rows {
                    let k = keys.iter().map(|k| self.eval(&k.key, &n)).collect::<Made<Vec<_>>>()?;
                    keyed.push((k, n));
                }
                // Bubble sort: obvious and stable.
                let after = |a: &[Value], b: &[Value]| {
                    for ((x, y), key) in a.iter().zip(b).zip(keys) {
                        let order = if key.descending { y.order(x) } else { x.order(y) };
                        if order.is_ne() {
                            return order.is_gt();
                        }
                    }
                    false
                };
                for i in 0..keyed.len() {
                    for j in 1..keyed.len() - i {
                        if after(&keyed[j - 1].0, &keyed[j].0) {
                            keyed.swap(j - 1, j);
                        }
                    }
                }
                out = keyed.into_iter().map(|(_, n)| n).collect();
            }
            Stage::Distinct { keys } => {
                let mut seen: Vec<Vec<Value>> = Vec::new();
                for n in rows {
                    let k = keys_of(keys, &n)?;
                    if !seen.contains(&k) {
                        seen.push(k);
                        out.push(n);
                    }
                }
            }
            Stage::Number { keys, local } => {
                let mut seen: Vec<Vec<Value>> = Vec::new();
                for n in rows {
                    let k = keys_of(keys, &n)?;
                    seen.push(k.clone());
                    let count = seen.iter().filter(|s| **s == k).count();
                    out.push(bound(&n, *local, Value::int(count as i64)));
                }
            }
        }
        Ok(out)
    }

    /// The arguments of a row aggregate before the row's value.
    pub fn constants(&self, a: &RowAggregate) -> Made<Vec<Value>> {
        a.arguments.iter().map(|x| self.eval(x, &Names::new())).collect()
    }
}

pub fn bound(names: &Names, local: LocalId, value: Value) -> Names {
    let mut names = names.clone();
    names.insert(local, value);
    names
}

pub fn list_of(v: Value) -> Vec<Value> {
    match v {
        Value::List(xs) => xs.to_vec(),
        other => panic!("a list was due, not {other:?}"),
    }
}

pub fn compare(op: CompareOp, a: &Value, b: &Value) -> bool {
    match op {
        CompareOp::Equal => a == b,
        CompareOp::NotEqual => a != b,
        CompareOp::Less => a.order(b).is_lt(),
        CompareOp::AtMost => !a.order(b).is_gt(),
        CompareOp::Greater => a.order(b).is_gt(),
        CompareOp::AtLeast => !a.order(b).is_lt(),
    }
}
