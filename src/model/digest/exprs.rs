//! Expressions in the canonical form. Lets and params stand for their values, bound names are
//! numbered from the inside out, places are left out.

use super::form::{Node, array, number, quoted};
use super::writer::Writer;
use crate::data::{EnumValue, Type, Value};
use crate::model::{
    ArithmeticOp, DefId, EvidenceId, Expr, ExprKind, Judge, LetId, LocalId, Message, MessagePart, ParamId, Quantifier,
    Stage,
};
use crate::registry::{Body, Function, ParameterKind, Signature};

/// Stands where a policy that was not checked has nothing.
fn nothing() -> String {
    Node::new("nothing").text()
}

impl<'p> Writer<'p> {
    /// An expression.
    pub(super) fn expr(&mut self, expr: &'p Expr) -> String {
        let node = match &*expr.kind {
            ExprKind::Unknown => Node::new("nothing"),
            ExprKind::Literal(value) => {
                Node::new("literal").with("type", self.ty(&expr.ty)).with("value", literal(value, &expr.ty))
            }
            ExprKind::Local(local) => self.local(*local),
            // What has a name of its own stands for its value.
            ExprKind::Let(id) => return self.value_of_let(*id),
            ExprKind::Param(id) => return self.param(*id),
            ExprKind::Evidence(id) => return self.evidence(*id),
            ExprKind::AsOf => Node::new("as_of"),
            ExprKind::Candidate => Node::new("candidate"),
            ExprKind::Result(gate) => Node::new("result").with("gate", self.gate_part(gate)),
            ExprKind::Field { base, index } => {
                let name = match base.ty.present() {
                    Type::Record(record) => record.fields.get(*index).map(|f| quoted(&f.name)),
                    _ => None,
                };
                let name = name.unwrap_or_else(|| index.to_string());
                Node::new("field").with("name", name).with("of", self.expr(base))
            }
            ExprKind::ListIndex { base, index } => {
                Node::new("index").with("of", self.expr(base)).with("at", self.expr(index))
            }
            ExprKind::MapLookup { base, key } => {
                Node::new("lookup").with("of", self.expr(base)).with("key", self.expr(key))
            }
            ExprKind::Project { site: _, list, item, body, flatten } => {
                let of = self.expr(list);
                Node::new("project").with("of", of).with("each", self.under(*item, body)).flag("flatten", *flatten)
            }
            ExprKind::Negate(value) => Node::new("negate").with("of", self.expr(value)),
            ExprKind::Not(value) => Node::new("not").with("of", self.expr(value)),
            ExprKind::Arithmetic { op, left, right } => self.two(arithmetic_sign(*op), left, right),
            ExprKind::And(left, right) => self.two("and", left, right),
            ExprKind::Or(left, right) => self.two("or", left, right),
            ExprKind::Implies(left, right) => self.two("implies", left, right),
            ExprKind::Coalesce(left, right) => self.two("??", left, right),
            ExprKind::Compare { op, left, right } => self.two(op.sign(), left, right),
            ExprKind::In { item, list, keys } => {
                Node::new("in").with("of", self.expr(item)).with("list", self.expr(list)).flag("keys", *keys)
            }
            ExprKind::InRange { item, low, high } => Node::new("in range")
                .with("of", self.expr(item))
                .with("low", self.expr(low))
                .with("high", self.expr(high)),
            ExprKind::Match { text, pattern } => {
                let kind = if pattern.glob { "like" } else { "matches" };
                Node::new(kind).with("of", self.expr(text)).with("pattern", quoted(&pattern.text))
            }
            ExprKind::Is { subject, shape } => {
                Node::new("is").with("of", self.expr(subject)).with("shape", self.shape(shape))
            }
            ExprKind::Faults { subject, shape, by: Judge::Schema } => {
                Node::new("schema faults").with("of", self.expr(subject)).with("shape", self.shape(shape))
            }
            ExprKind::Faults { subject, shape, by: Judge::Shape } => {
                // The texts of faults tell these names.
                let names = self.names_in(shape).into_iter().map(|n| quoted(&n)).collect();
                let node = Node::new("faults").with("of", self.expr(subject)).with("shape", self.shape(shape));
                node.list("names", names)
            }
            ExprKind::Narrowed { value, shape } => match shape {
                Some(shape) => Node::new("decode").with("of", self.expr(value)).with("shape", self.shape(shape)),
                None => Node::new("as").with("of", self.expr(value)).with("type", self.ty(&expr.ty)),
            },
            ExprKind::If { condition, then, otherwise } => Node::new("if")
                .with("condition", self.expr(condition))
                .with("then", self.expr(then))
                .with("else", self.expr(otherwise)),
            ExprKind::Call { site: _, function, arguments, lifted } => {
                let node = Node::new("call").with("function", quoted(function.name)).flag("lifted", *lifted);
                node.list("arguments", self.arguments(function, arguments))
            }
            ExprKind::CallDef { def, arguments } => {
                let node = Node::new("apply").with("def", self.def(*def));
                node.list("arguments", self.exprs(arguments))
            }
            ExprKind::RowAggregate(index) => return self.row_aggregate(*index),
            ExprKind::List(items) => Node::new("list").list("items", self.exprs(items)),
            ExprKind::Map(entries) => {
                let entries = entries.iter().map(|(k, v)| array(vec![self.expr(k), self.expr(v)])).collect();
                Node::new("map").list("entries", entries)
            }
            ExprKind::Record(parts) => {
                let names = field_names(&expr.ty);
                let field = |(i, part): (usize, &'p Expr)| {
                    let name = names.get(i).map_or_else(|| i.to_string(), |n| quoted(n));
                    array(vec![name, self.expr(part)])
                };
                let fields = parts.iter().enumerate().map(field).collect();
                Node::new("record").list("fields", fields)
            }
            ExprKind::Reshape { base, fields } => {
                let names = field_names(&expr.ty);
                let field = |(i, from): (usize, &Option<usize>)| {
                    let name = names.get(i).map_or_else(|| i.to_string(), |n| quoted(n));
                    array(vec![name, from.map_or_else(|| "null".to_owned(), |f| f.to_string())])
                };
                let fields = fields.iter().enumerate().map(field).collect();
                Node::new("reshape").with("of", self.expr(base)).list("fields", fields)
            }
            ExprKind::ReshapeEach { base, item, body } => {
                let of = self.expr(base);
                Node::new("reshape each").with("of", of).with("each", self.under(*item, body))
            }
            ExprKind::Quantified { site: _, quantifier, item, source, body } => {
                let kind = match quantifier {
                    Quantifier::Exists => "exists",
                    Quantifier::Every => "every",
                    Quantifier::No => "no",
                };
                let list = self.expr(source);
                Node::new(kind).with("in", list).with("holds", self.under(*item, body))
            }
            ExprKind::Pipeline { source, row, stages, result } => {
                let node = Node::new("pipeline").with("of", self.expr(source)).with("type", self.ty(&expr.ty));
                let depth = self.bound.len();
                self.bound.push(*row);
                let stages = stages.iter().map(|s| self.stage(s)).collect();
                let result = self.local(*result);
                self.bound.truncate(depth);
                node.list("stages", stages).with("result", self.part(result))
            }
            ExprKind::Interpolate(message) => return self.message(message),
        };
        self.part(node)
    }

