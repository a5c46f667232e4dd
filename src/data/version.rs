//! Semantic versions (semver.org 2.0.0): order by number, then pre-release; build parts ignored.

use std::cmp::Ordering;
use std::fmt;

/// A semantic version. `v1.2` is `v1.2.0`. Equality and order ignore build parts.
#[derive(Debug, Clone)]
pub struct Version {
    numbers: [u64; 3],
    pre: Vec<Identifier>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl Version {
    /// Reads `v1.2`, `1.2.3`, `v1.2.0-rc.1+build`; a leading `v` is optional, one to three
    /// numbers are accepted.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split_once('+').map_or(text, |(head, _)| head);
        let (core, pre) = match text.split_once('-') {
            Some((core, pre)) => (core, pre.split('.').map(identifier).collect::<Option<Vec<_>>>()?),
            None => (text, Vec::new()),
        };
        let mut numbers = [0; 3];
        for (count, part) in core.split('.').enumerate() {
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            *numbers.get_mut(count)? = part.parse().ok()?;
        }
        Some(Self { numbers, pre })
    }

    /// First number.
    pub fn major(&self) -> u64 {
        self.numbers[0]
    }

    /// Second number.
    pub fn minor(&self) -> u64 {
        self.numbers[1]
    }

    /// Third number.
    pub fn patch(&self) -> u64 {
        self.numbers[2]
    }

    /// Whether it has a pre-release part, and so comes before the version without.
    pub fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }
}

fn identifier(text: &str) -> Option<Identifier> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Identifier::Number);
    }
    Some(Identifier::Word(text.to_owned()))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.numbers[0], self.numbers[1], self.numbers[2])?;
        for (i, part) in self.pre.iter().enumerate() {
            f.write_str(if i == 0 { "-" } else { "." })?;
            match part {
                Identifier::Number(n) => write!(f, "{n}")?,
                Identifier::Word(w) => f.write_str(w)?,
            }
        }
        Ok(())
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // A version with a pre-release comes before the same one without.
        self.numbers.cmp(&other.numbers).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.pre.cmp(&other.pre),
        })
    }
}
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Version {}
impl std::hash::Hash for Version {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.numbers.hash(state);
        self.pre.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_semver_s() {
        let order = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "v1.0.1",
            "v1.2",
            "2",
        ];
        let parsed: Vec<_> = order.iter().map(|t| Version::parse(t).unwrap()).collect();
        assert!(parsed.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(Version::parse("v1.2"), Version::parse("1.2.0+build.7"));
        for bad in ["", "v", "1.", "1.2.3.4", "1.x", "1.0-", "1.0-a..b", "1.0-a_b"] {
            assert_eq!(Version::parse(bad), None, "{bad}");
        }
    }
}
