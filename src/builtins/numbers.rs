//! Exact arithmetic beyond the operators. There are no roots, powers or logarithms: they are not
//! exact.

use super::BASE;
use super::arguments::{num, text};
use crate::data::{Fault, Num, Type, Value, read};
use crate::registry::{Body, Constant, Example, Function, Typing};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "abs",
        phrase: "the size of {0}, whatever its sign,",
        family: "numbers",
        signature: "(x: N) -> N",
        doc: "The size of a number or quantity without its sign.",
        examples: &[
            Example { expression: "abs(-3)", prints: "3" },
            Example { expression: "abs(80ms - 120ms)", prints: "40ms" },
        ],
        body: Body::Scalar(|_, arguments| {
            num(arguments, 0)?.abs().map(Value::Num).ok_or(Fault::Overflow { what: "a number without its sign" })
        }),
        ..BASE
    },
    Function {
        name: "div",
        phrase: "the whole quotient of {0} by {1}",
        family: "numbers",
        signature: "(a: N, b: N) -> int?",
        doc: "How many whole times `b` goes into `a`, rounded towards the floor. Missing when `b` is zero.",
        examples: &[
            Example { expression: "div(7, 2)", prints: "3" },
            Example { expression: "div(-7, 2)", prints: "-4" },
            Example { expression: "div(90s, 1m)", prints: "1" },
        ],
        definite: Some(divisor_is_not_zero),
        body: Body::Scalar(|_, arguments| {
            Ok(times(arguments)?.map_or(Value::Missing, |(_, _, times)| Value::Num(Num::int(times))))
        }),
        ..BASE
    },
    Function {
        name: "mod",
        phrase: "the rest of {0} divided by {1}",
        family: "numbers",
        signature: "(a: N, b: N) -> N?",
        doc: "What is left of `a` after `div(a, b)` times `b`: never of another sign than `b`. Missing when `b` is zero.",
        examples: &[
            Example { expression: "mod(7, 2)", prints: "1" },
            Example { expression: "mod(-7, 2)", prints: "1" },
            Example { expression: "mod(90s, 1m)", prints: "30s" },
        ],
        definite: Some(divisor_is_not_zero),
        body: Body::Scalar(|_, arguments| match times(arguments)? {
            None => Ok(Value::Missing),
            Some((a, b, times)) => {
                let rest = Num::int(times).mul(b).and_then(|whole| a.sub(whole));
                rest.map(Value::Num).ok_or(Fault::Overflow { what: "a remainder" })
            }
        }),
        ..BASE
    },
    Function {
        name: "floor",
        phrase: "{0} rounded down",
        family: "numbers",
        signature: "(x: N, [step: N]) -> N",
        doc: "The largest whole number that is not above `x`; with `step`, the largest whole multiple of it. `step` is \
              constant and above zero; quantities need one.",
        examples: &[
            Example { expression: "floor(-1.5)", prints: "-2" },
            Example { expression: "floor(119ms, 50ms)", prints: "100ms" },
        ],
        typing: Some(STEPPED),
        constants: STEP,
        body: Body::Scalar(|_, arguments| stepped(arguments, |x| Some(x.floor()))),
        ..BASE
    },
    Function {
        name: "ceil",
        phrase: "{0} rounded up",
        family: "numbers",
        signature: "(x: N, [step: N]) -> N",
        doc: "The smallest whole number that is not below `x`; with `step`, the smallest whole multiple of it. `step` \
              is constant and above zero; quantities need one.",
        examples: &[
            Example { expression: "ceil(1.2)", prints: "2" },
            Example { expression: "ceil(101ms, 50ms)", prints: "150ms" },
        ],
        typing: Some(STEPPED),
        constants: STEP,
        body: Body::Scalar(|_, arguments| stepped(arguments, Num::ceil)),
        ..BASE
    },
    Function {
        name: "round",
        phrase: "{0} rounded",
        family: "numbers",
        signature: "(x: N, [step: N]) -> N",
        doc: "The nearest whole number; with `step`, the nearest whole multiple of it. Halves go to the even one. \
              `step` is constant and above zero; quantities need one.",
        examples: &[
            Example { expression: "round(2.5)", prints: "2" },
            Example { expression: "round(1234.56ms, 1ms)", prints: "1235ms" },
            Example { expression: "round(2 / 3, 0.01)", prints: "0.67" },
        ],
        typing: Some(STEPPED),
        constants: STEP,
        body: Body::Scalar(|_, arguments| stepped(arguments, Num::round_half_even)),
        ..BASE
    },
    Function {
        name: "number",
        phrase: "the number that {0} says",
        family: "numbers",
        signature: "(text: string) -> decimal?",
        doc: "The number that a text holds, written as in JSON: `12`, `-0.5`, `1e3`. Missing when it holds no number.",
        examples: &[
            Example { expression: "number(\"12.50\")", prints: "12.5" },
            Example { expression: "number(\"twelve\")", prints: "(missing)" },
        ],
        body: Body::Scalar(|_, arguments| Ok(read::decimal(text(arguments, 0)?).map_or(Value::Missing, Value::Num))),
        ..BASE
    },
];

fn divisor_is_not_zero(arguments: &[Option<Value>]) -> bool {
    arguments.get(1).is_some_and(|b| b.as_ref().and_then(Value::as_num).is_some_and(|b| !b.is_zero()))
}

/// Both numbers, and how many whole times the second goes into the first.
fn times(arguments: &[Value]) -> Result<Option<(Num, Num, i128)>, Fault> {
    let (a, b) = (num(arguments, 0)?, num(arguments, 1)?);
    if b.is_zero() {
        return Ok(None);
    }
    let quotient = a.div(b).ok_or(Fault::Overflow { what: "a quotient" })?;
    Ok(Some((a, b, quotient.floor())))
}

/// Without a step, a number becomes an `int`; with one, the wider type of both.
const STEPPED: Typing = |arguments| match arguments {
    [x] if x.is_number() || matches!(x, Type::Never) => Ok(Type::Int),
    [x] => Err(format!("a whole {x} of what? give a step as second argument")),
    [x, step] => x.join(step).ok_or_else(|| format!("{x} in steps of {step}")),
    _ => Ok(Type::Unknown),
};

const STEP: &[Constant] = &[Constant {
    argument: 1,
    check: |step| match step.as_num() {
        Some(step) if step > Num::ZERO => Ok(()),
        _ => Err("a step is above zero".to_owned()),
    },
}];

fn stepped(arguments: &[Value], whole: fn(Num) -> Option<i128>) -> Result<Value, Fault> {
    let x = num(arguments, 0)?;
    let step = if arguments.len() > 1 { num(arguments, 1)? } else { Num::ONE };
    let rounded = x.div(step).and_then(whole).and_then(|times| Num::int(times).mul(step));
    rounded.map(Value::Num).ok_or(Fault::Overflow { what: "a rounded number" })
}
