//! One batch of a table on its way through the table's program.
//!
//! Values that need no guard are computed for all rows at once and remembered; the others row by
//! row, with the meaning of the interpreter: the right side of `and` only where the left one
//! holds, and so on. Either way each node is computed once.

use super::columns::{Lane, bools, gather};
use super::kernels::{self, Logic};
use crate::data::{Batch, Fault, Origin, Record, Value};
use crate::eval::{Bound, Env, Globals, Interpreter, arithmetic, compare};
use crate::model::ExprKind;
use crate::plan::{FrameId, Input, NodeId, Program, RowExpr, RowNode, SpaceId, TablePlan};
use crate::registry::{Body, CallTypes};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

/// Some consecutive rows of a table.
#[derive(Clone, Copy)]
pub(super) enum Rows<'b> {
    /// Rows of evidence.
    Batch(&'b Batch),
    /// Elements of a list in memory, and the position of the first.
    List(&'b [Value], u64),
}

impl<'b> Rows<'b> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Batch(batch) => batch.len,
            Self::List(items, _) => items.len(),
        }
    }

    /// Position of the first row in the table.
    pub(super) fn first(&self) -> u64 {
        match self {
            Self::Batch(batch) => batch.first,
            Self::List(_, first) => *first,
        }
    }

    fn row(&self, row: usize) -> Value {
        match self {
            Self::Batch(batch) => batch.row(row),
            Self::List(items, _) => items.get(row).cloned().unwrap_or(Value::Missing),
        }
    }

    fn field(&self, index: usize, row: usize) -> Value {
        match self {
            Self::Batch(batch) => batch.value(index, row),
            Self::List(items, _) => items.get(row).map_or(Value::Missing, |v| field(v, index)),
        }
    }

    fn origin(&self, row: usize) -> Option<Arc<Origin>> {
        match self {
            Self::Batch(batch) => batch.origin(row),
            Self::List(items, _) => items.get(row).and_then(Value::origin).cloned(),
        }
    }
}

/// Values of a pass that do not depend on rows; each computed when it is first asked for.
pub(super) type ClosedValues = Vec<OnceLock<Result<Value, Fault>>>;

/// The rows of a frame in one batch: their numbers in the frame's space, ascending.
#[derive(Debug, Default)]
pub(super) struct FrameRows {
    pub(super) rows: Vec<u32>,
    /// The first row whose way here faulted, as a row of the table; rows after it are left out.
    pub(super) fault: Option<(u32, Fault)>,
}

/// The rows of a space made by a join.
pub(super) struct SpaceRows {
    pub(super) parent: Vec<u32>,
    pub(super) elements: Vec<Value>,
}

enum Memo<'b> {
    Untried,
    /// There is no kernel for it: the scalar road.
    Scalar(Option<Vec<Option<Value>>>),
    Column(Lane<'b>),
}

/// One batch and what has been computed of it.
pub(super) struct BatchEval<'b> {
    pub(super) globals: &'b dyn Globals,
    table: &'b TablePlan,
    closed: &'b ClosedValues,
    pub(super) rows: Rows<'b>,
    nodes: Vec<Memo<'b>>,
    pub(super) frames: Vec<Option<Rc<FrameRows>>>,
    pub(super) spaces: Vec<Option<Rc<SpaceRows>>>,
}

pub(super) fn internal(what: &str) -> Fault {
    Fault::Internal { what: what.into() }
}

impl<'b> BatchEval<'b> {
    pub(super) fn new(
        globals: &'b dyn Globals,
        table: &'b TablePlan,
        closed: &'b ClosedValues,
        rows: Rows<'b>,
    ) -> Self {
        let program = &table.program;
        Self {
            globals,
            table,
            closed,
            rows,
            nodes: program.nodes.iter().map(|_| Memo::Untried).collect(),
            frames: vec![None; program.frames.len()],
            spaces: program.spaces.iter().map(|_| None).collect(),
        }
    }

