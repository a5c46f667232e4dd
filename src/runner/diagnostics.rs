//! What the runner has to say: one function a code.

use crate::diag::{Code, Diagnostic, did_you_mean, printable};
use crate::evidence::TextFault;
use crate::source::{SourceId, Span};
use crate::verdict::{ArtifactFile, ArtifactResult};
use std::path::Path;

macro_rules! codes {
    ($($name:ident = $text:literal;)*) => {
        $(const $name: Code = Code($text);)*
        /// Every code of this layer, in the order of the alphabet.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    ARTIFACT_NOT_WRITTEN = "rspp::runner::artifact-not-written";
    ARTIFACT_ROOT = "rspp::runner::artifact-root";
    AS_OF = "rspp::runner::as-of";
    CANDIDATE = "rspp::runner::candidate";
    CONTRACT = "rspp::runner::contract";
    EVIDENCE_OVERRIDE = "rspp::runner::evidence-override";
    EVIDENCE_ROOT = "rspp::runner::evidence-root";
    INIT_NOT_WRITTEN = "rspp::runner::init-not-written";
    INIT_TAKEN = "rspp::runner::init-taken";
    INTERNAL = "rspp::runner::internal";
    LINK_LOOP = "rspp::runner::link-loop";
    MEMORY = "rspp::runner::memory";
    MISPLACED_FILE = "rspp::runner::misplaced-file";
    NO_GATES = "rspp::runner::no-gates";
    NO_POLICY_ROOT = "rspp::runner::no-policy-root";
    NOT_WRITTEN = "rspp::runner::not-written";
    ONLY = "rspp::runner::only";
    PROFILE_FILE = "rspp::runner::profile-file";
    REPORT = "rspp::runner::report";
    RUN_FILE = "rspp::runner::run-file";
    SCHEMA = "rspp::runner::schema";
    UNKNOWN_GATE = "rspp::runner::unknown-gate";
    UNKNOWN_PROFILE = "rspp::runner::unknown-profile";
    UNREADABLE_FILE = "rspp::runner::unreadable-file";
}

/// A path or word from outside, as it stands in messages.
fn shown(text: impl AsRef<str>) -> String {
    const LONGEST: usize = 200;
    let text = printable(text.as_ref());
    if text.chars().count() <= LONGEST {
        return text.into_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

fn path(path: &Path) -> String {
    shown(path.display().to_string())
}

/// What exists, for help: the nearest name, else the first few.
fn instead<'a>(word: &str, names: impl Iterator<Item = &'a str> + Clone, what: &str) -> Option<String> {
    const FEW: usize = 12;
    if let Some(near) = did_you_mean(word, names.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<&str> = names.collect();
    let listed: Vec<String> = all.iter().take(FEW).map(|n| format!("`{}`", shown(n))).collect();
    match (listed.is_empty(), all.len().saturating_sub(FEW)) {
        (true, _) => None,
        (false, 0) => Some(format!("{what}: {}", listed.join(", "))),
        (false, more) => Some(format!("{what}: {} and {more} more", listed.join(", "))),
    }
}

fn with_help(diagnostic: Diagnostic, help: Option<String>) -> Diagnostic {
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

// ---- artifacts ----

/// `--artifacts` names something that is no folder.
pub(super) fn artifact_root(folder: &Path, why: &str) -> Diagnostic {
    let message = format!("artifacts cannot be written to `{}`: {}", path(folder), shown(why));
    Diagnostic::general(ARTIFACT_ROOT, message)
        .help("name a folder, or a path where one can be made; `--no-artifacts` writes none")
}

/// A file of an artifact could not be written, or its documents not made.
pub(super) fn artifact_not_written(artifact: &ArtifactResult, file: &ArtifactFile) -> Diagnostic {
    let message = format!("artifact `{}`, file `{}`", shown(&artifact.name), shown(&file.path));
    let why = file.reason.as_ref().map_or("", |r| &*r.message);
    let at = file.reason.as_ref().and_then(|r| r.span).unwrap_or(artifact.span);
    Diagnostic::error(ARTIFACT_NOT_WRITTEN, format!("{message}: {}", shown(why)), at, "is not written")
        .help("other artifacts and the reports are written all the same; the exit code is 74")
}

// ---- roots and files ----

/// No folder on the way up holds a policy.
pub(super) fn no_policy_root(from: &Path) -> Diagnostic {
    Diagnostic::general(NO_POLICY_ROOT, format!("no policy in `{}` or above it", path(from)))
        .help("a policy root is a folder that holds `gates/` and `profiles/`; name one with `--policy DIR`")
}

/// The folder named holds no policy.
pub(super) fn not_a_policy_root(folder: &Path, lacks: &str) -> Diagnostic {
    Diagnostic::general(NO_POLICY_ROOT, format!("`{}` is no policy root: {}", path(folder), shown(lacks)))
        .help("a policy root is a folder that holds `gates/` and `profiles/`")
}

/// There is not one gate file.
pub(super) fn no_gates(folder: &Path) -> Diagnostic {
    Diagnostic::general(NO_GATES, format!("no `.gate` file below `{}`", path(folder)))
        .help("definitions stand in `gates/**/*.gate`")
}

/// A policy file or folder cannot be read.
pub(super) fn unreadable_file(name: &str, why: &str) -> Diagnostic {
    Diagnostic::general(UNREADABLE_FILE, format!("`{}` cannot be read: {}", shown(name), shown(why)))
}

/// A link leads back to a folder above it.
pub(super) fn link_loop(name: &str) -> Diagnostic {
    Diagnostic::general(LINK_LOOP, format!("`{}` leads back to a folder that it lies in", shown(name)))
        .help("remove the link; a folder of the policy is read once")
}

/// A file that looks like policy and is not read.
pub(super) fn misplaced_file(name: &str, belongs: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::general(MISPLACED_FILE, format!("`{}` is not read", shown(name)));
    diagnostic.severity = crate::diag::Severity::Warning;
    diagnostic.help(format!("move it to `{belongs}`"))
}

// ---- run file ----

/// The run file is no YAML.
pub(super) fn run_file_text(source: SourceId, text: &str, fault: &TextFault) -> Diagnostic {
    let span = Span::character(source, text, fault.at);
    with_help(Diagnostic::error(RUN_FILE, fault.message.clone(), span, "here"), fault.help.clone())
}

/// The run file is something else than a mapping.
pub(super) fn run_file_top(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(RUN_FILE, format!("the run file is a mapping of fields, found {what}"), span, "here")
        .help("write one `name: value` a line")
}

/// A field that the run file does not have.
pub(super) fn run_file_field(span: Span, name: &str, fields: &[&str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(RUN_FILE, format!("the run file has no field `{}`", shown(name)), span, "unknown field");
    with_help(diagnostic, instead(name, fields.iter().copied(), "its fields are"))
}

/// A field of the run file holds something else.
pub(super) fn run_file_value(span: Span, name: &str, due: &str, found: &str) -> Diagnostic {
    Diagnostic::error(RUN_FILE, format!("`{name}` takes {due}, found {found}"), span, "here")
}

// ---- what a run asks for ----

/// No profile of this name.
pub(super) fn unknown_profile<'a>(name: &str, profiles: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let none = profiles.clone().next().is_none();
    let diagnostic = Diagnostic::general(UNKNOWN_PROFILE, format!("no profile `{}`", shown(name)));
    if none {
        return diagnostic.help("profiles stand in `profiles/*.profile`");
    }
    with_help(diagnostic, instead(name, profiles, "profiles of this policy are"))
}

/// No profile file at this path.
pub(super) fn no_profile_file<'a>(request: &str, profiles: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let stem = request.rsplit_once('/').map_or(request, |(_, file)| file).trim_end_matches(".profile");
    let message = format!("no file `{}`, here or in `profiles/` of the policy root", shown(request));
    with_help(Diagnostic::general(UNKNOWN_PROFILE, message), instead(stem, profiles, "profiles of this policy are"))
}

/// The file is no part of the policy.
pub(super) fn foreign_profile_file(request: &str, root: &Path) -> Diagnostic {
    let message = format!("`{}` is no profile of the policy in `{}`", shown(request), path(root));
    Diagnostic::general(PROFILE_FILE, message).help("name its own policy root with `--policy DIR`")
}

/// The file does not declare the profile that it is called after.
pub(super) fn profile_not_declared(file: &str, name: &str, declares: &[String]) -> Diagnostic {
    let found = match declares {
        [] => "no profile".to_owned(),
        names => names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "),
    };
    let message = format!("`{}` is to declare the profile `{}`; it declares {found}", shown(file), shown(name));
    let diagnostic = Diagnostic::general(PROFILE_FILE, message);
    match declares {
        [one] => diagnostic.help(format!("run it by its name: `rspp-gates run {one}`")),
        _ => diagnostic,
    }
}

/// `--as-of` or the run file's `as_of` is no instant.
pub(super) fn as_of(text: &str, why: &str, at: Option<Span>) -> Diagnostic {
    let message = format!("the instant of evaluation `{}` {why}", shown(text));
    let diagnostic = match at {
        Some(span) => Diagnostic::error(AS_OF, message, span, "this instant"),
        None => Diagnostic::general(AS_OF, message),
    };
    diagnostic.help("write it as `2026-03-31T00:00:00Z`")
}

/// The evidence root cannot be used.
pub(super) fn evidence_root(folder: &Path, why: &str, at: Option<Span>) -> Diagnostic {
    let message = format!("the evidence root `{}` cannot be used: {}", path(folder), shown(why));
    match at {
        Some(span) => Diagnostic::error(EVIDENCE_ROOT, message, span, "set here"),
        None => Diagnostic::general(EVIDENCE_ROOT, message),
    }
}

/// `--evidence` without a name or a path.
pub(super) fn override_form(text: &str) -> Diagnostic {
    Diagnostic::general(EVIDENCE_OVERRIDE, format!("`{}` is not of the form NAME=PATH", shown(text)))
        .help("write `--evidence turns=other/turns.jsonl`")
}

/// `--evidence` names nothing.
pub(super) fn override_name<'a>(name: &str, evidence: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let message = format!("the policy declares no evidence `{}`", shown(name));
    with_help(Diagnostic::general(EVIDENCE_OVERRIDE, message), instead(name, evidence, "it declares"))
}

/// The same evidence is given twice.
pub(super) fn override_twice(name: &str) -> Diagnostic {
    Diagnostic::general(EVIDENCE_OVERRIDE, format!("the evidence `{}` is given twice", shown(name)))
        .help("keep one `--evidence` for it")
}

/// The candidate file cannot be read.
pub(super) fn candidate_file(file: &Path, why: &str, at: Option<Span>) -> Diagnostic {
    let message = format!("the release candidate `{}` cannot be read: {}", path(file), shown(why));
    match at {
        Some(span) => Diagnostic::error(CANDIDATE, message, span, "set here"),
        None => Diagnostic::general(CANDIDATE, message),
    }
}

/// The candidate file holds something else.
pub(super) fn candidate_value(span: Span, message: &str, help: Option<String>) -> Diagnostic {
    let message = format!("the release candidate is not as it should be: {message}");
    with_help(Diagnostic::error(CANDIDATE, message, span, "here"), help)
}

/// There is no such gate, in the policy or in the profile named.
pub(super) fn unknown_gate<'a>(
    word: &str,
    profile: Option<&str>,
    gates: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let (message, what) = match profile {
        Some(profile) => (format!("the profile `{}` takes no gate `{}`", shown(profile), shown(word)), "its gates are"),
        None => (format!("the policy has no gate `{}`", shown(word)), "it has"),
    };
    with_help(Diagnostic::general(UNKNOWN_GATE, message), instead(word, gates, what))
}

/// No contract of this name.
pub(super) fn unknown_contract<'a>(word: &str, contracts: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let diagnostic = Diagnostic::general(CONTRACT, format!("the policy has no contract `{}`", shown(word)));
    if contracts.clone().next().is_none() {
        return diagnostic.help("a contract is written `contract name { field : type .. }`");
    }
    with_help(diagnostic, instead(word, contracts, "it has"))
}

