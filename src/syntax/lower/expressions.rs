//! Expressions: precedence, pipelines, literals.
//!
//! The grammar gives flat lists of operands and signs; they become a tree here, in loops. Each
//! step also knows how tall its tree has grown, so that later layers may recurse without fear.

use super::{Lower, Pair, all, find, has};
use crate::source::Span;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{
    BinaryOp, CompareOp, Expr, ExprKind, Name, Quantifier, SortOrder, Stage, StageKind, StringLit, StringPart, Table,
};

/// How tall the tree of one expression may grow. A chain of `and` is as tall as it is long, so
/// this is also the longest chain. Later layers recurse over the tree.
pub(in crate::syntax) const MAX_HEIGHT: usize = 256;

/// An expression and the height of its tree.
struct Tall {
    expr: Expr,
    height: usize,
}

impl Tall {
    fn span(&self) -> Span {
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

    fn tall(&mut self, kind: ExprKind, span: Span, below: usize) -> Tall {
        let height = below + 1;
        if height > MAX_HEIGHT {
            if !std::mem::replace(&mut self.too_tall, true) {
                self.report(say::too_tall(span, MAX_HEIGHT));
            }
            return self.poison(span);
        }
        Tall { expr: Expr { kind: Box::new(kind), span }, height }
    }

    fn poison(&self, span: Span) -> Tall {
        Tall { expr: self.broken(span), height: 1 }
    }

    fn pipeline(&mut self, pair: &Pair<'_>) -> Tall {
        let span = self.span(pair);
        let mut source = None;
        let mut alias = None;
        let mut stages = Vec::new();
        let mut below = 0;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::value => source = Some(self.logic(&part)),
                Rule::alias => alias = find(&part, Rule::name).map(|n| self.name(&n)),
                Rule::stage => stages.extend(self.stage(&part, &mut below)),
                _ => {}
            }
        }
        let Some(source) = source else { return self.poison(span) };
        if alias.is_none() && stages.is_empty() {
            return source;
        }
        let below = below.max(source.height);
        self.tall(ExprKind::Pipeline { source: source.expr, alias, stages }, span, below)
    }

    fn stage(&mut self, pair: &Pair<'_>, below: &mut usize) -> Option<Stage> {
        let span = self.span(pair);
        let part = pair.clone().into_inner().next()?;
        let mut value = |lower: &mut Self, part: &Pair<'_>| {
            let tall = find(part, Rule::value).map(|v| lower.logic(&v))?;
            *below = (*below).max(tall.height);
            Some(tall.expr)
        };
        let name = find(&part, Rule::name).map(|n| self.name(&n));
        let kind = match part.as_rule() {
            Rule::where_stage => StageKind::Where(value(self, &part)?),
            Rule::with_stage => StageKind::With(name?, value(self, &part)?),
            Rule::join_stage => StageKind::Join(value(self, &part)?, name?),
            Rule::select_stage => StageKind::Select(value(self, &part)?),
            Rule::group_stage => StageKind::Group(self.tall_keys(&part, below)?),
            Rule::distinct_stage => StageKind::Distinct(self.tall_keys(&part, below)),
            Rule::number_stage => StageKind::Number(name?, self.tall_keys(&part, below)),
            Rule::sort_stage => {
                let mut keys = Vec::new();
                for key in all(&part, Rule::sort_key) {
                    let slip = find(&key, Rule::slip_order);
                    let descending = slip.as_ref().map(|s| s.as_str().to_ascii_lowercase().starts_with("desc"));
                    if let Some(slip) = &slip {
                        let place = self.span(slip);
                        self.report(say::sort_order(place, slip.as_str()));
                    }
                    let descending = descending.unwrap_or(false) || has(&key, Rule::kw_descending);
                    let order = if descending { SortOrder::Descending } else { SortOrder::Ascending };
                    keys.push((value(self, &key)?, order));
                }
                StageKind::Sort(keys)
            }
            _ => return None,
        };
        Some(Stage { span, kind })
    }

    fn tall_keys(&mut self, pair: &Pair<'_>, below: &mut usize) -> Option<Vec<Expr>> {
        let keys = find(pair, Rule::keys)?;
        let mut out = Vec::new();
        for key in all(&keys, Rule::value) {
            let tall = self.logic(&key);
            *below = (*below).max(tall.height);
            out.push(tall.expr);
        }
        Some(out)
    }

    /// A `value`: claims joined by `and`, `or`, `implies`.
    fn logic(&mut self, pair: &Pair<'_>) -> Tall {
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
    fn sum(&mut self, pair: &Pair<'_>) -> Tall {
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

    fn operand(&mut self, pair: &Pair<'_>) -> Tall {
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
