//! The declaration of the policy itself, and declarations that this version cannot act on.

use super::checker::Checker;
use super::diagnostics::clauses as say;
use std::sync::Arc;

/// The language version that this program speaks.
const LANGUAGE: u32 = 1;

impl Checker<'_> {
    /// The policy's name and language version: declared once, in a version that is known.
    pub(super) fn check_policy_declaration(&mut self) -> (Arc<str>, u32) {
        let policies = self.declared.policies.clone();
        let Some(policy) = policies.first() else {
            if !self.declared.broken_policy {
                self.report(say::no_policy());
            }
            return ("".into(), LANGUAGE);
        };
        for other in policies.iter().skip(1) {
            self.report(say::second_policy(policy.span, other.span));
        }
        match &policy.tree.language {
            None => self.report(say::no_language(policy.span)),
            Some(version) if version.text.parse() != Ok(LANGUAGE) => {
                self.report(say::unknown_language(&version.text, version.span));
            }
            Some(_) => {}
        }
        (policy.name.clone(), LANGUAGE)
    }

    /// Refuses kinds of declarations that are read and not acted on.
    pub(super) fn refuse_later_kinds(&mut self) {
        let later: Vec<_> = self.declared.tests.values().map(|t| ("a `test`", t.span)).collect();
        for (what, span) in later {
            self.report(say::not_yet(what, span));
        }
    }
}
