//! The documentation is run: every policy in it is checked, every command in it is started.
//!
//! Fences of a code block say what it is:
//! - `gate`: a whole policy · `gate,fragment`: declarations, read together with the evidence that
//!   `docs/language/README.md` declares · `gate,clauses`: the inside of one gate over it
//! - `gate,error=CODE`: whole or fragment, with exactly that mistake
//! - `gate,from=PATH`: stands in that file, word for word
//! - `console`: lines after `$ ` are run, the others are what is printed
//! - `file=PATH`, with any language: on this page the commands find a file of this content
//!
//! `UPDATE_EXPECTED=1` writes what commands print into the pages.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops at what it does not expect, and drives the binary over real folders"
)]

use rspp_gates::diag::{self, Diagnostic, Style};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::syntax::keywords;
use rspp_gates::syntax::tree::{DeclarationKind, File, GateClauseKind};
use rspp_gates::{builtins, check, evidence, syntax};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// The pages of diagnostics: their examples are tested beside the layers that find the mistakes.
const DIAGNOSTICS: &str = "docs/diagnostics";

/// One code block of a page.
struct Block {
    page: PathBuf,
    /// Line of its opening fence, from 1.
    line: usize,
    /// Words of the fence: language first.
    info: Vec<String>,
    text: String,
}

impl Block {
    fn is(&self, word: &str) -> bool {
        self.info.iter().any(|w| w == word)
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.info.iter().find_map(|w| w.strip_prefix(key)?.strip_prefix('='))
    }

