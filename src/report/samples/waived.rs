//! A run with waivers: one that excuses a gate, one that excuses a group, one that goes too far,
//! one that is over.

use super::{AS_OF, MS, all_evidence, checkout, crash_free, ms, run, unexplained};
use crate::data::{Digest, Num, Type};
use crate::model::{
    CompareOp, Covers, Expr, ExprKind, GateId, Limit, LocalId, Message, MessagePart, RowChoice, Waiver, WaiverBound,
    WaiverId,
};
use crate::source::{SourceId, SourceMap, Span};
use crate::verdict::{
    Finding, GateResult, GateRun, Reason, RunStatus, Verdict, WaiverOutcome, WaiverResult, WaiverStatus, WaiverUse,
};
use std::sync::Arc;

const WAIVERS: &str = r#"waiver slow_provider {
  gate     shop.checkout
  covers   threshold
  when     count(attempts) >= 3
  bound    p50 <= 1900ms, p95 <= 2600ms
  reason   "{count(attempts)} measured attempts"
  expires  2026-05-16T00:00:00Z
}

waiver rows_of_the_outage {
  gate     stock.unexplained
  covers   each where sku == "sku-4"
  at most  2 rows
  expires  2026-03-04T00:00:00Z
}

waiver launch_region {
  gate     app.crash_free
  covers   threshold where region == "eu"
  bound    crash_free >= 98%
}
"#;

const DAY: i128 = 86_400_000_000_000;

pub(super) fn add_source(map: &mut SourceMap) {
    map.add("gates/waivers.gate", WAIVERS);
}

fn at(words: &str) -> Span {
    let start = WAIVERS.find(words).unwrap_or_else(|| panic!("no `{words}` in the waivers"));
    Span::new(SourceId(1), start, start + words.len())
}

fn waiver(id: &str, gate: &str, covers: Covers, days: i128, clauses: &[(&str, &str)]) -> Arc<Waiver> {
    Arc::new(Waiver {
        id: WaiverId::new(id),
        span: at(id),
        whole: at(id),
        doc: None,
        gate: GateId::new(gate),
        digest: format!("sha256:{}", Digest::of(gate.as_bytes())).into(),
        covers,
        when: None,
        reason: Arc::new(Message { parts: Vec::from([MessagePart::Text("said".into())]), span: at(id) }),
        approver: "release-council".into(),
        owner: "web-team".into(),
        ticket: "REL-118".into(),
        opened: Num::int(AS_OF - 10 * DAY),
        expires: Num::int(AS_OF + days * DAY),
        clauses: clauses.iter().map(|(word, text)| (Arc::from(*word), at(text))).collect(),
    })
}

fn literal(n: i64, ty: Type) -> Expr {
    Expr { kind: Box::new(ExprKind::Literal(ms(n))), ty, span: at("p95 <= 2600ms") }
}

fn at_most(figure: &str, limit: i64) -> WaiverBound {
    let limit = Limit::Compare { op: CompareOp::AtMost, value: literal(limit, Type::DURATION) };
    WaiverBound { figure: figure.into(), ty: Type::DURATION, limit, span: at("p95 <= 2600ms") }
}

fn excuse(gate: &mut GateResult, group: Option<usize>, waiver: &Arc<Waiver>, reason: &str) {
    for (number, part) in gate.groups.iter_mut().enumerate() {
        if part.verdict == Verdict::Fail && group.is_none_or(|g| g == number) {
            part.verdict = Verdict::Waived;
            part.waiver = Some(waiver.id.clone());
        }
    }
    let worst = gate.groups.iter().map(|g| g.verdict).max().unwrap_or(Verdict::Pass);
    if worst != gate.verdict {
        gate.would_be = Some(gate.verdict);
        gate.verdict = worst;
    }
    gate.waivers.push(WaiverUse {
        waiver: waiver.clone(),
        reason: Some(reason.to_owned()),
        outcome: WaiverOutcome::Applied,
    });
}

pub(super) fn waived() -> GateRun {
    let bounds = Vec::from([at_most("p50", 1_900), at_most("p95", 2_600)]);
    let slow = waiver(
        "slow_provider",
        "shop.checkout",
        Covers::Threshold { groups: None, bounds },
        85,
        &[
            ("covers", "covers   threshold\n"),
            ("when", "when     count(attempts) >= 3"),
            ("bound", "bound    p50 <= 1900ms, p95 <= 2600ms"),
            ("expires", "expires  2026-05-16T00:00:00Z"),
        ],
    );
    let choice = RowChoice { row: LocalId(0), ty: Type::Bool, condition: literal(MS, Type::Bool) };
    let rows = waiver(
        "rows_of_the_outage",
        "stock.unexplained",
        Covers::Each { rows: Some(choice), at_most: 2 },
        -3,
        &[
            ("covers", "covers   each where sku == \"sku-4\""),
            ("at most", "at most  2 rows"),
            ("expires", "expires  2026-03-04T00:00:00Z"),
        ],
    );
    let covers = Covers::Threshold { groups: None, bounds: Vec::new() };
    let region = waiver(
        "launch_region",
        "app.crash_free",
        covers,
        5,
        &[("covers", "covers   threshold where region == \"eu\""), ("bound", "bound    crash_free >= 98%")],
    );
    let mut slow_gate = checkout(1_620, 2_400);
    excuse(&mut slow_gate, None, &slow, "3 measured attempts");
    let mut regions = crash_free(&[("ap", 9_700, 10_000), ("eu", 9_900, 10_000), ("sa-east", 9_990, 10_000)]);
    excuse(&mut regions, Some(1), &region, "first week of traffic");
    let mut run = run(RunStatus::Fail, Vec::from([slow_gate, unexplained(13), regions]), all_evidence());
    let result = |waiver: &Arc<Waiver>, status, reason: Option<&str>, finding: Option<(bool, &'static str, &str)>| {
        let reason_of = |code, message: &str| Reason { code, message: message.to_owned(), span: Some(waiver.span) };
        WaiverResult {
            waiver: waiver.clone(),
            digest: Digest::of(waiver.id.as_str().as_bytes()),
            status,
            reason: reason.map(str::to_owned),
            evidence: if reason.is_some() {
                Vec::from([("visits".into(), Some(Digest::of(b"visits")))])
            } else {
                Vec::new()
            },
            finding: finding.map(|(is_error, code, message)| Finding { is_error, reason: reason_of(code, message) }),
        }
    };
    run.waivers = Vec::from([
        result(&region, WaiverStatus::Applied, Some("first week of traffic"), None),
        result(
            &rows,
            WaiverStatus::Expired,
            None,
            Some((
                false,
                "rspp::waivers::expired",
                "waiver `rows_of_the_outage` expired 3 days ago: it excuses nothing any more",
            )),
        ),
        result(&slow, WaiverStatus::Applied, Some("3 measured attempts"), None),
    ]);
    run
}
