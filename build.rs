//! Puts the pages of `docs/diagnostics/` into the program, so that `explain CODE` can show them.
//! `rspp-layer-what.md` is the page of `rspp::layer::what`: the first line of the page says it.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a build script reads files, and stops when it cannot"
)]

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the sources are");
    let folder = Path::new(&root).join("docs/diagnostics");
    println!("cargo::rerun-if-changed=docs/diagnostics");
    let mut pages: Vec<_> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.filter_map(|e| e.ok().map(|e| e.path())).collect(),
        Err(_) => Vec::new(),
    };
    pages.retain(|p| p.extension().is_some_and(|e| e == "md"));
    pages.sort();
    let mut table = String::from("const PAGES: &[(&str, &str)] = &[\n");
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("a page is text");
        let code = text.lines().next().and_then(|l| l.strip_prefix("# ")).unwrap_or("").to_owned();
        writeln!(table, "    ({code:?}, include_str!({:?})),", page.display().to_string()).expect("memory");
    }
    table.push_str("];\n");
    let out = std::env::var("OUT_DIR").expect("cargo says where to write");
    std::fs::write(Path::new(&out).join("pages.rs"), table).expect("the output folder can be written");
}
