//! Evidence from files: which files, how they are read, and what is said of the whole.

use super::diagnostics;
use super::files::{Pattern, Walk};
use super::judge::Judge;
use super::readers::{Reader, reader, reader_of};
use super::reading::{FileRead, FoundFile, ReadLimits};
use super::tally::{FreshLimits, Tally};
use crate::data::{BatchSink, BatchSource, EvidenceFault, EvidenceOutcome, Num, Projection, ReadReport, Value};
use crate::eval::{Env, Globals, Interpreter};
use crate::host::{EntryKind, Host, Root};
use crate::model::{EvidenceDefinition, EvidenceFiles, EvidenceShape, Expr, OptionalEvidence};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Evidence of a policy, read from files below a root.
///
/// **Determinism**: neither reports nor rows depend on threads, on chunk sizes or on the order
/// in which folders are listed.
pub struct FileSource<'a> {
    host: &'a dyn Host,
    root: &'a Root,
    evidence: &'a [Arc<EvidenceDefinition>],
    globals: &'a dyn Globals,
    as_of: Num,
    accepted: &'a [Arc<str>],
    overrides: BTreeMap<Arc<str>, Override>,
    limits: ReadLimits,
}

/// A path from the command line: trusted, relative to the working directory.
#[derive(Debug, Clone)]
struct Override {
    folder: PathBuf,
    path: Arc<str>,
}

impl<'a> FileSource<'a> {
    /// Evidence as it takes effect in a profile. `globals` know the policy and its params as the
    /// profile sets them; `as_of` is in ns since 1970; `accepted` are the kinds of source that
    /// count.
    pub fn new(
        host: &'a dyn Host,
        root: &'a Root,
        evidence: &'a [Arc<EvidenceDefinition>],
        globals: &'a dyn Globals,
        as_of: Num,
        accepted: &'a [Arc<str>],
    ) -> Self {
        let (overrides, limits) = (BTreeMap::new(), ReadLimits::default());
        Self { host, root, evidence, globals, as_of, accepted, overrides, limits }
    }

    /// Reads an evidence from elsewhere: from a path (or pattern) of the command line, relative
    /// to the working directory. It must be there, even where the evidence is optional.
    #[must_use]
    pub fn with_path(mut self, evidence: &str, working_directory: &Path, path: &str) -> Self {
        let elsewhere = Override { folder: working_directory.to_owned(), path: path.into() };
        self.overrides.insert(evidence.into(), elsewhere);
        self
    }

    /// Reads within other bounds.
    #[must_use]
    pub fn with_limits(mut self, limits: ReadLimits) -> Self {
        self.limits = limits;
        self
    }

    fn read_definition(
        &self,
        definition: &EvidenceDefinition,
        projection: &Projection,
        sink: &dyn BatchSink,
    ) -> ReadReport {
        let fresh = match self.fresh(definition) {
            Ok(fresh) => fresh,
            Err(fault) => return unusable(vec![fault]),
        };
        let Some(reader) = self.reader(definition) else {
            return unusable(vec![diagnostics::format(format!("no reader for the format `{}`", definition.format))]);
        };
        let files = match self.files(definition) {
            Ok(Some(files)) => files,
            Ok(None) => return empty(EvidenceOutcome::Absent),
            Err(fault) => return unusable(vec![fault]),
        };
        if let (false, EvidenceShape::Document(_), Some(file)) =
            (reader.format.nested, &definition.shape, files.first())
        {
            return unusable(vec![diagnostics::rows_only(&file.shown, reader.format.name)]);
        }
        let judge = Judge::new(definition, projection, self.globals);
        let mut tally = Tally::new(&judge, sink, fresh, self.accepted, self.limits.key_bytes);
        for file in &files {
            let file = FileRead { host: self.host, file, judge: &judge, limits: &self.limits };
            reader.read.read(&file, &mut tally);
        }
        tally.finish(matches!(definition.files, EvidenceFiles::Path(_)))
    }

