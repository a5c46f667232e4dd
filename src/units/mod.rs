//! Dimensions and units: what may be added to what, and the exact size of each unit.
//!
//! Job: the algebra of dimensions, the table of units. May import: nothing of this crate.
//! Reading and printing of whole quantities is [`crate::data`]'s, which has exact numbers.

use std::fmt;

/// What a quantity measures, as exponents of the two base dimensions. Time is counted in
/// nanoseconds, data in bytes. `{0, 0}` is a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dimension {
    /// Exponent of time.
    pub time: i8,
    /// Exponent of data size.
    pub data: i8,
}

impl Dimension {
    /// A plain number.
    pub const NONE: Self = Self { time: 0, data: 0 };
    /// A duration.
    pub const TIME: Self = Self { time: 1, data: 0 };
    /// A size in bytes.
    pub const DATA: Self = Self { time: 0, data: 1 };

    /// The dimension of a product; `None` when an exponent leaves its range.
    pub fn times(self, other: Self) -> Option<Self> {
        Some(Self { time: self.time.checked_add(other.time)?, data: self.data.checked_add(other.data)? })
    }

    /// The dimension of a quotient; `None` when an exponent leaves its range.
    pub fn per(self, other: Self) -> Option<Self> {
        Some(Self { time: self.time.checked_sub(other.time)?, data: self.data.checked_sub(other.data)? })
    }
}

impl fmt::Display for Dimension {
    /// `duration`, `bytes`, `bytes/duration`, `duration^2`, `number`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("bytes", self.data), ("duration", self.time)];
        let power = |name: &str, n: i8| if n == 1 { name.to_owned() } else { format!("{name}^{n}") };
        let above: Vec<String> = parts.iter().filter(|(_, n)| *n > 0).map(|(s, n)| power(s, *n)).collect();
        let below: Vec<String> =
            parts.iter().filter(|(_, n)| *n < 0).map(|(s, n)| power(s, n.saturating_neg())).collect();
        match (above.is_empty(), below.is_empty()) {
            (true, true) => f.write_str("number"),
            (false, true) => f.write_str(&above.join("*")),
            (true, false) => write!(f, "1/{}", below.join("/")),
            (false, false) => write!(f, "{}/{}", above.join("*"), below.join("/")),
        }
    }
}

/// One unit that may follow a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// As written.
    pub name: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// Size in base units (ns or bytes). A whole number for all; `%` is told apart, as 1/100.
    pub scale: i64,
}

/// All units of the language but `%`, smallest first within a dimension.
pub const UNITS: &[Unit] = &[
    Unit { name: "ns", dimension: Dimension::TIME, scale: 1 },
    Unit { name: "us", dimension: Dimension::TIME, scale: 1_000 },
    Unit { name: "ms", dimension: Dimension::TIME, scale: 1_000_000 },
    Unit { name: "s", dimension: Dimension::TIME, scale: 1_000_000_000 },
    Unit { name: "m", dimension: Dimension::TIME, scale: 60_000_000_000 },
    Unit { name: "h", dimension: Dimension::TIME, scale: 3_600_000_000_000 },
    Unit { name: "d", dimension: Dimension::TIME, scale: 86_400_000_000_000 },
    Unit { name: "B", dimension: Dimension::DATA, scale: 1 },
    Unit { name: "kB", dimension: Dimension::DATA, scale: 1_000 },
    Unit { name: "KiB", dimension: Dimension::DATA, scale: 1_024 },
    Unit { name: "MB", dimension: Dimension::DATA, scale: 1_000_000 },
    Unit { name: "MiB", dimension: Dimension::DATA, scale: 1_048_576 },
    Unit { name: "GB", dimension: Dimension::DATA, scale: 1_000_000_000 },
    Unit { name: "GiB", dimension: Dimension::DATA, scale: 1_073_741_824 },
];

/// The unit of this name.
pub fn unit(name: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|u| u.name == name)
}
