//! Which failing groups are excused, and what became of each waiver.
//!
//! A group is excused when one waiver covers all of it: every violation is of the kind that the
//! waiver covers, none lies beyond its bound, and without the violations the group would pass.
//! So nothing but a `fail` is ever excused, and never half of one.

use super::compare::{applied, compare};
use super::conclude::Conclusion;
use super::{
    Comparison, FigureValue, Finding, GateResult, GroupResult, Reason, Verdict, Violation, ViolationKind,
    WaiverOutcome, WaiverResult, WaiverStatus, WaiverUse, waivers as say,
};
use crate::data::{Digest, Fault, Value, print};
use crate::engine::{EngineRun, ExpectTally, GateTally, GroupTally};
use crate::eval::{Env, Interpreter};
use crate::model::{Covers, GateDefinition, GroupChoice, Limit, Waiver, WaiverBound};
use std::sync::Arc;

/// How much of one value a message repeats, in characters.
const SHOWN: usize = 120;

/// How a waiver stands before anything is read.
#[derive(Clone, PartialEq, Eq)]
enum Standing {
    Open,
    Expired,
    NotYetOpen,
    Stale,
    /// For the gate as something else has it.
    Elsewhere(String),
}

/// Why a waiver does not excuse a group.
enum Refusal {
    Beyond(String),
    NotCovered(String),
    /// It is about other groups.
    NotMeant,
}

/// What a waiver says once its evidence is read.
enum Held {
    Holds(String),
    Not(Option<String>),
}

