//! One row, byte by byte, into columns. `None` means: this row goes by way of a tree.

use super::super::super::columns::ColumnBuilder;
use super::super::super::judge::Judge;
use super::super::super::tree::{Keep, parse_row};
use super::names::{Slot, Tables};
use super::plan::{Ask, FieldPlan, Kind, Plan, RecordPlan};
use super::text::{Piece, Text};
use crate::data::{JsonKind, Num, Projection, Value, read};
use crate::eval::decode::DecodeReport;
use crate::model::{Shape, TextReading};

/// Lists and objects inside each other; deeper ones go by way of a tree, which counts them.
const MOST_DEPTH: usize = 100;
/// Spellings of one dictionary.
const MOST_SPELLINGS: usize = 64;
/// The longest spelling that is remembered, in bytes.
const LONGEST_SPELLING: usize = 64;

/// What reading has learnt, and may forget at any time.
#[derive(Debug)]
pub(super) struct State {
    pub names: Tables,
    dictionaries: Vec<Dictionary>,
    /// Spellings of sources and versions that were asked for.
    sources: Vec<(Piece, usize)>,
    versions: Vec<(Piece, usize)>,
    /// Of this chunk: kinds of source and versions that were said, as bits and numbers.
    pub kinds_said: u8,
    pub versions_said: Vec<usize>,
}

/// Spellings with their values.
#[derive(Debug, Default)]
struct Dictionary {
    spellings: Vec<Spelling>,
    /// Which one was met last.
    last: usize,
    /// The place in this chunk's column of what stands for nothing.
    absent: Option<u32>,
}

#[derive(Debug)]
struct Spelling {
    piece: Piece,
    value: Value,
    /// The place of the value in this chunk's column.
    code: Option<u32>,
}

/// What a row says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    pub instant: Option<i64>,
    /// A position among the kinds of source.
    pub kind: Option<usize>,
    /// A position among the accepted versions.
    pub version: Option<usize>,
}

impl State {
    pub fn new(plan: &Plan<'_>) -> Self {
        let spelt =
            |(piece, value): &(Piece, Value)| Spelling { piece: piece.clone(), value: value.clone(), code: None };
        let dictionary = |known: &Vec<(Piece, Value)>| Dictionary {
            spellings: known.iter().map(spelt).collect(),
            ..Dictionary::default()
        };
        Self {
            names: Tables::new(&plan.objects),
            dictionaries: plan.dictionaries.iter().map(dictionary).collect(),
            sources: Vec::new(),
            versions: Vec::new(),
            kinds_said: 0,
            versions_said: Vec::new(),
        }
    }

    /// Forgets what belongs to one chunk.
    pub fn rest(&mut self) {
        self.names.reset();
        self.kinds_said = 0;
        self.versions_said.clear();
        for dictionary in &mut self.dictionaries {
            dictionary.absent = None;
            dictionary.spellings.iter_mut().for_each(|s| s.code = None);
        }
    }
}

/// Where the fields of a record go.
enum Sink<'s> {
    /// Those of a row, to its columns.
    Columns,
    /// Those of a record in it, to its values.
    Values(&'s mut Vec<Value>),
    /// Nowhere: they are only checked.
    Nowhere,
}

/// Reads one row.
pub(super) struct Cursor<'c> {
    text: Text<'c>,
    /// Where the text begins in its file.
    base: u64,
    plan: &'c Plan<'c>,
    judge: &'c Judge<'c>,
    state: &'c mut State,
    builder: &'c mut ColumnBuilder,
    pub said: Said,
}

/// The record whose fields are being read.
#[derive(Clone, Copy)]
struct Inside<'c> {
    /// None for what nobody reads.
    record: Option<&'c RecordPlan<'c>>,
    depth: usize,
}

impl<'c> Cursor<'c> {
    pub fn new(
        text: Text<'c>,
        base: u64,
        plan: &'c Plan<'c>,
        judge: &'c Judge<'c>,
        state: &'c mut State,
        builder: &'c mut ColumnBuilder,
    ) -> Self {
        Self { text, base, plan, judge, state, builder, said: Said::default() }
    }

