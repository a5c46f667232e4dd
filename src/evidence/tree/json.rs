//! A strict reader of JSON (RFC 8259): numbers stay text, names do not repeat, every byte is
//! judged, also in parts that are not kept.

use super::{Keep, TextFault};
use crate::data::{Json, JsonKind};
use crate::diag::printable;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// How deep lists and objects may nest, in every format.
pub const MAX_DEPTH: usize = 128;

/// Beyond so many names an object's names are looked up by hash.
const FEW_NAMES: usize = 24;

/// Reads a whole file's text: one value, blanks around it, nothing else. A byte order mark in
/// front is skipped; offsets count it.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse_json(text: &str) -> Result<Json, TextFault> {
    let (text, base) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, 3),
        None => (text, 0),
    };
    let mut parser = Parser::new(text, base);
    parser.blanks();
    if parser.peek().is_none() {
        let fault = TextFault::new("rspp::evidence::syntax", base, "the file is empty");
        return Err(fault.help("write a JSON value; an empty list is `[]`"));
    }
    let value = parser.value(&Keep::All).map_err(|f| *f)?;
    parser.end("the file").map_err(|f| *f)?;
    Ok(value)
}

/// Reads the text of one row that stands at an offset of its file.
pub(in crate::evidence) fn parse_row(text: &str, at: u64, keep: &Keep) -> Result<Json, TextFault> {
    let mut parser = Parser::new(text, at);
    let value = parser.value(keep).map_err(|f| *f)?;
    parser.end("the row").map_err(|f| *f)?;
    Ok(value)
}

