//! A first look at a text: coarse tokens, comments, and how deep things nest.
//!
//! The grammar decides what a text means; this scan never does. It finds the comments, refuses
//! text that nests so deep that the grammar's recursion could run out of stack, and gives
//! recovery something to walk over when the grammar has refused. The rules for texts, comments
//! and patterns mirror `grammar/gate.pest` exactly.

/// How deep brackets, types, quoted values, `if` and quantifiers may nest. Far above anything a
/// reader follows, and low enough for the grammar's recursion in a thread of 2 MiB.
pub(super) const MAX_NESTING: usize = 48;

/// What a token looks like from afar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Letters, digits and `_`, not starting with a digit; other letters are let in.
    Word,
    /// Starts with a digit: number, quantity or instant.
    Number,
    /// A quoted text that ends on its line; single quotes, which the language has not, are one too.
    Text,
    /// A quoted text without its closing quote, up to the end of the line.
    OpenText,
    /// A pattern after `matches`.
    Regex,
    /// Any other sign; two characters where the language has such a sign.
    Sign,
}

/// One token: its kind and its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// What it looks like.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The number of the first token on its line; its own if it is the first.
    pub leader: usize,
}

/// A comment without its line's end.
#[derive(Debug, Clone, Copy)]
pub(super) struct CommentPlace {
    /// The `#`.
    pub start: usize,
    /// One past the last byte, a `\r` left out.
    pub end: usize,
    /// Whether it is the first thing on its line.
    pub leads: bool,
}

/// What the scan found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Tokens in order.
    pub tokens: Vec<Token>,
    /// Comments in order.
    pub comments: Vec<CommentPlace>,
    /// Where the limit of nesting was first passed.
    pub too_deep: Option<(usize, usize)>,
}

/// Scans a text from byte `start` (one past a byte order mark) on.
pub(super) fn scan(text: &str, start: usize) -> Scan {
    let mut scanner =
        Scanner { text, bytes: text.as_bytes(), pos: start, out: Scan::default(), depth: Depth::default() };
    scanner.run();
    scanner.out
}

/// Words after which an operand is due, so that the next word does not begin a new clause.
const BINDING_WORDS: [&str; 29] = [
    "and",
    "as",
    "by",
    "descending",
    "distinct",
    "else",
    "every",
    "exists",
    "group",
    "if",
    "implies",
    "in",
    "is",
    "join",
    "like",
    "matches",
    "no",
    "not",
    "number",
    "of",
    "or",
    "select",
    "sort",
    "then",
    "where",
    "with",
    "from",
    "default",
    "sentinel",
];

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    out: Scan,
    depth: Depth,
}

/// How deep the place being scanned lies: brackets outside, and inside the innermost one the
/// prefixes (`if`, quantifiers) and type arguments that are still open.
#[derive(Default)]
struct Depth {
    outer: Vec<(usize, usize)>,
    prefixes: usize,
    angles: usize,
    sum: usize,
}

impl Depth {
    fn now(&self) -> usize {
        self.sum + self.outer.len() + self.prefixes + self.angles
    }

    fn open(&mut self) {
        self.outer.push((self.prefixes, self.angles));
        self.sum += self.prefixes + self.angles;
        (self.prefixes, self.angles) = (0, 0);
    }

    fn close(&mut self) {
        if let Some((prefixes, angles)) = self.outer.pop() {
            self.sum -= prefixes + angles;
            (self.prefixes, self.angles) = (prefixes, angles);
        }
    }

    fn rest(&mut self) {
        (self.prefixes, self.angles) = (0, 0);
    }
}

