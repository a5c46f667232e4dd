//! Where recovery may start again: declarations and clauses that can be told from afar.

use super::tokens::Tokens;
use crate::diag::did_you_mean;
use crate::syntax::keywords;

/// Whether the word at `i` is followed by what follows the keyword of a declaration.
pub(super) fn has_head(tokens: &Tokens<'_>, i: usize, keyword: &str) -> bool {
    let after_open = |j: usize| match (tokens.word(j), tokens.word(j + 1)) {
        ("open", "everywhere") => j + 2,
        ("open", _) => j + 1,
        _ => j,
    };
    match keyword {
        "policy" | "enum" | "evidence" | "artifact" => tokens.is_word(i + 1) && tokens.is(i + 2, "{"),
        "contract" | "record" => tokens.is_word(i + 1) && tokens.is(after_open(i + 2), "{"),
        "gate" | "waiver" | "profile" => tokens.is_word(i + 1) && tokens.is(after_dotted(tokens, i + 1), "{"),
        "test" => tokens.is_text(i + 1) && tokens.is(i + 2, "{"),
        "let" | "param" => tokens.is_word(i + 1) && (tokens.is(i + 2, "=") || tokens.is(i + 2, ":")),
        "type" => tokens.is_word(i + 1) && tokens.is(i + 2, "="),
        "def" => tokens.is_word(i + 1) && tokens.is(i + 2, "("),
        _ => false,
    }
}

/// One past a dotted name.
fn after_dotted(tokens: &Tokens<'_>, i: usize) -> usize {
    let mut next = i + 1;
    while tokens.is(next, ".") && tokens.is_word(next + 1) {
        next += 2;
    }
    next
}

