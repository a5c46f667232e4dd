//! Records that every policy has: the release candidate, and our own report read as evidence.

use super::checker::{Checker, Memo};
use super::diagnostics::shapes as say;
use crate::model::verdict_type;
use crate::source::SourceId;
use crate::syntax::{parse, tree};

/// The prelude in the language itself.
pub const TEXT: &str = include_str!("prelude.gate");

/// The number of the prelude's text. It is in no source map: nothing is ever reported in it.
pub(super) const SOURCE: SourceId = SourceId(u32::MAX);

/// The prelude's tree.
pub(super) fn file() -> tree::File {
    parse(SOURCE, TEXT).0
}

impl<'a> Checker<'a> {
    /// Adds the prelude's records after the declared ones. A declaration that takes one of
    /// their names is reported.
    pub(super) fn add_prelude(&mut self, prelude: &'a tree::File) {
        let verdict = verdict_type();
        if let Some(entry) = self.declared.enums.get(&verdict.name) {
            let span = entry.span;
            self.report(say::built_in_name(&verdict.name, span));
        }
        self.drafts.enums.insert(verdict.name.clone(), verdict);
        for declaration in &prelude.declarations {
            let tree::DeclarationKind::Record(record) = &declaration.kind else { continue };
            match self.declared.type_span(&record.name.text) {
                Some(span) => self.report(say::built_in_name(&record.name.text, span)),
                None => {
                    self.declared.add_record(record, declaration.doc.as_deref());
                    self.shapes.push(Memo::NotStarted);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prelude_is_written_without_a_mistake() {
        let (file, diagnostics) = parse(SOURCE, TEXT);
        assert_eq!(diagnostics, []);
        assert!(file.declarations.iter().all(|d| matches!(d.kind, tree::DeclarationKind::Record(_))));
    }
}