    /// Reads the row at a position; answers where the next one begins.
    pub fn row(&mut self, at: usize) -> Option<usize> {
        let at = self.text.blanks(at);
        let end = self.record(self.plan.row, at, &mut Sink::Columns, 1)?;
        let end = self.text.blanks(end);
        match self.text.byte(end) {
            b'\n' => Some(end + 1),
            _ if end == self.text.len() => Some(end),
            _ => None,
        }
    }

    fn record(&mut self, record: usize, at: usize, sink: &mut Sink<'_>, depth: usize) -> Option<usize> {
        let plan = self.plan.records.get(record)?;
        let mut present = 0;
        let end = self.object(plan.object, at, sink, &mut present, Inside { record: Some(plan), depth })?;
        let mut missing = plan.all & !present;
        if missing & plan.required != 0 {
            return None;
        }
        while missing != 0 {
            let number = missing.trailing_zeros() as usize;
            self.absent(number, plan.fields.get(number)?, sink)?;
            missing &= missing - 1;
        }
        Some(end)
    }

    /// An object with fields of a record in it.
    fn object(
        &mut self,
        table: usize,
        at: usize,
        sink: &mut Sink<'_>,
        present: &mut u128,
        inside: Inside<'c>,
    ) -> Option<usize> {
        let text = self.text;
        if text.byte(at) != b'{' || inside.depth > MOST_DEPTH {
            return None;
        }
        let mut open = self.state.names.open(table);
        let mut at = text.blanks(at + 1);
        if text.byte(at) == b'}' {
            return Some(at + 1);
        }
        loop {
            let met = self.state.names.name(&mut open, text, at)?;
            at = text.blanks(met.after);
            at = match met.slot {
                Slot::Skip if text.byte(at) == b'"' => text.string(at)?.0,
                Slot::Skip => {
                    let below = self.state.names.below(&open, met);
                    self.skip(at, below, inside.depth)?
                }
                Slot::Field(field) => {
                    let bit = 1u128 << field;
                    // Two spellings of one field.
                    if *present & bit != 0 {
                        return None;
                    }
                    *present |= bit;
                    self.field(field, at, sink, inside)?
                }
                Slot::Inside(table) if text.byte(at) == b'{' => {
                    let inside = Inside { depth: inside.depth + 1, ..inside };
                    self.object(table, at, sink, present, inside)?
                }
                Slot::Inside(_) => self.skip(at, self.state.names.spare(), inside.depth)?,
            };
            at = text.blanks(at);
            match text.byte(at) {
                b',' => at = text.blanks(at + 1),
                b'}' => break,
                _ => return None,
            }
        }
        self.state.names.close(&open);
        Some(at + 1)
    }

    /// A value that nobody reads. Objects in it have this table.
    fn skip(&mut self, at: usize, table: usize, depth: usize) -> Option<usize> {
        let text = self.text;
        match text.byte(at) {
            b'"' => text.string(at).map(|(end, _)| end),
            b't' | b'f' => text.truth(at).map(|(_, end)| end),
            b'n' => text.literal(at, b"null"),
            b'{' => {
                let inside = Inside { record: None, depth: depth + 1 };
                self.object(table, at, &mut Sink::Nowhere, &mut 0, inside)
            }
            b'[' => {
                if depth >= MOST_DEPTH {
                    return None;
                }
                let mut at = text.blanks(at + 1);
                if text.byte(at) == b']' {
                    return Some(at + 1);
                }
                loop {
                    at = text.blanks(self.skip(at, table, depth + 1)?);
                    match text.byte(at) {
                        b',' => at = text.blanks(at + 1),
                        b']' => return Some(at + 1),
                        _ => return None,
                    }
                }
            }
            _ => text.number(at),
        }
    }

    // ---- fields

