//! Which profile a word on the command line means.

use super::diagnostics as say;
use crate::diag::Diagnostic;
use crate::host::{EntryKind, Host};
use crate::model::{CheckedPolicy, ProfileId};
use crate::source::SourceMap;
use std::path::Path;

/// `mvp` is the profile of that name. `mvp.profile` and `a/mvp.profile` are files: one that is
/// there from the working directory, else in `profiles/` of the policy root. A file must be part
/// of the policy and declare the profile that it is called after.
///
/// # Errors
/// What is not so.
pub(super) fn find(
    host: &dyn Host,
    root: &Path,
    working_directory: &Path,
    checked: &CheckedPolicy,
    sources: &SourceMap,
    request: &str,
) -> Result<ProfileId, Box<Diagnostic>> {
    let names = checked.profiles.keys().map(|id| id.as_str());
    let Some(stem) = request.strip_suffix(".profile") else {
        let id = ProfileId::new(request);
        return if checked.profiles.contains_key(&id) {
            Ok(id)
        } else {
            Err(say::unknown_profile(request, names).into())
        };
    };
    let stem = stem.rsplit_once('/').map_or(stem, |(_, file)| file);
    let here = working_directory.join(request);
    let shipped = root.join("profiles").join(request);
    let is_file = |path: &Path| matches!(host.kind(path), Ok(Some(EntryKind::File)));
    let path = match (is_file(&here), is_file(&shipped)) {
        (true, _) => here,
        (false, true) => shipped,
        (false, false) => return Err(say::no_profile_file(request, names).into()),
    };
    let below_root = host.canonical(&path).ok().and_then(|p| p.strip_prefix(root).ok().map(Path::to_owned));
    let name = below_root.map(|p| p.to_string_lossy().replace('\\', "/")).unwrap_or_default();
    if !sources.iter().any(|(_, text)| **text.name() == *name) {
        return Err(say::foreign_profile_file(request, root).into());
    }
    let declared = checked.policy.profiles.values().filter(|p| *sources.place(p.span).0 == *name);
    let declares: Vec<String> = declared.map(|p| p.id.to_string()).collect();
    if declares.iter().any(|id| id == stem) {
        return Ok(ProfileId::new(stem));
    }
    Err(say::profile_not_declared(&name, stem, &declares).into())
}