impl Conclusion<'_> {
    /// The waivers that can excuse gates of this run.
    pub(super) fn open_waivers(&self) -> Vec<Arc<Waiver>> {
        if self.profile.no_waivers.is_some() {
            return Vec::new();
        }
        let all = self.checked.policy.waivers.values();
        all.filter(|w| self.standing(w) == Standing::Open).cloned().collect()
    }

    fn standing(&self, waiver: &Waiver) -> Standing {
        let as_of = self.context.as_of;
        let is = |digest: &Digest| *waiver.digest == *format!("sha256:{digest}");
        if as_of >= waiver.expires {
            return Standing::Expired;
        }
        let elsewhere = || {
            let profiles = self.digests.effective.iter();
            let profile =
                profiles.filter(|(_, gates)| gates.get(&waiver.gate).is_some_and(is)).map(|(id, _)| id).next();
            match profile {
                Some(id) => Some(format!("profile {id}")),
                None => self.digests.gates.get(&waiver.gate).is_some_and(is).then(|| "its declaration".to_owned()),
            }
        };
        let in_force = is(&self.digest_of(&waiver.gate));
        match if in_force { None } else { Some(elsewhere()) } {
            Some(None) => Standing::Stale,
            Some(Some(other)) => Standing::Elsewhere(other),
            None if as_of < waiver.opened => Standing::NotYetOpen,
            None => Standing::Open,
        }
    }

    /// The waivers of a gate that are open, by id, with what was found of their conditions.
    fn waivers_of<'s>(
        &'s self,
        gate: &GateDefinition,
        run: &'s EngineRun,
    ) -> impl Iterator<Item = (Arc<Waiver>, &'s GateTally)> + use<'s> {
        let its = self.excuses.get(&gate.id).into_iter().flatten();
        its.filter_map(|w| Some((w.clone(), run.waivers.get(&w.id)?)))
    }

    /// The waivers of a gate that could not be judged.
    pub(super) fn idle(&self, gate: &GateDefinition, run: &EngineRun) -> Vec<WaiverUse> {
        let idle = |(waiver, _)| WaiverUse { waiver, reason: None, outcome: WaiverOutcome::Idle };
        self.waivers_of(gate, run).map(idle).collect()
    }

    /// Excuses the failing groups of a gate that a waiver covers, each by the first by its id.
    pub(super) fn waive(
        &self,
        gate: &GateDefinition,
        tally: &GateTally,
        run: &EngineRun,
        groups: &mut [GroupResult],
    ) -> Vec<WaiverUse> {
        let tallies: &[GroupTally] = tally.groups.as_ref().map_or(&[], Vec::as_slice);
        let mut uses = Vec::new();
        // Among the waivers that excuse rows: the engine counted for each by its place.
        let mut place = 0;
        for (waiver, condition) in self.waivers_of(gate, run) {
            let number = place;
            if matches!(waiver.covers, Covers::Each { .. }) {
                place += 1;
            }
            let held = self.held(condition, run);
            let (reason, outcome) = match held {
                Held::Not(fault) => (None, WaiverOutcome::Condition { fault }),
                Held::Holds(reason) => (Some(reason), self.excuse(gate, &waiver, number, tallies, groups)),
            };
            let fails = groups.iter().any(|g| g.verdict == Verdict::Fail || g.waiver.is_some());
            let outcome = match outcome {
                WaiverOutcome::Condition { .. } if !fails => self.nothing_fails(groups),
                outcome => outcome,
            };
            uses.push(WaiverUse { waiver, reason, outcome });
        }
        uses
    }

    fn nothing_fails(&self, groups: &[GroupResult]) -> WaiverOutcome {
        if groups.iter().all(|g| g.verdict.satisfies()) {
            WaiverOutcome::Unused { by: None }
        } else {
            WaiverOutcome::Idle
        }
    }

    /// Applies one waiver whose condition holds.
    fn excuse(
        &self,
        gate: &GateDefinition,
        waiver: &Waiver,
        number: usize,
        tallies: &[GroupTally],
        groups: &mut [GroupResult],
    ) -> WaiverOutcome {
        let too_many = too_many_rows(waiver, number, tallies);
        let (mut applied, mut refusal, mut taken): (bool, Option<Refusal>, Option<Arc<str>>) = (false, None, None);
        let mut meant = false;
        for (group, tally) in groups.iter_mut().zip(tallies) {
            let Some(first) =
                (group.verdict == Verdict::Fail).then_some(None).or_else(|| group.waiver.clone().map(Some))
            else {
                continue;
            };
            let judged = match &too_many {
                Some(text) => Err(Refusal::Beyond(text.clone())),
                None => self.covers(gate, waiver, number, group, tally),
            };
            match (judged, first) {
                (Err(Refusal::NotMeant), _) => {}
                // What another waiver excuses needs no second one.
                (_, Some(other)) => {
                    meant = true;
                    taken.get_or_insert(other.0);
                }
                (Ok(()), None) => {
                    group.verdict = Verdict::Waived;
                    group.waiver = Some(waiver.id.clone());
                    applied = true;
                }
                (Err(other), None) => {
                    meant = true;
                    refusal.get_or_insert(other);
                }
            }
        }
        match (applied, refusal) {
            (true, _) => WaiverOutcome::Applied,
            (false, Some(Refusal::Beyond(what))) => WaiverOutcome::Beyond { what },
            (false, Some(Refusal::NotCovered(what))) => WaiverOutcome::NotCovered { what },
            (false, _) if meant => WaiverOutcome::Unused { by: taken },
            // Where the rest cannot be judged, whether it is needed cannot be told.
            (false, _) if groups.iter().any(|g| !g.verdict.satisfies() && g.verdict != Verdict::Fail) => {
                WaiverOutcome::Idle
            }
            (false, _) => WaiverOutcome::Unused { by: None },
        }
    }

    /// Whether a waiver covers all of a failing group.
    fn covers(
        &self,
        gate: &GateDefinition,
        waiver: &Waiver,
        number: usize,
        group: &GroupResult,
        tally: &GroupTally,
    ) -> Result<(), Refusal> {
        let within = group_name(gate, group);
        match &waiver.covers {
            Covers::Threshold { groups, bounds } => {
                if let Some(choice) = groups
                    && !self.is_meant(gate, choice, group)
                {
                    return Err(Refusal::NotMeant);
                }
                if tally.broken > 0 {
                    return Err(Refusal::NotCovered(format!(
                        "{within}rows break conditions, and it covers `threshold`"
                    )));
                }
                other_kind(group, within.as_str(), |k| matches!(k, ViolationKind::Threshold(_)))?;
                let judged = gate.thresholds.iter().zip(&group.thresholds).filter(|(_, t)| t.is_missed());
                for (threshold, result) in judged {
                    let Some(bound) = bounds.iter().find(|b| b.figure == result.figure) else {
                        return Err(Refusal::NotCovered(format!(
                            "{within}`{}` misses its limit too, and it has no bound for that",
                            result.figure
                        )));
                    };
                    self.within_bound(&within, bound, threshold.metric, group)?;
                }
            }
            Covers::Each { .. } => {
                // (A missing value of a metric is no broken `each`.)
                if tally.missing > 0 {
                    return Err(Refusal::NotCovered(format!(
                        "{within}rows have no value for the figure, and it covers `each`"
                    )));
                }
                if group.violations.iter().any(|v| matches!(v.kind, ViolationKind::Threshold(_))) {
                    return Err(Refusal::NotCovered(format!(
                        "{within}a figure of the rows that are left misses its limit, and it covers `each`"
                    )));
                }
                other_kind(group, within.as_str(), |k| matches!(k, ViolationKind::Each(_)))?;
                match tally.excused.get(number) {
                    Some(Ok(rows)) if *rows == tally.broken => {}
                    Some(Ok(rows)) => {
                        let more = tally.broken.saturating_sub(*rows);
                        let (one, many) =
                            ("row that breaks a condition is not meant", "rows that break conditions are not meant");
                        return Err(Refusal::NotCovered(format!("{within}{}", plural(more, one, many))));
                    }
                    Some(Err(fault)) => {
                        return Err(Refusal::NotCovered(format!(
                            "{within}it cannot tell which rows it means: {fault}"
                        )));
                    }
                    None => return Err(Refusal::NotCovered("the rows of the gate are of another kind".to_owned())),
                }
            }
        }
        if group.empty.is_some() {
            return Err(Refusal::NotCovered(format!("{within}{}, which no waiver covers", told(ViolationKind::Empty))));
        }
        if group.besides != Verdict::Pass {
            return Err(Refusal::NotCovered(format!(
                "{within}without what it covers the verdict would be {}, which is no pass either",
                group.besides.word()
            )));
        }
        Ok(())
    }

    fn within_bound(
        &self,
        within: &str,
        bound: &WaiverBound,
        metric: usize,
        group: &GroupResult,
    ) -> Result<(), Refusal> {
        let Some(metric) = group.metrics.get(metric).filter(|m| m.ty == bound.ty) else {
            return Err(Refusal::NotCovered(format!("{within}`{}` is another kind of figure", bound.figure)));
        };
        let values: Option<Vec<Value>> = match &bound.limit {
            Limit::Compare { value, .. } => self.constant(value).map(|v| Vec::from([v])),
            Limit::Range { low, high } => self.constant(low).zip(self.constant(high)).map(|(l, h)| Vec::from([l, h])),
        };
        let limit = applied(&bound.limit, &values.unwrap_or_default());
        if compare(&metric.value, &limit) == Comparison::Met {
            return Ok(());
        }
        let shown = |value: &Value| print::short(value, &metric.ty, SHOWN);
        let figure = match &metric.value {
            FigureValue::Value(value) => shown(value),
            FigureValue::Above => "above every value".to_owned(),
            FigureValue::Below => "below every value".to_owned(),
            FigureValue::Missing => print::MISSING.to_owned(),
        };
        let limit = match &limit {
            super::AppliedLimit::Compare { op, value } => format!("{} {}", op.sign(), shown(value)),
            super::AppliedLimit::Range { low, high } => format!("{}..{}", shown(low), shown(high)),
        };
        Err(Refusal::Beyond(format!("{within}`{}` is {figure}, beyond its bound {limit}", bound.figure)))
    }

    fn is_meant(&self, gate: &GateDefinition, choice: &GroupChoice, group: &GroupResult) -> bool {
        let mut env = Env::new();
        for (name, local, ty) in &choice.keys {
            let key = gate.per.iter().zip(&group.key).find(|(k, _)| k.name == *name && k.value.ty == *ty);
            let Some((_, (value, _))) = key else { return false };
            env.bind(*local, value.clone());
        }
        Interpreter::new(&self.constants).holds(&choice.condition, &mut env).unwrap_or(false)
    }

    fn held(&self, condition: &GateTally, run: &EngineRun) -> Held {
        if let Some(reason) = run.unusable(&condition.reads).first().and_then(|id| self.unusable(*id, run)) {
            return Held::Not(Some(reason.message));
        }
        match condition.groups.as_ref().map(|groups| groups.first().and_then(|g| g.expects.first())) {
            Ok(Some(ExpectTally::Broken(reason))) => Held::Holds(reason.clone().unwrap_or_default()),
            Ok(_) => Held::Not(None),
            Err(Fault::NoCandidate) => {
                Held::Not(Some("it asks for the release candidate, and none was given".to_owned()))
            }
            Err(fault) => Held::Not(Some(fault.to_string())),
        }
    }

    /// Every waiver of the policy; `part`: only some gates of the profile were run.
    pub(super) fn waivers(&self, gates: &[GateResult], run: &EngineRun, part: bool) -> Vec<WaiverResult> {
        // Gates are in the order of their ids.
        let gate = |w: &Waiver| gates.binary_search_by(|g| g.gate_id.cmp(&w.gate)).ok().and_then(|at| gates.get(at));
        self.checked.policy.waivers.values().map(|w| self.waiver(w, gate(w), run, part)).collect()
    }

    fn waiver(&self, waiver: &Arc<Waiver>, gate: Option<&GateResult>, run: &EngineRun, part: bool) -> WaiverResult {
        let used = gate.and_then(|g| g.waivers.iter().find(|u| u.waiver.id == waiver.id));
        let fails = gate.is_some_and(|g| g.groups.iter().any(|r| r.verdict == Verdict::Fail));
        let profile = self.profile.id.as_str();
        let refused = self.profile.no_waivers.is_some();
        let (status, reason) = match (self.standing(waiver), gate, used) {
            (Standing::Expired, ..) => (WaiverStatus::Expired, Some(say::expired(waiver, self.context.as_of))),
            (Standing::NotYetOpen, ..) => (WaiverStatus::NotYetOpen, Some(say::not_yet_open(waiver))),
            (Standing::Stale, ..) => {
                let now = gate.map(|g| (g.gate_digest, profile));
                (WaiverStatus::Stale, Some(say::stale(waiver, now)))
            }
            (Standing::Elsewhere(other), ..) => {
                let reason =
                    (fails || (refused && gate.is_some())).then(|| say::other_profile(waiver, &other, profile));
                (WaiverStatus::OtherProfile, reason)
            }
            (Standing::Open, None, _) => (WaiverStatus::NotRun, None),
            (Standing::Open, Some(_), _) if refused => {
                (WaiverStatus::NotTaken, Some(say::not_taken(waiver, profile, fails)))
            }
            (Standing::Open, Some(_), Some(used)) => outcome(waiver, used),
            (Standing::Open, Some(_), None) => (WaiverStatus::Idle, None),
        };
        // A part of a profile says nothing of the rest of it.
        let reason = reason.filter(|_| gate.is_some() || !part);
        let evidence = run.waivers.get(&waiver.id).map(|t| &t.reads).into_iter().flatten();
        let evidence = evidence.map(|id| (self.name(*id), run.evidence.get(id).and_then(|r| r.digest)));
        WaiverResult {
            waiver: waiver.clone(),
            digest: self.digests.waivers.get(&waiver.id).copied().unwrap_or_else(|| Digest::of(b"")),
            status,
            reason: used.and_then(|u| u.reason.clone()),
            evidence: evidence.collect(),
            finding: reason.map(|reason| Finding { is_error: refused, reason }),
        }
    }
}

