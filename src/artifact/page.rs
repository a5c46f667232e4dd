//! A document as a page for people: Markdown that any viewer shows alike.
//!
//! A record is a table of its plain fields and a section for each other one; a list of records is a
//! table, any other list has bullets. The last line is the status. Everything that comes from
//! outside is escaped: it makes no markup, no link, no second column. Long lists and long texts are
//! cut and say by how much; the document has them whole.

use crate::data::{Json, JsonKind, print};
use crate::diag::printable;
use std::borrow::Cow;

/// Rows of a table and bullets of a list that are shown.
const ROWS: usize = 50;
/// Columns of a table of records.
const COLUMNS: usize = 12;
/// Characters of one text.
const TEXT: usize = 300;
/// Characters of a record or list inside of a cell.
const INLINE: usize = 120;
/// Levels of headings below the title; what nests deeper stands in a cell.
const LEVELS: usize = 4;
/// Lines of a page. Records in records may be many even if none is long.
const LINES: usize = 2_000;

/// The page of a document; its last line is `Status: PASS` or `Status: FAIL`.
pub fn page(title: &str, document: &Json, passed: bool) -> String {
    let mut page = Page { out: String::new(), lines: 0 };
    page.line(&format!("# {}", escaped(title)));
    page.part(document, 1);
    if page.lines > LINES {
        page.out.push_str("\nThe page ends here; the document has the rest.\n");
    }
    page.out.push_str(if passed { "\nStatus: PASS\n" } else { "\nStatus: FAIL\n" });
    page.out
}

struct Page {
    out: String,
    lines: usize,
}

impl Page {
    /// A line; nothing once the page is full.
    fn line(&mut self, text: &str) {
        self.lines += 1;
        if self.lines <= LINES {
            self.out.push_str(text);
            self.out.push('\n');
        }
    }

    fn part(&mut self, json: &Json, level: usize) {
        match &json.kind {
            JsonKind::Object(entries) => self.record(entries, level),
            JsonKind::List(items) => self.list(items),
            _ => {
                self.line("");
                self.line(&cell(json));
            }
        }
    }

    fn record(&mut self, entries: &[(std::sync::Arc<str>, Json)], level: usize) {
        let is_section = |json: &Json| level <= LEVELS && !is_plain(json);
        let plain: Vec<_> = entries.iter().filter(|(_, v)| !is_section(v)).collect();
        if !plain.is_empty() {
            self.line("");
            self.line("| field | value |");
            self.line("| --- | --- |");
            for (key, value) in plain.iter().take(ROWS) {
                self.line(&format!("| {} | {} |", escaped(key), cell(value)));
            }
            self.more(plain.len());
        }
        let sections = entries.iter().filter(|(_, v)| is_section(v));
        let count = sections.clone().count();
        for (key, value) in sections.take(ROWS) {
            self.line("");
            self.line(&format!("{} {}", "#".repeat(level + 1), escaped(key)));
            self.part(value, level + 1);
        }
        self.more(count);
    }

    fn list(&mut self, items: &[Json]) {
        let records: Vec<_> = items
            .iter()
            .filter_map(|item| match &item.kind {
                JsonKind::Object(entries) => Some(entries),
                _ => None,
            })
            .collect();
        self.line("");
        if records.len() < items.len() {
            for item in items.iter().take(ROWS) {
                self.line(&format!("- {}", cell(item)));
            }
            return self.more(items.len());
        }
        let mut columns: Vec<&str> = Vec::new();
        for (key, _) in records.iter().take(ROWS).flat_map(|r| r.iter()) {
            if !columns.contains(&&**key) {
                columns.push(key);
            }
        }
        let unshown = columns.split_off(columns.len().min(COLUMNS));
        let row = |cells: Vec<Cow<'_, str>>| format!("| {} |", cells.join(" | "));
        self.line(&row(columns.iter().map(|c| escaped(c)).collect()));
        self.line(&row(columns.iter().map(|_| "---".into()).collect()));
        for record in records.iter().take(ROWS) {
            let value = |column: &&str| match record.iter().find(|(k, _)| **k == **column) {
                Some((_, value)) => Cow::Owned(cell(value)),
                None => "".into(),
            };
            self.line(&row(columns.iter().map(value).collect()));
        }
        self.more(items.len());
        if !unshown.is_empty() {
            let names: Vec<Cow<'_, str>> = unshown.iter().take(ROWS).map(|c| escaped(c)).collect();
            self.line("");
            self.line(&format!("Not shown of each: {}.", names.join(", ")));
        }
    }

    /// Says how much of a list is not shown.
    fn more(&mut self, all: usize) {
        if let Some(more) = all.checked_sub(ROWS).filter(|more| *more > 0) {
            self.line("");
            self.line(&format!("and {more} more"));
        }
    }
}

/// Whether a value has its place in a table.
fn is_plain(json: &Json) -> bool {
    match &json.kind {
        JsonKind::List(items) => items.is_empty(),
        JsonKind::Object(entries) => entries.is_empty(),
        _ => true,
    }
}

