//! Which files a pattern names: the walk below a root, in the order of names, never out of it.

use super::diagnostics;
use super::reading::FoundFile;
use crate::data::EvidenceFault;
use crate::host::{EntryKind, Host, Root, RootError};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A pattern of paths: parts separated by `/`. In a part, `*` stands for any characters, `?` for
/// one, `[a-z]` for one of these, `[!a-z]` for another one, and `{name}` for at least one, which
/// are remembered; the part `**` stands for any folders, or none. A part that does not begin with
/// a dot names nothing that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `**`
    Folders,
    /// Without anything special in it.
    Plain(String),
    Pieces(Vec<Piece>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Vec<char>),
    Any,
    One(OneOf),
    Named(Arc<str>),
}

/// Characters that may stand in one place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct OneOf {
    ranges: Vec<(char, char)>,
    /// All but these.
    others: bool,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut names = BTreeSet::new();
        let parts = text.split('/').map(|part| Part::parse(part, &mut names)).collect::<Result<_, _>>()?;
        Ok(Self { parts })
    }

    /// The names in braces.
    pub fn names(&self) -> Vec<Arc<str>> {
        let pieces = self.parts.iter().flat_map(|part| match part {
            Part::Pieces(pieces) => pieces.as_slice(),
            Part::Folders | Part::Plain(_) => &[],
        });
        let named = pieces.filter_map(|piece| match piece {
            Piece::Named(name) => Some(name.clone()),
            _ => None,
        });
        named.collect()
    }
}

impl Part {
    fn parse(text: &str, names: &mut BTreeSet<Arc<str>>) -> Result<Self, String> {
        if text == "**" {
            return Ok(Self::Folders);
        }
        if !text.contains(SPECIAL) {
            return Ok(Self::Plain(text.to_owned()));
        }
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, special, after)) = split_special(rest) {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.chars().collect()));
            }
            rest = match special {
                '*' => {
                    pieces.push(Piece::Any);
                    after
                }
                '?' => {
                    pieces.push(Piece::One(OneOf { ranges: Vec::new(), others: true }));
                    after
                }
                '[' => {
                    let (class, after) = OneOf::parse(after)?;
                    pieces.push(Piece::One(class));
                    after
                }
                '{' => {
                    let (name, after) = after.split_once('}').ok_or("a `{` is not closed")?;
                    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                        return Err(format!("`{{{}}}` is no name of a field", diagnostics::cut(name)));
                    }
                    if !names.insert(name.into()) {
                        return Err(format!("`{{{name}}}` stands in it twice"));
                    }
                    pieces.push(Piece::Named(name.into()));
                    after
                }
                _ => return Err("a `}` has no `{` before it".to_owned()),
            };
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.chars().collect()));
        }
        Ok(Self::Pieces(pieces))
    }

    /// What a name's named pieces are, if it matches: each as short as can be, from the left.
    fn matches(&self, name: &str) -> Option<Vec<(Arc<str>, Arc<str>)>> {
        match self {
            Self::Folders => Some(Vec::new()),
            Self::Plain(text) => (text == name).then(Vec::new),
            Self::Pieces(pieces) => {
                let dotted = matches!(pieces.first(), Some(Piece::Text(t)) if t.first() == Some(&'.'));
                if name.starts_with('.') && !dotted {
                    return None;
                }
                match_pieces(pieces, &name.chars().collect::<Vec<_>>())
            }
        }
    }
}

/// Characters with a meaning of their own.
const SPECIAL: [char; 5] = ['*', '?', '[', '{', '}'];

/// What stands before the first of them, itself, and what stands after it.
fn split_special(text: &str) -> Option<(&str, char, &str)> {
    let (before, from) = text.split_at_checked(text.find(SPECIAL)?)?;
    let special = from.chars().next()?;
    Some((before, special, from.get(special.len_utf8()..)?))
}

