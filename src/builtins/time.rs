//! The calendar of an instant, in UTC or at a fixed offset.

use super::BASE;
use super::arguments::{internal, num, text};
use crate::data::{EnumValue, Fault, Num, Value, read, time};
use crate::registry::{Body, Constant, Example, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "day",
        phrase: "the day of {0}",
        family: "time",
        signature: "(t: instant, [offset: string]) -> string",
        doc: "The day of an instant as `2026-03-31`: in UTC, or at a fixed offset such as `\"+02:00\"`. There are no \
              time zones, whose rules change.",
        examples: &[
            Example { expression: "day(2026-03-31T22:30:00Z)", prints: "2026-03-31" },
            Example { expression: "day(2026-03-31T22:30:00Z, \"+02:00\")", prints: "2026-04-01" },
        ],
        constants: OFFSET,
        body: Body::Scalar(|_, arguments| in_calendar(arguments, time::day).map(Value::text)),
        ..BASE
    },
    Function {
        name: "hour",
        phrase: "the hour of {0}",
        family: "time",
        signature: "(t: instant, [offset: string]) -> int",
        doc: "The hour of an instant, 0 to 23: in UTC, or at a fixed offset such as `\"+02:00\"`.",
        examples: &[
            Example { expression: "hour(2026-03-31T22:30:00Z)", prints: "22" },
            Example { expression: "hour(2026-03-31T22:30:00Z, \"-05:00\")", prints: "17" },
        ],
        constants: OFFSET,
        body: Body::Scalar(|_, arguments| {
            in_calendar(arguments, time::hour).map(|hour| Value::Num(Num::int(i128::from(hour))))
        }),
        ..BASE
    },
    Function {
        name: "weekday",
        phrase: "the weekday of {0}",
        family: "time",
        signature: "(t: instant, [offset: string]) -> weekday",
        doc: "The day of the week, `monday` to `sunday`: in UTC, or at a fixed offset such as `\"+02:00\"`.",
        examples: &[
            Example { expression: "weekday(2026-03-31T22:30:00Z)", prints: "tuesday" },
            Example { expression: "weekday(2026-04-04T00:00:00Z) in [saturday, sunday]", prints: "true" },
        ],
        constants: OFFSET,
        body: Body::Scalar(|_, arguments| {
            let member = u32::from(in_calendar(arguments, time::weekday)?);
            Ok(Value::Enum(EnumValue { member, word: None }))
        }),
        ..BASE
    },
];

const OFFSET: &[Constant] = &[Constant {
    argument: 1,
    check: |offset| match offset.as_text().map(|text| read::offset(text)) {
        Some(Ok(_)) => Ok(()),
        _ => Err("an offset is written as `\"+02:00\"` or `\"Z\"`; there are no time zones here".to_owned()),
    },
}];

fn in_calendar<T>(arguments: &[Value], of: fn(i128, i32) -> Option<T>) -> Result<T, Fault> {
    let offset = match arguments.get(1) {
        None => 0,
        Some(_) => read::offset(text(arguments, 1)?).map_err(|_| internal("an offset that is none"))?,
    };
    of(num(arguments, 0)?.floor(), offset).ok_or(Fault::Overflow { what: "an instant beyond the calendar" })
}
