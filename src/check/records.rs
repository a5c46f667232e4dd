//! Bodies of records: fields, what is included, what is said about reading each field.

use super::checker::{Checker, Node};
use super::diagnostics::shapes as say;
use super::shapes::Purpose;
use crate::data::{EnumType, Field, RecordType, Type};
use crate::model::{FieldShape, LocalId, Openness, Reading, RecordShape, Rule, Shape, ShapeId};
use crate::source::Span;
use crate::syntax::tree::{self, Member, ModifierKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of shapes before their conditions are settled.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) enums: BTreeMap<Arc<str>, Arc<EnumType>>,
    /// Bodies of declared records, for `include`.
    pub(super) bodies: BTreeMap<ShapeId, Body>,
    /// Shapes that are the row of an evidence.
    pub(super) rows: BTreeSet<ShapeId>,
    /// Shapes that are used in another way.
    pub(super) parts: BTreeSet<ShapeId>,
    /// What is left to settle, inner shapes before the outer ones.
    pub(super) pending: Vec<Pending>,
    /// What has been settled: of records by their `this`, of types by their number.
    pub(super) records: BTreeMap<LocalId, SettledRecord>,
    pub(super) conditions: BTreeMap<ShapeId, (LocalId, crate::model::Expr)>,
}

/// The members of a record.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    pub(super) open: Openness,
    pub(super) fields: Vec<FieldDraft>,
    pub(super) rules: Vec<tree::RuleDecl>,
    pub(super) advice: Vec<tree::RuleDecl>,
    /// Records that it includes, directly or not.
    pub(super) included: BTreeSet<ShapeId>,
    /// Something in it could not be read, so its fields are not known.
    pub(super) poisoned: bool,
}

/// A field whose default and sentinels are not worked out yet.
#[derive(Debug, Clone)]
pub(super) struct FieldDraft {
    pub(super) shape: FieldShape,
    pub(super) default: Option<tree::Expr>,
    pub(super) sentinels: Vec<tree::Expr>,
    /// Where `key` is written.
    pub(super) key: Option<Span>,
    /// Where `from this` is written.
    pub(super) whole: Option<Span>,
}

/// Something left to settle.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    /// What it is a part of.
    pub(super) owner: Option<Node>,
    pub(super) this: LocalId,
    pub(super) work: Work,
}

/// What is left to settle.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// Defaults, sentinels, rules and advice of a record.
    Record { ty: Arc<RecordType>, fields: Vec<FieldDraft>, rules: Vec<tree::RuleDecl>, advice: Vec<tree::RuleDecl> },
    /// The condition of a type.
    Condition { id: ShapeId, ty: Type, condition: tree::Expr },
}

/// What settling a record gave.
#[derive(Debug, Clone)]
pub(super) struct SettledRecord {
    /// How each field is read, in order.
    pub(super) readings: Vec<Reading>,
    pub(super) rules: Vec<Rule>,
    pub(super) advice: Vec<Rule>,
}

