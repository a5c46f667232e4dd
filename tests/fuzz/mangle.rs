//! The same policy written in another way: blanks, line breaks, comments and commas elsewhere.

use super::random::Random;

/// Tokens and comments in order.
pub fn pieces(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        let after_matches = out.last() == Some(&"matches");
        match bytes[at] {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            b'"' => at = end_of(text, string_end(bytes, at)),
            b'/' if after_matches => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'/' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = end_of(text, at + 1);
            }
            b'0'..=b'9' => at += number_length(&text[at..]),
            b if b.is_ascii_alphabetic() || b == b'_' => {
                let word = |at: &mut usize| {
                    while at < &mut bytes.len() && (bytes[*at].is_ascii_alphanumeric() || bytes[*at] == b'_') {
                        *at += 1;
                    }
                };
                word(&mut at);
                let version = text[start..at].strip_prefix('v').is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit()));
                let next = |at: usize| bytes.get(at + 1).copied().unwrap_or(b' ');
                // `v1.4`, `NF-024`
                while at < bytes.len()
                    && (version && bytes[at] == b'.' && next(at).is_ascii_digit()
                        || bytes[at] == b'-'
                            && bytes[at - 1].is_ascii_alphanumeric()
                            && next(at).is_ascii_alphanumeric())
                {
                    at += 1;
                    word(&mut at);
                }
            }
            _ => {
                let pair = ["==", "!=", "<=", ">=", "??", ".."].iter().any(|p| text[at..].starts_with(p));
                at += if pair { 2 } else { text[at..].chars().next().map_or(1, char::len_utf8) };
            }
        }
        out.push(text[start..at].trim_end());
    }
    out
}

/// The next place where a character begins; a text that is broken may be cut anywhere.
fn end_of(text: &str, at: usize) -> usize {
    (at..).find(|i| text.is_char_boundary(*i) || *i >= text.len()).unwrap_or(at).min(text.len())
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() && bytes[at] != b'\n' {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            b'{' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => {
                let mut depth = 0;
                while at < bytes.len() {
                    match bytes[at] {
                        b'"' => {
                            at = string_end(bytes, at);
                            continue;
                        }
                        b'{' => depth += 1,
                        b'}' => depth -= 1,
                        _ => {}
                    }
                    at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    if (0..4).all(digit) && bytes.get(4) == Some(&b'-') && digit(5) {
        return text.find(|c: char| !c.is_ascii_alphanumeric() && !"-+:.".contains(c)).unwrap_or(text.len());
    }
    let word = |from: usize| {
        text[from..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(text.len(), |n| from + n)
    };
    let mut end = word(0);
    if bytes.get(end) == Some(&b'.') && digit(end + 1) {
        end = word(end + 1);
    }
    if bytes.get(end) == Some(&b'%') { end + 1 } else { end }
}

/// The text with other blanks, line breaks and comments, so that it reads the same.
pub fn mangled(random: &mut Random, text: &str) -> String {
    // How much of it changes: some texts a little, some everywhere.
    let often = [2, 5, 40][random.below(3)];
    let wild = random.once_in(2);
    let mut out = String::new();
    let mut rest = text;
    let mut number = 0;
    for piece in pieces(text) {
        let at = rest.find(piece).expect("a piece of the text");
        let before = &rest[..at];
        rest = &rest[at + piece.len()..];
        let comment_before =
            out.rsplit('\n').next().is_some_and(|line| pieces(line).last().is_some_and(|p| p.starts_with('#')));
        let between: String = if !random.once_in(often) || comment_before || piece.starts_with('#') {
            before.to_owned()
        } else if before.is_empty() && !"()[]{},|".contains(piece) {
            String::new()
        } else {
            number += 1;
            match random.below(if wild { 9 } else { 5 }) {
                0 => " ".into(),
                1 => "\n".into(),
                2 => "   ".into(),
                3 => " \t ".into(),
                4 if before.contains('\n') => "\n\n\n".into(),
                4 => "  ".into(),
                5 => format!(" # note {number}\n"),
                6 => format!("\n# note {number}\n"),
                7 => format!("\n\n   # note {number}  \n\n\n      # and more\n"),
                _ => "\r\n".into(),
            }
        };
        out.push_str(&between);
        out.push_str(piece);
    }
    out.push_str(rest);
    if random.once_in(6) {
        out = out.trim_end().to_owned();
    }
    if random.once_in(6) {
        out = out.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    if random.once_in(8) { format!("\u{feff}{out}") } else { out }
}
