//! Messages with values in them.

use super::{Env, Interpreter};
use crate::data::{Fault, Type, Value};
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
                    Ok(found) => out.push_str(&print(&found, &value.ty, format.as_ref())),
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
                    out.push_str(&print(&found, &value.ty, format.as_ref()));
                }
            }
        }
        Ok(Value::text(out))
    }
}

fn print(value: &Value, ty: &Type, format: Option<&MessageFormat>) -> String {
    let _ = format;
    match value {
        Value::Missing => "(missing)".to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Num(n) => n.numerator().to_string(),
        _ => ty.to_string(),
    }
}
