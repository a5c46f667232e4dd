//! Table literals: one row a line, cells below each other.

use super::build::{Builder, Style};
use super::doc::{Body, Doc};
use crate::syntax::concrete::{Node, Rule};

impl Builder<'_> {
    /// `table { | a | b | .. }`
    pub fn table(&mut self, node: &Node) -> Doc {
        let [word, open, inside @ .., close] = node.parts.as_slice() else { return self.spaced(&node.parts) };
        let header = inside.iter().take_while(|p| !p.is(Rule::table_row)).count();
        let (header, rows) = inside.split_at_checked(header).unwrap_or((inside, &[]));
        let mut items: Vec<&[Node]> = vec![header];
        items.extend(rows.iter().map(|row| row.parts.as_slice()));
        let word = self.leaf(word);
        let style = Style { flat: " ", sign: "", padded: true, open: true, ..Style::LIST };
        let mut made: Vec<Vec<Doc>> = Vec::new();
        let mut body = self.body(open, &items, Some(close), &style, &mut |_, _| None, &mut |b, parts, _| {
            made.push(b.cells(parts));
            Doc::text("")
        });
        fill_in(&mut body, made);
        Doc::Seq(vec![word, Doc::text(" "), Doc::Body(Box::new(body))])
    }

    /// The cells between bars; the bars themselves, where comments stand before them.
    fn cells(&mut self, parts: &[Node]) -> Vec<Doc> {
        let mut cells = Vec::new();
        for part in parts {
            let doc = match part.rule() {
                Some(Rule::column) => self.spaced(&part.parts),
                _ => self.doc(part),
            };
            cells.push(doc);
        }
        cells
    }
}

/// Puts rows into the lines that wait for them, cells as wide as their column.
fn fill_in(body: &mut Body, rows: Vec<Vec<Doc>>) {
    let texts: Vec<Option<Vec<String>>> = rows
        .iter()
        .map(|row| {
            let texts: Option<Vec<String>> = row.iter().map(Doc::flat).collect();
            texts.map(|t| t.into_iter().skip(1).step_by(2).collect())
        })
        .collect();
    let mut widths: Vec<usize> = Vec::new();
    for row in texts.iter().flatten() {
        for (i, cell) in row.iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(i) {
                Some(widest) => *widest = (*widest).max(width),
                None => widths.push(width),
            }
        }
    }
    let waiting = body.lines.iter_mut().filter(|l| matches!(&l.doc, Doc::Text(text) if text.is_empty()));
    for ((line, cells), row) in waiting.zip(texts).zip(rows) {
        line.doc = match cells {
            Some(cells) => {
                let mut text = String::from("|");
                for (cell, width) in cells.iter().zip(&widths) {
                    let pad = " ".repeat(width - cell.chars().count());
                    text.push_str(&format!(" {cell}{pad} |"));
                }
                Doc::Text(text)
            }
            None => {
                let mut parts = Vec::new();
                for (i, part) in row.into_iter().enumerate() {
                    if i > 0 {
                        parts.push(Doc::text(" "));
                    }
                    parts.push(if i % 2 == 1 { Doc::Align(Box::new(part)) } else { part });
                }
                Doc::Seq(parts)
            }
        };
    }
}
