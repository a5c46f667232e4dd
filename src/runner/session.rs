//! One policy root and everything that can be done with it: check, and run a profile.

use super::diagnostics as say;
use super::load::{Loaded, digest_of, load};
use super::run_file::{self, RUN_FILE, RunFile};
use super::{candidate, profile, schemas};
use crate::artifact::{self, Place};
use crate::data::{Digest, Num, Type, read, time};
use crate::diag::{self, Diagnostic};
use crate::eval::Constants;
use crate::evidence::{self, FileSource, ReadLimits};
use crate::host::{EntryKind, Host, Root, io_words};
use crate::model::{CheckedPolicy, EffectiveProfile, ProfileId, WhyIncluded};
use crate::registry::Registry;
use crate::source::{SourceMap, Span};
use crate::verdict::{
    ArtifactResult, ArtifactStatus, AsOfOrigin, Candidate, Context, EvaluateError, GateRun, evaluate,
};
use crate::{builtins, check, plan};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Memory for lists that have to be held, where `--memory` says nothing: enough for any shipped
/// policy, small enough for a build server.
const DEFAULT_MEMORY: u64 = 1 << 30;

/// Why something cannot be done: mistakes in policy, run file or command line, and the texts
/// that they point into.
#[derive(Debug)]
pub struct Refusal {
    /// What is wrong; at least one error.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts.
    pub sources: SourceMap,
}

/// An opened policy root.
pub struct Session<'h> {
    host: &'h dyn Host,
    working_directory: PathBuf,
    root: PathBuf,
    run_file: RunFile,
    sources: SourceMap,
}

/// Whether the schemas that a policy names are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schemas {
    /// A schema that is not there, or is none, is a mistake of the policy.
    Read,
    /// They are left alone: for whoever writes them. Nothing may be judged by such a policy.
    Left,
}

/// What became of a policy's files.
#[derive(Debug)]
pub struct Checked {
    /// The policy, when nothing is wrong with it.
    pub policy: Option<CheckedPolicy>,
    /// The texts that diagnostics and reports point into.
    pub sources: SourceMap,
    /// Errors and warnings, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// SHA-256 over the sorted lines `sha256  path` of the policy files and of the schemas they name.
    pub digest: Digest,
    /// How many policy files there are.
    pub files: usize,
}

/// Where the artifacts of a run are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Artifacts {
    /// Below the evidence root.
    EvidenceRoot,
    /// Below this folder, which is made where there is none: `--artifacts`.
    At(PathBuf),
    /// They are not made: `--no-artifacts`.
    Nowhere,
}

/// What a run asks for besides the policy. Texts are as on the command line.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// `mvp`, or `path/mvp.profile`.
    pub profile: String,
    /// `--root`: where paths of evidence start.
    pub root: Option<PathBuf>,
    /// `--as-of`.
    pub as_of: Option<String>,
    /// `--candidate`.
    pub candidate: Option<PathBuf>,
    /// `--evidence`, each `NAME=PATH`.
    pub evidence: Vec<String>,
    /// `--only`.
    pub only: Vec<String>,
    /// Where artifacts are written.
    pub artifacts: Artifacts,
    /// `--memory`.
    pub memory: Option<String>,
    /// Threads; 0 means one for each core.
    pub threads: usize,
}

impl<'h> Session<'h> {
    /// Finds the policy root and reads its run file: the folder named, else the nearest one from
    /// the working directory upwards that holds `gates/` and `profiles/`.
    ///
    /// # Errors
    /// No policy root, or a run file that cannot be read.
    pub fn open(host: &'h dyn Host, policy: Option<&Path>) -> Result<Self, Refusal> {
        let mut sources = SourceMap::default();
        let opened = Self::open_into(host, policy, &mut sources);
        opened
            .map(|(working_directory, root, run_file)| Self {
                host,
                working_directory,
                root,
                run_file,
                sources: sources.clone(),
            })
            .map_err(|diagnostics| Refusal { diagnostics, sources })
    }

