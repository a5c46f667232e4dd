//! What holds of every message and every report.

use rspp_gates::data::{EvidenceOutcome, ReadReport};
use rspp_gates::diag::{self, Diagnostic, Style};
use rspp_gates::runner;
use rspp_gates::source::{SourceMap, Span};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Characters of the longest message, label or help that is still read.
const MAX_WORDS: usize = 1_500;

/// Every diagnostic has a code with a page, places in its text, and words that may be shown.
pub fn diagnostics(diagnostics: &[Diagnostic], sources: &SourceMap) {
    static CODES: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    let codes = CODES.get_or_init(|| runner::codes().into_iter().collect());
    for d in diagnostics {
        assert!(codes.contains(d.code.0), "{} is in no list", d.code.0);
        assert!(!d.code.0.ends_with("::internal"), "a bug of ours: {}", d.message);
        assert!(!d.message.is_empty(), "{d:?} says nothing");
        d.labels.iter().for_each(|l| place(l.span, sources, d));
        d.fix.iter().for_each(|f| place(f.span, sources, d));
        let labels = d.labels.iter().map(|l| &l.text);
        for words in labels.chain([&d.message]).chain(&d.help) {
            let long = words.chars().count();
            assert!(long <= MAX_WORDS, "{}: {long} characters: {:.300}", d.code.0, words);
        }
    }
    let style = Style { colour: false, unicode: true, width: 100 };
    for d in diagnostics {
        shown(&diag::render(d, sources, &style), d.code.0);
    }
    let json = diag::render_json(diagnostics, sources).to_string();
    assert!(!json.chars().any(char::is_control), "control characters in {json:?}");
}

fn place(span: Span, sources: &SourceMap, d: &Diagnostic) {
    let text = sources.get(span.source).unwrap_or_else(|| panic!("{} points into no text: {d:?}", d.code.0));
    let range = span.start as usize..span.end as usize;
    assert!(text.text().get(range.clone()).is_some(), "{}: {range:?} is no part of the text", d.code.0);
}

/// A page for people: lines of what a terminal shows and does not obey.
pub fn shown(page: &str, what: &str) {
    let sent = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(c) = page.chars().find(|c| sent(*c)) {
        panic!("{what}: {c:?} is sent to the terminal: {page:?}");
    }
}

/// A fix takes its own mistake away. (`===` takes two turns: each makes an `=` less of it.)
pub fn fixes(diagnostics: &[Diagnostic], sources: &SourceMap, again: impl Fn(&str, &str) -> Vec<Diagnostic>) {
    for d in diagnostics {
        let Some(fix) = &d.fix else { continue };
        let Some(source) = sources.get(fix.span.source) else { continue };
        let same = |other: &Diagnostic| other.code == d.code && other.labels == d.labels && other.fix == d.fix;
        let mut text = source.text().to_string();
        let gone = (0..4).any(|_| {
            text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.text);
            !again(source.name(), &text).iter().any(same)
        });
        assert!(gone, "the fix `{}` of {d:?} changes nothing in\n{}", fix.text, source.text());
    }
}

/// A reading says what it found in words that may be shown, and counts all of it.
pub fn reading(report: &ReadReport) {
    let EvidenceOutcome::Unusable { faults, total } = &report.outcome else { return };
    assert!(!faults.is_empty() && faults.len() as u64 <= *total && faults.len() <= 100, "{total} faults: {faults:?}");
    for fault in faults {
        let words = [Some(&fault.message), fault.help.as_ref()];
        for words in words.into_iter().flatten() {
            assert!(words.chars().count() <= 600, "{}: {words}", fault.code);
            shown(words, fault.code);
        }
    }
}

/// Whether a costly look is taken at this input, which is so for one in `n`.
pub fn now_and_then(bytes: &[u8], n: u64) -> bool {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    (hash >> 20).is_multiple_of(n)
}
