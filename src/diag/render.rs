//! Diagnostics as people and tools read them: a marked excerpt of the policy, or JSON.
//!
//! This file and `excerpt.rs` are the only ones that name miette. A diagnostic is a plain value;
//! [`Shown`] borrows it together with the lines around its places and speaks miette's language.
//! Nothing here may put a control character of a policy, a path or evidence on a terminal.

use super::excerpt::Excerpt;
use super::{Diagnostic, Label, Severity, printable};
use crate::source::{SourceId, SourceMap};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// How a rendered diagnostic looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are used.
    pub colour: bool,
    /// Whether frames are drawn with box characters and not with ASCII.
    pub unicode: bool,
    /// Columns of the terminal; longer messages wrap.
    pub width: usize,
}

/// One diagnostic for people: its code, what is wrong, the marked excerpt, help, and a line for
/// each place in another file or in evidence. Ends with a newline.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, style: &Style) -> String {
    let width = style.width.max(40);
    let shown = Shown::new(diagnostic, sources, width);
    let theme = GraphicalTheme {
        characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if style.colour { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width)
        .with_links(false)
        // Wrapped here, so that no quoted piece of policy is cut in two.
        .with_wrap_lines(false)
        .without_syntax_highlighting();
    let mut out = String::new();
    if handler.render_report(&mut out, &shown).is_err() {
        // A formatter that writes to a string fails on no input known; never lose the message.
        out = format!("{}\n\n  {}\n", diagnostic.code.0, shown);
    }
    for note in shown.notes(sources) {
        out.push_str("  note: ");
        out.push_str(&note);
        out.push('\n');
    }
    if let Some(place) = &diagnostic.evidence {
        out.push_str(&format!("  evidence: {place}\n"));
    }
    let mut trimmed = String::with_capacity(out.len());
    for line in out.trim_end().lines() {
        trimmed.push_str(line.trim_end());
        trimmed.push('\n');
    }
    trimmed
}

/// All diagnostics for tools, in the order given: an array of objects with `code`, `severity`,
/// `message`, `labels` (each with `file`, `line`, `column`, `end_line`, `end_column`, byte
/// `offset` and `length`, `text`), and `help`, `fix`, `evidence` where there are any. Lines and
/// columns count from 1, columns in characters; ends are exclusive.
pub fn render_json(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    Value::Array(diagnostics.iter().map(|d| diagnostic_json(d, sources)).collect())
}

fn diagnostic_json(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let mut object = Map::new();
    object.insert("code".into(), json!(diagnostic.code.0));
    object.insert("severity".into(), json!(severity_word(diagnostic.severity)));
    object.insert("message".into(), json!(diagnostic.message));
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let mut place = place_json(label.span, sources);
            place.insert("text".into(), json!(label.text));
            Value::Object(place)
        })
        .collect();
    object.insert("labels".into(), Value::Array(labels));
    if let Some(help) = &diagnostic.help {
        object.insert("help".into(), json!(help));
    }
    if let Some(fix) = &diagnostic.fix {
        let mut place = place_json(fix.span, sources);
        place.insert("replacement".into(), json!(fix.text));
        object.insert("fix".into(), Value::Object(place));
    }
    if let Some(place) = &diagnostic.evidence {
        let mut evidence = Map::new();
        evidence.insert("file".into(), json!(&*place.file));
        for (key, number) in [("line", place.line), ("column", place.column)] {
            if let Some(number) = number {
                evidence.insert(key.into(), json!(number));
            }
        }
        for (key, text) in [("pointer", &place.pointer), ("key", &place.key)] {
            if let Some(text) = text {
                evidence.insert(key.into(), json!(&**text));
            }
        }
        object.insert("evidence".into(), Value::Object(evidence));
    }
    Value::Object(object)
}

fn place_json(span: crate::source::Span, sources: &SourceMap) -> Map<String, Value> {
    let (file, line, column) = sources.place(span);
    let (end_line, end_column) =
        sources.get(span.source).map_or((line, column), |text| text.line_column(span.end.max(span.start)));
    let mut object = Map::new();
    object.insert("file".into(), json!(&*file));
    object.insert("line".into(), json!(line));
    object.insert("column".into(), json!(column));
    object.insert("end_line".into(), json!(end_line));
    object.insert("end_column".into(), json!(end_column));
    object.insert("offset".into(), json!(span.start));
    object.insert("length".into(), json!(span.len()));
    object
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A diagnostic with the text that its primary place lies in, as miette wants it.
struct Shown<'a> {
    diagnostic: &'a Diagnostic,
    home: Option<SourceId>,
    source: Option<Excerpt>,
    message: String,
    help: Option<String>,
}

