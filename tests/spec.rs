//! The language, literate: every case in `tests/spec/*.md` is run by the real binary.
//!
//! A case is a `###` heading with fenced blocks below it (blocks before the first heading belong
//! to every case of the document; a case's own file of the same path stands in their place):
//!
//! - `gate` (one or more): the policy; without a `policy` declaration one is put in front.
//! - `profile`: profiles; without one `profile p { stage s  sources synthetic, recorded, live }`.
//! - `file PATH`: a file below the evidence root.
//! - `rows PATH`: the same, for many rows: each line is a number and a row, `{n}` in it the number
//!   of the row.
//! - `schema PATH`: a file below the policy root.
//! - `args`: further words of the command line.
//! - `outcome`: what has to come out, in the short form that [`outcome`] prints.
//!
//! In a policy `{digest g.x}` stands for the digest of that gate under the profile `p`, which waivers
//! pin, and `{digest g.x under q}` for that under another one.
//!
//! `SPEC_UPDATE=1 cargo test --test spec` rewrites the outcomes; read the change before you keep it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and drives the product over real folders"
)]

use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Default, Clone)]
struct Case {
    name: String,
    files: Vec<(String, String)>,
    args: Vec<String>,
    expected: Option<String>,
    /// Line range of the outcome's body in the document.
    place: Option<(usize, usize)>,
}

#[test]
fn every_case_of_the_language_specification_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let update = std::env::var_os("SPEC_UPDATE").is_some();
    let only = std::env::var("SPEC_ONLY").unwrap_or_default();
    let mut documents: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    documents.sort();
    let (mut wrong, mut count) = (String::new(), 0);
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let cases = cases(&text);
        for case in cases.iter().rev() {
            if !case.name.contains(&only) {
                continue;
            }
            count += 1;
            let found = run(case);
            let (start, end) = case.place.unwrap_or_else(|| panic!("{}: no outcome block", case.name));
            if case.expected.as_deref() == Some(&found) {
                continue;
            }
            if update {
                lines.splice(start..end, found.lines().map(str::to_owned));
            } else {
                let expected = case.expected.as_deref().unwrap_or("");
                let name = document.file_name().unwrap().to_string_lossy();
                let _ = writeln!(wrong, "{name}, `{}`\n--- expected\n{expected}--- found\n{found}", case.name);
            }
        }
        if update {
            std::fs::write(&document, lines.join("\n") + "\n").unwrap();
        }
    }
    assert!(count > 0, "no case was run");
    assert!(wrong.is_empty(), "{wrong}");
}