    fn place(&self) -> String {
        format!("{}:{}", self.page.display(), self.line)
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All pages, as paths below the project's folder.
fn pages() -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("README.md")];
    let mut folders = vec![PathBuf::from("docs"), PathBuf::from("examples"), PathBuf::from("fixtures")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                if path != Path::new("fixtures/cases") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<(&str, Block)> = None;
    for (index, line) in text.lines().enumerate() {
        // Blocks may stand in a quotation or a list.
        let bare = line.trim_start_matches(['>', ' ']);
        match open.take() {
            None => {
                if let Some(info) = bare.strip_prefix("```") {
                    let prefix = &line[..line.len() - bare.len()];
                    let info = info.split([',', ' ']).filter(|w| !w.is_empty()).map(str::to_owned).collect();
                    open = Some((prefix, Block { page: page.into(), line: index + 1, info, text: String::new() }));
                }
            }
            Some((prefix, mut block)) => {
                if bare.starts_with("```") {
                    found.push(block);
                } else {
                    let text = line.strip_prefix(prefix).unwrap_or(line.trim_start_matches(['>', ' ']));
                    block.text.push_str(text);
                    block.text.push('\n');
                    open = Some((prefix, block));
                }
            }
        }
    }
    assert!(open.is_none(), "{}: a code block is not closed", page.display());
    found
}

fn all_blocks() -> Vec<Block> {
    pages().iter().flat_map(|p| blocks(p)).collect()
}

/// The evidence that fragments are read with.
fn wrapper() -> String {
    let page = Path::new("docs/language/README.md");
    let found = blocks(page).into_iter().find(|b| b.is("wrapper")).expect("the overview declares the evidence");
    found.text
}

fn parse(sources: &mut SourceMap, name: &str, text: &str) -> (File, Vec<Diagnostic>) {
    let id = sources.add(name, text);
    syntax::parse(id, text)
}

/// A profile that takes every gate of a fragment that has no profile of its own.
fn profile_for(file: &File) -> String {
    let mut gates: Vec<&str> = Vec::new();
    let mut stages: BTreeSet<&str> = BTreeSet::new();
    for declaration in &file.declarations {
        match &declaration.kind {
            DeclarationKind::Profile(_) => return String::new(),
            DeclarationKind::Gate(gate) => {
                gates.push(&gate.id.text);
                for clause in &gate.clauses {
                    if let GateClauseKind::Stage(names) = &clause.kind {
                        stages.extend(names.iter().map(|n| n.text.as_str()));
                    }
                }
            }
            _ => {}
        }
    }
    if gates.is_empty() {
        return String::new();
    }
    let stage = if stages.is_empty() {
        String::new()
    } else {
        format!("stage {}", stages.into_iter().collect::<Vec<_>>().join(", "))
    };
    format!("profile everything {{ gates {} {stage} }}\n", gates.join(", "))
}

/// Reads and checks a block; gives its mistakes (not its warnings) and all of it as people see it.
fn mistakes(block: &Block) -> (Vec<&'static str>, String) {
    let mut sources = SourceMap::default();
    let name = block.place();
    let text =
        if block.is("clauses") { format!("gate doc.clauses {{\n{}}}\n", block.text) } else { block.text.clone() };
    let (file, mut found) = parse(&mut sources, &name, &text);
    let whole = file.declarations.iter().any(|d| matches!(d.kind, DeclarationKind::Policy(_)));
    let profile = profile_for(&file);
    let mut files = vec![file];
    if !whole {
        let (more, wrong) = parse(&mut sources, "wrapper", &wrapper());
        files.push(more);
        found.extend(wrong);
    }
    let (more, wrong) = parse(&mut sources, "everything.profile", &profile);
    files.push(more);
    found.extend(wrong);
    if !found.iter().any(Diagnostic::is_error) {
        let mut registry = Registry::default();
        builtins::register(&mut registry).unwrap();
        evidence::register(&mut registry);
        found.extend(check::check(&files, &sources, Arc::new(registry)).diagnostics);
    }
    let style = Style { colour: false, unicode: true, width: 100 };
    let errors: Vec<&Diagnostic> = found.iter().filter(|d| d.is_error()).collect();
    let mut shown = String::new();
    for error in &errors {
        shown.push_str(&diag::render(error, &sources, &style));
    }
    (errors.iter().map(|d| d.code.0).collect(), shown)
}

#[test]
fn every_policy_in_the_documentation_checks_as_it_says() {
    let mut wrong = String::new();
    let mut checked = 0;
    // What a page brings as a file, its commands check.
    let here = |b: &&Block| b.is("gate") && b.value("file").is_none() && !b.page.starts_with(DIAGNOSTICS);
    for block in all_blocks().iter().filter(here) {
        let expected = block.value("error");
        assert!(expected.is_some() || !block.is("error"), "{}: which error?", block.place());
        let (found, shown) = mistakes(block);
        let right = match expected {
            None => found.is_empty(),
            Some(code) => !found.is_empty() && found.iter().all(|c| *c == code),
        };
        checked += 1;
        if !right {
            let wanted = expected.unwrap_or("no mistake");
            let _ = writeln!(wrong, "{}: {wanted} is due, {found:?} found\n{shown}", block.place());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(checked > 30, "only {checked} blocks: is the documentation still found?");
}

#[test]
fn what_is_said_to_stand_in_a_file_stands_there() {
    for block in all_blocks() {
        if let Some(path) = block.value("from") {
            let text = std::fs::read_to_string(root().join(path)).unwrap();
            assert!(text.contains(block.text.trim_end()), "{}: not in {path}", block.place());
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = String::new();
    for page in pages() {
        let text = std::fs::read_to_string(root().join(&page)).unwrap();
        let folder = page.parent().unwrap_or(Path::new(""));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or("");
            if path.is_empty() || path.contains("://") {
                continue;
            }
            if !root().join(folder).join(path).exists() {
                let _ = writeln!(wrong, "{}: {target}", page.display());
            }
        }
    }
    assert!(wrong.is_empty(), "links to nothing:\n{wrong}");
}

/// Clauses that the grammar reads and that get their meaning with a later part of the program.
const NOT_YET: [&str; 3] = ["waivers", "versions", "write"];

#[test]
fn the_clause_tables_name_every_clause() {
    let text = std::fs::read_to_string(root().join("docs/language/clauses.md")).unwrap();
    let words = keywords::GATE
        .iter()
        .chain(&keywords::EVIDENCE)
        .chain(&keywords::PROFILE)
        .chain(&keywords::MODIFIERS)
        .chain(&keywords::MEMBERS)
        .filter(|w| !NOT_YET.contains(w));
    for word in words {
        let named = text.lines().any(|l| {
            l.starts_with('|') && l.split('`').skip(1).step_by(2).any(|code| code.split(' ').any(|w| w == *word))
        });
        assert!(named, "no table of the clause page has `{word}`");
    }
}

#[test]
fn the_picture_of_the_layers_is_the_one_that_a_test_holds() {
    let page = std::fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let told: Vec<String> = page
        .lines()
        .filter_map(|l| {
            let cells: Vec<&str> = l.split('|').map(str::trim).collect();
            let module = cells.get(2)?.strip_prefix('`')?.strip_suffix('`')?;
            Some(format!("({}, \"{module}\")", cells.get(1)?.parse::<u32>().ok()?))
        })
        .collect();
    let test = std::fs::read_to_string(root().join("tests/architecture.rs")).unwrap();
    let ranks = test.split("const RANKS").nth(1).and_then(|t| t.split("];").next()).unwrap();
    let held: Vec<String> = ranks
        .lines()
        .filter_map(|l| Some(l.trim().strip_suffix(',')?.to_owned()))
        .filter(|l| l.starts_with('('))
        .collect();
    assert_eq!(told, held, "docs/architecture.md and tests/architecture.rs");
    assert!(held.len() > 10);
}

#[test]
fn the_page_of_tests_names_every_suite() {
    let page = std::fs::read_to_string(root().join("docs/testing.md")).unwrap();
    for entry in std::fs::read_dir(root().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.join("main.rs").exists() || path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            assert!(page.contains(&format!("`{name}`")), "docs/testing.md does not name {name}");
        }
    }
}

/// The commands of a page, run in a folder of its own when the page brings its files, else in the
/// project's folder.
fn run_page(page: &Path) -> (Vec<(usize, String)>, tempfile::TempDir) {
    let scratch = tempfile::tempdir().unwrap();
    let blocks = blocks(page);
    let own_files = blocks.iter().any(|b| b.value("file").is_some());
    let folder = if own_files { scratch.path().to_owned() } else { root() };
    let mut code = 0;
    let mut printed = Vec::new();
    for block in &blocks {
        if let Some(path) = block.value("file") {
            let target = scratch.path().join(path);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::write(target, &block.text).unwrap();
        }
        if !block.is("console") {
            continue;
        }
        let mut out = String::new();
        for line in block.text.lines().filter(|l| l.starts_with("$ ")) {
            let _ = writeln!(out, "{line}");
            // A word in quotes is kept from the shell, and holds no blanks here.
            let words: Vec<&str> = line[2..].split(' ').map(|w| w.trim_matches('\'')).collect();
            let arguments = match words.as_slice() {
                ["rspp-gates", rest @ ..] => rest,
                ["cargo", "run", "--release", "--", rest @ ..] => rest,
                ["echo", "$?"] => {
                    let _ = writeln!(out, "{code}");
                    continue;
                }
                other => panic!("{}: {other:?} cannot be run here", block.place()),
            };
            // What a page runs over files of the project writes nothing beside them.
            let says = arguments.iter().any(|a| a.ends_with("-artifacts") || *a == "--artifacts");
            let apart = arguments.first() == Some(&"run") && !says && folder.starts_with(root());
            let target = scratch.path().join("artifacts").display().to_string();
            let elsewhere = ["--artifacts", target.as_str()];
            let output = Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
                .args(arguments)
                .args(elsewhere.iter().filter(|_| apart))
                .current_dir(&folder)
                .env("NO_COLOR", "1")
                .env("COLUMNS", "100")
                .output()
                .unwrap();
            code = output.status.code().unwrap_or(-1);
            for stream in [&output.stdout, &output.stderr] {
                for line in String::from_utf8_lossy(stream).lines() {
                    let _ = writeln!(out, "{}", line.trim_end());
                }
            }
        }
        printed.push((block.line, out));
    }
    (printed, scratch)
}

#[test]
fn every_command_prints_what_its_page_shows() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = String::new();
    for page in pages() {
        if page.starts_with(DIAGNOSTICS) || !blocks(&page).iter().any(|b| b.is("console")) {
            continue;
        }
        let (printed, _scratch) = run_page(&page);
        if update {
            write_back(&page, &printed);
            continue;
        }
        let shown = blocks(&page);
        for (line, out) in printed {
            let block = shown.iter().find(|b| b.line == line).unwrap();
            if block.text != out {
                let _ = writeln!(wrong, "{}\n---- the page\n{}---- the program\n{out}", block.place(), block.text);
            }
        }
    }
    assert!(wrong.is_empty(), "run with UPDATE_EXPECTED=1 and read the difference\n{wrong}");
}

fn write_back(page: &Path, printed: &[(usize, String)]) {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let mut out = String::new();
    let mut skipping = false;
    for (index, line) in text.lines().enumerate() {
        if skipping && line.starts_with("```") {
            skipping = false;
        }
        if !skipping {
            out.push_str(line);
            out.push('\n');
        }
        if let Some((_, block)) = printed.iter().find(|(l, _)| *l == index + 1) {
            out.push_str(block);
            skipping = true;
        }
    }
    std::fs::write(root().join(page), out).unwrap();
}
