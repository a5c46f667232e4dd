//! Values as the documents that artifacts write: JSON in which every number is a number.

use super::json::map_key;
use super::number::decimal;
use super::{instant, number, value, word};
use crate::data::{Json, JsonKind, Num, Type, Value};
use std::sync::Arc;

/// Significant digits of a number whose decimals do not end: as many as a reader that works with
/// binary doubles keeps in any case.
const DIGITS: usize = 15;

/// A value as a document writes it. Fields that are missing are left out, keys stand in the order
/// of the type. Numbers, ratios too, are written exactly where their decimals end, else rounded to
/// fifteen significant digits, halves to the even one. Instants are RFC 3339 in UTC, with a
/// fraction of a second only where they have one; enum words are spelled as data spells them;
/// versions are texts.
pub fn document(value: &Value, ty: &Type) -> Json {
    Json { kind: kind(value, ty.present()), at: 0 }
}

fn kind(found: &Value, ty: &Type) -> JsonKind {
    let text = |text: &str| JsonKind::Text(text.into());
    match (found, ty) {
        (Value::Missing, _) => JsonKind::Null,
        (Value::Bool(b), _) => JsonKind::Bool(*b),
        (Value::Num(n), Type::Instant) => text(&instant(*n)),
        // The checker lets none of these through.
        (Value::Num(n), ty @ Type::Quantity(_)) => text(&number(*n, ty)),
        (Value::Num(n), _) => JsonKind::Number(decimal(*n).unwrap_or_else(|| rounded(*n)).into()),
        (Value::Text(t), _) => JsonKind::Text(t.clone()),
        (Value::Version(version), _) => text(&version.to_string()),
        (Value::Enum(found), Type::Enum(ty)) => {
            let member = ty.members.get(found.member as usize).filter(|_| found.word.is_none());
            match member.and_then(|m| m.spellings.first()) {
                Some(spelling) => text(spelling),
                None => text(word(found, ty)),
            }
        }
        (Value::Record(record), Type::Record(ty)) => {
            let present = ty.fields.iter().zip(record.fields.iter()).filter(|(_, v)| !v.is_missing());
            JsonKind::Object(present.map(|(f, v)| (f.name.clone(), document(v, &f.ty))).collect())
        }
        (Value::List(items), Type::Map(key, of)) => {
            let entry = |item: &Value| match item.as_record().map(|r| &r.fields[..]) {
                Some([name, item]) => Some((Arc::from(map_key(name, key)), document(item, of))),
                _ => None,
            };
            JsonKind::Object(items.iter().filter_map(entry).collect())
        }
        (Value::List(items), ty) => {
            let element = ty.element().unwrap_or(Type::Unknown);
            JsonKind::List(items.iter().map(|item| document(item, &element)).collect())
        }
        (Value::Json(json), _) => json.kind.clone(),
        (other, ty) => text(&value(other, ty)),
    }
}

/// A number whose decimals do not end, to [`DIGITS`] significant digits, halves to the even one.
fn rounded(n: Num) -> String {
    let (size, den) = (n.numerator().unsigned_abs(), n.denominator().unsigned_abs());
    let whole = (size / den).to_string();
    let mut digits: Vec<u8> = whole.bytes().map(|b| b - b'0').collect();
    let places = digits.len();
    let mut rest = size % den;
    // Zeros in front do not count.
    let mut significant = if whole == "0" { 0 } else { places };
    while significant < DIGITS && rest > 0 {
        // Ten times the rest by adding it up: the product itself may be too large.
        let (mut digit, mut sum) = (0, 0u128);
        for _ in 0..10 {
            sum += rest;
            if sum >= den {
                sum -= den;
                digit += 1;
            }
        }
        rest = sum;
        digits.push(digit);
        significant += usize::from(significant > 0 || digit > 0);
    }
    let odd = digits.last().is_some_and(|d| d % 2 == 1);
    // The rest is less than the denominator, which is less than half of the range.
    let up = rest * 2 > den || (rest * 2 == den && odd);
    let mut carry = u8::from(up);
    for digit in digits.iter_mut().rev() {
        *digit += carry;
        carry = *digit / 10;
        *digit %= 10;
    }
    let mut out = String::new();
    if n.is_negative() {
        out.push('-');
    }
    if carry > 0 {
        out.push('1');
    }
    let (whole, fraction) = digits.split_at(places.min(digits.len()));
    out.extend(whole.iter().map(|d| char::from(b'0' + d)));
    let end = fraction.iter().rposition(|d| *d > 0).map_or(0, |last| last + 1);
    if end > 0 {
        out.push('.');
        out.extend(fraction.iter().take(end).map(|d| char::from(b'0' + d)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Field, RecordType};

    #[test]
    fn numbers_are_exact_where_they_end_and_rounded_half_even_where_not() {
        for (n, d, text) in [
            (1, 1, "1"),
            (-3, 8, "-0.375"),
            (1, 3, "0.333333333333333"),
            (2, 3, "0.666666666666667"),
            (-2, 3, "-0.666666666666667"),
            (997, 1003, "0.994017946161515"),
            (1, 300_000, "0.00000333333333333333"),
            (200, 3, "66.6666666666667"),
            (2_999_999_999_999_999, 3, "1000000000000000"),
            (29_999_999_999_999_999, 30_000_000_000_000_001, "1"),
            (3_000_000_000_000_000_001, 3, "1000000000000000000"),
            (i128::MAX, 3, "56713727820156410577229101238628035242"),
            (1, i128::MAX, "0.00000000000000000000000000000000000000587747175411144"),
            (1, 1_024, "0.0009765625"),
        ] {
            let number = document(&Value::Num(Num::new(n, d).unwrap()), &Type::Ratio);
            assert_eq!(number.canonical(), text, "{n}/{d}");
        }
    }

    #[test]
    fn a_record_leaves_out_what_is_missing_and_keeps_its_order() {
        let field = |name: &str, ty| Field { name: name.into(), ty };
        let fields = vec![field("z", Type::Int.optional()), field("b", Type::Instant), field("a", Type::Ratio)];
        let ty = Type::Record(Arc::new(RecordType { name: None, fields }));
        let value = Value::record(vec![Value::Missing, Value::int(1_500_000_000), Value::Num(Num::new(1, 4).unwrap())]);
        let JsonKind::Object(entries) = document(&value, &ty).kind else { panic!("no object") };
        let shown: Vec<String> = entries.iter().map(|(k, v)| format!("{k}={}", v.canonical())).collect();
        assert_eq!(shown, ["b=\"1970-01-01T00:00:01.5Z\"", "a=0.25"]);
    }
}
