//! Conditions over places of a document, without anything that is known beforehand.

use super::{Keywords, keyword};
use serde_json::Value as Out;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a place is counted from: the value that a definition describes, or an element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Anchor(pub(super) u32);

/// A condition. Places are where they are said to be, as far as the document is of its shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Formula {
    /// Holds always or never.
    Known(bool),
    /// Does not hold.
    Not(Box<Formula>),
    /// All hold; at least two, none of them an `And`.
    And(Vec<Formula>),
    /// One holds; at least two, none of them an `Or`.
    Or(Vec<Formula>),
    /// A value is there and meets a test.
    At(Place, Test),
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) anchor: Anchor,
    pub(super) steps: Vec<Step>,
}

/// One step down.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Into an object.
    Key {
        /// Where the value stands: alternatives, each a path of keys. At most one is there.
        paths: Vec<Vec<Arc<str>>>,
        /// Whether every document of its shape has it.
        always: bool,
        /// What is there and counts as absent does not meet this.
        counts: Keywords,
    },
    /// To an element of a list, from 0.
    Index(u64),
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// Nothing: it is there.
    There,
    /// It is one of these; at least one, in the order met, and what is equal looks equal. Then how
    /// many there can be in all, if that is known, else 0.
    OneOf(Vec<Out>, usize),
    /// It meets these keywords.
    Meets(Keywords),
}

impl Test {
    /// As keywords.
    pub(super) fn keywords(&self) -> Keywords {
        match self {
            Self::There => Keywords::new(),
            Self::OneOf(values, _) => match values.as_slice() {
                [one] => keyword("const", one.clone()),
                many => keyword("enum", many.to_vec()),
            },
            Self::Meets(keywords) => keywords.clone(),
        }
    }
}

impl Place {
    /// The value itself.
    pub(super) fn of(anchor: Anchor) -> Self {
        Self { anchor, steps: Vec::new() }
    }

    /// One step further.
    pub(super) fn then(&self, step: Step) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self { anchor: self.anchor, steps }
    }

    /// Whether every document of its shape has it.
    pub(super) fn is_always(&self) -> bool {
        self.steps.iter().all(|s| matches!(s, Step::Key { always: true, .. }))
    }
}

impl Formula {
    /// The value at a place meets a test.
    pub(super) fn at(place: &Place, test: Test) -> Self {
        if matches!(test, Test::There) && place.is_always() {
            return Self::Known(true);
        }
        match &test {
            Test::Meets(keywords) if keywords.is_empty() => return Self::at(place, Test::There),
            Test::OneOf(values, _) if values.is_empty() => return Self::Known(false),
            Test::OneOf(values, total) if values.len() == *total => return Self::at(place, Test::There),
            _ => {}
        }
        Self::At(place.clone(), test)
    }

    /// There is a value at a place.
    pub(super) fn there(place: &Place) -> Self {
        Self::at(place, Test::There)
    }

