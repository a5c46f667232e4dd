//! The insides of records and enums, member by member.

use super::anchors::begins_member;
use super::region::Region;
use super::{Brackets, Recovery, Refused};
use crate::diag::did_you_mean;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords;
use crate::syntax::tree::{
    Body, ContractDecl, DeclarationKind, EnumDecl, EnumMember, FieldDecl, Member, Name, RecordDecl, Text, TypeExpr,
    TypeExprKind,
};

/// The members of a body, and the schemas beside them.
pub(super) struct Inside {
    /// The members.
    pub body: Body,
    /// Schemas that a contract names among them.
    pub schema: Vec<Text>,
    /// The token behind the body.
    pub end: usize,
}

impl Recovery<'_, '_, '_> {
    /// The inside of a record or contract, and the token behind it.
    pub(super) fn record(
        &mut self,
        contract: bool,
        name: Name,
        region: Region,
        brackets: &Brackets,
    ) -> (DeclarationKind, usize) {
        let inside = self.body(region, brackets);
        let kind = if contract {
            DeclarationKind::Contract(ContractDecl { name, schema: inside.schema, body: inside.body })
        } else {
            DeclarationKind::Record(RecordDecl { name, body: inside.body })
        };
        (kind, inside.end)
    }

    /// A type with a body, `from` at its first token and its brace at `open`: `{ .. }`,
    /// `open { .. }`, `list<{ .. }>`. Gives the token behind it.
    pub(super) fn nested_type(
        &mut self,
        from: usize,
        open: usize,
        to: usize,
        brackets: &Brackets,
        around: &[&str],
    ) -> Option<(TypeExpr, usize)> {
        let mut lists = Vec::new();
        let mut at = from;
        while self.tokens.word(at) == "list" && self.tokens.is(at + 1, "<") {
            lists.push(at);
            at += 2;
        }
        if self.tokens.word(at) == "open" {
            at += 1 + usize::from(self.tokens.word(at + 1) == "everywhere");
        }
        if at != open {
            return None;
        }
        let region = self.region(open, to, brackets, &[], around);
        let inside = self.body(region, brackets);
        let mut next = inside.end;
        let mut ty = TypeExpr { span: inside.body.span, kind: TypeExprKind::Record(inside.body), optional: false };
        for list in lists.into_iter().rev() {
            if self.tokens.is(next, ">") {
                next += 1;
            }
            let span = self.span(list, next);
            ty = TypeExpr { kind: TypeExprKind::List(Box::new(ty)), span, optional: false };
        }
        if self.tokens.is(next, "?") {
            ty.optional = true;
            next += 1;
        }
        Some((ty, next))
    }

    /// The members of a body.
    pub(super) fn body(&mut self, region: Region, brackets: &Brackets) -> Inside {
        let margin = self.margin(&region);
        let mut members = Vec::new();
        let mut schema = Vec::new();
        let mut at = region.first;
        while at < region.end {
            if self.tokens.is(at, ",") {
                at += 1;
                continue;
            }
            let next = self.member(at, region.end, margin, brackets, &mut members, &mut schema);
            at = next.max(at + 1);
        }
        self.tell_unclosed(&region);
        let mut first = region.open.unwrap_or(region.first);
        let before = |at: usize, word: &str| at.checked_sub(1).filter(|before| self.tokens.word(*before) == word);
        let everywhere = before(first, "everywhere").filter(|everywhere| before(*everywhere, "open").is_some());
        let opened = before(everywhere.unwrap_or(first), "open");
        first = opened.unwrap_or(first);
        let end = region.close.map_or(region.end, |c| c + 1);
        let span = self.span(first, end);
        let open = opened.map(|o| self.token_span(o));
        let everywhere = everywhere.map(|e| self.token_span(e));
        Inside { body: Body { open, everywhere, members, span }, schema, end }
    }

    fn member(
        &mut self,
        at: usize,
        end: usize,
        margin: Option<usize>,
        brackets: &Brackets,
        members: &mut Vec<Member>,
        schema: &mut Vec<Text>,
    ) -> usize {
        const MOST_EXTENSIONS: usize = 3;
        let first_end = self.next_member(at, end, margin, brackets);
        let mut piece_end = first_end;
        let mut first_refusal: Option<Refused> = None;
        for _ in 0..=MOST_EXTENSIONS {
            let lowered = self.attempt(Rule::one_member, at, piece_end, |r, pair| match pair.as_rule() {
                Rule::member => Ok(r.lower.member(&pair)),
                _ => Err(pair.into_inner().find(|p| p.as_rule() == Rule::plain).map(|p| r.lower.plain(&p))),
            });
            let refused = match lowered {
                Ok(Ok(member)) => {
                    members.push(member);
                    return piece_end;
                }
                Ok(Err(text)) => {
                    schema.extend(text);
                    return piece_end;
                }
                Err(refused) => refused,
            };
            let at_end = refused.token >= piece_end;
            first_refusal = first_refusal.or(Some(refused));
            if !at_end || piece_end >= end {
                break;
            }
            piece_end = self.next_member(piece_end, end, margin, brackets);
        }
        let Some(refused) = first_refusal else { return first_end };
        if let Some(next) = self.misspelt_member(at, first_end, end, margin, brackets, members) {
            return next;
        }
        let named = self.tokens.is_word(at).then(|| self.name(at));
        let brace = (at..refused.token.min(end)).find(|i| self.tokens.is(*i, "{"));
        if let (Some(brace), Some(name), true) = (brace, named.clone(), self.tokens.is(at + 1, ":"))
            && brackets.partner(brace).is_none_or(|p| p >= refused.token)
            && let Some((ty, next)) = self.nested_type(at + 2, brace, end, brackets, &[])
        {
            let span = self.span(at, next);
            let doc = self.lower.doc(self.tokens.start(at));
            members.push(Member::Field(FieldDecl { doc, name, ty, modifiers: Vec::new(), span }));
            return self.member_from(next, end, margin, brackets);
        }
        self.explain(at, first_end, &refused, brackets);
        let field = named
            .filter(|_| self.tokens.is(at + 1, ":") || !["rule", "advice", "include"].contains(&self.tokens.word(at)));
        members.push(Member::Broken(field));
        first_end
    }

    /// `rle ok: ..`, `inclde R`: reported, and read as what was meant.
    fn misspelt_member(
        &mut self,
        at: usize,
        to: usize,
        end: usize,
        margin: Option<usize>,
        brackets: &Brackets,
        members: &mut Vec<Member>,
    ) -> Option<usize> {
        let word = self.tokens.word(at);
        if keywords::MEMBERS.contains(&word) || !self.tokens.is_word(at + 1) || self.tokens.is(at + 1, ":") {
            return None;
        }
        let meant = did_you_mean(word, keywords::MEMBERS)?;
        if keywords::CONDITIONS.contains(&meant) && !self.tokens.is(at + 2, ":") {
            return None;
        }
        // A name before a colon is the rule's, and no field of its own.
        let to = if to == at + 1 { self.next_member(at + 1, end, margin, brackets) } else { to };
        let place = self.token_span(at);
        self.report(say::unknown_clause(place, word, "a record", &keywords::MEMBERS, Some(meant)));
        let lowered = self.attempt_as(Rule::one_member, at, to, meant, |r, pair| match pair.as_rule() {
            Rule::member => r.lower.member(&pair),
            _ => Member::Broken(None),
        });
        members.push(lowered.unwrap_or(Member::Broken(None)));
        Some(to)
    }

    fn next_member(&self, at: usize, end: usize, margin: Option<usize>, brackets: &Brackets) -> usize {
        let first = self.skip(at, end, brackets);
        if !keywords::CONDITIONS.contains(&self.tokens.word(at)) || self.tokens.is(at + 1, ":") {
            return self.member_from(first, end, margin, brackets);
        }
        // In a rule a word before a colon may be its name, or end the list of a quantifier.
        let mut due = 1;
        let mut i = first;
        while i < end {
            let word = self.tokens.word(i);
            let colon = self.tokens.is(i + 1, ":");
            let leads = self.tokens.leads(i) && margin == Some(self.tokens.column(i));
            if (leads || due == 0 || !colon) && begins_member(&self.tokens, i, margin) {
                return i;
            }
            if ["exists", "every", "no"].contains(&word) && self.tokens.is_word(i + 1) {
                due += 1;
            }
            if self.tokens.is(i, ":") && due > 0 {
                due -= 1;
            }
            i = self.skip(i, end, brackets);
        }
        end
    }

    /// The first member that begins at `from` or behind it.
    fn member_from(&self, from: usize, end: usize, margin: Option<usize>, brackets: &Brackets) -> usize {
        let mut i = from;
        while i < end {
            if begins_member(&self.tokens, i, margin) {
                return i;
            }
            i = self.skip(i, end, brackets);
        }
        end
    }

    /// The inside of an enum, and the token behind it: one message for its first mistake, and every member that
    /// can be told, so that uses of them stay silent.
    pub(super) fn enumeration(&mut self, name: Name, region: Region, brackets: &Brackets) -> (DeclarationKind, usize) {
        let end = region.end;
        let mut members = Vec::new();
        let mut otherwise = None;
        let mut told = region.close.is_none();
        let mut at = region.first;
        while at < end {
            if self.tokens.is(at, ",") {
                at += 1;
                continue;
            }
            if self.tokens.word(at) == "else" && self.tokens.is_word(at + 1) {
                otherwise = Some(self.name(at + 1));
                at += 2;
                continue;
            }
            let mut next = at + 1;
            while next < end && (self.tokens.is(next, "=") || self.tokens.word(next) == "or") {
                next += 2;
            }
            let next = next.min(end);
            let lowered = self.attempt(Rule::one_enum_member, at, next, |r, pair| r.lower.enum_member(&pair));
            match lowered {
                Ok(member) => members.extend(member),
                Err(refused) => {
                    if !told && self.tokens.is(at, ":") && self.tokens.is_text(at + 1) {
                        let place = self.token_span(at);
                        self.report(say::member_sign(place, ":"));
                        told = true;
                    }
                    if !told {
                        self.explain(at, next, &refused, brackets);
                        told = true;
                    }
                    if self.tokens.is_word(at) {
                        members.push(EnumMember { name: self.name(at), quoted: false, spellings: Vec::new() });
                    }
                }
            }
            at = next.max(at + 1);
        }
        self.tell_unclosed(&region);
        let behind = region.close.map_or(end, |c| c + 1);
        (DeclarationKind::Enum(EnumDecl { name, members, otherwise }), behind)
    }
}
