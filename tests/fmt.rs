//! `rspp-gates fmt`: one layout, in which nothing is lost.
//!
//! Layouts are shown in `tests/fmt/`; `INSTA_UPDATE=always` writes them again.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and drives the binary over real files"
)]

#[path = "../fuzz/targets/mod.rs"]
mod targets;

#[path = "fuzz/mangle.rs"]
mod mangle;
#[path = "fuzz/random.rs"]
mod random;
#[path = "fuzz/seeds.rs"]
mod seeds;

use random::Random;
use rspp_gates::fmt::{Formatted, format};
use rspp_gates::model::digest::PolicyDigests;
use rspp_gates::source::SourceMap;
use rspp_gates::syntax;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use targets::archive::Archive;

fn laid(text: &str) -> Formatted {
    let mut sources = SourceMap::default();
    let id = sources.add("a.gate", text);
    format(id, text).unwrap_or_else(|e| panic!("{e}:\n{text}"))
}

/// Laid out, without a mistake, and its own layout.
fn clean(text: &str) -> String {
    let first = laid(text);
    assert_eq!(first.diagnostics, [], "{text}");
    assert_eq!(laid(&first.text).text, first.text, "it is not its own layout:\n{text}");
    first.text
}

fn reads(text: &str) -> bool {
    let mut sources = SourceMap::default();
    syntax::parse(sources.add("a.gate", text), text).1.is_empty()
}

/// Every policy file that is shipped.
fn shipped() -> Vec<PathBuf> {
    let folders = ["gates", "profiles", "examples", "src/runner/init", "src/check", "benches"];
    folders.iter().flat_map(|f| [seeds::files(f, ".gate"), seeds::files(f, ".profile")].concat()).collect()
}

/// Tokens and comments without commas.
fn pieces(text: &str) -> Vec<&str> {
    mangle::pieces(text).into_iter().filter(|p| *p != ",").collect()
}

/// The same whatever the order of clauses.
fn sorted(text: &str) -> Vec<&str> {
    let mut all = pieces(text);
    all.sort_unstable();
    all
}

/// The tokens of a text, comments left out, as fine as the language has them.
fn tokens(text: &str) -> Vec<&str> {
    mangle::pieces(text).into_iter().filter(|p| !p.starts_with('#')).collect()
}

#[test]
fn every_shipped_file_has_the_layout() {
    let files = shipped();
    assert!(files.len() > 20, "{files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(clean(&text), text, "{}: `rspp-gates fmt` changes it", path.display());
    }
}

#[test]
fn layouts() {
    let files = seeds::files("tests/fmt", ".gate");
    assert!(!files.is_empty());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("fmt");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        settings.bind(|| insta::assert_snapshot!(name, clean(&text)));
    }
}

// ---- Comments

/// The places between tokens of a declaration where a comment may stand.
fn boundaries(text: &str) -> Vec<usize> {
    let tokens = tokens(text);
    let mut at = 0;
    let mut ends = Vec::new();
    for token in tokens {
        at += text[at..].find(token).unwrap() + token.len();
        ends.push(at);
    }
    may_stand(text, &ends)
}

/// Those of some places where a comment may stand: mostly all of them, so they are tried together.
fn may_stand(text: &str, ends: &[usize]) -> Vec<usize> {
    if ends.is_empty() || reads(&planted(text, ends, false)) {
        return ends.to_vec();
    }
    match ends {
        [_] => Vec::new(),
        _ => {
            let (left, right) = ends.split_at(ends.len() / 2);
            [may_stand(text, left), may_stand(text, right)].concat()
        }
    }
}

/// The text without its comments, lines as they are.
fn without_comments(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    for piece in mangle::pieces(text) {
        let at = rest.find(piece).unwrap();
        out.push_str(&rest[..at]);
        out.push_str(if piece.starts_with('#') { "" } else { piece });
        rest = &rest[at + piece.len()..];
    }
    out + rest
}

/// The text with a comment of its own at each boundary.
fn planted(text: &str, ends: &[usize], own_line: bool) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for (i, end) in ends.iter().enumerate() {
        out.push_str(&text[at..*end]);
        out.push_str(if own_line { "\n" } else { " " });
        out.push_str(&format!("# c{i}\n"));
        at = *end;
    }
    out.push_str(&text[at..]);
    out
}