    pub(super) fn exprs(&mut self, parts: &'p [Expr]) -> Vec<String> {
        parts.iter().map(|e| self.expr(e)).collect()
    }

    fn two(&mut self, kind: &str, left: &'p Expr, right: &'p Expr) -> Node {
        Node::new(kind).with("left", self.expr(left)).with("right", self.expr(right))
    }

    /// An expression with one more name in force.
    pub(super) fn under(&mut self, local: LocalId, expr: &'p Expr) -> String {
        self.bound.push(local);
        let text = self.expr(expr);
        self.bound.pop();
        text
    }

    /// A bound name: how many names were bound after it. So a part that uses only its own names
    /// reads the same wherever it stands.
    fn local(&self, local: LocalId) -> Node {
        let up = self.bound.iter().rev().position(|l| *l == local);
        debug_assert!(up.is_some(), "a name that nothing binds: {local:?}");
        match up {
            Some(up) => Node::new("local").with("up", up.to_string()),
            None => Node::new("local").with("free", local.0.to_string()),
        }
    }

    fn value_of_let(&mut self, id: LetId) -> String {
        if let Some(known) = self.lets.get(&id.0) {
            return known.clone();
        }
        // Declarations make no circle; this only guards against a policy that was not checked.
        self.lets.insert(id.0, nothing());
        let text = match self.policy.lets.get(id.index()) {
            Some(item) => self.expr(&item.value),
            None => nothing(),
        };
        self.lets.insert(id.0, text.clone());
        text
    }

    /// The value of a param in force.
    pub(super) fn param(&mut self, id: ParamId) -> String {
        if let Some(known) = self.params.get(&id.0) {
            return known.clone();
        }
        self.params.insert(id.0, nothing());
        let text = match (self.policy.params.get(id.index()), self.param_in_force(id)) {
            (Some(param), Some(value)) if param.ty == value.ty => self.expr(value),
            (Some(param), Some(value)) => {
                let node = Node::new("as").with("of", self.expr(value)).with("type", self.ty(&param.ty));
                self.part(node)
            }
            _ => nothing(),
        };
        self.params.insert(id.0, text.clone());
        text
    }

    fn def(&mut self, id: DefId) -> String {
        if let Some(known) = self.defs.get(&id.0) {
            return known.clone();
        }
        self.defs.insert(id.0, nothing());
        let text = match self.policy.defs.get(id.index()) {
            Some(def) => {
                let parameters = def.parameters.iter().map(|(_, _, ty)| self.ty(ty)).collect();
                let depth = self.bound.len();
                self.bound.extend(def.parameters.iter().map(|(local, _, _)| *local));
                let body = self.expr(&def.body);
                self.bound.truncate(depth);
                let node = Node::new("def").list("parameters", parameters).with("body", body);
                self.part(node)
            }
            None => nothing(),
        };
        self.defs.insert(id.0, text.clone());
        text
    }

