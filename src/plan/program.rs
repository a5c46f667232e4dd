//! What is computed for each row of a table, as one graph: equal expressions are one node, and
//! rows flow through frames (filters, joins) that several gates share.
//!
//! Columns made by `select` and `with` are not nodes of their own: a field of a made record is
//! the node of its expression, so what nobody reads is never computed.

use crate::data::{Type, Value};
use crate::model::{ArithmeticOp, CompareOp, Expr, LocalId, Pattern, SiteId};
use crate::registry::Function;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A node of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A frame of a [`Program`]: a list of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(pub u32);

/// A space of a [`Program`]: rows that are counted alike. Filters stay in a space, a join makes
/// a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpaceId(pub u32);

impl SpaceId {
    /// The rows of the table itself.
    pub const TABLE: Self = Self(0);
}

/// Everything that is computed from the rows of one table.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Values of a row. A node only uses nodes before it.
    pub nodes: Vec<RowNode>,
    /// Lists of rows. A frame only uses frames before it.
    pub frames: Vec<Frame>,
    /// Spaces; the first is the table's.
    pub spaces: Vec<Space>,
    /// Look-ups of joins.
    pub lookups: Vec<Lookup>,
}

/// Only the elements that an index has under these keys can come through the filter after a join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The index.
    pub site: SiteId,
    /// The keys of a row.
    pub keys: Vec<NodeId>,
}

impl Program {
    /// A node.
    pub fn node(&self, id: NodeId) -> Option<&RowNode> {
        self.nodes.get(id.0 as usize)
    }

    /// A frame.
    pub fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(id.0 as usize)
    }
}

/// A value of each row.
#[derive(Debug, Clone)]
pub struct RowNode {
    /// How it is computed.
    pub kind: RowExpr,
    /// Its type.
    pub ty: Type,
    /// The space whose rows it has a value for.
    pub space: SpaceId,
    /// How many nodes, frames and gates use it.
    pub uses: u32,
}

/// How a value of a row is computed. The meaning is that of the [`crate::model::ExprKind`] of
/// the same name.
#[derive(Debug, Clone)]
pub enum RowExpr {
    /// The row of the table itself.
    Row,
    /// A field of the table's row.
    Column(usize),
    /// The element that a join adds.
    Element(SpaceId),
    /// The same for all rows.
    Const(Value),
    /// Does not depend on the row; computed once for each pass.
    Closed(Expr),
    /// A field of a record.
    Field {
        /// The record.
        base: NodeId,
        /// Which field.
        index: usize,
    },
    /// A record made of values.
    Record(Vec<NodeId>),
    /// `-x`
    Negate(NodeId),
    /// `not x`
    Not(NodeId),
    /// `a + b` and so on.
    Arithmetic {
        /// Which.
        op: ArithmeticOp,
        /// Left side.
        left: NodeId,
        /// Right side.
        right: NodeId,
    },
    /// `a and b`
    And(NodeId, NodeId),
    /// `a or b`
    Or(NodeId, NodeId),
    /// `a implies b`
    Implies(NodeId, NodeId),
    /// `a ?? b`
    Coalesce(NodeId, NodeId),
    /// `a == b` and so on.
    Compare {
        /// Which sign.
        op: CompareOp,
        /// Left side.
        left: NodeId,
        /// Right side.
        right: NodeId,
    },
    /// `x in xs`
    In {
        /// What is looked for.
        item: NodeId,
        /// The list or map.
        list: NodeId,
        /// Whether the keys of a map are meant.
        keys: bool,
    },
    /// `x in low..high`
    InRange {
        /// What is judged.
        item: NodeId,
        /// Lower end.
        low: NodeId,
        /// Upper end.
        high: NodeId,
    },
    /// `x like ".."`
    Match {
        /// The text.
        text: NodeId,
        /// The pattern.
        pattern: Arc<Pattern>,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: NodeId,
        /// When it holds.
        then: NodeId,
        /// When it does not.
        otherwise: NodeId,
    },
    /// Whether none of these is missing.
    Present(Vec<NodeId>),
    /// Missing where one of `needs` is, else `value`: a def whose argument may be missing.
    Lift {
        /// Arguments that must not be missing.
        needs: Vec<NodeId>,
        /// The def's value.
        value: NodeId,
    },
    /// A scalar function.
    Call {
        /// Which.
        function: Arc<Function>,
        /// Its arguments.
        arguments: Vec<NodeId>,
        /// Their types as passed.
        types: Vec<Type>,
        /// Whether a missing argument makes the result missing without a call.
        lifted: bool,
    },
    /// Anything else: left to the interpreter, with these names bound.
    Opaque {
        /// The expression.
        expr: Expr,
        /// The names it uses.
        inputs: Vec<Input>,
    },
}

/// A name that an interpreted expression uses.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name.
    pub local: LocalId,
    /// Its value.
    pub node: NodeId,
    /// The fields that are used of it; `None` for all of it.
    pub fields: Option<BTreeSet<usize>>,
}

/// A list of rows.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Where its rows come from.
    pub kind: FrameKind,
    /// The space that its rows are counted in.
    pub space: SpaceId,
}

/// Where the rows of a frame come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameKind {
    /// All rows of the table.
    Table,
    /// Those rows of another frame for which a condition holds.
    Where {
        /// The other frame.
        parent: FrameId,
        /// The condition.
        condition: NodeId,
    },
    /// For each row of another frame, each element of a list.
    Join {
        /// The other frame.
        parent: FrameId,
        /// The list.
        list: NodeId,
        /// By which index its elements are looked up, by number in [`Program::lookups`].
        lookup: Option<u32>,
    },
    /// The sample of a gate: rows of its scope that broke no `each` and lack no figure.
    Sample {
        /// The gate's scope.
        scope: FrameId,
        /// Which gate, by its number among the gates of the table.
        gate: u32,
    },
}

/// Rows that are counted alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// The space it is made from; none for the table's.
    pub parent: Option<SpaceId>,
    /// The join that makes it, or the table's frame.
    pub frame: FrameId,
}