fn outcome(waiver: &Waiver, used: &WaiverUse) -> (WaiverStatus, Option<Reason>) {
    match &used.outcome {
        WaiverOutcome::Applied => (WaiverStatus::Applied, None),
        WaiverOutcome::Unused { by } => (WaiverStatus::Unused, Some(say::unused(waiver, by.as_deref()))),
        WaiverOutcome::Idle => (WaiverStatus::Idle, None),
        WaiverOutcome::Condition { fault } => (WaiverStatus::Refused, Some(say::condition(waiver, fault.as_deref()))),
        WaiverOutcome::Beyond { what } => (WaiverStatus::Refused, Some(say::beyond(waiver, what))),
        WaiverOutcome::NotCovered { what } => (WaiverStatus::Refused, Some(say::not_covered(waiver, what))),
    }
}

/// Why a waiver of rows excuses none of them: there are too many that it means.
fn too_many_rows(waiver: &Waiver, number: usize, tallies: &[GroupTally]) -> Option<String> {
    let Covers::Each { at_most, .. } = &waiver.covers else { return None };
    let counts = tallies.iter().filter_map(|t| t.excused.get(number)).filter_map(|e| e.as_ref().ok());
    let rows = counts.fold(0u64, |sum, n| sum.saturating_add(*n));
    (rows > *at_most).then(|| {
        let most = plural(*at_most, "row is", "rows are");
        format!("{}, and at most {most} excused", plural(rows, "row breaks a condition", "rows break conditions"))
    })
}

