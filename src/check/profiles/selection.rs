//! Which gates a profile takes: by stage, by name, without some.

use super::Profile;
use crate::check::checker::Checker;
use crate::check::diagnostics::profiles as say;
use crate::diag::did_you_mean;
use crate::model::GateId;
use crate::syntax::tree::{Name, ProfileClauseKind as Kind, ProfileDecl};
use std::collections::BTreeSet;

impl<'a> Checker<'a> {
    pub(super) fn select(&mut self, profile: &mut Profile<'a>, decl: &ProfileDecl) {
        for clause in &decl.clauses {
            match &clause.kind {
                Kind::Stage(words) => {
                    profile.definition.stage = self.word_list("stage", words);
                    for word in &profile.definition.stage {
                        let taken: Vec<GateId> = self.gates_of_stage(word).cloned().collect();
                        // A stage that no gate names is told with all the others.
                        profile.uncertain |= taken.is_empty();
                        profile.selected.extend(taken);
                    }
                }
                Kind::Gates(patterns) => {
                    profile.definition.gates = self.word_list("gates", patterns);
                    for pattern in patterns {
                        let taken = self.gates_like(pattern);
                        profile.uncertain |= taken.is_empty();
                        profile.selected.extend(taken);
                    }
                }
                _ => {}
            }
        }
        for clause in &decl.clauses {
            if let Kind::Without(patterns) = &clause.kind {
                profile.definition.without = self.word_list("without", patterns);
                for pattern in patterns {
                    self.leave_out(profile, pattern);
                }
            }
        }
        if profile.selected.is_empty() && !profile.uncertain {
            self.report(say::empty(profile.id.as_str(), profile.definition.span));
        }
    }

    /// The gates whose own `stage` names this one.
    fn gates_of_stage(&self, stage: &str) -> impl Iterator<Item = &GateId> {
        self.stages.get(stage).into_iter().flatten()
    }

    /// The gates that a pattern names; none is reported.
    fn gates_like(&mut self, pattern: &Name) -> BTreeSet<GateId> {
        let found: BTreeSet<GateId> = self.declared_gates(&pattern.text).cloned().collect();
        if found.is_empty() && !self.declared.broken.contains(&pattern.text) && !self.maybe_broken(&pattern.text) {
            let near = self.nearest_pattern(&pattern.text);
            self.report(say::no_such_gates(&pattern.text, near.as_deref(), pattern.span));
        }
        found
    }

    /// The declared gates that a pattern names. They stand in order, those of a family together.
    fn declared_gates(&self, pattern: &str) -> impl Iterator<Item = &GateId> {
        let start = pattern.strip_suffix('*').unwrap_or(pattern);
        let from = self.declared.gates.range(GateId::new(start)..).map(|(id, _)| id);
        from.take_while(move |id| id.as_str().starts_with(start)).filter(move |id| matches(pattern, id.as_str()))
    }

    /// Whether a gate that could not be read may be meant.
    fn maybe_broken(&self, pattern: &str) -> bool {
        self.declared.broken.iter().any(|name| matches(pattern, name))
    }

    fn nearest_pattern(&self, pattern: &str) -> Option<String> {
        match pattern.strip_suffix(".*") {
            Some(family) => {
                let families: BTreeSet<&str> =
                    self.declared.gates.keys().filter_map(|g| g.as_str().rsplit_once('.').map(|(f, _)| f)).collect();
                did_you_mean(family, families).map(|f| format!("{f}.*"))
            }
            None => {
                let family = format!("{pattern}.");
                if self.declared.gates.keys().any(|g| g.as_str().starts_with(&family)) {
                    return Some(format!("{pattern}.*"));
                }
                did_you_mean(pattern, self.declared.gates.keys().map(GateId::as_str)).map(str::to_owned)
            }
        }
    }

    fn leave_out(&mut self, profile: &mut Profile<'a>, pattern: &Name) {
        let left: Vec<GateId> =
            profile.selected.iter().filter(|g| matches(&pattern.text, g.as_str())).cloned().collect();
        if !left.is_empty() {
            left.iter().for_each(|id| {
                profile.selected.remove(id);
            });
            return;
        }
        let named = self.declared_gates(&pattern.text).next().is_some();
        if named {
            if !profile.uncertain {
                self.report(say::not_taken(&pattern.text, pattern.span));
            }
        } else if self.gates_like(pattern).is_empty() {
            profile.uncertain = true;
        }
    }
}

/// `a.*` stands for every gate below `a`.
fn matches(pattern: &str, gate: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some(family) => gate.strip_prefix(family).is_some_and(|rest| rest.starts_with('.')),
        None => pattern == gate,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_what_is_below() {
        assert!(matches("a.*", "a.b"));
        assert!(matches("a.*", "a.b.c"));
        assert!(!matches("a.*", "ab.c"));
        assert!(!matches("a.*", "a"));
        assert!(matches("a.b", "a.b"));
        assert!(!matches("a.b", "a.b.c"));
    }
}
