//! Expressions: operators and their precedence, quantifiers, conditions.
//!
//! The grammar gives flat lists of operands and signs; they become a tree here, in loops. Each
//! step also knows how tall its tree has grown, so that later layers may recurse without fear.

use super::{Lower, Pair, all, find, has};
use crate::source::Span;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{BinaryOp, CompareOp, Expr, ExprKind, Quantifier, StringLit, StringPart};

/// How tall the tree of one expression may grow. A chain of `and` is as tall as it is long, so
/// this is also the longest chain. Later layers recurse over the tree.
pub(in crate::syntax) const MAX_HEIGHT: usize = 256;

/// An expression and the height of its tree.
pub(super) struct Tall {
    /// The expression.
    pub expr: Expr,
    /// How many levels it has.
    pub height: usize,
}

impl Tall {
    pub(super) fn span(&self) -> Span {
        self.expr.span
    }
}

impl Lower<'_> {
    /// An `expr`: a value, or a pipeline that starts from one.
    pub fn expr(&mut self, pair: &Pair<'_>) -> Expr {
        self.pipeline(pair).expr
    }

    /// A `value`.
    pub fn value(&mut self, pair: &Pair<'_>) -> Expr {
        self.logic(pair).expr
    }

    /// An `arith`.
    pub fn arith(&mut self, pair: &Pair<'_>) -> Expr {
        self.sum(pair).expr
    }

    /// A `term`.
    pub fn term(&mut self, pair: &Pair<'_>) -> Expr {
        self.operand(pair).expr
    }

    /// The values of a `keys`.
    pub fn keys(&mut self, pair: &Pair<'_>) -> Vec<Expr> {
        all(pair, Rule::value).map(|v| self.value(&v)).collect()
    }

    pub(super) fn tall(&mut self, kind: ExprKind, span: Span, below: usize) -> Tall {
        let height = below + 1;
        if height > MAX_HEIGHT {
            if !std::mem::replace(&mut self.too_tall, true) {
                self.report(say::too_tall(span, MAX_HEIGHT));
            }
            return self.poison(span);
        }
        Tall { expr: Expr { kind: Box::new(kind), span }, height }
    }

    pub(super) fn poison(&self, span: Span) -> Tall {
        Tall { expr: self.broken(span), height: 1 }
    }

    /// A `value`: claims joined by `and`, `or`, `implies`.
    pub(super) fn logic(&mut self, pair: &Pair<'_>) -> Tall {
        let span = self.span(pair);
        let mut claims = Vec::new();
        let mut signs: Vec<(BinaryOp, Span)> = Vec::new();
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::claim => claims.push(self.claim(&part)),
                Rule::logic_sign => {
                    let place = self.span(&part);
                    signs.push((
                        match part.as_str() {
                            "or" => BinaryOp::Or,
                            "implies" => BinaryOp::Implies,
                            "and" => BinaryOp::And,
                            sign => {
                                self.report(say::foreign_sign(place, sign, "and"));
                                BinaryOp::And
                            }
                        },
                        place,
                    ));
                }
                _ => {}
            }
        }
        let implies: Vec<Span> = signs.iter().filter(|s| s.0 == BinaryOp::Implies).map(|s| s.1).collect();
        if let [first, second, ..] = implies.as_slice() {
            self.report(say::implies_chain(*first, *second));
            return self.poison(span);
        }
        if !self.logic_is_plain(&claims, &signs) {
            return self.poison(span);
        }
        let mut claims = claims.into_iter();
        let Some(mut conjunction) = claims.next() else { return self.poison(span) };
        let mut disjunction: Option<(Tall, Span)> = None;
        let mut premise: Option<(Tall, Span)> = None;
        for ((op, place), claim) in signs.into_iter().zip(claims) {
            if op == BinaryOp::And {
                conjunction = self.binary(BinaryOp::And, place, conjunction, claim);
                continue;
            }
            let mut left = std::mem::replace(&mut conjunction, claim);
            if let Some((before, sign)) = disjunction.take() {
                left = self.binary(BinaryOp::Or, sign, before, left);
            }
            if op == BinaryOp::Or {
                disjunction = Some((left, place));
            } else {
                premise = Some((left, place));
            }
        }
        if let Some((before, sign)) = disjunction {
            conjunction = self.binary(BinaryOp::Or, sign, before, conjunction);
        }
        if let Some((before, sign)) = premise {
            conjunction = self.binary(BinaryOp::Implies, sign, before, conjunction);
        }
        conjunction
    }

    /// Whether no side of `implies` mixes `and` and `or`; reports the first that does.
    fn logic_is_plain(&mut self, claims: &[Tall], signs: &[(BinaryOp, Span)]) -> bool {
        let mut from = 0;
        for side in signs.split(|s| s.0 == BinaryOp::Implies) {
            let and = side.iter().position(|s| s.0 == BinaryOp::And);
            let or = side.iter().position(|s| s.0 == BinaryOp::Or);
            if let (Some(and), Some(or)) = (and, or) {
                // The run of `and` around the first one: what parentheses would go around.
                let first = side.iter().take(and).rposition(|s| s.0 == BinaryOp::Or).map_or(0, |i| i + 1);
                let last = side.iter().skip(and).position(|s| s.0 == BinaryOp::Or).map_or(side.len(), |i| and + i);
                let left = claims.get(from + first).map(Tall::span);
                let right = claims.get(from + last).map(Tall::span);
                let both = left.zip(right).map(|(l, r)| l.to(r));
                let written = both.and_then(|s| self.text.get(s.start as usize..s.end as usize)).unwrap_or("");
                let signs = (side.get(and).map(|s| s.1), side.get(or).map(|s| s.1));
                if let ((Some(and), Some(or)), Some(both)) = (signs, both) {
                    let diagnostic = say::mixed_and_or(and, or, both, written);
                    self.report(diagnostic);
                }
                return false;
            }
            from += side.len() + 1;
        }
        true
    }

    fn binary(&mut self, op: BinaryOp, op_span: Span, left: Tall, right: Tall) -> Tall {
        let span = left.span().to(right.span());
        let below = left.height.max(right.height);
        self.tall(ExprKind::Binary { op, op_span, left: left.expr, right: right.expr }, span, below)
    }

    fn claim(&mut self, pair: &Pair<'_>) -> Tall {
        let whole = self.span(pair);
        let mut prefixes = Vec::new();
        let mut core = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::kw_not => prefixes.push(self.span(&part)),
                Rule::slip_not => {
                    let place = self.span(&part);
                    self.report(say::foreign_sign(place, "!", "not"));
                    prefixes.push(place);
                }
                Rule::quantified => core = Some(self.quantified(&part)),
                Rule::conditional => core = Some(self.conditional(&part)),
                Rule::test => core = Some(self.test(&part)),
                _ => {}
            }
        }
        let Some(mut claim) = core else { return self.poison(whole) };
        for prefix in prefixes.into_iter().rev() {
            let span = prefix.to(claim.span());
            let below = claim.height;
            claim = self.tall(ExprKind::Not(claim.expr), span, below);
        }
        claim
    }

    fn quantified(&mut self, pair: &Pair<'_>) -> Tall {
        let span = self.span(pair);
        let mut quantifier = Quantifier::Exists;
        let (mut variable, mut source, mut body) = (None, None, None);
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::kw_every => quantifier = Quantifier::Every,
                Rule::kw_no => quantifier = Quantifier::No,
                Rule::name => variable = Some(self.name(&part)),
                Rule::expr => source = Some(self.pipeline(&part)),
                Rule::value => body = Some(self.logic(&part)),
                _ => {}
            }
        }
        let (Some(variable), Some(mut source), Some(body)) = (variable, source, body) else {
            return self.poison(span);
        };
        if let ExprKind::Pipeline { alias, .. } = source.expr.kind.as_mut() {
            match alias {
                None => *alias = Some(variable.clone()),
                Some(second) => {
                    let diagnostic = say::quantifier_alias(second.span, &second.text, &variable.text);
                    self.report(diagnostic);
                    return self.poison(span);
                }
            }
        }
        let below = source.height.max(body.height);
        let kind = ExprKind::Quantified { quantifier, variable, source: source.expr, body: body.expr };
        self.tall(kind, span, below)
    }

    /// `if a then b else if c then d else e`: the grammar gives the values in a flat list.
    fn conditional(&mut self, pair: &Pair<'_>) -> Tall {
        let span = self.span(pair);
        let starts: Vec<Span> = all(pair, Rule::kw_if).map(|p| self.span(&p)).collect();
        let mut values: Vec<Tall> = all(pair, Rule::value).map(|v| self.logic(&v)).collect();
        let Some(mut otherwise) = values.pop() else { return self.poison(span) };
        for start in starts.into_iter().rev() {
            let (Some(then), Some(condition)) = (values.pop(), values.pop()) else { return self.poison(span) };
            let span = start.to(otherwise.span());
            let below = condition.height.max(then.height).max(otherwise.height);
            let kind = ExprKind::If { condition: condition.expr, then: then.expr, otherwise: otherwise.expr };
            otherwise = self.tall(kind, span, below);
        }
        otherwise
    }

    fn test(&mut self, pair: &Pair<'_>) -> Tall {
        let span = self.span(pair);
        let mut left = None;
        let mut relations = Vec::new();
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::arith => left = Some(self.sum(&part)),
                Rule::relation => relations.extend(part.into_inner().next()),
                _ => {}
            }
        }
        let Some(left) = left else { return self.poison(span) };
        if let [first, second, ..] = relations.as_slice() {
            let middle = find(first, Rule::arith).map(|a| self.span(&a));
            let (first, second) = (self.span(first), self.span(second));
            let words = |s: Span| self.text.get(s.start as usize..s.end as usize).unwrap_or("").to_owned();
            let repair =
                middle.map(|m| format!("{} {} and {} {}", words(left.span()), words(first), words(m), words(second)));
            self.report(say::comparison_chain(span, second, repair));
            return self.poison(span);
        }
        match relations.first() {
            Some(relation) => self.relation(left, relation, span),
            None => left,
        }
    }

    fn relation(&mut self, left: Tall, pair: &Pair<'_>, span: Span) -> Tall {
        let mut parts: Vec<Tall> = all(pair, Rule::arith).map(|a| self.sum(&a)).collect();
        let below = parts.iter().map(|p| p.height).max().unwrap_or(0).max(left.height);
        let negated = has(pair, Rule::kw_not);
        let kind = match pair.as_rule() {
            Rule::compared => {
                let (Some(sign), Some(right)) = (find(pair, Rule::compare_sign), parts.pop()) else {
                    return self.poison(span);
                };
                let op_span = self.span(&sign);
                let op = self.compare_op(&sign);
                ExprKind::Compare { op, op_span, left: left.expr, right: right.expr }
            }
            Rule::contained => {
                let second = if parts.len() > 1 { parts.pop() } else { None };
                match (parts.pop(), second) {
                    (Some(list), None) => ExprKind::In { negated, item: left.expr, list: list.expr },
                    (Some(low), Some(high)) => {
                        ExprKind::InRange { negated, item: left.expr, low: low.expr, high: high.expr }
                    }
                    _ => return self.poison(span),
                }
            }
            Rule::alike | Rule::matched => {
                let glob = pair.as_rule() == Rule::alike;
                let Some(pattern) = pair.clone().into_inner().nth(1) else { return self.poison(span) };
                let place = self.span(&pattern);
                match pattern.as_rule() {
                    Rule::plain => {
                        let text = self.plain(&pattern).text;
                        let literal = StringLit { parts: vec![StringPart::Text(text)], span: place };
                        let pattern = Expr { kind: Box::new(ExprKind::Text(literal)), span: place };
                        ExprKind::Match { glob, text: left.expr, pattern }
                    }
                    Rule::regex => {
                        let raw = pattern.as_str();
                        let inner = raw.strip_prefix('/').and_then(|r| r.strip_suffix('/')).unwrap_or(raw);
                        let pattern = Expr { kind: Box::new(ExprKind::Regex(inner.to_owned())), span: place };
                        ExprKind::Match { glob, text: left.expr, pattern }
                    }
                    _ => {
                        let word = pair.clone().into_inner().next().map_or(place, |w| self.span(&w));
                        self.report(say::pattern_kind(word, place, glob));
                        return self.poison(span);
                    }
                }
            }
            Rule::typed => {
                if let Some(slip) = find(pair, Rule::slip_null) {
                    let subject = left.span();
                    let words = self.text.get(subject.start as usize..subject.end as usize).unwrap_or("").to_owned();
                    let relation = self.span(pair);
                    self.report(say::is_null(span, relation, slip.as_str(), &words, negated));
                    return self.poison(span);
                }
                let Some(ty) = find(pair, Rule::type_expr) else { return self.poison(span) };
                ExprKind::Is { negated, subject: left.expr, ty: self.type_expr(&ty) }
            }
            _ => return self.poison(span),
        };
        self.tall(kind, span, below)
    }

    /// A sign of comparison; `=` is reported and read as `==`.
    pub fn compare_op(&mut self, sign: &Pair<'_>) -> CompareOp {
        match sign.as_str() {
            "==" => CompareOp::Equal,
            "!=" => CompareOp::NotEqual,
            "<=" => CompareOp::AtMost,
            ">=" => CompareOp::AtLeast,
            "<" => CompareOp::Less,
            ">" => CompareOp::Greater,
            _ => {
                let place = self.span(sign);
                self.report(say::assignment(place));
                CompareOp::Equal
            }
        }
    }

    /// An `arith`: terms joined by `??`, `+ -`, `* /`.
    pub(super) fn sum(&mut self, pair: &Pair<'_>) -> Tall {
        let span = self.span(pair);
        let mut product: Option<Tall> = None;
        let mut sum: Option<(Tall, BinaryOp, Span)> = None;
        let mut choice: Option<(Tall, Span)> = None;
        let mut sign: Option<(BinaryOp, Span)> = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::arith_sign => {
                    let op = match part.as_str() {
                        "+" => BinaryOp::Add,
                        "-" => BinaryOp::Subtract,
                        "*" => BinaryOp::Multiply,
                        "/" => BinaryOp::Divide,
                        _ => BinaryOp::Coalesce,
                    };
                    sign = Some((op, self.span(&part)));
                }
                Rule::term => {
                    let term = self.operand(&part);
                    let (Some(before), Some((op, place))) = (product.take(), sign.take()) else {
                        product = Some(term);
                        continue;
                    };
                    if matches!(op, BinaryOp::Multiply | BinaryOp::Divide) {
                        product = Some(self.binary(op, place, before, term));
                        continue;
                    }
                    let mut left = before;
                    if let Some((first, op, place)) = sum.take() {
                        left = self.binary(op, place, first, left);
                    }
                    if op == BinaryOp::Coalesce {
                        if let Some((first, place)) = choice.take() {
                            left = self.binary(BinaryOp::Coalesce, place, first, left);
                        }
                        choice = Some((left, place));
                    } else {
                        sum = Some((left, op, place));
                    }
                    product = Some(term);
                }
                _ => {}
            }
        }
        let Some(mut result) = product else { return self.poison(span) };
        if let Some((first, op, place)) = sum {
            result = self.binary(op, place, first, result);
        }
        if let Some((first, place)) = choice {
            result = self.binary(BinaryOp::Coalesce, place, first, result);
        }
        result
    }
}