impl Checker<'_> {
    /// The members of a record, in order, with what it includes.
    pub(super) fn body(&mut self, body: &tree::Body, purpose: Purpose) -> Body {
        let open = match (body.open, body.everywhere) {
            (None, _) => Openness::Closed,
            (Some(_), None) => Openness::Open,
            (Some(_), Some(_)) => Openness::Everywhere,
        };
        let mut draft = Body { open, ..Body::default() };
        for member in &body.members {
            match member {
                Member::Field(decl) => {
                    let field = self.field(decl, purpose);
                    self.add_field(&mut draft, field, decl.name.span);
                }
                Member::Include(name) => self.include(&mut draft, name),
                Member::Rule(rule) => {
                    if self.is_new_rule(&draft, rule, rule.name.span) {
                        draft.rules.push(rule.clone());
                    }
                }
                Member::Advice(rule) => {
                    if self.is_new_rule(&draft, rule, rule.name.span) {
                        draft.advice.push(rule.clone());
                    }
                }
                Member::Broken(Some(name)) => {
                    let shape = FieldShape {
                        name: name.text.as_str().into(),
                        span: name.span,
                        doc: None,
                        shape: Shape::Json,
                        ty: Type::Unknown,
                        reading: Reading::default(),
                    };
                    let field = FieldDraft { shape, default: None, sentinels: Vec::new(), key: None, whole: None };
                    self.add_field(&mut draft, field, name.span);
                }
                Member::Broken(None) => draft.poisoned = true,
            }
        }
        let mut keys = draft.fields.iter().map(|f| &f.shape).filter(|f| f.reading.key);
        if let (Some(first), Some(second)) = (keys.next(), keys.next()) {
            self.report(say::two_keys(&first.name, first.span, &second.name, second.span));
        }
        draft
    }

    fn add_field(&mut self, draft: &mut Body, field: FieldDraft, span: Span) {
        match draft.fields.iter().find(|f| f.shape.name == field.shape.name) {
            Some(first) => {
                let first = first.shape.span;
                self.report(say::repeated_field(&field.shape.name, first, span));
            }
            None => draft.fields.push(field),
        }
    }

    /// Whether no rule or advice of this name came before; one that did is reported.
    fn is_new_rule(&mut self, draft: &Body, rule: &tree::RuleDecl, at: Span) -> bool {
        match draft.rules.iter().chain(&draft.advice).find(|r| r.name.text == rule.name.text) {
            Some(first) => {
                let first = first.name.span;
                self.report(say::repeated_rule(&rule.name.text, first, at));
                false
            }
            None => true,
        }
    }

    fn include(&mut self, draft: &mut Body, name: &tree::Name) {
        if self.record_type(name).is_none() {
            draft.poisoned = true;
            return;
        }
        let included = self.declared.shape(&name.text).and_then(|id| Some((id, self.drafts.bodies.get(&id)?.clone())));
        let Some((id, body)) = included else {
            self.report(say::include_not_declared(&name.text, name.span));
            draft.poisoned = true;
            return;
        };
        draft.poisoned |= body.poisoned;
        draft.included.extend(body.included.iter().copied().chain([id]));
        for mut field in body.fields {
            // The word `key` is the other record's; it is judged there.
            field.key = None;
            match draft.fields.iter().find(|f| f.shape.name == field.shape.name) {
                Some(first) => {
                    let (first, theirs) = (first.shape.span, field.shape.span);
                    self.report(say::included_field_clash(&field.shape.name, &name.text, name.span, first, theirs));
                }
                None => draft.fields.push(field),
            }
        }
        for rule in body.rules {
            if self.is_new_rule(draft, &rule, name.span) {
                draft.rules.push(rule);
            }
        }
        for rule in body.advice {
            if self.is_new_rule(draft, &rule, name.span) {
                draft.advice.push(rule);
            }
        }
    }

    fn field(&mut self, decl: &tree::FieldDecl, purpose: Purpose) -> FieldDraft {
        let (shape, ty) = self.resolve(&decl.ty, purpose.inside());
        let mut draft = FieldDraft {
            shape: FieldShape {
                name: decl.name.text.as_str().into(),
                span: decl.name.span,
                doc: decl.doc.as_deref().map(Into::into),
                shape,
                ty: ty.clone(),
                reading: Reading::default(),
            },
            default: None,
            sentinels: Vec::new(),
            key: None,
            whole: None,
        };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for modifier in &decl.modifiers {
            let word = word_of(&modifier.kind);
            // Several values may mean "not measured".
            if !matches!(modifier.kind, ModifierKind::Sentinel(_))
                && let Some(first) = seen.insert(word, modifier.span)
            {
                self.report(say::repeated_modifier(word, first, modifier.span));
                continue;
            }
            let reading = &mut draft.shape.reading;
            match &modifier.kind {
                ModifierKind::Key => {
                    reading.key = true;
                    draft.key = Some(modifier.span);
                    self.check_key(&decl.name.text, &ty, purpose, modifier.span);
                }
                ModifierKind::Nullable => reading.nullable = true,
                ModifierKind::Lenient => reading.lenient = true,
                ModifierKind::Default(value) => draft.default = Some(value.clone()),
                ModifierKind::Sentinel(value) => draft.sentinels.push(value.clone()),
                ModifierKind::From(paths) if names_this(paths) => {
                    reading.whole = true;
                    draft.whole = Some(modifier.span);
                    if purpose != Purpose::Row {
                        self.report(say::whole_outside_rows(&decl.name.text, modifier.span));
                    }
                }
                ModifierKind::From(paths) => {
                    reading.from = paths.iter().map(|p| p.iter().map(|n| n.text.as_str().into()).collect()).collect();
                    self.check_from(paths);
                }
            }
        }
        self.check_absence(decl, &ty, &draft);
        draft
    }

    /// A value that may read as absent needs a place to go: `T?` or a default.
    fn check_absence(&mut self, decl: &tree::FieldDecl, ty: &Type, draft: &FieldDraft) {
        if ty.is_unknown() {
            return;
        }
        let find = |word: &str| decl.modifiers.iter().find(|m| word_of(&m.kind) == word);
        if let (Some(default), Type::Optional(inner)) = (find("default"), ty) {
            self.report(say::default_of_optional(&decl.name.text, inner, decl.ty.span, default.span));
            return;
        }
        if ty.is_optional() || draft.default.is_some() {
            return;
        }
        for word in ["nullable", "lenient", "sentinel"] {
            if let Some(modifier) = find(word) {
                self.report(say::absence_refused(word, &decl.name.text, ty, modifier.span, decl.ty.span));
                return;
            }
        }
    }

    fn check_key(&mut self, field: &str, ty: &Type, purpose: Purpose, span: Span) {
        if purpose != Purpose::Row {
            self.report(say::key_outside_rows(field, span));
            return;
        }
        let good = match ty.present() {
            Type::Bool
            | Type::Int
            | Type::Decimal
            | Type::Quantity(_)
            | Type::Instant
            | Type::String
            | Type::Version
            | Type::Enum(_)
            | Type::Unknown => true,
            Type::Ratio
            | Type::Never
            | Type::Json
            | Type::Record(_)
            | Type::List(_)
            | Type::Map(..)
            | Type::Optional(_) => false,
        };
        if !good {
            self.report(say::key_type(field, ty, span));
        }
    }

    fn check_from(&mut self, paths: &[Vec<tree::Name>]) {
        for (i, path) in paths.iter().enumerate() {
            let same = |other: &Vec<tree::Name>| {
                other.len() == path.len() && other.iter().zip(path).all(|(a, b)| a.text == b.text)
            };
            if let (Some(first), Some(here)) =
                (paths.iter().take(i).find(|p| same(p)).and_then(|p| p.first()), path.first())
            {
                let text = path.iter().map(|n| &*n.text).collect::<Vec<_>>().join(".");
                self.report(say::repeated_place(&text, first.span, here.span));
            }
        }
    }

    /// Reports `from this` in a declared record, which data may hold anywhere.
    pub(super) fn refuse_whole(&mut self, body: &Body) {
        for field in &body.fields {
            if let Some(span) = field.whole {
                self.report(say::whole_outside_rows(&field.shape.name, span));
            }
        }
    }

    /// The shape of a record from its members; what needs conditions is left to settle.
    pub(super) fn record_shape(&mut self, name: Option<Arc<str>>, draft: Body) -> (Shape, Type) {
        if draft.poisoned {
            return (Shape::Json, Type::Unknown);
        }
        let fields =
            draft.fields.iter().map(|f| Field { name: f.shape.name.clone(), ty: f.shape.ty.clone() }).collect();
        let ty = Arc::new(RecordType { name, fields });
        let this = self.local();
        let shape = RecordShape {
            ty: ty.clone(),
            open: draft.open,
            fields: draft.fields.iter().map(|f| f.shape.clone()).collect(),
            rules: Vec::new(),
            advice: Vec::new(),
            this,
        };
        let owner = self.path.last().cloned();
        let work = Work::Record { ty: ty.clone(), fields: draft.fields, rules: draft.rules, advice: draft.advice };
        self.drafts.pending.push(Pending { owner, this, work });
        (Shape::Record(Arc::new(shape)), Type::Record(ty))
    }

    /// Leaves the condition of a type to be settled.
    pub(super) fn refine(&mut self, id: ShapeId, ty: &Type, condition: tree::Expr) {
        let this = self.local();
        let owner = Some(Node::Shape(id));
        let work = Work::Condition { id, ty: ty.clone(), condition };
        self.drafts.pending.push(Pending { owner, this, work });
    }

    /// Reports `key` in declared records that are used, but never as the row of an evidence.
    pub(super) fn check_keys(&mut self) {
        let mut rows = self.drafts.rows.clone();
        for id in &self.drafts.rows {
            rows.extend(self.drafts.bodies.get(id).into_iter().flat_map(|b| &b.included));
        }
        let wrong: Vec<(Arc<str>, Span)> = self
            .drafts
            .bodies
            .iter()
            .filter(|(id, _)| !rows.contains(id) && self.drafts.parts.contains(id))
            .flat_map(|(_, body)| &body.fields)
            .filter_map(|f| f.key.map(|span| (f.shape.name.clone(), span)))
            .collect();
        for (field, span) in wrong {
            self.report(say::key_outside_rows(&field, span));
        }
    }
}

/// Whether `from` says the word `this`, which in quotes is a key like any other.
fn names_this(paths: &[Vec<tree::Name>]) -> bool {
    let [path] = paths else { return false };
    matches!(path.as_slice(), [name] if name.text == "this" && name.span.len() == name.text.len())
}

fn word_of(kind: &ModifierKind) -> &'static str {
    match kind {
        ModifierKind::Key => "key",
        ModifierKind::Nullable => "nullable",
        ModifierKind::Lenient => "lenient",
        ModifierKind::Default(_) => "default",
        ModifierKind::Sentinel(_) => "sentinel",
        ModifierKind::From(_) => "from",
    }
}
