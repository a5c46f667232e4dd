//! What a run writes besides its reports: the documents of artifacts and their pages.
//!
//! Job: a document as JSON text (`json`), as a page for people (`page`), and the files of all
//! artifacts put in place, those of earlier runs taken away (`write`). May import: `verdict`,
//! `data`, `diag`, `host`. Deliberately absent: how documents come about (`plan` and `engine` make
//! them as they make figures), any judgement, and words about what failed beyond a reason.

mod json;
mod page;
mod write;

pub use json::text;
pub use page::page;
pub use write::{Place, write};
