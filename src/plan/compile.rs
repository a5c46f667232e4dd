//! From typed expressions over rows to the nodes and frames of a [`Program`].

use super::canonical::canonical;
use super::index::IndexPlan;
use super::program::{Frame, FrameId, FrameKind, Input, Lookup, NodeId, Program, RowExpr, RowNode, Space, SpaceId};
use super::rewrite::{free_locals, is_open};
use crate::data::{Type, Value};
use crate::model::{DefId, Expr, ExprKind, LocalId, Policy, SiteId, Stage};
use crate::registry::{Body, CallTypes, Function, Narrows};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What names stand for in a row.
pub(super) type Names = HashMap<LocalId, NodeId>;

/// Builds the program of one table.
pub(super) struct Compiler<'p> {
    policy: &'p Policy,
    indexes: &'p BTreeMap<SiteId, IndexPlan>,
    pub(super) program: Program,
    nodes: HashMap<String, NodeId>,
    /// Bodies of defs already compiled for these arguments: defs that call defs would otherwise be
    /// gone through again and again.
    defs: HashMap<(DefId, Vec<NodeId>), NodeId>,
    frames: HashMap<FrameKind, FrameId>,
}

impl<'p> Compiler<'p> {
    /// For a table whose rows have this type; the table's frame and row come first.
    pub(super) fn new(policy: &'p Policy, indexes: &'p BTreeMap<SiteId, IndexPlan>, row: Type) -> Self {
        let table = Frame { kind: FrameKind::Table, space: SpaceId::TABLE };
        let program = Program {
            nodes: vec![RowNode { kind: RowExpr::Row, ty: row, space: SpaceId::TABLE, uses: 1 }],
            frames: vec![table],
            spaces: vec![Space { parent: None, frame: FrameId(0) }],
            lookups: Vec::new(),
        };
        let frames = HashMap::from([(FrameKind::Table, FrameId(0))]);
        Self { policy, indexes, program, nodes: HashMap::new(), defs: HashMap::new(), frames }
    }

    /// All rows of the table, and the row.
    pub(super) fn table(&self) -> (FrameId, NodeId) {
        (FrameId(0), NodeId(0))
    }