impl OneOf {
    /// Reads what follows a `[`; gives what follows its `]`.
    fn parse(text: &str) -> Result<(Self, &str), String> {
        let (others, text) = match text.strip_prefix(['!', '^']) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        // A `]` that stands first is one of the characters.
        let first = text.chars().next().map_or(0, char::len_utf8);
        let end = text.get(first..).and_then(|rest| rest.find(']')).ok_or("a `[` is not closed")? + first;
        let (inside, after) = text.split_at_checked(end).unwrap_or((text, ""));
        let (inside, mut ranges): (Vec<char>, _) = (inside.chars().collect(), Vec::new());
        let mut rest = inside.as_slice();
        loop {
            rest = match rest {
                [low, '-', high, tail @ ..] => {
                    ranges.push((*low, *high));
                    tail
                }
                [one, tail @ ..] => {
                    ranges.push((*one, *one));
                    tail
                }
                [] => break,
            };
        }
        Ok((Self { ranges, others }, after.strip_prefix(']').unwrap_or(after)))
    }

    fn holds(&self, c: char) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != self.others
    }
}

fn match_pieces(pieces: &[Piece], name: &[char]) -> Option<Vec<(Arc<str>, Arc<str>)>> {
    // ends[i][j]: pieces from i on match the name from j on.
    let mut ends = vec![vec![false; name.len() + 1]; pieces.len() + 1];
    let holds = |ends: &Vec<Vec<bool>>, i: usize, j: usize| ends.get(i).and_then(|e| e.get(j)) == Some(&true);
    for i in (0..=pieces.len()).rev() {
        for j in (0..=name.len()).rev() {
            let rest = name.get(j..).unwrap_or_default();
            let found = match pieces.get(i) {
                None => rest.is_empty(),
                Some(Piece::Text(text)) => rest.starts_with(text) && holds(&ends, i + 1, j + text.len()),
                Some(Piece::Any) => holds(&ends, i + 1, j) || holds(&ends, i, j + 1),
                Some(Piece::One(class)) => rest.first().is_some_and(|c| class.holds(*c)) && holds(&ends, i + 1, j + 1),
                Some(Piece::Named(_)) => holds(&ends, i + 1, j + 1) || holds(&ends, i, j + 1),
            };
            if let Some(slot) = ends.get_mut(i).and_then(|e| e.get_mut(j)) {
                *slot = found;
            }
        }
    }
    if !holds(&ends, 0, 0) {
        return None;
    }
    let (mut named, mut at) = (Vec::new(), 0);
    for (i, piece) in pieces.iter().enumerate() {
        let least = match piece {
            Piece::Text(text) => text.len(),
            Piece::Any => 0,
            Piece::One(_) | Piece::Named(_) => 1,
        };
        let end = (at + least..=name.len()).find(|j| holds(&ends, i + 1, *j))?;
        if let Piece::Named(field) = piece {
            let text: String = name.get(at..end).unwrap_or_default().iter().collect();
            named.push((field.clone(), text.into()));
        }
        at = end;
    }
    Some(named)
}

/// Walks folders for one pattern.
pub(super) struct Walk<'w> {
    pub host: &'w dyn Host,
    /// Confines what is found; `None` for patterns of the command line, which are trusted.
    pub root: Option<&'w Root>,
    /// As people know it.
    pub pattern: &'w str,
    /// Entries that may be looked at.
    pub entries: usize,
}

type Captures = BTreeMap<Arc<str>, Arc<str>>;

/// A folder on the way.
#[derive(Clone)]
struct Here {
    path: PathBuf,
    /// Its path as people know it; empty at the start.
    shown: String,
    captures: Captures,
    /// Folders above it, links resolved, as far as the walk chose them itself.
    above: Vec<PathBuf>,
}

