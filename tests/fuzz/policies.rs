//! Policies that are nearly right: real ones with words changed, lost, doubled and moved.

use super::random::Random;
use super::seeds;

/// A piece of a policy as a reader sees it: a word, a number, a text, a sign, or what is between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Blank,
    Word,
    Number,
    Text,
    Sign,
}

fn kind(token: &str) -> Kind {
    match token.chars().next() {
        Some(c) if c.is_whitespace() => Kind::Blank,
        Some('#') => Kind::Blank,
        Some('"') => Kind::Text,
        Some(c) if c.is_ascii_digit() => Kind::Number,
        Some(c) if c.is_alphabetic() || c == '_' => Kind::Word,
        _ => Kind::Sign,
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut token = String::from(c);
        let mut take = |token: &mut String, goes_on: &mut dyn FnMut(char) -> bool| {
            while let Some(next) = chars.next_if(|n| goes_on(*n)) {
                token.push(next);
            }
        };
        match c {
            '#' => take(&mut token, &mut |n| n != '\n'),
            '"' => {
                let (mut open, mut escaped) = (true, false);
                take(&mut token, &mut |n| {
                    let goes_on = open && n != '\n';
                    open &= n != '"' || escaped;
                    escaped = n == '\\' && !escaped;
                    goes_on
                });
            }
            c if c.is_whitespace() => take(&mut token, &mut char::is_whitespace),
            c if c.is_alphanumeric() || c == '_' => take(&mut token, &mut |n| n.is_alphanumeric() || n == '_'),
            '<' | '>' | '=' | '!' | '?' | '.' => take(&mut token, &mut |n| "=?.".contains(n)),
            _ => {}
        }
        out.push(token);
    }
    out
}

/// Words that were chosen to hurt.
const HOSTILE: &[&str] = &[
    "",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "|",
    ",",
    ":",
    ".",
    "..",
    "=",
    "==",
    "<=",
    "??",
    "?",
    "&&",
    "'",
    "\"",
    "\"{",
    "}\"",
    "/a/",
    "/(a*)*b/",
    "/[/",
    "#",
    "##",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u{feff}",
    "\u{0}",
    "\u{1b}[2J",
    "\u{202e}",
    "größe",
    "e\u{301}",
    "😀",
    "\\",
    "…",
    "0",
    "-1",
    "-0",
    "1.5",
    "99.9%",
    "120ms",
    "800 ms",
    "24h",
    "64MiB",
    "1_000",
    "1.s",
    "1e9",
    "2027-01-01",
    "2027-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "v1.2",
    "v1.2-rc1",
    "none",
    "true",
    "this",
    "rows",
    "group",
    "as_of",
    "candidate",
    "not",
    "and",
    "or",
    "implies",
    "in",
    "is",
    "like",
    "matches",
    "if",
    "then",
    "else",
    "exists",
    "every",
    "no",
    "select",
    "where",
    "with",
    "distinct",
    "sort by",
    "group by",
    "number",
    "join",
    "path",
    "open",
    "table { | a | b |\n | 1 | 2 | }",
    "list<",
    "map<string,",
    "T",
    "json",
    "p95(",
    "ratio(",
    "count(",
    "sum(",
    "mean(",
    "only(",
    "first(",
    "max(",
    "min(",
    "metric",
    "threshold",
    "each",
    "expect",
    "per",
    "scope",
    "samples",
    "missing worst",
    "missing exclude at most 5%",
    "decide certified 95%",
    "when empty pass",
    "required false",
    "effective from",
    "needs",
    "worst",
    "shown",
    "lenient",
    "nullable",
    "default",
    "from",
    "rule",
    "advice",
    "everywhere",
    "gate",
    "evidence",
    "let",
    "def",
    "param",
    "enum",
    "record",
    "type",
    "profile",
    "test",
    "waiver",
    "artifact",
    "contract",
    "include",
    "stage",
    "sources",
    "extends",
    "set",
    "tighten",
    "loosen",
    "because",
    "without",
    "expect gates",
];

/// Numbers at the edges of what fits.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "100",
    "1_000",
    "4096",
    "65536",
    "2147483648",
    "9223372036854775808",
    "170141183460469231731687303715884105727",
    "170141183460469231731687303715884105728",
    "999999999999999999999999999999999999999999999999999",
    "0.1",
    "0.000000000000000000000000000000000000001",
    "99999999999999999999999999.999999999999999999999",
    "0ms",
    "1ns",
    "9223372036854775807ns",
    "999999999999999d",
    "5%",
    "0%",
    "100%",
    "101%",
    "1B",
    "999999999GiB",
];

/// One text with some changes.
pub fn changed(random: &mut Random, text: &str, changes: usize) -> String {
    let mut tokens = tokens(text);
    for _ in 0..changes {
        change(random, &mut tokens);
    }
    let mut text = tokens.concat();
    if random.once_in(40) {
        text = damaged(random, &text);
    }
    text
}