/// Refuses a group that something else is wrong with.
fn other_kind(group: &GroupResult, within: &str, covered: impl Fn(ViolationKind) -> bool) -> Result<(), Refusal> {
    let other = |v: &&Violation| !covered(v.kind);
    match group.violations.iter().find(other).map(|v| v.kind) {
        None => Ok(()),
        Some(kind) => Err(Refusal::NotCovered(format!("{within}{}, which no waiver covers", told(kind)))),
    }
}

fn told(kind: ViolationKind) -> &'static str {
    match kind {
        ViolationKind::Each(_) => "rows break conditions",
        ViolationKind::MissingValue(_) => "rows have no value for a figure",
        ViolationKind::Expect(_) => "an `expect` does not hold",
        ViolationKind::ExcludedTooMany => "more rows were left out than `missing exclude` allows",
        ViolationKind::Threshold(_) => "a figure misses its limit",
        ViolationKind::Empty => "nothing is in scope",
    }
}

/// `in region "eu": `, or nothing without `per`.
fn group_name(gate: &GateDefinition, group: &GroupResult) -> String {
    let keys = gate.per.iter().zip(&group.key);
    let keys: Vec<String> =
        keys.map(|(k, (value, ty))| format!("{} {}", k.name, print::short(value, ty, SHOWN))).collect();
    if keys.is_empty() { String::new() } else { format!("in {}: ", keys.join(", ")) }
}

fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