#[test]
fn a_comment_at_every_token_stays_where_it_is() {
    let (mut planted_all, mut tokens_all) = (0, 0);
    for path in shipped() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut sources = SourceMap::default();
        let (file, _) = syntax::parse(sources.add("a.gate", &text), &text);
        for declaration in &file.declarations {
            let (start, end) = (declaration.span.start as usize, declaration.span.end as usize);
            // Without the comments that it has: a token may stand before them on their line.
            let own = without_comments(&text[start..end]);
            let ends = boundaries(&own);
            tokens_all += tokens(&own).len();
            planted_all += ends.len();
            for own_line in [false, true] {
                let text = planted(&own, &ends, own_line);
                assert!(reads(&text), "{text}");
                let after = clean(&text);
                assert_eq!(pieces(&after), pieces(&text), "{}:\n{text}\n{after}", path.display());
            }
        }
    }
    // Names with dots, and the words in texts, are one token of the language.
    assert!(planted_all * 10 > tokens_all * 8, "{planted_all} of {tokens_all}");
    assert!(planted_all > 2000, "{planted_all}");
}

#[test]
fn comments_move_with_their_clause() {
    let text = "gate a.b {\n  # above the fix\n  fix \"x\" # behind the fix\n  stage s # behind the stage\n  # above the title\n  title \"t\"\n  expect true\n  # at the end\n}\n";
    let due = "gate a.b {\n  # above the title\n  title      \"t\"\n  stage      s  # behind the stage\n  expect     true\n  # above the fix\n  fix        \"x\"  # behind the fix\n  # at the end\n}\n";
    assert_eq!(clean(text), due);
}

#[test]
fn an_empty_line_keeps_clauses_apart() {
    let text = "gate a.b {\n  stage s\n  title \"t\"\n\n\n  # the rest\n\n  fix \"x\"\n  expect true\n\n}\n";
    let due =
        "gate a.b {\n  title      \"t\"\n  stage      s\n\n  # the rest\n\n  fix        \"x\"\n  expect     true\n}\n";
    assert_eq!(clean(text), due);
}

#[test]
fn documentation_stays_with_its_subject() {
    let text = "## About r.\nrecord r {\n## About a.\na : int, ## About b.\nbb : int\n}\n\n\n\n## Apart.\n\n## About x.\nlet x = 1\n";
    let due = "## About r.\nrecord r {\n  ## About a.\n  a  : int  ## About b.\n  bb : int\n}\n\n## Apart.\n\n## About x.\nlet x = 1\n";
    assert_eq!(clean(text), due);
}

// ---- What stays as it is

#[test]
fn literals_are_kept_to_the_letter() {
    let literals = [
        "1_000",
        "0.50",
        "120ms",
        "99.90%",
        "2026-03-31T00:00:00.120+02:00",
        "v1.4.2",
        "\"a  \\\" {{ }} \\u{1F600} {x : ms} {joined(xs,  \", \")}\"",
        "x matches /[a-z]  #\\/+/",
        "x like \"a  **\"",
    ];
    for literal in literals {
        assert_eq!(clean(&format!("let   a=   {literal}")), format!("let a = {literal}\n"));
    }
}

#[test]
fn line_ends_are_lf_and_a_byte_order_mark_goes() {
    assert_eq!(clean("\u{feff}let a = 1\r\n\r\n\r\n# x\r\nlet b = \"c\"\r\n\r\n"), "let a = 1\n\n# x\nlet b = \"c\"\n");
    for empty in ["", "\n\n", "\u{feff}", "  \r\n"] {
        assert_eq!(clean(empty), "");
    }
    assert_eq!(clean("\n\n# only this"), "# only this\n");
}

#[test]
fn commas_between_fields_and_clauses_go_and_those_of_lists_come() {
    let text =
        "enum E { a b, c, else d }\nlet r = { a = 1, b = 2, }\nlet l = [ 1,2,3, ]\nrecord R { a : int, b : int }\n";
    if reads(text) {
        clean(text);
    }
    assert_eq!(clean("enum E { a b, c }"), "enum E { a, b, c }\n");
    assert_eq!(clean("let r = { a = 1, b = 2, }"), "let r = { a = 1  b = 2 }\n");
    assert_eq!(clean("let l = [ 1,2,3, ]"), "let l = [1, 2, 3]\n");
    assert_eq!(clean("record R { a : int, b : int, }"), "record R { a : int  b : int }\n");
}

// ---- Mistakes

#[test]
fn a_broken_clause_stays_and_the_rest_is_laid_out() {
    let text = "let   a=1\ngate x.y {\n title   \"t\"\n    treshold   <=  5ms   # why\n stage   s\n}\nlet   b=2\n";
    let laid = laid(text);
    let due = "let a = 1\ngate x.y {\n  title      \"t\"\n  treshold   <=  5ms  # why\n  stage      s\n}\nlet b = 2\n";
    assert_eq!(laid.text, due);
    assert_eq!(laid.diagnostics.len(), 1);
}

