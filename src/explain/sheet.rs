//! How pages look: sections, sentences, rows of what and where. Knows nothing of gates.

use super::source::place;
use crate::report::layout::{Column, Page, Paint, Side, Table, WIDTH, cell, empty, width, wrap};
use crate::source::{SourceMap, Span};

/// A value that is longer takes several lines: nothing that a profile asks is cut.
const VALUE_COLUMNS: usize = 56;

/// Rows of clause, value and place, without titles.
pub struct Facts(Table);

impl Default for Facts {
    fn default() -> Self {
        Self::new()
    }
}

impl Facts {
    /// None yet.
    pub fn new() -> Self {
        Self::with_names(14)
    }

    /// None yet, for names that people gave and not keywords.
    pub fn wide() -> Self {
        Self::with_names(40)
    }

    fn with_names(limit: usize) -> Self {
        Self(Table::untitled(&[
            Column { title: "", side: Side::Left, limit },
            Column { title: "", side: Side::Left, limit: VALUE_COLUMNS },
            Column { title: "", side: Side::Path, limit: 40 },
        ]))
    }

    /// Adds one; its value wraps.
    pub fn row(&mut self, clause: &str, value: &str, place: String) {
        let place = if place.is_empty() { empty() } else { cell(place, Paint::Faint) };
        for (i, line) in wrap(value, VALUE_COLUMNS, VALUE_COLUMNS).iter().enumerate() {
            let (clause, place) = if i == 0 { (clause, place.clone()) } else { ("", empty()) };
            self.0.row(vec![cell(clause, Paint::Faint), cell(line, Paint::Plain), place]);
        }
    }

    /// Writes them.
    pub(crate) fn write(&self, page: &mut Page) {
        self.0.write(page);
    }
}

/// A page under construction.
pub(super) struct Sheet<'a> {
    pub(super) page: Page,
    pub(super) sources: &'a SourceMap,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(sources: &'a SourceMap, colour: bool) -> Self {
        Self { page: Page::new(colour), sources }
    }

    /// What the page is about: its kind, its name, its title, its place.
    pub(super) fn title(&mut self, kind: &str, name: &str, title: &str, span: Option<Span>) {
        let title = if title.is_empty() { String::new() } else { format!("  {title}") };
        let place = span.map(|s| format!("  {}", place(self.sources, s))).unwrap_or_default();
        self.page.line(&[
            (kind, Paint::Plain),
            (" ", Paint::Plain),
            (name, Paint::Strong),
            (&title, Paint::Plain),
            (&place, Paint::Faint),
        ]);
    }

    /// A sentence or more, indented.
    pub(super) fn say(&mut self, text: &str) {
        self.page.paragraph(("  ", Paint::Plain), text, Paint::Plain, 2);
    }

    /// The doc comment of a declaration; its paragraphs stay apart.
    pub(super) fn doc(&mut self, doc: Option<&str>) {
        for line in doc.unwrap_or_default().lines().filter(|l| !l.trim().is_empty()) {
            self.say(line.trim());
        }
    }

    /// An item of a list, with a mark (`-`, `1.`).
    pub(super) fn item(&mut self, mark: &str, text: &str) {
        let lead = format!("    {mark} ");
        self.page.paragraph((&lead, Paint::Faint), text, Paint::Plain, width(&lead));
    }

    pub(super) fn section(&mut self, title: &str) {
        self.page.heading(title);
    }

    /// A statement and the place that makes it, which stands at the end of a line of its own where
    /// there is no room.
    pub(super) fn placed(&mut self, text: &str, span: Span) {
        let place = place(self.sources, span);
        let lines = wrap(text, WIDTH - 4, WIDTH - 6);
        let last = lines.len().saturating_sub(1);
        for (i, line) in lines.iter().enumerate() {
            let margin = if i == 0 { "  - " } else { "    " };
            let room = width(margin) + width(line) + 2 + width(&place) <= WIDTH;
            match (i == last, room) {
                (true, true) => self.page.line(&[
                    (margin, Paint::Faint),
                    (line, Paint::Plain),
                    ("  ", Paint::Plain),
                    (&place, Paint::Faint),
                ]),
                (true, false) => {
                    self.page.line(&[(margin, Paint::Faint), (line, Paint::Plain)]);
                    self.page.line(&[("    ", Paint::Plain), (&place, Paint::Faint)]);
                }
                _ => self.page.line(&[(margin, Paint::Faint), (line, Paint::Plain)]),
            }
        }
    }

    /// Lines of policy with their numbers.
    pub(super) fn excerpt(&mut self, span: Span, most: usize) {
        let (lines, more) = super::source::lines(self.sources, span, most);
        let digits = lines.last().map_or(1, |(n, _)| n.to_string().len());
        for (number, line) in lines {
            self.page.line(&[(&format!("  {number:>digits$} | "), Paint::Faint), (&line, Paint::Plain)]);
        }
        if more > 0 {
            self.say(&format!("and {more} lines more"));
        }
    }

    pub(super) fn finish(self) -> String {
        self.page.finish()
    }
}
