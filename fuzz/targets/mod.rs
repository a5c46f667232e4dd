//! What is fuzzed: one function from bytes for each part that reads what others wrote.
//!
//! A target panics when something does not hold. It uses public items of the library only, keeps
//! no state but what is made once, and gives the same answer for the same bytes. `tests/fuzz.rs`
//! runs all of them on a corpus and on made-up input; `fuzz/fuzz_targets/` hands them to
//! cargo-fuzz.

#![allow(dead_code, reason = "each of the two users needs its own part")]

pub mod archive;
mod engine;
mod files;
mod hold;
pub mod policy;
pub mod readers;

/// One part that is fuzzed.
pub struct Target {
    /// Its name: the folder of its corpus, and the name under cargo-fuzz.
    pub name: &'static str,
    /// Reads bytes, and panics when something does not hold.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "syntax", run: policy::syntax },
    Target { name: "fmt", run: policy::fmt },
    Target { name: "check", run: policy::check },
    Target { name: "profile", run: policy::profile },
    Target { name: "engine", run: engine::engine },
    Target { name: "json", run: readers::json },
    Target { name: "jsonl", run: readers::jsonl },
    Target { name: "yaml", run: readers::yaml },
    Target { name: "csv", run: readers::csv },
    Target { name: "run_file", run: files::run_file },
    Target { name: "candidate", run: files::candidate },
    Target { name: "report", run: files::report },
];

/// The target of this name.
pub fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("there is no target {name}"))
}
