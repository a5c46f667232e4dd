//! Reads the notation of signatures. May import: `data`. What the notation means stands in the parent.

use super::{Parameter, ParameterKind, Pattern, Signature, SignatureError};
use crate::data::Type;

/// Reads the notation from left to right.
pub(super) struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    pub(super) fn signature(&mut self) -> Result<Signature, SignatureError> {
        self.need("(")?;
        let mut parameters = Vec::new();
        if !self.take(")") {
            loop {
                parameters.push(self.parameter()?);
                if !self.take(",") {
                    break;
                }
            }
            self.need(")")?;
        }
        self.need("->")?;
        let result = self.pattern()?;
        if !self.rest.trim_start().is_empty() {
            return Err(self.error("something after the result"));
        }
        Ok(Signature { parameters, result })
    }

    fn parameter(&mut self) -> Result<Parameter, SignatureError> {
        let optional = self.take("[");
        let first = self.word()?;
        let (name, kind) = if self.take(":") {
            (first, ParameterKind::Value(self.pattern()?))
        } else {
            let name = self.word()?;
            match first {
                "enum" => (name, ParameterKind::Enum(name.to_owned())),
                "type" => (name, ParameterKind::Type(name.to_owned())),
                "contract" => (name, ParameterKind::Contract(name.to_owned())),
                "gate" => (name, ParameterKind::Gate),
                "evidence" => (name, ParameterKind::Evidence),
                _ => return Err(self.error("`:`, or one of enum, type, gate, evidence before a name")),
            }
        };
        let repeated = self.take("...");
        if optional {
            self.need("]")?;
        }
        Ok(Parameter { name: name.to_owned(), kind, repeated, optional })
    }

    fn pattern(&mut self) -> Result<Pattern, SignatureError> {
        let pattern = if self.take("{") {
            let mut fields = Vec::new();
            loop {
                let name = self.word()?.to_owned();
                self.need(":")?;
                fields.push((name, self.pattern()?));
                if !self.take(",") {
                    break;
                }
            }
            self.need("}")?;
            Pattern::Record(fields)
        } else {
            let word = self.word()?;
            match word {
                "list" => {
                    self.need("<")?;
                    let inner = self.pattern()?;
                    self.need(">")?;
                    Pattern::List(Box::new(inner))
                }
                "map" => {
                    self.need("<")?;
                    let key = self.pattern()?;
                    self.need(",")?;
                    let value = self.pattern()?;
                    self.need(">")?;
                    Pattern::Map(Box::new(key), Box::new(value))
                }
                "field" => match (self.word()?, self.word()?) {
                    ("of", variable) => Pattern::FieldOf(variable.to_owned()),
                    _ => return Err(self.error("`field of` and a variable")),
                },
                "any" => Pattern::Exact(Type::Unknown),
                _ if is_variable(word) => Pattern::Variable(word.to_owned()),
                _ => Pattern::Exact(Type::named(word).ok_or_else(|| self.error("a type or a variable"))?),
            }
        };
        Ok(if self.take("?") { Pattern::Optional(Box::new(pattern)) } else { pattern })
    }

    fn word(&mut self) -> Result<&'a str, SignatureError> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        match rest.split_at_checked(end) {
            Some((word, after)) if !word.is_empty() => {
                self.rest = after;
                Ok(word)
            }
            _ => Err(self.error("a word")),
        }
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn need(&mut self, token: &str) -> Result<(), SignatureError> {
        if self.take(token) { Ok(()) } else { Err(self.error(&format!("`{token}`"))) }
    }

    pub(super) fn error(&self, due: &str) -> SignatureError {
        SignatureError(format!("in `{}` at `{}`: expected {due}", self.text, self.rest))
    }
}

fn is_variable(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(|c| c.is_ascii_uppercase()) && chars.all(|c| c.is_ascii_digit())
}
