//! Why the grammar refused a piece of text, as a person would say it.
//!
//! The grammar gives a place and what it would have taken there. Most often that is the message.
//! Before, the tokens around the place are compared with the mistakes that people make every day.

use super::diagnostics as say;
use super::grammar::Rule;
use super::keywords;
use super::recover::{Brackets, Tokens};
use super::scan::{TokenKind, is_word_char};
use super::tree::Name;
use super::words;
use crate::diag::{Diagnostic, did_you_mean};
use crate::source::{SourceId, Span};

/// A refused piece of text.
pub(super) struct Scene<'s> {
    /// The file.
    pub source: SourceId,
    /// Its tokens.
    pub tokens: Tokens<'s>,
    /// Partners of the brackets of the declaration.
    pub brackets: &'s Brackets,
    /// The piece: tokens `from..to`.
    pub from: usize,
    /// One past its last token.
    pub to: usize,
    /// The byte where the grammar stopped.
    pub at: usize,
    /// What it would have taken there.
    pub expected: &'s [Rule],
}

/// Rules that stand for any value.
const OPERAND: &[Rule] = &[Rule::expr, Rule::value, Rule::claim, Rule::test, Rule::term, Rule::arith];

impl Scene<'_> {
    /// The token at which the grammar stopped.
    pub fn token(&self) -> usize {
        self.tokens.at(self.at)
    }

    fn span(&self, token: usize) -> Span {
        if token >= self.tokens.len() {
            // The end of the file: right behind the last token.
            let end = token.checked_sub(1).map_or(0, |last| self.tokens.end(last));
            return Span::new(self.source, end, end);
        }
        Span::new(self.source, self.tokens.start(token), self.tokens.end(token))
    }

    fn wants(&self, wanted: &[Rule]) -> bool {
        self.expected.iter().any(|r| wanted.contains(r))
    }

    /// The message for this refusal.
    pub fn explain(&self) -> Diagnostic {
        let at = self.token();
        let unclosed = self.unclosed(at);
        // A text that is not closed may have taken anything with it.
        let open_text = (self.from..self.to.min(at + 1)).find(|i| self.tokens.kind(*i) == Some(TokenKind::OpenText));
        if let Some(open) = open_text {
            return say::unclosed_text(self.span(open));
        }
        if self.at > self.tokens.start(at) && at < self.tokens.len() {
            return self.inside(at);
        }
        if let Some(open) = unclosed {
            return say::unclosed_bracket(self.span(open), self.tokens.text(open), Some(self.span(at)));
        }
        if self.tokens.text(at).starts_with('\'') {
            return say::single_quotes(self.span(at), self.tokens.text(at));
        }
        if self.tokens.kind(at) == Some(TokenKind::Text)
            && (self.wants(OPERAND) || self.wants(&[Rule::string]))
            && let Some(diagnostic) = self.braces(at)
        {
            return diagnostic;
        }
        let found = if self.tokens.is_sign(at) { self.sign(at) } else { self.word(at) };
        found.unwrap_or_else(|| self.plainly(at))
    }

    fn plainly(&self, at: usize) -> Diagnostic {
        let expected = words::expected(self.expected);
        if at >= self.to && !expected.is_empty() {
            return say::missing(self.span(at), &expected, self.tokens.text(at));
        }
        say::unexpected(self.span(at), &expected, self.tokens.text(at))
    }

    /// A bracket of the piece, before the place, that nothing closes, if one was due.
    fn unclosed(&self, at: usize) -> Option<usize> {
        let due = self.wants(&[Rule::rparen, Rule::rbracket, Rule::rbrace, Rule::comma, Rule::bar]);
        let over = at >= self.to || ["}", ")", "]"].iter().any(|s| self.tokens.is(at, s));
        if !(due || over) {
            return None;
        }
        let end = at.min(self.to);
        let opens = |i: &usize| ["(", "[", "{"].iter().any(|s| self.tokens.is(*i, s));
        (self.from..end).rev().filter(opens).find(|i| self.brackets.partner(*i).is_none())
    }

    /// The grammar stopped inside a token: in a value of a text, or at a letter it does not know.
    fn inside(&self, at: usize) -> Diagnostic {
        let rest = self.tokens.text.get(self.at..self.tokens.end(at)).unwrap_or("");
        if self.tokens.is_word(at) {
            return say::unexpected(self.span(at), "", self.tokens.text(at)).help(
                "names have ASCII letters, digits and `_`; a key of data with other letters is quoted, as in `x.\"größe\"`",
            );
        }
        if self.tokens.kind(at) == Some(TokenKind::Text) && (rest == "\"" || rest.is_empty()) {
            let open = self.tokens.text(at).rfind('{').map_or(self.at, |i| self.tokens.start(at) + i);
            return say::text_braces(Span::new(self.source, open, open + 1), "{");
        }
        let first = rest.chars().next();
        let length = match first {
            Some(c) if is_word_char(c) => rest.find(|c| !is_word_char(c)).unwrap_or(rest.len()),
            Some(c) => c.len_utf8(),
            None => 0,
        };
        let span = Span::new(self.source, self.at, self.at + length);
        let found = rest.get(..length).unwrap_or("");
        if found == "}" && self.wants(OPERAND) {
            return say::unexpected(span, "a value", found).help("for braces in a text write `{{` and `}}`");
        }
        say::unexpected(span, &words::expected(self.expected), found)
    }

    /// A text whose braces do not pair.
    fn braces(&self, at: usize) -> Option<Diagnostic> {
        let text = self.tokens.text(at);
        let mut open: Vec<usize> = Vec::new();
        let mut chars = text.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let double = chars.peek().is_some_and(|(_, next)| *next == c);
            match c {
                '\\' => {
                    chars.next();
                }
                '{' | '}' if double && open.is_empty() => {
                    chars.next();
                }
                '{' => open.push(i),
                '}' if open.pop().is_none() => return Some(self.brace(at, i, "}")),
                _ => {}
            }
        }
        open.first().map(|i| self.brace(at, *i, "{"))
    }

    fn brace(&self, at: usize, offset: usize, brace: &str) -> Diagnostic {
        let start = self.tokens.start(at) + offset;
        say::text_braces(Span::new(self.source, start, start + 1), brace)
    }

    /// Signs that other languages have.
    fn sign(&self, at: usize) -> Option<Diagnostic> {
        let sign = self.tokens.text(at);
        let span = self.span(at);
        let next = self.tokens.text(at + 1);
        let joined = self.tokens.end(at) == self.tokens.start(at + 1);
        let both = span.to(self.span(at + 1));
        if at < self.to && matches!(sign, "=" | ":") && self.heads_clause(at) {
            return Some(say::clause_sign(span, sign, self.tokens.text(self.from)));
        }
        if matches!(sign, "=" | "==") && self.wants(&[Rule::colon]) && !self.wants(&[Rule::equals]) {
            return Some(self.plainly(at).help("a field is declared as `name : type`").fix(span, ":"));
        }
        if matches!(sign, ":" | "==") && self.wants(&[Rule::equals]) {
            return Some(say::field_sign(span, sign));
        }
        if sign == "|" && self.tokens.word(at.wrapping_sub(1)) == "table" {
            return Some(say::missing(span, "`{`", sign));
        }
        Some(match sign {
            "||" => say::foreign_sign(span, sign, "or"),
            "&&" => say::foreign_sign(span, sign, "and"),
            "|" if !self.wants(&[Rule::bar]) => say::foreign_sign(span, sign, "or"),
            "&" => say::foreign_sign(span, sign, "and"),
            "=>" => say::other_sign(span, sign, "write `>=`", Some(">=")),
            "=<" => say::other_sign(span, sign, "write `<=`", Some("<=")),
            "≤" => say::other_sign(span, sign, "write `<=`", Some("<=")),
            "≥" => say::other_sign(span, sign, "write `>=`", Some(">=")),
            "≠" => say::other_sign(span, sign, "write `!=`", Some("!=")),
            ">" if self.tokens.is(at.wrapping_sub(1), "<") => {
                let both = self.span(at - 1).to(span);
                say::other_sign(both, "<>", "write `!=`", Some("!="))
            }
            "=" if self.tokens.is(at.wrapping_sub(1), "==") || self.tokens.is(at.wrapping_sub(1), "!=") => {
                let before = self.tokens.text(at - 1);
                let both = self.span(at - 1).to(span);
                say::other_sign(both, &format!("{before}="), &format!("write `{before}`"), Some(before))
            }
            "'" => say::single_quotes(span, sign),
            "“" | "”" | "„" | "‘" | "’" | "«" | "»" => {
                say::other_sign(span, sign, "texts stand in plain double quotes", None)
            }
            ";" => say::other_sign(span, sign, "nothing stands between clauses; leave it out", Some("")),
            "//" => say::other_sign(span, sign, "a comment begins with `#`", Some("#")),
            "/" if joined && next == "*" => {
                say::other_sign(both, "/*", "a comment begins with `#`, on each of its lines", None)
            }
            "/" if self.tokens.word(at.wrapping_sub(1)) == "matches" => {
                say::unexpected(span, "a pattern such as `/^a+$/`", sign)
                    .help("a pattern ends with `/` on the line it begins; a slash inside it is `\\/`")
            }
            "%" => say::other_sign(span, sign, "the rest of a division is `mod(a, b)`", None),
            "^" => say::other_sign(span, sign, "there is no power; multiply", None),
            "*" if self.tokens.is(at.wrapping_sub(1), "*") => {
                say::other_sign(self.span(at - 1).to(span), "**", "there is no power; multiply", None)
            }
            "?" => say::other_sign(span, sign, "a choice is `if a then b else c`", None),
            "->" => say::other_sign(span, sign, "there are no functions as values", None),
            "@" | "$" | "`" | "~" | "\\" | "\u{a0}" | "\u{200b}" | "—" | "–" | "…" => {
                say::other_sign(span, sign, "leave it out", None)
            }
            "." if self.tokens.kind(at + 1) == Some(TokenKind::Number) && joined => {
                let repair = format!("0.{next}");
                say::unexpected(both, "", &format!(".{next}")).help(format!("write `{repair}`")).fix(both, repair)
            }
            ")" | "]" | "}" if self.brackets.partner(at).is_none() && at < self.to => say::stray_bracket(span, sign),
            _ => return None,
        })
    }

    /// Whether the sign stands right after the word that begins the clause.
    fn heads_clause(&self, at: usize) -> bool {
        let two_words = matches!(
            (self.tokens.word(self.from), self.tokens.word(self.from + 1)),
            ("when", "empty") | ("effective", "from") | ("rows", "at")
        );
        let clause = [
            &keywords::GATE[..],
            &keywords::EVIDENCE,
            &keywords::WAIVER,
            &keywords::TEST,
            &keywords::ARTIFACT,
            &keywords::PROFILE,
        ];
        let begins = clause.iter().any(|words| words.contains(&self.tokens.word(self.from)));
        begins && (at == self.from + 1 || two_words && at == self.from + 2)
    }

    /// Words of other languages, misspelt words, lists without commas.
    fn word(&self, at: usize) -> Option<Diagnostic> {
        let word = self.tokens.text(at);
        let span = self.span(at);
        if at >= self.tokens.len() {
            return None;
        }
        let operand_due = self.wants(OPERAND);
        let sign_due = self.wants(&[Rule::logic_sign, Rule::relation, Rule::arith_sign]);
        let fix = |text: &str| self.plainly(at).help(format!("did you mean `{text}`?")).fix(span, text.to_owned());
        let lower = word.to_ascii_lowercase();
        if word != lower && keywords::RESERVED.contains(&lower.as_str()) {
            return Some(say::foreign_sign(span, word, &lower));
        }
        if self.wants(&[Rule::name]) && !operand_due && keywords::RESERVED.contains(&word) {
            return Some(self.plainly(at).help(format!("`{word}` is a word of expressions; choose another name")));
        }
        if keywords::RESERVED.contains(&word) && self.wants(&[Rule::entry]) {
            let quoted = format!("\"{word}\"");
            return Some(self.plainly(at).help(format!("as the name of a field write `{quoted}`")).fix(span, quoted));
        }
        if at < self.to && self.wants(&[Rule::limit]) && ["than", "most", "least"].contains(&word) {
            return Some(self.plainly(at).help("a limit is written with a sign, as in `<= 120ms`"));
        }
        if at < self.to && self.tokens.is_word(at) && !operand_due && self.wants(&[Rule::string, Rule::plain]) {
            return Some(self.plainly(at).help("a text stands in double quotes"));
        }
        if at < self.to && sign_due {
            let told = match lower.as_str() {
                "contains" | "includes" | "has" => Some("write `item in list`"),
                "between" => Some("write `x in low..high`"),
                "xor" => Some("write `a != b`"),
                "elif" | "elsif" | "elseif" => Some("write `else if`"),
                "having" | "filter" | "if" | "unless" => Some("a filter is `where`"),
                "order" | "orderby" | "sortby" => Some("sorting is `sort by`"),
                "groupby" => Some("grouping is `group by`"),
                "equals" | "eq" => Some("write `==`"),
                _ => None,
            };
            if let Some(help) = told {
                return Some(self.plainly(at).help(help));
            }
        }
        // A number and a unit that is spelt out, with a blank: `5 minutes`.
        if at > self.from
            && at < self.to
            && self.tokens.kind(at - 1) == Some(TokenKind::Number)
            && self.tokens.is_word(at)
        {
            let number = self.tokens.text(at - 1);
            let both = self.span(at - 1).to(span);
            let diagnostic = say::unknown_unit(both, &format!("{number}{word}"));
            if diagnostic.fix.is_some() {
                return Some(diagnostic);
            }
        }
        if at > self.from
            && at < self.to
            && self.is_list()
            && self.tokens.ends_operand(at - 1)
            && !self.tokens.continues(at)
            && !self.tokens.is(at - 1, ",")
            && at > self.from + 1
        {
            return Some(say::missing_comma(self.span(at - 1), span, word));
        }
        if at < self.to && self.wants(&[Rule::modifier]) && self.tokens.is_word(at + 1) && !self.tokens.is(at + 2, ":")
        {
            // `region string` behind a good field.
            let (gap, behind) = (self.tokens.end(at), self.span(at + 1));
            return Some(
                say::unexpected(behind, "`:`", self.tokens.text(at + 1))
                    .help(format!("write `{word} : {}`", self.tokens.text(at + 1)))
                    .fix(Span::new(self.source, gap, gap), " :"),
            );
        }
        if keywords::STAGES.contains(&word) && sign_due && !self.wants(&[Rule::stage]) {
            return Some(self.plainly(at).help(format!(
                "a step such as `{word}` goes on with a list; put the list and its steps in parentheses"
            )));
        }
        if let Some(known) = self.choice(at) {
            let after = if self.tokens.word(self.from) == "when" { "when empty" } else { self.tokens.text(self.from) };
            let chosen = Name { text: self.tokens.text(at - 1).to_owned(), span: self.span(at - 1) };
            if !known.contains(&chosen.text.as_str()) {
                return Some(say::unknown_choice(&chosen, after, known));
            }
        }
        if ["gate", "waiver", "profile", "tighten", "loosen"].contains(&self.tokens.word(self.from))
            && self.wants(&[Rule::gate_block, Rule::lbrace])
            && at < self.to
            && self.tokens.is_word(at)
            && at == self.from + 2
        {
            let first = self.tokens.text(at - 1);
            let gap = Span::new(self.source, self.tokens.end(at - 1), self.tokens.start(at));
            return Some(
                self.plainly(at).help(format!("an id has dots and no blanks: `{first}.{word}`")).fix(gap, "."),
            );
        }
        let mut near: Vec<&str> = Vec::new();
        if sign_due {
            near.extend(keywords::INFIX);
        }
        if self.wants(&[Rule::stage]) {
            near.extend(keywords::STAGES);
        }
        if self.wants(&[Rule::modifier]) {
            near.extend(keywords::MODIFIERS);
        }
        let said: Vec<String> = self.expected.iter().map(|r| format!("{r:?}")).collect();
        near.extend(said.iter().filter_map(|s| s.strip_prefix("kw_")));
        if self.tokens.is_word(at)
            && let Some(meant) = did_you_mean(word, near.iter().copied())
        {
            return Some(fix(meant));
        }
        // Two operands side by side: perhaps the first one was meant to be a word like `exists`.
        if at > self.from && at < self.to && sign_due && self.tokens.is_word(at - 1) && self.tokens.is_word(at) {
            let before = self.tokens.text(at - 1);
            let prefixes = ["exists", "every", "not", "if"];
            let all = match before {
                "any" | "some" => Some("exists"),
                "all" | "forall" => Some("every"),
                "none" => Some("no"),
                _ => None,
            };
            let quantifies = self.tokens.word(at + 1) == "in";
            let meant = did_you_mean(before, prefixes).or(if quantifies { all } else { None });
            if let Some(meant) = meant {
                let place = self.span(at - 1);
                return Some(
                    say::unexpected(place, "", before)
                        .help(format!("did you mean `{meant}`?"))
                        .fix(place, meant.to_owned()),
                );
            }
        }
        None
    }

    /// The words that may stand right before this place, in a clause that takes one of a few.
    fn choice(&self, at: usize) -> Option<&'static [&'static str]> {
        let (known, behind): (&[&str], usize) = match self.tokens.word(self.from) {
            "missing" => (&keywords::MISSING, 2),
            "decide" => (&keywords::DECIDE, 2),
            "required" | "waivable" => (&keywords::TRUTH, 2),
            "when" if self.tokens.word(self.from + 1) == "empty" => (&keywords::WHEN_EMPTY, 3),
            _ => return None,
        };
        (at == self.from + behind && at < self.to && self.tokens.is_word(at - 1)).then_some(known)
    }

    /// Whether the piece is a clause that lists things.
    fn is_list(&self) -> bool {
        let lists = [
            "stage", "refs", "needs", "per", "extends", "gates", "without", "sources", "versions", "write", "version",
            "bound",
        ];
        lists.contains(&self.tokens.word(self.from)) && self.wants(&[Rule::comma])
    }
}
