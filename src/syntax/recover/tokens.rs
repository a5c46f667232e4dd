//! The scan's tokens with the questions that recovery asks.

use crate::syntax::keywords;
use crate::syntax::scan::{Token, TokenKind};

/// All tokens of a file and its text.
#[derive(Debug, Clone, Copy)]
pub(in crate::syntax) struct Tokens<'t> {
    /// The text they lie in.
    pub text: &'t str,
    /// The tokens.
    pub all: &'t [Token],
}

impl<'t> Tokens<'t> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The words of a token; empty past the end.
    pub fn text(&self, i: usize) -> &'t str {
        self.all.get(i).and_then(|t| self.text.get(t.start..t.end)).unwrap_or("")
    }

    /// What a token looks like.
    pub fn kind(&self, i: usize) -> Option<TokenKind> {
        self.all.get(i).map(|t| t.kind)
    }

    /// Whether a token is this sign.
    pub fn is(&self, i: usize, sign: &str) -> bool {
        self.is_sign(i) && self.text(i) == sign
    }

    /// Whether a token is a sign at all.
    pub fn is_sign(&self, i: usize) -> bool {
        self.kind(i) == Some(TokenKind::Sign)
    }

    /// Whether a token is a word.
    pub fn is_word(&self, i: usize) -> bool {
        self.kind(i) == Some(TokenKind::Word)
    }

    /// The word, if the token is one; else empty.
    pub fn word(&self, i: usize) -> &'t str {
        if self.is_word(i) { self.text(i) } else { "" }
    }

    /// Whether a token is a quoted text, closed or not.
    pub fn is_text(&self, i: usize) -> bool {
        matches!(self.kind(i), Some(TokenKind::Text | TokenKind::OpenText))
    }

    /// First byte of a token; the end of the text past the last one.
    pub fn start(&self, i: usize) -> usize {
        self.all.get(i).map_or(self.text.len(), |t| t.start)
    }

    /// One past the last byte of a token.
    pub fn end(&self, i: usize) -> usize {
        self.all.get(i).map_or(self.text.len(), |t| t.end)
    }

    /// Whether a token is the first on its line.
    pub fn leads(&self, i: usize) -> bool {
        self.all.get(i).is_some_and(|t| t.leader == i)
    }

    /// Bytes between the start of the line and a token that leads it.
    pub fn column(&self, i: usize) -> usize {
        let start = self.start(i);
        let before = self.text.get(..start).unwrap_or("");
        let line = before.rfind('\n').map_or(0, |n| n + 1);
        let line = if line == 0 && before.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { line };
        start - line
    }

    /// The column of the first token on the line of a token.
    pub fn indent(&self, i: usize) -> usize {
        self.column(self.all.get(i).map_or(i, |t| t.leader))
    }

    /// The first token that ends after a byte.
    pub fn at(&self, byte: usize) -> usize {
        self.all.partition_point(|t| t.end <= byte)
    }

    /// Whether a token can end an operand, so that a word after it begins something new.
    pub fn ends_operand(&self, i: usize) -> bool {
        match self.kind(i) {
            Some(TokenKind::Sign) => matches!(self.text(i), ")" | "]" | "}" | "?" | "%" | "," | ">" | "*"),
            Some(TokenKind::Word) if self.is_member(i) => true,
            Some(TokenKind::Word) => {
                let word = self.text(i);
                let operand = ["true", "false", "none", "null", "this", "distinct", "descending"].contains(&word);
                operand
                    || !(keywords::INFIX.contains(&word)
                        || keywords::STAGES.contains(&word)
                        || word == "by"
                        || word == "if")
            }
            Some(_) => true,
            None => false,
        }
    }

    /// Whether a token stands behind a dot, where every word is a name.
    fn is_member(&self, i: usize) -> bool {
        i.checked_sub(1).is_some_and(|before| self.is(before, "."))
    }

    /// Whether a word goes on with what stands before it.
    pub fn continues(&self, i: usize) -> bool {
        let word = self.word(i);
        !word.is_empty()
            && !self.is_member(i)
            && (keywords::INFIX.contains(&word)
                || keywords::STAGES.contains(&word)
                || ["by", "descending", "shown", "because", "true", "false", "none", "null", "this", "if"]
                    .contains(&word))
    }
}