#[test]
fn a_broken_declaration_stays_and_the_others_are_laid_out() {
    let broken = "let   c = (1 +\n     # inside\n   2\n";
    let text = format!("let   a=1\n\n\n{broken}\nrecord   r {{ a:int }}\n");
    let laid = laid(&text);
    assert_eq!(laid.text, format!("let a = 1\n\n{broken}\nrecord r {{ a : int }}\n"));
    assert!(!laid.diagnostics.is_empty());
}

#[test]
fn a_file_with_mistakes_is_its_own_layout_and_keeps_its_mistakes() {
    for path in seeds::files("tests/diagnostics/syntax", ".gate") {
        let text = std::fs::read_to_string(&path).unwrap();
        let once = laid(&text);
        let twice = laid(&once.text);
        assert_eq!(twice.text, once.text, "{}", path.display());
        let codes = |f: &Formatted| f.diagnostics.iter().map(|d| d.code.0).collect::<Vec<_>>();
        assert_eq!(codes(&twice), codes(&once), "{}", path.display());
        assert_eq!(sorted(&once.text), sorted(&text), "{}", path.display());
    }
}

// ---- Meaning

fn digests(archive: &Archive) -> Option<PolicyDigests> {
    let checked = targets::policy::checked(archive)?;
    if !checked.told.is_empty() {
        return None;
    }
    Some(PolicyDigests::of(&checked.outcome.policy?))
}

/// A thousand files, written in another way than they were, ask the same before and after.
#[test]
fn mangled_files_keep_their_digests() {
    let policies: Vec<(Archive, PolicyDigests)> = seeds::cases()
        .iter()
        .filter_map(|case| {
            let mut case = case.clone();
            case.files.retain(|(path, _)| path.starts_with("gates/") || path.starts_with("profiles/"));
            let digests = digests(&case)?;
            Some((case, digests))
        })
        .collect();
    assert!(policies.len() > 50, "{}", policies.len());
    let mut random = Random::of("layout", 1, 0);
    let (mut files, mut changed, mut named_by_words) = (0, 0, 0);
    while files < 1000 {
        let (policy, due) = random.pick(&policies);
        let mut mangled = policy.clone();
        for (_, bytes) in &mut mangled.files {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = mangle::mangled(&mut random, &text).into_bytes();
        }
        // The key of a group that is no field is called by its words, commas and blanks included.
        if digests(&mangled).as_ref() != Some(due) {
            named_by_words += 1;
            continue;
        }
        let mut after = mangled.clone();
        for (_, bytes) in &mut after.files {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let laid = clean(&text);
            assert_eq!(sorted(&laid), sorted(text.trim_start_matches('\u{feff}')), "{text}");
            changed += usize::from(laid != text);
            *bytes = laid.into_bytes();
            files += 1;
        }
        assert_eq!(digests(&after).as_ref(), Some(due), "the layout is another policy");
    }
    assert!(changed > 800, "{changed}");
    assert!(named_by_words < 50, "{named_by_words} mangled policies are other ones");
}

// ---- The command

struct Outcome {
    exit: i32,
    out: String,
    err: String,
}

fn start(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rspp-gates"));
    command.arg("fmt").args(arguments).current_dir(folder).env("NO_COLOR", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let output = child.wait_with_output().unwrap();
    Outcome {
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

const UNTIDY: &str = "gate   a.b { stage s   expect true }\n";
const TIDY: &str = "gate a.b {\n  stage      s\n  expect     true\n}\n";

/// A policy root with an untidy file.
fn policy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("gates/deep/a.gate", UNTIDY),
        ("gates/p.gate", "policy p { language 1 }\n"),
        ("profiles/p.profile", "profile p {\n  stage  s\n}\n"),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn check_shows_what_would_change_and_writes_nothing() {
    let folder = policy();
    let file = folder.path().join("gates/deep/a.gate");
    let checked = start(folder.path(), &["--check"], b"");
    assert_eq!((checked.exit, checked.err.as_str()), (1, ""));
    let due = "--- gates/deep/a.gate\n+++ gates/deep/a.gate (formatted)\n@@ -1,1 +1,4 @@\n-gate   a.b { stage s   expect true }\n+gate a.b {\n+  stage      s\n+  expect     true\n+}\n1 of 3 files would change; `rspp-gates fmt` changes them\n";
    assert_eq!(checked.out, due);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), UNTIDY);

    let written = start(folder.path(), &[], b"");
    assert_eq!((written.exit, written.err.as_str()), (0, ""));
    assert_eq!(written.out, "laid out gates/deep/a.gate\n1 of 3 files changed\n");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), TIDY);

    let again = start(folder.path(), &["--check"], b"");
    assert_eq!((again.exit, again.out.as_str()), (0, "3 files, nothing to change\n"));
}