impl Walk<'_> {
    /// All files that match, in the order of their shown paths.
    ///
    /// # Errors
    /// What cannot be looked at, or leads out of the root.
    pub fn files(&mut self, base: &Path, pattern: &Pattern, prefix: &str) -> Result<Vec<FoundFile>, EvidenceFault> {
        let mut found = BTreeMap::new();
        let here =
            Here { path: base.to_owned(), shown: prefix.to_owned(), captures: Captures::new(), above: Vec::new() };
        self.walk(&here, &pattern.parts, &mut found)?;
        Ok(found.into_values().collect())
    }

    fn walk(
        &mut self,
        here: &Here,
        parts: &[Part],
        found: &mut BTreeMap<String, FoundFile>,
    ) -> Result<(), EvidenceFault> {
        let Some((part, rest)) = parts.split_first() else { return Ok(()) };
        match part {
            Part::Plain(name) => {
                let next = here.step(name, Vec::new());
                match self.kind(&next)? {
                    Some(kind) => self.arrive(next, kind, rest, found),
                    None => Ok(()),
                }
            }
            Part::Pieces(_) => {
                for (name, kind) in self.list(here)? {
                    if let Some(captures) = part.matches(&name) {
                        self.arrive(here.step(&name, captures), kind, rest, found)?;
                    }
                }
                Ok(())
            }
            Part::Folders => {
                // `a/**` means everything below; `a/**/x` also means `a/x`.
                if rest.is_empty() {
                    for (name, kind) in self.list(here)? {
                        if kind == EntryKind::File && !name.starts_with('.') {
                            self.arrive(here.step(&name, Vec::new()), kind, rest, found)?;
                        }
                    }
                } else {
                    self.walk(here, rest, found)?;
                }
                for (name, kind) in self.list(here)? {
                    if kind != EntryKind::Folder || name.starts_with('.') {
                        continue;
                    }
                    let mut below = here.step(&name, Vec::new());
                    let resolved = self.confined(&below)?;
                    // A link back to a folder above shows nothing new.
                    if here.above.contains(&resolved) {
                        continue;
                    }
                    below.above.push(resolved);
                    self.walk(&below, parts, found)?;
                }
                Ok(())
            }
        }
    }

    /// Takes a name that matches: a file at the pattern's end, a folder before it.
    fn arrive(
        &mut self,
        at: Here,
        kind: EntryKind,
        rest: &[Part],
        found: &mut BTreeMap<String, FoundFile>,
    ) -> Result<(), EvidenceFault> {
        match (kind, rest.is_empty()) {
            (EntryKind::Folder, false) => {
                self.confined(&at)?;
                self.walk(&at, rest, found)
            }
            (EntryKind::File, true) => {
                let path = self.confined(&at)?;
                let shown: Arc<str> = at.shown.as_str().into();
                found.insert(at.shown, FoundFile { shown, path, captures: at.captures.into_iter().collect() });
                Ok(())
            }
            (EntryKind::Other, true) => {
                let what = "a device, a pipe or a link that leads nowhere";
                Err(diagnostics::not_a_file(&at.shown, what))
            }
            // A folder where a file is due, or the other way round, does not match.
            _ => Ok(()),
        }
    }

    /// The path with links resolved, which stays below the root.
    fn confined(&self, at: &Here) -> Result<PathBuf, EvidenceFault> {
        let resolved = self.host.canonical(&at.path).map_err(|e| diagnostics::unreadable(&at.shown, &e))?;
        match self.root {
            Some(root) if !resolved.starts_with(root.folder()) => {
                Err(diagnostics::path(&at.shown, &RootError::Outside.to_string()))
            }
            _ => Ok(resolved),
        }
    }

    fn kind(&self, at: &Here) -> Result<Option<EntryKind>, EvidenceFault> {
        self.host.kind(&at.path).map_err(|e| diagnostics::unreadable(&at.shown, &e))
    }

    fn list(&mut self, at: &Here) -> Result<Vec<(String, EntryKind)>, EvidenceFault> {
        let shown = if at.shown.is_empty() { "." } else { &at.shown };
        let names = match self.host.list(&at.path) {
            Ok(names) => names,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(diagnostics::unreadable(shown, &e)),
        };
        match self.entries.checked_sub(names.len()) {
            Some(left) => self.entries = left,
            None => return Err(diagnostics::too_many_files(self.pattern, self.entries)),
        }
        Ok(names)
    }
}

