//! What became of waivers, as data and in words: one function a code.

use super::Reason;
use crate::data::{Digest, Num, Type, Value, print};
use crate::model::Waiver;
use std::sync::Arc;

/// Codes of the findings made here; each has its page.
pub const CODES: &[&str] = &[
    "rspp::waivers::unused",
    "rspp::waivers::expired",
    "rspp::waivers::not-yet-open",
    "rspp::waivers::stale",
    "rspp::waivers::condition",
    "rspp::waivers::beyond-bound",
    "rspp::waivers::not-covered",
    "rspp::waivers::not-taken",
];

/// One waiver of the policy in one run.
#[derive(Debug, Clone)]
pub struct WaiverResult {
    /// The waiver.
    pub waiver: Arc<Waiver>,
    /// Digest of all that was approved.
    pub digest: Digest,
    /// What became of it.
    pub status: WaiverStatus,
    /// Its reason with values of the evidence, where its condition was asked and holds.
    pub reason: Option<String>,
    /// The evidence that its condition and reason read, by name, with the digest of each.
    pub evidence: Vec<(Arc<str>, Option<Digest>)>,
    /// What somebody has to do about it.
    pub finding: Option<Finding>,
}

/// What became of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaiverStatus {
    /// It excuses its gate, or a group of it.
    Applied,
    /// The gate (or group) that it is for needs none.
    Unused,
    /// The gate fails, and this waiver does not excuse it.
    Refused,
    /// The gate could not be judged, which no waiver covers.
    Idle,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetOpen,
    /// The gate asks something else than what it was written for.
    Stale,
    /// It was written for the gate as another profile makes it.
    OtherProfile,
    /// The profile takes no waivers.
    NotTaken,
    /// Its gate is not in this run.
    NotRun,
}

impl WaiverStatus {
    /// As in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unused => "unused",
            Self::Refused => "refused",
            Self::Idle => "idle",
            Self::Expired => "expired",
            Self::NotYetOpen => "not_yet_open",
            Self::Stale => "stale",
            Self::OtherProfile => "other_profile",
            Self::NotTaken => "not_taken",
            Self::NotRun => "not_run",
        }
    }
}

/// Something about a waiver that somebody has to deal with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether the run cannot pass with it: the profile says `waivers none`.
    pub is_error: bool,
    /// Code, words and place.
    pub reason: Reason,
}

/// What a gate made of one of its waivers.
#[derive(Debug, Clone)]
pub struct WaiverUse {
    /// The waiver.
    pub waiver: Arc<Waiver>,
    /// Its reason with values, where its condition holds.
    pub reason: Option<String>,
    /// What came of it.
    pub outcome: WaiverOutcome,
}

/// What came of a waiver that could have excused a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaiverOutcome {
    /// It excuses something.
    Applied,
    /// Nothing fails that it is for; the other waiver that excuses it, if there is one.
    Unused {
        /// The waiver that came first.
        by: Option<Arc<str>>,
    },
    /// The gate could not be judged.
    Idle,
    /// Its condition does not hold, or could not be asked: why.
    Condition {
        /// What went wrong with it; nothing where it simply does not hold.
        fault: Option<String>,
    },
    /// More fails than it excuses: in words.
    Beyond {
        /// What.
        what: String,
    },
    /// Something fails that it does not cover: in words.
    NotCovered {
        /// What.
        what: String,
    },
}

fn finding(code: &'static str, message: String, waiver: &Waiver, at: &str) -> Reason {
    let span = waiver.clauses.get(at).copied().unwrap_or(waiver.span);
    Reason { code, message, span: Some(span) }
}

fn instant(at: Num) -> String {
    print::value(&Value::Num(at), &Type::Instant)
}

/// Nothing fails that it is for.
pub(super) fn unused(waiver: &Waiver, by: Option<&str>) -> Reason {
    let why = match by {
        Some(by) => format!("waiver `{by}` excuses `{}` already", waiver.gate),
        None => format!("`{}` does not fail on what it covers", waiver.gate),
    };
    finding("rspp::waivers::unused", format!("waiver `{}` is not used: {why}; take it away", waiver.id), waiver, "gate")
}