    /// The node of an expression over these names.
    pub(super) fn expr(&mut self, expr: &Expr, names: &Names) -> NodeId {
        let ty = &expr.ty;
        match &*expr.kind {
            ExprKind::Literal(value) => return self.constant(value.clone(), ty),
            ExprKind::Local(local) => {
                return match names.get(local) {
                    Some(node) => *node,
                    None => self.opaque(expr, names),
                };
            }
            _ => {}
        }
        if !is_open(expr, |local| names.contains_key(local)) {
            let key = format!("closed {}", canonical(expr, &mut Vec::new()));
            return self.intern(key, RowExpr::Closed(expr.clone()), ty, SpaceId::TABLE);
        }
        match &*expr.kind {
            ExprKind::Field { base, index } => {
                let base = self.expr(base, names);
                self.field(base, *index, ty)
            }
            ExprKind::Negate(x) => {
                let x = self.expr(x, names);
                self.make(RowExpr::Negate(x), &[x], ty, "-")
            }
            ExprKind::Not(x) => {
                let x = self.expr(x, names);
                self.make(RowExpr::Not(x), &[x], ty, "not")
            }
            ExprKind::Arithmetic { op, left, right } => {
                let (left, right) = (self.expr(left, names), self.expr(right, names));
                self.make(RowExpr::Arithmetic { op: *op, left, right }, &[left, right], ty, &format!("{op:?}"))
            }
            ExprKind::And(a, b) => {
                let (a, b) = (self.expr(a, names), self.expr(b, names));
                self.make(RowExpr::And(a, b), &[a, b], ty, "and")
            }
            ExprKind::Or(a, b) => {
                let (a, b) = (self.expr(a, names), self.expr(b, names));
                self.make(RowExpr::Or(a, b), &[a, b], ty, "or")
            }
            ExprKind::Implies(a, b) => {
                let (a, b) = (self.expr(a, names), self.expr(b, names));
                self.make(RowExpr::Implies(a, b), &[a, b], ty, "implies")
            }
            ExprKind::Coalesce(a, b) => {
                let (a, b) = (self.expr(a, names), self.expr(b, names));
                self.make(RowExpr::Coalesce(a, b), &[a, b], ty, "??")
            }
            ExprKind::Compare { op, left, right } => {
                let (left, right) = (self.expr(left, names), self.expr(right, names));
                self.make(RowExpr::Compare { op: *op, left, right }, &[left, right], ty, op.sign())
            }
            ExprKind::In { item, list, keys } => {
                let (item, list) = (self.expr(item, names), self.expr(list, names));
                self.make(RowExpr::In { item, list, keys: *keys }, &[item, list], ty, &format!("in {keys}"))
            }
            ExprKind::InRange { item, low, high } => {
                let (item, low, high) = (self.expr(item, names), self.expr(low, names), self.expr(high, names));
                self.make(RowExpr::InRange { item, low, high }, &[item, low, high], ty, "range")
            }
            ExprKind::Match { text, pattern } => {
                let text = self.expr(text, names);
                let tag = format!("match {} {:?}", pattern.glob, pattern.text);
                self.make(RowExpr::Match { text, pattern: pattern.clone() }, &[text], ty, &tag)
            }
            ExprKind::If { condition, then, otherwise } => {
                let (c, a, b) = (self.expr(condition, names), self.expr(then, names), self.expr(otherwise, names));
                self.make(RowExpr::If { condition: c, then: a, otherwise: b }, &[c, a, b], ty, "if")
            }
            ExprKind::Narrowed { value, shape: None } => self.expr(value, names),
            ExprKind::Record(fields) => {
                let fields: Vec<NodeId> = fields.iter().map(|f| self.expr(f, names)).collect();
                self.record(fields, ty)
            }
            ExprKind::Reshape { base, fields } if !base.ty.is_optional() => {
                let base_ty = base.ty.clone();
                let base = self.expr(base, names);
                let field = |this: &mut Self, f: &Option<usize>| match f {
                    Some(index) => {
                        let ty = field_type(&base_ty, *index);
                        this.field(base, *index, &ty)
                    }
                    None => this.constant(Value::Missing, &Type::Never.optional()),
                };
                let fields = fields.iter().map(|f| field(self, f)).collect();
                self.record(fields, ty)
            }
            ExprKind::Call { function, arguments, lifted, .. } if matches!(function.body, Body::Scalar(_)) => {
                self.call(function, arguments, *lifted, ty, names)
            }
            ExprKind::CallDef { def: id, arguments } => match self.policy.defs.get(id.index()) {
                Some(def) => {
                    let nodes: Vec<NodeId> = arguments.iter().map(|a| self.expr(a, names)).collect();
                    let inner: Names =
                        def.parameters.iter().zip(&nodes).map(|((local, ..), node)| (*local, *node)).collect();
                    let value = match self.defs.get(&(*id, nodes.clone())) {
                        Some(known) => *known,
                        None => {
                            let made = self.expr(&def.body, &inner);
                            self.defs.insert((*id, nodes.clone()), made);
                            made
                        }
                    };
                    self.used(value);
                    let lifts = |((_, _, due), found): (&(LocalId, Arc<str>, Type), &Expr)| {
                        !due.is_optional() && found.ty.is_optional()
                    };
                    let needs: Vec<NodeId> = nodes
                        .iter()
                        .zip(def.parameters.iter().zip(arguments).map(lifts))
                        .filter_map(|(node, lifts)| lifts.then_some(*node))
                        .collect();
                    if needs.is_empty() {
                        return value;
                    }
                    let parts: Vec<NodeId> = needs.iter().copied().chain([value]).collect();
                    self.make(RowExpr::Lift { needs, value }, &parts, ty, "lift")
                }
                None => self.opaque(expr, names),
            },
            _ => self.opaque(expr, names),
        }
    }

    fn constant(&mut self, value: Value, ty: &Type) -> NodeId {
        // The type tells words of different enums apart.
        let key = format!("constant {value:?} {}", ty.present());
        self.intern(key, RowExpr::Const(value), ty, SpaceId::TABLE)
    }

    fn field(&mut self, base: NodeId, index: usize, ty: &Type) -> NodeId {
        match self.program.node(base).map(|n| &n.kind) {
            Some(RowExpr::Row) => self.intern(format!("column {index}"), RowExpr::Column(index), ty, SpaceId::TABLE),
            Some(RowExpr::Record(fields)) if fields.len() > index => fields.get(index).copied().unwrap_or(base),
            Some(RowExpr::Const(Value::Record(record))) => {
                let value = record.fields.get(index).cloned().unwrap_or(Value::Missing);
                self.constant(value, ty)
            }
            Some(RowExpr::Lift { needs, value }) => {
                let (needs, value) = (needs.clone(), *value);
                let value = self.field(value, index, ty);
                let parts: Vec<NodeId> = needs.iter().copied().chain([value]).collect();
                self.make(RowExpr::Lift { needs, value }, &parts, ty, "lift")
            }
            _ => self.make(RowExpr::Field { base, index }, &[base], ty, &format!("field {index}")),
        }
    }

