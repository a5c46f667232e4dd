//! Types as written, and the insides of records.

use super::{Lower, Pair, all, find};
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{Body, FieldDecl, Member, Modifier, ModifierKind, RuleDecl, TypeExpr, TypeExprKind};

impl Lower<'_> {
    /// A `type_expr`.
    pub fn type_expr(&mut self, pair: &Pair<'_>) -> TypeExpr {
        let span = self.span(pair);
        let mut optional = false;
        let mut kind = TypeExprKind::Broken;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::question => optional = true,
                Rule::list_type => {
                    if let Some(inner) = find(&part, Rule::type_expr) {
                        kind = TypeExprKind::List(Box::new(self.type_expr(&inner)));
                    }
                }
                Rule::map_type => {
                    let mut inner = all(&part, Rule::type_expr);
                    if let (Some(key), Some(value)) = (inner.next(), inner.next()) {
                        kind = TypeExprKind::Map(Box::new(self.type_expr(&key)), Box::new(self.type_expr(&value)));
                    }
                }
                Rule::field_of => {
                    if let Some(name) = find(&part, Rule::name) {
                        kind = TypeExprKind::FieldOf(self.name(&name));
                    }
                }
                Rule::body => kind = TypeExprKind::Record(self.body(&part)),
                Rule::named_type => {
                    if let Some(name) = find(&part, Rule::name) {
                        let encoding = all(&part, Rule::word).map(|w| self.name(&w)).collect();
                        kind = TypeExprKind::Named { name: self.name(&name), encoding };
                    }
                }
                _ => {}
            }
        }
        TypeExpr { kind, span, optional }
    }

    /// A `body`, or the inside of a contract.
    pub fn body(&mut self, pair: &Pair<'_>) -> Body {
        let mut open = None;
        let mut everywhere = None;
        let mut members = Vec::new();
        let mut start = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::kw_open => {
                    open = Some(self.span(&part));
                    start = start.or(open);
                }
                Rule::kw_everywhere => everywhere = Some(self.span(&part)),
                Rule::lbrace => start = start.or(Some(self.span(&part))),
                Rule::member => members.push(self.member(&part)),
                _ => {}
            }
        }
        let whole = self.span(pair);
        let span = start.map_or(whole, |s| s.to(self.range(whole.end as usize, whole.end as usize)));
        Body { open, everywhere, members, span }
    }

    /// A `member`.
    pub fn member(&mut self, pair: &Pair<'_>) -> Member {
        let span = self.span(pair);
        let Some(part) = pair.clone().into_inner().next() else { return Member::Broken(None) };
        match part.as_rule() {
            Rule::field => {
                let mut name = None;
                let mut ty = None;
                let mut modifiers = Vec::new();
                for p in part.into_inner() {
                    match p.as_rule() {
                        Rule::word => name = Some(self.name(&p)),
                        Rule::type_expr => ty = Some(self.type_expr(&p)),
                        Rule::modifier => modifiers.extend(self.modifier(&p)),
                        _ => {}
                    }
                }
                let (Some(name), Some(ty)) = (name, ty) else { return Member::Broken(None) };
                Member::Field(FieldDecl { doc: self.doc(span.start as usize), name, ty, modifiers, span })
            }
            Rule::include_part => {
                find(&part, Rule::name).map_or(Member::Broken(None), |name| Member::Include(self.name(&name)))
            }
            kind @ (Rule::rule_part | Rule::advice_part) => {
                let (Some(name), Some(value)) = (find(&part, Rule::name), find(&part, Rule::value)) else {
                    return Member::Broken(None);
                };
                let name = self.name(&name);
                let condition = self.value(&value);
                let message = find(&part, Rule::string).map(|s| self.string(&s));
                let rule = RuleDecl { name, condition, message, span };
                if kind == Rule::rule_part { Member::Rule(rule) } else { Member::Advice(rule) }
            }
            _ => Member::Broken(None),
        }
    }

    fn modifier(&mut self, pair: &Pair<'_>) -> Option<Modifier> {
        let span = self.span(pair);
        let first = pair.clone().into_inner().next()?;
        let kind = match first.as_rule() {
            Rule::kw_key => ModifierKind::Key,
            Rule::kw_nullable => ModifierKind::Nullable,
            Rule::kw_lenient => ModifierKind::Lenient,
            Rule::kw_default => ModifierKind::Default(self.term(&find(pair, Rule::term)?)),
            Rule::kw_sentinel => ModifierKind::Sentinel(self.term(&find(pair, Rule::term)?)),
            Rule::kw_from => ModifierKind::From(all(pair, Rule::path).map(|p| self.path(&p)).collect()),
            _ => return None,
        };
        Some(Modifier { kind, span })
    }
}
