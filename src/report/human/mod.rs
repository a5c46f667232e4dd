//! The report for people: the answer first, then every gate, then what is wrong and where.
//!
//! Sections, in order: the answer; gates that count, and those that do not, as tables with figure,
//! limit, sample and slack; one block for each gate that is not satisfied; evidence that cannot be
//! used; waivers; worst rows; what happened to the rows; the evidence; the artifacts; in long reports the answer again,
//! since a log is read from its end. Long lists are cut and say by how much.

mod artifacts;
mod evidence;
mod gates;

mod problems;
mod waivers;

use super::facts::{self, Counts};
use super::layout::{Page, Paint};
use super::values::instant_text;
use super::{Format, ReportContext};
use crate::verdict::{AsOfOrigin, GateRun, RunStatus, Verdict};

/// The descriptor of this format.
pub(super) const FORMAT: Format =
    Format { name: "human", extension: "txt", doc: "for people: a terminal, a file, the log of a CI system", render };

/// A report longer than this repeats its answer at the end.
const REPEAT_AFTER_LINES: usize = 40;

fn render(run: &GateRun, context: &ReportContext<'_>) -> String {
    let mut page = Page::new(context.colour);
    answer(&mut page, run, context.only);
    origin(&mut page, run);
    gates::write(&mut page, run);
    problems::write(&mut page, run, context.sources);
    evidence::write_unusable(&mut page, run);
    waivers::write(&mut page, run, context.sources);
    gates::write_worst_rows(&mut page, run);
    gates::write_ledgers(&mut page, run);
    evidence::write(&mut page, run);
    artifacts::write(&mut page, run);
    if let Some(timing) = &context.timing {
        page.blank();
        page.line(&[(&elapsed(timing.elapsed_ns), Paint::Faint)]);
    }
    if page.lines() > REPEAT_AFTER_LINES {
        page.blank();
        answer(&mut page, run, context.only);
    }
    page.finish()
}

/// One line that can stand alone: the answer, the profile, the counts; then why, when it is not
/// the gates.
fn answer(page: &mut Page, run: &GateRun, only: &[String]) {
    let (word, paint) = match run.status {
        RunStatus::Pass => ("PASS", Paint::Good),
        RunStatus::Fail => ("FAIL", Paint::Bad),
        RunStatus::Unknown => ("CANNOT TELL", Paint::Doubt),
    };
    let counts = Counts::of(run);
    let text = match counts.counted {
        0 => "no required gate is in force".to_owned(),
        1 => format!("1 required gate: {}", by_verdict(&counts)),
        n => format!("{n} required gates: {}", by_verdict(&counts)),
    };
    let from = match run.as_of_origin {
        AsOfOrigin::Flag => "--as-of",
        AsOfOrigin::RunFile => "run file",
        AsOfOrigin::Clock => "clock",
    };
    let only = if only.is_empty() { String::new() } else { format!(" (only {})", only.join(", ")) };
    let text = format!("profile {}{only} · {text} · as of {} ({from})", run.profile, instant_text(run.as_of));
    page.paragraph((&format!("{word}  "), paint), &text, Paint::Plain, 6);
    for reason in &run.reasons {
        page.paragraph(("      ", Paint::Plain), &format!("{} [{}]", reason.message, reason.code), Paint::Plain, 8);
    }
}

fn by_verdict(counts: &Counts) -> String {
    let parts = counts.by_verdict().into_iter().filter(|(_, n)| *n > 0);
    parts.map(|(verdict, n)| format!("{n} {}", verdict.word())).collect::<Vec<_>>().join(", ")
}

/// What was judged and by which rules.
fn origin(page: &mut Page, run: &GateRun) {
    let digest = short_digest(&run.policy_digest.to_string());
    let mut rows = vec![("policy", format!("{}, digest {digest}", run.policy))];
    if let Some(candidate) = &run.candidate {
        let fields: Vec<String> = candidate.iter().map(|(k, v)| format!("{k} {v}")).collect();
        rows.push(("candidate", fields.join(", ")));
    }
    let weakest = match facts::weakest_source(run) {
        Some(kind) => format!("; the weakest used is {kind}"),
        None => String::new(),
    };
    let counting: Vec<&str> = run.sources.iter().map(|s| &**s).collect();
    rows.push((
        "sources",
        format!("{} count{weakest}", if counting.is_empty() { "none".into() } else { counting.join(", ") }),
    ));
    rows.push(("run", run.run_id.to_string()));
    for (name, text) in rows {
        page.paragraph((&format!("  {name:<10}"), Paint::Faint), &text, Paint::Plain, 12);
    }
}

/// Enough of a digest to tell two apart by eye; the JSON report has all of it.
fn short_digest(hex: &str) -> String {
    hex.chars().take(12).collect()
}

fn elapsed(ns: u64) -> String {
    format!("finished in {}.{:03} s", ns / 1_000_000_000, ns / 1_000_000 % 1_000)
}

/// A verdict in a table or a heading: what stops a run in capitals.
fn verdict_cell(verdict: Verdict) -> (&'static str, Paint) {
    match verdict {
        Verdict::Pass => ("pass", Paint::Good),
        Verdict::Waived => ("waived", Paint::Doubt),
        Verdict::Inconclusive => ("INCONCLUSIVE", Paint::Doubt),
        Verdict::Blocked => ("BLOCKED", Paint::Doubt),
        Verdict::Error => ("ERROR", Paint::Bad),
        Verdict::Fail => ("FAIL", Paint::Bad),
    }
}

/// `1 row`, `1,234 rows`.
fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// A count with commas.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `a, b, c`, and how many more.
fn names<'a>(names: impl Iterator<Item = &'a str>, limit: usize) -> String {
    let all: Vec<&str> = names.collect();
    let shown: Vec<&str> = all.iter().take(limit).copied().collect();
    match all.len().saturating_sub(limit) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
