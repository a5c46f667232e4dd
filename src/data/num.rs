//! Exact numbers: a fraction of two 128-bit integers, always in lowest terms.
//!
//! All arithmetic is checked: a result that does not fit is `None`, which callers turn into
//! [`super::Fault::Overflow`]. Nothing rounds and nothing wraps.

use std::cmp::Ordering;

/// An exact rational number. The denominator is positive and the fraction is in lowest terms,
/// so equal numbers are equal field by field. Durations and instants are whole nanoseconds,
/// sizes whole bytes (means and quotients of them may be fractions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Num {
    num: i128,
    den: i128,
}

#[expect(clippy::should_implement_trait, reason = "operators cannot say that a result does not fit")]
impl Num {
    /// Zero.
    pub const ZERO: Self = Self { num: 0, den: 1 };
    /// One.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// A whole number.
    pub const fn int(n: i128) -> Self {
        Self { num: n, den: 1 }
    }

    /// The fraction `num/den` in lowest terms; `None` for a zero denominator or overflow.
    pub fn new(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let g = i128::try_from(gcd(num.unsigned_abs(), den.unsigned_abs())).ok()?;
        let (mut num, mut den) = (num.checked_div(g)?, den.checked_div(g)?);
        if den < 0 {
            (num, den) = (num.checked_neg()?, den.checked_neg()?);
        }
        Some(Self { num, den })
    }

    /// Upper part of the fraction.
    pub const fn numerator(self) -> i128 {
        self.num
    }

    /// Lower part of the fraction; at least 1.
    pub const fn denominator(self) -> i128 {
        self.den
    }

    /// The number, if it is whole.
    pub const fn as_int(self) -> Option<i128> {
        if self.den == 1 { Some(self.num) } else { None }
    }

    /// The number, if it is whole and fits.
    pub fn as_i64(self) -> Option<i64> {
        self.as_int().and_then(|n| i64::try_from(n).ok())
    }

    /// Reads a decimal text as in policies and JSON: `-12`, `0.50`, `1e3`, `2.5E-7`.
    /// `None` for other text and for what does not fit.
    pub fn parse_decimal(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((m, e)) => (m, e.parse::<i32>().ok()?),
            None => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || (mantissa.contains('.') && fraction.is_empty()) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let mut n: i128 = 0;
        for c in whole.chars().chain(fraction.chars()) {
            n = n.checked_mul(10)?.checked_add(i128::from(c.to_digit(10)?))?;
        }
        if negative {
            n = -n;
        }
        if n == 0 {
            return Some(Self::ZERO);
        }
        let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        let power = 10i128.checked_pow(shift.unsigned_abs())?;
        if shift >= 0 { Some(Self::int(n.checked_mul(power)?)) } else { Self::new(n, power) }
    }

    /// Sum.
    pub fn add(self, other: Self) -> Option<Self> {
        if self.den == 1 && other.den == 1 {
            return Some(Self::int(self.num.checked_add(other.num)?));
        }
        let g = i128::try_from(gcd(self.den.unsigned_abs(), other.den.unsigned_abs())).ok()?;
        let scale = other.den / g;
        let num = self.num.checked_mul(scale)?.checked_add(other.num.checked_mul(self.den / g)?)?;
        Self::new(num, self.den.checked_mul(scale)?)
    }

    /// Difference.
    pub fn sub(self, other: Self) -> Option<Self> {
        self.add(other.neg()?)
    }

    /// Product.
    pub fn mul(self, other: Self) -> Option<Self> {
        let a = Self::new(self.num, other.den)?;
        let b = Self::new(other.num, self.den)?;
        Some(Self { num: a.num.checked_mul(b.num)?, den: a.den.checked_mul(b.den)? })
    }

    /// Quotient; `None` for division by zero too: ask [`Num::is_zero`] first.
    pub fn div(self, other: Self) -> Option<Self> {
        self.mul(Self::new(other.den, other.num)?)
    }

