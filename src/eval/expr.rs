//! Evaluation of expressions that are not lists.

use super::decode::{Decoder, objections};
use super::{Bound, Env, Globals};
use crate::data::{Fault, Json, JsonKind, Num, Record, Value};
use crate::model::{ArithmeticOp, CompareOp, DefId, Expr, ExprKind, Judge, Shape, SiteId};
use crate::registry::{Body, CallTypes, Figure, Function};
use std::sync::Arc;

/// Evaluates expressions of one policy.
#[derive(Clone, Copy)]
pub struct Interpreter<'g> {
    pub(super) globals: &'g dyn Globals,
}

impl<'g> Interpreter<'g> {
    /// With these globals.
    pub fn new(globals: &'g dyn Globals) -> Self {
        Self { globals }
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// Overflow, `only` with two rows, unusable evidence: see [`Fault`].
    pub fn eval(&self, expr: &Expr, env: &mut Env<'_>) -> Result<Value, Fault> {
        match &*expr.kind {
            ExprKind::Unknown => Err(internal("an expression that was not checked")),
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Local(local) => {
                env.get(*local).map(Bound::value).ok_or_else(|| internal("a name that is not bound"))
            }
            ExprKind::Let(id) => self.globals.let_value(*id),
            ExprKind::Param(id) => self.globals.param(*id),
            ExprKind::Evidence(id) => self.globals.evidence(*id),
            ExprKind::AsOf => self.globals.as_of().map(Value::Num),
            ExprKind::Candidate => self.globals.candidate(),
            ExprKind::Result(gate) => self.globals.result(gate),
            ExprKind::Field { base, index } => self.field(base, *index, env),
            ExprKind::ListIndex { base, index } => self.list_index(base, index, env),
            ExprKind::MapLookup { base, key } => self.map_lookup(base, key, env),
            ExprKind::Project { list, item, body, flatten, .. } => self.project(list, *item, body, *flatten, env),
            ExprKind::Negate(inner) => match self.eval(inner, env)? {
                Value::Num(n) => n.neg().map(Value::Num).ok_or(Fault::Overflow { what: "a negated number" }),
                _ => Ok(Value::Missing),
            },
            ExprKind::Not(inner) => Ok(Value::Bool(!self.holds(inner, env)?)),
            ExprKind::Arithmetic { op, left, right } => {
                let left = self.eval(left, env)?;
                let right = self.eval(right, env)?;
                arithmetic(*op, &left, &right)
            }
            ExprKind::And(a, b) => Ok(Value::Bool(self.holds(a, env)? && self.holds(b, env)?)),
            ExprKind::Or(a, b) => Ok(Value::Bool(self.holds(a, env)? || self.holds(b, env)?)),
            ExprKind::Implies(a, b) => Ok(Value::Bool(!self.holds(a, env)? || self.holds(b, env)?)),
            ExprKind::Coalesce(a, b) => match self.eval(a, env)? {
                Value::Missing => self.eval(b, env),
                value => Ok(value),
            },
            ExprKind::Compare { op, left, right } => {
                let left = self.eval(left, env)?;
                let right = self.eval(right, env)?;
                Ok(Value::Bool(compare(*op, &left, &right)))
            }
            ExprKind::In { item, list, keys } => {
                let item = self.eval(item, env)?;
                let list = self.eval(list, env)?;
                let list = list.as_list().ok_or_else(|| internal("`in` something that is no list"))?;
                Ok(Value::Bool(if *keys { find_key(list, &item).is_some() } else { list.contains(&item) }))
            }
            ExprKind::InRange { item, low, high } => {
                let item = self.eval(item, env)?;
                let low = self.eval(low, env)?;
                let high = self.eval(high, env)?;
                Ok(Value::Bool(low.order(&item).is_le() && item.order(&high).is_le()))
            }
            ExprKind::Match { text, pattern } => match self.eval(text, env)? {
                Value::Text(text) => Ok(Value::Bool(pattern.regex.is_match(&text))),
                _ => Err(internal("a pattern over something that is no text")),
            },
            ExprKind::Is { subject, shape } => {
                let subject = self.eval(subject, env)?;
                Ok(Value::Bool(self.conforms(&subject, shape)?))
            }
            ExprKind::Faults { subject, shape, by } => {
                let subject = self.eval(subject, env)?;
                Ok(Value::list(match by {
                    Judge::Shape => self.faults(&subject, shape),
                    Judge::Schema => self.schema_faults(&subject, shape)?,
                }))
            }
            ExprKind::Narrowed { value, shape } => {
                let value = self.eval(value, env)?;
                match (shape, &value) {
                    // The fact has asked the schema already.
                    (Some(shape), Value::Json(json)) => {
                        let decoder = Decoder::new(self.globals).without_schemas();
                        Ok(decoder.accept(json, shape).unwrap_or(Value::Missing))
                    }
                    (Some(shape), Value::Text(text)) => {
                        let decoder = Decoder::new(self.globals).without_schemas();
                        Ok(decoder.accept(&text_json(text), shape).unwrap_or(Value::Missing))
                    }
                    _ => Ok(value),
                }
            }
            ExprKind::If { condition, then, otherwise } => {
                if self.holds(condition, env)? {
                    self.eval(then, env)
                } else {
                    self.eval(otherwise, env)
                }
            }
            ExprKind::Call { site, function, arguments, lifted } => {
                self.call(*site, function, arguments, *lifted, expr, env)
            }
            ExprKind::CallDef { def, arguments } => self.call_def(*def, arguments, env),
            ExprKind::RowAggregate(_) => Err(internal("an aggregate of rows outside its metric")),
            ExprKind::List(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|i| self.eval(i, env)).collect();
                Ok(Value::list(items?))
            }
            ExprKind::Map(pairs) => self.map(pairs, env),
            ExprKind::Record(fields) => {
                let fields: Result<Vec<_>, _> = fields.iter().map(|f| self.eval(f, env)).collect();
                Ok(Value::record(fields?))
            }
            ExprKind::Reshape { base, fields } => Ok(match self.eval(base, env)? {
                Value::Record(record) => Value::Record(Arc::new(Record {
                    fields: fields
                        .iter()
                        .map(|f| f.and_then(|i| record.fields.get(i)).cloned().unwrap_or(Value::Missing))
                        .collect(),
                    origin: record.origin.clone(),
                })),
                _ => Value::Missing,
            }),
            ExprKind::ReshapeEach { base, item, body } => match self.eval(base, env)? {
                Value::List(items) => self.each(&items, *item, body, env).map(Value::list),
                _ => Ok(Value::Missing),
            },
            ExprKind::Quantified { site, quantifier, item, source, body } => {
                self.quantified(*site, *quantifier, *item, source, body, env).map(Value::Bool)
            }
            ExprKind::Pipeline { source, row, stages, result } => {
                self.pipeline(source, *row, stages, *result, env).map(Value::list)
            }
            ExprKind::Interpolate(message) => self.interpolate(message, expr.ty.is_optional(), env),
        }
    }

