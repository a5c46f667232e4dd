//! Words in messages: the nearest name, and text from outside made safe to show.

/// The candidate that a person most likely meant by `word`: within a third of its length in
/// edits (at least one, at most three), a prefix rule for short cuts, ties by alphabet.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|c| *c != word)
        .filter_map(|c| {
            let d = distance(&word.to_lowercase(), &c.to_lowercase());
            (d <= limit && d < c.chars().count()).then_some((d, c))
        })
        .min()
        .map(|(_, c)| c)
}

/// Edit distance with neighbouring swaps counted as one (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 3 || a.len() > 200 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

/// Text from outside, safe on a terminal: control characters, bidi overrides and other
/// invisible format characters become `\u{..}`; newline and tab become `\n`, `\t`.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.chars().any(hidden) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.into()
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_of_letters_is_one_edit() {
        assert_eq!(did_you_mean("treshold", ["threshold", "thing"]), Some("threshold"));
        assert_eq!(did_you_mean("metirc", ["metric", "missing"]), Some("metric"));
        assert_eq!(did_you_mean("zebra", ["metric", "missing"]), None);
        assert_eq!(did_you_mean("id", ["if", "kind"]), Some("if"));
    }

    #[test]
    fn escape_sequences_do_not_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\n");
        assert_eq!(printable("user\u{202e}gpj"), "user\\u{202e}gpj");
        assert_eq!(printable("plain ä"), "plain ä");
    }
}
