//! Lines, columns and colours of texts for people. Knows nothing of gates.
//!
//! Everything that comes in is made printable here, once, so no renderer can forget it.

use crate::diag::printable;

/// Columns of a text. Fixed: a report reads the same in a terminal, in a file and in the log
/// of a CI system, and two of them can be compared line by line.
pub(crate) const WIDTH: usize = 100;

/// How a piece of text looks where there are colours. Meaning never hangs on it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Doubt,
}

impl Paint {
    fn codes(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "1;32",
            Self::Bad => "1;31",
            Self::Doubt => "1;33",
        }
    }
}

/// A text under construction.
pub(crate) struct Page {
    out: String,
    colour: bool,
}

impl Page {
    pub(crate) fn new(colour: bool) -> Self {
        Self { out: String::new(), colour }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Lines written so far.
    pub(crate) fn lines(&self) -> usize {
        self.out.lines().count()
    }

    /// One line of pieces; blanks at its end are dropped.
    pub(crate) fn line(&mut self, pieces: &[(&str, Paint)]) {
        let last = pieces.iter().rposition(|(text, _)| !text.trim_end().is_empty());
        for (i, (text, paint)) in pieces.iter().enumerate() {
            let text = match last {
                Some(last) if i < last => text,
                Some(last) if i == last => text.trim_end(),
                _ => break,
            };
            let (text, codes) = (printable(text), paint.codes());
            if self.colour && !codes.is_empty() && !text.trim().is_empty() {
                self.out.push_str(&format!("\u{1b}[{codes}m{text}\u{1b}[0m"));
            } else {
                self.out.push_str(&text);
            }
        }
        self.out.push('\n');
    }

    pub(crate) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A heading of a section, after an empty line.
    pub(crate) fn heading(&mut self, text: &str) {
        self.blank();
        self.line(&[(text, Paint::Strong)]);
    }

    /// A text that wraps at the page's width: `first` opens its first line, the others are
    /// indented to `indent`.
    pub(crate) fn paragraph(&mut self, first: (&str, Paint), text: &str, paint: Paint, indent: usize) {
        let text = printable(text);
        let mut lead = printable(first.0).into_owned();
        let mut lead_paint = first.1;
        if width(&lead) > WIDTH - 20 {
            // No room beside it: lines of its own.
            let margin = lead.chars().take_while(|c| *c == ' ').count();
            for (i, line) in wrap(lead.trim_start(), WIDTH - margin, WIDTH - indent).into_iter().enumerate() {
                let margin = " ".repeat(if i == 0 { margin } else { indent });
                self.line(&[(&margin, Paint::Plain), (&line, lead_paint)]);
            }
            (lead, lead_paint) = (" ".repeat(indent), Paint::Plain);
        }
        for line in wrap(&text, WIDTH.saturating_sub(width(&lead)), WIDTH.saturating_sub(indent)) {
            self.line(&[(&lead, lead_paint), (&line, paint)]);
            lead = " ".repeat(indent);
            lead_paint = Paint::Plain;
        }
    }
}

/// Columns that a text takes. Wide and combining characters are counted as one: a column may
/// stand askew, and nothing is lost.
pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

/// Breaks a text at blanks: the first line takes `first` columns, others `rest`. Words longer
/// than a line are broken.
pub(crate) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut room = first.max(1);
    for word in text.split(' ') {
        let mut word = word.to_owned();
        loop {
            let gap = usize::from(!line.is_empty());
            if width(&line) + gap + width(&word) <= room {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(&word);
                break;
            }
            if line.is_empty() {
                let head: String = word.chars().take(room).collect();
                word = word.chars().skip(room).collect();
                lines.push(head);
            } else {
                lines.push(std::mem::take(&mut line));
            }
            room = rest.max(1);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// One piece of a table.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    paint: Paint,
}

/// A cell as it is.
pub(crate) fn cell(text: impl AsRef<str>, paint: Paint) -> Cell {
    Cell { text: printable(text.as_ref()).into_owned(), paint }
}

/// An empty cell.
pub(crate) fn empty() -> Cell {
    Cell { text: String::new(), paint: Paint::Plain }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) side: Side,
    /// Columns at most; longer text is cut. The last column takes what is left.
    pub(crate) limit: usize,
}

/// Where a column's text stands, and which end of it is cut when it is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Left; cut at the end.
    Left,
    /// Right; cut at the end.
    Right,
    /// Left; cut at the start (paths, whose end says most).
    Path,
}

/// Rows under titles. Columns that are empty in every row are left out.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
    titled: bool,
}

enum Row {
    Cells(Vec<Cell>),
    /// A remark on the row above: how far it is indented, and its text, which wraps.
    Note(usize, String, Paint),
}

