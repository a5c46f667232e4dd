//! What the parser has to say: one function a code.

use super::keywords;
use super::tree::Name;
use crate::diag::{Code, Diagnostic, did_you_mean, printable};
use crate::source::Span;

macro_rules! codes {
    ($($name:ident = $text:literal;)*) => {
        $(pub(super) const $name: Code = Code($text);)*
        /// Every code of this layer, in the order of the alphabet.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    ASSIGNMENT = "rspp::syntax::assignment";
    BARE_DATE = "rspp::syntax::bare-date";
    CLAUSE_SIGN = "rspp::syntax::clause-sign";
    COMPARISON_CHAIN = "rspp::syntax::comparison-chain";
    COVERS_WHAT = "rspp::syntax::covers-what";
    FOREIGN_SIGN = "rspp::syntax::foreign-sign";
    IMPLIES_CHAIN = "rspp::syntax::implies-chain";
    IMPOSSIBLE_INSTANT = "rspp::syntax::impossible-instant";
    IS_NULL = "rspp::syntax::is-null";
    MISSING_COMMA = "rspp::syntax::missing-comma";
    MIXED_AND_OR = "rspp::syntax::mixed-and-or";
    NESTING = "rspp::syntax::nesting";
    NOT_UTF8 = "rspp::syntax::not-utf8";
    NUMBER_DOT = "rspp::syntax::number-dot";
    PATTERN_KIND = "rspp::syntax::pattern-kind";
    QUANTIFIER_ALIAS = "rspp::syntax::quantifier-alias";
    QUANTIFIER_CALL = "rspp::syntax::quantifier-call";
    RECORD_COLON = "rspp::syntax::record-colon";
    REPEATED_CLAUSE = "rspp::syntax::repeated-clause";
    SAMPLES_SIGN = "rspp::syntax::samples-sign";
    SINGLE_QUOTES = "rspp::syntax::single-quotes";
    SORT_ORDER = "rspp::syntax::sort-order";
    STRAY_BRACKET = "rspp::syntax::stray-bracket";
    TEXT_BRACES = "rspp::syntax::text-braces";
    TOO_LARGE = "rspp::syntax::too-large";
    UNCLOSED_BRACKET = "rspp::syntax::unclosed-bracket";
    UNCLOSED_TEXT = "rspp::syntax::unclosed-text";
    UNEXPECTED = "rspp::syntax::unexpected";
    UNIT_GAP = "rspp::syntax::unit-gap";
    UNKNOWN_CHOICE = "rspp::syntax::unknown-choice";
    UNKNOWN_CLAUSE = "rspp::syntax::unknown-clause";
    UNKNOWN_DECLARATION = "rspp::syntax::unknown-declaration";
    UNKNOWN_ESCAPE = "rspp::syntax::unknown-escape";
    UNKNOWN_UNIT = "rspp::syntax::unknown-unit";
    VERDICT_SIGN = "rspp::syntax::verdict-sign";
    VERSION_PRERELEASE = "rspp::syntax::version-prerelease";
}

/// `a, b or c`, each in backticks.
fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} or {last}", many.join(", ")),
    }
}

/// Text of the policy for a message: safe, and not longer than a line.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let safe = printable(text);
    if safe.chars().count() <= LONGEST {
        return safe.into_owned();
    }
    let cut: String = safe.chars().take(LONGEST - 2).collect();
    format!("{cut}..")
}

// ---- Limits of a file

/// A file over the limit of size.
pub(super) fn too_large(span: Span, bytes: usize, limit: usize) -> Diagnostic {
    let message = format!("this file has {bytes} bytes; a policy file holds at most {limit}");
    Diagnostic::error(TOO_LARGE, message, span, "not read").help("split it: all files of a policy share one namespace")
}

/// A byte that is no UTF-8.
pub(super) fn not_utf8(file: &str, line: usize, offset: usize, byte: u8) -> Diagnostic {
    let message = format!(
        "`{}` is not UTF-8: line {line} has the byte 0x{byte:02x} (at byte {offset} of the file)",
        printable(file)
    );
    Diagnostic::general(NOT_UTF8, message).help("save the file as UTF-8")
}

/// Brackets, types, `if` or quantifiers inside each other past the limit.
pub(super) fn nesting(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(NESTING, format!("this nests deeper than {limit} levels"), span, "one level too many")
        .help("name an inner part with `let` or `def`")
}

