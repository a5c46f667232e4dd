//! Types as written: how data is read, and the type of what is read.
//!
//! A shape is worked out in two steps. First its fields: enough to know its type, so that
//! everything may refer to everything. Defaults, sentinels, rules and the conditions of types
//! are settled later (`settle.rs`), because they may use lets and defs that mention the shape.

use super::checker::{Checker, MAX_CHAIN, Memo, Node};
use super::diagnostics::clauses as say_clause;
use super::diagnostics::shapes as say;
use super::names::ShapeDecl;
use crate::data::{EnumMember, EnumType, Type};
use crate::diag::did_you_mean;
use crate::model::{
    Contract, DurationUnit, EnumReading, InstantEncoding, NamedShape, PairedSchema, RecordShape, Shape, ShapeId,
    TextReading,
};
use crate::source::Span;
use crate::syntax::tree::{self, TypeExprKind};
use crate::units::{Dimension, UNITS, unit};
use std::sync::Arc;

/// Types that need no declaration.
pub(super) const BUILT_IN: [&str; 11] =
    ["bool", "bytes", "decimal", "duration", "instant", "int", "json", "ratio", "string", "version", "weekday"];

/// What a type is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The type of a value that exists already.
    Value,
    /// Data is read by it, so it must say how.
    Data,
    /// Data is read by it, and it is the row of an evidence.
    Row,
}

impl Purpose {
    /// What the parts of a type of this purpose are for.
    pub(super) fn inside(self) -> Self {
        match self {
            Self::Value => Self::Value,
            Self::Data | Self::Row => Self::Data,
        }
    }
}

