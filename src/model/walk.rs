//! The parts of a typed expression, for whoever looks through one as a whole.

use super::{Expr, ExprKind, Message, MessagePart, Stage};

impl Expr {
    /// The expressions directly inside it, in the order written.
    pub fn children(&self) -> Vec<&Self> {
        let mut out = Vec::new();
        match &*self.kind {
            ExprKind::Unknown
            | ExprKind::Literal(_)
            | ExprKind::Local(_)
            | ExprKind::Let(_)
            | ExprKind::Param(_)
            | ExprKind::Evidence(_)
            | ExprKind::AsOf
            | ExprKind::Candidate
            | ExprKind::Result(_)
            | ExprKind::RowAggregate(_) => {}
            ExprKind::Field { base, .. } | ExprKind::Reshape { base, .. } => out.push(base),
            ExprKind::Negate(value)
            | ExprKind::Not(value)
            | ExprKind::Narrowed { value, .. }
            | ExprKind::Match { text: value, .. }
            | ExprKind::Is { subject: value, .. }
            | ExprKind::Faults { subject: value, .. } => out.push(value),
            ExprKind::ListIndex { base: left, index: right }
            | ExprKind::MapLookup { base: left, key: right }
            | ExprKind::Project { list: left, body: right, .. }
            | ExprKind::ReshapeEach { base: left, body: right, .. }
            | ExprKind::Quantified { source: left, body: right, .. }
            | ExprKind::Arithmetic { left, right, .. }
            | ExprKind::Compare { left, right, .. }
            | ExprKind::In { item: left, list: right, .. }
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Implies(left, right)
            | ExprKind::Coalesce(left, right) => out.extend([left, right]),
            ExprKind::InRange { item, low, high } => out.extend([item, low, high]),
            ExprKind::If { condition, then, otherwise } => out.extend([condition, then, otherwise]),
            ExprKind::Call { arguments: parts, .. }
            | ExprKind::CallDef { arguments: parts, .. }
            | ExprKind::List(parts)
            | ExprKind::Record(parts) => out.extend(parts),
            ExprKind::Map(entries) => out.extend(entries.iter().flat_map(|(k, v)| [k, v])),
            ExprKind::Pipeline { source, stages, .. } => {
                out.push(source);
                stages.iter().for_each(|s| s.children_into(&mut out));
            }
            ExprKind::Interpolate(message) => out.extend(message.values()),
        }
        out
    }

    /// Calls `f` with it and with everything inside it, outermost first.
    pub fn visit<'e>(&'e self, f: &mut dyn FnMut(&'e Self)) {
        f(self);
        for child in self.children() {
            child.visit(f);
        }
    }
}

impl Stage {
    fn children_into<'e>(&'e self, out: &mut Vec<&'e Expr>) {
        match self {
            Self::Where { condition: value, .. } | Self::Bind { value, .. } => out.push(value),
            Self::Join(join) => out.push(&join.source),
            Self::Group { keys, member, .. } => {
                out.extend(keys);
                out.push(member);
            }
            Self::Sort { keys } => out.extend(keys.iter().map(|k| &k.key)),
            Self::Distinct { keys } | Self::Number { keys, .. } => out.extend(keys),
        }
    }
}

impl Message {
    /// The expressions whose values are printed.
    pub fn values(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|p| match p {
            MessagePart::Text(_) => None,
            MessagePart::Value { value, .. } => Some(value),
        })
    }
}