/// A chain of operators past the limit.
pub(super) fn too_tall(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(NESTING, format!("this expression chains more than {limit} steps"), span, "too long")
        .help("name a part of it with `let` or `def`, or put the operands in a list")
}

// ---- Where the grammar stopped

/// What stands at a place that the grammar refused.
pub(super) fn unexpected(span: Span, expected: &str, found: &str) -> Diagnostic {
    refused(span, expected, found, "not expected here")
}

/// The same where something is missing, and what stands there is right.
pub(super) fn missing(span: Span, expected: &str, found: &str) -> Diagnostic {
    refused(span, expected, found, "missing before this")
}

fn refused(span: Span, expected: &str, found: &str, label: &str) -> Diagnostic {
    let found = if found.is_empty() { "the end of the file".to_owned() } else { format!("`{}`", shown(found)) };
    let message = if expected.is_empty() {
        format!("{found} has no place here")
    } else {
        format!("expected {expected}, found {found}")
    };
    Diagnostic::error(UNEXPECTED, message, span, label)
}

/// A bracket that is never closed; `before` is where that was noticed.
pub(super) fn unclosed_bracket(open: Span, sign: &str, before: Option<Span>) -> Diagnostic {
    let close = match sign {
        "(" => ")",
        "[" => "]",
        _ => "}",
    };
    let mut diagnostic =
        Diagnostic::error(UNCLOSED_BRACKET, format!("this `{sign}` is not closed"), open, "opened here");
    if let Some(before) = before {
        diagnostic = diagnostic.label(before, format!("expected `{close}` before this"));
    }
    diagnostic.help(format!("add `{close}` where what began here ends"))
}

/// A closing bracket without an opening one.
pub(super) fn stray_bracket(span: Span, sign: &str) -> Diagnostic {
    Diagnostic::error(STRAY_BRACKET, format!("this `{sign}` closes nothing"), span, "no bracket is open here")
        .help(format!("remove this `{sign}`, or a bracket before it closes too early"))
}

/// A quoted text without its second quote.
pub(super) fn unclosed_text(span: Span) -> Diagnostic {
    Diagnostic::error(UNCLOSED_TEXT, "this text has no closing quote", span, "goes on to the end of the line")
        .help("a text ends with `\"` on the line it begins; a line break inside it is `\\n`")
}

/// A brace in a text that opens or closes no value.
pub(super) fn text_braces(span: Span, brace: &str) -> Diagnostic {
    let doubled = brace.repeat(2);
    let message = if brace == "{" {
        "a `{` in a text opens a value, and this one is not closed"
    } else {
        "a `}` in a text closes a value, and none is open"
    };
    Diagnostic::error(TEXT_BRACES, message, span, "a single brace")
        .help(format!("write `{doubled}` for the brace itself"))
        .fix(span, doubled)
}

/// A first word that declares nothing.
pub(super) fn unknown_declaration(span: Span, word: &str, meant: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        UNKNOWN_DECLARATION,
        format!("`{}` declares nothing", shown(word)),
        span,
        "not a declaration",
    );
    match meant {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(span, meant.to_owned()),
        None => diagnostic.help(format!("a declaration begins with {}", one_of(&keywords::DECLARATIONS))),
    }
}

/// A first word that is no clause of the block.
pub(super) fn unknown_clause(span: Span, word: &str, block: &str, words: &[&str], meant: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        UNKNOWN_CLAUSE,
        format!("{block} has no clause `{}`", shown(word)),
        span,
        "not one of its clauses",
    );
    match meant {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(span, meant.to_owned()),
        None => match word_of_others(block, word) {
            Some(help) => diagnostic.help(help),
            None => diagnostic.help(format!("its clauses begin with {}", one_of(words))),
        },
    }
}