    fn open_into(
        host: &dyn Host,
        policy: Option<&Path>,
        sources: &mut SourceMap,
    ) -> Result<(PathBuf, PathBuf, RunFile), Vec<Diagnostic>> {
        let working_directory = host.canonical(Path::new(".")).unwrap_or_else(|_| PathBuf::from("."));
        let root = match policy {
            Some(folder) => named_root(host, folder),
            None => nearest_root(host, &working_directory),
        };
        let root = root.map_err(|d| vec![*d])?;
        let path = root.join(RUN_FILE);
        let text = match host.kind(&path) {
            Ok(None) => return Ok((working_directory, root, RunFile::default())),
            _ => host.read(&path, run_file::MAX_BYTES),
        };
        let text = text.map_err(|e| vec![say::unreadable_file(RUN_FILE, &io_words(&e, run_file::MAX_BYTES))])?;
        let text = crate::syntax::decode(&text, RUN_FILE).map_err(|d| vec![*d])?;
        let run_file = run_file::read(sources.add(RUN_FILE, &text), &text)?;
        Ok((working_directory, root, run_file))
    }

    /// The policy root, links resolved.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Loads and checks every file of the policy, and the schemas that it names. Reads no evidence.
    pub fn check(&self) -> Checked {
        self.check_with(Schemas::Read)
    }