    pub(super) fn program(&self) -> &'b Program {
        &self.table.program
    }

    fn node(&self, id: NodeId) -> Result<&'b RowNode, Fault> {
        self.program().node(id).ok_or_else(|| internal("a node that is not there"))
    }

    pub(super) fn interpreter(&self) -> Interpreter<'b> {
        Interpreter::new(self.globals)
    }

    /// The space of a frame.
    pub(super) fn space_of(&self, frame: FrameId) -> SpaceId {
        self.program().frame(frame).map_or(SpaceId::TABLE, |f| f.space)
    }

    /// The row of an outer space that a row of an inner one was made from.
    pub(super) fn up(&self, mut space: SpaceId, mut row: u32, target: SpaceId) -> u32 {
        while space != target {
            let Some(Some(rows)) = self.spaces.get(space.0 as usize) else { break };
            let Some(parent) = rows.parent.get(row as usize) else { break };
            row = *parent;
            match self.program().spaces.get(space.0 as usize).and_then(|s| s.parent) {
                Some(outer) => space = outer,
                None => break,
            }
        }
        row
    }

    /// Where a row of a space comes from: the table's row, else the first joined element that
    /// comes from somewhere.
    pub(super) fn origin(&self, space: SpaceId, row: u32) -> Option<Arc<Origin>> {
        let base = self.up(space, row, SpaceId::TABLE);
        if let Some(origin) = self.rows.origin(base as usize) {
            return Some(origin);
        }
        let mut found = None;
        let (mut space, mut row) = (space, row);
        while let Some(Some(rows)) = self.spaces.get(space.0 as usize) {
            if let Some(origin) = rows.elements.get(row as usize).and_then(Value::origin) {
                found = Some(origin.clone());
            }
            let outer = self.program().spaces.get(space.0 as usize).and_then(|s| s.parent)?;
            row = *rows.parent.get(row as usize)?;
            space = outer;
        }
        found
    }

    // ---- whole columns

    /// The values of a node for all rows of the table in this batch; `None`: only row by row.
    pub(super) fn lane(&mut self, id: NodeId) -> Option<Lane<'b>> {
        match self.nodes.get(id.0 as usize)? {
            Memo::Column(lane) => return Some(lane.clone()),
            Memo::Scalar(_) => return None,
            Memo::Untried => {}
        }
        let made = self.compute(id);
        if let Some(slot) = self.nodes.get_mut(id.0 as usize) {
            *slot = match &made {
                Some(lane) => Memo::Column(lane.clone()),
                None => Memo::Scalar(None),
            };
        }
        made
    }

    fn compute(&mut self, id: NodeId) -> Option<Lane<'b>> {
        let node = self.node(id).ok()?;
        if node.space != SpaceId::TABLE {
            return None;
        }
        let (ty, len) = (&node.ty, self.rows.len());
        match &node.kind {
            RowExpr::Const(value) => Some(Lane::Const(value.clone())),
            RowExpr::Closed(_) => self.closed(id).ok().map(Lane::Const),
            RowExpr::Column(index) => Some(match self.rows {
                Rows::Batch(batch) => Lane::Base(batch.columns.get(*index)?),
                Rows::List(items, _) => Lane::own(gather(items.iter().map(|v| field(v, *index)).collect(), ty)),
            }),
            RowExpr::Field { base, index } => {
                let base = self.lane(*base)?;
                Some(match &base {
                    Lane::Const(value) => Lane::Const(field(value, *index)),
                    _ => Lane::own(gather((0..len).map(|r| field(&base.value(r), *index)).collect(), ty)),
                })
            }
            RowExpr::Negate(x) => kernels::negate(&self.lane(*x)?, ty, len),
            RowExpr::Not(x) => kernels::not(&self.lane(*x)?, len),
            RowExpr::Arithmetic { op, left, right } => {
                kernels::calculate(*op, &self.lane(*left)?, &self.lane(*right)?, ty, len)
            }
            RowExpr::And(a, b) => kernels::logic(Logic::And, &self.lane(*a)?, &self.lane(*b)?, len),
            RowExpr::Or(a, b) => kernels::logic(Logic::Or, &self.lane(*a)?, &self.lane(*b)?, len),
            RowExpr::Implies(a, b) => kernels::logic(Logic::Implies, &self.lane(*a)?, &self.lane(*b)?, len),
            RowExpr::Compare { op, left, right } => {
                Some(kernels::comparison(*op, &self.lane(*left)?, &self.lane(*right)?, len))
            }
            RowExpr::InRange { item, low, high } => {
                Some(kernels::in_range(&self.lane(*item)?, &self.lane(*low)?, &self.lane(*high)?, len))
            }
            RowExpr::In { item, list, keys: false } => match self.lane(*list)? {
                Lane::Const(Value::List(items)) => Some(kernels::in_list(&self.lane(*item)?, &items, len)),
                _ => None,
            },
            RowExpr::Match { text, pattern } => kernels::matching(&self.lane(*text)?, pattern, len),
            RowExpr::Coalesce(a, b) => {
                let (a, b) = (self.lane(*a)?, self.lane(*b)?);
                Some(if a.holds_all() { a } else { kernels::either(|r| a.holds(r), &a, &b, ty, len) })
            }
            RowExpr::If { condition, then, otherwise } => {
                let (c, a, b) = (self.lane(*condition)?, self.lane(*then)?, self.lane(*otherwise)?);
                let choose = bools(&c)?;
                // A condition without a value is for the scalar road to complain of.
                choose.holds_all().then(|| kernels::either(|r| choose.get(r), &a, &b, ty, len))
            }
            RowExpr::Present(parts) => {
                let lanes: Option<Vec<Lane<'b>>> = parts.iter().map(|p| self.lane(*p)).collect();
                Some(kernels::present(&lanes?, len))
            }
            RowExpr::Lift { needs, value } => {
                let lanes: Option<Vec<Lane<'b>>> = needs.iter().map(|p| self.lane(*p)).collect();
                let (lanes, value) = (lanes?, self.lane(*value)?);
                let missing = Lane::Const(Value::Missing);
                let holds = |r: usize| lanes.iter().all(|l| l.holds(r));
                Some(if lanes.iter().all(Lane::holds_all) {
                    value
                } else {
                    kernels::either(holds, &value, &missing, ty, len)
                })
            }
            RowExpr::Row
            | RowExpr::Element(_)
            | RowExpr::Record(_)
            | RowExpr::In { .. }
            | RowExpr::Call { .. }
            | RowExpr::Opaque { .. } => None,
        }
    }

    fn closed(&self, id: NodeId) -> Result<Value, Fault> {
        let node = self.node(id)?;
        let RowExpr::Closed(expr) = &node.kind else { return Err(internal("a value that is not closed")) };
        match self.closed.get(id.0 as usize) {
            Some(slot) => slot.get_or_init(|| self.interpreter().eval(expr, &mut Env::new())).clone(),
            None => self.interpreter().eval(expr, &mut Env::new()),
        }
    }

    // ---- row by row

    /// The value of a node at a row of a space.
    pub(super) fn value(&mut self, id: NodeId, space: SpaceId, row: u32) -> Result<Value, Fault> {
        let node = self.node(id)?;
        let row = self.up(space, row, node.space);
        if let Some(lane) = self.lane(id) {
            return Ok(lane.value(row as usize));
        }
        let remembers = node.uses > 1 && matches!(node.kind, RowExpr::Opaque { .. } | RowExpr::Call { .. });
        if !remembers {
            return self.scalar(node, id, row);
        }
        if let Some(Memo::Scalar(Some(known))) = self.nodes.get(id.0 as usize)
            && let Some(Some(value)) = known.get(row as usize)
        {
            return Ok(value.clone());
        }
        let value = self.scalar(node, id, row)?;
        let len = self.space_len(node.space);
        if let Some(Memo::Scalar(known)) = self.nodes.get_mut(id.0 as usize)
            && let Some(slot) = known.get_or_insert_with(|| vec![None; len]).get_mut(row as usize)
        {
            *slot = Some(value.clone());
        }
        Ok(value)
    }

    /// A condition at a row of a space.
    pub(super) fn truth(&mut self, id: NodeId, space: SpaceId, row: u32) -> Result<bool, Fault> {
        self.value(id, space, row)?.as_bool().ok_or_else(|| internal("a condition without a value"))
    }

    pub(super) fn space_len(&self, space: SpaceId) -> usize {
        match self.spaces.get(space.0 as usize) {
            Some(Some(rows)) => rows.parent.len(),
            _ => self.rows.len(),
        }
    }

    fn scalar(&mut self, node: &'b RowNode, id: NodeId, row: u32) -> Result<Value, Fault> {
        let space = node.space;
        match &node.kind {
            RowExpr::Row => Ok(self.rows.row(row as usize)),
            RowExpr::Column(index) => Ok(self.rows.field(*index, row as usize)),
            RowExpr::Element(of) => {
                let rows = self.spaces.get(of.0 as usize).and_then(Option::as_ref);
                rows.and_then(|r| r.elements.get(row as usize)).cloned().ok_or_else(|| internal("no element"))
            }
            RowExpr::Const(value) => Ok(value.clone()),
            RowExpr::Closed(_) => self.closed(id),
            RowExpr::Field { base, index } => Ok(field(&self.value(*base, space, row)?, *index)),
            RowExpr::Record(fields) => {
                let fields: Result<Vec<Value>, Fault> = fields.iter().map(|f| self.value(*f, space, row)).collect();
                Ok(self.record(fields?, space, row))
            }
            RowExpr::Negate(x) => match self.value(*x, space, row)? {
                Value::Num(n) => n.neg().map(Value::Num).ok_or(Fault::Overflow { what: "a negated number" }),
                _ => Ok(Value::Missing),
            },
            RowExpr::Not(x) => Ok(Value::Bool(!self.truth(*x, space, row)?)),
            RowExpr::Arithmetic { op, left, right } => {
                let (left, right) = (self.value(*left, space, row)?, self.value(*right, space, row)?);
                arithmetic(*op, &left, &right)
            }
            RowExpr::And(a, b) => Ok(Value::Bool(self.truth(*a, space, row)? && self.truth(*b, space, row)?)),
            RowExpr::Or(a, b) => Ok(Value::Bool(self.truth(*a, space, row)? || self.truth(*b, space, row)?)),
            RowExpr::Implies(a, b) => Ok(Value::Bool(!self.truth(*a, space, row)? || self.truth(*b, space, row)?)),
            RowExpr::Coalesce(a, b) => match self.value(*a, space, row)? {
                Value::Missing => self.value(*b, space, row),
                value => Ok(value),
            },
            RowExpr::Compare { op, left, right } => {
                let (left, right) = (self.value(*left, space, row)?, self.value(*right, space, row)?);
                Ok(Value::Bool(compare(*op, &left, &right)))
            }
            RowExpr::In { item, list, keys } => {
                let (item, list) = (self.value(*item, space, row)?, self.value(*list, space, row)?);
                let list = list.as_list().ok_or_else(|| internal("`in` something that is no list"))?;
                let found = if *keys { list.iter().any(|e| field(e, 0) == item) } else { list.contains(&item) };
                Ok(Value::Bool(found))
            }
            RowExpr::InRange { item, low, high } => {
                let item = self.value(*item, space, row)?;
                let (low, high) = (self.value(*low, space, row)?, self.value(*high, space, row)?);
                Ok(Value::Bool(low.order(&item).is_le() && item.order(&high).is_le()))
            }
            RowExpr::Match { text, pattern } => match self.value(*text, space, row)? {
                Value::Text(text) => Ok(Value::Bool(pattern.regex.is_match(&text))),
                _ => Err(internal("a pattern over something that is no text")),
            },
            RowExpr::If { condition, then, otherwise } => {
                let chosen = if self.truth(*condition, space, row)? { then } else { otherwise };
                self.value(*chosen, space, row)
            }
            RowExpr::Present(parts) => {
                for part in parts {
                    if self.value(*part, space, row)?.is_missing() {
                        return Ok(Value::Bool(false));
                    }
                }
                Ok(Value::Bool(true))
            }
            RowExpr::Lift { needs, value } => {
                for part in needs {
                    if self.value(*part, space, row)?.is_missing() {
                        return Ok(Value::Missing);
                    }
                }
                self.value(*value, space, row)
            }
            RowExpr::Call { function, arguments, types, lifted } => {
                let values: Result<Vec<Value>, Fault> = arguments.iter().map(|a| self.value(*a, space, row)).collect();
                let values = values?;
                if *lifted && values.iter().any(Value::is_missing) {
                    return Ok(Value::Missing);
                }
                match function.body {
                    Body::Scalar(body) => body(&CallTypes { arguments: types, result: &node.ty }, &values),
                    _ => Err(internal("a function that is not scalar")),
                }
            }
            RowExpr::Opaque { expr, inputs } => {
                let mut env = Env::new();
                for input in inputs {
                    self.bind(input, space, row, &mut env)?;
                }
                match &*expr.kind {
                    ExprKind::Local(_) => Err(internal("a name that is not bound")),
                    _ => self.interpreter().eval(expr, &mut env),
                }
            }
        }
    }

    fn record(&self, fields: Vec<Value>, space: SpaceId, row: u32) -> Value {
        Value::Record(Arc::new(Record { fields: fields.into(), origin: self.origin(space, row) }))
    }

    /// Binds a name for the interpreter: of a made record only the fields that are used are
    /// computed.
    pub(super) fn bind(&mut self, input: &Input, space: SpaceId, row: u32, env: &mut Env<'b>) -> Result<(), Fault> {
        let node = self.node(input.node)?;
        let row = self.up(space, row, node.space);
        match (&node.kind, self.rows, &input.fields) {
            (RowExpr::Row, Rows::Batch(batch), _) => env.push(input.local, Bound::Row(batch, row as usize)),
            (RowExpr::Record(nodes), _, Some(used)) => {
                let mut fields = vec![Value::Missing; nodes.len()];
                for index in used {
                    if let (Some(place), Some(of)) = (fields.get_mut(*index), nodes.get(*index)) {
                        *place = self.value(*of, node.space, row)?;
                    }
                }
                env.bind(input.local, self.record(fields, node.space, row));
            }
            _ => {
                let value = self.value(input.node, node.space, row)?;
                env.bind(input.local, value);
            }
        }
        Ok(())
    }
}

/// A field of a record by position; of anything else, missing.
fn field(value: &Value, index: usize) -> Value {
    match value {
        Value::Record(record) => record.fields.get(index).cloned().unwrap_or(Value::Missing),
        _ => Value::Missing,
    }
}