/// What a word of other tools, or of another block, is called in this one.
fn word_of_others(block: &str, word: &str) -> Option<&'static str> {
    let gate = block == "a gate";
    let evidence = block == "an evidence";
    Some(match word {
        "where" | "filter" if gate => "a filter goes on with the list: `scope xs where ..`",
        "group" | "by" | "groupby" if gate => "groups are judged apart with `per a, b`",
        "limit" | "max" | "min" | "bound" if gate => "a limit is `threshold <= ..` behind its `metric`",
        "assert" | "must" | "check" | "rule" | "require" if gate => {
            "what holds for each row is `each ..`, what holds once is `expect ..`"
        }
        "name" | "description" | "summary" if gate => "what a gate is called is its `title`",
        "severity" | "blocking" | "optional" if gate => "a gate that does not block says `required false`",
        "tags" | "profile" | "profiles" if gate => "the profiles that take a gate are named by its `stage`",
        "waiver" | "waivers" if gate => "a gate that may be waived says `waivable true`",
        "from" | "file" | "url" | "location" if evidence => {
            "one file is `path \"..\"`, all that match a pattern `files \"..\"`"
        }
        "glob" | "paths" if evidence => "all files that match a pattern are `files \"..\"`",
        "freshness" | "age" | "max_age" | "ttl" if evidence => {
            "the age is limited by `fresh within 24h of field`, or not by `fresh any`"
        }
        "columns" | "fields" | "record" | "type" | "items" if evidence => {
            "what a file holds is `row` for a list of records, `document` for one value"
        }
        "required" if evidence => "evidence is required unless it says `optional`",
        "rows" | "limit" if block == "a waiver" => "how many rows are excused is `at most 2 rows`",
        "until" | "expiry" | "expire" if block == "a waiver" => "the end is `expires`, an instant",
        "include" | "gate" if block == "a profile" => {
            "single gates are taken with `gates a.b`, other profiles with `extends`"
        }
        "exclude" | "skip" if block == "a profile" => "gates are left out with `without a.b`",
        "assert" | "check" if block == "a test" => "what holds is `expect ..`, a gate's outcome `verdict gate == pass`",
        _ => return None,
    })
}

/// Two items of a list side by side.
pub(super) fn missing_comma(before: Span, after: Span, found: &str) -> Diagnostic {
    let gap = Span::new(before.source, before.end as usize, before.end as usize);
    Diagnostic::error(
        MISSING_COMMA,
        format!("expected `,` before `{}`", shown(found)),
        after,
        "a second item of the list",
    )
    .label(before, "the item before it")
    .help("put a comma between them")
    .fix(gap, ",")
}

/// `owner = ".."`, `title: ".."`
pub(super) fn clause_sign(span: Span, sign: &str, keyword: &str) -> Diagnostic {
    Diagnostic::error(
        CLAUSE_SIGN,
        format!("no `{sign}` stands after `{keyword}`"),
        span,
        "a clause is its word and what it says",
    )
    .help(format!("leave the `{sign}` out"))
    .fix(span, "")
}

/// A sign of another language and what is written here instead.
pub(super) fn other_sign(span: Span, sign: &str, help: &str, fix: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        FOREIGN_SIGN,
        format!("`{}` is no sign of this language", shown(sign)),
        span,
        "not expected here",
    )
    .help(help);
    match fix {
        Some(fix) => diagnostic.fix(span, fix),
        None => diagnostic,
    }
}

// ---- Literals

/// A date where an instant is due.
pub(super) fn bare_date(span: Span, text: &str) -> Diagnostic {
    let day = text.split(['T', 't']).next().unwrap_or(text);
    let whole = day.len() == 10;
    if text.len() > day.len() {
        let mut diagnostic = Diagnostic::error(
            BARE_DATE,
            format!("`{}` is no whole instant", shown(text)),
            span,
            "a time without its offset",
        );
        diagnostic = diagnostic.help(
            "an instant is a date, `T`, hours, minutes and seconds, then `Z` or an offset, as in `2026-03-31T08:00:00Z`",
        );
        let bytes = text.as_bytes();
        let plain = text.len() == 19 && bytes.get(10) == Some(&b'T') && bytes.get(13) == Some(&b':');
        return if plain { diagnostic.fix(span, format!("{text}Z")) } else { diagnostic };
    }
    let diagnostic = Diagnostic::error(
        BARE_DATE,
        format!("`{text}` is a day, not an instant: whose midnight?"),
        span,
        "a date without time and offset",
    );
    if whole {
        diagnostic
            .help(format!("write `{text}T00:00:00Z` for midnight in UTC; for a subtraction put blanks around `-`"))
            .fix(span, format!("{text}T00:00:00Z"))
    } else {
        diagnostic.help("write an instant such as `2026-03-31T00:00:00Z`; for a subtraction put blanks around `-`")
    }
}

