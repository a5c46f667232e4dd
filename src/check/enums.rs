//! Enums: members, spellings, the member that catches the rest.

use super::checker::Checker;
use super::diagnostics::shapes as say;
use crate::data::{EnumMember, EnumType};
use crate::model::TextReading;
use crate::source::Span;
use crate::syntax::tree;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Checker<'_> {
    /// Checks every enum. Nothing else has to be known for that.
    pub(super) fn check_enums(&mut self) {
        let entries: Vec<_> = self.declared.enums.values().cloned().collect();
        for entry in entries {
            let ty = self.check_enum(entry.tree);
            self.drafts.enums.insert(entry.name.clone(), Arc::new(ty));
        }
    }

    fn check_enum(&mut self, decl: &tree::EnumDecl) -> EnumType {
        let mut names: BTreeMap<&str, Span> = BTreeMap::new();
        let mut words: BTreeMap<&str, Span> = BTreeMap::new();
        let mut members = Vec::new();
        for member in &decl.members {
            let name = &member.name;
            if let Some(first) = names.get(&*name.text) {
                self.report(say::repeated_member(&decl.name.text, &name.text, *first, name.span));
                continue;
            }
            names.insert(&name.text, name.span);
            let mut spellings: Vec<Arc<str>> = Vec::new();
            for word in if member.spellings.is_empty() { std::slice::from_ref(name) } else { &member.spellings[..] } {
                match words.get(&*word.text) {
                    Some(first) => {
                        self.report(say::repeated_spelling(&decl.name.text, &word.text, *first, word.span));
                    }
                    None => {
                        words.insert(&word.text, word.span);
                        spellings.push(word.text.as_str().into());
                    }
                }
            }
            members.push(EnumMember { name: name.text.as_str().into(), quoted: member.quoted, spellings });
        }
        let mut otherwise = None;
        if let Some(name) = &decl.otherwise {
            match names.get(&*name.text) {
                Some(first) => self.report(say::repeated_member(&decl.name.text, &name.text, *first, name.span)),
                None => {
                    otherwise = u32::try_from(members.len()).ok();
                    let word: Arc<str> = name.text.as_str().into();
                    // A word that an earlier member is spelt as stays that member's.
                    let spellings =
                        if words.contains_key(&*name.text) { Vec::new() } else { Vec::from([word.clone()]) };
                    members.push(EnumMember { name: word, quoted: false, spellings });
                }
            }
        }
        if members.is_empty() {
            self.report(say::empty_enum(&decl.name.text, decl.name.span));
        }
        EnumType { name: decl.name.text.as_str().into(), members, otherwise }
    }

    /// Reports two members that a reading cannot tell apart, such as `A` and `a` under `fold`.
    pub(super) fn check_enum_reading(&mut self, ty: &EnumType, reading: TextReading, span: Span) {
        let mut seen: BTreeMap<String, &EnumMember> = BTreeMap::new();
        for member in &ty.members {
            for word in &member.spellings {
                let mut read = word.to_string();
                if reading.trim {
                    read = read.trim().to_owned();
                }
                if reading.fold {
                    read = read.to_lowercase();
                }
                match seen.get(&read) {
                    Some(other) if other.name != member.name => {
                        self.report(say::same_when_read(&ty.name, &other.name, &member.name, span));
                        return;
                    }
                    _ => {
                        seen.insert(read, member);
                    }
                }
            }
        }
    }
}
