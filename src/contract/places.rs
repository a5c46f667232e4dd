//! From a record to its fields, from a list or a map to its elements.

use super::formula::{Formula, Step, Test};
use super::shapes::{Gaps, not_null, paths};
use super::sym::{Spot, Sym};
use super::texts;
use super::{Keywords, Said, Writer, emit, keyword, unsayable};
use crate::data::Value;
use crate::eval::decode::may_be_absent;
use crate::model::{CompareOp, FieldShape, RecordShape, Shape};
use serde_json::Value as Out;
use std::sync::Arc;

impl<'p> Writer<'p> {
    /// The record underneath a shape.
    pub(super) fn record_of(&self, shape: &'p Shape) -> Option<&'p RecordShape> {
        match self.underneath(shape) {
            Shape::Record(record) => Some(record),
            _ => None,
        }
    }

    /// A field of a value by its position.
    pub(super) fn field(&mut self, base: Sym<'p>, index: usize) -> Said<Sym<'p>> {
        match base {
            Sym::Known(Value::Record(record)) => {
                Ok(Sym::Known(record.fields.get(index).cloned().unwrap_or(Value::Missing)))
            }
            Sym::Known(_) => Ok(Sym::Known(Value::Missing)),
            Sym::Record(fields) => Ok(fields.get(index).cloned().unwrap_or(Sym::Known(Value::Missing))),
            Sym::Either(ways) => {
                let ways = ways.into_iter().map(|(when, way)| Ok((when, self.field(way, index)?)));
                Ok(Sym::Either(ways.collect::<Said<_>>()?))
            }
            Sym::Spot(spot) => {
                let Some(record) = self.record_of(spot.shape) else {
                    return unsayable("a field of something that is no record");
                };
                let Some(field) = record.fields.get(index) else { return unsayable("a field that is not there") };
                // Whether a record lets other keys pass does not matter for its fields.
                self.field_of(&spot, field)
            }
            _ => unsayable("a field of something that is made"),
        }
    }

    fn field_of(&mut self, base: &Spot<'p>, field: &'p FieldShape) -> Said<Sym<'p>> {
        let counts = self.counts(field, base.open)?;
        let step = Step::Key { paths: paths(field), always: !may_be_absent(field), counts };
        let place = base.place.then(step);
        let there = Formula::there(&place);
        let found = Sym::Spot(Spot { place, shape: &field.shape, after: Default::default(), open: base.open });
        let Some(default) = &field.reading.default else { return Ok(found) };
        // Of a record that is missing no field has its default.
        let base_there = Formula::there(&base.place);
        let absent = Formula::all([base_there.clone(), there.clone().not()]);
        let mut ways = vec![(there, found), (absent, Sym::Known(default.clone()))];
        if base_there != Formula::Known(true) {
            ways.push((base_there.not(), Sym::Known(Value::Missing)));
        }
        Ok(Sym::Either(ways))
    }

    /// What a value in the place of a field has to meet to count as one: others read as absent.
    fn counts(&mut self, field: &'p FieldShape, open: bool) -> Said<Keywords> {
        let reading = &field.reading;
        let mut counts = Keywords::new();
        if reading.lenient {
            let mut gaps = Gaps::default();
            counts = self.shape(&field.shape, open, "", &mut gaps);
            if !gaps.none() {
                return unsayable(format!("whether `{}`, which is `lenient`, can be read", field.name));
            }
        }
        if reading.nullable {
            counts = emit::merged(counts, not_null());
        }
        for sentinel in &reading.sentinels {
            let spot = Spot::top(self.anchor(), &field.shape, open);
            let equal = self.compared(CompareOp::Equal, &spot, sentinel)?;
            counts = emit::merged(counts, emit::formula(&equal.not()));
        }
        Ok(counts)
    }

    /// The value of a key that is known in a map at a place.
    pub(super) fn entry(&mut self, spot: &Spot<'p>, key: &Value) -> Said<Sym<'p>> {
        let Shape::Map(key_shape, value_shape) = self.underneath(spot.shape) else {
            return unsayable("a key of something that is no map");
        };
        let name = match (self.underneath(key_shape), key) {
            (Shape::Text(how), Value::Text(text)) if texts::plain(*how) => text.clone(),
            (Shape::Enum(how), Value::Enum(word)) if texts::tells_words_apart(how) => {
                let member = how.ty.members.get(word.member as usize);
                match member.map(|m| m.spellings.first().unwrap_or(&m.name).clone()) {
                    Some(name) => name,
                    None => return unsayable("a word that is not there"),
                }
            }
            _ => return unsayable("a key of a map whose keys have several spellings"),
        };
        let counts = if nullable_element(value_shape) { not_null() } else { Keywords::new() };
        let place = spot.place.then(Step::Key { paths: vec![vec![name]], always: false, counts });
        Ok(Sym::Spot(Spot { place, shape: value_shape, after: Default::default(), open: spot.open }))
    }

    /// The element at a position that is known, of a list at a place.
    pub(super) fn item(&mut self, spot: &Spot<'p>, index: u64) -> Said<Sym<'p>> {
        let Shape::List(element) = self.underneath(spot.shape) else {
            return unsayable("a position in something that is no list");
        };
        if nullable_element(element) {
            return unsayable("a position in a list whose elements may be missing");
        }
        let place = spot.place.then(Step::Index(index));
        Ok(Sym::Spot(Spot { place, shape: element, after: Default::default(), open: spot.open }))
    }

    /// An element of a list or a value of a map, seen from itself.
    pub(super) fn element_of(&self, spot: Spot<'p>) -> Sym<'p> {
        if !nullable_element(spot.shape) {
            return Sym::Spot(spot);
        }
        let there = Formula::At(spot.place.clone(), Test::Meets(not_null()));
        Sym::Either(vec![(there.clone(), Sym::Spot(spot)), (there.not(), Sym::Known(Value::Missing))])
    }

    /// Whether equality of values is that of a schema, so that `uniqueItems` means the same.
    /// Looks at so many parts at most.
    pub(super) fn compares_alike(&self, shape: &'p Shape, parts: &mut u32) -> bool {
        let Some(rest) = parts.checked_sub(1) else { return false };
        *parts = rest;
        match self.underneath(shape) {
            Shape::Bool | Shape::Int | Shape::Bytes | Shape::Decimal => true,
            Shape::Ratio { .. } => true,
            Shape::Record(record) => {
                let mut plain = |f: &'p FieldShape| {
                    let reading = &f.reading;
                    let as_is = !reading.lenient
                        && !reading.nullable
                        && reading.default.is_none()
                        && reading.sentinels.is_empty()
                        && reading.from.len() <= 1
                        && reading.from.iter().all(|path| path.len() == 1);
                    as_is && self.compares_alike(f.shape.inner(), parts)
                };
                !record.is_open() && record.fields.iter().all(&mut plain)
            }
            Shape::List(element) => self.compares_alike(element.inner(), parts),
            other => self.tells_apart(other),
        }
    }
}

/// Whether `null` in the place of an element means that it is missing.
fn nullable_element(shape: &Shape) -> bool {
    matches!(shape, Shape::Optional(inner) if !matches!(**inner, Shape::Json))
}

/// Keywords at the end of steps. `strict` says `required` even of what every document of its shape
/// has: for conditions, which are asked of documents that are not of their shape as well.
pub(super) fn at_steps(steps: &[Step], test: Keywords, strict: bool) -> Keywords {
    let Some((step, rest)) = steps.split_first() else { return test };
    match step {
        Step::Key { paths, always, counts } => {
            let below = emit::merged(counts.clone(), at_steps(rest, test, strict));
            match paths.as_slice() {
                [path] => at_one(path, below, strict || !always),
                many => {
                    let each = many.iter().map(|path| Out::Object(at_one(path, below.clone(), true)));
                    keyword("anyOf", each.collect::<Vec<_>>())
                }
            }
        }
        Step::Index(index) => {
            let mut out = keyword("minItems", index + 1);
            let below = at_steps(rest, test, strict);
            if !below.is_empty() {
                let before = (0..*index).map(|_| Out::Bool(true));
                out.insert("prefixItems".to_owned(), before.chain([Out::Object(below)]).collect::<Vec<_>>().into());
            }
            out
        }
    }
}

fn at_one(path: &[Arc<str>], value: Keywords, required: bool) -> Keywords {
    match path {
        [key] if !required => match value.is_empty() {
            true => value,
            false => keyword("properties", Out::Object(keyword(key, Out::Object(value)))),
        },
        path => super::shapes::at_path(path, value),
    }
}
