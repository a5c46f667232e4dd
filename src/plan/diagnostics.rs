//! What the planner has to say.

use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// Codes of the diagnostics made here; each has its page.
pub const CODES: &[Code] = &[QUADRATIC];

const QUADRATIC: Code = Code("rspp::plan::quadratic");

/// A list of evidence is walked for each row of another.
pub(super) fn quadratic(inner: Span, outer: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::warning(
        QUADRATIC,
        "this walks a whole table of evidence for each row of another one",
        inner,
        "walked again for each row",
    )
    .help("compare a field of the inner row with `==` to something of the outer one, first in the condition: then it is looked up by key");
    match outer {
        Some(span) => diagnostic.label(span, "for each row of this"),
        None => diagnostic,
    }
}