/// The declaration keyword that a word most likely stands for: one edit away, and with what
/// follows that keyword.
pub(super) fn meant_declaration(tokens: &Tokens<'_>, i: usize) -> Option<&'static str> {
    let word = tokens.word(i);
    if word.is_empty() || tokens.continues(i) || keywords::DECLARATIONS.contains(&word) {
        return None;
    }
    let other = match word {
        "function" | "fn" | "func" => Some("def"),
        "const" | "var" | "val" => Some("let"),
        "struct" => Some("record"),
        "metric" | "check" | "assert" => Some("gate"),
        _ => None,
    };
    // On a line of its own a word is judged by the margin; inside one it must be very near.
    let near =
        did_you_mean(word, keywords::DECLARATIONS).filter(|k| tokens.leads(i) || k.len().abs_diff(word.len()) <= 1);
    [near, other].into_iter().flatten().find(|k| has_head(tokens, i, k))
}

/// The tokens that begin a declaration, in order. The first token always does.
pub(super) fn declarations(tokens: &Tokens<'_>) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut depth: usize = 0;
    let (mut keyword, mut margin, mut opened) = ("", 0, false);
    for i in 0..tokens.len() {
        let outermost = tokens.leads(i) && tokens.column(i) <= margin;
        let first = starts.is_empty();
        let around = Around { keyword, depth, opened, outermost };
        if first || begins_declaration(tokens, i, &around) {
            let word = tokens.word(i);
            keyword = meant_declaration(tokens, i).unwrap_or(word);
            // Before the first leading declaration nobody knows the margin.
            if tokens.leads(i) && (first || outermost || depth == 0) {
                margin = tokens.column(i);
            }
            (depth, opened) = (0, false);
            starts.push(i);
            continue;
        }
        match tokens.text(i) {
            "(" | "[" | "{" if tokens.is_sign(i) => {
                depth += 1;
                opened = true;
            }
            ")" | "]" | "}" if tokens.is_sign(i) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    starts
}

/// What is known of the place of a token while declarations are told apart.
struct Around<'t> {
    /// The keyword of the declaration it may still belong to.
    keyword: &'t str,
    /// How many of its brackets are open.
    depth: usize,
    /// Whether it has had a bracket at all.
    opened: bool,
    /// Whether the token leads a line at the margin of declarations.
    outermost: bool,
}

fn begins_declaration(tokens: &Tokens<'_>, i: usize, around: &Around<'_>) -> bool {
    let &Around { keyword: within, depth, opened, outermost } = around;
    let word = tokens.word(i);
    if word.is_empty() {
        return false;
    }
    let fresh = i.checked_sub(1).is_none_or(|before| tokens.ends_operand(before) && !tokens.is(before, ","));
    if keywords::DECLARATIONS.contains(&word) {
        // A profile points an evidence elsewhere in a block of its own.
        let inside = depth > 0 || !opened;
        if inside && within == "profile" && word == "evidence" && !outermost {
            return false;
        }
        if has_head(tokens, i, word) {
            return outermost || fresh;
        }
        // A head that is not right yet: trust the margin, or the brace that follows soon.
        let name = tokens.is_word(i + 1) && !tokens.continues(i + 1) || tokens.is_text(i + 1) || tokens.is(i + 1, "{");
        let brace = || depth == 0 && opened_soon(tokens, i, word);
        return name && fresh && (outermost || brace()) || name && outermost && depth > 0;
    }
    if block_words(within).contains(&word) && (depth > 0 || !opened) {
        return false;
    }
    if meant_declaration(tokens, i).is_some() {
        return fresh && (depth == 0 || outermost);
    }
    // An unknown word with a name after it, where only a declaration may stand.
    depth == 0
        && outermost
        && fresh
        && !tokens.continues(i)
        && (tokens.is_word(i + 1) && !tokens.continues(i + 1) || tokens.is_text(i + 1))
}

/// Whether the keyword of a block at `i` has a brace near, with nothing but names and signs before.
fn opened_soon(tokens: &Tokens<'_>, i: usize, keyword: &str) -> bool {
    let block = !matches!(keyword, "let" | "param" | "def" | "type");
    let brace = (i + 2..i + 6).find(|j| tokens.is(*j, "{"));
    block && tokens.is_word(i + 1) && brace.is_some_and(|b| !(i + 1..b).any(|j| tokens.is(j, "=") || tokens.is(j, ":")))
}

/// The words that begin the clauses of a declaration's block; none for a block of members.
pub(super) fn block_words(keyword: &str) -> &'static [&'static str] {
    match keyword {
        "gate" => &keywords::GATE,
        "evidence" => &keywords::EVIDENCE,
        "waiver" => &keywords::WAIVER,
        "test" => &keywords::TEST,
        "artifact" => &keywords::ARTIFACT,
        "profile" => &keywords::PROFILE,
        _ => &[],
    }
}

/// Whether a token may follow an operand, as `going_on` of the grammar says.
fn goes_on(tokens: &Tokens<'_>, i: usize) -> bool {
    let word = tokens.word(i);
    let begins = [
        &keywords::GATE[..],
        &keywords::EVIDENCE,
        &keywords::WAIVER,
        &keywords::TEST,
        &keywords::ARTIFACT,
        &keywords::PROFILE,
        &keywords::DECLARATIONS,
    ];
    match tokens.kind(i) {
        None => true,
        Some(_) if tokens.is_sign(i) => true,
        Some(_) if word.is_empty() => false,
        Some(_) => tokens.continues(i) || begins.iter().any(|words| words.contains(&word)),
    }
}

/// What follows the first word of a clause.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follow {
    Text,
    Word,
    Value,
    Sign,
    Moment,
    Exactly(&'static str),
    Anything,
}

fn follow(words: &[&str], word: &str) -> Follow {
    let profile = words == keywords::PROFILE;
    let artifact = words == keywords::ARTIFACT;
    match word {
        "title" | "owner" | "fix" | "reason" | "approver" | "ticket" | "path" | "files" | "schema" | "version" => {
            Follow::Text
        }
        "for" if artifact => Follow::Word,
        "for" => Follow::Text,
        "refs" | "stage" | "needs" | "extends" | "gates" | "without" | "sources" | "write" | "source" | "format"
        | "tighten" | "loosen" | "evidence" | "gate" | "required" | "waivable" | "missing" | "decide" | "covers"
        | "bound" | "given" | "set" | "verdict" | "waivers" | "versions" | "fresh" => Follow::Word,
        "expect" if profile => Follow::Exactly("gates"),
        "when" if words == keywords::GATE => Follow::Exactly("empty"),
        "effective" => Follow::Exactly("from"),
        "rows" => Follow::Exactly("at"),
        "judge" => Follow::Exactly("each"),
        "at" => Follow::Exactly("most"),
        "threshold" | "samples" => Follow::Sign,
        "opened" | "expires" | "as_of" => Follow::Moment,
        "optional" | "markdown" => Follow::Anything,
        _ => Follow::Value,
    }
}

/// Whether the word at `i` begins a clause of a block with these clause words, as far as the
/// tokens around it tell. `margin` is the column where clauses of the block begin, if each has its
/// own line.
pub(super) fn begins_clause(tokens: &Tokens<'_>, i: usize, words: &[&str], margin: Option<usize>) -> bool {
    let word = tokens.word(i);
    if word.is_empty() {
        return false;
    }
    let known = words.contains(&word);
    let fresh = i.checked_sub(1).is_some_and(|before| tokens.ends_operand(before));
    if tokens.leads(i) && margin == Some(tokens.column(i)) && !tokens.continues(i) {
        return known || fresh || did_you_mean(word, words.iter().copied()).is_some();
    }
    if !fresh {
        return false;
    }
    if i.checked_sub(1).is_some_and(|before| tokens.is(before, ",")) && goes_on(tokens, i + 1) {
        // The item of a list: what follows it may follow an operand.
        return false;
    }
    if !known {
        // Packed: only a word that is nearly a clause word, with what would follow it.
        return !tokens.continues(i)
            && did_you_mean(word, words.iter().copied())
                .is_some_and(|meant| follows(tokens, i + 1, follow(words, meant)));
    }
    follows(tokens, i + 1, follow(words, word))
}

/// Whether a clause word at `i` is followed by what follows it in a clause. Asked behind a bracket
/// that is open, where the token before tells nothing.
pub(super) fn heads_clause(tokens: &Tokens<'_>, i: usize, words: &[&str]) -> bool {
    let word = tokens.word(i);
    let told = match follow(words, word) {
        Follow::Value | Follow::Anything => false,
        Follow::Sign => !tokens.is_word(i + 1),
        _ => true,
    };
    words.contains(&word) && told && follows(tokens, i + 1, follow(words, word))
}

fn follows(tokens: &Tokens<'_>, i: usize, follow: Follow) -> bool {
    if tokens.is(i, "=") || tokens.is(i, ":") {
        // `owner = ".."`: a sign too many, and no operand takes one either.
        return true;
    }
    let value = || {
        let word = tokens.word(i);
        match tokens.kind(i) {
            None => false,
            Some(_) if tokens.is_sign(i) => matches!(tokens.text(i), "(" | "{" | "!" | "'"),
            Some(_) if word.is_empty() => true,
            Some(_) => !tokens.continues(i) || ["true", "false", "none", "null", "this", "if", "not"].contains(&word),
        }
    };
    match follow {
        Follow::Text => tokens.is_text(i) || tokens.is(i, "'"),
        Follow::Word => {
            tokens.is_word(i) && (!tokens.continues(i) || ["true", "false", "none"].contains(&tokens.word(i)))
        }
        Follow::Value => value(),
        Follow::Sign => {
            let compares = |i: usize| {
                ["==", "!=", "<=", ">=", "<", ">", "="].iter().any(|s| tokens.is(i, s)) || tokens.word(i) == "in"
            };
            compares(i)
                || tokens.is_word(i) && !tokens.continues(i)
                || tokens.kind(i).is_some() && !tokens.is_sign(i) && !tokens.is_word(i)
        }
        Follow::Moment => tokens.kind(i).is_some() && !tokens.is_sign(i) && !tokens.is_word(i),
        Follow::Exactly(word) => tokens.word(i) == word,
        Follow::Anything => true,
    }
}

/// Whether a member of a record begins at `i`: `name :`, `include R`, `rule name :`, `advice name :`,
/// `schema ".."`.
pub(super) fn begins_member(tokens: &Tokens<'_>, i: usize, margin: Option<usize>) -> bool {
    let word = tokens.word(i);
    if word.is_empty() {
        return false;
    }
    let before = i.checked_sub(1);
    let fresh = before.is_some_and(|b| tokens.ends_operand(b) || tokens.is(b, "{"));
    if tokens.leads(i) && margin == Some(tokens.column(i)) && !tokens.continues(i) {
        return fresh || tokens.is(i + 1, ":");
    }
    if !fresh || keywords::RESERVED.contains(&word) {
        return false;
    }
    let named_rule = before.is_some_and(|b| keywords::CONDITIONS.contains(&tokens.word(b)) || nearly_rule(tokens, b));
    tokens.is(i + 1, ":") && !named_rule
        || keywords::CONDITIONS.contains(&word) && tokens.is_word(i + 1)
        || nearly_rule(tokens, i)
        || word == "include" && tokens.is_word(i + 1) && !tokens.is(i + 2, ":")
        || word == "schema" && tokens.is_text(i + 1)
}

/// `rle ok: ..`
fn nearly_rule(tokens: &Tokens<'_>, i: usize) -> bool {
    let word = tokens.word(i);
    tokens.is_word(i + 1)
        && tokens.is(i + 2, ":")
        && !tokens.continues(i)
        && did_you_mean(word, keywords::CONDITIONS).is_some()
}