    /// A file name's ending chooses the format, unless the policy says it.
    fn reader(&self, definition: &EvidenceDefinition) -> Option<&'static Reader> {
        let elsewhere = self.overrides.get(&definition.name);
        let by_ending = elsewhere.filter(|_| !definition.clauses.contains_key("format"));
        by_ending.and_then(|o| reader_of(&o.path)).or_else(|| reader(&definition.format))
    }

    fn fresh(&self, definition: &EvidenceDefinition) -> Result<Option<FreshLimits>, EvidenceFault> {
        let Some(fresh) = &definition.fresh else { return Ok(None) };
        let (within, ahead) = (self.limit(&fresh.within)?, self.limit(&fresh.ahead)?);
        Ok(Some(FreshLimits { as_of: self.as_of, within, ahead }))
    }

    fn limit(&self, expr: &Expr) -> Result<Num, EvidenceFault> {
        match Interpreter::new(self.globals).eval(expr, &mut Env::new()) {
            Ok(Value::Num(limit)) => Ok(limit),
            Ok(_) => Err(diagnostics::fresh_limit("it is missing")),
            Err(fault) => Err(diagnostics::fresh_limit(&fault.to_string())),
        }
    }

    /// The files of an evidence; `None` when there is none and that is excused.
    fn files(&self, definition: &EvidenceDefinition) -> Result<Option<Vec<FoundFile>>, EvidenceFault> {
        let elsewhere = self.overrides.get(&definition.name);
        let (excused, lapsed) = match definition.optional {
            _ if elsewhere.is_some() => (false, None),
            OptionalEvidence::Required => (false, None),
            OptionalEvidence::Always => (true, None),
            OptionalEvidence::Until(instant) => (self.as_of < instant, Some(instant)),
        };
        let files = match (&definition.files, elsewhere) {
            (EvidenceFiles::Path(path), None) => self.one(path)?,
            (EvidenceFiles::Path(_), Some(elsewhere)) => {
                self.at(&elsewhere.path, elsewhere.folder.join(&*elsewhere.path))?
            }
            (EvidenceFiles::Pattern(pattern), None) => {
                Root::check(pattern).map_err(|e| diagnostics::path(pattern, &e.to_string()))?;
                self.matching(pattern, Some(self.root), self.root.folder(), "", pattern)?
            }
            (EvidenceFiles::Pattern(_), Some(elsewhere)) => {
                let (base, prefix, rest) = match elsewhere.path.strip_prefix('/') {
                    Some(rest) => (Path::new("/"), "/", rest),
                    None => (elsewhere.folder.as_path(), "", &*elsewhere.path),
                };
                self.matching(&elsewhere.path, None, base, prefix, rest)?
            }
        };
        let one = matches!(definition.files, EvidenceFiles::Path(_));
        let said: &str = match (elsewhere, &definition.files) {
            (Some(elsewhere), _) => &elsewhere.path,
            (None, EvidenceFiles::Path(path) | EvidenceFiles::Pattern(path)) => path,
        };
        match files.len() {
            0 if excused => Ok(None),
            0 if one => Err(diagnostics::absent(said, lapsed)),
            0 => Err(diagnostics::nothing_matches(said, lapsed)),
            n if n > 1 && matches!(definition.shape, EvidenceShape::Document(_)) => {
                Err(diagnostics::many_files(said, n))
            }
            _ => Ok(Some(files)),
        }
    }

    /// The one file at a path of the policy, or none.
    fn one(&self, path: &Arc<str>) -> Result<Vec<FoundFile>, EvidenceFault> {
        let resolved = self.root.resolve(self.host, path).map_err(|e| diagnostics::path(path, &e.to_string()))?;
        self.at(path, resolved)
    }

    fn at(&self, shown: &Arc<str>, path: PathBuf) -> Result<Vec<FoundFile>, EvidenceFault> {
        match self.host.kind(&path).map_err(|e| diagnostics::unreadable(shown, &e))? {
            None => Ok(Vec::new()),
            Some(EntryKind::Folder) => Err(diagnostics::not_a_file(shown, "a folder")),
            Some(_) => Ok(vec![FoundFile { shown: shown.clone(), path, captures: Vec::new() }]),
        }
    }

    fn matching(
        &self,
        said: &str,
        root: Option<&Root>,
        base: &Path,
        prefix: &str,
        pattern: &str,
    ) -> Result<Vec<FoundFile>, EvidenceFault> {
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let parsed = Pattern::parse(&parts.join("/")).map_err(|why| diagnostics::path(said, &why))?;
        let mut walk = Walk { host: self.host, root, pattern: said, entries: self.limits.entries };
        walk.files(base, &parsed, prefix)
    }
}

impl BatchSource for FileSource<'_> {
    fn read(&self, evidence: &str, projection: &Projection, sink: &dyn BatchSink) -> ReadReport {
        match self.evidence.iter().find(|definition| *definition.name == *evidence) {
            Some(definition) => self.read_definition(definition, projection, sink),
            None => unusable(vec![diagnostics::not_given(evidence)]),
        }
    }
}

/// A report of evidence of which nothing could be read.
pub(super) fn unusable(faults: Vec<EvidenceFault>) -> ReadReport {
    let total = faults.len() as u64;
    empty(EvidenceOutcome::Unusable { faults, total })
}

/// A report without files or rows.
pub(super) fn empty(outcome: EvidenceOutcome) -> ReadReport {
    ReadReport {
        outcome,
        files: Vec::new(),
        digest: None,
        rows: 0,
        document: None,
        schema_version: None,
        fresh_at: None,
        source: None,
        unreadable: BTreeMap::new(),
    }
}
