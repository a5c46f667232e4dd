//! Rows straight from bytes to columns.
//!
//! A row that is as its declaration says goes through here in one pass: every byte is judged,
//! every declared field is read by its type, and what is used lands in its column. At anything
//! else, however small, the row is taken back and read by way of a tree, which knows how to say
//! what is wrong and where. So a row reads the same on both ways, or it is not read here.
//!
//! What can be read here is the [`Plan`]. Tables of names and dictionaries grow with what is
//! met; they make reading fast, and nothing that is read depends on them.

mod names;
mod plan;
mod read;
#[cfg(test)]
mod tests;
mod text;

use super::super::judge::{Judge, Said};
use super::super::keys::KeyHash;
use super::super::reading::FileRead;
use super::super::tally::{KeyAt, Spot};
use super::row::{Block, JsonReading, RowReader, RowReading, RowText, Rows};
use crate::data::{EvidenceFault, Num, Value, print};
use plan::Plan;
use read::{Cursor, State};
use std::sync::{Mutex, PoisonError};
use text::Text;

/// Reads rows of one JSON value a line.
pub(in crate::evidence) struct TypedRows<'a> {
    plan: Option<Plan<'a>>,
    /// What earlier chunks have learnt.
    states: Mutex<Vec<State>>,
}

impl<'a> TypedRows<'a> {
    /// For the rows of an evidence.
    pub fn new(judge: &Judge<'a>) -> Self {
        Self { plan: Plan::of(judge), states: Mutex::new(Vec::new()) }
    }

    /// Never but by way of trees.
    #[cfg(test)]
    pub fn never() -> Self {
        Self { plan: None, states: Mutex::new(Vec::new()) }
    }
}

impl RowReader for TypedRows<'_> {
    fn start<'r>(&'r self, file: &'r FileRead<'r>) -> Box<dyn RowReading + 'r> {
        let tree = JsonReading::new(file);
        match &self.plan {
            Some(plan) if file.captures().is_empty() => {
                let known = self.states.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let state = known.unwrap_or_else(|| State::new(plan));
                Box::new(TypedReading { rows: self, plan, tree, state, oldest: None, newest: None })
            }
            _ => Box::new(tree),
        }
    }
}

/// A row that says an instant.
#[derive(Debug, Clone, Copy)]
struct Dated {
    instant: i64,
    line: u64,
    /// Which of the rows found.
    found: u64,
    /// Which of the rows made.
    made: usize,
}

struct TypedReading<'r> {
    rows: &'r TypedRows<'r>,
    plan: &'r Plan<'r>,
    /// Everything that was read, and the way of trees.
    tree: JsonReading<'r>,
    state: State,
    oldest: Option<Dated>,
    newest: Option<Dated>,
}

impl TypedReading<'_> {
    /// Takes a row that was read: its line, its keys, what it says of itself.
    fn take(&mut self, said: read::Said, line: u64) {
        let judge = self.tree.file.judge;
        let (found, made) = (self.tree.findings.rows, self.tree.builder.len());
        for (field, (column, _, ty)) in judge.keys.iter().enumerate() {
            let hash = match self.tree.builder.text_at(*column, made) {
                Some(text) => KeyHash::of(field, text),
                None => match self.tree.builder.get(*column, made) {
                    Value::Missing => continue,
                    Value::Text(text) => KeyHash::of(field, &text),
                    other => KeyHash::of(field, &print::value(&other, ty)),
                },
            };
            self.tree.keys.push(KeyAt { field, hash, row: made, found, position: line });
        }
        self.tree.builder.end_row();
        self.tree.lines.push(line);
        self.tree.findings.rows += 1;
        if let Some(instant) = said.instant {
            let dated = Dated { instant, line, found, made };
            if self.oldest.is_none_or(|oldest| instant < oldest.instant) {
                self.oldest = Some(dated);
            }
            if self.newest.is_none_or(|newest| instant > newest.instant) {
                self.newest = Some(dated);
            }
        }
        if said.kind.is_some_and(|kind| self.state.kinds_said & (1 << kind) == 0)
            || said.version.is_some_and(|version| !self.state.versions_said.contains(&version))
        {
            self.say(said, line, found, made);
        }
    }

    /// What only the first of many rows has to say.
    #[cold]
    fn say(&mut self, said: read::Said, line: u64, found: u64, made: usize) {
        if let Some(kind) = said.kind {
            self.state.kinds_said |= 1 << kind;
        }
        self.state.versions_said.extend(said.version);
        let spot = self.spot(line, found, made);
        self.tree.findings.said(&Said { instant: None, kind: said.kind, version: said.version }, &|| spot.clone());
    }

    fn spot(&self, line: u64, row: u64, made: usize) -> Spot {
        let judge = self.tree.file.judge;
        let key = judge.keys.first().and_then(|(column, ..)| judge.key_of(&self.tree.builder.get(*column, made)));
        Spot { line, key, row, ..Spot::default() }
    }
}

impl RowReading for TypedReading<'_> {
    fn run(&mut self, block: Block<'_>, mut at: usize, mut line: u64) -> (usize, u64) {
        let text = Text::new(block.text);
        while at < block.end {
            let judge = self.tree.file.judge;
            let builder = &mut self.tree.builder;
            let mut cursor = Cursor::new(text, block.at, self.plan, judge, &mut self.state, builder);
            let read = cursor.row(at).filter(|next| next - at <= block.row_bytes);
            let said = cursor.said;
            match read {
                Some(next) => {
                    self.take(said, line);
                    at = next;
                    line += 1;
                }
                None => {
                    self.tree.builder.undo_row();
                    self.state.names.reset();
                    break;
                }
            }
        }
        (at, line)
    }

    fn row(&mut self, row: RowText<'_>) {
        self.tree.row(row);
    }

    fn fault_at(&mut self, fault: EvidenceFault, spot: Spot) {
        self.tree.fault_at(fault, spot);
    }

    fn finish(mut self: Box<Self>) -> Rows {
        for dated in [self.oldest, self.newest].into_iter().flatten() {
            let spot = self.spot(dated.line, dated.found, dated.made);
            self.tree.findings.dated(Num::from(dated.instant), spot);
        }
        let Self { rows, tree, mut state, .. } = *self;
        state.rest();
        rows.states.lock().unwrap_or_else(PoisonError::into_inner).push(state);
        Box::new(tree).finish()
    }
}
