//! The tokens of JSON in a text that is known to be UTF-8: where each ends, and nothing that is
//! not exactly as RFC 8259 says.
//!
//! `None` always means: not regular. It never says why; the reader of trees does that.

const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// Powers of ten that a run of up to eight digits is worth.
const TENS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// A text, by bytes. Positions count from its start. No larger than what passes in registers:
/// it is handed on at every token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    text: &'t str,
}

impl<'t> Text<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text }
    }

    #[inline(always)]
    fn all(self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The byte at a position. Past the end it is 0, which stands nowhere in JSON.
    #[inline(always)]
    pub fn byte(self, at: usize) -> u8 {
        self.all().get(at).copied().unwrap_or(0)
    }

    pub fn len(self) -> usize {
        self.text.len()
    }

    /// Eight bytes, the first one lowest.
    #[inline(always)]
    fn word(self, at: usize) -> Option<u64> {
        self.all().get(at..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
    }

    /// A part of it.
    #[inline(always)]
    pub fn slice(self, from: usize, to: usize) -> Option<&'t str> {
        self.text.get(from..to)
    }

    #[inline(always)]
    pub fn bytes(self, from: usize, to: usize) -> Option<&'t [u8]> {
        self.all().get(from..to)
    }

    /// Past blanks, of which there are mostly none. A line feed is none: it ends the row.
    #[inline(always)]
    pub fn blanks(self, at: usize) -> usize {
        if self.byte(at) > b' ' { at } else { self.some_blanks(at) }
    }

    #[inline(never)]
    fn some_blanks(self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t' | b'\r') {
            at += 1;
        }
        at
    }

    /// Past a word such as `null`.
    #[inline(always)]
    pub fn literal(self, at: usize, word: &[u8]) -> Option<usize> {
        let end = at + word.len();
        (self.all().get(at..end)? == word).then_some(end)
    }

    /// Past `true` or `false`, and which it is.
    #[inline(always)]
    pub fn truth(self, at: usize) -> Option<(bool, usize)> {
        match self.all().get(at..)? {
            [b't', b'r', b'u', b'e', ..] => Some((true, at + 4)),
            [b'f', b'a', b'l', b's', b'e', ..] => Some((false, at + 5)),
            _ => None,
        }
    }

    /// The first quote, backslash or control character, or the end.
    #[inline(always)]
    fn plain(self, mut at: usize) -> usize {
        while let Some(word) = self.word(at) {
            // With bit 1 turned over, a quote is 0x20 and control characters stay below that.
            let low = (word ^ (ONES * 2)).wrapping_sub(ONES * 0x21);
            let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
            // No byte that is looked for has its upper bit set, turned over or not.
            let special = (low | backslash) & !word & TOPS;
            if special != 0 {
                // The lowest mark is exact; only those above it may be false.
                return at + (special.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        while at < self.text.len() && !matches!(self.byte(at), b'"' | b'\\' | 0..=0x1F) {
            at += 1;
        }
        at
    }

    /// Past a text whose opening quote is at a position; whether it holds escapes.
    #[inline(always)]
    pub fn string(self, at: usize) -> Option<(usize, bool)> {
        if self.byte(at) != b'"' {
            return None;
        }
        let end = self.plain(at + 1);
        match self.byte(end) {
            b'"' => Some((end + 1, false)),
            b'\\' => self.escaped(end).map(|end| (end, true)),
            _ => None,
        }
    }

    /// Past a text from its first backslash on.
    #[cold]
    fn escaped(self, mut at: usize) -> Option<usize> {
        loop {
            match self.byte(at) {
                b'"' => return Some(at + 1),
                b'\\' => at = self.escape(at)?,
                _ => return None,
            }
            at = self.plain(at);
        }
    }

    /// Past one escape, or a pair of them that is one character.
    fn escape(self, at: usize) -> Option<usize> {
        match self.byte(at + 1) {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 2),
            b'u' => match self.unit(at)? {
                0xD800..=0xDBFF => match self.unit(at + 6)? {
                    0xDC00..=0xDFFF => Some(at + 12),
                    _ => None,
                },
                0xDC00..=0xDFFF => None,
                _ => Some(at + 6),
            },
            _ => None,
        }
    }

    /// The number in an escape `\u1234`.
    fn unit(self, at: usize) -> Option<u32> {
        let [b'\\', b'u', digits @ ..] = self.all().get(at..at + 6)? else { return None };
        digits.iter().try_fold(0, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))
    }

    /// Past a number. What follows it is for the caller to judge.
    pub fn number(self, at: usize) -> Option<usize> {
        let mut at = at + usize::from(self.byte(at) == b'-');
        at = match self.byte(at) {
            b'0' => at + 1,
            b'1'..=b'9' => self.digits(at),
            _ => return None,
        };
        // A digit here follows a zero.
        if self.byte(at).is_ascii_digit() {
            return None;
        }
        if self.byte(at) == b'.' {
            at = self.some_digits(at + 1)?;
        }
        if matches!(self.byte(at), b'e' | b'E') {
            at += 1;
            at += usize::from(matches!(self.byte(at), b'+' | b'-'));
            at = self.some_digits(at)?;
        }
        Some(at)
    }

    fn digits(self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    fn some_digits(self, at: usize) -> Option<usize> {
        let end = self.digits(at);
        (end > at).then_some(end)
    }

    /// A whole number of at most 15 digits, written as one, and where it ends. `None` says only
    /// that it is to be read in another way.
    #[inline(always)]
    pub fn short_int(self, at: usize) -> Option<(i64, usize)> {
        let negative = self.byte(at) == b'-';
        let start = at + usize::from(negative);
        let both = u128::from_le_bytes(*self.all().get(start..)?.first_chunk::<16>()?);
        let (first, count) = leading(both as u64);
        let (number, count) = if count < 8 {
            (first, count)
        } else {
            let (second, more) = leading((both >> 64) as u64);
            // Sixteen digits or more.
            if more == 8 {
                return None;
            }
            (first * TENS.get(more)? + second, 8 + more)
        };
        let end = start + count;
        let zero_in_front = count > 1 && self.byte(start) == b'0';
        if count == 0 || zero_in_front || matches!(self.byte(end), b'.' | b'e' | b'E') {
            return None;
        }
        // At most 15 digits: it fits.
        let number = number as i64;
        Some((if negative { -number } else { number }, end))
    }
}

/// The digits that eight bytes begin with: their number, and how many there are.
#[inline(always)]
fn leading(word: u64) -> (u64, usize) {
    let digits = word ^ (ONES * b'0' as u64);
    // The upper bit of each byte that is no digit; those above the lowest may be false.
    let others = (digits | digits.wrapping_add(ONES * 0x76)) & TOPS;
    let count = if others == 0 { 8 } else { (others.trailing_zeros() / 8) as usize };
    if count == 0 {
        return (0, 0);
    }
    // Zeros in front stand for the digits that are not there.
    let digits = digits << (64 - 8 * count);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let low = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    (low.wrapping_add(high) >> 32, count)
}

/// A piece of text that stands at one place again and again, ready to be compared.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    len: usize,
    /// Its first bytes, and which of their bits count.
    words: [u64; WORDS],
    masks: [u64; WORDS],
    text: Box<str>,
}

