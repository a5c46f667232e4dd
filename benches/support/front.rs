//! From the files of a policy to what is checked, in memory.

use rspp_gates::model::CheckedPolicy;
use rspp_gates::registry::Registry;
use rspp_gates::source::{SourceId, SourceMap};
use rspp_gates::syntax::tree;
use rspp_gates::{builtins, check, evidence, syntax};
use std::sync::Arc;

/// The texts of a policy.
pub struct Texts {
    pub sources: SourceMap,
    texts: Vec<(SourceId, String)>,
}

impl Texts {
    pub fn new(files: &[(String, String)]) -> Self {
        let mut sources = SourceMap::default();
        let texts = files.iter().map(|(name, text)| (sources.add(name, text), text.clone())).collect();
        Self { sources, texts }
    }

    /// The trees of all files.
    pub fn parse(&self) -> Vec<tree::File> {
        let parse = |(source, text): &(SourceId, String)| {
            let (file, told) = syntax::parse(*source, text);
            assert_eq!(told, []);
            file
        };
        self.texts.iter().map(parse).collect()
    }

    /// The policy, which has to be right.
    pub fn check(&self, files: &[tree::File]) -> CheckedPolicy {
        let mut registry = Registry::default();
        builtins::register(&mut registry).unwrap();
        evidence::register(&mut registry);
        let outcome = check::check(files, &self.sources, Arc::new(registry));
        assert_eq!(outcome.diagnostics, []);
        outcome.policy.unwrap()
    }
}