    fn record(&mut self, fields: Vec<NodeId>, ty: &Type) -> NodeId {
        let parts = fields.clone();
        self.make(RowExpr::Record(fields), &parts, ty, "record")
    }

    fn call(&mut self, function: &Arc<Function>, arguments: &[Expr], lifted: bool, ty: &Type, names: &Names) -> NodeId {
        let nodes: Vec<NodeId> = arguments.iter().map(|a| self.expr(a, names)).collect();
        let types: Vec<Type> = arguments.iter().map(|a| a.ty.clone()).collect();
        if asks_presence(function, &types, ty) {
            return self.make(RowExpr::Present(nodes.clone()), &nodes, ty, "present");
        }
        let tag = format!("call {} {lifted} {ty} {types:?}", function.name);
        let call = RowExpr::Call { function: function.clone(), arguments: nodes.clone(), types, lifted };
        self.make(call, &nodes, ty, &tag)
    }

    fn opaque(&mut self, expr: &Expr, names: &Names) -> NodeId {
        let mut order = Vec::new();
        let text = canonical(expr, &mut order);
        let free = free_locals(expr);
        let inputs: Vec<Input> = order
            .iter()
            .filter(|l| free.contains(l))
            .filter_map(|l| names.get(l).map(|n| Input { local: *l, node: *n, fields: fields_used([expr], *l) }))
            .collect();
        let parts: Vec<NodeId> = inputs.iter().map(|i| i.node).collect();
        let numbered: Vec<(usize, NodeId)> =
            inputs.iter().filter_map(|i| order.iter().position(|l| *l == i.local).map(|p| (p, i.node))).collect();
        let tag = format!("opaque {text} {numbered:?}");
        self.make(RowExpr::Opaque { expr: expr.clone(), inputs }, &parts, &expr.ty, &tag)
    }

    fn make(&mut self, kind: RowExpr, parts: &[NodeId], ty: &Type, tag: &str) -> NodeId {
        let space = parts.iter().filter_map(|p| self.program.node(*p)).map(|n| n.space).max();
        self.intern(format!("{tag} {parts:?}"), kind, ty, space.unwrap_or(SpaceId::TABLE))
    }

    fn used(&mut self, id: NodeId) {
        if let Some(node) = self.program.nodes.get_mut(id.0 as usize) {
            node.uses += 1;
        }
    }

    fn intern(&mut self, key: String, kind: RowExpr, ty: &Type, space: SpaceId) -> NodeId {
        let next = NodeId(u32::try_from(self.program.nodes.len()).unwrap_or(u32::MAX));
        let id = *self.nodes.entry(key).or_insert(next);
        if id == next {
            self.program.nodes.push(RowNode { kind, ty: ty.clone(), space, uses: 1 });
        } else {
            self.used(id);
        }
        id
    }

    /// A frame; equal ones are one.
    pub(super) fn frame(&mut self, kind: FrameKind) -> FrameId {
        if let Some(known) = self.frames.get(&kind) {
            return *known;
        }
        let id = FrameId(u32::try_from(self.program.frames.len()).unwrap_or(u32::MAX));
        let of = |this: &Self, parent: FrameId| this.program.frame(parent).map_or(SpaceId::TABLE, |f| f.space);
        let space = match kind {
            FrameKind::Table => SpaceId::TABLE,
            FrameKind::Where { parent, .. } | FrameKind::Sample { scope: parent, .. } => of(self, parent),
            FrameKind::Join { parent, .. } => {
                let parent = of(self, parent);
                self.program.spaces.push(Space { parent: Some(parent), frame: id });
                SpaceId(u32::try_from(self.program.spaces.len() - 1).unwrap_or(u32::MAX))
            }
        };
        self.program.frames.push(Frame { kind, space });
        self.frames.insert(kind, id);
        id
    }

    /// Takes the rows of a frame through stages that look at one row alone; the names are those
    /// bound so far. `None`: a stage needs all rows at once.
    pub(super) fn stages(&mut self, mut frame: FrameId, stages: &[Stage], names: &mut Names) -> Option<FrameId> {
        for stage in stages {
            match stage {
                Stage::Where { condition, .. } => {
                    let condition = self.expr(condition, names);
                    frame = self.frame(FrameKind::Where { parent: frame, condition });
                }
                Stage::Bind { local, value } => {
                    let node = self.expr(value, names);
                    names.insert(*local, node);
                }
                Stage::Join(join) => {
                    let element = join.source.ty.element().unwrap_or(Type::Unknown);
                    let list = self.expr(&join.source, names);
                    let lookup = self.lookup(join.site, names);
                    frame = self.frame(FrameKind::Join { parent: frame, list, lookup });
                    let space = self.program.frame(frame)?.space;
                    let node = self.intern(format!("element {}", space.0), RowExpr::Element(space), &element, space);
                    names.insert(join.local, node);
                }
                Stage::Group { .. } | Stage::Sort { .. } | Stage::Distinct { .. } | Stage::Number { .. } => {
                    return None;
                }
            }
        }
        Some(frame)
    }

