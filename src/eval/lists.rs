//! Lists: pipelines, projections, quantifiers.

use super::expr::internal;
use super::{Bound, Env, Index, Interpreter};
use crate::data::{Fault, Origin, Record, Value};
use crate::model::{Expr, LocalId, Quantifier, SiteId, Stage};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The names that one element of a pipeline has bound.
type Frame<'b> = Vec<(LocalId, Bound<'b>)>;

/// Takes an element that has come through all stages.
type Out<'o, 'b> = &'o mut dyn FnMut(&mut Env<'b>) -> Result<(), Fault>;

impl Interpreter<'_> {
    pub(super) fn project(
        &self,
        list: &Expr,
        item: LocalId,
        body: &Expr,
        flatten: bool,
        env: &mut Env<'_>,
    ) -> Result<Value, Fault> {
        let Value::List(items) = self.eval(list, env)? else {
            return Ok(Value::Missing);
        };
        let made = self.each(&items, item, body, env)?;
        if !flatten {
            return Ok(Value::list(made));
        }
        let mut flat = Vec::new();
        for value in &made {
            flat.extend(value.as_list().ok_or_else(|| internal("`[]` of something that is no list"))?.iter().cloned());
            self.globals.charge(flat.len())?;
        }
        Ok(Value::list(flat))
    }

    /// `body` of each element.
    pub(super) fn each(
        &self,
        items: &[Value],
        item: LocalId,
        body: &Expr,
        env: &mut Env<'_>,
    ) -> Result<Vec<Value>, Fault> {
        self.globals.charge(items.len())?;
        let depth = env.depth();
        let mut made = Vec::with_capacity(items.len());
        for value in items {
            env.bind(item, value.clone());
            made.push(self.eval(body, env)?);
            env.truncate(depth);
        }
        Ok(made)
    }

    pub(super) fn quantified(
        &self,
        site: SiteId,
        quantifier: Quantifier,
        item: LocalId,
        source: &Expr,
        body: &Expr,
        env: &mut Env<'_>,
    ) -> Result<bool, Fault> {
        if let Some(value) = self.globals.site_value(site) {
            return value?.as_bool().ok_or_else(|| internal("a quantifier without a value"));
        }
        // An element without the indexed keys cannot satisfy the body, so `exists` and `no` need
        // not try it.
        let items = match (quantifier, self.globals.index(site)) {
            (Quantifier::Exists | Quantifier::No, Some(index)) => self.candidates(&*index?, env)?,
            _ => match self.eval(source, env)? {
                Value::List(items) => items,
                _ => return Err(internal("a quantifier over something that is no list")),
            },
        };
        let depth = env.depth();
        let stops_at = quantifier != Quantifier::Every;
        for value in items.iter() {
            env.bind(item, value.clone());
            let holds = self.holds(body, env)?;
            env.truncate(depth);
            if holds == stops_at {
                return Ok(quantifier == Quantifier::Exists);
            }
        }
        Ok(quantifier != Quantifier::Exists)
    }

    /// The elements of an indexed list that have the keys looked up here, in list order.
    fn candidates(&self, index: &Index, env: &mut Env<'_>) -> Result<Arc<[Value]>, Fault> {
        let keys: Result<Vec<_>, _> = index.keys.iter().map(|k| self.eval(k, env)).collect();
        let positions = index.positions.get(&keys?).map_or(&[][..], Vec::as_slice);
        Ok(positions.iter().filter_map(|p| index.list.get(*p as usize)).cloned().collect())
    }

    pub(super) fn pipeline(
        &self,
        source: &Expr,
        row: LocalId,
        stages: &[Stage],
        result: LocalId,
        env: &mut Env<'_>,
    ) -> Result<Vec<Value>, Fault> {
        let indexed = match stages.first() {
            Some(Stage::Where { site, .. }) => self.globals.index(*site),
            _ => None,
        };
        let items = match indexed {
            Some(index) => self.candidates(&*index?, env)?,
            None => match self.eval(source, env)? {
                Value::List(items) => items,
                _ => return Err(internal("a pipeline over something that is no list")),
            },
        };
        let base = env.depth();
        let mut out = Vec::new();
        self.through(
            &mut items.iter().map(|item| vec![(row, Bound::Value(item.clone()))]),
            stages,
            base,
            env,
            &mut |env| {
                out.push(env.get(result).map(Bound::value).ok_or_else(|| internal("a pipeline without a result"))?);
                self.globals.charge(out.len())
            },
        )?;
        Ok(out)
    }

    /// Takes elements through stages: up to the first stage that needs all of them at once, one
    /// by one; there they are collected, and the rest goes on from the collection.
    fn through<'b>(
        &self,
        frames: &mut dyn Iterator<Item = Frame<'b>>,
        stages: &[Stage],
        base: usize,
        env: &mut Env<'b>,
        out: Out<'_, 'b>,
    ) -> Result<(), Fault> {
        let barrier = stages.iter().position(needs_all).unwrap_or(stages.len());
        let (single, rest) = stages.split_at(barrier);
        let Some((stage, rest)) = rest.split_first() else {
            for frame in frames {
                env.extend(frame);
                self.one(single, base, env, out)?;
                env.truncate(base);
            }
            return Ok(());
        };
        let mut collected: Vec<Frame<'b>> = Vec::new();
        for frame in frames {
            env.extend(frame);
            self.one(single, base, env, &mut |env| {
                collected.push(env.since(base).to_vec());
                self.globals.charge(collected.len())
            })?;
            env.truncate(base);
        }
        let collected = self.barrier(stage, collected, base, env)?;
        self.through(&mut collected.into_iter(), rest, base, env, out)
    }

    /// Takes the element now bound through stages that look at one element alone.
    fn one<'b>(&self, stages: &[Stage], base: usize, env: &mut Env<'b>, out: Out<'_, 'b>) -> Result<(), Fault> {
        let Some((stage, rest)) = stages.split_first() else {
            return out(env);
        };
        match stage {
            Stage::Where { condition, .. } => {
                if self.holds(condition, env)? {
                    self.one(rest, base, env, out)?;
                }
                Ok(())
            }
            Stage::Bind { local, value } => {
                let value = self.eval(value, env)?;
                let value = with_origin(value, || env.since(base).iter().find_map(|(_, b)| b.origin()));
                env.bind(*local, value);
                self.one(rest, base, env, out)
            }
            Stage::Join(join) => {
                let items = match self.globals.index(join.site) {
                    Some(index) => self.candidates(&*index?, env)?,
                    None => match self.eval(&join.source, env)? {
                        Value::List(items) => items,
                        _ => return Err(internal("`join` of something that is no list")),
                    },
                };
                let depth = env.depth();
                for item in items.iter() {
                    env.bind(join.local, item.clone());
                    self.one(rest, base, env, out)?;
                    env.truncate(depth);
                }
                Ok(())
            }
            Stage::Group { .. } | Stage::Sort { .. } | Stage::Distinct { .. } | Stage::Number { .. } => {
                Err(internal("a stage in the wrong place"))
            }
        }
    }

    fn barrier<'b>(
        &self,
        stage: &Stage,
        frames: Vec<Frame<'b>>,
        base: usize,
        env: &mut Env<'b>,
    ) -> Result<Vec<Frame<'b>>, Fault> {
        match stage {
            Stage::Group { keys, member, row, .. } => {
                let mut places: HashMap<Vec<Value>, usize> = HashMap::new();
                let mut groups: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
                for frame in frames {
                    let (key, value) =
                        self.in_frame(frame, base, env, |env| Ok((self.keys(keys, env)?, self.eval(member, env)?)))?;
                    let next = groups.len();
                    let place = *places.entry(key.clone()).or_insert(next);
                    if place == next {
                        groups.push((key, Vec::new()));
                    }
                    if let Some((_, members)) = groups.get_mut(place) {
                        members.push(value);
                    }
                }
                let record = |(mut key, members): (Vec<Value>, Vec<Value>)| {
                    let origin = members.iter().find_map(|m| m.origin().cloned());
                    key.push(Value::record(vec![Value::list(members)]));
                    let record = Value::Record(Arc::new(Record { fields: key.into(), origin }));
                    vec![(*row, Bound::Value(record))]
                };
                Ok(groups.into_iter().map(record).collect())
            }
            Stage::Sort { keys } => {
                let mut keyed = Vec::with_capacity(frames.len());
                for frame in frames {
                    let key: Vec<Value> = self.in_frame(frame.clone(), base, env, |env| {
                        keys.iter().map(|k| self.eval(&k.key, env)).collect()
                    })?;
                    keyed.push((key, frame));
                }
                keyed.sort_by(|(a, _), (b, _)| {
                    a.iter().zip(b).zip(keys).fold(Ordering::Equal, |order, ((a, b), key)| {
                        let next = if key.descending { b.order(a) } else { a.order(b) };
                        order.then(next)
                    })
                });
                Ok(keyed.into_iter().map(|(_, frame)| frame).collect())
            }
            Stage::Distinct { keys } => {
                let mut seen = HashSet::new();
                let mut kept = Vec::new();
                for frame in frames {
                    let key = self.in_frame(frame.clone(), base, env, |env| self.keys(keys, env))?;
                    if seen.insert(key) {
                        kept.push(frame);
                    }
                }
                Ok(kept)
            }
            Stage::Number { keys, local } => {
                let mut counts: HashMap<Vec<Value>, i64> = HashMap::new();
                let mut numbered = Vec::with_capacity(frames.len());
                for mut frame in frames {
                    let key = self.in_frame(frame.clone(), base, env, |env| self.keys(keys, env))?;
                    let count = counts.entry(key).or_insert(0);
                    *count += 1;
                    frame.push((*local, Bound::Value(Value::int(*count))));
                    numbered.push(frame);
                }
                Ok(numbered)
            }
            Stage::Where { .. } | Stage::Bind { .. } | Stage::Join(_) => Err(internal("a stage in the wrong place")),
        }
    }

    fn in_frame<'b, T>(
        &self,
        frame: Frame<'b>,
        base: usize,
        env: &mut Env<'b>,
        f: impl FnOnce(&mut Env<'b>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        env.extend(frame);
        let made = f(env);
        env.truncate(base);
        made
    }

    fn keys(&self, keys: &[Expr], env: &mut Env<'_>) -> Result<Vec<Value>, Fault> {
        keys.iter().map(|k| self.eval(k, env)).collect()
    }
}

/// Whether a stage looks at all elements at once.
fn needs_all(stage: &Stage) -> bool {
    match stage {
        Stage::Group { .. } | Stage::Sort { .. } | Stage::Distinct { .. } | Stage::Number { .. } => true,
        Stage::Where { .. } | Stage::Bind { .. } | Stage::Join(_) => false,
    }
}

/// A new record in a pipeline comes from where its first row comes from.
fn with_origin(value: Value, origin: impl FnOnce() -> Option<Arc<Origin>>) -> Value {
    match value {
        Value::Record(record) if record.origin.is_none() => match origin() {
            Some(origin) => Value::Record(Arc::new(Record { fields: record.fields.clone(), origin: Some(origin) })),
            None => Value::Record(record),
        },
        other => other,
    }
}