impl Here {
    fn step(&self, name: &str, captures: Vec<(Arc<str>, Arc<str>)>) -> Self {
        let mut next = self.clone();
        next.path.push(name);
        if !next.shown.is_empty() && !next.shown.ends_with('/') {
            next.shown.push('/');
        }
        next.shown.push_str(name);
        next.captures.extend(captures);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::MemHost;

    fn host() -> MemHost {
        let host = MemHost::new();
        for path in [
            "runs/eu/b.json",
            "runs/eu/a.json",
            "runs/us/a.json",
            "runs/us/deep/c.json",
            "runs/.hidden/a.json",
            "runs/us/.a.json",
            "runs/readme.md",
            "other.json",
        ] {
            host.put(format!("/root/{path}"), b"1");
        }
        host
    }

    fn walk(host: &MemHost, pattern: &str) -> Result<Vec<FoundFile>, EvidenceFault> {
        let root = Root::new(host, Path::new("/root")).unwrap();
        let mut walk = Walk { host, root: Some(&root), pattern, entries: 1000 };
        walk.files(root.folder(), &Pattern::parse(pattern).unwrap(), "")
    }

    #[track_caller]
    fn finds(pattern: &str, expected: &[&str]) {
        let found = walk(&host(), pattern).unwrap();
        assert_eq!(found.iter().map(|f| &*f.shown).collect::<Vec<_>>(), expected, "{pattern}");
    }

    #[test]
    fn files_come_in_the_order_of_their_names() {
        finds("runs/*/a.json", &["runs/eu/a.json", "runs/us/a.json"]);
        finds("runs/eu/*.json", &["runs/eu/a.json", "runs/eu/b.json"]);
        finds("runs/**/*.json", &["runs/eu/a.json", "runs/eu/b.json", "runs/us/a.json", "runs/us/deep/c.json"]);
        finds("**/a.json", &["runs/eu/a.json", "runs/us/a.json"]);
        finds("runs/us/**", &["runs/us/a.json", "runs/us/deep/c.json"]);
        finds("**/**/c.json", &["runs/us/deep/c.json"]);
        finds("other.json", &["other.json"]);
        finds("runs/.*/a.json", &["runs/.hidden/a.json"]);
        finds("runs/us/.*.json", &["runs/us/.a.json"]);
        finds("runs/*", &["runs/readme.md"]);
        finds("runs/e?/[a].json", &["runs/eu/a.json"]);
        finds("runs/eu/[!a-z].json", &[]);
        finds("runs/eu/[!]b].json", &["runs/eu/a.json"]);
        finds("runs/e**u/a.json", &["runs/eu/a.json"]);
        finds("nothing/*/x", &[]);
        finds("runs/eu/a.json/x", &[]);
    }

    #[test]
    fn parts_of_paths_are_remembered_as_short_as_can_be() {
        let host = MemHost::new();
        host.put("/root/eu-west-1.run-7.json", b"");
        let found = walk(&host, "{region}-{zone}.run-{n}.json").unwrap();
        let named: Vec<(&str, &str)> = found[0].captures.iter().map(|(n, t)| (&**n, &**t)).collect();
        assert_eq!(named, [("n", "7"), ("region", "eu"), ("zone", "west-1")]);
        assert!(walk(&host, "{region}{zone}x.json").unwrap().is_empty());
    }

    #[test]
    fn patterns_that_mean_nothing_are_refused() {
        for bad in ["{a", "a}", "{}", "{a b}", "{a}/{a}", "[a", "[]"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn links_that_lead_out_are_not_followed_in_silence() {
        let host = host();
        host.put("/elsewhere/a.json", b"1");
        host.link("/root/runs/zz", "/elsewhere");
        for pattern in ["runs/*/a.json", "**/a.json", "runs/zz/a.json"] {
            assert_eq!(walk(&host, pattern).unwrap_err().code, "rspp::evidence::path", "{pattern}");
        }
        let host = MemHost::new();
        host.put("/elsewhere/a.json", b"1");
        host.put("/root/b.json", b"1");
        host.link("/root/a.json", "/elsewhere/a.json");
        assert_eq!(walk(&host, "*.json").unwrap_err().code, "rspp::evidence::path");
    }

    #[test]
    fn links_in_a_circle_end() {
        let host = host();
        host.link("/root/runs/us/up", "/root/runs");
        let found = walk(&host, "**/c.json").unwrap();
        assert!(found.iter().any(|f| &*f.shown == "runs/us/deep/c.json"));
        assert!(found.len() < 4);
    }

    #[test]
    fn a_pipe_that_matches_is_told() {
        let host = host();
        host.special("/root/runs/eu/x.json");
        assert_eq!(walk(&host, "runs/eu/*.json").unwrap_err().code, "rspp::evidence::not-a-file");
    }

    #[test]
    fn the_walk_is_bounded() {
        let host = host();
        let root = Root::new(&host, Path::new("/root")).unwrap();
        let mut walk = Walk { host: &host, root: Some(&root), pattern: "**/x", entries: 5 };
        let fault = walk.files(root.folder(), &Pattern::parse("**/x").unwrap(), "").unwrap_err();
        assert_eq!(fault.code, "rspp::evidence::too-many-files");
    }
}