    /// The number with the other sign.
    pub fn neg(self) -> Option<Self> {
        Some(Self { num: self.num.checked_neg()?, den: self.den })
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.num == 0
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.num < 0
    }

    /// The greatest whole number not above it.
    pub const fn floor(self) -> i128 {
        self.num.div_euclid(self.den)
    }

    /// The least whole number not below it; `None` when it does not fit.
    pub fn ceil(self) -> Option<i128> {
        if self.den == 1 { Some(self.num) } else { self.floor().checked_add(1) }
    }

    /// The nearest whole number, halves to the even one.
    pub fn round_half_even(self) -> Option<i128> {
        let (below, rest) = (self.floor(), self.num.rem_euclid(self.den));
        let up = match rest.cmp(&(self.den - rest)) {
            Ordering::Less => false,
            Ordering::Equal => below % 2 != 0,
            Ordering::Greater => true,
        };
        if up { below.checked_add(1) } else { Some(below) }
    }

    /// The number without its sign.
    pub fn abs(self) -> Option<Self> {
        Some(Self { num: self.num.checked_abs()?, den: self.den })
    }
}

impl From<i64> for Num {
    fn from(n: i64) -> Self {
        Self::int(i128::from(n))
    }
}

impl PartialOrd for Num {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Num {
    /// Exact for all values: where the cross product does not fit, whole parts are compared
    /// and the fractions turned over, as in continued fractions.
    fn cmp(&self, other: &Self) -> Ordering {
        if self.den == other.den {
            return self.num.cmp(&other.num);
        }
        if let (Some(a), Some(b)) = (self.num.checked_mul(other.den), other.num.checked_mul(self.den)) {
            return a.cmp(&b);
        }
        let (mut a, mut b, mut turned) = ((self.num, self.den), (other.num, other.den), false);
        loop {
            let (wa, wb) = (a.0.div_euclid(a.1), b.0.div_euclid(b.1));
            let (ra, rb) = (a.0.rem_euclid(a.1), b.0.rem_euclid(b.1));
            let order = match wa.cmp(&wb) {
                Ordering::Equal => match (ra, rb) {
                    (0, 0) => Ordering::Equal,
                    (0, _) => Ordering::Less,
                    (_, 0) => Ordering::Greater,
                    _ => {
                        (a, b, turned) = ((a.1, ra), (b.1, rb), !turned);
                        continue;
                    }
                },
                unequal => unequal,
            };
            return if turned { order.reverse() } else { order };
        }
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(Num::parse_decimal("0.1"), Num::new(1, 10));
        assert_eq!(Num::parse_decimal("-2.50"), Num::new(-5, 2));
        assert_eq!(Num::parse_decimal("1e3"), Some(Num::int(1000)));
        assert_eq!(Num::parse_decimal("25E-1"), Num::new(5, 2));
        assert_eq!(Num::parse_decimal("0e999999999"), Some(Num::ZERO));
        for bad in ["", "-", ".5", "1.", "1e", "x", "1e999", "--1"] {
            assert_eq!(Num::parse_decimal(bad), None, "{bad}");
        }
    }

    #[test]
    fn order_is_exact_where_the_cross_product_overflows() {
        let big = i128::MAX;
        let (Some(a), Some(b)) = (Num::new(big, big - 1), Num::new(big - 1, big - 2)) else { panic!() };
        assert_eq!(a.cmp(&b), Ordering::Less);
        assert_eq!(b.cmp(&a), Ordering::Greater);
        let (Some(a), Some(b)) = (Num::new(-big, big - 1), Num::new(-(big - 1), big - 2)) else { panic!() };
        assert_eq!(a.cmp(&b), Ordering::Greater);
    }

    #[test]
    fn arithmetic_that_does_not_fit_is_none() {
        let big = Num::int(i128::MAX);
        assert_eq!(big.add(Num::ONE), None);
        assert_eq!(big.mul(Num::int(2)), None);
        assert_eq!(Num::int(i128::MIN).neg(), None);
        assert_eq!(Num::ONE.div(Num::ZERO), None);
    }
}