#[test]
fn files_and_folders_may_be_named() {
    let folder = policy();
    let checked = start(folder.path(), &["--check", "profiles"], b"");
    assert_eq!((checked.exit, checked.out.as_str()), (0, "1 file, nothing to change\n"));
    let checked = start(folder.path(), &["--check", "gates/deep/a.gate", "./gates"], b"");
    assert_eq!(checked.exit, 1);
    assert!(checked.out.ends_with("1 of 2 files would change; `rspp-gates fmt` changes them\n"), "{}", checked.out);
    let missing = start(folder.path(), &["gates/nothing.gate", "gates/deep"], b"");
    assert_eq!(missing.exit, 2);
    assert!(missing.err.contains("gates/nothing.gate") && missing.err.contains("it is not there"), "{}", missing.err);
    assert_eq!(std::fs::read_to_string(folder.path().join("gates/deep/a.gate")).unwrap(), TIDY);
    // Without a name there has to be a policy.
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(start(elsewhere.path(), &[], b"").exit, 2);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [["--stdin"], ["-"]] {
        let laid = start(folder.path(), &arguments, UNTIDY.as_bytes());
        assert_eq!((laid.exit, laid.out.as_str(), laid.err.as_str()), (0, TIDY, ""));
    }
    let checked = start(folder.path(), &["--stdin", "--check"], UNTIDY.as_bytes());
    assert_eq!(checked.exit, 1);
    assert!(checked.out.starts_with("--- <stdin>\n+++ <stdin> (formatted)\n@@ "), "{}", checked.out);
    assert_eq!(start(folder.path(), &["-", "--check"], TIDY.as_bytes()).exit, 0);
    assert_eq!(start(folder.path(), &["-", "a.gate"], b"").exit, 2);
    let broken = start(folder.path(), &["-"], b"let   a=1\nlet b = )\n");
    assert_eq!((broken.exit, broken.out.as_str()), (2, "let a = 1\nlet b = )\n"));
    assert!(broken.err.contains("rspp::syntax::"), "{}", broken.err);
    let other = start(folder.path(), &["-"], b"let a = \"\xff\"\n");
    assert_eq!((other.exit, other.out.as_str()), (2, ""));
    assert!(other.err.contains("UTF-8"), "{}", other.err);
}

#[test]
fn a_file_that_is_no_text_is_left_alone() {
    let folder = policy();
    let file = folder.path().join("gates/b.gate");
    std::fs::write(&file, b"let   a = \"\xff\"\n").unwrap();
    let laid = start(folder.path(), &[], b"");
    assert_eq!(laid.exit, 2);
    assert!(laid.err.contains("gates/b.gate") && laid.err.contains("UTF-8"), "{}", laid.err);
    assert_eq!(std::fs::read(&file).unwrap(), b"let   a = \"\xff\"\n");
    // The others are laid out.
    assert!(laid.out.contains("laid out gates/deep/a.gate"), "{}", laid.out);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_links_are_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = policy();
    let real = folder.path().join("real.gate");
    std::fs::write(&real, UNTIDY).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("gates/link.gate");
    symlink(&real, &link).unwrap();
    let laid = start(folder.path(), &["gates/link.gate"], b"");
    assert_eq!((laid.exit, laid.out.as_str()), (0, "laid out gates/link.gate\n1 of 1 file changed\n"));
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(&real).unwrap(), TIDY);
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = policy();
    let deep = folder.path().join("gates/deep");
    std::fs::set_permissions(&deep, std::fs::Permissions::from_mode(0o555)).unwrap();
    // The superuser may write everywhere.
    let refused = std::fs::write(deep.join("probe"), "").is_err();
    let laid = start(folder.path(), &[], b"");
    std::fs::set_permissions(&deep, std::fs::Permissions::from_mode(0o755)).unwrap();
    if refused {
        assert_eq!(laid.exit, 74, "{}", laid.err);
        assert!(laid.err.contains("gates/deep/a.gate") && laid.err.contains("permission is denied"), "{}", laid.err);
        assert_eq!(std::fs::read_to_string(deep.join("a.gate")).unwrap(), UNTIDY);
    } else {
        eprintln!("left out: this user may write everywhere");
    }
}