impl Scanner<'_> {
    fn run(&mut self) {
        let mut leads = true;
        let mut leader = 0;
        // Whether the token before could end an operand, and its word.
        let mut after_operand = false;
        let mut last_word = "";
        while let Some(&byte) = self.bytes.get(self.pos) {
            let start = self.pos;
            match byte {
                b'\n' => {
                    leads = true;
                    self.pos += 1;
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    self.pos += 1;
                    continue;
                }
                b'#' => {
                    self.comment(leads);
                    leads = false;
                    continue;
                }
                _ => {}
            }
            let kind = match byte {
                b'"' => self.quoted(),
                b'\'' => self.single_quoted(),
                b'/' if last_word == "matches" => self.pattern(),
                b'0'..=b'9' => self.number(),
                _ if is_word_start(self.char_at(start)) => {
                    self.word();
                    TokenKind::Word
                }
                _ => self.sign(),
            };
            if leads {
                leader = self.out.tokens.len();
            }
            let token = Token { kind, start, end: self.pos, leader };
            leads = false;
            let words = self.text.get(start..self.pos).unwrap_or("");
            self.measure(token, words, after_operand, last_word);
            after_operand = match kind {
                TokenKind::Word => !BINDING_WORDS.contains(&words),
                TokenKind::Sign => matches!(words, ")" | "]" | "}" | "?" | "%"),
                _ => true,
            };
            last_word = if kind == TokenKind::Word { words } else { "" };
            self.out.tokens.push(token);
        }
    }

    /// Follows the depth through one token.
    fn measure(&mut self, token: Token, words: &str, after_operand: bool, last_word: &str) {
        match token.kind {
            TokenKind::Sign => match words {
                "(" | "[" | "{" => self.depth.open(),
                ")" | "]" | "}" => self.depth.close(),
                "," | "|" => self.depth.rest(),
                "<" if matches!(last_word, "list" | "map") => self.depth.angles += 1,
                ">" => self.depth.angles = self.depth.angles.saturating_sub(1),
                ">=" if self.depth.angles > 0 => self.depth.angles -= 1,
                _ => {}
            },
            TokenKind::Word => {
                if after_operand && !BINDING_WORDS.contains(&words) {
                    // Two operands never stand side by side: something new begins here.
                    self.depth.rest();
                }
                match words {
                    "if" if last_word != "else" => self.depth.prefixes += 1,
                    "exists" | "every" | "no" => self.depth.prefixes += 1,
                    _ => {}
                }
            }
            _ if after_operand => self.depth.rest(),
            _ => {}
        }
        self.limit(self.depth.now(), token.start, token.end);
    }

    fn limit(&mut self, depth: usize, start: usize, end: usize) {
        if depth > MAX_NESTING && self.out.too_deep.is_none() {
            self.out.too_deep = Some((start, end));
        }
    }

    fn comment(&mut self, leads: bool) {
        let start = self.pos;
        let line_end = self.line_end();
        let end = if self.bytes.get(line_end.wrapping_sub(1)) == Some(&b'\r') && line_end > start {
            line_end - 1
        } else {
            line_end
        };
        self.out.comments.push(CommentPlace { start, end, leads });
        self.pos = line_end;
    }

    fn line_end(&self) -> usize {
        let rest = self.bytes.get(self.pos..).unwrap_or(&[]);
        rest.iter().position(|b| *b == b'\n').map_or(self.bytes.len(), |n| self.pos + n)
    }

    /// A quoted text: with values in braces if they are balanced, else up to the next quote of the
    /// line, else (no quote) up to the end of the line.
    fn quoted(&mut self) -> TokenKind {
        let depth = self.depth.now() + 1;
        if let Some(end) = self.balanced_text(self.pos, depth) {
            self.pos = end;
            return TokenKind::Text;
        }
        let mut at = self.pos + 1;
        loop {
            match self.bytes.get(at) {
                None | Some(b'\n') => break,
                Some(b'\\') => at += if self.bytes.get(at + 1) == Some(&b'\n') { 1 } else { 2 },
                Some(b'"') => {
                    self.pos = at + 1;
                    return TokenKind::Text;
                }
                Some(_) => at += 1,
            }
        }
        let mut end = self.line_end();
        while end > self.pos + 1 && matches!(self.bytes.get(end - 1), Some(b' ' | b'\t' | b'\r')) {
            end -= 1;
        }
        self.pos = end;
        TokenKind::OpenText
    }

    /// The end of the text that begins at `at`, if quotes and braces are balanced on its line.
    fn balanced_text(&mut self, at: usize, depth: usize) -> Option<usize> {
        if depth > MAX_NESTING {
            self.limit(depth, at, at + 1);
            return None;
        }
        let mut pos = at + 1;
        loop {
            match (self.bytes.get(pos)?, self.bytes.get(pos + 1)) {
                (b'\n', _) | (b'\\', None | Some(b'\n')) => return None,
                (b'"', _) => return Some(pos + 1),
                // A backslash may stand before a character of several bytes; the rest of them
                // are none of the bytes looked for here.
                (b'\\', Some(_)) | (b'{', Some(b'{')) | (b'}', Some(b'}')) => pos += 2,
                (b'{', _) => pos = self.value_in_text(pos + 1, depth + 1)?,
                (b'}', _) => return None,
                _ => pos += 1,
            }
        }
    }

    /// One past the `}` that closes the value which begins at `at`.
    fn value_in_text(&mut self, at: usize, depth: usize) -> Option<usize> {
        if depth > MAX_NESTING {
            self.limit(depth, at, at + 1);
            return None;
        }
        let mut pos = at;
        let mut within = depth;
        let mut word = at;
        loop {
            let byte = *self.bytes.get(pos)?;
            if !(byte.is_ascii_alphanumeric() || byte == b'_') {
                let last = self.text.get(word..pos).unwrap_or("");
                if matches!(last, "if" | "exists" | "every" | "no" | "list" | "map") {
                    within += 1;
                }
                word = pos + 1;
            }
            match byte {
                b'\n' | b'#' => return None,
                b'"' => {
                    pos = self.balanced_text(pos, within + 1)?;
                    word = pos;
                    continue;
                }
                b'{' => {
                    pos = self.value_in_text(pos + 1, within + 1)?;
                    word = pos;
                    continue;
                }
                b'(' | b'[' => within += 1,
                b')' | b']' => within = within.saturating_sub(1).max(depth),
                b'}' => return Some(pos + 1),
                _ => {}
            }
            self.limit(within, pos, pos + 1);
            if self.out.too_deep.is_some() {
                return None;
            }
            pos += 1;
        }
    }

    fn single_quoted(&mut self) -> TokenKind {
        let line = self.bytes.get(self.pos + 1..self.line_end()).unwrap_or(&[]);
        match line.iter().position(|b| *b == b'\'') {
            Some(length) => {
                self.pos += length + 2;
                TokenKind::Text
            }
            None => self.sign(),
        }
    }

    /// A pattern between slashes; a lone slash if it does not end on its line.
    fn pattern(&mut self) -> TokenKind {
        let mut at = self.pos + 1;
        loop {
            match self.bytes.get(at) {
                None | Some(b'\n') => break,
                Some(b'\\') => at += if self.bytes.get(at + 1) == Some(&b'\n') { 1 } else { 2 },
                Some(b'/') if at > self.pos + 1 => {
                    self.pos = at + 1;
                    return TokenKind::Regex;
                }
                Some(b'/') => break,
                Some(_) => at += 1,
            }
        }
        self.sign()
    }

    fn number(&mut self) -> TokenKind {
        let rest = self.text.get(self.pos..).unwrap_or("");
        if let Some(length) = instant_length(rest) {
            self.pos += length;
            return TokenKind::Number;
        }
        self.word();
        if self.bytes.get(self.pos) == Some(&b'.') && self.bytes.get(self.pos + 1).is_some_and(u8::is_ascii_digit) {
            self.pos += 1;
            self.word();
        }
        if self.bytes.get(self.pos) == Some(&b'%') {
            self.pos += 1;
        }
        TokenKind::Number
    }

    fn word(&mut self) {
        let rest = self.text.get(self.pos..).unwrap_or("");
        self.pos += rest.find(|c: char| !is_word_char(c)).unwrap_or(rest.len());
    }

    fn sign(&mut self) -> TokenKind {
        const PAIRS: [&str; 12] = ["==", "!=", "<=", ">=", "??", "..", "&&", "||", "=>", "=<", "//", "->"];
        let rest = self.text.get(self.pos..).unwrap_or("");
        self.pos +=
            if PAIRS.iter().any(|p| rest.starts_with(p)) { 2 } else { rest.chars().next().map_or(1, char::len_utf8) };
        TokenKind::Sign
    }

    fn char_at(&self, at: usize) -> char {
        self.text.get(at..).and_then(|t| t.chars().next()).unwrap_or('\0')
    }
}

/// Letters of any script count, so that a name with one is a single token in messages; the grammar
/// takes ASCII only.
fn is_word_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

/// See [`is_word_start`].
pub(super) fn is_word_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of a date or an instant at the start of `text`, however broken its time is.
fn instant_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_digit));
    let is = |at: usize, sign: u8| bytes.get(at) == Some(&sign);
    if !(digits(0..4) && is(4, b'-') && digits(5..7) && is(7, b'-') && digits(8..10)) {
        return None;
    }
    if !matches!(bytes.get(10), Some(b'T' | b't')) {
        return Some(10);
    }
    let mut end = 11;
    while bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'.')) {
        end += 1;
    }
    if matches!(bytes.get(end), Some(b'+' | b'-')) && digits(end + 1..end + 3) {
        end += 3;
        while bytes.get(end).is_some_and(|b| b.is_ascii_digit() || *b == b':') {
            end += 1;
        }
    }
    Some(end)
}
