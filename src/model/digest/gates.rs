//! Gates, profiles and the policy in the canonical form.

use super::form::{Node, number, object, quoted, reference, sorted};
use super::writer::Writer;
use super::{GATE_FORM, POLICY_FORM};
use crate::data::Digest;
use crate::model::{
    Decide, EachClause, EffectiveProfile, EmptyPolicy, EvidenceId, ExpectClause, ExpectGates, Expr, ExprKind,
    GateDefinition, GateId, GroupKey, Limit, LocalId, Message, Metric, MissingPolicy, ProfileId, Samples, Threshold,
    WaiverId, WhyIncluded,
};
use std::collections::BTreeMap;
use std::sync::Arc;

impl<'p> Writer<'p> {
    /// A gate. Names in force in it, outermost first: the row, the sample, the keys of `per`.
    pub(super) fn gate(&mut self, gate: &'p GateDefinition) -> Node {
        let GateDefinition {
            id: _,
            span: _,
            whole: _,
            doc: _,
            title: _,
            owner: _,
            refs: _,
            fix: _,
            // Which profiles take it: their business.
            stage: _,
            required,
            needs,
            scope,
            rows,
            per,
            each,
            metrics,
            thresholds,
            expect,
            samples,
            missing,
            when_empty,
            decide,
            waivable,
            // What is excused is no part of what is asked.
            excused: _,
            effective_from,
            clauses: _,
        } = gate;
        let node = Node::new("gate").with("form", quoted(GATE_FORM)).with("language", self.policy.language.to_string());
        let node = node.flag("required", *required).flag("waivable", *waivable);
        let node = node.list("needs", sorted(needs.iter().map(|g| self.gate_part(g)).collect()));
        let node = node.with_some("scope", scope.as_ref().map(|s| self.expr(&s.list)));
        self.bound.extend(scope.as_ref().map(|s| s.row));
        self.bound.push(*rows);
        self.bound.extend(per.iter().map(|k| k.local));
        // The name of a key is for reports: it is the words of the expression.
        let per = per.iter().map(|GroupKey { name: _, value, local: _ }| self.expr(value)).collect();
        let judged = |clause: &'p EachClause| {
            let EachClause { condition, message, leans_on, span: _ } = clause;
            self.condition(condition, message.as_ref(), leans_on)
        };
        let each = each.iter().map(judged).collect();
        let judged = |clause: &'p ExpectClause| {
            let ExpectClause { condition, message, leans_on, span: _ } = clause;
            self.condition(condition, message.as_ref(), leans_on)
        };
        let expect = expect.iter().map(judged).collect();
        let metrics = metrics.iter().enumerate().map(|(i, m)| self.metric(i, m, thresholds)).collect();
        let samples = samples.as_ref().map(|Samples { weight, least, span: _ }| {
            let weight = weight.as_ref().map(|w| self.expr(w));
            let node = Node::new("samples").with("least", format!("\"{least}\"")).with_some("weight", weight);
            self.part(node)
        });
        let missing = missing.as_ref().map(|m| match m {
            MissingPolicy::Fail => quoted("fail"),
            MissingPolicy::Worst => quoted("worst"),
            MissingPolicy::Exclude { at_most } => Node::new("exclude").with("at_most", number(*at_most)).text(),
        });
        let node = node.list("per", per).list("each", each).list("expect", expect);
        let node = node.list("metrics", sorted(metrics)).with_some("samples", samples).with_some("missing", missing);
        let node = match when_empty {
            EmptyPolicy::Pass => node.with("when_empty", quoted("pass")),
            EmptyPolicy::Fail => node.with("when_empty", quoted("fail")),
            // The same as saying nothing.
            EmptyPolicy::Inconclusive => node,
        };
        let node = match decide {
            Decide::Point => node,
            Decide::Certified { confidence } => node.with("certified", number(*confidence)),
        };
        node.with_some("effective_from", effective_from.map(number))
    }

    fn condition(&mut self, condition: &'p Expr, message: Option<&'p Arc<Message>>, leans_on: &[usize]) -> String {
        let leans_on = leans_on.iter().map(ToString::to_string).collect();
        let node = Node::new("clause").with("condition", self.expr(condition)).list("leans_on", leans_on);
        // The message may name the element that decided.
        let depth = self.bound.len();
        self.bound.extend(witness(condition));
        let message = message.map(|m| self.message(m));
        self.bound.truncate(depth);
        self.part(node.with_some("message", message))
    }

    fn metric(&mut self, index: usize, metric: &'p Metric, thresholds: &'p [Threshold]) -> String {
        let Metric { label, figure, row_aggregates, shown, source: _, span: _ } = metric;
        self.aggregates = row_aggregates;
        let node = Node::new("metric").with("label", quoted(label)).with("figure", self.expr(figure));
        self.aggregates = &[];
        let mut limits = Vec::new();
        for Threshold { metric, limit, span: _ } in thresholds {
            if *metric == index {
                limits.push(self.limit(limit));
            }
        }
        self.part(node.flag("shown", *shown).list("thresholds", sorted(limits)))
    }

    pub(super) fn limit(&mut self, limit: &'p Limit) -> String {
        let node = match limit {
            Limit::Compare { op, value } => Node::new(op.sign()).with("limit", self.expr(value)),
            Limit::Range { low, high } => {
                Node::new("in range").with("low", self.expr(low)).with("high", self.expr(high))
            }
        };
        self.part(node)
    }

    /// A profile as it takes effect, as a part of the policy.
    pub(super) fn profile(&mut self, profile: &'p EffectiveProfile, gates: &BTreeMap<GateId, Digest>) -> String {
        let EffectiveProfile {
            id: _,
            span: _,
            gates: included,
            // Params are inside of what reads them.
            params: _,
            evidence,
            sources,
            sources_span: _,
            // What is written judges nothing.
            write: _,
            no_waivers,
            expect_gates,
        } = profile;
        let mut entries = Vec::new();
        for (id, gate) in included {
            let Some(digest) = gates.get(id) else { continue };
            let selected = gate.why == WhyIncluded::Selected;
            entries.push((
                id.as_str(),
                Node::new("taken").with("gate", reference(*digest)).flag("selected", selected).text(),
            ));
        }
        let evidence = (0..).zip(evidence).map(|(i, e)| (&*e.name, self.evidence(EvidenceId(i)))).collect::<Vec<_>>();
        let mut expected = Vec::new();
        for ExpectGates { limit, selected, span: _ } in expect_gates {
            let node =
                Node::new("expect gates").with("limit", self.limit(limit)).with("selected", selected.to_string());
            expected.push(self.part(node));
        }
        let node = Node::new("profile").with("gates", object(entries)).with("evidence", object(evidence));
        let node = node.list("sources", sorted(sources.iter().map(|s| quoted(s)).collect()));
        let node = node.flag("no_waivers", no_waivers.is_some());
        self.part(node.list("expect_gates", sorted(expected)))
    }

    /// The digest of the whole policy.
    pub(super) fn policy(
        &mut self,
        gates: &BTreeMap<GateId, Digest>,
        profiles: &BTreeMap<ProfileId, String>,
        waivers: &BTreeMap<WaiverId, Digest>,
    ) -> Digest {
        let evidence = (0..).zip(&self.policy.evidence).map(|(i, e)| (&*e.name, EvidenceId(i))).collect::<Vec<_>>();
        let evidence: Vec<_> = evidence.into_iter().map(|(name, id)| (name, self.evidence(id))).collect();
        let node =
            Node::new("policy").with("form", quoted(POLICY_FORM)).with("language", self.policy.language.to_string());
        let node = node.with("name", quoted(&self.policy.name));
        let node = node.with("gates", object(gates.iter().map(|(id, digest)| (id.as_str(), reference(*digest)))));
        let node = node.with("evidence", object(evidence));
        let node = node.with("profiles", object(profiles.iter().map(|(id, part)| (id.as_str(), part.clone()))));
        let excuses = object(waivers.iter().map(|(id, digest)| (id.as_str(), reference(*digest))));
        let node = node.with_some("waivers", (!waivers.is_empty()).then_some(excuses));
        self.hashed(node.text())
    }
}

/// The name that the message of a condition may use: the variable of its quantifier.
pub(super) fn witness(condition: &Expr) -> Option<LocalId> {
    match &*condition.kind {
        ExprKind::Quantified { item, .. } => Some(*item),
        _ => None,
    }
}