impl<'a> Shown<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &SourceMap, width: usize) -> Self {
        let home = diagnostic.span().map(|s| s.source);
        let source = diagnostic.span().and_then(|primary| {
            let text = sources.get(primary.source)?;
            let end = text.text().len();
            let here = diagnostic.labels.iter().filter(|l| l.span.source == primary.source);
            let marks: Vec<(usize, usize)> =
                here.map(|l| ((l.span.start as usize).min(end), (l.span.end as usize).min(end))).collect();
            let (line, _) = text.line_column(primary.start);
            Some(Excerpt::new(text.name(), text.text(), &marks, line))
        });
        // Room for the frame before a message, and for the word before a help.
        let message = wrapped(&printable(&diagnostic.message), width.saturating_sub(6));
        let help = diagnostic.help.as_ref().map(|help| {
            let lines: Vec<String> = help.lines().map(|l| wrapped(&printable(l), width.saturating_sub(10))).collect();
            lines.join("\n")
        });
        Self { diagnostic, home, source, message, help }
    }

    /// Labels of the primary file, clamped to its text.
    fn here(&self) -> impl Iterator<Item = &'a Label> + use<'_, 'a> {
        self.diagnostic.labels.iter().filter(|l| Some(l.span.source) == self.home && self.source.is_some())
    }

    /// Labels of other files, one line each.
    fn notes(&self, sources: &SourceMap) -> Vec<String> {
        let elsewhere = self.diagnostic.labels.iter().filter(|l| Some(l.span.source) != self.home);
        elsewhere
            .map(|label| {
                let (file, line, column) = sources.place(label.span);
                format!("{}:{line}:{column}: {}", printable(&file), printable(&label.text))
            })
            .collect()
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.diagnostic)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.diagnostic.code.0))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|s| s as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let source = self.source.as_ref()?;
        Some(Box::new(self.here().enumerate().map(move |(i, label)| {
            let place = source.place(label.span.start as usize, label.span.end as usize);
            let text = (!label.text.is_empty()).then(|| printable(&label.text).into_owned());
            if i == 0 {
                LabeledSpan::new_primary_with_span(text, place)
            } else {
                LabeledSpan::new_with_span(text, place)
            }
        })))
    }
}