    /// The same, with or without the schemas.
    pub fn check_with(&self, schemas: Schemas) -> Checked {
        let mut sources = self.sources.clone();
        let Loaded { files, mut diagnostics, mut digests } = load(self.host, &self.root, &mut sources);
        let count = files.len();
        let mut policy = None;
        match registry() {
            Ok(registry) => {
                let outcome = check::check(&files, &sources, Arc::new(registry));
                diagnostics.extend(outcome.diagnostics);
                // What could not be read or parsed may hold anything: half a policy is none.
                policy = outcome.policy.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
        if let (Some(checked), Schemas::Read) = (&mut policy, schemas) {
            let (set, wrong) = schemas::load(self.host, &self.root, checked, &mut sources);
            digests.extend(set.files().into_iter().map(|(path, digest)| (path.to_string(), digest)));
            Arc::make_mut(&mut checked.policy).schemas = set;
            if !wrong.is_empty() {
                diagnostics.extend(wrong);
                policy = None;
            }
        }
        if policy.is_none() && !diagnostics.iter().any(Diagnostic::is_error) {
            diagnostics.push(say::internal("the policy was refused without a reason"));
        }
        if let Some(policy) = &policy {
            diagnostics.extend(plan::warnings(&policy.policy, policy.profiles.values()));
        }
        // Lints speak of a policy that stands: beside a mistake they would mostly echo it. A file
        // that is not read may be the very reason.
        if policy.is_none() {
            diagnostics.retain(|d| d.is_error() || say::CODES.contains(&d.code));
        }
        diag::sort(&mut diagnostics);
        Checked { policy, sources, diagnostics, digest: digest_of(&digests), files: count }
    }

    /// The profile that a word or a path on the command line means.
    ///
    /// # Errors
    /// No such profile or file, or a file that does not declare the profile it is called after.
    pub fn profile(
        &self,
        checked: &CheckedPolicy,
        sources: &SourceMap,
        request: &str,
    ) -> Result<ProfileId, Box<Diagnostic>> {
        profile::find(self.host, &self.root, &self.working_directory, checked, sources, request)
    }

    /// Evaluates a profile over its evidence.
    ///
    /// # Errors
    /// Anything in the request that does not fit the policy or the disk. Evidence that cannot be
    /// used is no error here: the gates that read it say so.
    pub fn run(
        &self,
        policy: &CheckedPolicy,
        checked: &mut SourceMap,
        digest: Digest,
        request: &RunRequest,
    ) -> Result<GateRun, Vec<Diagnostic>> {
        let profile = self.profile(policy, checked, &request.profile).map_err(|d| vec![*d])?;
        let Some(effective) = policy.profiles.get(&profile) else {
            return Err(vec![say::internal("a profile without its effective form")]);
        };
        let mut wrong = Vec::new();
        let overrides = ok(&mut wrong, overrides(policy, &request.evidence));
        let only = ok(&mut wrong, only(effective, &request.only));
        let memory_limit = ok(&mut wrong, memory(request.memory.as_deref()));
        let as_of = ok(&mut wrong, self.as_of(request.as_of.as_deref()).map_err(|d| vec![*d]));
        let root = ok(&mut wrong, self.evidence_root(request.root.as_deref()).map_err(|d| vec![*d]));
        let folder = ok(&mut wrong, self.artifact_folder(request).map_err(|d| vec![*d]));
        let set = effective.params.iter().map(|(id, (value, _))| (*id, value.clone())).collect();
        let constants = Constants::new(policy.policy.clone(), set);
        let candidate = ok(&mut wrong, self.candidate(request.candidate.as_deref(), &constants, checked));
        let (
            Some(overrides),
            Some(only),
            Some(memory_limit),
            Some((as_of, as_of_origin)),
            Some(root),
            Some(candidate),
            Some(_),
        ) = (overrides, only, memory_limit, as_of, root, candidate, folder)
        else {
            return Err(wrong);
        };
        let mut source = FileSource::new(self.host, &root, &effective.evidence, &constants, as_of, &effective.sources);
        let usual = ReadLimits::default();
        let file_bytes = usual.file_bytes.min(memory_limit);
        source = source.with_limits(ReadLimits { key_bytes: memory_limit, file_bytes, ..usual });
        for (name, path) in &overrides {
            source = source.with_path(name, &self.working_directory, path);
        }
        let context = Context {
            as_of,
            as_of_origin,
            candidate,
            policy_files: digest,
            engine_version: env!("CARGO_PKG_VERSION").into(),
            memory_limit,
            threads: request.threads,
            artifacts: request.artifacts != Artifacts::Nowhere,
            only,
        };
        evaluate(policy, &profile, &source, &context).map_err(|error| {
            vec![match error {
                EvaluateError::NoProfile(id) => say::internal(&format!("the profile {id} is gone")),
                EvaluateError::NothingSelected => say::internal("no gate is selected"),
            }]
        })
    }

    /// Writes the artifacts of a run, notes in it what became of each, and says what could not be
    /// written.
    pub fn write_artifacts(&self, request: &RunRequest, sources: &SourceMap, run: &mut GateRun) -> Vec<Diagnostic> {
        let mut artifacts = std::mem::take(&mut run.artifacts);
        if !artifacts.is_empty() {
            let root = self.artifact_root(request);
            let has_read = |file: &Path| self.has_read(file, request, sources, run);
            artifact::write(&mut artifacts, &Place { host: self.host, root, has_read: &has_read });
        }
        run.artifacts = artifacts;
        let failed = run.artifacts.iter().flat_map(|a| a.files.iter().map(move |f| (a, f)));
        let failed = failed.filter(|(_, f)| f.status == ArtifactStatus::Failed);
        failed.map(|(a, f)| say::artifact_not_written(a, f)).collect()
    }

    /// The artifact of a run that was written to a file (its path with links resolved), in words.
    pub fn has_written(&self, file: &Path, request: &RunRequest, run: &GateRun) -> Option<String> {
        let root = self.artifact_root(request).ok()?;
        let is_file = |path: &str| root.resolve(self.host, path).is_ok_and(|found| found == file);
        let written =
            |a: &&ArtifactResult| a.files.iter().any(|f| f.status == ArtifactStatus::Written && is_file(&f.path));
        run.artifacts.iter().find(written).map(|a| format!("the artifact `{}` of this run", a.name))
    }

    /// The folder of `--artifacts`, where it can be one.
    fn artifact_folder(&self, request: &RunRequest) -> Result<Option<PathBuf>, Box<Diagnostic>> {
        let Artifacts::At(folder) = &request.artifacts else { return Ok(None) };
        match self.host.kind(folder) {
            Ok(None | Some(EntryKind::Folder)) => Ok(Some(folder.clone())),
            Ok(Some(_)) => Err(say::artifact_root(folder, "it is no folder").into()),
            Err(e) => Err(say::artifact_root(folder, &io_words(&e, 0)).into()),
        }
    }

    /// Where paths of artifacts start, or why they start nowhere.
    fn artifact_root(&self, request: &RunRequest) -> Result<Root, String> {
        let Some(folder) = self.artifact_folder(request).map_err(|d| d.message)? else {
            return self.evidence_root(request.root.as_deref()).map_err(|d| d.message);
        };
        self.host.make_folder(&folder).map_err(|e| io_words(&e, 0))?;
        Root::new(self.host, &folder).map_err(|e| e.to_string())
    }

    /// What a run has read from a file (its path with links resolved), in words for a person; `None`
    /// for a file that it has not read.
    pub fn has_read(&self, file: &Path, request: &RunRequest, sources: &SourceMap, run: &GateRun) -> Option<String> {
        let is_file = |path: &Path| self.host.canonical(path).is_ok_and(|found| found == file);
        // The candidate is among the texts by the name that it was given.
        let policy = |name: &str| is_file(&self.root.join(name)) || is_file(&self.working_directory.join(name));
        if sources.iter().any(|(_, text)| policy(text.name())) {
            return Some("a file of the policy".into());
        }
        let root = self.evidence_root(request.root.as_deref()).ok();
        let given = |name: &str| request.evidence.iter().any(|e| e.split_once('=').is_some_and(|(n, _)| n == name));
        run.evidence.iter().find_map(|evidence| {
            let stands = |path: &str| match (given(&evidence.name), &root) {
                (true, _) => is_file(&self.working_directory.join(path)),
                (false, Some(root)) => root.resolve(self.host, path).is_ok_and(|found| found == file),
                (false, None) => false,
            };
            let read = evidence.files.iter().any(|f| stands(&f.path)) || stands(&evidence.path);
            read.then(|| format!("the evidence `{}`", evidence.name))
        })
    }

    /// The instant of evaluation: the flag, else the run file, else the clock.
    ///
    /// # Errors
    /// A text that is no instant.
    pub fn as_of(&self, flag: Option<&str>) -> Result<(Num, AsOfOrigin), Box<Diagnostic>> {
        let (text, at, origin) = match (flag, &self.run_file.as_of) {
            (Some(text), _) => (text, None, AsOfOrigin::Flag),
            (None, Some((text, span))) => (text.as_str(), Some(*span), AsOfOrigin::RunFile),
            (None, None) => return Ok((Num::int(whole_second(self.host.now())), AsOfOrigin::Clock)),
        };
        match time::read_instant(text) {
            Ok(instant) => Ok((instant, origin)),
            Err(why) => Err(say::as_of(text, &why.to_string(), at).into()),
        }
    }

    /// The evidence root: the flag (from the working directory), else the run file (from the
    /// policy root), else the policy root.
    fn evidence_root(&self, flag: Option<&Path>) -> Result<Root, Box<Diagnostic>> {
        let (folder, at): (PathBuf, Option<Span>) = match (flag, &self.run_file.evidence_root) {
            (Some(folder), _) => (folder.to_owned(), None),
            (None, Some((folder, span))) => (self.root.join(folder), Some(*span)),
            (None, None) => (self.root.clone(), None),
        };
        let failed = |why: &str| Box::new(say::evidence_root(&folder, why, at));
        match self.host.kind(&folder) {
            Ok(Some(EntryKind::Folder)) => Root::new(self.host, &folder).map_err(|e| failed(&e.to_string())),
            Ok(Some(_)) => Err(failed("it is no folder")),
            Ok(None) => Err(failed("it is not there")),
            Err(e) => Err(failed(&io_words(&e, 0))),
        }
    }

    /// The release candidate: the flag (from the working directory), else the run file (from the
    /// policy root).
    fn candidate(
        &self,
        flag: Option<&Path>,
        constants: &Constants,
        sources: &mut SourceMap,
    ) -> Result<Option<Candidate>, Vec<Diagnostic>> {
        let (shown, path, at) = match (flag, &self.run_file.candidate) {
            (Some(path), _) => (path.to_owned(), path.to_owned(), None),
            (None, Some((path, span))) => (PathBuf::from(path), self.root.join(path), Some(*span)),
            (None, None) => return Ok(None),
        };
        let limit = candidate::MAX_BYTES;
        let failed = |why: &str| vec![say::candidate_file(&shown, why, at)];
        let bytes = self.host.read(&path, limit).map_err(|e| failed(&io_words(&e, limit)))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| failed("it is no UTF-8 text"))?;
        candidate::read(&shown, text, constants, sources).map(Some)
    }
}

/// Everything that policies may call and read: builtin functions, evidence formats.
///
/// # Errors
/// A descriptor that cannot be read: a bug of this program.
pub fn registry() -> Result<Registry, Box<Diagnostic>> {
    let mut registry = Registry::default();
    builtins::register(&mut registry).map_err(|e| Box::new(say::internal(&e.0)))?;
    evidence::register(&mut registry);
    Ok(registry)
}

fn ok<T>(wrong: &mut Vec<Diagnostic>, result: Result<T, Vec<Diagnostic>>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(diagnostics) => {
            wrong.extend(diagnostics);
            None
        }
    }
}

