//! What stands between tokens: comments and empty lines.

use super::doc::Remark;
use crate::syntax::concrete::Concrete;

/// What stands before a token.
#[derive(Debug, Clone, Default)]
pub(super) struct Gap {
    /// Comments in order.
    pub remarks: Vec<Remark>,
    /// Line breaks between the last of them, or the token before, and the token.
    pub lines: usize,
}

/// The gaps before all tokens and the one at the end. A comma belongs to what stands before it, so
/// its gap is a part of the one behind it.
pub(super) fn gaps(text: &str, concrete: &Concrete) -> Vec<Gap> {
    let mut comments = concrete.comments.iter().peekable();
    let mut out: Vec<Gap> = Vec::with_capacity(concrete.tokens.len() + 1);
    let mut from = 0;
    let ends = concrete.tokens.iter().map(|t| (t.start, t.end)).chain([(text.len(), text.len())]);
    for (start, end) in ends {
        let mut gap = Gap::default();
        let mut at = from;
        while let Some((open, close)) = comments.next_if(|c| c.0 < start) {
            if *open < at {
                // It lies in a raw token.
                continue;
            }
            let lines = count(text, at, *open);
            let written = text.get(*open..*close).unwrap_or("").trim_end().to_owned();
            // Nothing stands before the first token that it could trail.
            let trailing = lines == 0 && gap.remarks.is_empty() && from > 0;
            gap.remarks.push(Remark { text: written, trailing, lines });
            at = *close;
        }
        gap.lines = count(text, at, start);
        from = end;
        out.push(gap);
    }
    for (i, token) in concrete.tokens.iter().enumerate() {
        if token.comma {
            let before = out.get_mut(i).map(std::mem::take).unwrap_or_default();
            if let Some(behind) = out.get_mut(i + 1) {
                join(before, behind);
            }
        }
    }
    out
}

fn join(before: Gap, behind: &mut Gap) {
    match behind.remarks.first_mut() {
        Some(first) => {
            first.lines = first.lines.max(before.lines);
            first.trailing &= before.remarks.is_empty();
        }
        None => behind.lines = behind.lines.max(before.lines),
    }
    behind.remarks.splice(0..0, before.remarks);
}

fn count(text: &str, from: usize, to: usize) -> usize {
    text.get(from..to).unwrap_or("").matches('\n').count()
}
