//! Instants in the calendar: RFC 3339 in and out, days, hours and weekdays at a fixed offset.
//!
//! An instant is a count of nanoseconds since 1970-01-01T00:00:00Z without leap seconds. There is
//! no time zone database here, on purpose: the same policy must give the same day in every year.

use super::Num;
use super::read::ReadError;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

const NS_PER_SECOND: i128 = 1_000_000_000;

/// Reads an instant of RFC 3339, offset included, as ns since 1970.
///
/// # Errors
/// Text of another form, a date that does not exist, a leap second, parts of a nanosecond, an
/// instant outside of the years 0000 to 9999 (UTC).
pub fn read_instant(text: &str) -> Result<Num, ReadError> {
    let malformed = || ReadError::Malformed { due: "an instant such as `2026-03-31T00:00:00Z`" };
    let mut reader = Digits { rest: text.as_bytes() };
    let year = reader.number(4).ok_or_else(malformed)?;
    reader.byte(b"-").ok_or_else(malformed)?;
    let month = reader.number(2).ok_or_else(malformed)?;
    reader.byte(b"-").ok_or_else(malformed)?;
    let day = reader.number(2).ok_or_else(malformed)?;
    if reader.rest.is_empty() {
        return Err(ReadError::DateOnly);
    }
    reader.byte(b"Tt").ok_or_else(malformed)?;
    let hour = reader.number(2).ok_or_else(malformed)?;
    reader.byte(b":").ok_or_else(malformed)?;
    let minute = reader.number(2).ok_or_else(malformed)?;
    reader.byte(b":").ok_or_else(malformed)?;
    let second = reader.number(2).ok_or_else(malformed)?;
    let mut nanosecond = 0;
    if reader.byte(b".").is_some() {
        nanosecond = reader.fraction().ok_or_else(malformed)??;
    }
    if reader.rest.is_empty() {
        return Err(ReadError::NoOffset);
    }
    let offset = reader.offset().ok_or_else(malformed)?;
    if !reader.rest.is_empty() {
        return Err(malformed());
    }
    if second == 60 {
        return Err(ReadError::LeapSecond);
    }
    let narrow = |n: u32| u8::try_from(n).ok();
    let month = narrow(month).and_then(|m| Month::try_from(m).ok());
    let date = month
        .zip(narrow(day))
        .and_then(|(month, day)| Date::from_calendar_date(i32::try_from(year).ok()?, month, day).ok());
    let time = (|| Time::from_hms_nano(narrow(hour)?, narrow(minute)?, narrow(second)?, nanosecond).ok())();
    let (Some(date), Some(time)) = (date, time) else { return Err(ReadError::NoSuchDate) };
    let local = OffsetDateTime::new_utc(date, time).unix_timestamp_nanos();
    let instant = local - i128::from(offset) * NS_PER_SECOND;
    if calendar(instant).is_none() {
        return Err(ReadError::NoSuchDate);
    }
    Ok(Num::int(instant))
}

/// Reads a fixed offset, `Z` or `+02:00`, as seconds east of UTC.
///
/// # Errors
/// Text of another form.
pub fn read_offset(text: &str) -> Result<i32, ReadError> {
    let mut reader = Digits { rest: text.as_bytes() };
    match reader.offset() {
        Some(seconds) if reader.rest.is_empty() => Ok(seconds),
        _ => Err(ReadError::Malformed { due: "an offset such as `+02:00` or `Z`" }),
    }
}

/// RFC 3339 in UTC with as many digits of a second as needed; `None` outside of the years 0000
/// to 9999.
pub fn print_instant(ns: i128) -> Option<String> {
    let at = calendar(ns)?;
    let (hour, minute, second, nanosecond) = at.to_hms_nano();
    let mut out = format!("{}T{hour:02}:{minute:02}:{second:02}", date_text(at));
    if nanosecond > 0 {
        let digits = format!("{nanosecond:09}");
        out.push('.');
        out.push_str(digits.trim_end_matches('0'));
    }
    out.push('Z');
    Some(out)
}

/// The day of an instant at an offset in seconds, as `2026-03-31`.
pub fn day(ns: i128, offset: i32) -> Option<String> {
    Some(date_text(local(ns, offset)?))
}

/// The hour of an instant at an offset in seconds, 0 to 23.
pub fn hour(ns: i128, offset: i32) -> Option<u8> {
    Some(local(ns, offset)?.hour())
}

/// The weekday of an instant at an offset in seconds, from Monday, which is 0.
pub fn weekday(ns: i128, offset: i32) -> Option<u8> {
    Some(local(ns, offset)?.weekday().number_days_from_monday())
}

fn date_text(at: OffsetDateTime) -> String {
    let (year, month, day) = at.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

fn local(ns: i128, offset: i32) -> Option<OffsetDateTime> {
    calendar(ns)?.checked_to_offset(UtcOffset::from_whole_seconds(offset).ok()?).filter(|at| in_range(at.year()))
}

fn calendar(ns: i128) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(ns).ok().filter(|at| in_range(at.year()))
}

fn in_range(year: i32) -> bool {
    (0..=9999).contains(&year)
}

