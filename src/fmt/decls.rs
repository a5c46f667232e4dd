//! Layouts of declarations and clauses.

use super::build::{Builder, Column, Style};
use super::doc::{Doc, Hold, STEP};
use crate::syntax::concrete::{Kind, Node, Rule};

/// The column of what clauses of a gate say: behind `threshold` and `when empty`.
const GATE_COLUMN: usize = 10;

impl Builder<'_> {
    /// A declaration.
    pub fn declaration(&mut self, node: &Node) -> Doc {
        if let Kind::Broken(rule) = node.kind {
            return self.broken(node, rule);
        }
        let parts = node.parts.as_slice();
        match node.rule() {
            Some(Rule::param_decl | Rule::let_decl | Rule::def_decl) => self.binding(parts),
            Some(Rule::type_decl) => {
                let plain = parts.iter().take_while(|p| !p.is(Rule::kw_where)).count();
                let (head, condition) = parts.split_at_checked(plain).unwrap_or((parts, &[]));
                let head = self.spaced(head);
                if condition.is_empty() {
                    return head;
                }
                let condition = self.spaced(condition);
                Doc::group(vec![head, Doc::nest(STEP, vec![Doc::Line, condition])])
            }
            Some(_) if !parts.is_empty() => self.block(node, true),
            _ => self.leaf(node),
        }
    }

    /// `let x : T = value`, `def f(x: T) : U = value`
    fn binding(&mut self, parts: &[Node]) -> Doc {
        let [head @ .., sign, value] = parts else { return self.spaced(parts) };
        let mut out = Vec::new();
        let open = head.iter().position(|p| p.is(Rule::lparen));
        match open {
            Some(open) => {
                let close = head.iter().position(|p| p.is(Rule::rparen)).unwrap_or(open);
                let (name, rest) = head.split_at_checked(open).unwrap_or((head, &[]));
                out.push(self.spaced(name));
                if let Some([first, inside @ .., last]) = rest.get(..=close - open) {
                    let items: Vec<&[Node]> =
                        inside.iter().filter(|p| !p.is(Rule::comma)).map(std::slice::from_ref).collect();
                    let body =
                        self.body(first, &items, Some(last), &Style::LIST, &mut |_, _| None, &mut |b, parts, _| {
                            parts.first().map_or(Doc::text(""), |p| b.doc(p))
                        });
                    out.push(Doc::Body(Box::new(body)));
                }
                for part in head.get(close + 1..).unwrap_or(&[]) {
                    out.push(Doc::text(" "));
                    out.push(self.doc(part));
                }
            }
            None => out.push(self.spaced(head)),
        }
        out.push(Doc::text(" "));
        out.push(self.leaf(sign));
        out.push(self.assigned(value, Hold::Next));
        Doc::Seq(out)
    }

    /// Words, a block in braces, and perhaps words behind it. A block of the file is always open,
    /// one inside of another may stand on one line.
    fn block(&mut self, node: &Node, outer: bool) -> Doc {
        let parts = node.parts.as_slice();
        let Some(open) = parts.iter().position(|p| p.is(Rule::lbrace)) else {
            // The block is a part of its own.
            let mut out = Vec::new();
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    out.push(Doc::text(" "));
                }
                out.push(match part.rule() {
                    Some(Rule::gate_block) => self.block(part, outer),
                    _ => self.doc(part),
                });
            }
            return Doc::Seq(out);
        };
        let (head, rest) = parts.split_at_checked(open).unwrap_or((parts, &[]));
        let close = rest.iter().rposition(|p| p.is(Rule::rbrace)).unwrap_or(0);
        let (braces, behind) = rest.split_at_checked(close + 1).unwrap_or((rest, &[]));
        let [first, inside @ .., last] = braces else { return self.spaced(parts) };
        let mut out = Vec::new();
        if !head.is_empty() {
            out.push(self.spaced(head));
            out.push(Doc::text(" "));
        }
        let single: Vec<&[Node]> = inside.iter().filter(|p| !p.is(Rule::comma)).map(std::slice::from_ref).collect();
        let body = match node.rule() {
            Some(Rule::policy_decl | Rule::format_clause) => {
                let items: Vec<&[Node]> =
                    if node.is(Rule::policy_decl) && !inside.is_empty() { vec![inside] } else { single };
                let style = Style { keeps_open: false, column: Column::Own, ..Style::RECORD };
                self.body(first, &items, Some(last), &style, &mut |_, _| None, &mut |b, parts, _| match parts {
                    [one] => b.doc(one),
                    more => b.spaced(more),
                })
            }
            Some(Rule::enum_decl) => self.enumeration(first, inside, last),
            Some(Rule::contract_decl) => self.members(first, &single, Some(last)),
            rule => self.clause_body(first, &single, Some(last), rule, outer),
        };
        out.push(Doc::Body(Box::new(body)));
        for part in behind {
            out.push(Doc::text(" "));
            out.push(self.doc(part));
        }
        Doc::Seq(out)
    }

    fn clause_body(
        &mut self,
        open: &Node,
        items: &[&[Node]],
        close: Option<&Node>,
        rule: Option<Rule>,
        outer: bool,
    ) -> super::doc::Body {
        let gate = rule == Some(Rule::gate_block);
        let column = if gate { Column::Fixed(GATE_COLUMN) } else { Column::Widest(1) };
        let sorts =
            matches!(rule, Some(Rule::gate_block | Rule::evidence_decl | Rule::evidence_override | Rule::profile_decl));
        let style = Style { clauses: sorts, ..Self::clauses(column, outer) };
        self.body(
            open,
            items,
            close,
            &style,
            &mut |b, parts| parts.first().and_then(|clause| b.head_width(clause)),
            &mut |b, parts, pad| parts.first().map_or(Doc::text(""), |clause| b.clause(clause, pad)),
        )
    }

    fn enumeration(&mut self, open: &Node, inside: &[Node], close: &Node) -> super::doc::Body {
        let mut items: Vec<&[Node]> = Vec::new();
        let mut otherwise = None;
        for (i, part) in inside.iter().enumerate() {
            if part.is(Rule::kw_else) {
                otherwise = inside.get(i..i + 2);
                break;
            }
            if !part.is(Rule::comma) {
                items.push(std::slice::from_ref(part));
            }
        }
        let members = items.len();
        items.extend(otherwise);
        let one_each = items.iter().skip(1).all(|i| i.first().is_some_and(|n| self.broken_before(n.first)));
        let remarks = items.iter().any(|i| i.first().is_some_and(|n| self.remarked(n.first)));
        let style = Style { flat: ", ", sign: ",", padded: true, keeps_open: true, column: Column::Own, ..Style::LIST };
        if !one_each && !remarks && !self.remarked(close.first) && otherwise.is_none() && members > 2 {
            return self.filled(open, &items, close, &style);
        }
        let mut body = self.body(open, &items, Some(close), &style, &mut |_, _| None, &mut |b, parts, _| match parts {
            [one] => b.doc(one),
            more => b.spaced(more),
        });
        if otherwise.is_some() {
            // No comma stands before `else`.
            if let Some(last) = body.lines.iter_mut().filter(|l| !l.after.is_empty()).last() {
                (last.after, last.sign) = (" ", "");
            }
        }
        body
    }

    /// How many words a clause begins with.
    fn head_words(&self, clause: &Node) -> usize {
        match clause.rule() {
            Some(Rule::when_clause | Rule::effective_clause | Rule::rows_clause | Rule::most_clause) => 2,
            _ => 1,
        }
    }

    /// How wide the words are that a clause begins with, if they share the column of the block.
    fn head_width(&self, clause: &Node) -> Option<usize> {
        if clause.kind == Kind::Raw || ends_in_body(clause) {
            return None;
        }
        // A word alone says all.
        if clause.parts.is_empty() {
            return None;
        }
        let words = clause.parts.get(..self.head_words(clause))?;
        let widths: usize = words.iter().map(|w| self.written(w).chars().count()).sum();
        Some(widths + words.len() - 1)
    }

    /// A clause, with blanks behind its first word.
    fn clause(&mut self, node: &Node, pad: usize) -> Doc {
        if node.parts.is_empty() {
            return self.leaf(node);
        }
        let (head, rest) = node.parts.split_at_checked(self.head_words(node)).unwrap_or((&node.parts, &[]));
        let first = self.spaced(head);
        if rest.is_empty() {
            return first;
        }
        let mut out = vec![first, Doc::Pad(if ends_in_body(node) { 0 } else { pad }), Doc::text(" ")];
        match (node.rule(), rest) {
            (Some(Rule::each_clause | Rule::expect_clause), rest) => {
                let condition = self.condition(rest);
                out.push(Doc::Align(Box::new(condition)));
            }
            (Some(Rule::evidence_override | Rule::tighten_clause | Rule::loosen_clause), [name, rest @ ..]) => {
                out.push(self.doc(name));
                out.push(Doc::text(" "));
                match rest {
                    [block, behind @ ..] if block.is(Rule::gate_block) => {
                        out.push(self.block(block, false));
                        for part in behind {
                            out.push(Doc::text(" "));
                            out.push(self.doc(part));
                        }
                    }
                    [open, inside @ .., close] => {
                        let items: Vec<&[Node]> =
                            inside.iter().filter(|p| !p.is(Rule::comma)).map(std::slice::from_ref).collect();
                        let body = self.clause_body(open, &items, Some(close), node.rule(), false);
                        out.push(Doc::Body(Box::new(body)));
                    }
                    other => out.push(self.spaced(other)),
                }
            }
            (Some(Rule::format_clause), [name, braces @ ..]) if !braces.is_empty() => {
                out.push(self.doc(name));
                out.push(Doc::text(" "));
                let whole = Node {
                    kind: node.kind,
                    first: braces.first().map_or(node.first, |b| b.first),
                    end: node.end,
                    parts: braces.to_vec(),
                };
                out.push(self.block(&whole, false));
            }
            (Some(Rule::given_clause | Rule::set_clause | Rule::set_param), [name, sign, value]) => {
                out.push(self.doc(name));
                out.push(Doc::text(" "));
                out.push(self.leaf(sign));
                out.push(self.assigned(value, Hold::Stay));
            }
            (_, rest) if ends_in_body(node) => out.push(self.spaced(rest)),
            (_, rest) => {
                let rest = self.spaced(rest);
                out.push(Doc::Align(Box::new(rest)));
            }
        }
        Doc::Seq(out)
    }

    /// A block of which some clauses are kept as they are.
    fn broken(&mut self, node: &Node, rule: Rule) -> Doc {
        let [head, inside @ ..] = node.parts.as_slice() else { return self.leaf(node) };
        let (inside, close) = match inside {
            [inside @ .., close] if close.is(Rule::rbrace) => (inside, Some(close)),
            inside => (inside, None),
        };
        let items: Vec<&[Node]> = inside.iter().filter(|p| !p.is(Rule::comma)).map(std::slice::from_ref).collect();
        let body = if rule == Rule::body {
            let mut body = self.members(head, &items, close);
            body.forced = true;
            body
        } else {
            let gate = rule == Rule::gate_block;
            let column = if gate { Column::Fixed(GATE_COLUMN) } else { Column::Widest(1) };
            let style = Style { clauses: false, ..Self::clauses(column, true) };
            self.body(
                head,
                &items,
                close,
                &style,
                &mut |b, parts| parts.first().and_then(|clause| b.head_width(clause)),
                &mut |b, parts, pad| parts.first().map_or(Doc::text(""), |clause| b.clause(clause, pad)),
            )
        };
        Doc::Body(Box::new(body))
    }
}

/// Whether a clause says something in braces, which then has lines of its own.
fn ends_in_body(clause: &Node) -> bool {
    let last = clause.parts.last();
    match clause.rule() {
        Some(Rule::shape_clause) => last.is_some_and(|l| l.is(Rule::body)),
        Some(Rule::written_document) => last.is_some_and(|l| l.is(Rule::record)),
        _ => false,
    }
}
