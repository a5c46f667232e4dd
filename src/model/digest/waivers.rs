//! Waivers in the canonical form: all that was approved, who approved it and until when.
//!
//! A waiver is no part of the gate that it excuses, so opening one never changes what another
//! waiver, or a report, pins.

use super::WAIVER_FORM;
use super::form::{Node, number, object, quoted, sorted};
use super::writer::Writer;
use crate::data::Digest;
use crate::model::{Covers, GroupChoice, RowChoice, Waiver, WaiverBound};

impl<'p> Writer<'p> {
    /// The digest of a waiver, under params and evidence as they are declared.
    pub(super) fn waiver_digest(&mut self, waiver: &'p Waiver) -> Digest {
        let Waiver {
            id: _,
            span: _,
            whole: _,
            doc: _,
            gate,
            digest,
            covers,
            when,
            reason,
            approver,
            owner,
            ticket,
            opened,
            expires,
            clauses: _,
        } = waiver;
        let node = Node::new("waiver").with("form", quoted(WAIVER_FORM));
        let node = node.with("language", self.policy.language.to_string());
        let node = node.with("gate", quoted(gate.as_str())).with("for", quoted(digest));
        let node = node.with("covers", self.covers(covers));
        let node = node.with_some("when", when.as_ref().map(|w| self.expr(w))).with("reason", self.message(reason));
        let node = node.with("approver", quoted(approver)).with("owner", quoted(owner)).with("ticket", quoted(ticket));
        let node = node.with("opened", number(*opened)).with("expires", number(*expires));
        self.hashed(node.text())
    }

    fn covers(&mut self, covers: &'p Covers) -> String {
        let depth = self.bound.len();
        let node = match covers {
            Covers::Each { rows, at_most } => {
                let rows = rows.as_ref().map(|RowChoice { row, ty: _, condition }| {
                    self.bound.push(*row);
                    self.expr(condition)
                });
                Node::new("each").with("at_most", format!("\"{at_most}\"")).with_some("where", rows)
            }
            Covers::Threshold { groups, bounds } => {
                let groups = groups.as_ref().map(|GroupChoice { keys, condition }| {
                    self.bound.extend(keys.iter().map(|(_, local, _)| *local));
                    self.expr(condition)
                });
                self.bound.truncate(depth);
                let mut parts = Vec::new();
                for WaiverBound { figure, ty: _, limit, span: _ } in bounds {
                    parts.push(
                        Node::new("bound").with("figure", quoted(figure)).with("limit", self.limit(limit)).text(),
                    );
                }
                let keys = groups.as_ref().map(|_| keys_of(covers));
                Node::new("threshold").list("bounds", sorted(parts)).with_some("where", groups).with_some("keys", keys)
            }
        };
        self.bound.truncate(depth);
        self.part(node)
    }
}

/// The names of a group's keys, which a condition on groups goes by.
fn keys_of(covers: &Covers) -> String {
    let Covers::Threshold { groups: Some(groups), .. } = covers else { return object([]) };
    object(groups.keys.iter().enumerate().map(|(place, (name, ..))| (&**name, place.to_string())))
}
