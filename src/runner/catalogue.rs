//! Every code that this program can tell, with its page. Lists what the layers declare; makes no
//! diagnostic of its own.

use super::diagnostics as say;
use crate::diag::{Code, Diagnostic};

/// Every code of every layer, in the order of the alphabet.
pub fn codes() -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    let typed: [&[Code]; 5] =
        [crate::document::CODES, crate::syntax::CODES, crate::plan::CODES, crate::explain::CODES, say::CODES];
    let typed = typed.into_iter().chain(crate::check::diagnostics::CODES.iter().copied());
    all.extend(typed.flat_map(|codes| codes.iter().map(|c| c.0)));
    for codes in
        [crate::evidence::CODES, crate::eval::decode::CODES, crate::verdict::CODES, crate::verdict::WAIVER_CODES]
    {
        all.extend(codes);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The page of a code: what it says, why, an example, a repair.
///
/// # Errors
/// No such page, which is a bug where [`codes`] holds the code.
pub fn page(code: &str) -> Result<&'static str, Box<Diagnostic>> {
    let page = PAGES.iter().find(|(name, _)| *name == code);
    page.map(|(_, page)| *page).ok_or_else(|| say::internal(&format!("the page of `{code}` is missing")).into())
}

// `PAGES: &[(&str, &str)]`, code and text of every page in `docs/diagnostics/`; see build.rs.
include!(concat!(env!("OUT_DIR"), "/pages.rs"));