fn change(random: &mut Random, tokens: &mut Vec<String>) {
    if tokens.is_empty() {
        tokens.push(random.word(HOSTILE).to_owned());
        return;
    }
    let at = random.below(tokens.len());
    match random.below(16) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[at].clone()),
        2 => {
            let other = random.below(tokens.len());
            tokens.swap(at, other);
        }
        3 | 4 => {
            // Another word of the same kind: what comes out is often still a policy.
            let of = kind(&tokens[at]);
            let same: Vec<usize> = (0..tokens.len()).filter(|i| kind(&tokens[*i]) == of).collect();
            tokens[at] = tokens[*random.pick(&same)].clone();
        }
        5 | 6 => {
            let words: Vec<usize> = (0..tokens.len()).filter(|i| kind(&tokens[*i]) == Kind::Word).collect();
            if !words.is_empty() {
                let (to, from) = (*random.pick(&words), *random.pick(&words));
                tokens[to] = tokens[from].clone();
            }
        }
        7 => tokens[at] = random.word(HOSTILE).to_owned(),
        8 => tokens.insert(at, format!(" {} ", random.word(HOSTILE))),
        9 => {
            let numbers: Vec<usize> = (0..tokens.len()).filter(|i| kind(&tokens[*i]) == Kind::Number).collect();
            if !numbers.is_empty() {
                let to = *random.pick(&numbers);
                tokens[to] = random.word(NUMBERS).to_owned();
            }
        }
        10 => {
            let (open, close) = *random.pick(&[
                ("(", ")"),
                ("[", "]"),
                ("{ a = ", " }"),
                ("f(", ")"),
                ("not ", ""),
                ("-", ""),
                ("\"{", "}\""),
            ]);
            let times = 1 << random.below(8);
            tokens[at] = format!("{}{}{}", open.repeat(times), tokens[at], close.repeat(times));
        }
        11 => {
            let long = "long_".repeat(1 << random.below(10));
            let old = tokens[at].clone();
            let everywhere = random.once_in(2);
            for token in tokens.iter_mut().filter(|t| **t == old && kind(t) == Kind::Word) {
                *token = format!("{long}{token}");
                if !everywhere {
                    break;
                }
            }
        }
        12 => {
            // A line doubled, lost or moved.
            let ends: Vec<usize> = (0..tokens.len()).filter(|i| tokens[*i].contains('\n')).collect();
            if ends.len() > 2 {
                let first = random.below(ends.len() - 1);
                let line: Vec<String> = tokens[ends[first]..ends[first + 1]].to_vec();
                if random.once_in(2) {
                    tokens.drain(ends[first]..ends[first + 1]);
                }
                let to = (*random.pick(&ends)).min(tokens.len());
                tokens.splice(to..to, line);
            }
        }
        13 => {
            // Some words out of another policy.
            let other: &String = random.pick(seeds::texts());
            let other = self::tokens(other);
            let from = random.below(other.len());
            let to = (from + 1 + random.below(12)).min(other.len());
            tokens.splice(at..at, other[from..to].iter().cloned());
        }
        14 => tokens.truncate(at),
        _ => {
            let to = (at + 1 + random.below(6)).min(tokens.len());
            tokens.drain(at..to);
        }
    }
}

/// Single characters lost, doubled or put in.
fn damaged(random: &mut Random, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(6) {
        let at = random.below(chars.len() + 1);
        if random.once_in(2) && at < chars.len() {
            chars.remove(at);
        } else {
            let odd =
                ['"', '{', '}', '\\', '\n', '\r', '\u{0}', '\u{1b}', '\u{feff}', '\u{2028}', 'ä', '#', '/', '|', '%'];
            chars.insert(at, *random.pick(&odd));
        }
    }
    chars.into_iter().collect()
}

/// A text for the parser.
pub fn text(random: &mut Random) -> String {
    if random.once_in(12) {
        return (0..random.below(80))
            .map(|_| format!("{}{}", random.word(HOSTILE), random.word(&["", " ", "\n"])))
            .collect();
    }
    let text: &String = random.pick(seeds::texts());
    let text = piece(random, text);
    let changes = 1 + random.below(4);
    changed(random, &text, changes)
}

/// At most a few declarations of a long text: what is short is quick, and as telling.
fn piece(random: &mut Random, text: &str) -> String {
    let starts: Vec<usize> = text
        .match_indices('\n')
        .map(|(i, _)| i + 1)
        .filter(|i| text[*i..].starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    if text.len() < 1500 || starts.len() < 4 || random.once_in(50) {
        return text.to_owned();
    }
    let first = random.below(starts.len());
    let last = (first + 1 + random.below(3)).min(starts.len() - 1);
    text[starts[first]..if last > first { starts[last] } else { text.len() }].to_owned()
}