/// The next whole second at or after an instant: `as_of` is told in whole seconds, and what was
/// written within the second at hand is not from the future.
fn whole_second(ns: i128) -> i128 {
    const SECOND: i128 = 1_000_000_000;
    ns.checked_add(SECOND - 1).map_or(ns, |up| up.div_euclid(SECOND) * SECOND)
}

/// What a policy root lacks of being one.
fn lacks(host: &dyn Host, folder: &Path) -> Option<&'static str> {
    let has = |name: &str| matches!(host.kind(&folder.join(name)), Ok(Some(EntryKind::Folder)));
    match (has("gates"), has("profiles")) {
        (true, true) => None,
        (false, true) => Some("it has no folder `gates`"),
        (true, false) => Some("it has no folder `profiles`"),
        (false, false) => Some("it has neither a folder `gates` nor `profiles`"),
    }
}

/// Whether a folder is a policy root.
pub(super) fn is_root(host: &dyn Host, folder: &Path) -> bool {
    lacks(host, folder).is_none()
}

pub(super) fn named_root(host: &dyn Host, folder: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    match host.kind(folder) {
        Ok(Some(EntryKind::Folder)) => {}
        Ok(Some(_)) => return Err(say::not_a_policy_root(folder, "it is no folder").into()),
        Ok(None) => return Err(say::not_a_policy_root(folder, "it is not there").into()),
        Err(e) => return Err(say::not_a_policy_root(folder, &io_words(&e, 0)).into()),
    }
    match lacks(host, folder) {
        Some(what) => Err(say::not_a_policy_root(folder, what).into()),
        None => host.canonical(folder).map_err(|e| say::not_a_policy_root(folder, &io_words(&e, 0)).into()),
    }
}