    /// A condition: the checker has made sure that it is never missing.
    ///
    /// # Errors
    /// As [`Interpreter::eval`].
    pub fn holds(&self, expr: &Expr, env: &mut Env<'_>) -> Result<bool, Fault> {
        self.eval(expr, env)?.as_bool().ok_or_else(|| internal("a condition without a value"))
    }

    fn field(&self, base: &Expr, index: usize, env: &mut Env<'_>) -> Result<Value, Fault> {
        if let ExprKind::Local(local) = &*base.kind {
            return match env.get(*local) {
                Some(Bound::Row(batch, row)) => Ok(batch.value(index, *row)),
                Some(Bound::Value(value)) => Ok(field_of(value, index)),
                None => Err(internal("a name that is not bound")),
            };
        }
        Ok(field_of(&self.eval(base, env)?, index))
    }

    fn list_index(&self, base: &Expr, index: &Expr, env: &mut Env<'_>) -> Result<Value, Fault> {
        let base = self.eval(base, env)?;
        let index = self.eval(index, env)?;
        let position = index.as_num().and_then(Num::as_int).and_then(|i| usize::try_from(i).ok());
        let item = base.as_list().zip(position).and_then(|(list, i)| list.get(i));
        Ok(item.cloned().unwrap_or(Value::Missing))
    }

