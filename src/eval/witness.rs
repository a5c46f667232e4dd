//! The element that decided a quantifier, for messages that name it.

use super::{Env, Interpreter};
use crate::model::{Expr, ExprKind, LocalId, Message, Quantifier};

/// In the message of `no x in ..` and `every x in ..` the first `x` that decides is in scope:
/// binds it, if the message names it. A fault on the way leaves it unbound.
pub fn bind_witness(interpreter: &Interpreter<'_>, condition: &Expr, message: &Message, env: &mut Env<'_>) {
    let ExprKind::Quantified { quantifier, item, source, body, .. } = &*condition.kind else { return };
    let decides = match quantifier {
        Quantifier::No => true,
        Quantifier::Every => false,
        Quantifier::Exists => return,
    };
    if !message.values().any(|v| names(v, *item)) {
        return;
    }
    let Ok(list) = interpreter.eval(source, env) else { return };
    let depth = env.depth();
    for element in list.as_list().map_or(&[][..], |l| l) {
        env.bind(*item, element.clone());
        match interpreter.holds(body, env) {
            Ok(holds) if holds == decides => return,
            Ok(_) => env.truncate(depth),
            Err(_) => {
                env.truncate(depth);
                return;
            }
        }
    }
}

fn names(expr: &Expr, local: LocalId) -> bool {
    let mut found = false;
    expr.visit(&mut |e| found |= matches!(&*e.kind, ExprKind::Local(l) if *l == local));
    found
}