pub(super) fn nearest_root(host: &dyn Host, from: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    let found = from.ancestors().find(|folder| lacks(host, folder).is_none());
    found.map(Path::to_owned).ok_or_else(|| say::no_policy_root(from).into())
}

/// `--evidence NAME=PATH`, by name.
fn overrides(policy: &CheckedPolicy, requests: &[String]) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
    let names = policy.policy.evidence.iter().map(|e| &*e.name);
    let (mut found, mut wrong) = (BTreeMap::new(), Vec::new());
    for request in requests {
        match request.split_once('=') {
            Some((name, path)) if !name.is_empty() && !path.is_empty() => {
                if !names.clone().any(|n| n == name) {
                    wrong.push(say::override_name(name, names.clone()));
                } else if found.insert(name.to_owned(), path.to_owned()).is_some() {
                    wrong.push(say::override_twice(name));
                }
            }
            _ => wrong.push(say::override_form(request)),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

/// `--only`: every pattern has to match a gate that the profile selects, so that a slip of the
/// hand does not leave a gate out.
fn only(profile: &EffectiveProfile, patterns: &[String]) -> Result<Option<Vec<Arc<str>>>, Vec<Diagnostic>> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let selected = profile.gates.iter().filter(|(_, g)| g.why == WhyIncluded::Selected).map(|(id, _)| id.as_str());
    let selected: BTreeSet<&str> = selected.collect();
    let matches = |pattern: &str, id: &str| match pattern.strip_suffix(".*") {
        Some(family) => id.strip_prefix(family).is_some_and(|rest| rest.starts_with('.')),
        None => id == pattern,
    };
    let unmatched = patterns.iter().filter(|p| !selected.iter().any(|id| matches(p, id)));
    let wrong: Vec<Diagnostic> =
        unmatched.map(|p| say::only(p, profile.id.as_str(), selected.iter().copied())).collect();
    if wrong.is_empty() { Ok(Some(patterns.iter().map(|p| p.as_str().into()).collect())) } else { Err(wrong) }
}

/// `--memory 512MiB`, in bytes.
fn memory(text: Option<&str>) -> Result<u64, Vec<Diagnostic>> {
    let Some(text) = text else { return Ok(DEFAULT_MEMORY) };
    let refuse = |why: &str| vec![say::memory(text, why)];
    match read::signed_quantity(text) {
        Ok((ty, size)) if ty == Type::BYTES => match size.as_int().and_then(|n| u64::try_from(n).ok()) {
            Some(0) | None => Err(refuse("leaves no room")),
            Some(bytes) => Ok(bytes),
        },
        Ok(_) => Err(refuse("is no size in bytes")),
        Err(why) => Err(refuse(&why.to_string())),
    }
}
