//! Operands: literals, names, calls, records, lists, tables, and what follows them.

use super::expressions::Tall;
use super::{Lower, Pair, all, find};
use crate::source::Span;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{Expr, ExprKind, Name, Table};

impl Lower<'_> {
    pub(super) fn operand(&mut self, pair: &Pair<'_>) -> Tall {
        let whole = self.span(pair);
        let mut minus = None;
        let mut value: Option<Tall> = None;
        for part in pair.clone().into_inner() {
            let place = self.span(&part);
            match (part.as_rule(), value.take()) {
                (Rule::minus, _) => minus = Some(place),
                (Rule::member_access, Some(base)) => {
                    let member = part.into_inner().find(|p| p.as_rule() != Rule::dot);
                    let Some(member) = member else { return self.poison(whole) };
                    let name = self.word_or_text(&member);
                    let span = base.span().to(place);
                    if let ExprKind::Number(number) = base.expr.kind.as_ref() {
                        let diagnostic = say::number_dot(span, number, &name.text);
                        self.report(diagnostic);
                        value = Some(self.poison(span));
                        continue;
                    }
                    value = Some(self.tall(ExprKind::Field { base: base.expr, name }, span, base.height));
                }
                (Rule::bracketed, Some(base)) => {
                    let span = base.span().to(place);
                    let below = base.height;
                    value = Some(match find(&part, Rule::expr) {
                        Some(key) => {
                            let key = self.pipeline(&key);
                            let below = below.max(key.height);
                            self.tall(ExprKind::Index { base: base.expr, key: key.expr }, span, below)
                        }
                        None => self.tall(ExprKind::Every { base: base.expr }, span, below),
                    });
                }
                (_, None) => value = Some(self.primary(&part, place)),
                (_, kept) => value = kept,
            }
        }
        let Some(value) = value else { return self.poison(whole) };
        match minus {
            Some(minus) => {
                let span = minus.to(value.span());
                let below = value.height;
                self.tall(ExprKind::Negate(value.expr), span, below)
            }
            None => value,
        }
    }

    fn primary(&mut self, pair: &Pair<'_>, span: Span) -> Tall {
        let text = pair.as_str();
        let kind = match pair.as_rule() {
            Rule::instant | Rule::slip_date => return Tall { expr: self.instant(pair), height: 1 },
            Rule::quantity | Rule::slip_gap => return Tall { expr: self.quantity(pair), height: 1 },
            Rule::number => ExprKind::Number(text.to_owned()),
            Rule::version => ExprKind::Version(text.to_owned()),
            Rule::string => ExprKind::Text(self.string(pair)),
            Rule::kw_true => ExprKind::Bool(true),
            Rule::kw_false => ExprKind::Bool(false),
            Rule::kw_none => ExprKind::None,
            Rule::kw_null => ExprKind::Null,
            Rule::kw_this => ExprKind::This,
            Rule::parenthesised => {
                let Some(inner) = find(pair, Rule::expr) else { return self.poison(span) };
                let inner = self.pipeline(&inner);
                return self.tall(ExprKind::Parenthesised(inner.expr), span, inner.height);
            }
            Rule::list => {
                let items: Vec<Tall> = all(pair, Rule::expr).map(|e| self.pipeline(&e)).collect();
                let below = items.iter().map(|i| i.height).max().unwrap_or(0);
                let items = items.into_iter().map(|i| i.expr).collect();
                return self.tall(ExprKind::List(items), span, below);
            }
            Rule::map => return self.map(pair, span),
            Rule::record => {
                let (fields, below) = self.entries(pair);
                return self.tall(ExprKind::Record { name: None, fields }, span, below);
            }
            Rule::named => return self.named(pair, span),
            Rule::table => return self.table(pair, span),
            Rule::slip_unit => {
                self.report(say::unknown_unit(span, text));
                return self.poison(span);
            }
            Rule::slip_version => {
                self.report(say::version_prerelease(span, text));
                return self.poison(span);
            }
            Rule::slip_quotes => {
                self.report(say::single_quotes(span, text));
                return self.poison(span);
            }
            _ => ExprKind::Broken,
        };
        self.tall(kind, span, 0)
    }

    fn named(&mut self, pair: &Pair<'_>, span: Span) -> Tall {
        let Some(name) = find(pair, Rule::name).map(|n| self.name(&n)) else { return self.poison(span) };
        if let Some(record) = find(pair, Rule::record) {
            let (fields, below) = self.entries(&record);
            return self.tall(ExprKind::Record { name: Some(name), fields }, span, below);
        }
        let Some(arguments) = find(pair, Rule::arguments) else {
            return self.tall(ExprKind::Name(name.text), span, 0);
        };
        let mut values = Vec::new();
        let mut below = 0;
        for argument in all(&arguments, Rule::argument) {
            if let Some(colon) = find(&argument, Rule::slip_colon) {
                let colon = self.span(&colon);
                let inside = arguments.as_str().strip_prefix('(').and_then(|a| a.trim_end().strip_suffix(')'));
                let diagnostic = say::quantifier_call(span, colon, &name, inside.unwrap_or(""));
                self.report(diagnostic);
                return self.poison(span);
            }
            if let Some(value) = find(&argument, Rule::expr) {
                let value = self.pipeline(&value);
                below = below.max(value.height);
                values.push(value.expr);
            }
        }
        self.tall(ExprKind::Call { name, arguments: values }, span, below)
    }

    fn entries(&mut self, record: &Pair<'_>) -> (Vec<(Name, Expr)>, usize) {
        let mut fields = Vec::new();
        let mut below = 0;
        for entry in all(record, Rule::entry) {
            let name = entry.clone().into_inner().next().map(|n| self.word_or_text(&n));
            let value = find(&entry, Rule::expr).map(|e| self.pipeline(&e));
            if let (Some(name), Some(value)) = (name, value) {
                below = below.max(value.height);
                fields.push((name, value.expr));
            }
        }
        (fields, below)
    }

    fn map(&mut self, pair: &Pair<'_>, span: Span) -> Tall {
        let mut pairs = Vec::new();
        let mut below = 0;
        let mut bare = None;
        for item in all(pair, Rule::pair) {
            let key = find(&item, Rule::arith).map(|k| self.sum(&k));
            let value = find(&item, Rule::expr).map(|v| self.pipeline(&v));
            if let (Some(key), Some(value)) = (key, value) {
                if let (None, ExprKind::Name(name)) = (&bare, key.expr.kind.as_ref()) {
                    let colon = find(&item, Rule::colon).map_or(key.span(), |c| self.span(&c));
                    bare = Some((key.span(), colon, name.clone()));
                }
                below = below.max(key.height).max(value.height);
                pairs.push((key.expr, value.expr));
            }
        }
        if let Some((key, colon, name)) = bare {
            self.report(say::record_colon(key, colon, &name));
            return self.poison(span);
        }
        self.tall(ExprKind::Map(pairs), span, below)
    }

    fn table(&mut self, pair: &Pair<'_>, span: Span) -> Tall {
        let mut columns = Vec::new();
        let mut rows = Vec::new();
        let mut below = 0;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::column => {
                    if let Some(name) = find(&part, Rule::word) {
                        let ty = find(&part, Rule::type_expr).map(|t| self.type_expr(&t));
                        columns.push((self.name(&name), ty));
                    }
                }
                Rule::table_row => {
                    let cells: Vec<Tall> = all(&part, Rule::expr).map(|e| self.pipeline(&e)).collect();
                    below = cells.iter().map(|c| c.height).fold(below, usize::max);
                    rows.push((cells.into_iter().map(|c| c.expr).collect(), self.span(&part)));
                }
                _ => {}
            }
        }
        self.tall(ExprKind::Table(Table { columns, rows }), span, below)
    }
}