/// A value on one line.
fn cell(json: &Json) -> String {
    match &json.kind {
        JsonKind::Null => "none".to_owned(),
        JsonKind::Bool(b) => b.to_string(),
        JsonKind::Number(n) => escaped(&print::cut(n, TEXT)).into_owned(),
        JsonKind::Text(t) => escaped(&print::cut(t, TEXT)).into_owned(),
        JsonKind::List(_) | JsonKind::Object(_) if is_plain(json) => "none".to_owned(),
        JsonKind::List(_) | JsonKind::Object(_) => {
            let mut out = String::new();
            inline(json, &mut out);
            escaped(&print::cut(&out, INLINE)).into_owned()
        }
    }
}

/// `a, b` and `x: 1, y: [2, 3]`, as far as it is going to be shown.
fn inline(json: &Json, out: &mut String) {
    let parts = |out: &mut String, i: usize| {
        if i > 0 {
            out.push_str(", ");
        }
    };
    if out.len() > INLINE * 8 {
        return;
    }
    match &json.kind {
        JsonKind::Null => out.push_str("none"),
        JsonKind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        JsonKind::Number(text) | JsonKind::Text(text) => out.push_str(text),
        JsonKind::List(items) => {
            for (i, item) in items.iter().enumerate() {
                parts(out, i);
                nested(item, out);
            }
        }
        JsonKind::Object(entries) => {
            for (i, (key, value)) in entries.iter().enumerate() {
                parts(out, i);
                out.push_str(key);
                out.push_str(": ");
                nested(value, out);
            }
        }
    }
}

fn nested(json: &Json, out: &mut String) {
    let (open, close) = match &json.kind {
        JsonKind::List(_) => ("[", "]"),
        JsonKind::Object(_) => ("{", "}"),
        _ => ("", ""),
    };
    out.push_str(open);
    inline(json, out);
    out.push_str(close);
}

/// Text from outside as it is to be read: on one line, nothing in it means markup, in GitHub's
/// Markdown too.
fn escaped(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    let text = text.trim();
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '$' | '@' => out.extend(['\\', c]),
            // Inside of a word it is only itself.
            '_' if !(word(before) && word(next)) => out.push_str("\\_"),
            // `http://` and `www.` would become links.
            ':' if next == Some('/') => out.push_str("\\:"),
            '.' if out.to_ascii_lowercase().ends_with("www") => out.push_str("\\."),
            // What begins a block, at the beginning of a line.
            '#' | '-' | '+' | '=' | '!' if before.is_none() => out.extend(['\\', c]),
            '.' | ')'
                if out.chars().all(|c| c.is_ascii_digit()) && !out.is_empty() && next.is_none_or(|n| n == ' ') =>
            {
                out.extend(['\\', c]);
            }
            c => out.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::parse_json;

    fn shown(document: &str) -> String {
        page("A page", &parse_json(document).unwrap(), false)
    }

    #[test]
    fn records_are_tables_and_sections_and_lists_of_records_are_tables() {
        let found = shown(
            r#"{"a_b": 1, "when": "2026-03-01T00:00:00Z", "deep": {"x": null, "y": [], "z": {"w": true}},
                "rows": [{"id": "t1", "n": 1}, {"id": "t2", "of": [1, {"k": "v"}]}], "texts": ["one", "1. two"]}"#,
        );
        let expected = "# A page

| field | value |
| --- | --- |
| a_b | 1 |
| when | 2026-03-01T00:00:00Z |

## deep

| field | value |
| --- | --- |
| x | none |
| y | none |

### z

| field | value |
| --- | --- |
| w | true |

## rows

| id | n | of |
| --- | --- | --- |
| t1 | 1 |  |
| t2 |  | 1, {k: v} |

## texts

- one
- 1\\. two

Status: FAIL
";
        assert_eq!(found, expected);
    }

    #[test]
    fn nothing_from_outside_becomes_markup() {
        for (text, safe) in [
            ("<b>|*x*_y_", "&lt;b&gt;\\|\\*x\\*\\_y\\_"),
            ("a_b `c` [d](e)", "a_b \\`c\\` \\[d\\](e)"),
            ("# heading", "\\# heading"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("1.5", "1.5"),
            ("see http://x.y or www.x.y", "see http\\://x.y or www\\.x.y"),
            ("line\nbreak\u{202e}", "line\\\\nbreak\\\\u{202e}"),
            ("&copy; me@here", "&amp;copy; me\\@here"),
            ("  padded  ", "padded"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }

    #[test]
    fn long_lists_and_texts_are_cut() {
        let many = (0..60).map(|i| format!("{{\"n\": {i}}}")).collect::<Vec<_>>().join(",");
        let found = shown(&format!("{{\"rows\": [{many}], \"text\": \"{}\"}}", "x".repeat(400)));
        assert!(found.contains("\n| 49 |\n\nand 10 more\n"), "{found}");
        assert!(found.contains(".. (100 more characters)"), "{found}");
    }

    #[test]
    fn a_page_has_an_end() {
        let leaf = format!("[{}]", (0..50).map(|i| i.to_string()).collect::<Vec<_>>().join(","));
        let entries = |value: &str| {
            let all = (0..100).map(|i| format!("\"k{i}\": {value}")).collect::<Vec<_>>().join(",");
            format!("{{{all}}}")
        };
        let found = shown(&entries(&entries(&leaf)));
        assert!(found.lines().count() < LINES + 10, "{}", found.lines().count());
        assert!(found.ends_with("The page ends here; the document has the rest.\n\nStatus: FAIL\n"), "{found}");
    }
}
