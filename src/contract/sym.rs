//! Values of expressions over a document that is not there yet.

use super::formula::{Anchor, Formula, Place};
use crate::data::Value;
use crate::model::{Shape, TextReading};

/// A value that may depend on the document.
#[derive(Debug, Clone)]
pub(super) enum Sym<'p> {
    /// The same in every document.
    Known(Value),
    /// What is read at a place.
    Spot(Spot<'p>),
    /// Whether something holds.
    Truth(Formula),
    /// One of several: of the conditions exactly one holds.
    Either(Vec<(Formula, Sym<'p>)>),
    /// A list of elements, each there where its condition holds.
    List(Vec<(Formula, Sym<'p>)>),
    /// A record, field by field.
    Record(Vec<Sym<'p>>),
    /// A list in the document, or what is made of it.
    Listed(Box<Listed<'p>>),
    /// How many elements a list has.
    Count(Box<Sym<'p>>),
    /// How many characters a text has.
    Length(Spot<'p>),
}

/// A place and how it is read.
#[derive(Debug, Clone)]
pub(super) struct Spot<'p> {
    pub(super) place: Place,
    pub(super) shape: &'p Shape,
    /// What was done to a text after it was read.
    pub(super) after: TextReading,
    /// Whether records read inside of it let other keys pass.
    pub(super) open: bool,
}

/// A list or map at a place, filtered and mapped.
#[derive(Debug, Clone)]
pub(super) struct Listed<'p> {
    pub(super) place: Place,
    pub(super) over: Over,
    /// Which elements are kept.
    pub(super) kept: Formula,
    /// What is made of each.
    pub(super) element: Sym<'p>,
}

/// What a list is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Elements of an array.
    Items(Anchor),
    /// Entries of an object.
    Entries {
        /// What a key is counted from.
        key: Anchor,
        /// What its value is counted from.
        value: Anchor,
    },
}

impl<'p> Spot<'p> {
    /// The value that a definition describes.
    pub(super) fn top(anchor: Anchor, shape: &'p Shape, open: bool) -> Self {
        Self { place: Place::of(anchor), shape, after: TextReading::default(), open }
    }
}

impl Sym<'_> {
    /// The value, if it is the same in every document.
    pub(super) fn known(&self) -> Option<&Value> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}
