//! Lists: tables that are known row by row, lists of the document as a whole.

use super::emit;
use super::formula::{Anchor, Formula, Place, Test};
use super::numbers::{counted, counts};
use super::rules::Bound;
use super::sym::{Listed, Over, Spot, Sym};
use super::{Keywords, Said, Writer, keyword, schema, unsayable};
use crate::data::{EnumValue, Value};
use crate::model::{CompareOp, Expr, LocalId, Quantifier, Shape, Stage};
use std::collections::BTreeSet;

/// How many elements may depend on the document where some of them have to be counted.
const MAX_COUNTED: usize = 8;

/// What stands in a list.
#[derive(Debug, Clone)]
pub(super) enum Rows<'p> {
    /// Element by element, each there where its condition holds.
    Each(Vec<(Formula, Sym<'p>)>),
    /// A list or map of the document.
    Listed(Box<Listed<'p>>),
    /// One of several lists.
    Either(Vec<(Formula, Rows<'p>)>),
}

impl<'p> Writer<'p> {
    /// A list or a map at a place.
    pub(super) fn listed(&mut self, spot: Spot<'p>) -> Said<Listed<'p>> {
        let kept = Formula::Known(true);
        let of = |anchor: Anchor, shape: &'p Shape| Spot::top(anchor, shape, spot.open);
        match self.underneath(spot.shape) {
            Shape::List(element) => {
                let anchor = self.anchor();
                let element = self.element_of(of(anchor, element));
                Ok(Listed { place: spot.place.clone(), over: Over::Items(anchor), kept, element })
            }
            Shape::Map(key, value) => {
                let (key_anchor, value_anchor) = (self.anchor(), self.anchor());
                let value = self.element_of(of(value_anchor, value));
                let element = Sym::Record(vec![Sym::Spot(of(key_anchor, key)), value]);
                let over = Over::Entries { key: key_anchor, value: value_anchor };
                Ok(Listed { place: spot.place.clone(), over, kept, element })
            }
            _ => unsayable("something that is no list"),
        }
    }

    /// `keys(map)` or `values(map)`
    pub(super) fn parts_of(&mut self, map: Sym<'p>, keys: bool) -> Said<Sym<'p>> {
        self.over(map, &mut |writer, map| match map {
            Sym::Known(Value::Missing) => Ok(map),
            Sym::Spot(spot) => {
                let listed = writer.listed(spot)?;
                let element = writer.field(listed.element.clone(), usize::from(!keys))?;
                Ok(Sym::Listed(Box::new(Listed { element, ..listed })))
            }
            _ => unsayable("parts of a map that is made"),
        })
    }

    /// `given(record)`: the names of the fields that are there.
    pub(super) fn given(&mut self, record: Sym<'p>) -> Said<Sym<'p>> {
        self.over(record, &mut |writer, record| {
            let fields = match &record {
                Sym::Known(Value::Missing) => return Ok(record),
                Sym::Spot(spot) => match writer.record_of(spot.shape) {
                    Some(shape) => shape.fields.len(),
                    None => return unsayable("the fields of something that is no record"),
                },
                Sym::Record(fields) => fields.len(),
                _ => return unsayable("the fields of a record that is made"),
            };
            let mut names = Vec::new();
            for (index, member) in (0..fields).zip(0..) {
                // Whether a field is there may be more than can be said; then so is the whole.
                let field = writer.field(record.clone(), index)?;
                let name = Sym::Known(Value::Enum(EnumValue { member, word: None }));
                names.push((writer.present(&field), name));
            }
            Ok(Sym::List(names))
        })
    }

    /// `exists`, `every`, `no`
    pub(super) fn quantified(
        &mut self,
        quantifier: Quantifier,
        rows: Rows<'p>,
        body: &mut dyn FnMut(&mut Self, Sym<'p>) -> Said<Formula>,
    ) -> Said<Formula> {
        match rows {
            Rows::Either(ways) => {
                let mut each = Vec::new();
                for (when, rows) in ways {
                    each.push(Formula::all([when, self.quantified(quantifier, rows, body)?]));
                }
                Ok(Formula::any(each))
            }
            Rows::Each(items) => {
                let mut parts = Vec::new();
                for (there, item) in items {
                    if there == Formula::Known(false) {
                        continue;
                    }
                    let holds = body(self, item)?;
                    let part = match quantifier {
                        Quantifier::Every => there.implies(holds),
                        Quantifier::Exists | Quantifier::No => Formula::all([there, holds]),
                    };
                    // What comes later is not looked at, as in a run.
                    if part == Formula::Known(quantifier != Quantifier::Every) {
                        return Ok(Formula::Known(quantifier == Quantifier::Exists));
                    }
                    parts.push(part);
                }
                Ok(match quantifier {
                    Quantifier::Every => Formula::all(parts),
                    Quantifier::Exists => Formula::any(parts),
                    Quantifier::No => Formula::any(parts).not(),
                })
            }
            Rows::Listed(listed) => {
                let holds = body(self, listed.element.clone())?;
                let (place, over) = (&listed.place, listed.over);
                match quantifier {
                    Quantifier::Every => self.every(place, over, listed.kept.implies(holds)),
                    Quantifier::Exists => self.exists(place, over, Formula::all([listed.kept, holds])),
                    Quantifier::No => Ok(self.exists(place, over, Formula::all([listed.kept, holds]))?.not()),
                }
            }
        }
    }

    /// Every element of a list meets a formula, which may ask about other places as well.
    fn every(&mut self, place: &Place, over: Over, formula: Formula) -> Said<Formula> {
        self.spend()?;
        let formula = formula.pushed();
        let (inside, outside) = sides(&formula, over);
        match (inside, outside) {
            (false, _) => Ok(Formula::any([formula, filled(place, over).not()])),
            (true, false) if closes(&formula, over) => {
                let below = schema(emit::formula(&formula));
                let word = match over {
                    Over::Items(_) => "items",
                    Over::Entries { key, .. } if formula.anchors().contains(&key) => "propertyNames",
                    Over::Entries { .. } => "additionalProperties",
                };
                Ok(Formula::at(place, Test::Meets(keyword(word, below))))
            }
            _ => match formula {
                Formula::And(parts) => {
                    let each = parts.into_iter().map(|p| self.every(place, over, p));
                    Ok(Formula::all(each.collect::<Said<Vec<_>>>()?))
                }
                Formula::Or(parts) => self.every_or(place, over, parts),
                _ => unsayable("it compares an element with something outside of its list"),
            },
        }
    }

    /// What does not depend on the element comes out of the list; a part that is mixed is taken
    /// apart.
    fn every_or(&mut self, place: &Place, over: Over, parts: Vec<Formula>) -> Said<Formula> {
        let (inside, outside): (Vec<_>, Vec<_>) = parts.into_iter().partition(|p| sides(p, over).0);
        let within = Formula::any(inside.clone());
        if !sides(&within, over).1 && closes(&within, over) {
            let within = self.every(place, over, within)?;
            return Ok(Formula::any(outside.into_iter().chain([within])));
        }
        let Some(at) = inside.iter().position(|p| matches!(p, Formula::And(_))) else {
            return unsayable("it asks about keys and values, or about lists within lists, together");
        };
        let mut rest = inside;
        let Formula::And(conjuncts) = rest.swap_remove(at) else {
            return unsayable("a part that is gone");
        };
        rest.extend(outside);
        let each = conjuncts.into_iter().map(|c| {
            let way = Formula::any(rest.iter().cloned().chain([c]));
            self.every(place, over, way)
        });
        Ok(Formula::all(each.collect::<Said<Vec<_>>>()?))
    }

    /// Some element of a list meets a formula.
    fn exists(&mut self, place: &Place, over: Over, formula: Formula) -> Said<Formula> {
        let formula = formula.pushed();
        let (inside, outside) = sides(&formula, over);
        match (over, inside, outside) {
            (_, false, _) => Ok(Formula::all([formula, filled(place, over)])),
            (Over::Items(_), true, false) => {
                let below = schema(emit::formula(&formula));
                Ok(Formula::at(place, Test::Meets(keyword("contains", below))))
            }
            _ => {
                let none = self.every(place, over, formula.not())?;
                // Of a list that is not there, nothing exists.
                Ok(Formula::all([Formula::there(place), none.not()]))
            }
        }
    }

    /// `unique(list)`
    pub(super) fn unique(&mut self, list: &Sym<'p>) -> Said<Formula> {
        match list {
            Sym::Either(ways) => {
                let each = ways.iter().map(|(when, way)| Ok(Formula::all([when.clone(), self.unique(way)?])));
                Ok(Formula::any(each.collect::<Said<Vec<_>>>()?))
            }
            Sym::Known(Value::List(items)) => {
                let mut seen = std::collections::HashSet::new();
                Ok(Formula::Known(items.iter().all(|i| seen.insert(i.clone()))))
            }
            Sym::Known(Value::Missing) => Ok(Formula::Known(true)),
            Sym::Spot(spot) => match self.underneath(spot.shape) {
                Shape::List(element) if self.compares_alike(element, &mut 1_000) => {
                    Ok(Formula::at(&spot.place, Test::Meets(keyword("uniqueItems", true))))
                }
                Shape::List(_) => unsayable("elements that differ when written may be the same when read"),
                _ => unsayable("something that is no list"),
            },
            _ => unsayable("it compares parts of elements with each other"),
        }
    }

    /// `count(list) op known`
    pub(super) fn counted(&mut self, op: CompareOp, list: &Sym<'p>, known: &Value) -> Said<Formula> {
        match list {
            Sym::Spot(spot) => {
                let (least, most) = match self.underneath(spot.shape) {
                    Shape::Map(..) => ("minProperties", "maxProperties"),
                    _ => ("minItems", "maxItems"),
                };
                Self::sized(op, known, &|range| Formula::at(&spot.place, Test::Meets(counted(least, most, range))))
            }
            Sym::Listed(listed) if listed.kept == Formula::Known(true) => {
                let (least, most) = match listed.over {
                    Over::Items(_) => ("minItems", "maxItems"),
                    Over::Entries { .. } => ("minProperties", "maxProperties"),
                };
                Self::sized(op, known, &|range| Formula::at(&listed.place, Test::Meets(counted(least, most, range))))
            }
            Sym::Listed(listed) => self.counted_kept(op, listed, known),
            Sym::List(items) => {
                let (sure, unsure): (Vec<_>, Vec<_>) =
                    items.iter().map(|(there, _)| there.clone()).partition(|t| *t == Formula::Known(true));
                let unsure: Vec<Formula> = unsure.into_iter().filter(|t| *t != Formula::Known(false)).collect();
                let sure = sure.len() as u64;
                let wide = unsure.len() > MAX_COUNTED;
                let range = known.as_num().and_then(|n| counts(op, n));
                let near = range.is_none_or(|(low, high)| {
                    low <= sure + 1 && high.is_none_or(|h| h <= sure || h >= sure + unsure.len() as u64)
                });
                if wide && !near {
                    return unsayable(format!("it counts which of more than {MAX_COUNTED} things are so"));
                }
                Self::sized(op, known, &|(low, high)| {
                    let enough = at_least(low.saturating_sub(sure), &unsure);
                    match high {
                        None => enough,
                        Some(high) if high < sure => Formula::Known(false),
                        Some(high) => Formula::all([enough, at_least(high - sure + 1, &unsure).not()]),
                    }
                })
            }
            _ => unsayable("it counts something that is no list"),
        }
    }

    fn counted_kept(&mut self, op: CompareOp, listed: &Listed<'p>, known: &Value) -> Said<Formula> {
        let kept = listed.kept.clone().pushed();
        let pure = !sides(&kept, listed.over).1 && matches!(listed.over, Over::Items(_));
        if pure {
            let below = schema(emit::formula(&kept));
            return Self::sized(op, known, &|(low, high)| {
                let mut keywords = keyword("contains", below.clone());
                keywords.insert("minContains".to_owned(), low.into());
                if let Some(high) = high {
                    keywords.insert("maxContains".to_owned(), high.into());
                }
                Formula::at(&listed.place, Test::Meets(keywords))
            });
        }
        let some = self.exists(&listed.place, listed.over, kept)?;
        match known.as_num().and_then(|n| counts(op, n)) {
            Some((1, None)) => Ok(some),
            Some((0, Some(0))) if op == CompareOp::NotEqual => Ok(some),
            Some((0, Some(0))) => Ok(some.not()),
            _ => unsayable("it counts elements that are compared with something outside of their list"),
        }
    }

    /// `xs[].f` and what it is turned into.
    pub(super) fn mapped(
        &mut self,
        list: Sym<'p>,
        item: LocalId,
        body: &'p Expr,
        flatten: bool,
        bound: &Bound<'p>,
    ) -> Said<Sym<'p>> {
        self.over(list, &mut |writer, list| {
            if matches!(list, Sym::Known(Value::Missing)) {
                return Ok(list);
            }
            let each = |writer: &mut Self, element: Sym<'p>| {
                let mut inner = bound.clone();
                inner.insert(item, element);
                writer.value(body, &inner)
            };
            match writer.rows_of(list)? {
                Rows::Each(items) => {
                    let mut out = Vec::new();
                    for (there, element) in items {
                        let made = each(writer, element)?;
                        if !flatten {
                            out.push((there, made));
                            continue;
                        }
                        let Rows::Each(inner) = writer.rows_of(made)? else {
                            return unsayable("lists of the document inside of a list");
                        };
                        out.extend(inner.into_iter().map(|(also, e)| (Formula::all([there.clone(), also]), e)));
                    }
                    Ok(Sym::List(out))
                }
                Rows::Listed(listed) if !flatten => {
                    let element = each(writer, listed.element.clone())?;
                    Ok(Sym::Listed(Box::new(Listed { element, ..*listed })))
                }
                Rows::Listed(_) | Rows::Either(_) => unsayable("lists of the document inside of a list"),
            }
        })
    }

    /// A list taken through stages.
    pub(super) fn pipeline(
        &mut self,
        source: Sym<'p>,
        row: LocalId,
        stages: &'p [Stage],
        result: LocalId,
        bound: &Bound<'p>,
    ) -> Said<Sym<'p>> {
        self.over(source, &mut |writer, source| match writer.rows_of(source)? {
            Rows::Each(items) => {
                let mut frames = Vec::new();
                for (there, item) in items {
                    let mut inner = bound.clone();
                    inner.insert(row, item);
                    frames.push((there, inner));
                }
                for stage in stages {
                    frames = writer.staged(frames, stage)?;
                }
                let last = frames.into_iter().map(|(there, inner)| match inner.get(&result) {
                    Some(element) => Ok((there, element.clone())),
                    None => unsayable("a pipeline without a result"),
                });
                Ok(Sym::List(last.collect::<Said<_>>()?))
            }
            Rows::Listed(listed) => {
                let mut inner = bound.clone();
                inner.insert(row, listed.element.clone());
                let mut kept = vec![listed.kept.clone()];
                for stage in stages {
                    match stage {
                        Stage::Where { condition, .. } => kept.push(writer.truth(condition, &inner)?),
                        Stage::Bind { local, value } => {
                            let value = writer.value(value, &inner)?;
                            inner.insert(*local, value);
                        }
                        _ => return unsayable("it joins, groups, sorts or numbers a list of the document"),
                    }
                }
                let Some(element) = inner.get(&result).cloned() else {
                    return unsayable("a pipeline without a result");
                };
                Ok(Sym::Listed(Box::new(Listed { kept: Formula::all(kept), element, ..*listed })))
            }
            Rows::Either(_) => unsayable("one of several lists"),
        })
    }

    fn staged(&mut self, frames: Vec<(Formula, Bound<'p>)>, stage: &'p Stage) -> Said<Vec<(Formula, Bound<'p>)>> {
        let mut out = Vec::new();
        for (there, mut inner) in frames {
            match stage {
                Stage::Where { condition, .. } => {
                    let there = Formula::all([there, self.truth(condition, &inner)?]);
                    if there != Formula::Known(false) {
                        out.push((there, inner));
                    }
                }
                Stage::Bind { local, value } => {
                    let value = self.value(value, &inner)?;
                    inner.insert(*local, value);
                    out.push((there, inner));
                }
                Stage::Join(join) => {
                    let source = self.value(&join.source, &inner)?;
                    let Rows::Each(items) = self.rows_of(source)? else {
                        return unsayable("it joins a list of the document");
                    };
                    for (also, item) in items {
                        let mut more = inner.clone();
                        more.insert(join.local, item);
                        out.push((Formula::all([there.clone(), also]), more));
                    }
                }
                _ => return unsayable("it groups, sorts or numbers what depends on the document"),
            }
        }
        Ok(out)
    }
}

/// Whether a formula asks about elements of a list, and about anything else.
fn sides(formula: &Formula, over: Over) -> (bool, bool) {
    let anchors = formula.anchors();
    let own = match over {
        Over::Items(anchor) => BTreeSet::from([anchor]),
        Over::Entries { key, value } => BTreeSet::from([key, value]),
    };
    (anchors.iter().any(|a| own.contains(a)), anchors.iter().any(|a| !own.contains(a)))
}

/// Whether what is asked of each element is asked of one value.
fn closes(formula: &Formula, over: Over) -> bool {
    match over {
        Over::Items(_) => true,
        Over::Entries { .. } => formula.anchors().len() == 1,
    }
}

/// A list or map is there and not empty.
fn filled(place: &Place, over: Over) -> Formula {
    let keywords: Keywords = match over {
        Over::Items(_) => keyword("minItems", 1),
        Over::Entries { .. } => keyword("minProperties", 1),
    };
    Formula::at(place, Test::Meets(keywords))
}

/// At least so many of these hold.
fn at_least(n: u64, of: &[Formula]) -> Formula {
    if n == 0 {
        return Formula::Known(true);
    }
    if n == 1 {
        return Formula::any(of.iter().cloned());
    }
    if n > of.len() as u64 {
        return Formula::Known(false);
    }
    if n == of.len() as u64 {
        return Formula::all(of.iter().cloned());
    }
    let Some((first, rest)) = of.split_first() else { return Formula::Known(false) };
    let with = Formula::all([first.clone(), at_least(n - 1, rest)]);
    Formula::any([with, at_least(n, rest)])
}
