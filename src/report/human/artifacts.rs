//! The files that a run wrote besides its reports, or why it did not.

use super::super::layout::{Page, Paint};
use super::plural;
use crate::verdict::{ArtifactFile, ArtifactStatus, GateRun};

/// Files shown of one artifact.
const FILES_SHOWN: usize = 10;

/// Every artifact with its files; those that are not as they should be with the reason.
pub(super) fn write(page: &mut Page, run: &GateRun) {
    if run.artifacts.is_empty() {
        return;
    }
    page.heading("Artifacts");
    for artifact in &run.artifacts {
        page.line(&[(&format!("  {}", artifact.name), Paint::Plain)]);
        // What went wrong is never cut away.
        let (fine, wrong): (Vec<&ArtifactFile>, Vec<&ArtifactFile>) =
            artifact.files.iter().partition(|f| f.status == ArtifactStatus::Written);
        for file in wrong.iter().chain(&fine).take(FILES_SHOWN) {
            one(page, file);
        }
        if let Some(more) = artifact.files.len().checked_sub(FILES_SHOWN).filter(|more| *more > 0) {
            page.line(&[(&format!("      and {}", plural(more as u64, "more file", "more files")), Paint::Faint)]);
        }
        if artifact.files.is_empty() {
            page.line(&[("      no rows, so no files", Paint::Faint)]);
        }
    }
}

fn one(page: &mut Page, file: &ArtifactFile) {
    let (word, paint) = match file.status {
        ArtifactStatus::Written => ("written", Paint::Plain),
        ArtifactStatus::Withheld => ("WITHHELD", Paint::Doubt),
        ArtifactStatus::Failed => ("FAILED", Paint::Bad),
        ArtifactStatus::Removed => ("removed", Paint::Doubt),
    };
    page.paragraph((&format!("      {word:<9} "), paint), &file.path, Paint::Plain, 16);
    let text = match (&file.reason, file.status) {
        (Some(reason), _) => format!("{} [{}]", reason.message, reason.code),
        (None, ArtifactStatus::Removed) => "of an earlier run; this one has none in its place".to_owned(),
        (None, _) => return,
    };
    page.paragraph(("                ", Paint::Faint), &text, Paint::Faint, 16);
}
