//! Names: unknown, declared twice, with two meanings, out of sight.

use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const DUPLICATE: Code = Code("rspp::names::duplicate");

pub(in crate::check) const CODES: &[Code] = &[DUPLICATE];

/// Two declarations of one name.
pub(in crate::check) fn duplicate(what: &str, name: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(DUPLICATE, format!("`{name}` is declared twice"), second, format!("a second {what} `{name}`"))
        .label(first, "declared here first")
        .help("rename one of them")
}