    fn field(&mut self, number: usize, at: usize, sink: &mut Sink<'_>, inside: Inside<'c>) -> Option<usize> {
        let text = self.text;
        let field = inside.record?.fields.get(number)?;
        if text.byte(at) == b'n' && !field.takes_null {
            let end = text.literal(at, b"null")?;
            if !field.nullable {
                return None;
            }
            self.absent(number, field, sink)?;
            return Some(end);
        }
        if matches!(field.ask, Ask::Source | Ask::Version) {
            let end = self.answer(field, at, inside.depth)?;
            if !field.kept {
                return Some(end);
            }
        }
        if matches!(sink, Sink::Columns) && field.sentinels.is_empty() {
            // What most fields of most rows are.
            match &field.kind {
                Kind::Bool => {
                    let (value, end) = text.truth(at)?;
                    if field.kept {
                        self.builder.bool(number, value);
                    }
                    return Some(end);
                }
                Kind::Whole { scale, .. } => {
                    if let Some((count, end)) = text.short_int(at)
                        && let Some(value) = count.checked_mul(*scale)
                    {
                        if field.ask == Ask::Instant {
                            self.said.instant = Some(value);
                        }
                        if field.kept {
                            self.builder.int(number, value);
                        }
                        return Some(end);
                    }
                }
                Kind::Text(TextReading { trim: false, fold: false }) => {
                    if let (end, false) = text.string(at)? {
                        if field.kept {
                            self.builder.text(number, text.slice(at + 1, end - 1)?);
                        }
                        return Some(end);
                    }
                }
                Kind::Word(dictionary, _) => {
                    if let Some((value, end)) = self.known(*dictionary, at) {
                        if field.kept {
                            let value = value.clone();
                            self.builder.value(number, value);
                        }
                        return Some(end);
                    }
                }
                Kind::List { known: Some(dictionary), .. } => {
                    if let Some(end) = self.known_code(*dictionary, at, number, field.kept) {
                        return Some(end);
                    }
                }
                _ => {}
            }
        }
        self.other_field(number, field, at, sink, inside.depth)
    }

    #[inline(never)]
    fn other_field(
        &mut self,
        number: usize,
        field: &'c FieldPlan<'c>,
        at: usize,
        sink: &mut Sink<'_>,
        depth: usize,
    ) -> Option<usize> {
        let wanted = field.kept || field.ask == Ask::Instant || !field.sentinels.is_empty();
        let (value, end) = self.value(&field.kind, at, wanted, depth)?;
        if field.ask == Ask::Instant {
            self.said.instant = Some(value.as_num().and_then(Num::as_i64)?);
        }
        if wanted && (value.is_missing() || field.sentinels.contains(&value)) {
            // What is kept of a record that nobody reads is missing too, but that is not kept.
            field.absent.as_ref()?;
            self.absent(number, field, sink)?;
        } else {
            self.put(number, field, value, sink);
        }
        Some(end)
    }

    fn put(&mut self, number: usize, field: &FieldPlan<'_>, value: Value, sink: &mut Sink<'_>) {
        match sink {
            Sink::Columns if field.kept => self.builder.value(number, value),
            Sink::Values(values) if field.kept => {
                if let Some(slot) = values.get_mut(number) {
                    *slot = value;
                }
            }
            _ => {}
        }
    }

    /// A field that has no value of its own.
    fn absent(&mut self, number: usize, field: &FieldPlan<'_>, sink: &mut Sink<'_>) -> Option<()> {
        let value = field.absent.as_ref()?;
        // What its absence says of the row is for the other way to find out.
        if field.ask != Ask::Nothing {
            return None;
        }
        match (&*sink, &field.kind) {
            (Sink::Columns, _) if !field.kept => {}
            (Sink::Columns, Kind::List { known: Some(dictionary), .. }) => {
                let dictionary = self.state.dictionaries.get_mut(*dictionary)?;
                self.builder.coded(number, &mut dictionary.absent, value);
            }
            _ => self.put(number, field, value.clone(), sink),
        }
        Some(())
    }

