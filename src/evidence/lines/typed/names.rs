//! The names of objects: where each leads, which one comes next, and whether one comes twice.

use super::plan::{Leads, ObjectPlan};
use super::text::{Piece, Text};

/// Names that one object's table holds, so that looking one up stays short.
const MOST_NAMES: usize = 127;
/// Tables of objects that nobody reads, in all.
const MOST_TABLES: usize = 256;
/// Names of one object beyond its table.
const MOST_BEYOND: usize = 64;
/// How many names may be passed over before one is looked up.
const HOPS: usize = 3;

/// What is known of all objects so far.
#[derive(Debug)]
pub(super) struct Tables {
    tables: Vec<Table>,
    /// The table of objects for which there is none: it never learns.
    spare: usize,
    /// Names beyond the tables, of all objects that are open: where they stand.
    beyond: Vec<(usize, usize)>,
    /// How many objects were begun.
    begun: u64,
}

/// The names of one object, or of all objects at one place.
#[derive(Debug)]
struct Table {
    closed: bool,
    learns: bool,
    /// The first stands for the start of the object.
    names: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    /// The name in quotes and a colon.
    piece: Piece,
    slot: Slot,
    /// Which name follows, as far as is known.
    next: usize,
    /// In which object it was met last. No table has two objects open at a time.
    met_in: u64,
    /// The table of objects below.
    below: Option<usize>,
}

/// Where a name leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// Nowhere: its value is only checked.
    Skip,
    Field(usize),
    /// Into an object with this table.
    Inside(usize),
}

/// A name that was met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    /// Which of its table; beyond it, the start.
    number: usize,
    pub slot: Slot,
    /// Where its value may begin.
    pub after: usize,
}

/// An object that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    table: usize,
    /// Its number among all objects.
    object: u64,
    /// The name that came last, and the one that is due.
    last: usize,
    next: usize,
    beyond: usize,
}

impl Tables {
    pub fn new(objects: &[ObjectPlan]) -> Self {
        let mut tables: Vec<Table> = objects.iter().map(Table::new).collect();
        let spare = tables.len();
        tables.push(Table { closed: false, learns: false, names: vec![Name::start()] });
        Self { tables, spare, beyond: Vec::new(), begun: 0 }
    }

    /// Begins an object.
    #[inline(always)]
    pub fn open(&mut self, table: usize) -> Open {
        self.begun += 1;
        let next = self.tables.get(table).and_then(|t| t.names.first()).map_or(0, |start| start.next);
        Open { table, object: self.begun, last: 0, next, beyond: self.beyond.len() }
    }

    /// Ends it.
    #[inline(always)]
    pub fn close(&mut self, object: &Open) {
        self.beyond.truncate(object.beyond);
    }

    /// Forgets objects that were never closed.
    pub fn reset(&mut self) {
        self.beyond.clear();
    }

    /// Reads a name and its colon. `None`: it is none, it is written with escapes, it stands
    /// twice, or it may not be there.
    #[inline(always)]
    pub fn name(&mut self, object: &mut Open, text: Text<'_>, at: usize) -> Option<Met> {
        let table = self.tables.get_mut(object.table)?;
        let mut number = object.next;
        let mut hops = 0;
        loop {
            let name = table.names.get_mut(number)?;
            if let Some(after) = name.piece.past(text, at) {
                if name.met_in == object.object {
                    return None;
                }
                name.met_in = object.object;
                (object.last, object.next) = (number, name.next);
                return Some(Met { number, slot: name.slot, after });
            }
            hops += 1;
            if hops > HOPS {
                return self.look_up(object, text, at);
            }
            number = name.next;
        }
    }

    #[inline(never)]
    fn look_up(&mut self, object: &mut Open, text: Text<'_>, at: usize) -> Option<Met> {
        let (end, false) = text.string(at)? else { return None };
        let colon = text.blanks(end);
        if text.byte(colon) != b':' {
            return None;
        }
        let after = colon + 1;
        let written = text.slice(at, end)?;
        let table = self.tables.get_mut(object.table)?;
        let known = table.names.iter().position(|n| n.piece.as_str().strip_suffix(':') == Some(written));
        let number = match known {
            Some(number) => number,
            None if table.closed => return None,
            None if table.learns && table.names.len() <= MOST_NAMES => {
                let next = table.names.get(object.last).map_or(0, |n| n.next);
                let piece = Piece::new(&format!("{written}:"));
                table.names.push(Name { piece, slot: Slot::Skip, next, met_in: 0, below: None });
                table.names.len() - 1
            }
            None => return self.beyond(object, text, (at, end), after),
        };
        if let Some(last) = table.names.get_mut(object.last) {
            last.next = number;
        }
        let name = table.names.get_mut(number)?;
        if name.met_in == object.object {
            return None;
        }
        name.met_in = object.object;
        (object.last, object.next) = (number, name.next);
        Some(Met { number, slot: name.slot, after })
    }

    /// A name that finds no room in its table.
    fn beyond(&mut self, object: &Open, text: Text<'_>, (at, end): (usize, usize), after: usize) -> Option<Met> {
        let written = text.bytes(at, end)?;
        let before = self.beyond.get(object.beyond..)?;
        let repeated = before.iter().any(|(from, to)| text.bytes(*from, *to) == Some(written));
        if repeated || before.len() >= MOST_BEYOND {
            return None;
        }
        self.beyond.push((at, end));
        Some(Met { number: 0, slot: Slot::Skip, after })
    }

    /// The table of objects that stand below a name which leads nowhere.
    #[inline(always)]
    pub fn below(&mut self, object: &Open, met: Met) -> usize {
        let name = self.tables.get(object.table).and_then(|table| table.names.get(met.number));
        match name {
            Some(Name { below: Some(table), .. }) => *table,
            Some(_) if met.number > 0 => self.make_below(object.table, met.number),
            _ => self.spare,
        }
    }

    #[cold]
    fn make_below(&mut self, table: usize, number: usize) -> usize {
        let new = self.tables.len();
        if new >= self.spare + MOST_TABLES {
            return self.spare;
        }
        self.tables.push(Table { closed: false, learns: true, names: vec![Name::start()] });
        let name = self.tables.get_mut(table).and_then(|table| table.names.get_mut(number));
        if let Some(name) = name {
            name.below = Some(new);
        }
        new
    }

    /// The table of objects for which there is none.
    pub fn spare(&self) -> usize {
        self.spare
    }
}

impl Name {
    fn start() -> Self {
        // A byte that stands nowhere in JSON.
        Self { piece: Piece::new("\u{0}"), slot: Slot::Skip, next: 0, met_in: 0, below: None }
    }
}

impl Table {
    fn new(object: &ObjectPlan) -> Self {
        let mut names = vec![Name::start()];
        names.extend(object.names.iter().map(|(name, leads)| Name {
            piece: Piece::new(&format!("\"{name}\":")),
            slot: match leads {
                Leads::Field(field) => Slot::Field(*field),
                Leads::Inside(object) => Slot::Inside(*object),
            },
            next: 0,
            met_in: 0,
            below: None,
        }));
        let len = names.len();
        for (number, name) in names.iter_mut().enumerate() {
            name.next = (number + 1) % len;
        }
        Self { closed: object.closed, learns: true, names }
    }
}