/// Its time is over.
pub(super) fn expired(waiver: &Waiver, as_of: Num) -> Reason {
    let message = format!(
        "waiver `{}` expired {} ago, at {}: it excuses nothing any more",
        waiver.id,
        length(as_of.sub(waiver.expires)),
        instant(waiver.expires)
    );
    finding("rspp::waivers::expired", message, waiver, "expires")
}

/// Its time has not come.
pub(super) fn not_yet_open(waiver: &Waiver) -> Reason {
    let message =
        format!("waiver `{}` is open from {} on and excuses nothing before", waiver.id, instant(waiver.opened));
    finding("rspp::waivers::not-yet-open", message, waiver, "opened")
}

/// The gate has changed; `now` is the gate as the profile at hand makes it, where that runs it.
pub(super) fn stale(waiver: &Waiver, now: Option<(Digest, &str)>) -> Reason {
    let gate = &waiver.gate;
    let now = match now {
        Some((digest, profile)) => format!(
            "under profile {profile} it is `sha256:{digest}` now, as `rspp-gates explain {gate} --digest --profile \
             {profile}` prints"
        ),
        None => "no profile makes it what it was then".to_owned(),
    };
    let message = format!(
        "waiver `{}` was written for another form of `{gate}`: {now}; see what changed and have the exception \
         approved again",
        waiver.id
    );
    finding("rspp::waivers::stale", message, waiver, "for")
}

/// It is for the gate as another profile makes it.
pub(super) fn other_profile(waiver: &Waiver, other: &str, profile: &str) -> Reason {
    let message = format!(
        "waiver `{}` is for `{}` as {other} has it; profile {profile} makes another gate of it, which it does not excuse",
        waiver.id, waiver.gate
    );
    finding("rspp::waivers::stale", message, waiver, "for")
}

/// Its condition does not hold or cannot be asked.
pub(super) fn condition(waiver: &Waiver, fault: Option<&str>) -> Reason {
    let message = match fault {
        Some(fault) => format!("waiver `{}` does not hold: {fault}", waiver.id),
        None => format!("waiver `{}` does not hold: its condition is not met", waiver.id),
    };
    finding("rspp::waivers::condition", message, waiver, "when")
}

/// More fails than it excuses.
pub(super) fn beyond(waiver: &Waiver, what: &str) -> Reason {
    let at = if waiver.clauses.contains_key("bound") { "bound" } else { "at most" };
    finding("rspp::waivers::beyond-bound", format!("waiver `{}` does not excuse it: {what}", waiver.id), waiver, at)
}

/// Something fails that it does not cover.
pub(super) fn not_covered(waiver: &Waiver, what: &str) -> Reason {
    finding(
        "rspp::waivers::not-covered",
        format!("waiver `{}` does not excuse it: {what}", waiver.id),
        waiver,
        "covers",
    )
}

/// The profile takes no waivers.
pub(super) fn not_taken(waiver: &Waiver, profile: &str, fails: bool) -> Reason {
    let gate = &waiver.gate;
    let so = match fails {
        true => format!("`{gate}` fails and is not excused"),
        false => format!("it has to be gone before `{gate}` counts here"),
    };
    let message = format!("profile {profile} takes no waivers, and there is waiver `{}`: {so}", waiver.id);
    finding("rspp::waivers::not-taken", message, waiver, "gate")
}

/// A length of time in words: days where there are some.
fn length(ns: Option<Num>) -> String {
    const DAY: i128 = 86_400_000_000_000;
    let days = ns.and_then(|n| n.div(Num::int(DAY))).map(Num::floor);
    match days {
        Some(1) => "1 day".to_owned(),
        Some(days) if days > 1 => format!("{days} days"),
        _ => "less than a day".to_owned(),
    }
}
