//! What conditions prove about paths of fields and bound names: that they are present, that they
//! can be read as a type, that a list is not empty, that a number is not zero.
//!
//! Values never change while they are in scope, so a fact holds wherever its condition does.

use crate::data::{Field, RecordType, Type};
use crate::model::{EvidenceId, Expr, ExprKind, GateId, LetId, LocalId, ParamId, Shape};
use std::sync::Arc;

/// Marks the clause that a fact comes from, such as the number of an `each`.
pub(super) type Tag = usize;

/// Where a path begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    Local(LocalId),
    Let(LetId),
    Param(ParamId),
    Evidence(EvidenceId),
    Candidate,
    Result(GateId),
}

/// A bound name or declaration and the fields taken from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) root: Root,
    pub(super) fields: Vec<Arc<str>>,
}

impl Path {
    /// The path that an expression is, if it is one.
    pub(super) fn of(expr: &Expr) -> Option<Self> {
        let root = match &*expr.kind {
            ExprKind::Local(id) => Root::Local(*id),
            ExprKind::Let(id) => Root::Let(*id),
            ExprKind::Param(id) => Root::Param(*id),
            ExprKind::Evidence(id) => Root::Evidence(*id),
            ExprKind::Candidate => Root::Candidate,
            ExprKind::Result(id) => Root::Result(id.clone()),
            ExprKind::Narrowed { value, .. } => return Self::of(value),
            ExprKind::Field { base, index } => {
                let mut path = Self::of(base)?;
                let Type::Record(record) = base.ty.present() else { return None };
                path.fields.push(record.fields.get(*index)?.name.clone());
                return Some(path);
            }
            _ => return None,
        };
        Some(Self { root, fields: Vec::new() })
    }

    /// The paths on the way to it, the path itself included.
    fn prefixes(&self) -> impl Iterator<Item = Self> + '_ {
        (0..=self.fields.len())
            .map(|n| Self { root: self.root.clone(), fields: self.fields.iter().take(n).cloned().collect() })
    }
}

/// What is known of a path.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// It is there.
    Present,
    /// It is there and can be read as this.
    Is(Arc<Shape>, Type),
    /// It is a list that holds something.
    Nonempty,
    /// It is a number other than zero.
    Nonzero,
}

impl Proof {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(_, a), Self::Is(_, b)) => a == b,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// One thing that is known.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) path: Path,
    pub(super) proof: Proof,
    /// The clause that proves it, if somebody asks.
    pub(super) tag: Option<Tag>,
}

/// What a condition proves where it holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts(
    pub(super) Vec<Fact>,
    /// The condition has a mistake, so what else it proves is not known.
    pub(super) bool,
);

impl Facts {
    /// That this path is there, and with it everything on the way.
    pub(super) fn present(path: &Path) -> Self {
        Self(path.prefixes().map(|path| Fact { path, proof: Proof::Present, tag: None }).collect(), false)
    }

    /// That this path is there and more.
    pub(super) fn proved(path: Path, proof: Proof) -> Self {
        let mut facts = Self::present(&path);
        facts.0.push(Fact { path, proof, tag: None });
        facts
    }

    /// What a condition with a mistake proves.
    pub(super) fn unsure() -> Self {
        Self(Vec::new(), true)
    }

    /// Both sets.
    #[must_use]
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.1 |= other.1;
        self
    }

    /// What both sets say.
    #[must_use]
    pub(super) fn common(self, other: &Self) -> Self {
        let shared = |f: &Fact| other.0.iter().any(|o| o.path == f.path && o.proof.same(&f.proof));
        Self(self.0.into_iter().filter(shared).collect(), self.1 || other.1)
    }
}

/// A type whose parts that may be missing have become unknown: after a mistake in a condition it
/// cannot be told which of them it would have proved to be there.
pub(super) fn blurred(ty: &Type) -> Type {
    match ty {
        Type::Optional(_) => Type::Unknown,
        Type::List(element) => Type::list(blurred(element)),
        Type::Map(key, value) => Type::map(blurred(key), blurred(value)),
        Type::Record(record) => {
            let fields = record.fields.iter().map(|f| Field { name: f.name.clone(), ty: blurred(&f.ty) });
            Type::Record(Arc::new(RecordType { name: record.name.clone(), fields: fields.collect() }))
        }
        other => other.clone(),
    }
}

/// A type in which the field at the end of `fields` has become another one; `None` when there is
/// no such field.
pub(super) fn with_field_type(ty: &Type, fields: &[Arc<str>], change: &dyn Fn(&Type) -> Type) -> Option<Type> {
    let Some((head, rest)) = fields.split_first() else {
        return Some(change(ty));
    };
    let narrowed = |record: &RecordType| {
        let (index, _) = record.field(head)?;
        let mut fields: Vec<Field> = record.fields.clone();
        let field = fields.get_mut(index)?;
        field.ty = with_field_type(&field.ty, rest, change)?;
        // The fields are no longer those declared, but people know the record by its name.
        Some(Type::Record(Arc::new(RecordType { name: record.name.clone(), fields })))
    };
    match ty {
        Type::Record(record) => narrowed(record),
        Type::Optional(inner) => match &**inner {
            Type::Record(record) => narrowed(record).map(Type::optional),
            _ => None,
        },
        _ => None,
    }
}
