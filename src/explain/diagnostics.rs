//! What this layer has to say: one function a mistake, one code for each way to be wrong.

use super::Kind;
use crate::diag::{Code, Diagnostic, did_you_mean, printable};
use std::path::Path;

/// No such word.
const UNKNOWN_WORD: Code = Code("rspp::explain::unknown-word");
/// A saved report that cannot be read, or does not hold what is asked for.
const RUN: Code = Code("rspp::explain::run");

/// Every code of this layer, in the order of the alphabet.
pub const CODES: &[Code] = &[RUN, UNKNOWN_WORD];

fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let text = printable(text);
    if text.chars().count() <= LONGEST {
        return text.into_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// There is nothing of this name.
pub(super) fn unknown_word(word: &str, kind: Option<Kind>, names: &[(&str, Kind)], policy: bool) -> Diagnostic {
    let what = match kind {
        Some(kind) => format!("no {} `{}`", kind.word(), shown(word)),
        None if policy => format!("nothing is called `{}`", shown(word)),
        None => format!("no function, format or code is called `{}`, and there is no policy here", shown(word)),
    };
    let diagnostic = Diagnostic::general(UNKNOWN_WORD, what);
    let found = |f: &dyn Fn(&str) -> bool| names.iter().map(|(n, _)| *n).find(|n| f(n));
    // A gate is often remembered by its last part, or by its first letters.
    let near = found(&|n| n.rsplit(['.', ':']).next() == Some(word))
        .or_else(|| did_you_mean(word, names.iter().map(|(n, _)| *n)))
        .or_else(|| found(&|n| word.len() > 1 && n.starts_with(word)))
        .or_else(|| found(&|n| word.len() > 2 && n.contains(word)));
    match near {
        Some(near) => {
            let kind = names.iter().find(|(n, _)| *n == near).map_or(Kind::Gate, |(_, k)| *k);
            diagnostic.help(format!("did you mean the {} `{}`?", kind.word(), shown(near)))
        }
        None if policy => diagnostic.help(
            "`rspp-gates list` shows gates and profiles; functions stand in the reference; `rspp-gates explain` lists \
             all codes",
        ),
        None => diagnostic.help("name the folder that holds `gates/` and `profiles/` with `--policy DIR`"),
    }
}

/// There is something of this name, of another kind.
pub(super) fn other_kind(word: &str, kind: Kind, is: Kind) -> Diagnostic {
    let message = format!("no {} `{}`", kind.word(), shown(word));
    Diagnostic::general(UNKNOWN_WORD, message).help(format!(
        "there is a {} of this name: leave `--kind` out, or write `--kind {}`",
        is.word(),
        is.option()
    ))
}

/// A saved report cannot be read.
pub(super) fn report_unreadable(path: &Path, why: &str) -> Diagnostic {
    let message = format!("the report `{}` cannot be read: {}", shown(&path.display().to_string()), shown(why));
    Diagnostic::general(RUN, message).help("write one with `rspp-gates run PROFILE --report json=FILE`")
}

/// A saved report is of another form.
pub(super) fn report_form(path: &Path, found: Option<&str>, due: &str) -> Diagnostic {
    let found = match found {
        Some(found) => format!("it says `schema_version` \"{}\"", shown(found)),
        None => "it has no `schema_version`".to_owned(),
    };
    let message = format!("`{}` is no report of this program: {found}", shown(&path.display().to_string()));
    Diagnostic::general(RUN, message).help(format!("reports that can be read say \"{due}\""))
}

/// A saved report does not hold the gate.
pub(super) fn report_gate<'a>(
    path: &Path,
    gate: &str,
    profile: &str,
    gates: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let message = format!(
        "the report `{}` (profile `{}`) does not hold the gate `{}`",
        shown(&path.display().to_string()),
        shown(profile),
        shown(gate)
    );
    let diagnostic = Diagnostic::general(RUN, message);
    match did_you_mean(gate, gates.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{}`?", shown(near))),
        None => {
            let few: Vec<String> = gates.take(12).map(|g| format!("`{}`", shown(g))).collect();
            if few.is_empty() { diagnostic } else { diagnostic.help(format!("it holds {}", few.join(", "))) }
        }
    }
}

/// `--run` or `--profile` with something that is no gate.
pub(super) fn only_of_gates(option: &str, word: &str, kind: Kind) -> Diagnostic {
    let message = format!("`{option}` explains a gate, and `{}` is {}", shown(word), kind.noun());
    Diagnostic::general(UNKNOWN_WORD, message).help(format!("leave `{option}` out, or name a gate"))
}

/// The page of something that was found is not there: a bug.
pub(super) fn no_page(word: &str) -> Diagnostic {
    Diagnostic::general(UNKNOWN_WORD, format!("the page of `{}` cannot be made", shown(word)))
        .help("please report this as a bug, with the policy if you can")
}