/// No contract names a schema.
pub(super) fn nothing_paired() -> Diagnostic {
    Diagnostic::general(CONTRACT, "no contract of the policy is paired with a schema".to_owned()).help(
        "write `schema \"docs/all.schema.json#/$defs/name\"` in a contract, or name contracts on the command line",
    )
}

/// No contract names this schema.
pub(super) fn not_paired<'a>(file: &str, files: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let message = format!("no contract of the policy is paired with `{}`", shown(file));
    with_help(Diagnostic::general(CONTRACT, message), instead(file, files, "contracts are paired with"))
}

/// Contracts name several schemas.
pub(super) fn several_paired<'a>(files: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let listed: Vec<String> = files.take(12).map(|f| format!("`{}`", shown(f))).collect();
    let message = format!("contracts of the policy are paired with several schemas: {}", listed.join(", "));
    Diagnostic::general(CONTRACT, message).help("say which with `--of FILE`")
}

/// A pattern of `--only` matches nothing.
pub(super) fn only<'a>(pattern: &str, profile: &str, gates: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let message = format!("`{}` matches no gate of the profile `{}`", shown(pattern), shown(profile));
    with_help(Diagnostic::general(ONLY, message), instead(pattern, gates, "its gates are"))
}

/// A schema that cannot be read or compiled; `broken` is where its text is no JSON.
pub(super) fn schema(message: &str, help: Option<String>, span: Span, broken: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::error(SCHEMA, shown(message), span, "named here");
    let diagnostic = match broken {
        Some(at) => diagnostic.label(at, "here"),
        None => diagnostic,
    };
    with_help(diagnostic, help)
}