    /// What a row says of its source or version.
    fn answer(&mut self, field: &'c FieldPlan<'c>, at: usize, depth: usize) -> Option<usize> {
        let state = &*self.state;
        let known = if field.ask == Ask::Source { &state.sources } else { &state.versions };
        let met = known.iter().find_map(|(piece, answer)| Some((*answer, piece.past(self.text, at)?)));
        let (answer, end) = match met {
            Some(met) => met,
            None => self.new_answer(field, at, depth)?,
        };
        match field.ask {
            Ask::Source => self.said.kind = Some(answer),
            _ => self.said.version = Some(answer),
        }
        Some(end)
    }

    #[cold]
    fn new_answer(&mut self, field: &'c FieldPlan<'c>, at: usize, depth: usize) -> Option<(usize, usize)> {
        let (value, end) = self.value(&field.kind, at, true, depth)?;
        let written = self.text.slice(at, end)?;
        let (answer, known) = match field.ask {
            Ask::Source => (self.judge.kind_of(&value)?, &mut self.state.sources),
            _ => (self.judge.version_of(&value)?, &mut self.state.versions),
        };
        if known.len() < MOST_SPELLINGS && written.len() <= LONGEST_SPELLING && written.starts_with('"') {
            known.push((Piece::new(written), answer));
        }
        Some((answer, end))
    }

    // ---- values

    /// A value; missing where it is not wanted, but checked all the same.
    fn value(&mut self, kind: &'c Kind<'c>, at: usize, wanted: bool, depth: usize) -> Option<(Value, usize)> {
        let text = self.text;
        Some(match kind {
            Kind::Bool => {
                let (value, end) = text.truth(at)?;
                (Value::Bool(value), end)
            }
            Kind::Whole { scale, round } => {
                let short = text.short_int(at).and_then(|(count, end)| Some((count.checked_mul(*scale)?, end)));
                if let Some((value, end)) = short {
                    return Some((Value::int(value), end));
                }
                let end = text.number(at)?;
                (Value::Num(read::counted(text.slice(at, end)?, *scale, *round).ok()?), end)
            }
            Kind::Number { percent } => {
                let end = text.number(at)?;
                let written = text.slice(at, end)?;
                let number = if *percent { read::percent(written) } else { read::decimal(written) };
                (Value::Num(number.ok()?), end)
            }
            Kind::Rfc3339 => {
                let (end, false) = text.string(at)? else { return None };
                (Value::Num(read::instant(text.slice(at + 1, end - 1)?).ok()?), end)
            }
            Kind::Text(how) => {
                let (end, escaped) = text.string(at)?;
                if !wanted {
                    (Value::Missing, end)
                } else if escaped {
                    let JsonKind::Text(found) = parse_row(text.slice(at, end)?, 0, &Keep::All).ok()?.kind else {
                        return None;
                    };
                    (Value::text(how.apply(&found)), end)
                } else {
                    (Value::text(how.apply(text.slice(at + 1, end - 1)?)), end)
                }
            }
            Kind::Word(dictionary, shape) => match self.known(*dictionary, at) {
                Some((value, end)) => (value.clone(), end),
                None => {
                    let (value, end) = self.tree(shape, &Keep::All, &Projection::everything(), at, depth)?;
                    self.learn(*dictionary, at, end, &value);
                    (value, end)
                }
            },
            Kind::List { element, gaps, known } => self.list(element, *gaps, *known, at, wanted, depth)?,
            Kind::Record(record) => {
                let fields = self.plan.records.get(*record)?.fields.len();
                let mut values = if wanted { vec![Value::Missing; fields] } else { Vec::new() };
                let mut sink = if wanted { Sink::Values(&mut values) } else { Sink::Nowhere };
                let end = self.record(*record, at, &mut sink, depth + 1)?;
                (if wanted { Value::record(values) } else { Value::Missing }, end)
            }
            Kind::Refined(base, shape) => {
                let (value, end) = self.value(base, at, true, depth)?;
                if !self.judge.decoder.meets(&value, shape).ok()? {
                    return None;
                }
                (value, end)
            }
            Kind::Tree { shape, keep, below, known } => {
                if let Some((value, end)) = known.and_then(|known| self.known(known, at)) {
                    return Some((value.clone(), end));
                }
                let (value, end) = self.tree(shape, keep, below, at, depth)?;
                if let Some(known) = known {
                    self.learn(*known, at, end, &value);
                }
                (value, end)
            }
        })
    }

