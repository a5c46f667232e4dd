//! One figure against one limit, exactly.

use super::{AppliedLimit, Comparison, FigureValue};
use crate::data::{Num, Value};
use crate::model::{CompareOp, Limit};
use crate::registry::Figure;

/// A limit with its values filled in; the values are in the order low, high.
pub(super) fn applied(limit: &Limit, values: &[Value]) -> AppliedLimit {
    let value = |i: usize| values.get(i).cloned().unwrap_or(Value::Missing);
    match limit {
        Limit::Compare { op, .. } => AppliedLimit::Compare { op: *op, value: value(0) },
        Limit::Range { .. } => AppliedLimit::Range { low: value(0), high: value(1) },
    }
}

/// Whether a figure meets a limit. A figure beyond everything meets only what it is on the good
/// side of.
pub(super) fn compare(figure: &FigureValue, limit: &AppliedLimit) -> Comparison {
    let met = match (figure, limit) {
        (FigureValue::Missing, _) => return Comparison::NoFigure,
        (_, AppliedLimit::Compare { value: Value::Missing, .. })
        | (_, AppliedLimit::Range { low: Value::Missing, .. } | AppliedLimit::Range { high: Value::Missing, .. }) => {
            return Comparison::NoFigure;
        }
        (FigureValue::Value(found), AppliedLimit::Compare { op, value }) => match op {
            CompareOp::Equal => found == value,
            CompareOp::NotEqual => found != value,
            op => op.holds(found.order(value)),
        },
        (FigureValue::Above, AppliedLimit::Compare { op, .. }) => {
            matches!(op, CompareOp::AtLeast | CompareOp::Greater | CompareOp::NotEqual)
        }
        (FigureValue::Below, AppliedLimit::Compare { op, .. }) => {
            matches!(op, CompareOp::AtMost | CompareOp::Less | CompareOp::NotEqual)
        }
        (FigureValue::Value(found), AppliedLimit::Range { low, high }) => {
            found.order(low).is_ge() && found.order(high).is_le()
        }
        (FigureValue::Above | FigureValue::Below, AppliedLimit::Range { .. }) => false,
    };
    if met { Comparison::Met } else { Comparison::NotMet }
}

/// How far a figure is on the good side of a limit: negative on the bad side, zero on the limit.
pub(super) fn slack(figure: &FigureValue, limit: &AppliedLimit) -> Option<Num> {
    let FigureValue::Value(Value::Num(found)) = figure else {
        return None;
    };
    match limit {
        AppliedLimit::Compare { op, value } => {
            let limit = value.as_num()?;
            match op {
                CompareOp::AtMost | CompareOp::Less => limit.sub(*found),
                CompareOp::AtLeast | CompareOp::Greater => found.sub(limit),
                CompareOp::Equal => limit.sub(*found)?.abs()?.neg(),
                CompareOp::NotEqual => limit.sub(*found)?.abs(),
            }
        }
        AppliedLimit::Range { low, high } => {
            let (above, below) = (found.sub(low.as_num()?)?, high.as_num()?.sub(*found)?);
            Some(above.min(below))
        }
    }
}

/// A figure as results hold it.
pub(super) fn figure_value(figure: &Figure) -> FigureValue {
    match figure {
        Figure::Value(Value::Missing) => FigureValue::Missing,
        Figure::Value(value) => FigureValue::Value(value.clone()),
        Figure::Above => FigureValue::Above,
        Figure::Below => FigureValue::Below,
    }
}
