//! Words in messages: the nearest name, and text from outside made safe to show.

/// The candidate that a person most likely meant by `word`: within a third of its length in
/// edits (at least one, at most three), a prefix rule for short cuts, ties by alphabet.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower: Vec<char> = word.to_lowercase().chars().collect();
    let mut limit = (word.chars().count() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    let (mut rows, mut other) = (Rows::default(), Vec::new());
    for candidate in candidates.into_iter().filter(|c| *c != word) {
        // A mistake in a large policy meets thousands of names: most are told by their length alone.
        if candidate.is_ascii() && candidate.len().abs_diff(lower.len()) > limit {
            continue;
        }
        other.clear();
        other.extend(candidate.chars().flat_map(char::to_lowercase));
        let Some(d) = distance(&lower, &other, limit, &mut rows) else { continue };
        if d < candidate.chars().count() && best.is_none_or(|b| (d, candidate) < b) {
            best = Some((d, candidate));
            // From here on only what is no farther matters.
            limit = d;
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The row at hand of a table of distances, and the two before it.
#[derive(Default)]
struct Rows {
    row: Vec<usize>,
    last: Vec<usize>,
    before: Vec<usize>,
}

/// Edit distance with neighbouring swaps counted as one (optimal string alignment), when it is at
/// most `limit`. Only cells that near to the diagonal are looked at.
fn distance(a: &[char], b: &[char], limit: usize, rows: &mut Rows) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit || a.len() > 200 {
        return None;
    }
    let far = limit + 1;
    let Rows { row, last, before } = rows;
    last.clear();
    last.extend((0..=b.len()).map(|j| j.min(far)));
    before.clear();
    before.resize(b.len() + 1, far);
    let mut near = 0;
    for i in 1..=a.len() {
        row.clear();
        row.resize(b.len() + 1, far);
        row[0] = i.min(far);
        let mut least = row[0];
        for j in i.saturating_sub(limit).max(1)..=(i + limit).min(b.len()) {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best.min(far);
            least = least.min(best);
        }
        // A swap reaches back over one row.
        if least > limit && near >= limit {
            return None;
        }
        near = least;
        std::mem::swap(before, last);
        std::mem::swap(last, row);
    }
    last.last().copied().filter(|d| *d <= limit)
}

/// Characters of a quoted name or text that a message still shows in full, and how many of a
/// longer one stand before and after the cut.
const QUOTED: (usize, usize, usize) = (160, 100, 40);
/// Characters of the longest message.
const LONGEST: usize = 1_200;

/// A message with everything in it cut to a length that people read: what stands in backticks in
/// its middle, the whole at its end.
pub(super) fn cut(text: String) -> String {
    if text.len() <= QUOTED.0 {
        return text;
    }
    let (most, head, tail) = QUOTED;
    let mut out = String::with_capacity(text.len().min(2 * LONGEST));
    for (i, part) in text.split('`').enumerate() {
        if i > 0 {
            out.push('`');
        }
        let length = part.chars().count();
        if i % 2 == 1 && length > most {
            out.extend(part.chars().take(head).chain(['…']).chain(part.chars().skip(length - tail)));
        } else {
            out.push_str(part);
        }
    }
    match out.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            out.truncate(end);
            out.push('…');
            out
        }
        None => out,
    }
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

/// A JSON text with the same meaning that is safe on a terminal: what [`printable`] would escape
/// becomes `\\uXXXX`, which only texts inside of it can hold. Line breaks between values stay.
pub fn printable_json(text: String) -> String {
    let sent = |c: char| c != '\n' && hidden(c);
    if !text.chars().any(sent) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut units = [0; 2];
    for c in text.chars() {
        if sent(c) {
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
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

    /// Every cell, without a limit.
    fn whole_distance(a: &[char], b: &[char]) -> usize {
        let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
        for i in 1..=a.len() {
            let mut row = vec![i];
            for j in 1..=b.len() {
                let same = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                row.push(best);
            }
            rows.push(row);
        }
        rows[a.len()][b.len()]
    }

    #[test]
    fn the_distance_within_a_limit_is_the_whole_distance() {
        // All words over two letters up to a length.
        let words: Vec<Vec<char>> = (1..=7u32)
            .flat_map(|n| {
                (0..1 << n).map(move |bits| (0..n).map(|i| if bits >> i & 1 == 0 { 'a' } else { 'b' }).collect())
            })
            .collect();
        let mut rows = Rows::default();
        for a in words.iter().step_by(3) {
            for b in &words {
                let due = whole_distance(a, b);
                for limit in 1..=3 {
                    assert_eq!(distance(a, b, limit, &mut rows), Some(due).filter(|d| *d <= limit), "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({"a\u{202e}": "\u{9b}31m\u{7f} \u{feff}ä\n"});
        let safe = printable_json(format!("{value:#}"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        assert!(safe.contains("\\u009b31m\\u007f \\ufeffä\\n") && safe.lines().count() == 3, "{safe}");
    }

    #[test]
    fn long_names_and_long_messages_are_cut() {
        let same = "a short message with a `name` in it and more words that go on for longer than a name may: \
                    they are not quoted, and so they stay as they are, whatever they say and how long it takes";
        assert_eq!(cut(same.to_owned()), same);
        let name = format!("{}b{}", "a".repeat(400), "c".repeat(400));
        let told = cut(format!("unknown name `{name}`, did you mean `x`?"));
        assert_eq!(told, format!("unknown name `{}…{}`, did you mean `x`?", "a".repeat(100), "c".repeat(40)));
        let list = (0..2000).map(|i| format!("`n{i}`")).collect::<Vec<_>>().join(", ");
        assert_eq!(cut(list).chars().count(), 1_201);
    }

    #[test]
    fn escape_sequences_do_not_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\n");
        assert_eq!(printable("user\u{202e}gpj"), "user\\u{202e}gpj");
        assert_eq!(printable("plain ä"), "plain ä");
    }
}
