//! From the concrete form to a layout: the builder, and the lines of a body.

use super::doc::{Body, BodyLine, Doc, Remark};
use super::gaps::{Gap, gaps};
use super::order;
use crate::syntax::concrete::{Concrete, Node, Rule};

/// Builds the layout of one text.
pub(super) struct Builder<'t> {
    text: &'t str,
    concrete: &'t Concrete,
    gaps: Vec<Gap>,
    /// Tokens in the order of the layout, commas left out.
    pub printed: Vec<usize>,
}

/// How the items of a body stand.
pub(super) struct Style {
    /// Between items on one line.
    pub flat: &'static str,
    /// Behind an item on its own line.
    pub sign: &'static str,
    /// Whether blanks stand inside the brackets.
    pub padded: bool,
    /// Whether a body that is written open stays open.
    pub keeps_open: bool,
    /// Whether it is always open.
    pub open: bool,
    /// Whether its items are clauses, which have an order.
    pub clauses: bool,
    /// The column behind the heads of items.
    pub column: Column,
}

/// How wide the heads of items are.
#[derive(Clone, Copy)]
pub(super) enum Column {
    /// As they come.
    Own,
    /// As wide as the widest one of a paragraph.
    Paragraph,
    /// As wide as the widest one of the body, and this many more.
    Widest(usize),
    /// This wide.
    Fixed(usize),
}

impl Style {
    pub const LIST: Self = Self {
        flat: ", ",
        sign: ",",
        padded: false,
        keeps_open: false,
        open: false,
        clauses: false,
        column: Column::Own,
    };
    pub const RECORD: Self = Self {
        flat: "  ",
        sign: "",
        padded: true,
        keeps_open: true,
        open: false,
        clauses: false,
        column: Column::Paragraph,
    };
}

/// An item of a body with what belongs to it.
struct Unit<'n> {
    parts: &'n [Node],
    /// Comments above it.
    above: Vec<Remark>,
    /// Whether an empty line stands before it or, if there are some, before its comments.
    blank: bool,
    /// Whether an empty line stands between its comments and it.
    apart: bool,
    /// The comment behind it.
    tail: Option<String>,
    width: Option<usize>,
    pad: usize,
}

impl<'t> Builder<'t> {
    pub fn new(text: &'t str, concrete: &'t Concrete) -> Self {
        Self { text, concrete, gaps: gaps(text, concrete), printed: Vec::new() }
    }

