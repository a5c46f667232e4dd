//! A text for each expression such that equal texts mean equal values: places are left out and
//! bound names are numbered in order of appearance.

use crate::model::{Expr, ExprKind, Judge, LocalId, Message, MessagePart, Shape, Stage};
use std::fmt::Write;
use std::sync::Arc;

/// Writes the text of an expression; `names` are the locals met so far, in order.
pub(super) fn canonical(expr: &Expr, names: &mut Vec<LocalId>) -> String {
    let mut writer = Writer { out: String::new(), names };
    writer.expr(expr);
    writer.out
}

/// A named shape by its number; others have no short text, and are the same when they are one in
/// memory.
fn shape_text(shape: &Arc<Shape>) -> String {
    match &**shape {
        Shape::Named(id) => format!("named {}", id.0),
        _ => format!("{:?}", Arc::as_ptr(shape)),
    }
}

struct Writer<'n> {
    out: String,
    names: &'n mut Vec<LocalId>,
}

impl Writer<'_> {
    fn put(&mut self, text: impl std::fmt::Display) {
        // Writing to a String does not fail.
        let _ = write!(self.out, "{text} ");
    }

    fn local(&mut self, local: LocalId) {
        let number = self.names.iter().position(|l| *l == local).unwrap_or_else(|| {
            self.names.push(local);
            self.names.len() - 1
        });
        self.put(format_args!("${number}"));
    }

    fn expr(&mut self, expr: &Expr) {
        self.out.push('(');
        match &*expr.kind {
            ExprKind::Unknown => self.put("unknown"),
            // The type tells words of different enums apart.
            ExprKind::Literal(value) => self.put(format_args!("literal {value:?} {}", expr.ty)),
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Let(id) => self.put(format_args!("let {}", id.0)),
            ExprKind::Param(id) => self.put(format_args!("param {}", id.0)),
            ExprKind::Evidence(id) => self.put(format_args!("evidence {}", id.0)),
            ExprKind::AsOf => self.put("as_of"),
            ExprKind::Candidate => self.put("candidate"),
            ExprKind::Result(gate) => self.put(format_args!("result {gate}")),
            ExprKind::RowAggregate(number) => self.put(format_args!("aggregate {number}")),
            ExprKind::Field { index, .. } => self.put(format_args!("field {index}")),
            ExprKind::ListIndex { .. } => self.put("index"),
            ExprKind::MapLookup { .. } => self.put("lookup"),
            ExprKind::Project { item, flatten, .. } => {
                self.put(format_args!("project {flatten}"));
                self.local(*item);
            }
            ExprKind::Negate(_) => self.put("-"),
            ExprKind::Not(_) => self.put("not"),
            ExprKind::Arithmetic { op, .. } => self.put(format_args!("{op:?}")),
            ExprKind::And(..) => self.put("and"),
            ExprKind::Or(..) => self.put("or"),
            ExprKind::Implies(..) => self.put("implies"),
            ExprKind::Coalesce(..) => self.put("??"),
            ExprKind::Compare { op, .. } => self.put(op.sign()),
            ExprKind::In { keys, .. } => self.put(format_args!("in {keys}")),
            ExprKind::InRange { .. } => self.put("range"),
            ExprKind::Match { pattern, .. } => self.put(format_args!("match {} {:?}", pattern.glob, pattern.text)),
            ExprKind::Is { shape, .. } => self.put(format_args!("is {}", shape_text(shape))),
            ExprKind::Faults { shape, by, .. } => {
                let word = match by {
                    Judge::Shape => "faults",
                    Judge::Schema => "schema faults",
                };
                self.put(format_args!("{word} {}", shape_text(shape)));
            }
            ExprKind::Narrowed { shape, .. } => match shape {
                Some(shape) => self.put(format_args!("decoded {}", shape_text(shape))),
                None => self.put("narrowed"),
            },
            ExprKind::If { .. } => self.put("if"),
            ExprKind::Call { function, lifted, arguments, .. } => {
                self.put(format_args!("call {} {lifted} {}", function.name, expr.ty));
                arguments.iter().for_each(|a| self.put(&a.ty));
            }
            ExprKind::CallDef { def, .. } => self.put(format_args!("def {}", def.0)),
            ExprKind::List(_) => self.put("list"),
            ExprKind::Map(_) => self.put("map"),
            ExprKind::Record(_) => self.put("record"),
            ExprKind::Reshape { fields, .. } => self.put(format_args!("reshape {fields:?}")),
            ExprKind::ReshapeEach { item, .. } => {
                self.put("reshape each");
                self.local(*item);
            }
            ExprKind::Quantified { quantifier, item, .. } => {
                self.put(format_args!("{quantifier:?}"));
                self.local(*item);
            }
            ExprKind::Pipeline { source, row, stages, result } => {
                self.put("pipeline");
                self.expr(source);
                self.local(*row);
                stages.iter().for_each(|s| self.stage(s));
                self.local(*result);
                self.out.push(')');
                return;
            }
            ExprKind::Interpolate(message) => {
                self.put("text");
                self.put(&expr.ty);
                self.message(message);
                self.out.push(')');
                return;
            }
        }
        for child in expr.children() {
            self.expr(child);
        }
        self.out.push(')');
    }

    fn stage(&mut self, stage: &Stage) {
        match stage {
            Stage::Where { condition, .. } => {
                self.put("where");
                self.expr(condition);
            }
            Stage::Bind { local, value } => {
                self.put("bind");
                self.expr(value);
                self.local(*local);
            }
            Stage::Join(join) => {
                self.put("join");
                self.expr(&join.source);
                self.local(join.local);
            }
            Stage::Group { keys, member, row, .. } => {
                self.put(format_args!("group {}", keys.len()));
                keys.iter().for_each(|k| self.expr(k));
                self.expr(member);
                self.local(*row);
            }
            Stage::Sort { keys } => {
                self.put("sort");
                for key in keys {
                    self.put(key.descending);
                    self.expr(&key.key);
                }
            }
            Stage::Distinct { keys } => {
                self.put("distinct");
                keys.iter().for_each(|k| self.expr(k));
            }
            Stage::Number { keys, local } => {
                self.put(format_args!("number {}", keys.len()));
                keys.iter().for_each(|k| self.expr(k));
                self.local(*local);
            }
        }
    }

    fn message(&mut self, message: &Message) {
        for part in &message.parts {
            match part {
                MessagePart::Text(text) => self.put(format_args!("{text:?}")),
                MessagePart::Value { value, format } => {
                    self.put(format_args!("{:?} {}", format.as_ref().map(|f| &f.0), value.ty));
                    self.expr(value);
                }
            }
        }
    }
}