impl Checker<'_> {
    /// A type as written, for a value.
    pub(super) fn type_expr(&mut self, ty: &tree::TypeExpr) -> (Shape, Type) {
        self.type_for(ty, Purpose::Value)
    }

    /// A type that a value is decoded by: `x is T`, `faults(x, T)`.
    pub(super) fn asked_type(&mut self, ty: &tree::TypeExpr) -> (Shape, Type) {
        self.type_for(ty, Purpose::Data)
    }

    fn type_for(&mut self, ty: &tree::TypeExpr, purpose: Purpose) -> (Shape, Type) {
        let mark = self.drafts.pending.len();
        let (shape, ty) = self.resolve(ty, purpose);
        let fresh = self.drafts.pending.split_off(mark);
        if fresh.is_empty() {
            return (shape, ty);
        }
        fresh.into_iter().for_each(|p| self.settle(p));
        (self.settled_shape(&shape), ty)
    }

    /// A type by its name: built in, enum, record, contract, type, or of the prelude. `None`
    /// when there is none (nothing is reported).
    pub(super) fn named_type(&mut self, name: &tree::Name) -> Option<(Shape, Type)> {
        self.find_type(name, &[], Purpose::Value)
    }

    /// Works out the fields of every declared shape.
    pub(super) fn draft_shapes(&mut self) {
        for i in (0..).take(self.shapes.len()) {
            self.shape(ShapeId(i));
        }
    }

    /// A type as written.
    pub(super) fn resolve(&mut self, ty: &tree::TypeExpr, purpose: Purpose) -> (Shape, Type) {
        let (shape, found) = match &ty.kind {
            TypeExprKind::Named { name, encoding } => match self.find_type(name, encoding, purpose) {
                Some(found) => found,
                None => {
                    self.unknown_type(name);
                    (Shape::Json, Type::Unknown)
                }
            },
            TypeExprKind::List(element) => {
                let (shape, element) = self.resolve(element, purpose.inside());
                (Shape::List(Arc::new(shape)), Type::list(element))
            }
            TypeExprKind::Map(key, value) => {
                let span = key.span;
                let (key_shape, key) = self.resolve(key, purpose.inside());
                let (value_shape, value) = self.resolve(value, purpose.inside());
                if purpose != Purpose::Value && !matches!(key, Type::String | Type::Enum(_) | Type::Unknown) {
                    self.report(say::map_key(&key, span));
                }
                (Shape::Map(Arc::new(key_shape), Arc::new(value_shape)), Type::map(key, value))
            }
            TypeExprKind::FieldOf(record) => self.field_of(record),
            TypeExprKind::Record(body) => {
                let draft = self.body(body, purpose);
                self.record_shape(None, draft)
            }
            TypeExprKind::Broken => (Shape::Json, Type::Unknown),
        };
        if ty.optional && !found.is_optional() {
            return (Shape::Optional(Arc::new(shape)), found.optional());
        }
        (shape, found)
    }

    fn find_type(&mut self, name: &tree::Name, encoding: &[tree::Name], purpose: Purpose) -> Option<(Shape, Type)> {
        if let Some(found) = self.built_in(name, encoding, purpose) {
            return Some(found);
        }
        if let Some(ty) = self.drafts.enums.get(name.text.as_str()).cloned() {
            let reading = self.text_reading(name, encoding);
            if reading != TextReading::default() {
                self.check_enum_reading(&ty, reading, name.span);
            }
            return Some((Shape::Enum(EnumReading { ty: ty.clone(), reading }), Type::Enum(ty)));
        }
        let id = self.declared.shape(&name.text)?;
        if let Some(word) = encoding.first() {
            self.report(say::no_encoding(&name.text, &word.text, word.span));
        }
        if purpose == Purpose::Row {
            self.drafts.rows.insert(id);
        } else {
            self.drafts.parts.insert(id);
        }
        Some((Shape::Named(id), self.shape_at(id, name.span)))
    }

    fn built_in(&mut self, name: &tree::Name, encoding: &[tree::Name], purpose: Purpose) -> Option<(Shape, Type)> {
        let plain = |shape: Shape, ty: Type| (shape, ty, &[][..]);
        let (shape, ty, allowed): (Shape, Type, &[&str]) = match name.text.as_str() {
            "bool" => plain(Shape::Bool, Type::Bool),
            "int" => plain(Shape::Int, Type::Int),
            "decimal" => plain(Shape::Decimal, Type::Decimal),
            "bytes" => plain(Shape::Bytes, Type::BYTES),
            "version" => plain(Shape::Version, Type::Version),
            "json" => plain(Shape::Json, Type::Json),
            "weekday" => {
                let (ty, reading) = (EnumType::weekday(), TextReading::default());
                plain(Shape::Enum(EnumReading { ty: ty.clone(), reading }), Type::Enum(ty))
            }
            "ratio" => {
                let percent = encoding.iter().any(|w| w.text == "percent");
                (Shape::Ratio { percent }, Type::Ratio, &["percent"])
            }
            "string" => return Some((Shape::Text(self.text_reading(name, encoding)), Type::String)),
            "duration" => return Some((self.duration(name, encoding, purpose), Type::DURATION)),
            "instant" => return Some((self.instant(name, encoding, purpose), Type::Instant)),
            _ => return None,
        };
        self.encoding_words(name, encoding, allowed);
        Some((shape, ty))
    }

    fn text_reading(&mut self, name: &tree::Name, encoding: &[tree::Name]) -> TextReading {
        self.encoding_words(name, encoding, &["trim", "fold"]);
        let has = |word: &str| encoding.iter().any(|w| w.text == word);
        TextReading { trim: has("trim"), fold: has("fold") }
    }

    fn duration(&mut self, name: &tree::Name, encoding: &[tree::Name], purpose: Purpose) -> Shape {
        let mut allowed: Vec<&str> = time_units().collect();
        allowed.push("round");
        let good = self.encoding_words(name, encoding, &allowed);
        match self.one_of(name, encoding, &|w| time_unit(w)) {
            Some(unit) => {
                let round = encoding.iter().any(|w| w.text == "round");
                Shape::Duration(DurationUnit { round, ..unit })
            }
            None => {
                if purpose != Purpose::Value && good {
                    self.report(say::unit_needed(name.span));
                }
                Shape::Duration(DurationUnit { scale: 1, round: false })
            }
        }
    }

    fn instant(&mut self, name: &tree::Name, encoding: &[tree::Name], purpose: Purpose) -> Shape {
        let allowed = ["rfc3339", "s", "ms", "us", "ns", "round"];
        let good = self.encoding_words(name, encoding, &allowed);
        let known = |word: &str| match word {
            "rfc3339" => Some(None),
            "s" | "ms" | "us" | "ns" => time_unit(word).map(Some),
            _ => None,
        };
        let round = encoding.iter().any(|w| w.text == "round");
        match self.one_of(name, encoding, &known) {
            Some(Some(unit)) => Shape::Instant(InstantEncoding::Epoch(DurationUnit { round, ..unit })),
            Some(None) => {
                if let Some(word) = encoding.iter().find(|w| w.text == "round") {
                    self.report(say::encodings_clash(&name.text, "rfc3339", "round", word.span));
                }
                Shape::Instant(InstantEncoding::Rfc3339)
            }
            None => {
                if purpose != Purpose::Value && good {
                    self.report(say::instant_needs_encoding(name.span));
                }
                Shape::Instant(InstantEncoding::Rfc3339)
            }
        }
    }

    /// The one word of an encoding that `known` knows; two of them are reported.
    fn one_of<T>(
        &mut self,
        name: &tree::Name,
        encoding: &[tree::Name],
        known: &dyn Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let mut found: Option<(&tree::Name, T)> = None;
        for word in encoding {
            let Some(item) = known(&word.text) else { continue };
            match &found {
                Some((first, _)) if first.text != word.text => {
                    self.report(say::encodings_clash(&name.text, &first.text, &word.text, word.span));
                }
                _ => found = Some((word, item)),
            }
        }
        found.map(|(_, item)| item)
    }

    /// Reports words that this type does not take; whether there were none.
    fn encoding_words(&mut self, name: &tree::Name, encoding: &[tree::Name], allowed: &[&str]) -> bool {
        let mut good = true;
        for (i, word) in encoding.iter().enumerate() {
            if !allowed.contains(&&*word.text) {
                good = false;
                if allowed.is_empty() {
                    self.report(say::no_encoding(&name.text, &word.text, word.span));
                } else {
                    self.report(say::unknown_encoding(&name.text, &word.text, allowed, word.span));
                }
            } else if encoding.iter().take(i).any(|w| w.text == word.text) {
                self.report(say::encodings_clash(&name.text, &word.text, &word.text, word.span));
            }
        }
        good
    }

    fn unknown_type(&mut self, name: &tree::Name) {
        if self.declared.broken.contains(&name.text) {
            return;
        }
        let declared = self.declared.shapes.iter().map(|s| &*s.name);
        let enums = self.declared.enums.keys().map(|n| &**n);
        let nearest =
            did_you_mean(&name.text, BUILT_IN.into_iter().chain(["list", "map"]).chain(declared).chain(enums));
        let value = self.declared.value(&name.text).is_some();
        let diagnostic = say::unknown_type(&name.text, nearest, value, name.span);
        self.report(diagnostic);
    }

    /// `field of R`: the enum of its fields' names.
    fn field_of(&mut self, record: &tree::Name) -> (Shape, Type) {
        let poison = (Shape::Json, Type::Unknown);
        let Some(ty) = self.record_type(record) else { return poison };
        let members = ty.fields.iter().map(|f| EnumMember {
            name: f.name.clone(),
            quoted: !is_word(&f.name),
            spellings: Vec::from([f.name.clone()]),
        });
        let name = format!("field of {}", record.text).into();
        let ty = Arc::new(EnumType { name, members: members.collect(), otherwise: None });
        (Shape::Enum(EnumReading { ty: ty.clone(), reading: TextReading::default() }), Type::Enum(ty))
    }

    /// The type of the record of this name; what is no record is reported.
    pub(super) fn record_type(&mut self, name: &tree::Name) -> Option<Arc<crate::data::RecordType>> {
        match self.find_type(name, &[], Purpose::Value) {
            None => {
                self.unknown_type(name);
                None
            }
            Some((_, Type::Record(ty))) => Some(ty),
            Some((_, Type::Unknown)) => None,
            Some((_, other)) => {
                self.report(say::not_a_record(&name.text, &other, name.span));
                None
            }
        }
    }

    /// The type of a declared shape, which is named at `span`.
    fn shape_at(&mut self, id: ShapeId, span: Span) -> Type {
        if let Some(Memo::InProgress) = self.shapes.get(id.index()) {
            let start = self.path.iter().position(|n| *n == Node::Shape(id)).unwrap_or(0);
            let names: Vec<Arc<str>> = self.path.iter().skip(start).filter_map(|n| self.shape_name(n)).collect();
            self.report(say::shape_cycle(&names, span));
            return Type::Unknown;
        }
        let not_started = matches!(self.shapes.get(id.index()), Some(Memo::NotStarted));
        if not_started && self.path.len() >= MAX_CHAIN {
            self.report(say_clause::depth(MAX_CHAIN, span));
            return Type::Unknown;
        }
        self.shape(id)
    }

    fn shape_name(&self, node: &Node) -> Option<Arc<str>> {
        match node {
            Node::Shape(id) => self.declared.shapes.get(id.index()).map(|s| s.name.clone()),
            _ => None,
        }
    }

    fn shape(&mut self, id: ShapeId) -> Type {
        match self.shapes.get(id.index()) {
            Some(Memo::Done(named)) => return named.ty.clone(),
            Some(Memo::NotStarted) => {}
            Some(Memo::InProgress) | None => return Type::Unknown,
        }
        let Some(entry) = self.declared.shapes.get(id.index()).cloned() else { return Type::Unknown };
        self.set_shape(id, Memo::InProgress);
        let contract = match entry.tree {
            ShapeDecl::Contract(decl) => Some(self.contract(decl)),
            ShapeDecl::Record(_) | ShapeDecl::Type(_) => None,
        };
        let (shape, ty) = self.within(Node::Shape(id), |c| match entry.tree {
            ShapeDecl::Type(decl) => c.declared_type(id, decl),
            ShapeDecl::Record(decl) => c.declared_record(id, &entry.name, &decl.body),
            ShapeDecl::Contract(decl) => c.declared_record(id, &entry.name, &decl.body),
        });
        if BUILT_IN.contains(&&*entry.name) {
            self.report(say::built_in_name(&entry.name, entry.span));
        }
        let named = NamedShape { name: entry.name, span: entry.span, doc: entry.doc, shape, ty: ty.clone(), contract };
        self.set_shape(id, Memo::Done(named));
        ty
    }

    pub(super) fn set_shape(&mut self, id: ShapeId, memo: Memo<NamedShape>) {
        if let Some(slot) = self.shapes.get_mut(id.index()) {
            *slot = memo;
        }
    }

    fn declared_type(&mut self, id: ShapeId, decl: &tree::TypeDecl) -> (Shape, Type) {
        let (mut shape, mut ty) = match &decl.ty.kind {
            TypeExprKind::Record(body) => {
                let draft = self.body(body, Purpose::Data);
                self.record_shape(Some(decl.name.text.as_str().into()), draft)
            }
            _ => self.resolve(&decl.ty, Purpose::Data),
        };
        if let Type::Optional(inner) = &ty {
            self.report(say::optional_type(&decl.name.text, decl.ty.span));
            ty = (**inner).clone();
            if let Shape::Optional(inner) = shape {
                shape = (*inner).clone();
            }
        }
        if let Some(condition) = &decl.condition
            && !ty.is_unknown()
        {
            self.refine(id, &ty, condition.clone());
        }
        (shape, ty)
    }

    fn declared_record(&mut self, id: ShapeId, name: &Arc<str>, body: &tree::Body) -> (Shape, Type) {
        let draft = self.body(body, Purpose::Row);
        self.refuse_whole(&draft);
        self.drafts.bodies.insert(id, draft.clone());
        self.record_shape(Some(name.clone()), draft)
    }

    /// What a contract has beyond a record. The schema's file is read by whoever holds the policy root.
    fn contract(&mut self, decl: &tree::ContractDecl) -> Contract {
        let mut schemas = decl.schema.iter();
        let first = schemas.next();
        if let (Some(first), Some(second)) = (first, schemas.next()) {
            self.report(say_clause::repeated_schema(&decl.name.text, first.span, second.span));
        }
        if let Some(schema) = first {
            self.schema_place(&schema.text, schema.span);
        }
        let schema = first.map(|s| PairedSchema { name: s.text.as_str().into(), span: s.span });
        Contract { schema }
    }

    /// The schema that a contract is paired with, of a shape that names it.
    pub(super) fn paired_schema(&self, shape: &Shape) -> Option<PairedSchema> {
        match shape {
            Shape::Named(id) => self.shapes.get(id.index()).and_then(Memo::done)?.schema().cloned(),
            _ => None,
        }
    }

    /// The shape underneath names and conditions, as far as it is known by now.
    pub(super) fn underlying<'s>(&'s self, shape: &'s Shape) -> &'s Shape {
        let mut shape = shape;
        // Shapes do not contain themselves; the bound is for those that were reported.
        for _ in 0..64 {
            match shape {
                Shape::Named(id) => match self.shapes.get(id.index()).and_then(Memo::done) {
                    Some(named) => shape = &named.shape,
                    None => break,
                },
                Shape::Refined(refinement) => shape = &refinement.base,
                Shape::Optional(inner) => shape = inner,
                _ => break,
            }
        }
        shape
    }

    /// The record underneath a shape, if it is one.
    pub(super) fn underlying_record(&self, shape: &Shape) -> Option<Arc<RecordShape>> {
        match self.underlying(shape) {
            Shape::Record(record) => Some(record.clone()),
            _ => None,
        }
    }
}

/// Whether a text can be written as a name without quotes.
pub(super) fn is_word(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&text)
}

/// Words that are never names.
const RESERVED: [&str; 15] = [
    "and", "or", "not", "implies", "in", "is", "matches", "if", "then", "else", "true", "false", "none", "null", "this",
];

fn time_units() -> impl Iterator<Item = &'static str> {
    UNITS.iter().filter(|u| u.dimension == Dimension::TIME).map(|u| u.name)
}

fn time_unit(word: &str) -> Option<DurationUnit> {
    unit(word).filter(|u| u.dimension == Dimension::TIME).map(|u| DurationUnit { scale: u.scale, round: false })
}