/// An instant that no calendar has.
pub(super) fn impossible_instant(span: Span, text: &str, why: String) -> Diagnostic {
    Diagnostic::error(IMPOSSIBLE_INSTANT, format!("there is no instant `{}`", shown(text)), span, why)
}

/// `800 ms`
pub(super) fn unit_gap(span: Span, number: &str, unit: &str) -> Diagnostic {
    let together = format!("{number}{unit}");
    Diagnostic::error(UNIT_GAP, "a blank stands between a number and its unit", span, "number and unit are one word")
        .help(format!("write `{together}`"))
        .fix(span, together)
}

/// `120sec`
pub(super) fn unknown_unit(span: Span, text: &str) -> Diagnostic {
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(split).unwrap_or((text, ""));
    let number = number.trim_end_matches('_');
    let meant = match unit.to_ascii_lowercase().as_str() {
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "min" | "mins" | "minute" | "minutes" => Some("m"),
        "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "day" | "days" => Some("d"),
        "msec" | "msecs" | "millis" => Some("ms"),
        "usec" | "micros" => Some("us"),
        "nanos" => Some("ns"),
        "kb" | "k" => Some("kB"),
        "mb" => Some("MB"),
        "gb" | "g" => Some("GB"),
        "kib" => Some("KiB"),
        "mib" => Some("MiB"),
        "gib" => Some("GiB"),
        "b" | "byte" | "bytes" => Some("B"),
        "pct" | "percent" => Some("%"),
        lower => keywords::UNITS.into_iter().find(|u| u.eq_ignore_ascii_case(lower)),
    };
    let diagnostic = Diagnostic::error(
        UNKNOWN_UNIT,
        format!("`{}` is neither a number nor a quantity", shown(text)),
        span,
        format!("`{}` is no unit", shown(unit)),
    );
    match meant {
        Some(unit) => diagnostic.help(format!("write `{number}{unit}`")).fix(span, format!("{number}{unit}")),
        None if unit.starts_with(['e', 'E', 'x', 'X']) => {
            diagnostic.help("numbers are written out in decimal digits; `_` may group them, as in `1_000_000`")
        }
        None => {
            diagnostic.help("units are ns, us, ms, s, m, h, d for time, B, kB, MB, GB, KiB, MiB, GiB for size, and %")
        }
    }
}

/// `v1.2.0-rc1`
pub(super) fn version_prerelease(span: Span, text: &str) -> Diagnostic {
    let repair = format!("version(\"{text}\")");
    Diagnostic::error(
        VERSION_PRERELEASE,
        format!("`{}` reads as a version and something taken away from it", shown(text)),
        span,
        "a version with a pre-release or build part",
    )
    .help(format!("write `{repair}`"))
    .fix(span, repair)
}

/// `1.s`
pub(super) fn number_dot(span: Span, number: &str, member: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        NUMBER_DOT,
        format!("`{}.{}` asks a number for a field", shown(number), shown(member)),
        span,
        "a number has no fields",
    );
    if keywords::UNITS.contains(&member) {
        diagnostic.help(format!("write `{number}{member}`")).fix(span, format!("{number}{member}"))
    } else {
        diagnostic
    }
}

/// `'x'`
pub(super) fn single_quotes(span: Span, text: &str) -> Diagnostic {
    let inner = text.trim_matches('\'');
    let repair = format!("\"{}\"", inner.replace('\\', "\\\\").replace('"', "\\\""));
    Diagnostic::error(SINGLE_QUOTES, "a text stands in double quotes", span, "single quotes")
        .help(format!("write `{}`", shown(&repair)))
        .fix(span, repair)
}

/// `\q`
pub(super) fn unknown_escape(span: Span, escape: &str) -> Diagnostic {
    Diagnostic::error(UNKNOWN_ESCAPE, format!("`{}` is no escape", shown(escape)), span, "not known in a text").help(
        "escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{1F600}`; a backslash is `\\\\`; braces are `{{` and `}}`",
    )
}