/// `--memory` is no size.
pub(super) fn memory(text: &str, why: &str) -> Diagnostic {
    Diagnostic::general(MEMORY, format!("the memory limit `{}` {why}", shown(text))).help("write it as `512MiB`")
}

/// `--report` without a format or a path.
pub(super) fn report_form(text: &str) -> Diagnostic {
    Diagnostic::general(REPORT, format!("`{}` is not of the form FORMAT=PATH", shown(text)))
        .help("write `--report json=gates.json`")
}

/// `--report` with a format that does not exist.
pub(super) fn report_format<'a>(name: &str, formats: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let diagnostic = Diagnostic::general(REPORT, format!("no report format `{}`", shown(name)));
    with_help(diagnostic, instead(name, formats, "formats are"))
}

/// Two reports go to one path.
pub(super) fn report_twice(file: &str) -> Diagnostic {
    Diagnostic::general(REPORT, format!("two reports are to be written to `{}`", shown(file)))
        .help("give each report a path of its own")
}

/// A report could not be written.
pub(super) fn not_written(file: &str, why: &str) -> Diagnostic {
    Diagnostic::general(NOT_WRITTEN, format!("`{}` could not be written: {}", shown(file), shown(why)))
}

/// A report would replace what the run rests on.
pub(super) fn over_input(file: &str, what: &str) -> Diagnostic {
    Diagnostic::general(NOT_WRITTEN, format!("`{}` was not written: the file there is {}", shown(file), shown(what)))
        .help("give the report a path of its own; copy it when the run is over if it has to stand there")
}

// ---- a first policy ----

/// Something stands where the files of a new policy go.
pub(super) fn init_taken(at: &Path, why: &str) -> Diagnostic {
    Diagnostic::general(
        INIT_TAKEN,
        format!("no policy is made here: `{}`: {}", path(at.strip_prefix(".").unwrap_or(at)), shown(why)),
    )
    .help("nothing was written; name a folder without a policy: `rspp-gates init DIR`")
}

/// A file of a new policy cannot be written.
pub(super) fn init_not_written(at: &Path, why: &str) -> Diagnostic {
    Diagnostic::general(
        INIT_NOT_WRITTEN,
        format!("`{}` could not be written: {}", path(at.strip_prefix(".").unwrap_or(at)), shown(why)),
    )
    .help("no file was left behind; name a folder that can be written: `rspp-gates init DIR`")
}

/// A bug of this program.
pub(super) fn internal(what: &str) -> Diagnostic {
    Diagnostic::general(INTERNAL, format!("a bug of rspp-gates: {}", shown(what)))
        .help("please report it with the command line and, if you can, the policy and the evidence")
}