    /// The opposite.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Known(known) => Self::Known(!known),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// All of them.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut out: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::Known(true) => {}
                Self::Known(false) => return Self::Known(false),
                Self::And(inner) => inner.into_iter().for_each(|p| add(&mut out, p, Test::both)),
                other => add(&mut out, other, Test::both),
            }
            if out.iter().any(|p| matches!(p, Self::Known(false))) {
                return Self::Known(false);
            }
        }
        if contradicts(&out) {
            return Self::Known(false);
        }
        // What meets a test, or has a part, is there.
        let told: Vec<Self> = out.clone();
        out.retain(|part| !told.iter().any(|other| other != part && other.says_there(part)));
        single(out, true, Self::And)
    }

    /// At least one of them.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut out: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::Known(false) => {}
                Self::Known(true) => return Self::Known(true),
                Self::Or(inner) => inner.into_iter().for_each(|p| add(&mut out, p, Test::either)),
                other => add(&mut out, other, Test::either),
            }
            if out.iter().any(|p| matches!(p, Self::Known(true))) {
                return Self::Known(true);
            }
        }
        if contradicts(&out) {
            return Self::Known(true);
        }
        // `not A, or A and B` is `not A, or B`.
        let told: Vec<Self> = out.clone();
        let denied = |part: &Self| told.contains(&part.clone().not());
        if out.iter().any(|part| matches!(part, Self::And(parts) if parts.iter().any(denied))) {
            let shorter = out.into_iter().map(|part| match part {
                Self::And(parts) => Self::all(parts.into_iter().filter(|p| !denied(p))),
                other => other,
            });
            return Self::any(shorter.collect::<Vec<_>>());
        }
        out.retain(|part| !told.iter().any(|other| other != part && part.says_there(other)));
        single(out, false, Self::Or)
    }

    /// Whether it is a test of a place or below it, and the other says that this place is there.
    fn says_there(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::At(place, _), Self::At(there, Test::There)) => {
                place.anchor == there.anchor && place.steps.starts_with(&there.steps)
            }
            _ => false,
        }
    }

    /// The second where the first holds.
    pub(super) fn implies(self, then: Self) -> Self {
        Self::any([self.not(), then])
    }

    /// Both hold or neither does.
    pub(super) fn same_as(self, other: Self) -> Self {
        let neither = Self::all([self.clone().not(), other.clone().not()]);
        Self::any([Self::all([self, other]), neither])
    }

    /// The anchors of its places.
    pub(super) fn anchors(&self) -> BTreeSet<Anchor> {
        let mut found = BTreeSet::new();
        self.places(&mut |place| {
            found.insert(place.anchor);
        });
        found
    }

    /// Every place that it asks about.
    pub(super) fn places(&self, f: &mut dyn FnMut(&Place)) {
        match self {
            Self::Known(_) => {}
            Self::Not(inner) => inner.places(f),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|p| p.places(f)),
            Self::At(place, _) => f(place),
        }
    }

    /// How many tests it has.
    pub(super) fn size(&self) -> usize {
        let mut size = 0;
        self.places(&mut |_| size += 1);
        size
    }

    /// The same with `Not` before tests only.
    pub(super) fn pushed(self) -> Self {
        match self {
            Self::Not(inner) => match *inner {
                Self::And(parts) => Self::any(parts.into_iter().map(|p| p.not().pushed())),
                Self::Or(parts) => Self::all(parts.into_iter().map(|p| p.not().pushed())),
                other => other.not(),
            },
            Self::And(parts) => Self::all(parts.into_iter().map(Self::pushed)),
            Self::Or(parts) => Self::any(parts.into_iter().map(Self::pushed)),
            other => other,
        }
    }
}

/// Adds a part. Two tests of one place by values become one.
fn add(out: &mut Vec<Formula>, part: Formula, merge: fn(&[Out], &[Out]) -> Vec<Out>) {
    if out.contains(&part) {
        return;
    }
    if let Formula::At(place, Test::OneOf(new, total)) = &part {
        for known in out.iter_mut() {
            if let Formula::At(same, Test::OneOf(old, _)) = known
                && same == place
            {
                let merged = merge(old, new);
                *known = match merged.len() {
                    0 => Formula::Known(false),
                    n if n == *total => Formula::there(place),
                    _ => Formula::At(place.clone(), Test::OneOf(merged, *total)),
                };
                return;
            }
        }
    }
    out.push(part);
}

impl Test {
    fn both(old: &[Out], new: &[Out]) -> Vec<Out> {
        old.iter().filter(|v| new.contains(v)).cloned().collect()
    }

    fn either(old: &[Out], new: &[Out]) -> Vec<Out> {
        let more = new.iter().filter(|v| !old.contains(v));
        old.iter().chain(more).cloned().collect()
    }
}

/// Whether two of the parts are opposites.
fn contradicts(parts: &[Formula]) -> bool {
    parts.iter().any(|p| matches!(p, Formula::Not(inner) if parts.contains(inner)))
}

fn single(mut parts: Vec<Formula>, empty: bool, many: fn(Vec<Formula>) -> Formula) -> Formula {
    match (parts.pop(), parts.is_empty()) {
        (None, _) => Formula::Known(empty),
        (Some(one), true) => one,
        (Some(last), false) => {
            parts.push(last);
            many(parts)
        }
    }
}
