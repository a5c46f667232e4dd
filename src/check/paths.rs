//! Paths of evidence as written: relative, with `/`, below the evidence root; patterns and the
//! names in them.

/// What is wrong with a path, in words that follow "because"; `None` when nothing is.
pub(super) fn problem(path: &str) -> Option<String> {
    if path.trim().is_empty() {
        return Some("it is empty".to_owned());
    }
    if path.contains('\\') {
        return Some("folders are parted by `/` on every system".to_owned());
    }
    if path.starts_with('/') || path.starts_with('~') || drive(path) {
        return Some("it must be relative to the evidence root".to_owned());
    }
    if path.chars().any(char::is_control) {
        return Some("it holds a control character".to_owned());
    }
    for part in path.split('/') {
        match part {
            ".." => return Some("`..` would lead out of the evidence root".to_owned()),
            "" => return Some("it holds an empty part (`//`, or a `/` at the end)".to_owned()),
            "." => return Some("`.` stands for nothing here".to_owned()),
            _ => {}
        }
    }
    None
}

fn drive(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

/// What is wrong with a pattern beyond its path.
pub(super) fn pattern_problem(pattern: &str) -> Option<String> {
    let mut seen: Vec<&str> = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        if before.contains('}') {
            return Some("a `}` has no `{` before it".to_owned());
        }
        let Some((name, tail)) = after.split_once('}') else {
            return Some("a `{` is not closed".to_owned());
        };
        if !super::shapes::is_word(name) {
            return Some(format!("`{{{name}}}` is no name of a field"));
        }
        if seen.contains(&name) {
            return Some(format!("`{{{name}}}` stands in it twice"));
        }
        seen.push(name);
        if tail.starts_with('{') {
            return Some("two names in braces need something between them".to_owned());
        }
        rest = tail;
    }
    if rest.contains('}') {
        return Some("a `}` has no `{` before it".to_owned());
    }
    let glob = captures(pattern).fold(pattern.to_owned(), |p, name| p.replace(&format!("{{{name}}}"), "*"));
    globset::GlobBuilder::new(&glob)
        .literal_separator(true)
        .build()
        .err()
        .map(|e| format!("it is no pattern: {}", e.kind()))
}

/// The names in braces of a pattern, in order.
pub(super) fn captures(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// What follows the last dot of the last part.
pub(super) fn ending(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_root() {
        for good in ["a.json", ".hidden/ops/report.json", "a b/c..d.jsonl"] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in ["", " ", "/a", "~/a", "C:/a", "a\\b", "../a", "a/../b", "a//b", "a/", "./a", "a\u{7}"] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn names_in_patterns_are_found_and_checked() {
        assert_eq!(captures("a/{kind}/{day}.json").collect::<Vec<_>>(), ["kind", "day"]);
        for good in ["a/*.json", "a/{kind}/*.json", "a/**/x?.json", "a/{b}-{c}.json"] {
            assert_eq!(pattern_problem(good), None, "{good}");
        }
        for bad in ["{a", "a}", "{a}{b}.json", "{a}/{a}.json", "{a b}.json", "{}.json", "[a.json", "}a{b}"] {
            assert!(pattern_problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn endings() {
        assert_eq!(ending("a.b/c.json"), "json");
        assert_eq!(ending("a.b/c"), "");
    }
}
