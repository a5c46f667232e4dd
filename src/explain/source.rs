//! Pieces of policy text, as pages show them.

use crate::data::print;
use crate::source::{SourceMap, Span};

/// `file:line`
pub fn place(sources: &SourceMap, span: Span) -> String {
    let (file, line, _) = sources.place(span);
    format!("{file}:{line}")
}

/// A piece of policy on one line, cut where it is long.
pub(super) fn one_line(sources: &SourceMap, span: Span, longest: usize) -> String {
    let words = sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
    print::cut(&words, longest).into_owned()
}

/// A clause as written, on one line, without its keyword.
pub fn clause(sources: &SourceMap, span: Span, keyword: &str) -> String {
    let words = sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
    words.strip_prefix(keyword).map(|rest| rest.trim_start().to_owned()).unwrap_or(words)
}

/// The lines of a declaration with their numbers; of a long one the first `most`, and how many
/// more there are.
pub(super) fn lines(sources: &SourceMap, span: Span, most: usize) -> (Vec<(usize, String)>, usize) {
    let (_, first, _) = sources.place(span);
    let Some(text) = sources.get(span.source) else { return (Vec::new(), 0) };
    let start = text.text().get(..span.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    let whole = text.text().get(start..span.end as usize).unwrap_or("");
    let all: Vec<&str> = whole.lines().collect();
    let margin = all.iter().filter(|l| !l.trim().is_empty()).map(|l| l.len() - l.trim_start_matches(' ').len()).min();
    let cut = |l: &str| l.get(margin.unwrap_or(0)..).unwrap_or(l.trim_start()).trim_end().to_owned();
    let shown = all.iter().take(most).enumerate().map(|(i, l)| (first + i, cut(l))).collect();
    (shown, all.len().saturating_sub(most))
}