impl Table {
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new(), titled: true }
    }

    /// A table without a line of titles.
    pub(crate) fn untitled(columns: &[Column]) -> Self {
        Self { titled: false, ..Self::new(columns) }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row::Cells(cells));
    }

    /// A remark on the row above.
    pub(crate) fn note(&mut self, indent: usize, text: String, paint: Paint) {
        self.rows.push(Row::Note(indent, text, paint));
    }

    fn cells(&self) -> impl Iterator<Item = &Vec<Cell>> {
        self.rows.iter().filter_map(|r| if let Row::Cells(cells) = r { Some(cells) } else { None })
    }

    /// Writes the table, indented by two.
    pub(crate) fn write(&self, page: &mut Page) {
        let shown: Vec<usize> = (0..self.columns.len())
            .filter(|i| self.cells().any(|r| r.get(*i).is_some_and(|c| !c.text.is_empty())))
            .collect();
        let mut widths = Vec::new();
        let mut used = 2;
        for (at, i) in shown.iter().enumerate() {
            let Some(column) = self.columns.get(*i) else { continue };
            let longest = self.cells().filter_map(|r| r.get(*i)).map(|c| width(&c.text)).max().unwrap_or(0);
            let last = at + 1 == shown.len();
            // A place at the end of a line is for copying: it stays whole, however long.
            if last && column.side == Side::Path {
                widths.push(longest);
                continue;
            }
            let room = if last { WIDTH.saturating_sub(used).max(8) } else { column.limit };
            let taken = longest.max(width(column.title)).min(room);
            used += taken + 2;
            widths.push(taken);
        }
        // Too wide all the same: the widest column gives way, as often as it takes.
        while used > WIDTH + 2 {
            let Some(widest) = widths.iter_mut().max().filter(|w| **w > 8) else { break };
            *widest -= 1;
            used -= 1;
        }
        let titles = Row::Cells(self.columns.iter().map(|c| cell(c.title, Paint::Faint)).collect());
        for row in self.titled.then_some(&titles).into_iter().chain(&self.rows) {
            let row = match row {
                Row::Cells(cells) => cells,
                Row::Note(indent, text, paint) => {
                    page.paragraph((&" ".repeat(*indent), Paint::Plain), text, *paint, *indent);
                    continue;
                }
            };
            let mut pieces = vec![("  ".to_owned(), Paint::Plain)];
            for (i, width) in shown.iter().zip(&widths) {
                let (Some(column), Some(cell)) = (self.columns.get(*i), row.get(*i)) else { continue };
                pieces.push((fit(&cell.text, *width, column.side), cell.paint));
                pieces.push(("  ".to_owned(), Paint::Plain));
            }
            let pieces: Vec<(&str, Paint)> = pieces.iter().map(|(t, p)| (t.as_str(), *p)).collect();
            page.line(&pieces);
        }
    }
}

fn fit(text: &str, room: usize, side: Side) -> String {
    let have = width(text);
    let text = match side {
        _ if have <= room => text.to_owned(),
        Side::Left | Side::Right => text.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
        Side::Path => std::iter::once('…').chain(text.chars().skip(have + 1 - room)).collect(),
    };
    match side {
        Side::Right => format!("{text:>room$}"),
        Side::Left | Side::Path => format!("{text:<room$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_wraps_at_blanks_and_breaks_words_that_do_not_fit() {
        assert_eq!(wrap("aa bb cc", 5, 4), ["aa bb", "cc"]);
        assert_eq!(wrap("aaaaaa b", 4, 3), ["aaaa", "aa", "b"].map(String::from));
        assert_eq!(wrap("", 4, 4), [""]);
        assert_eq!(wrap("aaaa", 0, 0), ["a", "a", "a", "a"]);
    }

    #[test]
    fn a_long_cell_is_cut_where_it_says_least() {
        assert_eq!(fit("a/b/c.json", 6, Side::Path), "….json");
        assert_eq!(fit("abcdef", 4, Side::Left), "abc…");
        assert_eq!(fit("7", 3, Side::Right), "  7");
    }

    #[test]
    fn control_characters_of_any_piece_are_shown_and_not_sent() {
        let mut page = Page::new(true);
        page.line(&[("a\u{1b}[2J", Paint::Bad)]);
        page.paragraph(("", Paint::Plain), "b\u{202e}\nc", Paint::Plain, 2);
        let mut table = Table::new(&[Column { title: "t", side: Side::Left, limit: 40 }]);
        table.row(vec![cell("c\u{7}", Paint::Plain)]);
        table.write(&mut page);
        let text = page.finish();
        assert_eq!(text.matches('\u{1b}').count(), 4, "{text:?}");
        assert!(
            text.contains("a\\u{1b}[2J") && text.contains("b\\u{202e}\\nc") && text.contains("c\\u{7}"),
            "{text:?}"
        );
    }
}
