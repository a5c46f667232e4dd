//! Every code that can be told has a page, and every page a code.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use rspp_gates::runner::{codes, page};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics");
    let told: BTreeSet<String> = codes().iter().map(|code| format!("{}.md", code.replace("::", "-"))).collect();
    let written: BTreeSet<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let without_page: Vec<_> = told.difference(&written).collect();
    let without_code: Vec<_> = written.difference(&told).collect();
    assert!(
        without_page.is_empty() && without_code.is_empty(),
        "no page: {without_page:#?}\nno code: {without_code:#?}"
    );
}

#[test]
fn a_page_opens_with_its_code_and_says_what_to_write() {
    for code in codes() {
        let page = page(code).unwrap_or_else(|d| panic!("{code}: {}", d.message));
        assert_eq!(page.lines().next(), Some(&*format!("# {code}")), "{code}");
        let words = page.split_whitespace().count();
        assert!(words > 20, "the page of {code} says next to nothing");
    }
}

#[test]
fn codes_are_named_by_layer_and_matter() {
    for code in codes() {
        let parts: Vec<&str> = code.split("::").collect();
        let plain = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        assert!(parts.len() == 3 && parts[0] == "rspp" && parts.iter().all(|p| plain(p)), "{code}");
    }
}
