//! Texts with values in them: `"{x}"`, `"{x : ms}"`.

use super::Expect;
use crate::check::checker::Checker;
use crate::check::diagnostics::types;
use crate::check::scope::Scope;
use crate::data::print;
use crate::model::{Expr, Message, MessageFormat, MessagePart};
use crate::syntax::tree;
use std::sync::Arc;

impl Checker<'_> {
    /// A text with values in it; values may be missing.
    pub(in crate::check) fn message(&mut self, scope: &Scope, text: &tree::StringLit) -> Arc<Message> {
        let mut scope = scope.clone();
        scope.sample = None;
        let mut parts = Vec::with_capacity(text.parts.len());
        for part in &text.parts {
            parts.push(match part {
                tree::StringPart::Text(text) => MessagePart::Text(text.as_str().into()),
                tree::StringPart::Value { value, format } => {
                    let value = self.expr(&scope, value, Expect::Free);
                    let format = format.as_ref().and_then(|f| self.format(&value, f));
                    MessagePart::Value { value, format }
                }
            });
        }
        Arc::new(Message { parts, span: text.span })
    }

    fn format(&mut self, value: &Expr, format: &tree::Name) -> Option<MessageFormat> {
        if value.ty.is_unknown() {
            return None;
        }
        let ty = value.ty.present();
        if print::format_for(&format.text, ty).is_none() {
            let (words, fitting) = (self.words(value.span), print::format_words(ty));
            self.report(types::no_such_format(&words, ty, value.span, format, &fitting));
            return None;
        }
        Some(MessageFormat(format.text.as_str().into()))
    }
}
