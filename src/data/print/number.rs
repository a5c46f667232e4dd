//! Numbers and quantities in their shortest exact form.

use crate::data::{Num, Type};
use crate::units::{Dimension, UNITS, Unit};

/// Digits after the point beyond which a fraction is the better text.
const MOST_DIGITS: u32 = 38;

/// A number under its type: quantities with the unit that gives the shortest text, ratios in
/// percent; what does not end as a decimal, as a fraction.
pub fn number(n: Num, ty: &Type) -> String {
    match ty.present() {
        Type::Ratio => percent(n).unwrap_or_else(|| plain(n)),
        Type::Quantity(dimension) => quantity(n, *dimension),
        _ => plain(n),
    }
}

/// The decimal expansion, if it ends (within 38 digits after the point).
pub fn decimal(n: Num) -> Option<String> {
    let mut den = n.denominator();
    let mut digits = 0;
    for factor in [2, 5] {
        let mut count = 0;
        while den % factor == 0 {
            den /= factor;
            count += 1;
        }
        digits = count.max(digits);
    }
    if den != 1 || digits > MOST_DIGITS {
        return None;
    }
    let sign = if n.is_negative() { "-" } else { "" };
    let (size, den) = (n.numerator().unsigned_abs(), n.denominator().unsigned_abs());
    let mut out = format!("{sign}{}", size / den);
    if digits > 0 {
        out.push('.');
        let mut rest = size % den;
        for _ in 0..digits {
            let scaled = rest.checked_mul(10)?;
            out.push(char::from_digit(u32::try_from(scaled / den).ok()?, 10)?);
            rest = scaled % den;
        }
    }
    Some(out)
}

/// A number in one unit: `0.118s`; `301/3ms` where the decimal does not end.
pub(super) fn in_unit(n: Num, unit: &Unit) -> Option<String> {
    Some(format!("{}{}", plain(n.div(Num::from(unit.scale))?), unit.name))
}

/// A share in percent, if that ends as a decimal.
pub(super) fn percent(n: Num) -> Option<String> {
    Some(format!("{}%", decimal(n.mul(Num::int(100))?)?))
}

pub(super) fn plain(n: Num) -> String {
    decimal(n).unwrap_or_else(|| format!("{}/{}", n.numerator(), n.denominator()))
}

fn quantity(n: Num, dimension: Dimension) -> String {
    if dimension == Dimension::TIME || dimension == Dimension::DATA {
        return shortest(n, dimension);
    }
    if dimension == Dimension::NONE {
        return plain(n);
    }
    // Compounds are counted in bytes and nanoseconds and shown in bytes and seconds.
    let nanoseconds = Num::int(1_000_000_000);
    let mut shown = Some(n);
    for _ in 0..dimension.time.unsigned_abs() {
        shown = shown.and_then(|n| if dimension.time < 0 { n.mul(nanoseconds) } else { n.div(nanoseconds) });
    }
    let Some(shown) = shown else { return format!("{} {dimension} (bytes, ns)", plain(n)) };
    let power = |name: &str, n: u8| if n == 1 { name.to_owned() } else { format!("{name}^{n}") };
    let seconds = match dimension.time {
        0 => String::new(),
        n if n < 0 => format!("/{}", power("s", n.unsigned_abs())),
        n => power("s", n.unsigned_abs()),
    };
    match dimension.data {
        1 if dimension.time < 0 => format!("{}{seconds}", shortest(shown, Dimension::DATA)),
        0 => format!("{}{seconds}", plain(shown)),
        data if data < 0 => {
            let above = if dimension.time > 0 { seconds.as_str() } else { "" };
            let below = if dimension.time < 0 { seconds.as_str() } else { "" };
            format!("{}{above}/{}{below}", plain(shown), power("B", data.unsigned_abs()))
        }
        data => {
            let times = if dimension.time > 0 { "*" } else { "" };
            format!("{}{}{times}{seconds}", plain(shown), power("B", data.unsigned_abs()))
        }
    }
}

/// The unit that gives the shortest text. Units that leave a zero before the point come last
/// (`100ms`, not `0.1s`); of equally short texts, a few digits without a point (`150s`, not `2.5m`),
/// then the larger unit.
fn shortest(n: Num, dimension: Dimension) -> String {
    if n.is_zero() {
        return if dimension == Dimension::DATA { "0B".to_owned() } else { "0s".to_owned() };
    }
    let texts = UNITS.iter().filter(|u| u.dimension == dimension).filter_map(|unit| {
        let scaled = n.div(Num::from(unit.scale))?;
        let text = plain(scaled);
        let below_one = scaled.numerator().unsigned_abs() < scaled.denominator().unsigned_abs();
        let rank = (text.contains('/'), below_one, text.len() + unit.name.len(), text.contains('.') || text.len() > 4);
        Some((rank, std::cmp::Reverse(unit.scale), format!("{text}{}", unit.name)))
    });
    texts.min().map_or_else(|| plain(n), |(_, _, text)| text)
}
