//! The parts of a typed expression, for whoever looks through one as a whole.

use super::{Expr, ExprKind, Message, MessagePart, Stage};

impl Expr {
    /// The expressions directly inside it, in the order written.
    pub fn children(&self) -> Vec<&Self> {
        let mut out = Vec::new();
        self.each_child(&mut |child| out.push(child));
        out
    }

    /// Calls `f` with each expression directly inside it, in the order written.
    pub fn each_child<'e>(&'e self, f: &mut dyn FnMut(&'e Self)) {
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
            ExprKind::Field { base, .. } | ExprKind::Reshape { base, .. } => f(base),
            ExprKind::Negate(value)
            | ExprKind::Not(value)
            | ExprKind::Narrowed { value, .. }
            | ExprKind::Match { text: value, .. }
            | ExprKind::Is { subject: value, .. }
            | ExprKind::Faults { subject: value, .. } => f(value),
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
            | ExprKind::Coalesce(left, right) => [left, right].into_iter().for_each(f),
            ExprKind::InRange { item, low, high } => [item, low, high].into_iter().for_each(f),
            ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].into_iter().for_each(f),
            ExprKind::Call { arguments: parts, .. }
            | ExprKind::CallDef { arguments: parts, .. }
            | ExprKind::List(parts)
            | ExprKind::Record(parts) => parts.iter().for_each(f),
            ExprKind::Map(entries) => entries.iter().flat_map(|(k, v)| [k, v]).for_each(f),
            ExprKind::Pipeline { source, stages, .. } => {
                f(source);
                stages.iter().for_each(|s| s.each_child(f));
            }
            ExprKind::Interpolate(message) => message.values().for_each(f),
        }
    }

    /// Calls `f` with it and with everything inside it, outermost first.
    pub fn visit<'e>(&'e self, f: &mut dyn FnMut(&'e Self)) {
        f(self);
        self.each_child(&mut |child| child.visit(f));
    }

    /// Whether `f` holds of it or of something inside it; stops at the first.
    pub fn any(&self, f: &mut dyn FnMut(&Self) -> bool) -> bool {
        let mut found = f(self);
        self.each_child(&mut |child| found = found || child.any(f));
        found
    }
}

impl Stage {
    fn each_child<'e>(&'e self, f: &mut dyn FnMut(&'e Expr)) {
        match self {
            Self::Where { condition: value, .. } | Self::Bind { value, .. } => f(value),
            Self::Join(join) => f(&join.source),
            Self::Group { keys, member, .. } => {
                keys.iter().for_each(&mut *f);
                f(member);
            }
            Self::Sort { keys } => keys.iter().map(|k| &k.key).for_each(f),
            Self::Distinct { keys } | Self::Number { keys, .. } => keys.iter().for_each(f),
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
