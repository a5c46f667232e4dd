//! Layouts of expressions and types.

use super::build::{Builder, Column, Style};
use super::doc::{Assign, Body, Doc, Hold, STEP, Stages};
use crate::syntax::concrete::{Node, Rule};

impl Builder<'_> {
    /// Any piece of a clause, an expression or a type.
    pub fn doc(&mut self, node: &Node) -> Doc {
        let parts = node.parts.as_slice();
        if parts.is_empty() {
            return self.leaf(node);
        }
        match node.rule() {
            Some(Rule::expr) => self.stages(parts),
            Some(Rule::value) => self.logic(parts, false),
            Some(Rule::claim) => self.claim(parts),
            Some(Rule::quantified) => self.quantified(parts),
            Some(Rule::conditional) => self.conditional(parts),
            Some(Rule::test) => self.test(parts),
            Some(Rule::arith) => self.sum(parts),
            Some(
                Rule::term
                | Rule::member_access
                | Rule::bracketed
                | Rule::path
                | Rule::type_expr
                | Rule::list_type
                | Rule::map_type
                | Rule::named_type
                | Rule::group_key,
            ) => self.tight(parts),
            Some(Rule::verdict_clause) => self.spaced(parts),
            Some(Rule::named) => self.named(parts),
            Some(Rule::arguments | Rule::list | Rule::record | Rule::map | Rule::body) => self.bracket(node),
            Some(Rule::argument | Rule::pair | Rule::parameter) => self.colon(parts),
            Some(Rule::parenthesised) => self.parenthesised(parts),
            Some(Rule::table) => self.table(node),
            Some(Rule::entry) => self.entry(parts, 0),
            _ => self.spaced(parts),
        }
    }

    /// Parts with a blank between them; none before a comma and around dots.
    pub fn spaced(&mut self, parts: &[Node]) -> Doc {
        let mut out = Vec::new();
        let mut glue = true;
        let mut comma = false;
        for part in parts {
            if part.is(Rule::comma) {
                out.push(self.leaf(part));
                comma = true;
                continue;
            }
            if part.is(Rule::dots) {
                out.push(self.leaf(part));
                glue = true;
                continue;
            }
            if !glue && !part.is(Rule::group_key) {
                out.push(if comma { Doc::Fill } else { Doc::text(" ") });
            }
            out.push(self.doc(part));
            (glue, comma) = (false, false);
        }
        Doc::Seq(out)
    }

    /// Parts with nothing between them but a blank behind commas.
    fn tight(&mut self, parts: &[Node]) -> Doc {
        let mut out = Vec::new();
        for part in parts {
            out.push(self.doc(part));
            if part.is(Rule::comma) {
                out.push(Doc::text(" "));
            }
        }
        Doc::Seq(out)
    }

    fn colon(&mut self, parts: &[Node]) -> Doc {
        let mut out = Vec::new();
        for part in parts {
            out.push(self.doc(part));
            if part.is(Rule::colon) || part.is(Rule::slip_colon) {
                out.push(Doc::text(" "));
            }
        }
        Doc::Seq(out)
    }

    /// A list and its stages.
    fn stages(&mut self, parts: &[Node]) -> Doc {
        let first = parts.iter().take_while(|p| !is_stage(p)).count();
        let (head, stages) = parts.split_at_checked(first).unwrap_or((parts, &[]));
        let head = self.spaced(head);
        let mut out = Vec::new();
        let mut last = None;
        for (i, stage) in stages.iter().enumerate() {
            match stage.parts.as_slice() {
                [words @ .., value] if i + 1 == stages.len() && value.is(Rule::record) => {
                    let words = self.spaced(words);
                    out.push(Doc::Seq(vec![words, Doc::text(" ")]));
                    last = Some(self.braces(value));
                }
                [words @ .., value] if i + 1 == stages.len() && names_record(value) => {
                    let [name @ .., record] = value.parts.as_slice() else { continue };
                    let words = self.spaced(words);
                    let name = self.spaced(name);
                    out.push(Doc::Seq(vec![words, Doc::text(" "), name, Doc::text(" ")]));
                    last = Some(self.braces(record));
                }
                [word, name, sign, value] if stage.is(Rule::with_stage) => {
                    let head = self.spaced(std::slice::from_ref(word));
                    let name = self.spaced(std::slice::from_ref(name));
                    let sign = self.leaf(sign);
                    let value = self.assigned(value, Hold::Next);
                    out.push(Doc::Seq(vec![head, Doc::text(" "), name, Doc::text(" "), sign, value]));
                }
                [word, rest @ ..] if !rest.is_empty() => {
                    let word = self.leaf(word);
                    let rest = self.spaced(rest);
                    out.push(Doc::Seq(vec![word, Doc::text(" "), Doc::Align(Box::new(rest))]));
                }
                _ => out.push(self.doc(stage)),
            }
        }
        if out.is_empty() {
            return head;
        }
        Doc::Stages(Box::new(Stages { head, stages: out, last }))
    }

    /// Claims joined by `and`, `or`, `implies`. `apart`: it stands on lines of its own when it
    /// breaks, its operands below each other.
    pub fn logic(&mut self, parts: &[Node], apart: bool) -> Doc {
        let implies =
            parts.iter().position(|p| self.written(p) == "implies" && p.parts.is_empty() && p.is(Rule::kw_implies));
        let Some(at) = implies else { return self.chain(parts, apart) };
        let (left, rest) = parts.split_at_checked(at).unwrap_or((parts, &[]));
        let [sign, right @ ..] = rest else { return self.chain(parts, apart) };
        let pad = if apart { self.written(sign).len() + 1 } else { 0 };
        let left = self.chain(left, false);
        let sign = self.leaf(sign);
        let right = self.chain(right, false);
        Doc::group(vec![
            Doc::Pad(pad),
            Doc::Align(Box::new(left)),
            Doc::Line,
            sign,
            Doc::text(" "),
            Doc::Align(Box::new(right)),
        ])
    }

    fn chain(&mut self, parts: &[Node], apart: bool) -> Doc {
        if let [one] = parts {
            return self.doc(one);
        }
        let widest = parts.iter().skip(1).step_by(2).map(|s| self.written(s).len()).max().unwrap_or(0);
        let mut out = Vec::new();
        if apart {
            out.push(Doc::Pad(widest + 1));
        }
        for (i, part) in parts.iter().enumerate() {
            if i % 2 == 1 {
                out.push(Doc::Line);
                if apart {
                    out.push(Doc::Pad(widest.saturating_sub(self.written(part).len())));
                }
                out.push(self.leaf(part));
                out.push(Doc::text(" "));
            } else {
                let claim = self.doc(part);
                out.push(Doc::Align(Box::new(claim)));
            }
        }
        Doc::group(out)
    }

    fn claim(&mut self, parts: &[Node]) -> Doc {
        let mut out = Vec::new();
        for part in parts {
            out.push(self.doc(part));
            if part.is(Rule::kw_not) {
                out.push(Doc::text(" "));
            }
        }
        Doc::Seq(out)
    }

    fn quantified(&mut self, parts: &[Node]) -> Doc {
        let [head @ .., colon, body] = parts else { return self.spaced(parts) };
        let head = self.spaced(head);
        let colon = self.leaf(colon);
        let body = self.doc(body);
        Doc::group(vec![head, colon, Doc::nest(STEP, vec![Doc::Line, body])])
    }

    fn conditional(&mut self, parts: &[Node]) -> Doc {
        let mut out = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                out.push(if part.is(Rule::kw_else) { Doc::Line } else { Doc::text(" ") });
            }
            let doc = self.doc(part);
            out.push(if part.parts.is_empty() { doc } else { Doc::Align(Box::new(doc)) });
        }
        Doc::group(out)
    }

    fn test(&mut self, parts: &[Node]) -> Doc {
        let mut out = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let doc = self.doc(part);
            if i == 0 {
                out.push(doc);
                continue;
            }
            // A short right side does not get a line of its own.
            let short = part.parts.last().is_none_or(|p| p.parts.is_empty());
            out.push(if short { Doc::Seq(vec![Doc::text(" "), doc]) } else { Doc::nest(STEP, vec![Doc::Line, doc]) });
        }
        Doc::group(out)
    }

    fn sum(&mut self, parts: &[Node]) -> Doc {
        let mut out = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let doc = self.doc(part);
            if i % 2 == 1 {
                out.push(Doc::nest(STEP, vec![Doc::Line, doc, Doc::text(" ")]));
            } else {
                out.push(doc);
            }
        }
        Doc::group(out)
    }

    fn named(&mut self, parts: &[Node]) -> Doc {
        let mut out = Vec::new();
        for part in parts {
            if part.is(Rule::record) {
                out.push(Doc::text(" "));
            }
            out.push(self.doc(part));
        }
        Doc::Seq(out)
    }

    fn parenthesised(&mut self, parts: &[Node]) -> Doc {
        let [open, inner, close] = parts else { return self.tight(parts) };
        let open = self.leaf(open);
        let inner = self.doc(inner);
        let close = self.leaf(close);
        Doc::Seq(vec![open, Doc::Align(Box::new(inner)), close])
    }

    /// A list, arguments, a record, a map or the body of a shape.
    fn bracket(&mut self, node: &Node) -> Doc {
        let open = node.parts.iter().position(|p| p.is(Rule::lbrace) || p.is(Rule::lbracket) || p.is(Rule::lparen));
        let head = node.parts.get(..open.unwrap_or(0)).unwrap_or(&[]);
        if head.is_empty() {
            return Doc::Body(Box::new(self.braces(node)));
        }
        let head = self.spaced(head);
        let body = self.braces(node);
        Doc::Seq(vec![head, Doc::text(" "), Doc::Body(Box::new(body))])
    }

    /// The bracket of a node and what stands in it.
    fn braces(&mut self, node: &Node) -> Body {
        let at = node.parts.iter().position(|p| p.is(Rule::lbrace) || p.is(Rule::lbracket) || p.is(Rule::lparen));
        let rest = node.parts.get(at.unwrap_or(0)..).unwrap_or(&[]);
        let (open, inside, close) = match rest {
            [open, inside @ .., close] => (open, inside, close),
            _ => return self.odd(node),
        };
        let items: Vec<&[Node]> = inside.iter().filter(|p| !p.is(Rule::comma)).map(std::slice::from_ref).collect();
        match node.rule() {
            Some(Rule::body) => self.members(open, &items, Some(close)),
            Some(Rule::record) => self.body(
                open,
                &items,
                Some(close),
                &Style::RECORD,
                &mut |b, parts| {
                    let [name, .., value] = parts.first()?.parts.as_slice() else { return None };
                    // A record on lines of its own does not care for the column.
                    let open = value.is(Rule::record) && b.broken_before(value.first + 1);
                    (!open).then(|| b.written(name).chars().count())
                },
                &mut |b, parts, pad| parts.first().map_or(Doc::text(""), |e| b.entry(&e.parts, pad)),
            ),
            _ => {
                let one_each = items.iter().skip(1).all(|i| i.first().is_some_and(|n| self.broken_before(n.first)));
                let leaves = items.iter().all(|i| i.iter().all(|n| n.parts.is_empty()));
                let remarks = items.iter().any(|i| i.first().is_some_and(|n| self.remarked(n.first)));
                if leaves && !remarks && !one_each && items.len() > 2 && node.is(Rule::list) {
                    return self.filled(open, &items, close, &Style::LIST);
                }
                self.body(open, &items, Some(close), &Style::LIST, &mut |_, _| None, &mut |b, parts, _| {
                    parts.first().map_or(Doc::text(""), |item| b.doc(item))
                })
            }
        }
    }

    /// Items that fill lines.
    pub fn filled(&mut self, open: &Node, items: &[&[Node]], close: &Node, style: &Style) -> Body {
        let all = items.to_vec();
        let first: Vec<&[Node]> = all.first().into_iter().copied().collect();
        self.body(open, &first, Some(close), style, &mut |_, _| None, &mut |b, _, _| {
            let mut out = Vec::new();
            for (i, item) in all.iter().enumerate() {
                if i > 0 {
                    out.push(Doc::text(","));
                    // A line break between words groups them, and stays.
                    let grouped = item.first().is_some_and(|n| b.broken_before(n.first));
                    out.push(if grouped { Doc::Line } else { Doc::Fill });
                }
                out.push(b.spaced(item));
            }
            Doc::Seq(out)
        })
    }

    /// A bracket that has no brackets; the grammar knows none.
    fn odd(&mut self, node: &Node) -> Body {
        let all = self.spaced(&node.parts);
        Body { open: all, tail: None, lines: Vec::new(), close: Doc::text(""), padded: false, forced: false }
    }

    /// Fields and rules in braces.
    pub fn members(&mut self, open: &Node, items: &[&[Node]], close: Option<&Node>) -> Body {
        self.body(
            open,
            items,
            close,
            &Style::RECORD,
            &mut |b, parts| {
                let field = parts.first().filter(|p| p.is(Rule::field))?;
                field.parts.first().map(|name| b.written(name).chars().count())
            },
            &mut |b, parts, pad| parts.first().map_or(Doc::text(""), |member| b.member(member, pad)),
        )
    }

    fn member(&mut self, node: &Node, pad: usize) -> Doc {
        match node.parts.as_slice() {
            [name, colon, rest @ ..] if node.is(Rule::field) => {
                let name = self.leaf(name);
                let colon = self.leaf(colon);
                let rest = self.spaced(rest);
                Doc::Seq(vec![name, Doc::Pad(pad), Doc::text(" "), colon, Doc::text(" "), rest])
            }
            [word, name, colon, rest @ ..] if colon.is(Rule::colon) => {
                let head = self.leaf(word);
                let name = self.leaf(name);
                let colon = self.leaf(colon);
                let rest = self.condition(rest);
                Doc::Seq(vec![head, Doc::text(" "), name, colon, Doc::text(" "), Doc::Align(Box::new(rest))])
            }
            [] => self.leaf(node),
            parts => self.spaced(parts),
        }
    }

    /// `condition else ".."`
    pub fn condition(&mut self, parts: &[Node]) -> Doc {
        match parts {
            [condition, word, message] if word.is(Rule::kw_else) => {
                let condition = self.doc(condition);
                let word = self.leaf(word);
                let message = self.leaf(message);
                Doc::group(vec![condition, Doc::Line, word, Doc::text(" "), message])
            }
            _ => self.spaced(parts),
        }
    }

    /// `name = value` of a record.
    fn entry(&mut self, parts: &[Node], pad: usize) -> Doc {
        let [name, sign, value] = parts else { return self.spaced(parts) };
        let name = self.leaf(name);
        let sign = self.leaf(sign);
        let value = self.assigned(value, Hold::Next);
        Doc::Seq(vec![name, Doc::Pad(pad), Doc::text(" "), sign, value])
    }

    /// A value behind `=`. `otherwise` is for values that do not say for themselves where they go.
    pub fn assigned(&mut self, node: &Node, otherwise: Hold) -> Doc {
        let hold = match node.rule() {
            Some(Rule::expr) if !self.ends_in_record(node) => Hold::Rather,
            Some(Rule::expr | Rule::list | Rule::record | Rule::map | Rule::table | Rule::string) => Hold::Stay,
            Some(_) if names_record(node) => Hold::Stay,
            Some(Rule::named | Rule::term) => Hold::Rather,
            _ => otherwise,
        };
        let value = match node.rule() {
            Some(Rule::value) => self.logic(&node.parts, true),
            _ => self.doc(node),
        };
        Doc::Assign(Box::new(Assign { value, hold }))
    }
}

/// `R { .. }`
fn names_record(node: &Node) -> bool {
    node.is(Rule::named) && node.parts.last().is_some_and(|p| p.is(Rule::record))
}

fn is_stage(node: &Node) -> bool {
    matches!(
        node.rule(),
        Some(
            Rule::where_stage
                | Rule::with_stage
                | Rule::join_stage
                | Rule::group_stage
                | Rule::select_stage
                | Rule::sort_stage
                | Rule::distinct_stage
                | Rule::number_stage
                | Rule::kw_distinct
        )
    )
}

impl Builder<'_> {
    /// Whether a pipeline ends in a record, which can be opened.
    fn ends_in_record(&self, node: &Node) -> bool {
        let value = node.parts.last().filter(|stage| is_stage(stage)).and_then(|stage| stage.parts.last());
        value.is_some_and(|v| v.is(Rule::record) || names_record(v))
    }

    /// The style of the clauses of a block that may stand on one line.
    pub const fn clauses(column: Column, open: bool) -> Style {
        Style { flat: "  ", sign: "", padded: true, keeps_open: true, open, clauses: true, column }
    }
}