/// Breaks a text at blanks into lines of at most `width` columns. What stands in backticks stays in
/// one piece, unless it is longer than a line.
fn wrapped(text: &str, width: usize) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut quoted = false;
    for word in text.split(' ') {
        match pieces.last_mut() {
            Some(piece) if quoted && piece.chars().count() + word.chars().count() < width => {
                piece.push(' ');
                piece.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
        quoted ^= word.matches('`').count() % 2 == 1;
    }
    let mut out = String::new();
    let mut column = 0;
    for piece in pieces {
        let length = piece.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(&piece);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::excerpt::is_hidden;
    use crate::diag::{Code, EvidencePlace};
    use crate::source::Span;

    const PLAIN: Style = Style { colour: false, unicode: true, width: 100 };

    fn two_files() -> (SourceMap, SourceId, SourceId) {
        let mut sources = SourceMap::default();
        let a = sources.add("gates/a.gate", "gate a.b {\n  threshold <= 120 ms\n}\n");
        let b = sources.add("gates/b.gate", "let x = 1\n");
        (sources, a, b)
    }

    #[test]
    fn a_place_in_another_file_is_a_note_and_evidence_has_its_line() {
        let (sources, a, b) = two_files();
        let d = Diagnostic::error(Code("rspp::test::x"), "`ms` stands apart", Span::new(a, 26, 32), "this number")
            .label(Span::new(b, 4, 5), "first declared here")
            .help("write `120ms`")
            .in_evidence(EvidencePlace { file: "e/t.csv".into(), line: Some(3), ..EvidencePlace::default() });
        let text = render(&d, &sources, &PLAIN);
        assert!(text.starts_with("rspp::test::x\n"), "{text}");
        assert!(text.contains("gates/a.gate:2:16"), "{text}");
        assert!(text.contains("this number"), "{text}");
        assert!(text.contains("help: write `120ms`"), "{text}");
        assert!(text.contains("  note: gates/b.gate:1:5: first declared here\n"), "{text}");
        assert!(text.ends_with("  evidence: e/t.csv:3\n"), "{text}");
    }

    #[test]
    fn escape_sequences_in_source_name_message_label_and_help_are_not_printed() {
        let mut sources = SourceMap::default();
        let a = sources.add("gates/\u{1b}]0;x\u{7}.gate", "let \u{1b}[31m\u{202e}\u{85} = 1\r\nlet y\r= 2");
        let d = Diagnostic::error(Code("rspp::test::x"), "found \u{1b}[2J", Span::new(a, 4, 9), "\u{1b}[1m")
            .label(Span::new(a, 24, 25), "there")
            .help("drop \u{9b}31m");
        for unicode in [true, false] {
            let text = render(&d, &sources, &Style { colour: false, unicode, width: 80 });
            let bad = text.chars().find(|c| *c != '\n' && is_hidden(*c));
            assert_eq!(bad, None, "{text:?}");
        }
    }

    #[test]
    fn places_outside_the_text_and_unknown_sources_do_not_break_rendering() {
        let (sources, a, _) = two_files();
        for span in [Span::new(a, 999, 1200), Span::new(a, 36, 36), Span::new(SourceId(9), 0, 3)] {
            let d = Diagnostic::error(Code("rspp::test::x"), "something", span, "here");
            assert!(render(&d, &sources, &PLAIN).contains("something"));
        }
        let general = Diagnostic::general(Code("rspp::test::x"), "no file");
        assert!(render(&general, &sources, &PLAIN).contains("no file"));
    }

    #[test]
    fn a_long_line_is_cut_around_its_marks_and_keeps_its_place() {
        let mut sources = SourceMap::default();
        let text = format!(
            "# größe\nlet a = 1\ngate g {{ {} threshold <= 3 {} }}\nlet b = 2\n",
            "ä ".repeat(900),
            "x ".repeat(900)
        );
        let id = sources.add("a.gate", &text);
        let at = text.find("threshold").unwrap();
        let brace = text.find('{').unwrap();
        let d = Diagnostic::error(Code("rspp::test::x"), "m", Span::new(id, at, at + 9), "here")
            .label(Span::new(id, brace, brace + 1), "opened");
        let shown = render(&d, &sources, &PLAIN);
        assert!(shown.contains("a.gate:3:1811]"), "{shown}");
        assert!(shown.contains(" 3 │ gate g {") && shown.contains("threshold <= 3"), "{shown}");
        assert!(shown.contains("opened") && shown.contains("here") && shown.contains(" 4 │ let b = 2"), "{shown}");
        assert!(shown.lines().all(|l| l.chars().count() < 400), "{shown}");
    }

    #[test]
    fn lines_break_at_blanks_and_not_inside_quoted_policy() {
        let text = "an instant is a date and a time, as in `2026-03-31T08:00:00Z and more`, then an offset";
        let lines = wrapped(text, 40);
        assert!(lines.contains("`2026-03-31T08:00:00Z and more`"), "{lines}");
        assert!(lines.lines().all(|l| l.chars().count() <= 40), "{lines}");
        assert_eq!(lines.replace('\n', " "), text);
    }

    #[test]
    fn json_counts_lines_and_columns_from_one() {
        let (sources, a, _) = two_files();
        let d = Diagnostic::warning(Code("rspp::test::x"), "m", Span::new(a, 13, 22), "l")
            .help("h")
            .fix(Span::new(a, 13, 22), "metric");
        let value = render_json(&[d], &sources);
        assert_eq!(
            value,
            json!([{
                "code": "rspp::test::x", "severity": "warning", "message": "m",
                "labels": [{"file": "gates/a.gate", "line": 2, "column": 3, "end_line": 2, "end_column": 12,
                            "offset": 13, "length": 9, "text": "l"}],
                "help": "h",
                "fix": {"file": "gates/a.gate", "line": 2, "column": 3, "end_line": 2, "end_column": 12,
                        "offset": 13, "length": 9, "replacement": "metric"},
            }])
        );
    }
}
