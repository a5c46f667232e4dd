//! `x like "glob"` and `x matches /regex/`: patterns are compiled here, so that a mistake in one
//! is found before anything runs.

use super::logic::Judged;
use super::{Expect, node};
use crate::check::checker::Checker;
use crate::check::diagnostics::types;
use crate::check::scope::Scope;
use crate::data::Type;
use crate::model::{ExprKind, Pattern};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

/// Bytes that a compiled pattern may take: far more than people write, far less than hurts.
const SIZE_LIMIT: usize = 1 << 20;

impl Checker<'_> {
    pub(super) fn matches(
        &mut self,
        scope: &Scope,
        glob: bool,
        text: &tree::Expr,
        pattern: &tree::Expr,
        span: Span,
    ) -> Judged {
        let subject = self.expr(scope, text, Expect::Hint(&Type::String));
        let compiled = self.pattern(glob, pattern);
        if subject.ty.is_unknown() {
            return Judged::unknown(span);
        }
        if *subject.ty.present() != Type::String {
            let words = self.words(subject.span);
            self.report(types::pattern_of_other(&words, subject.ty.present(), glob, subject.span));
            return Judged::unknown(span);
        }
        let word = if glob { "`like`" } else { "`matches`" };
        if !self.there(scope, &subject, word) {
            return Judged::unknown(span);
        }
        let Some(pattern) = compiled else { return Judged::unknown(span) };
        Judged::plain(node(ExprKind::Match { text: subject, pattern: Arc::new(pattern) }, Type::Bool, span))
    }

    fn pattern(&mut self, glob: bool, pattern: &tree::Expr) -> Option<Pattern> {
        // The parser lets nothing else through, or has told why.
        let (text, source) = match &*pattern.kind {
            tree::ExprKind::Text(text) if glob => {
                text.as_plain().map(|plain| (plain.clone(), glob_to_regex(&plain)))?
            }
            tree::ExprKind::Regex(text) if !glob => (text.clone(), text.clone()),
            _ => return None,
        };
        match regex::RegexBuilder::new(&source).size_limit(SIZE_LIMIT).nest_limit(100).build() {
            Ok(regex) => Some(Pattern { text: text.into(), glob, regex }),
            Err(error) => {
                let (reason, column) = explained(&error);
                let at = match column {
                    // The slash stands before the pattern.
                    Some(column) if !glob => {
                        let before: usize = source.chars().take(column).map(char::len_utf8).sum();
                        let start = pattern.span.start as usize + 1 + before;
                        Span::new(pattern.span.source, start, start + 1)
                    }
                    _ => pattern.span,
                };
                self.report(types::bad_pattern(&reason, at));
                None
            }
        }
    }
}

/// What is wrong with a pattern, and the character at which it is.
fn explained(error: &regex::Error) -> (String, Option<usize>) {
    match error {
        regex::Error::CompiledTooBig(_) => ("it is too large".to_owned(), None),
        error => {
            let text = error.to_string();
            let reason = text.lines().rev().find_map(|l| l.strip_prefix("error: ")).unwrap_or("it cannot be read");
            // The library prints the pattern and under it, four blanks in, a caret.
            let caret = text.lines().find(|l| l.trim_start().starts_with('^'));
            let column = caret.and_then(|l| l.find('^')).and_then(|c| c.checked_sub(4));
            (reason.to_owned(), column)
        }
    }
}

/// The whole text: `*` is any text within a segment, `**` any text, `?` one character that is no
/// `/`; everything else is itself.
pub(super) fn glob_to_regex(glob: &str) -> String {
    let mut out = String::from("(?s)^");
    let mut rest = glob.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.peek() == Some(&'*') => {
                rest.next();
                // `**/` also stands for no segment at all.
                if rest.peek() == Some(&'/') && (out.ends_with('^') || out.ends_with('/')) {
                    rest.next();
                    out.push_str("(?:.*/)?");
                } else {
                    out.push_str(".*");
                }
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push('$');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(glob: &str, yes: &[&str], no: &[&str]) {
        let regex = regex::Regex::new(&glob_to_regex(glob)).unwrap();
        yes.iter().for_each(|t| assert!(regex.is_match(t), "{glob} should match {t:?}"));
        no.iter().for_each(|t| assert!(!regex.is_match(t), "{glob} should not match {t:?}"));
    }

    #[test]
    fn globs_stay_within_a_segment_unless_they_say_otherwise() {
        check("*.env", &[".env", "a.env"], &["a/.env", "a.envs", "x.env\n"]);
        check("**/*.env", &[".env", "a/b/.env"], &[".environment"]);
        check("a/**", &["a/", "a/b/c"], &["a", "b/a/"]);
        check("a?c", &["abc", "aäc"], &["ac", "a/c"]);
        check("a.(b)+", &["a.(b)+"], &["aX(b)+", "a.bb"]);
        check("kind_final:*", &["kind_final:x y\n"], &["kind_final"]);
        check("", &[""], &["a"]);
    }
}