/// `{ a: 1 }`
pub(super) fn record_colon(key: Span, colon: Span, name: &str) -> Diagnostic {
    Diagnostic::error(RECORD_COLON, "this reads as a map, and its key as the value of a name", colon, "a record takes `=`")
        .label(key, "a bare name")
        .help(format!(
            "for a record write `{{ {name} = .. }}`; for a map with this text as its key `{{ \"{name}\": .. }}`; for a map whose key is the value of `{name}`, `{{ ({name}): .. }}`"
        ))
        .fix(colon, " =")
}

/// `R { a: 1 }`
pub(super) fn field_sign(span: Span, sign: &str) -> Diagnostic {
    let code = if sign == ":" { RECORD_COLON } else { UNEXPECTED };
    Diagnostic::error(
        code,
        format!("a field of a record takes `=`, not `{sign}`"),
        span,
        "between a field and its value",
    )
    .help("write `=`")
    .fix(span, if sign == ":" { " =" } else { "=" })
}

/// `enum E { a: "x" }`
pub(super) fn member_sign(span: Span, sign: &str) -> Diagnostic {
    let message = format!("a member takes `=` before its spelling in data, not `{}`", shown(sign));
    Diagnostic::error(UNEXPECTED, message, span, "not expected here").help("write `=`").fix(span, " =")
}

// ---- Expressions

/// `=` where two values are compared.
pub(super) fn assignment(span: Span) -> Diagnostic {
    Diagnostic::error(ASSIGNMENT, "two values are compared with `==`", span, "one `=` gives a name its value")
        .help("write `==`")
        .fix(span, "==")
}

/// `&&`, `||`, `!`
pub(super) fn foreign_sign(span: Span, sign: &str, word: &str) -> Diagnostic {
    let repair = if sign == "!" { format!("{word} ") } else { word.to_owned() };
    Diagnostic::error(FOREIGN_SIGN, format!("`{sign}` is written `{word}` here"), span, "a sign of another language")
        .help(format!("write `{word}`"))
        .fix(span, repair)
}

/// `x is null`, `x is not none`
pub(super) fn is_null(whole: Span, relation: Span, word: &str, subject: &str, negated: bool) -> Diagnostic {
    let repair = if negated { format!("present({subject})") } else { format!("not present({subject})") };
    let is = if negated { "is not" } else { "is" };
    Diagnostic::error(
        IS_NULL,
        format!("`{is} {word}` asks for a type called `{word}`"),
        relation,
        "`is` asks about a type",
    )
    .help(format!("write `{}`", shown(&repair)))
    .fix(whole, repair)
}

/// `sort by x desc`
pub(super) fn sort_order(span: Span, word: &str) -> Diagnostic {
    let down = word.to_ascii_lowercase().starts_with("desc");
    let diagnostic = Diagnostic::error(
        SORT_ORDER,
        format!("`{word}` is no order of sorting"),
        span,
        "smallest first, or `descending`",
    );
    if down {
        diagnostic.help("write `descending`").fix(span, "descending")
    } else {
        diagnostic.help("smallest first is what `sort by` does; leave the word out").fix(span, "")
    }
}

/// `matches "glob"`, `like /regex/`
pub(super) fn pattern_kind(word: Span, pattern: Span, glob: bool) -> Diagnostic {
    if glob {
        Diagnostic::error(PATTERN_KIND, "`like` takes a glob in quotes", pattern, "a regular expression")
            .help("write `matches` before a regular expression")
            .fix(word, "matches")
    } else {
        Diagnostic::error(
            PATTERN_KIND,
            "`matches` takes a regular expression between slashes",
            pattern,
            "a text in quotes",
        )
        .help("write `like` before a glob such as `\"logs/*.json\"`, or the pattern as `/../`")
        .fix(word, "like")
    }
}

/// `a and b or c`
pub(super) fn mixed_and_or(and: Span, or: Span, both: Span, written: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(MIXED_AND_OR, "`and` and `or` stand side by side without parentheses", and, "this `and`")
            .label(or, "and this `or`");
    if written.is_empty() || written.contains('\n') {
        return diagnostic.help("put parentheses around the part that belongs together");
    }
    diagnostic
        .help(format!(
            "put parentheses around the part that belongs together; `and` binds tighter: `({})`",
            shown(written)
        ))
        .fix(both, format!("({written})"))
}

