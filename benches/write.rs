//! Writes made-up policies to disk, to measure the program itself on them:
//! `cargo bench --bench write -- FOLDER GATES..` makes `FOLDER/GATES` for each number.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "it writes files, and stops when it cannot"
)]

#[path = "support/policies.rs"]
mod policies;

use std::path::Path;

fn main() {
    // `cargo bench` adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some((folder, sizes)) = arguments.split_first() else {
        eprintln!("write: name a folder and numbers of gates");
        return;
    };
    for size in sizes {
        for (path, text) in policies::policy(size.parse().unwrap()) {
            let path = Path::new(folder).join(size).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
}