    fn map_lookup(&self, base: &Expr, key: &Expr, env: &mut Env<'_>) -> Result<Value, Fault> {
        let base = self.eval(base, env)?;
        let key = self.eval(key, env)?;
        Ok(base.as_list().and_then(|entries| find_key(entries, &key)).unwrap_or(Value::Missing))
    }

    /// A map from its pairs: sorted by key, the last of equal keys wins.
    fn map(&self, pairs: &[(Expr, Expr)], env: &mut Env<'_>) -> Result<Value, Fault> {
        let mut entries: Vec<(Value, Value)> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let (key, value) = (self.eval(key, env)?, self.eval(value, env)?);
            match entries.iter_mut().find(|(k, _)| *k == key) {
                Some(entry) => entry.1 = value,
                None => entries.push((key, value)),
            }
        }
        entries.sort_by(|a, b| a.0.order(&b.0));
        Ok(Value::list(entries.into_iter().map(|(k, v)| Value::record(vec![k, v])).collect::<Vec<_>>()))
    }

    fn call(
        &self,
        site: SiteId,
        function: &Function,
        arguments: &[Expr],
        lifted: bool,
        expr: &Expr,
        env: &mut Env<'_>,
    ) -> Result<Value, Fault> {
        let types: Vec<_> = arguments.iter().map(|a| a.ty.clone()).collect();
        let call = CallTypes { arguments: &types, result: &expr.ty };
        if let Body::Aggregate(aggregate) = function.body {
            if let Some(value) = self.globals.site_value(site) {
                return value;
            }
            let (list, constants) = arguments.split_last().ok_or_else(|| internal("an aggregate without a list"))?;
            let constants: Result<Vec<_>, _> = constants.iter().map(|a| self.eval(a, env)).collect();
            let mut accumulator = (aggregate.start)(&call, &constants?)?;
            let Value::List(items) = self.eval(list, env)? else {
                return Ok(Value::Missing);
            };
            for (i, item) in items.iter().enumerate() {
                accumulator.push(item, i as u64)?;
            }
            return match accumulator.finish()? {
                Figure::Value(value) => Ok(value),
                Figure::Above | Figure::Below => Err(internal("an infinite figure outside a metric")),
            };
        }
        let values: Result<Vec<_>, _> = arguments.iter().map(|a| self.eval(a, env)).collect();
        let values = values?;
        if lifted && values.iter().any(Value::is_missing) {
            return Ok(Value::Missing);
        }
        match function.body {
            Body::Scalar(body) => body(&call, &values),
            Body::Ambient(body) => body(&call, &values, self.globals.ambient()?),
            Body::Aggregate(_) | Body::Form => Err(internal("a form that was not replaced")),
        }
    }

    fn call_def(&self, def: DefId, arguments: &[Expr], env: &mut Env<'_>) -> Result<Value, Fault> {
        let policy = self.globals.policy();
        let def = policy.defs.get(def.index()).ok_or_else(|| internal("a def that is not there"))?;
        let mut inner = Env::new();
        for ((local, _, ty), argument) in def.parameters.iter().zip(arguments) {
            let value = self.eval(argument, env)?;
            if value.is_missing() && !ty.is_optional() {
                return Ok(Value::Missing);
            }
            inner.bind(*local, value);
        }
        self.eval(&def.body, &mut inner)
    }

    /// Whether a value can be read as a shape: an undecoded value or a text is read; for any
    /// other value the conditions of a refined type are asked.
    fn conforms(&self, subject: &Value, shape: &Shape) -> Result<bool, Fault> {
        let decoder = Decoder::new(self.globals);
        match subject {
            Value::Missing => Ok(false),
            Value::Json(json) => Ok(decoder.accept(json, shape).is_some()),
            Value::Text(text) => Ok(decoder.accept(&text_json(text), shape).is_some()),
            value => decoder.meets(value, shape),
        }
    }

    fn faults(&self, subject: &Value, shape: &Shape) -> Vec<Value> {
        let json = match subject {
            Value::Json(json) => json.clone(),
            Value::Text(text) => Arc::new(text_json(text)),
            Value::Missing => return vec![Value::text(NO_VALUE)],
            _ => return Vec::new(),
        };
        let found = Decoder::new(self.globals).without_schemas().faults(&json, shape);
        let told = found.faults.iter().map(|f| Value::text(f.to_string()));
        told.chain(more(found.more)).collect()
    }

    /// What the schema says that a contract is paired with.
    fn schema_faults(&self, subject: &Value, shape: &Shape) -> Result<Vec<Value>, Fault> {
        const MOST: usize = 10_000;
        let policy = self.globals.policy();
        let named = match shape {
            Shape::Named(id) => policy.shapes.get(id.index()),
            _ => None,
        };
        let name = named.and_then(|n| n.schema()).ok_or_else(|| internal("a contract without its schema"))?;
        let json = match subject {
            Value::Json(json) => json.clone(),
            Value::Text(text) => Arc::new(text_json(text)),
            Value::Missing => return Ok(vec![Value::text(NO_VALUE)]),
            _ => return Ok(Vec::new()),
        };
        let Some(schema) = policy.schemas.get(&name.name) else {
            return Ok(vec![Value::text(format!("(document): the schema `{}` was not read", name.name))]);
        };
        let (found, left) = objections(schema, &json, MOST);
        let told = found.iter().map(|o| Value::text(format!("{}: {}", o.path, o.message)));
        Ok(told.chain(more(left as u64)).collect())
    }
}

