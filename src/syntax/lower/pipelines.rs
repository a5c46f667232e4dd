//! Pipelines: a source and its stages.

use super::expressions::Tall;
use super::{Lower, Pair, all, find, has};
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{Expr, ExprKind, SortOrder, Stage, StageKind};

impl Lower<'_> {
    pub(super) fn pipeline(&mut self, pair: &Pair<'_>) -> Tall {
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
}