    /// The text of a node from its first to its last token.
    pub fn written(&self, node: &Node) -> &'t str {
        let start = self.concrete.tokens.get(node.first).map_or(0, |t| t.start);
        let end = node.end.checked_sub(1).and_then(|i| self.concrete.tokens.get(i)).map_or(start, |t| t.end);
        self.text.get(start..end).unwrap_or("")
    }

    fn take(&mut self, token: usize) -> Gap {
        self.gaps.get_mut(token).map(std::mem::take).unwrap_or_default()
    }

    /// Whether a line break or a comment stands before a token.
    pub fn broken_before(&self, token: usize) -> bool {
        self.gaps.get(token).is_some_and(|g| g.lines > 0 || !g.remarks.is_empty())
    }

    /// Whether a comment stands before a token.
    pub fn remarked(&self, token: usize) -> bool {
        self.gaps.get(token).is_some_and(|g| !g.remarks.is_empty())
    }

    /// A token with the comments before it.
    pub fn leaf(&mut self, node: &Node) -> Doc {
        let gap = self.take(node.first);
        let written = self.written(node);
        if !node.is(Rule::comma) {
            self.printed.push(node.first);
        }
        let token = if written.contains('\n') { Doc::Raw(written.to_owned()) } else { Doc::text(written) };
        if gap.remarks.is_empty() { token } else { Doc::Seq(vec![Doc::Remarks(gap.remarks), token]) }
    }

    /// All lines of the file.
    pub fn file(&mut self) -> Vec<BodyLine> {
        let concrete = self.concrete;
        let items: Vec<&[Node]> = concrete.pieces.iter().map(std::slice::from_ref).collect();
        let end = concrete.tokens.len();
        let style = Style { flat: "", sign: "", open: true, ..Style::LIST };
        let (_, lines) = self.lines(&items, end, &style, &mut |_, _| None, &mut |b, parts, _| {
            parts.first().map_or(Doc::text(""), |node| b.declaration(node))
        });
        lines
    }

    /// A body: brackets, and items between them. `measure` tells how wide the head of an item is,
    /// `build` makes it with blanks to fill up to the column.
    pub fn body(
        &mut self,
        open: &Node,
        items: &[&[Node]],
        close: Option<&Node>,
        style: &Style,
        measure: &mut dyn FnMut(&Self, &[Node]) -> Option<usize>,
        build: &mut dyn FnMut(&mut Self, &[Node], usize) -> Doc,
    ) -> Body {
        let written_open = self.broken_before(open.end);
        let open = self.leaf(open);
        // Without a bracket, what stands behind the last item belongs to what follows.
        let end = close.map_or(usize::MAX, |c| c.first);
        let (tail, lines) = self.lines(items, end, style, measure, build);
        // Comments further inside open what they stand in themselves.
        let remarks = tail.is_some() || lines.len() > items.len() || lines.iter().any(|l| l.tail.is_some());
        let forced = style.open || remarks || style.keeps_open && written_open && !lines.is_empty();
        let close = close.map_or(Doc::text(""), |close| self.leaf(close));
        Body { open, tail, lines, close, padded: style.padded, forced }
    }

    /// Items as lines; and the comment behind the opening bracket. `end` is the token behind them.
    fn lines(
        &mut self,
        items: &[&[Node]],
        end: usize,
        style: &Style,
        measure: &mut dyn FnMut(&Self, &[Node]) -> Option<usize>,
        build: &mut dyn FnMut(&mut Self, &[Node], usize) -> Doc,
    ) -> (Option<String>, Vec<BodyLine>) {
        let (open_tail, mut units, last) = self.units(items, end);
        for unit in &mut units {
            unit.width = measure(self, unit.parts);
        }
        if style.clauses {
            self.sort(&mut units);
        }
        align(&mut units, style.column);
        let mut lines = Vec::new();
        let count = units.len();
        for (i, unit) in units.into_iter().enumerate() {
            let mut blank = unit.blank;
            for (j, remark) in unit.above.iter().enumerate() {
                let gap = if j == 0 { blank } else { remark.lines > 1 };
                lines.push(BodyLine::remark(remark.text.clone(), gap));
            }
            if !unit.above.is_empty() {
                blank = unit.apart;
            }
            let doc = build(self, unit.parts, unit.pad);
            let final_item = i + 1 == count;
            let after = if final_item { "" } else { style.flat };
            let sign = if final_item { "" } else { style.sign };
            lines.push(BodyLine { blank, doc, after, sign, tail: unit.tail });
        }
        for remark in last.remarks {
            lines.push(BodyLine::remark(remark.text, remark.lines > 1));
        }
        (open_tail, lines)
    }

    /// Each item with its comments, the comment behind the opening bracket, and what stands before
    /// the closing one.
    fn units<'n>(&mut self, items: &[&'n [Node]], end: usize) -> (Option<String>, Vec<Unit<'n>>, Gap) {
        let mut open_tail = None;
        let mut units: Vec<Unit<'n>> = Vec::new();
        let mut split = |gap: &mut Gap, units: &mut Vec<Unit<'n>>| {
            if gap.remarks.first().is_some_and(|r| r.trailing) {
                let tail = Some(gap.remarks.remove(0).text);
                match units.last_mut() {
                    Some(unit) => unit.tail = tail,
                    None => open_tail = tail,
                }
            }
        };
        for parts in items {
            let Some(first) = parts.first() else { continue };
            let mut gap = self.take(first.first);
            split(&mut gap, &mut units);
            let blank = gap.remarks.first().map_or(gap.lines, |r| r.lines) > 1;
            let apart = !gap.remarks.is_empty() && gap.lines > 1;
            units.push(Unit { parts, above: gap.remarks, blank, apart, tail: None, width: None, pad: 0 });
        }
        let mut last = self.take(end);
        split(&mut last, &mut units);
        (open_tail, units, last)
    }

    /// Puts clauses in their order, paragraph by paragraph: what an empty line keeps apart stays
    /// apart.
    fn sort(&self, units: &mut [Unit<'_>]) {
        let place = |unit: &Unit<'_>| unit.parts.first().and_then(|node| order::place(node, self.written(node)));
        if units.iter().any(|u| place(u).is_none()) {
            return;
        }
        for paragraph in units.chunk_by_mut(|_, next| !next.blank && !next.apart) {
            let blank = paragraph.first().is_some_and(|u| u.blank);
            let apart = paragraph.first().is_some_and(|u| u.apart);
            if apart {
                // Comments that stand apart head the paragraph, and stay there.
                continue;
            }
            paragraph.sort_by_key(&place);
            for (i, unit) in paragraph.iter_mut().enumerate() {
                unit.blank = blank && i == 0;
            }
        }
    }
}

fn align(units: &mut [Unit<'_>], column: Column) {
    let set = |units: &mut [Unit<'_>], widest: usize| {
        for unit in units {
            unit.pad = unit.width.map_or(0, |w| widest.saturating_sub(w));
        }
    };
    let widest = |units: &[Unit<'_>]| units.iter().filter_map(|u| u.width).max().unwrap_or(0);
    match column {
        Column::Own => {}
        Column::Fixed(width) => set(units, width),
        Column::Widest(more) => {
            let widest = widest(units) + more;
            set(units, widest);
        }
        Column::Paragraph => {
            for paragraph in units.chunk_by_mut(|_, next| !next.blank && !next.apart) {
                let widest = widest(paragraph);
                set(paragraph, widest);
            }
        }
    }
}