    /// Arguments of a call. An evidence that is passed by its name stands for itself.
    fn arguments(&mut self, function: &Function, arguments: &'p [Expr]) -> Vec<String> {
        let signature = match &function.body {
            Body::Ambient(_) => Signature::parse(function.signature).ok(),
            Body::Scalar(_) | Body::Aggregate(_) | Body::Form => None,
        };
        let mut out = Vec::with_capacity(arguments.len());
        for (i, argument) in arguments.iter().enumerate() {
            let kind = signature.as_ref().and_then(|s| s.parameter(i)).map(|p| &p.kind);
            let named = match (kind, &*argument.kind) {
                (Some(ParameterKind::Evidence), ExprKind::Literal(Value::Text(name))) => {
                    (0..).zip(&self.policy.evidence).find(|(_, e)| e.name == *name).map(|(i, _)| EvidenceId(i))
                }
                _ => None,
            };
            out.push(match named {
                Some(id) => self.evidence(id),
                None => self.expr(argument),
            });
        }
        out
    }

    /// What a metric asks of each row, where its formula uses it.
    fn row_aggregate(&mut self, index: usize) -> String {
        let Some(aggregate) = self.aggregates.get(index) else { return nothing() };
        let mut arguments = self.arguments(&aggregate.function, &aggregate.arguments);
        arguments.push(self.expr(&aggregate.value));
        let node = Node::new("of each row").with("function", quoted(aggregate.function.name));
        let node = node.list("arguments", arguments);
        self.part(node)
    }

    fn stage(&mut self, stage: &'p Stage) -> String {
        let node = match stage {
            Stage::Where { site: _, condition } => Node::new("where").with("condition", self.expr(condition)),
            Stage::Bind { local, value } => {
                let node = Node::new("bind").with("value", self.expr(value));
                self.bound.push(*local);
                node
            }
            Stage::Join(join) => {
                let node = Node::new("join").with("list", self.expr(&join.source));
                self.bound.push(join.local);
                node
            }
            Stage::Group { site: _, keys, member, row } => {
                let node = Node::new("group").list("keys", self.exprs(keys)).with("member", self.expr(member));
                self.bound.push(*row);
                node
            }
            Stage::Sort { keys } => {
                let key = |k: &'p crate::model::SortKey| {
                    let node = Node::new("key").with("of", self.expr(&k.key)).flag("descending", k.descending);
                    self.part(node)
                };
                let keys = keys.iter().map(key).collect();
                Node::new("sort").list("keys", keys)
            }
            Stage::Distinct { keys } => Node::new("distinct").list("keys", self.exprs(keys)),
            Stage::Number { keys, local } => {
                let node = Node::new("number").list("keys", self.exprs(keys));
                self.bound.push(*local);
                node
            }
        };
        self.part(node)
    }

    /// A text with values in it.
    pub(super) fn message(&mut self, message: &'p Message) -> String {
        let mut parts = Vec::with_capacity(message.parts.len());
        for part in &message.parts {
            parts.push(match part {
                MessagePart::Text(text) => quoted(text),
                MessagePart::Value { value, format } => {
                    let node = Node::new("value").with("of", self.expr(value));
                    let node = node.with_some("format", format.as_ref().map(|f| quoted(&f.0)));
                    self.part(node)
                }
            });
        }
        self.part(Node::new("text").list("parts", parts))
    }
}

fn field_names(ty: &Type) -> Vec<&str> {
    match ty.present() {
        Type::Record(record) => record.fields.iter().map(|f| &*f.name).collect(),
        _ => Vec::new(),
    }
}

fn arithmetic_sign(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
    }
}

/// A constant under its type: numbers exact and in base units (ns, bytes, ns since 1970).
pub(super) fn literal(value: &Value, ty: &Type) -> String {
    match (value, ty.present()) {
        (Value::Missing, _) => "null".to_owned(),
        (Value::Bool(b), _) => b.to_string(),
        (Value::Num(n), _) => number(*n),
        (Value::Text(text), _) => quoted(text),
        (Value::Version(version), _) => quoted(&version.to_string()),
        (Value::Enum(EnumValue { member, word }), ty) => {
            let name = match ty {
                Type::Enum(ty) => ty.members.get(*member as usize).map(|m| quoted(&m.name)),
                _ => None,
            };
            let name = name.unwrap_or_else(|| member.to_string());
            Node::new("word").with("name", name).with_some("found", word.as_ref().map(|w| quoted(w))).text()
        }
        (Value::Record(record), ty) => {
            let types = match ty {
                Type::Record(ty) => Some(&ty.fields),
                _ => None,
            };
            let part = |(i, value): (usize, &Value)| {
                literal(value, types.and_then(|t| t.get(i)).map_or(&Type::Unknown, |f| &f.ty))
            };
            array(record.fields.iter().enumerate().map(part).collect())
        }
        (Value::List(items), ty) => {
            let element = ty.element().unwrap_or(Type::Unknown);
            array(items.iter().map(|v| literal(v, &element)).collect())
        }
        (Value::Json(json), _) => Node::new("json").with("text", quoted(&json.canonical())).text(),
    }
}
