//! Texts: which ones read as a text that is given, and patterns that every validator reads alike.

use super::{Keywords, Said, keyword, unsayable};
use crate::data::EnumType;
use crate::model::{EnumReading, TextReading};
use serde_json::Value as Out;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The blanks that trimming drops (Unicode `White_Space`), for inside of a class. `\s` of ECMA-262
/// is another set.
pub(super) const BLANKS: &str = r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// A text that has something else than blanks.
pub(super) fn not_blank() -> Keywords {
    keyword("pattern", format!("[^{BLANKS}]"))
}

/// What a version looks like. Numbers of more than 64 bits are not told apart.
pub(super) const VERSION: &str = r"^v?[0-9]+(\.[0-9]+){0,2}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+|$)";

/// An instant of RFC 3339 that exists, to the nanosecond. Offsets that lead out of the calendar are
/// not told apart.
pub(super) const INSTANT: &str = concat!(
    r"^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)",
    r"|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)",
    r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9}0*)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
);

/// Whether a text reads as itself.
pub(super) fn plain(reading: TextReading) -> bool {
    reading == TextReading::default()
}

/// The texts that read as one of these.
///
/// # Errors
/// Letters whose lower case depends on their neighbours.
pub(super) fn reads_as(texts: &[&str], reading: TextReading) -> Said<Keywords> {
    if plain(reading) {
        return Ok(match texts {
            [one] => keyword("const", *one),
            many => keyword("enum", many.iter().map(|t| Out::from(*t)).collect::<Vec<_>>()),
        });
    }
    let patterns: Vec<String> = texts.iter().map(|t| pattern(t, reading)).collect::<Said<_>>()?;
    let (first, rest) = match reading.trim {
        true => (format!("^[{BLANKS}]*"), format!("[{BLANKS}]*$")),
        false => ("^".to_owned(), "$".to_owned()),
    };
    Ok(keyword("pattern", format!("{first}({}){rest}", patterns.join("|"))))
}

fn pattern(text: &str, reading: TextReading) -> Said<String> {
    if !reading.fold {
        return Ok(escaped(text));
    }
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, 'σ' | 'ς' | '\u{307}') {
            return unsayable(format!("which letters read as `{c}` depends on their neighbours"));
        }
        match upper_of().get(&c).map(Vec::as_slice) {
            None | Some([]) => return unsayable(format!("no letter reads as `{c}` when case is folded")),
            Some([one]) => out.push_str(&escaped(one.encode_utf8(&mut [0; 4]))),
            Some(many) => {
                out.push('[');
                many.iter().for_each(|c| push_in_class(*c, &mut out));
                out.push(']');
            }
        }
    }
    Ok(out)
}

/// The characters whose lower case is a given one.
fn upper_of() -> &'static BTreeMap<char, Vec<char>> {
    static TABLE: OnceLock<BTreeMap<char, Vec<char>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: BTreeMap<char, Vec<char>> = BTreeMap::new();
        for c in '\0'..=char::MAX {
            let mut lower = c.to_lowercase();
            if let (Some(one), None) = (lower.next(), lower.next()) {
                table.entry(one).or_default().push(c);
            }
        }
        table
    })
}

/// The words of an enum as data spells them, the same when read only once: each with its member.
/// What trimming takes from a text, no word can have.
fn spelled(ty: &EnumType, reading: TextReading) -> Vec<(String, &str, u32)> {
    let mut found: Vec<(String, &str, u32)> = Vec::new();
    for (member, at) in ty.members.iter().zip(0..) {
        let words = member.spellings.iter().map(|s| &**s);
        let own = member.spellings.is_empty().then_some(&*member.name);
        for word in words.chain(own) {
            if reading.trim && word.trim() != word {
                continue;
            }
            let key = if reading.fold { word.to_lowercase() } else { word.to_owned() };
            // What a folded text is compared with.
            if !found.iter().any(|(known, ..)| *known == key) {
                found.push((key, word, at));
            }
        }
    }
    found
}

/// The texts that read as a member of these; `None`: every text does.
///
/// # Errors
/// As [`reads_as`].
pub(super) fn words(how: &EnumReading, members: &dyn Fn(u32) -> bool) -> Said<Words> {
    let all = spelled(&how.ty, how.reading);
    let (yes, no): (Vec<_>, Vec<_>) = all.iter().partition(|(.., member)| members(*member));
    let texts = |of: &[&(String, &str, u32)]| -> Said<Words> {
        if plain(how.reading) {
            return Ok(Words::Are(of.iter().map(|(_, word, _)| Out::from(*word)).collect()));
        }
        let keys: Vec<&str> = of.iter().map(|(key, ..)| key.as_str()).collect();
        if keys.is_empty() { Ok(Words::Are(Vec::new())) } else { reads_as(&keys, how.reading).map(Words::Meet) }
    };
    match how.ty.otherwise {
        Some(catch_all) if members(catch_all) => Ok(match texts(&no)? {
            Words::Are(none) if none.is_empty() => Words::Any,
            Words::Are(others) => Words::Meet(keyword("not", Out::Object(keyword("enum", others)))),
            Words::Meet(others) => Words::Meet(keyword("not", Out::Object(others))),
            Words::Any => Words::Are(Vec::new()),
        }),
        _ => texts(&yes),
    }
}

/// The texts that read as some words.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Words {
    /// Every text.
    Any,
    /// These, as they are.
    Are(Vec<Out>),
    /// Those that meet this.
    Meet(Keywords),
}

/// How many texts an enum reads, if that is known, else 0.
pub(super) fn spellings(how: &EnumReading) -> usize {
    if plain(how.reading) && how.ty.otherwise.is_none() { spelled(&how.ty, how.reading).len() } else { 0 }
}

/// Whether texts that differ read as words that differ.
pub(super) fn tells_words_apart(how: &EnumReading) -> bool {
    plain(how.reading) && how.ty.otherwise.is_none() && how.ty.members.iter().all(|m| m.spellings.len() <= 1)
}

/// A text as a pattern.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' => {
                out.push('\\');
                out.push(c);
            }
            c => push_plain(c, &mut out),
        }
    }
    out
}

/// A character of a class.
pub(super) fn push_in_class(c: char, out: &mut String) {
    match c {
        '^' | '\\' | '[' | ']' | '-' => {
            out.push('\\');
            out.push(c);
        }
        // Doubled, these mean something to some dialects.
        '&' | '~' | '#' => out.push_str(&format!("\\u{:04x}", c as u32)),
        c => push_plain(c, out),
    }
}

fn push_plain(c: char, out: &mut String) {
    match c {
        ' '..='~' => out.push(c),
        c if c.is_alphanumeric() && !c.is_ascii() && (c as u32) < 0x250 => out.push(c),
        // Beyond four digits the dialects write it in different ways, and all take it as it is.
        c if (c as u32) > 0xffff => out.push(c),
        c => out.push_str(&format!("\\u{:04x}", c as u32)),
    }
}
