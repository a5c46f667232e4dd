//! The generated parser of `grammar/gate.pest`, and the one place that runs it.

use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pairs;

/// The generated parser.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/gate.pest"]
struct Grammar;

/// Where the grammar stopped, and what it would have taken there.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The byte in the slice, never inside a token that it knows.
    pub at: usize,
    /// Rules that could have gone on there.
    pub expected: Vec<Rule>,
    /// Whether the parser ran out of stack and not out of rules.
    pub out_of_stack: bool,
}

/// Parses a slice with one rule.
pub(super) fn run(rule: Rule, slice: &str) -> Result<Pairs<'_, Rule>, Refusal> {
    Grammar::parse(rule, slice).map_err(|error| refusal(&error))
}

fn refusal(error: &Error<Rule>) -> Refusal {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => {
            Refusal { at, expected: positives.clone(), out_of_stack: false }
        }
        ErrorVariant::CustomError { .. } => Refusal { at, expected: Vec::new(), out_of_stack: true },
    }
}
