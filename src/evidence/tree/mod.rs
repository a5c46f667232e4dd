//! Texts into trees of undecoded values: exact numbers, places, nothing guessed.

mod json;
mod keep;
mod yaml;

pub(super) use json::parse_row;
pub use json::{MAX_DEPTH, parse_json};
pub(super) use keep::Keep;
pub use yaml::parse_yaml;

/// Why a text is no value of its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFault {
    /// A stable code such as `rspp::evidence::syntax`.
    pub code: &'static str,
    /// Byte offset of what is wrong.
    pub at: u64,
    /// What is wrong, printable.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// JSON pointer to the innermost value that was being read.
    pub pointer: String,
    /// Byte offset of another place that belongs to it: where a repeated name stands first.
    pub first: Option<u64>,
}

impl TextFault {
    fn new(code: &'static str, at: u64, message: impl Into<String>) -> Self {
        Self { code, at, message: message.into(), help: None, pointer: String::new(), first: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Puts a step in front of the pointer, on the way out of the value that it names.
    fn below(mut self, step: &str) -> Self {
        self.pointer = format!("/{}{}", step.replace('~', "~0").replace('/', "~1"), self.pointer);
        self
    }
}
