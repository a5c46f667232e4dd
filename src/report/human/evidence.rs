//! The evidence a run rests on, and why some of it cannot be used.

use super::super::layout::{Column, Page, Paint, Side, Table, cell, empty};
use super::super::values::{coarse, instant_text, value_text};
use super::{names, plural, short_digest, thousands};
use crate::data::{EvidenceFault, EvidenceStatus, Num, Type, Value};
use crate::verdict::{EvidenceArtifact, GateRun};

/// Faults shown for one evidence.
const FAULTS_SHOWN: usize = 5;

/// Evidence that cannot be used: which gates that stops, and the first faults.
pub(super) fn write_unusable(page: &mut Page, run: &GateRun) {
    let unusable: Vec<&EvidenceArtifact> =
        run.evidence.iter().filter(|e| e.status == EvidenceStatus::Unusable).collect();
    if unusable.is_empty() {
        return;
    }
    page.heading("Evidence that cannot be used: every gate that rests on it is an error");
    for artifact in unusable {
        page.paragraph(("  ", Paint::Plain), &format!("{}  {}", artifact.name, artifact.path), Paint::Strong, 4);
        for fault in artifact.faults.iter().take(FAULTS_SHOWN) {
            write_fault(page, fault);
        }
        let shown = artifact.faults.len().min(FAULTS_SHOWN) as u64;
        if artifact.fault_count > shown {
            let more = plural(artifact.fault_count - shown, "more fault", "more faults");
            page.line(&[(&format!("      and {more}"), Paint::Faint)]);
        }
        if !artifact.read_by.is_empty() {
            let text = names(artifact.read_by.iter().map(|g| g.as_str()), 12);
            page.paragraph(("      stops: ", Paint::Faint), &text, Paint::Plain, 13);
        }
    }
}

fn write_fault(page: &mut Page, fault: &EvidenceFault) {
    let lead = match &fault.place {
        Some(place) => {
            let column = fault.column.map(|c| format!(":{c}")).unwrap_or_default();
            let inside = match (&place.key, &place.pointer) {
                (Some(key), _) => format!(" (key {key})"),
                (None, Some(pointer)) if !pointer.is_empty() => format!(" (at {pointer})"),
                _ => String::new(),
            };
            format!("      {}:{}{column}{inside}: ", place.file, place.line)
        }
        None => "      ".to_owned(),
    };

    page.paragraph((&lead, Paint::Faint), &format!("{} [{}]", fault.message, fault.code), Paint::Plain, 8);
    if let Some(help) = &fault.help {
        page.paragraph(("        help: ", Paint::Faint), help, Paint::Plain, 14);
    }
}

/// Every evidence of the run: how much, how old, from what kind of source, exactly which bytes.
pub(super) fn write(page: &mut Page, run: &GateRun) {
    if run.evidence.is_empty() {
        return;
    }
    page.heading("Evidence");
    let mut table = Table::new(&[
        Column { title: "", side: Side::Left, limit: 6 },
        Column { title: "name", side: Side::Left, limit: 28 },
        Column { title: "status", side: Side::Left, limit: 8 },
        Column { title: "rows", side: Side::Right, limit: 14 },
        Column { title: "age", side: Side::Left, limit: 28 },
        Column { title: "source", side: Side::Left, limit: 10 },
        Column { title: "sha256", side: Side::Left, limit: 12 },
    ]);
    for (i, artifact) in run.evidence.iter().enumerate() {
        let (word, paint) = match artifact.status {
            // Left empty, so that the column is only there when it has something to say.
            EvidenceStatus::Usable => ("", Paint::Plain),
            EvidenceStatus::Absent => ("absent", Paint::Doubt),
            EvidenceStatus::Unusable => ("UNUSABLE", Paint::Bad),
        };
        let files = match artifact.files.len() {
            0 | 1 => artifact.path.to_string(),
            n => format!("{} ({n} files)", artifact.path),
        };
        let absent = artifact.status == EvidenceStatus::Absent;
        table.row(vec![
            cell(format!("[{}]", i + 1), Paint::Faint),
            cell(&artifact.name, Paint::Plain),
            cell(word, paint),
            if absent { empty() } else { cell(thousands(artifact.rows), Paint::Plain) },
            if absent { empty() } else { cell(age(artifact, run.as_of), Paint::Plain) },
            if absent { empty() } else { cell(source(artifact), Paint::Plain) },
            cell(artifact.digest.map(|d| short_digest(&d.to_string())).unwrap_or_default(), Paint::Faint),
        ]);
        table.note(7, files, Paint::Faint);
    }
    table.write(page);
    for artifact in run.evidence.iter().filter(|e| !e.unreadable.is_empty()) {
        let fields: Vec<String> = artifact.unreadable.iter().map(|(f, n)| format!("{f} {}", thousands(*n))).collect();
        let text = format!("{}: read as absent because they could not be read: {}", artifact.name, fields.join(", "));
        page.paragraph(("  ", Paint::Plain), &text, Paint::Faint, 4);
    }
}

/// Its kind of source. One that was read and says nothing counts as the weakest.
fn source(artifact: &EvidenceArtifact) -> &str {
    let unsaid = if artifact.status == EvidenceStatus::Usable { "unsaid" } else { "" };
    artifact.source.as_deref().unwrap_or(unsaid)
}

/// `2h5m (at most 24h)`; without a time to go by: `unknown`.
fn age(artifact: &EvidenceArtifact, as_of: Num) -> String {
    let print = |ns: Num| value_text(&Value::Num(ns), &Type::DURATION);
    let age = match artifact.age {
        Some(age) if age.is_negative() => match artifact.fresh_at {
            Some(at) if at > as_of => format!("ahead: {}", instant_text(at)),
            _ => print(age),
        },
        Some(age) => coarse(age),
        None => "unknown".to_owned(),
    };
    match artifact.max_age {
        Some(limit) => format!("{age} (at most {})", print(limit)),
        None => age,
    }
}
