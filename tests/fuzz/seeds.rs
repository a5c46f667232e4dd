//! What cases are made from: the texts that the other suites hold, and the committed corpus.

use crate::targets::archive::Archive;
use crate::targets::{self};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder whose names end so, in the order of their names.
pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root().join(folder)]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The committed inputs of a target: what was once broken, and what is made to break.
pub fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files(&format!("fuzz/corpus/{target}"), "").iter().map(|p| (name(p), std::fs::read(p).unwrap())).collect()
}

/// Every case of the specification as an archive.
pub fn cases() -> &'static [Archive] {
    static CASES: OnceLock<Vec<Archive>> = OnceLock::new();
    CASES.get_or_init(|| {
        files("tests/spec", ".md").iter().flat_map(|p| read(&std::fs::read_to_string(p).unwrap())).collect()
    })
}

fn read(text: &str) -> Vec<Archive> {
    let (mut common, mut cases): (Archive, Vec<Archive>) = Default::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("### ") {
            cases.push(common.clone());
        }
        let Some(info) = line.strip_prefix("```").filter(|i| !i.is_empty()) else { continue };
        let body: String = lines.by_ref().take_while(|l| *l != "```").map(|l| format!("{l}\n")).collect();
        let first = cases.is_empty();
        let case = cases.last_mut().unwrap_or(&mut common);
        let (kind, rest) = info.split_once(' ').unwrap_or((info, ""));
        let path = match (kind, rest) {
            ("gate", "") if first => "gates/common.gate".to_owned(),
            ("gate", "") => format!("gates/case{}.gate", case.files.len()),
            ("gate", name) => format!("gates/{name}"),
            ("profile", _) => "profiles/p.profile".to_owned(),
            ("file", path) => format!("evidence/{path}"),
            _ => continue,
        };
        case.files.retain(|(p, _)| *p != path);
        case.files.push((path, body.into_bytes()));
    }
    cases.into_iter().map(whole).collect()
}

/// With the declaration and the profile that the suite puts in front.
fn whole(mut case: Archive) -> Archive {
    let says = |(_, bytes): &(String, Vec<u8>)| bytes.split(|b| *b == b'\n').any(|l| l.starts_with(b"policy "));
    if !case.files.iter().any(says) {
        case.files.push(("gates/policy.gate".to_owned(), b"policy spec { language 1 }\n".to_vec()));
    }
    if !case.files.iter().any(|(p, _)| p.starts_with("profiles/")) {
        let profile = b"profile p { stage s  sources synthetic, recorded, live }\n".to_vec();
        case.files.push(("profiles/p.profile".to_owned(), profile));
    }
    case
}

/// Texts of policies: those of the suites, and every policy that is shipped.
pub fn texts() -> &'static [String] {
    static TEXTS: OnceLock<Vec<String>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let folders = ["tests/syntax", "tests/diagnostics", "tests/check_good", "gates", "profiles", "examples"];
        let paths = folders.iter().flat_map(|f| [files(f, ".gate"), files(f, ".profile")].concat());
        let mut texts: Vec<String> = paths.map(|p| std::fs::read_to_string(p).unwrap()).collect();
        let of_cases = cases().iter().flat_map(|c| &c.files).filter(|(p, _)| !p.starts_with("evidence/"));
        texts.extend(of_cases.map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap()));
        texts.sort();
        texts.dedup();
        texts
    })
}

/// The inputs of a target that are no mutations: they all have to hold.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let evidence = |ending: &str| -> Vec<Vec<u8>> {
        let of_cases = cases().iter().flat_map(|c| &c.files);
        let mut found: Vec<Vec<u8>> = of_cases
            .filter(|(p, _)| p.starts_with("evidence/") && p.ends_with(ending))
            .map(|(_, b)| b.clone())
            .collect();
        found.sort();
        found.dedup();
        found
    };
    match target {
        "syntax" | "fmt" => texts().iter().map(|t| t.clone().into_bytes()).collect(),
        "check" | "engine" => cases().iter().map(Archive::write).collect(),
        "profile" => {
            texts().iter().filter(|t| t.trim_start().starts_with("profile ")).map(|t| t.clone().into_bytes()).collect()
        }
        "json" | "report" | "candidate" => evidence(".json"),
        "jsonl" => evidence(".jsonl"),
        "csv" => evidence(".csv"),
        "yaml" => [evidence(".yaml"), evidence(".yml"), evidence(".json")].concat(),
        "run_file" => vec![b"as_of: \"2026-03-01T00:00:00Z\"\nevidence_root: .\ncandidate: c.json\n".to_vec()],
        other => panic!("nobody says what {other} starts from: {}", targets::TARGETS.len()),
    }
}