/// Takes fixed forms off the front of a text.
struct Digits<'a> {
    rest: &'a [u8],
}

impl Digits<'_> {
    fn byte(&mut self, any_of: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        any_of.contains(first).then(|| {
            self.rest = rest;
            *first
        })
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        (0..digits).try_fold(0, |n, _| Some(n * 10 + u32::from(self.byte(b"0123456789")? - b'0')))
    }

    /// Digits of a second in ns: `None` when there are none, an error when they go on below.
    fn fraction(&mut self) -> Option<Result<u32, ReadError>> {
        let (mut ns, mut digits, mut finer) = (0, 0, false);
        while let Some(digit) = self.byte(b"0123456789") {
            if digits < 9 {
                ns = ns * 10 + u32::from(digit - b'0');
                digits += 1;
            } else {
                finer |= digit != b'0';
            }
        }
        let scaled = ns * 10u32.pow(9u32.saturating_sub(digits));
        (digits > 0).then_some(if finer { Err(ReadError::NotWhole { unit: "ns" }) } else { Ok(scaled) })
    }

    fn offset(&mut self) -> Option<i32> {
        if self.byte(b"Zz").is_some() {
            return Some(0);
        }
        let sign = if self.byte(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.number(2)?;
        self.byte(b":")?;
        let minutes = self.number(2)?;
        (hours < 24 && minutes < 60).then(|| sign * i32::try_from(hours * 3600 + minutes * 60).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(text: &str) -> i128 {
        read_instant(text).unwrap().as_int().unwrap()
    }

    #[test]
    fn instants_are_read_to_the_nanosecond() {
        assert_eq!(ns("1970-01-01T00:00:00Z"), 0);
        assert_eq!(ns("1970-01-01T00:00:00.000000001Z"), 1);
        assert_eq!(ns("1970-01-01T00:00:00.5000000000000Z"), 500_000_000);
        assert_eq!(ns("1969-12-31T23:59:59.999Z"), -1_000_000);
        assert_eq!(ns("1970-01-01T02:00:00+02:00"), 0);
        assert_eq!(ns("1969-12-31t16:30:00-07:30"), 0);
        assert_eq!(ns("2026-03-31T00:00:00z"), 1_774_915_200 * NS_PER_SECOND);
        assert_eq!(ns("2024-02-29T12:00:00-00:00") % NS_PER_SECOND, 0);
    }

    #[test]
    fn what_is_no_instant_says_why() {
        for (text, why) in [
            ("2026-03-31", ReadError::DateOnly),
            ("2026-03-31T00:00:00", ReadError::NoOffset),
            ("2026-03-31T00:00:00.5", ReadError::NoOffset),
            ("2016-12-31T23:59:60Z", ReadError::LeapSecond),
            ("2026-02-29T00:00:00Z", ReadError::NoSuchDate),
            ("2026-13-01T00:00:00Z", ReadError::NoSuchDate),
            ("2026-01-01T24:00:00Z", ReadError::NoSuchDate),
            ("2026-01-01T00:00:61Z", ReadError::NoSuchDate),
            ("0000-01-01T00:00:00+23:59", ReadError::NoSuchDate),
            ("9999-12-31T23:59:59-00:01", ReadError::NoSuchDate),
            ("2026-01-01T00:00:00.0000000001Z", ReadError::NotWhole { unit: "ns" }),
        ] {
            assert_eq!(read_instant(text), Err(why), "{text}");
        }
        for text in [
            "",
            "2026-3-31T00:00:00Z",
            "2026-03-31 00:00:00Z",
            "2026-03-31T00:00Z",
            "2026-03-31T00:00:00.Z",
            "2026-03-31T00:00:00+2:00",
            "2026-03-31T00:00:00+0200",
            "2026-03-31T00:00:00+24:00",
            "2026-03-31T00:00:00Z ",
            "+2026-03-31T00:00:00Z",
            "2026-03-31T00:00:00,5Z",
            "２026-03-31T00:00:00Z",
        ] {
            assert!(matches!(read_instant(text), Err(ReadError::Malformed { .. })), "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_print_as_they_are_read() {
        for text in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1600-02-29T00:00:00.00001Z"] {
            assert_eq!(print_instant(ns(text)).unwrap(), text);
        }
        assert_eq!(print_instant(ns("9999-12-31T23:59:59.999999999Z") + 1), None);
        assert_eq!(print_instant(i128::MAX), None);
        assert_eq!(print_instant(i128::MIN), None);
    }

    #[test]
    fn an_offset_moves_the_day() {
        let late = ns("2026-03-31T22:30:00Z");
        let east = read_offset("+02:00").unwrap();
        assert_eq!((day(late, 0), hour(late, 0), weekday(late, 0)), (Some("2026-03-31".into()), Some(22), Some(1)));
        assert_eq!(
            (day(late, east), hour(late, east), weekday(late, east)),
            (Some("2026-04-01".into()), Some(0), Some(2))
        );
        assert_eq!(day(ns("9999-12-31T23:59:59Z"), east), None);
        for bad in ["", "02:00", "+2:00", "+02", "Europe/Berlin", "+02:60"] {
            assert!(read_offset(bad).is_err(), "{bad}");
        }
    }
}