/// Words of eight bytes that are compared at once.
const WORDS: usize = 4;

impl Piece {
    pub fn new(text: &str) -> Self {
        let (mut words, mut masks) = ([0; WORDS], [0; WORDS]);
        for ((word, mask), part) in words.iter_mut().zip(&mut masks).zip(text.as_bytes().chunks(8)) {
            for (place, byte) in part.iter().enumerate() {
                *word |= u64::from(*byte) << (8 * place);
                *mask |= 0xFF << (8 * place);
            }
        }
        Self { len: text.len(), words, masks, text: text.into() }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Past it, if it stands there.
    #[inline(always)]
    pub fn past(&self, text: Text<'_>, at: usize) -> Option<usize> {
        let Some(bytes) = text.all().get(at..).and_then(<[u8]>::first_chunk::<{ 8 * WORDS }>) else {
            return self.past_near_end(text, at);
        };
        let (found, _) = bytes.as_chunks::<8>();
        let mut differ = 0;
        for ((found, word), mask) in found.iter().zip(&self.words).zip(&self.masks) {
            differ |= (u64::from_le_bytes(*found) ^ word) & mask;
        }
        if differ != 0 {
            return None;
        }
        if self.len > 8 * WORDS { self.past_near_end(text, at) } else { Some(at + self.len) }
    }

    #[inline(never)]
    fn past_near_end(&self, text: Text<'_>, at: usize) -> Option<usize> {
        let end = at + self.len;
        (text.bytes(at, end)? == self.text.as_bytes()).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::tree::parse_json;

    #[test]
    fn whole_numbers_of_every_length_are_read_exactly() {
        let digits = "987654321012345";
        for len in 1..=15 {
            for (sign, after) in [("", ","), ("-", "}"), ("", " "), ("-", "]         ")] {
                let number = format!("{sign}{}", digits.get(..len).unwrap());
                let text = format!("x{number}{after}                ");
                let read = Text::new(&text).short_int(1);
                assert_eq!(read, Some((number.parse().unwrap(), 1 + number.len())), "{text}");
            }
        }
        for other in ["01", "-", "-01", "1.0", "1e3", "1E3", "+1", "x", "1234567890123456", "-1234567890123456", "00"] {
            let text = format!("{other},               ");
            assert_eq!(Text::new(&text).short_int(0), None, "{other}");
        }
        assert_eq!(Text::new("0,               ").short_int(0), Some((0, 1)));
        assert_eq!(Text::new("-0,               ").short_int(0), Some((0, 2)));
        // Bytes just beside the digits are none.
        for beside in ['/', ':', '\u{b0}', '\u{39}'] {
            let text = format!("12{beside}               ");
            let read = Text::new(&text).short_int(0);
            assert_eq!(read, Some(if beside == '9' { (129, 3) } else { (12, 2) }), "{beside}");
        }
    }

    /// Whether a token stands alone in its text, by this reading and by that of trees.
    fn agree(text: &str) {
        let row = Text::new(text);
        let mine = match row.byte(0) {
            b'"' => row.string(0).map(|(end, _)| end),
            b't' | b'f' => row.truth(0).map(|(_, end)| end),
            b'n' => row.literal(0, b"null"),
            _ => row.number(0),
        };
        let whole = mine.is_some_and(|end| row.blanks(end) == text.len());
        assert_eq!(whole, parse_json(text).is_ok(), "{text:?}");
    }

    #[test]
    fn tokens_are_those_of_the_tree_reader() {
        let parts = [
            "0", "1", "-", ".", "e", "E", "+", "9", " ", "\"", "\\", "u", "d", "D", "8", "c", "0041", "\\ud83d", "n",
            "\\ude00", "\\/", "\\b", "\u{7f}", "ä", "😀", "\u{1}", "\t", "true", "null", "false", "x", "abcdefgh",
        ];
        let mut state = 7u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..200_000 {
            let mut text = String::new();
            if next().is_multiple_of(2) {
                text.push('"');
            }
            for _ in 0..next() % 6 {
                text.push_str(parts[(next() % parts.len() as u64) as usize]);
            }
            if text.starts_with('"') && next().is_multiple_of(2) {
                text.push('"');
            }
            if !text.is_empty() && !text.starts_with([' ', '\t']) {
                agree(&text);
            }
        }
    }

    #[test]
    fn pieces_are_found_at_any_distance_from_the_end() {
        for len in 1..42 {
            let piece = Piece::new("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP".get(..len).unwrap());
            for after in [0, 1, 7, 8, 31, 32, 40] {
                let text = format!("..{}{}", piece.as_str(), "~".repeat(after));
                assert_eq!(piece.past(Text::new(&text), 2), Some(2 + len));
                for at in 2..2 + len {
                    let mut other = text.clone().into_bytes();
                    other[at] ^= 1;
                    assert_eq!(piece.past(Text::new(&String::from_utf8(other).unwrap()), 2), None);
                }
            }
            assert_eq!(piece.past(Text::new("abcdefghijklmnopqrst"), 210), None);
        }
    }
}