    fn list(
        &mut self,
        element: &'c Kind<'c>,
        gaps: bool,
        known: Option<usize>,
        at: usize,
        wanted: bool,
        depth: usize,
    ) -> Option<(Value, usize)> {
        let text = self.text;
        if text.byte(at) != b'[' || depth >= MOST_DEPTH {
            return None;
        }
        // A list that is remembered is needed, whoever asks for it now.
        let wanted = wanted || known.is_some();
        let mut made = Vec::new();
        let start = at;
        let mut at = text.blanks(at + 1);
        if text.byte(at) == b']' {
            at += 1;
        } else {
            loop {
                let value = match text.byte(at) {
                    b'n' if gaps => {
                        at = text.literal(at, b"null")?;
                        Value::Missing
                    }
                    _ => {
                        let (value, end) = self.value(element, at, wanted, depth + 1)?;
                        at = end;
                        value
                    }
                };
                if wanted {
                    made.push(value);
                }
                at = text.blanks(at);
                match text.byte(at) {
                    b',' => at = text.blanks(at + 1),
                    b']' => break at += 1,
                    _ => return None,
                }
            }
        }
        if !wanted {
            return Some((Value::Missing, at));
        }
        let value = Value::list(made);
        if let Some(known) = known {
            self.learn(known, start, at, &value);
        }
        Some((value, at))
    }

    /// By way of a tree.
    fn tree(
        &mut self,
        shape: &Shape,
        keep: &Keep,
        below: &Projection,
        at: usize,
        depth: usize,
    ) -> Option<(Value, usize)> {
        let end = self.skip(at, self.state.names.spare(), depth)?;
        let json = parse_row(self.text.slice(at, end)?, self.base.saturating_add(at as u64), keep).ok()?;
        let mut report = DecodeReport::default();
        let value = self.judge.decoder.decode(&json, shape, below, &mut report);
        (report.faults.is_empty() && report.unreadable.is_empty()).then_some((value, end))
    }

    // ---- dictionaries

    /// A value whose spelling is known.
    #[inline(always)]
    fn known(&mut self, dictionary: usize, at: usize) -> Option<(&Value, usize)> {
        let dictionary = self.state.dictionaries.get_mut(dictionary)?;
        let (spelling, end) = dictionary.find(self.text, at)?;
        Some((&spelling.value, end))
    }

    /// A value of a column whose spelling is known.
    #[inline(always)]
    fn known_code(&mut self, dictionary: usize, at: usize, column: usize, kept: bool) -> Option<usize> {
        let dictionary = self.state.dictionaries.get_mut(dictionary)?;
        let (spelling, end) = dictionary.find(self.text, at)?;
        if kept {
            self.builder.coded(column, &mut spelling.code, &spelling.value);
        }
        Some(end)
    }

    fn learn(&mut self, dictionary: usize, at: usize, end: usize, value: &Value) {
        let Some(dictionary) = self.state.dictionaries.get_mut(dictionary) else { return };
        let Some(written) = self.text.slice(at, end) else { return };
        // A number would also be found where a longer one stands.
        let ends_itself = written.starts_with(['"', '[', '{']);
        if ends_itself && written.len() <= LONGEST_SPELLING && dictionary.spellings.len() < MOST_SPELLINGS {
            dictionary.spellings.push(Spelling { piece: Piece::new(written), value: value.clone(), code: None });
        }
    }
}

impl Dictionary {
    #[inline(always)]
    fn find(&mut self, text: Text<'_>, at: usize) -> Option<(&mut Spelling, usize)> {
        let past = |s: &Spelling| s.piece.past(text, at);
        let (number, end) = match self.spellings.get(self.last).and_then(past) {
            Some(end) => (self.last, end),
            None => self.spellings.iter().enumerate().find_map(|(i, s)| Some((i, past(s)?)))?,
        };
        self.last = number;
        Some((self.spellings.get_mut(number)?, end))
    }
}