type Parsed<T> = Result<T, Box<TextFault>>;

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    base: u64,
    depth: usize,
    /// Names of the objects that are open, outermost first, with their offsets.
    names: Vec<(Cow<'t, str>, usize)>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, base: u64) -> Self {
        Self { text, bytes: text.as_bytes(), pos: 0, base, depth: 0, names: Vec::new() }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn at(&self, pos: usize) -> u64 {
        self.base.saturating_add(pos as u64)
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.pos += 1;
        }
    }

    fn fault(&self, message: impl Into<String>) -> Box<TextFault> {
        Box::new(TextFault::new("rspp::evidence::syntax", self.at(self.pos), message))
    }

    /// Says what was due and what stands there.
    fn unexpected(&self, due: &str) -> Box<TextFault> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let found = match rest.chars().next() {
            None => "the end".to_owned(),
            Some(c) if c.is_alphanumeric() => {
                let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).take(24).collect();
                format!("`{}`", printable(&word))
            }
            Some(c) => format!("`{}`", printable(&c.to_string())),
        };
        let mut fault = self.fault(format!("expected {due}, found {found}"));
        fault.help = hint(rest).map(str::to_owned);
        fault
    }

    fn end(&mut self, of: &str) -> Parsed<()> {
        self.blanks();
        if self.peek().is_none() { Ok(()) } else { Err(self.unexpected(&format!("the end of {of}"))) }
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("lists and objects nest deeper than {MAX_DEPTH}");
            return Err(Box::new(TextFault::new("rspp::evidence::too-deep", self.at(self.pos), message)));
        }
        Ok(())
    }

    /// A value with what is kept of it.
    fn value(&mut self, keep: &Keep) -> Parsed<Json> {
        self.blanks();
        let at = self.at(self.pos);
        let kind = match self.peek() {
            Some(b'{') => self.object(keep)?,
            Some(b'[') => self.list(keep)?,
            Some(b'"') => JsonKind::Text(self.string()?.into()),
            Some(b'-' | b'0'..=b'9') => JsonKind::Number(self.number()?.into()),
            Some(b't') => self.word("true", JsonKind::Bool(true))?,
            Some(b'f') => self.word("false", JsonKind::Bool(false))?,
            Some(b'n') => self.word("null", JsonKind::Null)?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Json { kind, at })
    }

    /// A value of which nothing is kept.
    fn skip(&mut self) -> Parsed<()> {
        self.blanks();
        match self.peek() {
            Some(b'{') => self.members(|parser, _| parser.skip()),
            Some(b'[') => self.elements(Self::skip),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            Some(b't') => self.word("true", ()),
            Some(b'f') => self.word("false", ()),
            Some(b'n') => self.word("null", ()),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn word<T>(&mut self, word: &str, value: T) -> Parsed<T> {
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        let after = rest.get(word.len()).is_none_or(|b| !b.is_ascii_alphanumeric());
        if !rest.starts_with(word.as_bytes()) || !after {
            return Err(self.unexpected("a value"));
        }
        self.pos += word.len();
        Ok(value)
    }

    fn list(&mut self, keep: &Keep) -> Parsed<JsonKind> {
        let below = match keep {
            Keep::Elements(below) => below,
            Keep::All | Keep::Names(_) => &Keep::All,
        };
        let mut items = Vec::new();
        self.elements(|parser| {
            items.push(parser.value(below)?);
            Ok(())
        })?;
        Ok(JsonKind::List(items.into()))
    }

    fn object(&mut self, keep: &Keep) -> Parsed<JsonKind> {
        let expected = if let Keep::Names(known) = keep { known.len() } else { 0 };
        let mut entries: Vec<(Arc<str>, Json)> = Vec::with_capacity(expected);
        // Names mostly come in one order: the next one is tried first.
        let mut next = 0;
        self.members(|parser, name| {
            let (name, below) = match keep {
                Keep::All => (Arc::from(name), &Keep::All),
                Keep::Elements(below) => (Arc::from(name), &**below),
                Keep::Names(known) => {
                    let known_at = |i: &usize| known.get(*i).is_some_and(|(n, _)| **n == *name);
                    let found = Some(next).filter(known_at).or_else(|| (0..known.len()).find(known_at));
                    match found.and_then(|i| known.get(i).map(|k| (i, k))) {
                        Some((i, (name, below))) => {
                            next = i + 1;
                            (name.clone(), below)
                        }
                        None => return parser.skip(),
                    }
                }
            };
            entries.push((name, parser.value(below)?));
            Ok(())
        })?;
        Ok(JsonKind::Object(entries.into()))
    }

    fn elements(&mut self, mut element: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        self.deeper()?;
        self.pos += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.pos += 1;
        } else {
            let mut index = 0usize;
            loop {
                element(self).map_err(|f| Box::new(f.below(&index.to_string())))?;
                self.blanks();
                match self.peek() {
                    Some(b',') => self.pos += 1,
                    Some(b']') => break self.pos += 1,
                    _ => return Err(self.unexpected("`,` or `]`")),
                }
                index += 1;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn members(&mut self, mut member: impl FnMut(&mut Self, &str) -> Parsed<()>) -> Parsed<()> {
        self.deeper()?;
        self.pos += 1;
        let outer = self.names.len();
        // One bit for each name seen: where its bit is not set, a name is new.
        let mut sketch = 0u64;
        let mut many: Option<HashSet<Cow<'t, str>>> = None;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.pos += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            self.blanks();
            let start = self.pos;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a name in quotes"));
            }
            let name = self.string()?;
            let bit = sketch_of(&name);
            let seen = self.names.get(outer..).unwrap_or_default();
            if many.is_none() && seen.len() > FEW_NAMES {
                many = Some(seen.iter().map(|(n, _)| n.clone()).collect());
            }
            let repeated = match &mut many {
                Some(many) => !many.insert(name.clone()),
                None => sketch & bit != 0 && seen.iter().any(|(n, _)| *n == name),
            };
            if repeated {
                let first = seen.iter().find(|(n, _)| *n == name).map(|(_, pos)| self.at(*pos));
                let shown = super::super::diagnostics::cut(&name);
                let message = format!("the name `{shown}` stands twice in one object");
                let mut fault = TextFault::new("rspp::evidence::repeated-name", self.at(start), message);
                fault.first = first;
                return Err(Box::new(fault.help("keep one of them")));
            }
            sketch |= bit;
            self.names.push((name.clone(), start));
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("`:`"));
            }
            self.pos += 1;
            member(self, &name).map_err(|f| Box::new(f.below(&name)))?;
            self.blanks();
            match self.peek() {
                Some(b',') => self.pos += 1,
                Some(b'}') => break self.pos += 1,
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
        self.names.truncate(outer);
        self.depth -= 1;
        Ok(())
    }

    fn number(&mut self) -> Parsed<&'t str> {
        let start = self.pos;
        if self.peek() == Some(b'-') {
            self.pos += 1;
        }
        match self.peek() {
            Some(b'0') => {
                self.pos += 1;
                if let Some(b'0'..=b'9') = self.peek() {
                    self.pos = start;
                    return Err(self.fault("a number does not begin with a zero").below_help("leave the zero out"));
                }
            }
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.unexpected("a digit")),
        }
        if self.peek() == Some(b'.') {
            self.pos += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.pos += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.pos += 1;
            }
            self.some_digits()?;
        }
        Ok(self.text.get(start..self.pos).unwrap_or_default())
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.pos += 1;
        }
    }

    fn some_digits(&mut self) -> Parsed<()> {
        match self.peek() {
            Some(b'0'..=b'9') => {
                self.digits();
                Ok(())
            }
            _ => Err(self.unexpected("a digit")),
        }
    }

    /// A text with its escapes resolved; the parser stands on the opening quote.
    fn string(&mut self) -> Parsed<Cow<'t, str>> {
        self.pos += 1;
        let start = self.pos;
        self.pos = plain_until(self.bytes, self.pos);
        if self.peek() == Some(b'"') {
            let text = self.text.get(start..self.pos).unwrap_or_default();
            self.pos += 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut out = self.text.get(start..self.pos).unwrap_or_default().to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.pos += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => {
                    let fault = self.fault("a text holds a control character");
                    return Err(fault.below_help("write it as `\\n`, `\\t` or `\\u00..`"));
                }
                None => return Err(self.fault("a text is not closed")),
            }
            let run = self.pos;
            self.pos = plain_until(self.bytes, run);
            out.push_str(self.text.get(run..self.pos).unwrap_or_default());
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let start = self.pos;
        self.pos += 1;
        let c = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.pos += 1;
                return self.unicode(start);
            }
            _ => {
                self.pos = start;
                return Err(self.fault("a text holds an escape that JSON does not know"));
            }
        };
        self.pos += 1;
        Ok(c)
    }

    fn unicode(&mut self, start: usize) -> Parsed<char> {
        let lone = |parser: &mut Self| {
            parser.pos = start;
            parser.fault("a text holds half of a surrogate pair")
        };
        let high = self.hex(start)?;
        let code = match high {
            0xD800..=0xDBFF => {
                if self.bytes.get(self.pos..self.pos + 2) != Some(b"\\u") {
                    return Err(lone(self));
                }
                self.pos += 2;
                let low = self.hex(start)?;
                if !(0xDC00..=0xDFFF).contains(&low) {
                    return Err(lone(self));
                }
                0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| lone(self))
    }

    fn hex(&mut self, start: usize) -> Parsed<u32> {
        let digits = self.bytes.get(self.pos..self.pos + 4).unwrap_or_default();
        let mut code = 0;
        for digit in digits {
            match char::from(*digit).to_digit(16) {
                Some(d) => code = code * 16 + d,
                None => {
                    self.pos = start;
                    return Err(self.fault("`\\u` is followed by four hexadecimal digits"));
                }
            }
        }
        if digits.len() < 4 {
            self.pos = start;
            return Err(self.fault("`\\u` is followed by four hexadecimal digits"));
        }
        self.pos += 4;
        Ok(code)
    }
}

