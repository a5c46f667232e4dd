//! Proof that a layout lost nothing: it is read again and compared.

use super::gaps::gaps;
use super::order;
use crate::source::SourceId;
use crate::syntax::concrete::{Concrete, Kind, Node, Rule, concrete};

/// Reads a layout again. It has the tokens of a text in the order `printed`, the same structure but for
/// commas and the order of clauses, every comment at the same token, and the same mistakes; else it
/// is refused.
///
/// # Errors
/// What differs.
pub(super) fn same(
    source: SourceId,
    (text, read): (&str, &Concrete),
    laid: &str,
    printed: &[usize],
) -> Result<Concrete, &'static str> {
    let (again, _) = concrete(source, laid, read.coarse);
    let again = again.ok_or("it is too large")?;
    let codes = |c: &Concrete| {
        let mut codes: Vec<String> = c.diagnostics.iter().map(|d| d.code.0.to_owned()).collect();
        codes.sort();
        codes
    };
    if codes(read) != codes(&again) {
        return Err("it has other mistakes");
    }
    let before = Side { text, read };
    let after = Side { text: laid, read: &again };
    let mut all = printed.to_vec();
    all.sort_unstable();
    if all != before.tokens() {
        return Err("a token is missing, or there twice");
    }
    let tokens = after.tokens();
    let word = |side: &Side<'_>, token: usize| side.word(token).to_owned();
    if tokens.len() != printed.len() || tokens.iter().zip(printed).any(|(a, b)| word(&after, *a) != word(&before, *b)) {
        return Err("a token differs");
    }
    if before.form() != after.form() {
        return Err("a part belongs elsewhere");
    }
    let own: Vec<usize> = before.tokens();
    if before.remarks(&own) != after.remarks(printed) {
        return Err("a comment is missing or belongs elsewhere");
    }
    Ok(again)
}

struct Side<'t> {
    text: &'t str,
    read: &'t Concrete,
}

/// A comment: the token it stands at, whether it stands behind it, and which it is of these.
type Place = (usize, bool, usize, String);

impl Side<'_> {
    /// All tokens that are no commas.
    fn tokens(&self) -> Vec<usize> {
        self.read.tokens.iter().enumerate().filter(|(_, t)| !t.comma).map(|(i, _)| i).collect()
    }

    fn word(&self, token: usize) -> &str {
        self.read.tokens.get(token).and_then(|t| self.text.get(t.start..t.end)).unwrap_or("")
    }

    /// Comments and their tokens, by the numbers in `names`, one for each token that is no comma.
    fn remarks(&self, names: &[usize]) -> Vec<Place> {
        let mut places = Vec::new();
        let mut passed: usize = 0;
        for (token, gap) in gaps(self.text, self.read).into_iter().enumerate() {
            for (i, remark) in gap.remarks.into_iter().enumerate() {
                let at = if remark.trailing { passed.checked_sub(1) } else { Some(passed) };
                let name = at.and_then(|at| names.get(at)).copied().unwrap_or(usize::MAX);
                places.push((name, remark.trailing, i, remark.text));
            }
            if self.read.tokens.get(token).is_some_and(|t| !t.comma) {
                passed += 1;
            }
        }
        // A comment that trails takes the first place before the others.
        places.sort_by_key(|place| (place.0, !place.1, place.2));
        for place in &mut places {
            place.2 = 0;
        }
        places
    }

    /// The structure as a text.
    fn form(&self) -> String {
        let mut out = String::new();
        for piece in &self.read.pieces {
            self.form_of(piece, &mut out);
        }
        out
    }

    fn form_of(&self, node: &Node, out: &mut String) {
        if node.is(Rule::comma) {
            return;
        }
        if node.parts.is_empty() {
            out.push_str(&format!("{:?} ", node.kind));
            out.push_str(self.word(node.first));
            out.push('\n');
            return;
        }
        out.push_str(&format!("({:?}\n", node.kind));
        let ordered = matches!(
            node.rule(),
            Some(Rule::gate_block | Rule::evidence_decl | Rule::evidence_override | Rule::profile_decl)
        );
        let place = |part: &Node| {
            if ordered && !part.is(Rule::comma) { order::place(part, self.word(part.first)) } else { None }
        };
        let mut clauses: Vec<(u32, &Node)> = Vec::new();
        for part in &node.parts {
            match place(part) {
                Some(at) if !matches!(node.kind, Kind::Broken(_)) => clauses.push((at, part)),
                _ => self.form_of(part, out),
            }
        }
        clauses.sort_by_key(|(at, _)| *at);
        for (_, clause) in clauses {
            self.form_of(clause, out);
        }
        out.push_str(")\n");
    }
}
