//! `rspp-gates contract list`: the kinds of documents that the policy knows.

use crate::cli::streams::Streams;
use crate::cli::{Exit, Global, check};
use crate::document::Kinds;
use crate::explain::place;
use crate::host::Host;
use crate::report::layout::{Page, Paint};
use crate::runner::Session;

/// Lists the contracts of the policy: what each is for, its schema, and where it is declared.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let session = match Session::open(host, global.policy.as_deref()) {
        Ok(session) => session,
        Err(refusal) => return check::refused(&refusal, streams),
    };
    let checked = session.check();
    let Some(policy) = &checked.policy else {
        streams.tell(&checked.diagnostics, &checked.sources);
        return Exit::Usage;
    };
    let mut page = Page::new(streams.colours_stdout());
    let kinds: Vec<_> = Kinds::of(&policy.policy).all().collect();
    if kinds.is_empty() {
        page.line(&[("the policy declares no contract", Paint::Faint)]);
    }
    let width = kinds.iter().map(|k| k.named.name.chars().count()).max().unwrap_or(0);
    for kind in kinds {
        let doc = kind.named.doc.as_deref().and_then(|doc| doc.lines().next()).unwrap_or("").trim();
        let name = format!("{:width$}", kind.named.name);
        page.line(&[(&name, Paint::Strong), ("  ", Paint::Plain), (doc, Paint::Plain)]);
        let (blank, place) = (" ".repeat(width + 2), place(&checked.sources, kind.named.span));
        let schema = kind.named.schema().map_or("no schema".to_owned(), |s| format!("schema {}", s.name));
        page.line(&[(&blank, Paint::Plain), (&format!("{schema}, {place}"), Paint::Faint)]);
    }
    streams.print(&page.finish()).err().unwrap_or(Exit::Yes)
}
