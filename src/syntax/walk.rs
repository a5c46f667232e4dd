//! The parts of an expression as written, for whoever looks through one as a whole.

use super::tree::{Expr, ExprKind, Stage, StageKind, StringLit, StringPart, Table};

impl Expr {
    /// The expressions directly inside it, in the order written.
    pub fn children(&self) -> Vec<&Self> {
        let mut out = Vec::new();
        match &*self.kind {
            ExprKind::Broken
            | ExprKind::Name(_)
            | ExprKind::This
            | ExprKind::Bool(_)
            | ExprKind::None
            | ExprKind::Null
            | ExprKind::Number(_)
            | ExprKind::Quantity { .. }
            | ExprKind::Instant(_)
            | ExprKind::Version(_)
            | ExprKind::Regex(_) => {}
            ExprKind::Text(text) => out.extend(text.values()),
            ExprKind::List(parts) | ExprKind::Call { arguments: parts, .. } => out.extend(parts),
            ExprKind::Map(entries) => out.extend(entries.iter().flat_map(|(k, v)| [k, v])),
            ExprKind::Record { fields, .. } => out.extend(fields.iter().map(|(_, v)| v)),
            ExprKind::Table(Table { rows, .. }) => out.extend(rows.iter().flat_map(|(cells, _)| cells)),
            ExprKind::Field { base: inner, .. }
            | ExprKind::Every { base: inner }
            | ExprKind::Negate(inner)
            | ExprKind::Not(inner)
            | ExprKind::Is { subject: inner, .. }
            | ExprKind::Parenthesised(inner) => out.push(inner),
            ExprKind::Index { base: left, key: right }
            | ExprKind::Binary { left, right, .. }
            | ExprKind::Compare { left, right, .. }
            | ExprKind::In { item: left, list: right, .. }
            | ExprKind::Match { text: left, pattern: right, .. }
            | ExprKind::Quantified { source: left, body: right, .. } => out.extend([left, right]),
            ExprKind::InRange { item, low, high, .. } => out.extend([item, low, high]),
            ExprKind::If { condition, then, otherwise } => out.extend([condition, then, otherwise]),
            ExprKind::Pipeline { source, stages, .. } => {
                out.push(source);
                stages.iter().for_each(|s| s.children_into(&mut out));
            }
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

    /// Without the parentheses around it.
    pub fn bare(&self) -> &Self {
        match &*self.kind {
            ExprKind::Parenthesised(inner) => inner.bare(),
            _ => self,
        }
    }
}

impl Stage {
    fn children_into<'e>(&'e self, out: &mut Vec<&'e Expr>) {
        match &self.kind {
            StageKind::Where(value) | StageKind::With(_, value) | StageKind::Join(value, _) => out.push(value),
            StageKind::Select(value) => out.push(value),
            StageKind::Group(keys) => out.extend(keys),
            StageKind::Sort(keys) => out.extend(keys.iter().map(|(k, _)| k)),
            StageKind::Distinct(keys) | StageKind::Number(_, keys) => out.extend(keys.iter().flatten()),
        }
    }
}

impl StringLit {
    /// The expressions whose values are printed.
    pub fn values(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|p| match p {
            StringPart::Text(_) => None,
            StringPart::Value { value, .. } => Some(value),
        })
    }
}
