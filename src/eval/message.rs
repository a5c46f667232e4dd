//! Messages with values in them.

use super::{Env, Interpreter};
use crate::data::{Fault, Type, Value, print};
use crate::model::{Message, MessageFormat, MessagePart};

impl Interpreter<'_> {
    /// A message with its values printed; missing prints as `(missing)`, a value whose
    /// computation faults as `(fault)`. The text may hold control characters from evidence:
    /// whoever shows it makes it printable.
    pub fn message(&self, message: &Message, env: &mut Env<'_>) -> String {
        let mut out = String::new();
        for part in &message.parts {
            match part {
                MessagePart::Text(text) => out.push_str(text),
                MessagePart::Value { value, format } => match self.eval(value, env) {
                    Ok(found) => out.push_str(&printed(&found, &value.ty, format.as_ref())),
                    Err(_) => out.push_str("(fault)"),
                },
            }
        }
        out
    }

    /// An interpolated text as a value: where its type is optional, a missing part makes it
    /// missing.
    pub(super) fn interpolate(&self, message: &Message, lifts: bool, env: &mut Env<'_>) -> Result<Value, Fault> {
        let mut out = String::new();
        for part in &message.parts {
            match part {
                MessagePart::Text(text) => out.push_str(text),
                MessagePart::Value { value, format } => {
                    let found = self.eval(value, env)?;
                    if found.is_missing() && lifts {
                        return Ok(Value::Missing);
                    }
                    out.push_str(&exact(&found, &value.ty, format.as_ref()));
                }
            }
        }
        Ok(Value::text(out))
    }
}

/// How much of one value of evidence a message repeats, in characters.
const SHOWN: usize = 200;

fn printed(value: &Value, ty: &Type, format: Option<&MessageFormat>) -> String {
    match format.and_then(|f| print::format_for(&f.0, ty.present())) {
        Some(format) => print::cut(&print::formatted(value, ty, format), SHOWN).into_owned(),
        None => print::short(value, ty, SHOWN),
    }
}

/// As a value nothing is cut, so that equal texts mean equal values.
fn exact(value: &Value, ty: &Type, format: Option<&MessageFormat>) -> String {
    match format.and_then(|f| print::format_for(&f.0, ty.present())) {
        Some(format) => print::formatted(value, ty, format),
        None => print::value(value, ty),
    }
}
