//! Waivers: the page of one, and what the page of a gate tells of them.

use super::sheet::{Facts, Sheet};
use super::source::{clause, place};
use super::words::Words;
use crate::data::print;
use crate::model::digest::PolicyDigests;
use crate::model::{CheckedPolicy, Covers, EffectiveProfile, GateDefinition, Waiver};
use crate::source::SourceMap;

/// Lines of a declaration that are shown.
const MOST_LINES: usize = 60;

/// The page of a waiver.
pub(super) fn page(checked: &CheckedPolicy, sources: &SourceMap, name: &str, colour: bool) -> Option<String> {
    let waiver = checked.policy.waivers.values().find(|w| w.id.as_str() == name)?;
    let digests = PolicyDigests::of(checked);
    let mut sheet = Sheet::new(sources, colour);
    sheet.title("waiver", name, "", Some(waiver.span));
    sheet.doc(waiver.doc.as_deref());
    sheet.section("What it excuses");
    for sentence in excuses(checked, sources, waiver) {
        sheet.say(&sentence);
    }
    sheet.section("What it never excuses");
    sheet.say(
        "Anything else that fails in the same gate or group: then nothing is excused. An `expect`, a missing value, \
         an empty scope, evidence that cannot be used and a sample that cannot tell are never covered.",
    );
    sheet.section("Who answers for it");
    let mut facts = Facts::new();
    for word in ["reason", "approver", "owner", "ticket", "opened", "expires", "for"] {
        let Some(span) = waiver.clauses.get(word) else { continue };
        facts.row(word, &clause(sources, *span, word), place(sources, *span));
    }
    if let Some(digest) = digests.waivers.get(&waiver.id) {
        facts.row("digest", &format!("sha256:{digest}"), String::new());
    }
    facts.write(&mut sheet.page);
    sheet.section("Where it applies");
    let mut any = false;
    for (id, profile) in &checked.profiles {
        let Some(digest) = digests.effective(id, &waiver.gate) else { continue };
        any = true;
        let matches = *waiver.digest == *format!("sha256:{digest}");
        let text = match (profile.no_waivers, matches) {
            (Some(_), _) => format!("profile {id} takes no waivers"),
            (None, true) => format!("profile {id} runs the gate that it was written for"),
            (None, false) => {
                format!("profile {id} runs another form of the gate: `for \"sha256:{digest}\"` would pin it")
            }
        };
        sheet.item("-", &text);
    }
    if !any {
        sheet.say("No profile runs its gate.");
    }
    sheet.section("In source");
    sheet.excerpt(waiver.whole, MOST_LINES);
    Some(sheet.finish())
}

/// What a waiver excuses, in sentences.
fn excuses(checked: &CheckedPolicy, sources: &SourceMap, waiver: &Waiver) -> Vec<String> {
    let words = Words::new(&checked.policy, sources);
    let written = |word: &str| waiver.clauses.get(word).map(|span| clause(sources, *span, word)).unwrap_or_default();
    let mut out = Vec::new();
    match &waiver.covers {
        Covers::Each { rows, at_most } => {
            let which = rows.as_ref().map(|r| format!(" where {}", words.condition(&r.condition))).unwrap_or_default();
            let many = if *at_most == 1 { "one row".to_owned() } else { format!("{at_most} rows") };
            out.push(format!("Rows of {} that break an `each`{which}: at most {many} of them.", waiver.gate));
        }
        Covers::Threshold { groups, .. } => {
            let which = groups
                .as_ref()
                .map(|g| format!(" in groups where {}", words.condition(&g.condition)))
                .unwrap_or_default();
            out.push(format!("Limits of {} that are missed{which}, as long as {}.", waiver.gate, written("bound")));
        }
    }
    if let Some(when) = &waiver.when {
        out.push(format!("Only when {}; where that cannot be told, nothing.", words.condition(when)));
    }
    out.push(format!("From {} on and before {}.", print::instant(waiver.opened), print::instant(waiver.expires)));
    out
}

/// What a gate's page tells: its waivers, and the digest that a new one pins.
pub(super) fn of_gate(
    checked: &CheckedPolicy,
    sheet: &mut Sheet<'_>,
    gate: &GateDefinition,
    profile: Option<&EffectiveProfile>,
) {
    let mut its = checked.policy.waivers.values().filter(|w| w.gate == gate.id).peekable();
    if !gate.waivable && its.peek().is_none() {
        return;
    }
    sheet.section("Waivers");
    if its.peek().is_none() {
        sheet.say("none");
    }
    for waiver in its {
        let (from, to) = (print::instant(waiver.opened), print::instant(waiver.expires));
        sheet.placed(&format!("{}, from {from} until {to}, approver {}", waiver.id, waiver.approver), waiver.span);
    }
    let digests = PolicyDigests::of(checked);
    let profiles = checked.profiles.keys().filter(|id| profile.is_none_or(|p| p.id == **id));
    for id in profiles {
        if let Some(digest) = digests.effective(id, &gate.id) {
            sheet.say(&format!("To pin it as profile {id} has it:"));
            sheet.say(&format!("  for \"sha256:{digest}\""));
        }
    }
}
