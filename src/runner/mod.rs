//! Puts policy, evidence and engine together: the composition root.
//!
//! Job: find the policy root, load its files, run profiles over evidence ([`Session`]), write
//! reports, list every diagnostic. May import: everything below. Only here do the registries of
//! functions and formats meet. Deliberately absent: arguments, terminals, exit codes (see `cli`).

mod candidate;
mod catalogue;
mod contract_schema;
mod diagnostics;
mod init;
mod inspect;
mod layout;
mod load;
mod outlet;
mod profile;
mod run_file;
mod schemas;
mod session;
#[cfg(test)]
mod tests;

pub use catalogue::{codes, page};
pub use contract_schema::{SchemaRequest, contract_schema, schema_difference, write_schema};
pub use diagnostics::CODES;
pub use init::{INIT_GATE, INIT_PROFILE, InitError, Initialised, Made, init};
pub use inspect::gate;
pub use layout::{FileLayout, LayoutError, Layouts, STDIN, layout, layout_text};
pub use outlet::{Outlet, outlets, write_all};
pub use run_file::{RUN_FILE, RunFile};
pub use session::{Artifacts, Checked, Refusal, RunRequest, Schemas, Session, registry};

use crate::diag::Diagnostic;

/// A bug of this program, as a diagnostic.
pub fn internal(what: &str) -> Diagnostic {
    diagnostics::internal(what)
}