    fn lookup(&mut self, site: SiteId, names: &Names) -> Option<u32> {
        let index = self.indexes.get(&site)?;
        let keys = index.outer.iter().map(|k| self.expr(k, names)).collect();
        let lookup = Lookup { site, keys };
        let known = self.program.lookups.iter().position(|l| *l == lookup);
        let place = known.unwrap_or_else(|| {
            self.program.lookups.push(lookup);
            self.program.lookups.len() - 1
        });
        u32::try_from(place).ok()
    }

    /// The rows of a list that stands on a table: `root` answers for the expressions that are
    /// the table itself. `None`: it needs all rows at once.
    pub(super) fn list(
        &mut self,
        list: &Expr,
        names: &Names,
        root: &dyn Fn(&Expr) -> Option<(FrameId, NodeId)>,
    ) -> Option<(FrameId, NodeId)> {
        if let Some(found) = root(list) {
            return Some(found);
        }
        match &*list.kind {
            ExprKind::Let(id) => {
                let value = &self.policy.lets.get(id.index())?.value;
                self.list(value, names, root)
            }
            ExprKind::Narrowed { value, shape: None } => self.list(value, names, root),
            ExprKind::Pipeline { source, row, stages, result } => {
                let (frame, node) = self.list(source, names, root)?;
                let mut names = names.clone();
                names.insert(*row, node);
                let frame = self.stages(frame, stages, &mut names)?;
                Some((frame, *names.get(result)?))
            }
            ExprKind::Project { list, item, body, flatten, .. } => {
                let (frame, node) = self.list(list, names, root)?;
                let mut names = names.clone();
                names.insert(*item, node);
                let value = self.expr(body, &names);
                if !flatten {
                    return Some((frame, value));
                }
                let frame = self.frame(FrameKind::Join { parent: frame, list: value, lookup: None });
                let space = self.program.frame(frame)?.space;
                let element = body.ty.element().unwrap_or(Type::Unknown);
                let node = self.intern(format!("element {}", space.0), RowExpr::Element(space), &element, space);
                Some((frame, node))
            }
            ExprKind::ReshapeEach { base, item, body } if !base.ty.is_optional() => {
                let (frame, node) = self.list(base, names, root)?;
                let mut names = names.clone();
                names.insert(*item, node);
                let value = self.expr(body, &names);
                Some((frame, value))
            }
            _ => None,
        }
    }
}

/// The fields that expressions use of a name; `None` when one uses it as a whole.
pub(super) fn fields_used<'e>(exprs: impl IntoIterator<Item = &'e Expr>, local: LocalId) -> Option<BTreeSet<usize>> {
    let (mut fields, mut uses, mut field_uses) = (BTreeSet::new(), 0usize, 0usize);
    for expr in exprs {
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Local(l) if *l == local => uses += 1,
            ExprKind::Field { base, index } if matches!(&*base.kind, ExprKind::Local(l) if *l == local) => {
                field_uses += 1;
                fields.insert(*index);
            }
            _ => {}
        });
    }
    (uses == field_uses).then_some(fields)
}

fn field_type(ty: &Type, index: usize) -> Type {
    match ty.present() {
        Type::Record(record) => record.fields.get(index).map_or(Type::Unknown, |f| f.ty.clone()),
        _ => Type::Unknown,
    }
}

/// Whether a call only asks whether its arguments are present: it proves as much, and it is true
/// of the emptiest values of their types (so it is not `filled` of a text).
fn asks_presence(function: &Function, types: &[Type], result: &Type) -> bool {
    let (Narrows::ArgumentsPresent, Body::Scalar(body)) = (function.narrows, function.body) else { return false };
    let emptiest = |ty: &Type| match ty.present() {
        Type::String => Value::text(""),
        Type::List(_) | Type::Map(..) => Value::list(Vec::new()),
        _ => Value::Bool(false),
    };
    let values: Vec<Value> = types.iter().map(emptiest).collect();
    body(&CallTypes { arguments: types, result }, &values) == Ok(Value::Bool(true))
}