/// Said of a value that is missing.
const NO_VALUE: &str = "(document): there is no value";

/// The last text of a list that was cut short.
fn more(left: u64) -> Option<Value> {
    (left > 0).then(|| Value::text(format!("(document): {left} more faults are not told")))
}

/// A field of a record by position; of anything else, missing.
fn field_of(value: &Value, index: usize) -> Value {
    match value {
        Value::Record(record) => record.fields.get(index).cloned().unwrap_or(Value::Missing),
        _ => Value::Missing,
    }
}

/// The value of a key in a map (entries sorted by key).
pub(super) fn find_key(entries: &[Value], key: &Value) -> Option<Value> {
    let key_of = |entry: &Value| entry.as_record().and_then(|r| r.fields.first()).cloned().unwrap_or(Value::Missing);
    let position = entries.binary_search_by(|entry| key_of(entry).order(key)).ok()?;
    entries.get(position).and_then(Value::as_record).and_then(|r| r.fields.get(1)).cloned()
}

/// Arithmetic that lifts: missing in, missing out; division by zero is missing.
///
/// # Errors
/// A result that does not fit.
pub fn arithmetic(op: ArithmeticOp, left: &Value, right: &Value) -> Result<Value, Fault> {
    let (Some(a), Some(b)) = (left.as_num(), right.as_num()) else {
        return Ok(Value::Missing);
    };
    let (result, what) = match op {
        ArithmeticOp::Add => (a.add(b), "a sum"),
        ArithmeticOp::Subtract => (a.sub(b), "a difference"),
        ArithmeticOp::Multiply => (a.mul(b), "a product"),
        ArithmeticOp::Divide if b.is_zero() => return Ok(Value::Missing),
        ArithmeticOp::Divide => (a.div(b), "a quotient"),
    };
    result.map(Value::Num).ok_or(Fault::Overflow { what })
}

/// Comparison of two values of one type; equality by parts.
pub fn compare(op: CompareOp, left: &Value, right: &Value) -> bool {
    match op {
        CompareOp::Equal => left == right,
        CompareOp::NotEqual => left != right,
        other => other.holds(left.order(right)),
    }
}

fn text_json(text: &Arc<str>) -> Json {
    Json { kind: JsonKind::Text(text.clone()), at: 0 }
}

pub(super) fn internal(what: &str) -> Fault {
    Fault::Internal { what: what.into() }
}
