//! The plan of a profile as a picture: what is read, in which passes, for which gates and artifacts.
//!
//! Job: draw a [`Picture`] from a plan, write it for other programs: one file a format. May
//! import: `plan`, `model`, `data`, `source`, `diag`. Deliberately absent: evidence, results, files, and
//! layout: where things stand on the page is for the programs that draw it.
//!
//! To add a format: a file with a [`Format`] and its `render`, and a line in [`FORMATS`].

mod dot;
mod json;
mod mermaid;
mod picture;
#[cfg(test)]
mod tests;

pub use json::SCHEMA_VERSION;
pub use picture::draw;

use crate::plan::Mark;

/// One way to write a picture.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub doc: &'static str,
    /// Writes a picture; ends with a newline.
    pub render: fn(&Picture) -> String,
}

/// All formats, by name.
pub const FORMATS: &[Format] = &[dot::FORMAT, json::FORMAT, mermaid::FORMAT];

/// The format of this name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}

/// Things and what flows between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The profile whose plan it is.
    pub profile: String,
    /// The things; what flows into one comes before it.
    pub nodes: Vec<Node>,
    /// What flows, ordered by end and then by start.
    pub edges: Vec<Edge>,
}

/// A thing of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its name in the policy, or words for what has none.
    pub name: String,
    /// Whether its rows pass by or are held.
    pub mark: Option<Mark>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// Where something is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, below the policy root.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// Kinds of things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// An evidence.
    Evidence {
        /// Its files.
        path: String,
        /// The name of its format.
        format: String,
        /// What is kept of it.
        columns: Columns,
    },
    /// A list made of others row by row, or as a whole.
    View,
    /// A value that is computed once.
    Value,
    /// A list hashed by keys.
    Index,
    /// One walk over rows, for all that hangs on it.
    Pass {
        /// How many gates it serves.
        gates: usize,
        /// How many values and lists it computes besides.
        values: usize,
    },
    /// A gate.
    Gate {
        /// Whether the run depends on it.
        required: bool,
        /// Whether the profile takes it; others are only needed, or read.
        selected: bool,
    },
    /// An artifact.
    Artifact {
        /// Where it is written, `*` for values.
        path: String,
    },
    /// The profile.
    Profile,
}

impl Kind {
    /// In one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Evidence { .. } => "evidence",
            Self::View => "view",
            Self::Value => "value",
            Self::Index => "index",
            Self::Pass { .. } => "pass",
            Self::Gate { .. } => "gate",
            Self::Artifact { .. } => "artifact",
            Self::Profile => "profile",
        }
    }
}

/// What is kept of an evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// All of it.
    All,
    /// These fields, dotted.
    Some(Vec<String>),
}

/// Something flows from one thing to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The end: a place in [`Picture::nodes`].
    pub to: usize,
    /// The start: a place in [`Picture::nodes`].
    pub from: usize,
    /// What flows.
    pub flow: Flow,
}

/// What flows along an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// Rows or a value.
    Reads,
    /// Rows as a pass meets them.
    Walks,
    /// A gate's result, read by another.
    Result,
    /// A gate's verdict, without which another does not count.
    Needs,
    /// A gate's verdict into the answer.
    Answers,
}

impl Flow {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Walks => "walks",
            Self::Result => "result",
            Self::Needs => "needs",
            Self::Answers => "answers",
        }
    }
}

/// Columns named in a label; the rest is counted, and told in full by the JSON form.
const COLUMNS_SHOWN: usize = 6;
/// Characters of a name in a label.
const NAME_SHOWN: usize = 60;

/// The lines of a node's label: its name, then what there is to say. Safe to show, not yet
/// escaped for any format.
fn label(node: &Node) -> Vec<String> {
    let mut lines = vec![short(&node.name)];
    match &node.kind {
        Kind::Evidence { path, format, columns } => {
            lines.push(format!("{format} {}", short(path)));
            match columns {
                Columns::All => lines.push("all columns".to_owned()),
                Columns::Some(names) => columns_lines(names, &mut lines),
            }
        }
        Kind::Pass { gates, values } => {
            let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            lines.push(match values {
                0 => count(*gates, "gate"),
                values => format!("{}, {}", count(*gates, "gate"), count(*values, "value")),
            });
        }
        Kind::Gate { required, selected } => {
            if !selected {
                lines.push("only needed".to_owned());
            } else if !required {
                lines.push("advisory".to_owned());
            }
        }
        Kind::Artifact { path } => lines.push(short(path)),
        Kind::View | Kind::Value | Kind::Index | Kind::Profile => {}
    }
    lines.extend(node.mark.map(|m| m.word().to_owned()));
    lines
}

fn columns_lines(names: &[String], lines: &mut Vec<String>) {
    lines.push(match names.len() {
        0 => "no columns, only counted".to_owned(),
        1 => "1 column".to_owned(),
        n => format!("{n} columns"),
    });
    lines.extend(names.iter().take(COLUMNS_SHOWN).map(|n| short(n)));
    match names.len().saturating_sub(COLUMNS_SHOWN) {
        0 => {}
        more => lines.push(format!("and {more} more")),
    }
}

/// A name on one line, without control characters, not too long.
fn short(text: &str) -> String {
    let printable = crate::diag::printable(text);
    if printable.chars().count() <= NAME_SHOWN {
        return printable.into_owned();
    }
    printable.chars().take(NAME_SHOWN - 1).chain(['…']).collect()
}

/// The legend: each kind with words for it.
const LEGEND: [(&str, &str); 7] = [
    ("evidence", "evidence: files, and what is kept of them"),
    ("view", "view: a list made of others"),
    ("value", "value: computed once"),
    ("index", "index: a list looked up by key"),
    ("pass", "pass: one walk over the rows, for all that hangs on it"),
    ("gate", "gate"),
    ("artifact", "artifact: a file that is written"),
];
