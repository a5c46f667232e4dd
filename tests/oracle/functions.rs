//! The oracle's own functions: the obvious way, from the definitions in the language reference.

use crate::eval::{Made, Stop, list_of};
use rspp_gates::data::{Num, Value};

pub fn call(name: &str, args: &[Value]) -> Made<Value> {
    let xs = || list_of(args.last().expect("an argument").clone());
    Ok(match name {
        "count" => Value::int(xs().len() as i64),
        "sum" => Value::Num(total(&xs())?),
        "any" => Value::Bool(xs().contains(&Value::Bool(true))),
        "all" => Value::Bool(!xs().contains(&Value::Bool(false))),
        "unique" => {
            let xs = xs();
            Value::Bool((0..xs.len()).all(|i| !xs[..i].contains(&xs[i])))
        }
        "min" => sorted(xs()).first().cloned().unwrap_or(Value::Missing),
        "max" => sorted(xs()).last().cloned().unwrap_or(Value::Missing),
        "first" => xs().first().cloned().unwrap_or(Value::Missing),
        "last" => xs().last().cloned().unwrap_or(Value::Missing),
        "only" => match &xs()[..] {
            [] => Value::Missing,
            [x] => x.clone(),
            _ => return Err(Stop::TwoRows),
        },
        "mean" => {
            let xs = xs();
            if xs.is_empty() {
                return Ok(Value::Missing);
            }
            Value::Num(total(&xs)?.div(Num::int(xs.len() as i128)).ok_or(Stop::Overflow)?)
        }
        "ratio" => {
            let xs = xs();
            let yes = xs.iter().filter(|x| **x == Value::Bool(true)).count();
            Num::new(yes as i128, xs.len() as i128).map_or(Value::Missing, Value::Num)
        }
        "p50" => rank(xs(), Num::new(50, 100).unwrap()),
        "p95" => rank(xs(), Num::new(95, 100).unwrap()),
        "p99" => rank(xs(), Num::new(99, 100).unwrap()),
        "quantile" => rank(xs(), args[0].as_num().unwrap()),
        "present" => Value::Bool(!args.contains(&Value::Missing)),
        "filled" => Value::Bool(args.iter().all(|a| match a {
            Value::Missing => false,
            Value::Text(t) => !t.trim().is_empty(),
            Value::List(l) => !l.is_empty(),
            _ => true,
        })),
        "same" => Value::Bool(args[0] == args[1]),
        "abs" => {
            let n = args[0].as_num().unwrap();
            Value::Num(if n.is_negative() { n.neg().ok_or(Stop::Overflow)? } else { n })
        }
        "concat" => Value::list(args.iter().flat_map(|a| list_of(a.clone())).collect::<Vec<_>>()),
        other => panic!("the oracle does not know `{other}`"),
    })
}

/// Nearest rank: the `ceil(q n)`-th smallest, counted from 1; at least the first.
fn rank(xs: Vec<Value>, q: Num) -> Value {
    let xs = sorted(xs);
    let n = xs.len() as i128;
    // The smallest k with k >= q n, found by trying.
    let k = (1..=n).find(|k| Num::int(*k) >= q.mul(Num::int(n)).unwrap());
    k.map_or(Value::Missing, |k| xs[k as usize - 1].clone())
}

fn sorted(mut xs: Vec<Value>) -> Vec<Value> {
    for i in 0..xs.len() {
        for j in 1..xs.len() - i {
            if xs[j - 1].order(&xs[j]).is_gt() {
                xs.swap(j - 1, j);
            }
        }
    }
    xs
}

/// Exact whatever the order: the parts are added as big integers where they are whole.
fn total(xs: &[Value]) -> Made<Num> {
    xs.iter().try_fold(Num::ZERO, |sum, x| sum.add(x.as_num().expect("a number")).ok_or(Stop::Overflow))
}
