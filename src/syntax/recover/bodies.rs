//! The insides of records and enums, member by member.

use super::anchors::{begins_clause, begins_member};
use super::{Brackets, Recovery, Refused};
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{
    Body, ContractDecl, DeclarationKind, EnumDecl, EnumMember, FieldDecl, Member, Name, RecordDecl, Text, TypeExpr,
    TypeExprKind,
};

/// The members of a body, the schemas beside them, and the token that closes it.
struct Inside {
    body: Body,
    schema: Vec<Text>,
    close: Option<usize>,
    /// Where it ends when nothing closes it.
    end: usize,
}

impl Recovery<'_, '_, '_> {
    /// A record or contract whose brace is at `open`.
    pub(super) fn record(
        &mut self,
        contract: bool,
        name: Name,
        open: usize,
        to: usize,
        brackets: &Brackets,
    ) -> (Option<DeclarationKind>, Option<usize>) {
        let inside = self.body(open, to, brackets, None);
        let kind = if contract {
            DeclarationKind::Contract(ContractDecl { name, schema: inside.schema, body: inside.body })
        } else {
            DeclarationKind::Record(RecordDecl { name, body: inside.body })
        };
        (Some(kind), inside.close)
    }

    /// A type with a body, `from` at its first token and its brace at `open`: `{ .. }`,
    /// `open { .. }`, `list<{ .. }>`. Gives the token behind it.
    pub(super) fn nested_type(
        &mut self,
        from: usize,
        open: usize,
        to: usize,
        brackets: &Brackets,
        around: Option<&'static [&'static str]>,
    ) -> Option<(TypeExpr, usize)> {
        let mut lists = Vec::new();
        let mut at = from;
        while self.tokens.word(at) == "list" && self.tokens.is(at + 1, "<") {
            lists.push(at);
            at += 2;
        }
        if self.tokens.word(at) == "open" {
            at += 1;
        }
        if at != open {
            return None;
        }
        let inside = self.body(open, to, brackets, around);
        let mut next = inside.close.map_or(inside.end, |c| c + 1);
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

    fn body(&mut self, open: usize, to: usize, brackets: &Brackets, around: Option<&'static [&'static str]>) -> Inside {
        let close = brackets.partner(open).filter(|c| *c < to);
        let mut end = close.unwrap_or(to);
        if let (None, Some(words)) = (close, around) {
            // The body ends, unclosed, where the block around it goes on.
            end = open + 1;
            while end < to {
                let field = self.tokens.is(end + 1, ":");
                if !field && begins_clause(&self.tokens, end, words, None) {
                    break;
                }
                end = self.skip(end, to, brackets).min(to);
            }
        }
        let margin = (open + 1 < end && self.tokens.leads(open + 1)).then(|| self.tokens.column(open + 1));
        let mut members = Vec::new();
        let mut schema = Vec::new();
        let mut at = open + 1;
        while at < end {
            if self.tokens.is(at, ",") {
                at += 1;
                continue;
            }
            let next = self.member(at, end, margin, brackets, &mut members, &mut schema);
            at = next.max(at + 1);
        }
        if close.is_none() {
            let place = self.token_span(open);
            let before = (end < self.tokens.len()).then(|| self.token_span(end));
            self.report(say::unclosed_bracket(place, "{", before));
        }
        let opened = (self.tokens.word(open.saturating_sub(1)) == "open").then(|| self.token_span(open - 1));
        let first = if opened.is_some() { open - 1 } else { open };
        let span = self.span(first, close.map_or(end, |c| c + 1));
        Inside { body: Body { open: opened, members, span }, schema, close, end }
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
        let named = self.tokens.is_word(at).then(|| self.name(at));
        let brace = (at..refused.token.min(end)).find(|i| self.tokens.is(*i, "{"));
        if let (Some(brace), Some(name), true) = (brace, named.clone(), self.tokens.is(at + 1, ":"))
            && brackets.partner(brace).is_none_or(|p| p >= refused.token)
            && let Some((ty, next)) = self.nested_type(at + 2, brace, end, brackets, None)
        {
            let span = self.span(at, next);
            let doc = self.lower.doc(self.tokens.start(at));
            members.push(Member::Field(FieldDecl { doc, name, ty, modifiers: Vec::new(), span }));
            return self.next_member(next.saturating_sub(1), end, margin, brackets);
        }
        self.explain(at, first_end, &refused, brackets);
        let field =
            named.filter(|_| self.tokens.is(at + 1, ":") || !["rule", "include"].contains(&self.tokens.word(at)));
        members.push(Member::Broken(field));
        first_end
    }

    fn next_member(&self, at: usize, end: usize, margin: Option<usize>, brackets: &Brackets) -> usize {
        let mut i = self.skip(at, end, brackets);
        while i < end {
            if begins_member(&self.tokens, i, margin) {
                return i;
            }
            i = self.skip(i, end, brackets);
        }
        end
    }

    /// An enum whose brace is at `open`: one message for its first mistake, and every member that
    /// can be told, so that uses of them stay silent.
    pub(super) fn enumeration(
        &mut self,
        name: Name,
        open: usize,
        to: usize,
        brackets: &Brackets,
    ) -> (Option<DeclarationKind>, Option<usize>) {
        let close = brackets.partner(open).filter(|c| *c < to);
        let end = close.unwrap_or(to);
        let mut members = Vec::new();
        let mut otherwise = None;
        let mut told = close.is_none();
        let mut at = open + 1;
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
        if close.is_none() {
            let place = self.token_span(open);
            let before = (end < self.tokens.len()).then(|| self.token_span(end));
            self.report(say::unclosed_bracket(place, "{", before));
        }
        (Some(DeclarationKind::Enum(EnumDecl { name, members, otherwise })), close)
    }
}
