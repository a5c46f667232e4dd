//! Which bracket closes which, in a text that may have lost some.

use super::tokens::Tokens;

/// The partners of brackets in one declaration.
#[derive(Debug, Default)]
pub(in crate::syntax) struct Brackets {
    /// First token of the declaration.
    from: usize,
    /// For each token of the declaration: its partner, if it is a bracket that has one.
    partners: Vec<Option<usize>>,
}

impl Brackets {
    /// Pairs the brackets of tokens `from..to`.
    ///
    /// Innermost first, as anybody would; where that leaves a brace open, a second look trusts the
    /// indentation: a `}` that leads its line closes the block whose line begins at its column.
    pub fn pair(tokens: &Tokens<'_>, from: usize, to: usize) -> Self {
        let by_count = Self::walk(tokens, from, to, false);
        let lost = |brackets: &Self| {
            (from..to).filter(|i| (tokens.is(*i, "{") || tokens.is(*i, "}")) && brackets.partner(*i).is_none()).count()
        };
        let lost_by_count = lost(&by_count);
        if lost_by_count == 0 {
            return by_count;
        }
        let by_column = Self::walk(tokens, from, to, true);
        if lost(&by_column) <= lost_by_count { by_column } else { by_count }
    }

    fn walk(tokens: &Tokens<'_>, from: usize, to: usize, by_column: bool) -> Self {
        let mut brackets = Self { from, partners: vec![None; to.saturating_sub(from)] };
        let mut open: Vec<usize> = Vec::new();
        for i in from..to {
            let opener = match tokens.text(i) {
                "(" | "[" | "{" if tokens.is_sign(i) => {
                    open.push(i);
                    continue;
                }
                ")" if tokens.is_sign(i) => "(",
                "]" if tokens.is_sign(i) => "[",
                "}" if tokens.is_sign(i) => "{",
                _ => continue,
            };
            let mut at = open.iter().rposition(|o| tokens.is(*o, opener));
            if by_column && opener == "{" && tokens.leads(i) {
                let column = tokens.column(i);
                let deeper = at.and_then(|at| open.get(at)).is_some_and(|o| tokens.indent(*o) > column);
                if deeper {
                    let level = |o: &usize| tokens.is(*o, "{") && tokens.indent(*o) == column;
                    at = open.iter().rposition(level).or(at);
                }
                // Further in than the line that it would close: its own brace is lost.
                at = at.filter(|at| open.get(*at).is_some_and(|o| tokens.indent(*o) >= column));
            }
            if let Some(at) = at
                && !Self::is_stray(tokens, i, open.get(at + 1..).unwrap_or(&[]), to)
            {
                let partner = open.get(at).copied().unwrap_or(i);
                open.truncate(at);
                brackets.set(partner, i);
                brackets.set(i, partner);
            }
        }
        brackets
    }

    /// Whether the closing bracket at `i` would tear open brackets apart whose own partner comes
    /// right behind it, on the same line: then it is this one that is too many.
    fn is_stray(tokens: &Tokens<'_>, i: usize, torn: &[usize], to: usize) -> bool {
        let Some(inner) = torn.last() else { return false };
        // In a packed text everything is on one line, and only what is very near tells anything.
        let near = if tokens.indent(*inner) == 0 { 8 } else { 40 };
        let close = match tokens.text(*inner) {
            "(" => ")",
            "[" => "]",
            _ => return false,
        };
        (i + 1..to.min(i + 1 + near)).take_while(|j| !tokens.leads(*j)).find_map(|j| match tokens.text(j) {
            text if text == close && tokens.is_sign(j) => Some(true),
            text if text == tokens.text(*inner) && tokens.is_sign(j) => Some(false),
            _ => None,
        }) == Some(true)
    }

    fn set(&mut self, token: usize, partner: usize) {
        if let Some(slot) = token.checked_sub(self.from).and_then(|i| self.partners.get_mut(i)) {
            *slot = Some(partner);
        }
    }

    /// The partner of a bracket.
    pub fn partner(&self, token: usize) -> Option<usize> {
        token.checked_sub(self.from).and_then(|i| self.partners.get(i)).copied().flatten()
    }
}