fn cases(text: &str) -> Vec<Case> {
    let (mut cases, mut common): (Vec<Case>, Case) = Default::default();
    let mut lines = text.lines().enumerate();
    while let Some((_, line)) = lines.next() {
        if let Some(name) = line.strip_prefix("### ") {
            assert!(cases.iter().all(|c| c.name != name), "two cases are called `{name}`");
            cases.push(Case { name: name.to_owned(), ..common.clone() });
        }
        let Some(info) = line.strip_prefix("```").filter(|i| !i.is_empty()) else { continue };
        let (mut body, mut first, mut last) = (String::new(), None, 0);
        for (number, line) in lines.by_ref() {
            first = first.or(Some(number));
            last = number;
            if line == "```" {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        let for_all = cases.is_empty();
        let case = cases.last_mut().unwrap_or(&mut common);
        let (kind, rest) = info.split_once(' ').unwrap_or((info, ""));
        match kind {
            "gate" => {
                let number = case.files.iter().filter(|(p, _)| p.starts_with("gates/case")).count();
                let name = match (for_all, rest) {
                    (true, _) => "common.gate".to_owned(),
                    (false, "") => format!("case{number}.gate"),
                    (false, name) => name.to_owned(),
                };
                put(&mut case.files, format!("gates/{name}"), body);
            }
            "profile" => put(&mut case.files, "profiles/p.profile".to_owned(), body),
            "file" => put(&mut case.files, format!("evidence/{rest}"), body),
            "rows" => put(&mut case.files, format!("evidence/{rest}"), many_rows(&body)),
            "schema" => put(&mut case.files, rest.to_owned(), body),
            "args" => case.args = body.split_whitespace().map(str::to_owned).collect(),
            "outcome" => {
                case.expected = Some(body);
                case.place = first.map(|f| (f, last));
            }
            other => panic!("a block of the unknown kind `{other}`"),
        }
    }
    cases
}

/// Lines `300 {"id":"t{n}"}` as so many rows each, numbered through.
fn many_rows(body: &str) -> String {
    let mut number = 0;
    let mut out = String::new();
    for line in body.lines() {
        let (count, row) = line.split_once(' ').unwrap();
        for _ in 0..count.parse::<u32>().unwrap() {
            number += 1;
            out.push_str(&row.replace("{n}", &number.to_string()));
            out.push('\n');
        }
    }
    out
}

fn put(files: &mut Vec<(String, String)>, path: String, text: String) {
    files.retain(|(p, _)| *p != path);
    files.push((path, text));
}

fn run(case: &Case) -> String {
    let root = tempfile::tempdir().unwrap();
    let mut files = case.files.clone();
    if !files.iter().any(|(p, _)| p.starts_with("profiles/")) {
        let profile = "profile p { stage s  sources synthetic, recorded, live }\n";
        files.push(("profiles/p.profile".to_owned(), profile.to_owned()));
    }
    if !files.iter().any(|(_, text)| text.lines().any(|l| l.starts_with("policy "))) {
        files.push(("gates/policy.gate".to_owned(), "policy spec { language 1 }\n".to_owned()));
    }
    for folder in ["gates", "profiles", "evidence"] {
        std::fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    for (path, text) in &files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    for (path, text) in files.iter().filter(|(_, text)| text.contains(DIGEST)) {
        std::fs::write(root.path().join(path), with_digests(root.path(), &files, text)).unwrap();
    }
    let report = root.path().join("out.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rspp-gates"));
    command.current_dir(root.path()).args(["run", "p", "--no-timing", "--root", "evidence", "--diagnostics", "json"]);
    command.arg("--report").arg(format!("json={}", report.display()));
    if !case.args.iter().any(|a| a == "--as-of") {
        command.args(["--as-of", "2026-03-01T00:00:00Z"]);
    }
    let ran = command.args(&case.args).output().unwrap();
    let report = std::fs::read_to_string(&report).ok().and_then(|t| serde_json::from_str(&t).ok());
    let mut told = outcome(ran.status.code(), &String::from_utf8_lossy(&ran.stderr), report.as_ref());
    for artifact in report.iter().flat_map(|r| items(&r["artifacts"])) {
        let path = words(&artifact["path"]);
        let _ = writeln!(told, "artifact {} {} {path}", words(&artifact["name"]), words(&artifact["status"]));
        if !artifact["reason"].is_null() {
            let _ = writeln!(told, "  because {}", words(&artifact["reason"]["message"]));
        }
        if artifact["status"] == "written" {
            for line in std::fs::read_to_string(root.path().join("evidence").join(path)).unwrap().lines() {
                let _ = writeln!(told, "{}", format!("  {line}").trim_end());
            }
        }
    }
    told
}

/// Violations of one gate that an outcome shows.
const VIOLATIONS: usize = 20;

const DIGEST: &str = "{digest ";

/// A text with the digests of the gates that it names.
fn with_digests(root: &Path, files: &[(String, String)], text: &str) -> String {
    // What a waiver pins is no part of any digest of a gate: any other will do to ask for them.
    let nobody = format!("sha256:{}", "0".repeat(64));
    let named = |text: &str| -> Vec<String> {
        let pieces = text.split(DIGEST).skip(1);
        pieces.map(|p| p.split_once('}').unwrap().0.to_owned()).collect()
    };
    for (path, text) in files {
        let text = named(text).iter().fold(text.clone(), |t, g| t.replace(&format!("{DIGEST}{g}}}"), &nobody));
        std::fs::write(root.join(path), text).unwrap();
    }
    named(text).iter().fold(text.to_owned(), |text, gate| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rspp-gates"));
        let (name, profile) = gate.split_once(" under ").unwrap_or((gate, "p"));
        let asked =
            command.current_dir(root).args(["explain", name, "--digest", "--profile", profile]).output().unwrap();
        let printed = String::from_utf8(asked.stdout).unwrap();
        let digest = printed.split(' ').next().filter(|d| d.starts_with("sha256:")).unwrap_or(&nobody).to_owned();
        text.replace(&format!("{DIGEST}{gate}}}"), &digest)
    })
}

/// The short form: the exit code; diagnostics as `file:line:column code message | help`; for
/// each gate its verdict, figures, thresholds, reasons and violations; unusable evidence. (Then, from
/// [`run`], each file of an artifact, and what was written.)
fn outcome(exit: Option<i32>, stderr: &str, report: Option<&Json>) -> String {
    let mut out = format!("exit {}\n", exit.map_or("by a signal".to_owned(), |c| c.to_string()));
    let diagnostics: Option<Json> = serde_json::from_str(stderr).ok();
    for d in diagnostics.iter().flat_map(|d| items(d).iter()) {
        let place = items(&d["labels"]).first().map(|l| format!("{}:{}:{}", words(&l["file"]), l["line"], l["column"]));
        let help = d["help"].as_str().map(|h| format!(" | {h}")).unwrap_or_default();
        let place = place.unwrap_or_else(|| "-".to_owned());
        let _ = writeln!(out, "{place} {} {}{help}", words(&d["code"]), words(&d["message"]));
    }
    if diagnostics.is_none() {
        out.push_str(stderr);
    }
    let Some(report) = report else { return out };
    for e in items(&report["evidence"]) {
        if e["status"] != "usable" {
            let _ = writeln!(out, "evidence {} {}", words(&e["name"]), words(&e["status"]));
            for f in items(&e["faults"]) {
                let _ = writeln!(out, "  {} {}", words(&f["code"]), words(&f["message"]));
            }
        }
    }
    for r in items(&report["reasons"]) {
        let _ = writeln!(out, "because {}", words(&r["message"]));
    }
    for g in items(&report["gates"]) {
        let _ = write!(out, "{} {}", words(&g["gate_id"]), words(&g["verdict"]));
        for (word, key) in [("not counted", "counted"), ("advisory", "required")] {
            if g[key] == false {
                let _ = write!(out, " ({word})");
            }
        }
        waived(&mut out, g);
        out.push('\n');
        part(&mut out, g);
        for s in items(&g["groups"]) {
            let key: Vec<String> =
                s["group"].as_object().into_iter().flatten().map(|(k, v)| format!("{k}={}", words(v))).collect();
            let _ = write!(out, " [{}] {}", key.join(" "), words(&s["verdict"]));
            waived(&mut out, s);
            out.push('\n');
            part(&mut out, s);
        }
        let violations = items(&g["violations"]);
        for v in violations.iter().take(VIOLATIONS) {
            let row = &v["row"];
            let at =
                if row["line"].is_null() { String::new() } else { format!("{}:{} ", words(&row["file"]), row["line"]) };
            let _ = writeln!(out, "  {} {at}{}", words(&v["kind"]), words(&v["message"]));
        }
        if violations.len() > VIOLATIONS {
            let _ = writeln!(out, "  and {} more, {} in all", violations.len() - VIOLATIONS, g["violation_count"]);
        }
    }
    for w in items(&report["waivers"]) {
        let _ = write!(out, "waiver {} {}", words(&w["id"]), words(&w["status"]));
        if let Some(reason) = w["reason"].as_str() {
            let _ = write!(out, ": {reason}");
        }
        out.push('\n');
        if !w["finding"].is_null() {
            let f = &w["finding"];
            let place = format!("{}:{}", f["place"]["line"], f["place"]["column"]);
            let _ = writeln!(out, "  {} {place} {} {}", words(&f["severity"]), words(&f["code"]), words(&f["message"]));
        }
    }
    out
}

/// ` (would be fail, waived by w.x)`
fn waived(out: &mut String, part: &Json) {
    let by: Vec<&str> = match &part["waived_by"] {
        Json::Array(by) => by.iter().filter_map(Json::as_str).collect(),
        Json::String(by) => Vec::from([by.as_str()]),
        _ => return,
    };
    let would = part["would_be"].as_str().map(|v| format!("would be {v}, ")).unwrap_or_default();
    let _ = write!(out, " ({would}waived by {})", by.join(", "));
}

fn part(out: &mut String, part: &Json) {
    let ledger = &part["ledger"];
    let counts: Vec<String> = ["in_scope", "broken", "missing", "excluded", "worst", "sample"]
        .iter()
        .filter(|k| ledger[**k] != 0 && !ledger[**k].is_null())
        .map(|k| format!("{k} {}", ledger[*k]))
        .collect();
    if !counts.is_empty() {
        let _ = writeln!(out, "  rows: {}", counts.join(", "));
    }
    for (label, m) in part["metrics"].as_object().into_iter().flatten() {
        let value = match (&m["value"]["text"], &m["beyond"]) {
            (Json::String(text), _) => text.clone(),
            (_, Json::String(beyond)) => format!("beyond ({beyond})"),
            _ => "(none)".to_owned(),
        };
        let _ = write!(out, "  {label} = {value} (n {})", m["n"]);
        for t in items(&m["thresholds"]) {
            let _ = write!(out, ", {} {}", words(&t["text"]), words(&t["comparison"]));
            certainty(out, &t["certified"]);
        }
        out.push('\n');
        if !m["bounds"].is_null() {
            let (lower, upper) = (bound(&m["bounds"]["lower"]), bound(&m["bounds"]["upper"]));
            let _ = writeln!(out, "    at {}: {lower} .. {upper}", words(&m["bounds"]["confidence"]["text"]));
        }
    }
    for r in items(&part["reasons"]) {
        let _ = writeln!(out, "  because {}", words(&r["message"]));
    }
}

/// ` (open: 3 of 5% miss, meets to 1, misses from 9, needs 153)`
fn certainty(out: &mut String, certified: &Json) {
    if certified.is_null() {
        return;
    }
    let allowed = words(&certified["allowed"]["text"]);
    let _ = write!(out, " ({}: misses {}, allowed {allowed}", words(&certified["certainty"]), certified["misses"]);
    for (what, key) in [
        ("meets up to", "most_misses"),
        ("misses from", "least_misses"),
        ("rows needed", "rows_needed"),
        ("further rows", "further_rows"),
    ] {
        if !certified[key].is_null() {
            let _ = write!(out, ", {what} {}", certified[key]);
        }
    }
    out.push(')');
}

/// `110ms (rank 91)`
fn bound(bound: &Json) -> String {
    let value = match (&bound["value"]["text"], &bound["beyond"]) {
        (Json::String(text), _) => text.clone(),
        (_, Json::String(beyond)) => format!("beyond ({beyond})"),
        _ => return "(none)".to_owned(),
    };
    if bound["rank"].is_null() { value } else { format!("{value} (rank {})", bound["rank"]) }
}

fn items(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn words(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