/// `a < b < c`
pub(super) fn comparison_chain(whole: Span, second: Span, repair: Option<String>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        COMPARISON_CHAIN,
        "comparisons do not chain",
        second,
        "a second comparison of the same value",
    );
    match repair {
        Some(repair) if !repair.contains('\n') => {
            diagnostic.help(format!("write `{}`, or `x in low..high`", shown(&repair))).fix(whole, repair)
        }
        _ => diagnostic.help("join two comparisons with `and`"),
    }
}

/// `a implies b implies c`
pub(super) fn implies_chain(first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(IMPLIES_CHAIN, "`implies` does not chain", second, "a second `implies`")
        .label(first, "the first one")
        .help("put parentheses around one of them, or join the premises with `and`")
}

/// `exists(x in xs: p)`
pub(super) fn quantifier_call(span: Span, colon: Span, name: &Name, inside: &str) -> Diagnostic {
    if ["exists", "every", "no"].contains(&name.text.as_str()) {
        let repair = format!("({} {})", name.text, inside.trim());
        let diagnostic = Diagnostic::error(
            QUANTIFIER_CALL,
            format!("`{}` is no function", name.text),
            name.span,
            "it stands before its variable, without parentheses of its own",
        );
        return if repair.contains('\n') {
            diagnostic.help(format!("write `({} x in xs: ..)`", name.text))
        } else {
            diagnostic.help(format!("write `{}`", shown(&repair))).fix(span, repair)
        };
    }
    let message = format!("expected `,` or `)` in the call of `{}`, found `:`", shown(&name.text));
    Diagnostic::error(UNEXPECTED, message, colon, "not expected here")
}

/// `exists x in xs as y where ..: ..`
pub(super) fn quantifier_alias(span: Span, second: &str, variable: &str) -> Diagnostic {
    Diagnostic::error(
        QUANTIFIER_ALIAS,
        format!("each element is called `{variable}` already"),
        span,
        format!("a second name, `{second}`"),
    )
    .help(format!("leave out `as {second}` and write `{variable}` in the filter"))
}

// ---- Clauses

/// A clause that stands twice.
pub(super) fn repeated_clause(name: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(REPEATED_CLAUSE, format!("`{name}` stands twice"), second, "the second one")
        .label(first, "the first one")
        .help("keep one of them")
}

/// A word that is none of the few that may stand there.
pub(super) fn unknown_choice(word: &Name, after: &str, known: &[&str]) -> Diagnostic {
    let text = word.text.as_str();
    let firsts = || known.iter().map(|k| k.split(' ').next().unwrap_or(k));
    let meant = match text {
        "yes" | "on" if known.contains(&"true") => Some("true"),
        "no" | "off" if known.contains(&"false") => Some("false"),
        _ => did_you_mean(text, firsts()),
    };
    let diagnostic = Diagnostic::error(
        UNKNOWN_CHOICE,
        format!("expected {} after `{after}`, found `{}`", one_of(known), shown(text)),
        word.span,
        "not one of them",
    );
    match meant {
        Some(meant) if known.contains(&meant) => {
            diagnostic.help(format!("did you mean `{meant}`?")).fix(word.span, meant.to_owned())
        }
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}

/// `samples 200`, `samples at least 200`, `samples > 200`
pub(super) fn samples_sign(clause: Span, place: Span, number: &str) -> Diagnostic {
    let repair = format!(">= {number}");
    Diagnostic::error(SAMPLES_SIGN, "`samples` takes `>=` and a number", place, "the least number of rows is due here")
        .help(format!("write `samples {repair}`"))
        .fix(Span::new(clause.source, place.start as usize, clause.end as usize), repair)
}

/// `covers provider == ..`
pub(super) fn covers_what(span: Span, words: &str) -> Diagnostic {
    let repair = format!("each where {words}");
    Diagnostic::error(COVERS_WHAT, "`covers` does not say what it covers", span, "only which rows or groups")
        .help(format!("write `covers {}`, or `covers threshold where ..` for a figure", shown(&repair)))
        .fix(span, repair)
}

/// `verdict g != pass`
pub(super) fn verdict_sign(span: Span, sign: &str) -> Diagnostic {
    Diagnostic::error(
        VERDICT_SIGN,
        format!("a test names the verdict it expects, it does not use `{sign}`"),
        span,
        "only `==`",
    )
    .help("write `==` and the verdict that the gate has")
}