impl TextFault {
    fn below_help(mut self: Box<Self>, help: &str) -> Box<Self> {
        self.help = Some(help.to_owned());
        self
    }
}

/// What people write who mean something else.
fn hint(rest: &str) -> Option<&'static str> {
    let starts = |words: &[&str]| words.iter().any(|w| rest.starts_with(w));
    if starts(&["NaN", "Infinity", "inf", "nan", "-Infinity"]) {
        return Some("JSON has no such number: leave the field out");
    }
    if starts(&["True", "False", "TRUE", "FALSE", "None", "NULL", "Null", "undefined"]) {
        return Some("JSON writes `true`, `false` and `null`");
    }
    if starts(&["'"]) {
        return Some("JSON writes texts in double quotes");
    }
    if starts(&["//", "/*", "#"]) {
        return Some("JSON has no comments");
    }
    if starts(&["+", "."]) {
        return Some("JSON numbers begin with a digit or `-`");
    }
    if starts(&["}", "]"]) {
        return Some("a comma before a closing bracket has to go");
    }
    None
}

/// A bit that depends on the length and the ends of a name.
fn sketch_of(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (first, last) = (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
    let mixed = (bytes.len() as u64) ^ (u64::from(first) << 5) ^ (u64::from(last) << 11);
    1 << (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// The next position that holds a quote, a backslash or a control character, or the end. Eight
/// bytes at a time.
fn plain_until(bytes: &[u8], mut pos: usize) -> usize {
    while let Some(word) = bytes.get(pos..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let zero = |w: u64| w.wrapping_sub(ONES) & !w & TOPS;
        let special =
            zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5C)) | (word.wrapping_sub(ONES * 0x20) & !word & TOPS);
        if special != 0 {
            // The lowest mark is exact; only those above it may be false.
            return pos + (special.trailing_zeros() / 8) as usize;
        }
        pos += 8;
    }
    while let Some(b) = bytes.get(pos) {
        if matches!(b, b'"' | b'\\' | 0..=0x1F) {
            break;
        }
        pos += 1;
    }
    pos
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, code: &str, at: u64, words: &str) {
        let fault = parse_json(text).unwrap_err();
        assert_eq!((fault.code, fault.at), (code, at), "{text}: {}", fault.message);
        assert!(fault.message.contains(words), "{text}: {}", fault.message);
    }

    #[test]
    fn numbers_keep_their_text_and_values_their_place() {
        let json = parse_json(" {\"a\": [1.50, -0, 1e999999999], \"b\": \"x\"}").unwrap();
        assert_eq!(json.canonical(), r#"{"a":[1.50,-0,1e999999999],"b":"x"}"#);
        assert_eq!((json.at, json.get("a").unwrap().at, json.get("b").unwrap().at), (1, 7, 37));
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_counted() {
        assert_eq!(parse_json("\u{feff}1").unwrap().at, 3);
        refused("1\u{feff}", "rspp::evidence::syntax", 1, "the end of the file");
    }

    #[test]
    fn escapes_are_resolved() {
        let json = parse_json(r#""\" \\ \/ \b\f\n\r\t \u00e4 \uD83D\uDE00 long enough to run""#).unwrap();
        assert_eq!(json.kind, JsonKind::Text("\" \\ / \u{8}\u{c}\n\r\t ä 😀 long enough to run".into()));
    }

    #[test]
    fn what_is_not_json_is_refused_where_it_stands() {
        let syntax = "rspp::evidence::syntax";
        refused("", syntax, 0, "empty");
        refused(" \n", syntax, 0, "empty");
        refused("{} {}", syntax, 3, "end of the file");
        refused("[1,]", syntax, 3, "a value");
        refused("{\"a\":1,}", syntax, 7, "a name");
        refused("{a:1}", syntax, 1, "a name");
        refused("[01]", syntax, 1, "zero");
        refused("[1.]", syntax, 3, "a digit");
        refused("[.5]", syntax, 1, "a value");
        refused("[+1]", syntax, 1, "a value");
        refused("[1e]", syntax, 3, "a digit");
        refused("[-]", syntax, 2, "a digit");
        refused("NaN", syntax, 0, "`NaN`");
        refused("nulls", syntax, 0, "`nulls`");
        refused("\"a", syntax, 2, "not closed");
        refused("\"a\nb\"", syntax, 2, "control");
        refused("\"\u{1}\"", syntax, 1, "control");
        refused(r#""\x""#, syntax, 1, "escape");
        refused(r#""\u12g4""#, syntax, 1, "four");
        refused(r#""\u12"#, syntax, 1, "four");
        refused(r#""\ud800""#, syntax, 1, "surrogate");
        refused(r#""\ud800\u0041""#, syntax, 1, "surrogate");
        refused(r#""\udc00""#, syntax, 1, "surrogate");
        refused("[1 2]", syntax, 3, "`,` or `]`");
        refused("{\"a\" 1}", syntax, 5, "`:`");
        refused("{\"a\":", syntax, 5, "the end");
        refused("\u{7f}", syntax, 0, "a value");
    }

    #[test]
    fn repeated_names_are_refused_with_both_places_and_the_way_to_them() {
        let fault = parse_json("{\"x\": [{\"a\": 1, \"b\": 2, \"\\u0061\": 3}]}").unwrap_err();
        assert_eq!((fault.code, fault.at, fault.first), ("rspp::evidence::repeated-name", 24, Some(8)));
        assert_eq!(fault.pointer, "/x/0");
        let many: Vec<String> = (0..100).map(|i| format!("\"k{i}\":0")).collect();
        parse_json(&format!("{{{}}}", many.join(","))).unwrap();
        parse_json(&format!("{{{},\"k3\":1}}", many.join(","))).unwrap_err();
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        parse_json(&nested(MAX_DEPTH)).unwrap();
        assert_eq!(parse_json(&nested(MAX_DEPTH + 1)).unwrap_err().code, "rspp::evidence::too-deep");
        assert_eq!(parse_json(&"[{\"a\":".repeat(100_000)).unwrap_err().code, "rspp::evidence::too-deep");
    }

    #[test]
    fn what_is_not_kept_is_judged_all_the_same() {
        let mut keep = Keep::Names(vec![("a".into(), Keep::All)]);
        keep.add(&["n".into(), "m".into()], Keep::All);
        let row = parse_row(r#"{"z":{"y":[1,"\n"]},"a":1,"n":{"o":true,"m":2}}"#, 100, &keep).unwrap();
        assert_eq!(row.canonical(), r#"{"a":1,"n":{"m":2}}"#);
        assert_eq!(row.get("a").unwrap().at, 124);
        for bad in [r#"{"z":01}"#, r#"{"z":"\q"}"#, r#"{"z":{"y":1,"y":2}}"#, r#"{"z":1,"z":2}"#, r#"{"z":[tru]}"#] {
            parse_row(bad, 0, &keep).unwrap_err();
        }
    }

    #[test]
    fn runs_of_plain_bytes_end_at_the_first_special_one() {
        for special in [b'"', b'\\', 0u8, 0x1F] {
            for at in 0..40 {
                let mut bytes = vec![0xC3u8; 40];
                bytes[at] = special;
                assert_eq!(plain_until(&bytes, 0), at);
            }
        }
        assert_eq!(plain_until(&[b' ', 0x7F, 0x80, 0xFF, b'!', b'#', b'[', b']', b'~'], 0), 9);
    }
}
