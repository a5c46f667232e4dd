//! Layouts, and the printer that chooses among them.
//!
//! A [`Doc`] says where lines may break. The printer walks it once from left to right: a group
//! that fits on its line stays on it, any other breaks. A body that must be open has lines of its
//! own and does not break what stands around it.

/// Columns that a line may have.
pub(super) const WIDTH: usize = 120;

/// Blanks of one step inwards.
pub(super) const STEP: usize = 2;

/// A text with the places where it may break.
#[derive(Debug)]
pub(super) enum Doc {
    /// Text without a line break.
    Text(String),
    /// A blank; a line break in a broken group.
    Line,
    /// A blank; a line break where what comes up to the next one does not fit.
    Fill,
    /// This many blanks in a broken group, none in one that stands on a line.
    Pad(usize),
    /// One after the other.
    Seq(Vec<Doc>),
    /// Lines that break inside are this much further in.
    Nest(usize, Box<Doc>),
    /// Lines that break inside begin in the column where it starts.
    Align(Box<Doc>),
    /// On one line if it fits.
    Group(Box<Doc>),
    /// Something in brackets.
    Body(Box<Body>),
    /// A list and the stages of its pipeline.
    Stages(Box<Stages>),
    /// What stands behind a sign such as `=`.
    Assign(Box<Assign>),
    /// Comments that stand before the next token.
    Remarks(Vec<Remark>),
    /// Text as it is, line breaks included.
    Raw(String),
}

/// A comment before a token.
#[derive(Debug, Clone)]
pub(super) struct Remark {
    /// Its text, from `#` on, without blanks at its end.
    pub text: String,
    /// Whether it stands on the line of the token before.
    pub trailing: bool,
    /// How many line breaks stand before it.
    pub lines: usize,
}

/// Something in brackets: on one line, or each item on its own.
#[derive(Debug)]
pub(super) struct Body {
    /// The opening bracket.
    pub open: Doc,
    /// The comment behind it, on its line.
    pub tail: Option<String>,
    /// Items and comments.
    pub lines: Vec<BodyLine>,
    /// The closing bracket.
    pub close: Doc,
    /// Whether blanks stand inside the brackets on one line.
    pub padded: bool,
    /// Whether it must not stand on one line.
    pub forced: bool,
}

/// One line of an open body.
#[derive(Debug)]
pub(super) struct BodyLine {
    /// Whether an empty line stands before it.
    pub blank: bool,
    /// What stands on it.
    pub doc: Doc,
    /// What follows it when all stand on one line.
    pub after: &'static str,
    /// What follows it on its own line.
    pub sign: &'static str,
    /// The comment behind it.
    pub tail: Option<String>,
}

impl BodyLine {
    /// A comment on a line of its own.
    pub fn remark(text: String, blank: bool) -> Self {
        Self { blank, doc: Doc::Text(text), after: "", sign: "", tail: None }
    }
}

/// A list and the stages of its pipeline.
#[derive(Debug)]
pub(super) struct Stages {
    /// The list.
    pub head: Doc,
    /// The stages; of the last one only what stands before its body, if it ends in one.
    pub stages: Vec<Doc>,
    /// The body in which the last stage ends.
    pub last: Option<Body>,
}

/// What stands behind a sign such as `=`.
#[derive(Debug)]
pub(super) struct Assign {
    /// The value.
    pub value: Doc,
    /// Where it goes when it does not fit.
    pub hold: Hold,
}

/// Where a value goes that does not fit behind its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// It stays and breaks inside.
    Stay,
    /// To the next line if it fits there, else it stays and breaks inside.
    Rather,
    /// To the next line.
    Next,
}

impl Doc {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A group of parts.
    pub fn group(parts: Vec<Self>) -> Self {
        Self::Group(Box::new(Self::Seq(parts)))
    }

    /// Parts that are further in.
    pub fn nest(by: usize, parts: Vec<Self>) -> Self {
        Self::Nest(by, Box::new(Self::Seq(parts)))
    }

    /// It on one line, if it can stand on one.
    pub fn flat(&self) -> Option<String> {
        let mut out = String::new();
        self.flat_into(&mut out).then_some(out)
    }

    /// Whether something in it has lines of its own.
    fn opens(&self) -> bool {
        match self {
            Self::Seq(parts) => parts.iter().any(Self::opens),
            Self::Nest(_, inner) | Self::Align(inner) | Self::Group(inner) => inner.opens(),
            Self::Body(body) => body.forced || body.lines.iter().any(|l| l.doc.opens()),
            Self::Stages(stages) => {
                let last = stages.last.as_ref().is_some_and(|b| b.forced || b.lines.iter().any(|l| l.doc.opens()));
                last || stages.head.opens() || stages.stages.iter().any(Self::opens)
            }
            Self::Assign(assign) => assign.value.opens(),
            _ => false,
        }
    }

    fn flat_into(&self, out: &mut String) -> bool {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Line | Self::Fill => out.push(' '),
            Self::Pad(_) => {}
            Self::Seq(parts) => return parts.iter().all(|p| p.flat_into(out)),
            Self::Nest(_, inner) | Self::Align(inner) | Self::Group(inner) => return inner.flat_into(out),
            Self::Body(body) => return body.flat_into(out),
            Self::Stages(stages) => {
                let mut all = stages.head.flat_into(out);
                for stage in &stages.stages {
                    out.push(' ');
                    all &= stage.flat_into(out);
                }
                return all && stages.last.as_ref().is_none_or(|body| body.flat_into(out));
            }
            Self::Assign(assign) => {
                out.push(' ');
                return assign.value.flat_into(out);
            }
            Self::Remarks(remarks) => return remarks.is_empty(),
            Self::Raw(_) => return false,
        }
        true
    }
}

impl Body {
    /// Whether it has lines of its own: it must, or an item before its last one does.
    fn opens(&self) -> bool {
        let before = self.lines.len().saturating_sub(1);
        self.forced || self.lines.iter().take(before).any(|l| l.doc.opens())
    }

    fn flat_into(&self, out: &mut String) -> bool {
        if self.forced || !self.open.flat_into(out) {
            return false;
        }
        let pad = if self.padded && !self.lines.is_empty() { " " } else { "" };
        out.push_str(pad);
        for line in &self.lines {
            if !line.doc.flat_into(out) {
                return false;
            }
            out.push_str(line.after);
        }
        out.push_str(pad);
        self.close.flat_into(out)
    }
}

/// Prints lines one below the other, from the margin.
pub(super) fn print(lines: &[BodyLine]) -> String {
    let mut printer = Printer { out: String::new(), column: 0, margin: 0, fresh: true, due: false };
    let mut commands: Vec<Command<'_>> = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            commands.push(Command { indent: 0, flat: false, what: What::Break { blank: line.blank } });
        }
        push_line(&mut commands, line, 0);
    }
    commands.reverse();
    printer.run(commands);
    let mut out = printer.out;
    out.truncate(out.trim_end_matches([' ', '\n']).len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn push_line<'d>(commands: &mut Vec<Command<'d>>, line: &'d BodyLine, indent: usize) {
    let mut push = |what| commands.push(Command { indent, flat: false, what });
    push(What::Doc(&line.doc));
    push(What::Sign(line.sign));
    if let Some(tail) = &line.tail {
        push(What::Tail(tail));
    }
}

#[derive(Clone, Copy)]
struct Command<'d> {
    indent: usize,
    flat: bool,
    what: What<'d>,
}

#[derive(Clone, Copy)]
enum What<'d> {
    Doc(&'d Doc),
    Sign(&'static str),
    Break {
        blank: bool,
    },
    /// A comment at the end of a line.
    Tail(&'d str),
    /// A body that is printed open.
    Open(&'d Body),
    /// A body that is open where it has to be.
    Either(&'d Body),
    /// Behind an open body in [`Printer::fits`]: a line that starts here.
    At(usize),
}

struct Printer {
    out: String,
    /// Characters on the current line.
    column: usize,
    /// Blanks at the start of the current line.
    margin: usize,
    /// Whether nothing but blanks stands on the current line.
    fresh: bool,
    /// Whether a line break is due before the next text, because a comment stands there.
    due: bool,
}

impl Printer {
    fn run<'d>(&mut self, mut stack: Vec<Command<'d>>) {
        while let Some(Command { indent, flat, what }) = stack.pop() {
            let same = |what| Command { indent, flat, what };
            match what {
                What::Sign(text) => self.text(text, indent),
                What::Break { blank } => self.line(indent, blank),
                What::Tail(text) => self.remark(text, true, indent),
                What::At(_) => {}
                What::Open(body) => self.open(&mut stack, body, indent),
                What::Either(body) => self.body(&mut stack, body, indent, flat),
                What::Doc(doc) => match doc {
                    Doc::Text(text) => self.text(text, indent),
                    Doc::Line if flat => self.text(" ", indent),
                    Doc::Line => self.line(indent, false),
                    Doc::Fill if flat || self.fits(&[], &stack) => self.text(" ", indent),
                    Doc::Fill => self.line(indent, false),
                    Doc::Pad(n) if !flat => self.text(&" ".repeat(*n), indent),
                    Doc::Pad(_) => {}
                    Doc::Seq(parts) => stack.extend(parts.iter().rev().map(|p| same(What::Doc(p)))),
                    Doc::Nest(by, inner) => {
                        stack.push(Command { indent: indent + by, flat, what: What::Doc(inner) });
                    }
                    Doc::Align(inner) => {
                        if self.due {
                            self.line(indent, false);
                        }
                        stack.push(Command { indent: self.column, flat, what: What::Doc(inner) });
                    }
                    Doc::Group(inner) => {
                        let flat = flat || self.fits(&[Command { indent, flat: true, what: What::Doc(inner) }], &stack);
                        stack.push(Command { indent, flat, what: What::Doc(inner) });
                    }
                    Doc::Body(body) => self.body(&mut stack, body, indent, flat),
                    Doc::Stages(stages) => self.stages(&mut stack, stages, doc, indent, flat),
                    Doc::Assign(assign) => self.assign(&mut stack, assign, indent, flat),
                    Doc::Remarks(remarks) => {
                        for remark in remarks {
                            self.remark(&remark.text, remark.trailing, indent);
                        }
                    }
                    Doc::Raw(text) => {
                        self.text("", indent);
                        self.out.push_str(text);
                        self.column = text.rsplit('\n').next().unwrap_or("").chars().count();
                        self.fresh = false;
                    }
                },
            }
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        let blank = text.trim_matches(' ').is_empty();
        if self.due {
            if blank && !text.is_empty() {
                return;
            }
            self.line(indent, false);
        }
        self.out.push_str(text);
        self.column += text.chars().count();
        if !blank {
            self.fresh = false;
        } else if self.fresh {
            self.margin = self.column;
        }
    }

    fn line(&mut self, indent: usize, blank: bool) {
        self.trim();
        if !self.out.is_empty() {
            self.out.push_str(if blank { "\n\n" } else { "\n" });
        }
        self.out.push_str(&" ".repeat(indent));
        (self.column, self.margin, self.fresh, self.due) = (indent, indent, true, false);
    }

    fn trim(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
    }

    fn remark(&mut self, text: &str, trailing: bool, indent: usize) {
        if trailing && !self.due {
            // Where the line has been broken already, the comment goes back to its end.
            self.out.truncate(self.out.trim_end_matches([' ', '\n']).len());
            self.out.push_str("  ");
        } else if self.due || !self.fresh {
            self.line(indent, false);
        }
        self.out.push_str(text);
        (self.fresh, self.due) = (false, true);
    }

    fn body<'d>(&mut self, stack: &mut Vec<Command<'d>>, body: &'d Body, indent: usize, flat: bool) {
        let whole = [Command { indent, flat: true, what: What::Either(body) }];
        if !body.opens() && (flat || self.fits(&whole, stack)) {
            flat_body(stack, body, indent);
            return;
        }
        // Only the last item is open, if that is enough.
        if let (false, [before @ .., BodyLine { doc: Doc::Body(last), .. }]) = (body.opens(), body.lines.as_slice())
            && !body.padded
            && last.padded
        {
            let flat = |what| Command { indent, flat: true, what };
            let mut commands = vec![flat(What::Doc(&body.open))];
            for line in before {
                commands.extend([flat(What::Doc(&line.doc)), flat(What::Sign(line.after))]);
            }
            commands.extend([flat(What::Open(last)), flat(What::Doc(&body.close))]);
            if self.fits(&commands, stack) {
                stack.extend(commands.into_iter().rev());
                return;
            }
        }
        self.open(stack, body, indent);
    }

    fn open<'d>(&mut self, stack: &mut Vec<Command<'d>>, body: &'d Body, indent: usize) {
        let mut commands = Vec::new();
        let base = self.margin;
        commands.push(Command { indent, flat: true, what: What::Doc(&body.open) });
        if let Some(tail) = &body.tail {
            commands.push(Command { indent, flat: true, what: What::Tail(tail) });
        }
        let inner = base + STEP;
        for (i, line) in body.lines.iter().enumerate() {
            let blank = line.blank && i > 0;
            commands.push(Command { indent: inner, flat: false, what: What::Break { blank } });
            push_line(&mut commands, line, inner);
        }
        commands.push(Command { indent: base, flat: false, what: What::Break { blank: false } });
        commands.push(Command { indent: base, flat: false, what: What::Doc(&body.close) });
        stack.extend(commands.into_iter().rev());
    }

    fn stages<'d>(
        &mut self,
        stack: &mut Vec<Command<'d>>,
        stages: &'d Stages,
        whole: &'d Doc,
        indent: usize,
        flat: bool,
    ) {
        let flat = flat || self.fits(&[Command { indent, flat: true, what: What::Doc(whole) }], stack);
        let mut commands = vec![Command { indent, flat: true, what: What::Doc(&stages.head) }];
        for stage in &stages.stages {
            commands.push(Command { indent, flat: true, what: What::Sign(" ") });
            commands.push(Command { indent, flat: true, what: What::Doc(stage) });
        }
        if flat {
            commands.extend(stages.last.iter().map(|body| Command { indent, flat, what: What::Either(body) }));
            stack.extend(commands.into_iter().rev());
            return;
        }
        if let Some(body) = &stages.last {
            commands.push(Command { indent, flat: true, what: What::Open(body) });
            if self.fits(&commands, stack) {
                stack.extend(commands.into_iter().rev());
                return;
            }
        }
        let inner = indent + STEP;
        let mut commands = vec![Command { indent, flat: false, what: What::Doc(&stages.head) }];
        for stage in &stages.stages {
            commands.push(Command { indent: inner, flat: false, what: What::Break { blank: false } });
            commands.push(Command { indent: inner, flat: false, what: What::Doc(stage) });
        }
        commands.extend(stages.last.iter().map(|body| Command {
            indent: inner,
            flat: false,
            what: What::Either(body),
        }));
        stack.extend(commands.into_iter().rev());
    }

    fn assign<'d>(&mut self, stack: &mut Vec<Command<'d>>, assign: &'d Assign, indent: usize, flat: bool) {
        let value = What::Doc(&assign.value);
        let here = [Command { indent, flat: true, what: What::Sign(" ") }, Command { indent, flat: true, what: value }];
        if flat || self.fits(&here, stack) {
            stack.extend(here.into_iter().rev());
            return;
        }
        let inner = indent + STEP;
        let down = [
            Command { indent: inner, flat: true, what: What::Break { blank: false } },
            Command { indent: inner, flat: true, what: value },
        ];
        let next = match assign.hold {
            Hold::Stay => false,
            Hold::Rather => self.fits(&down, stack),
            Hold::Next => true,
        };
        let [first, second] = if next { down } else { here };
        stack.push(Command { flat: false, ..second });
        stack.push(first);
    }

    /// Whether commands fit on the current line together with what follows them up to the next
    /// place where a line may break.
    fn fits(&self, commands: &[Command<'_>], rest: &[Command<'_>]) -> bool {
        if self.due {
            return commands.is_empty();
        }
        let mut column = self.column;
        let mut margin = self.margin;
        let mut own: Vec<Command<'_>> = commands.iter().rev().copied().collect();
        let mut following = rest.iter().rev();
        loop {
            if column > WIDTH {
                return false;
            }
            let (command, mine) = match own.pop() {
                Some(command) => (command, true),
                None => match following.next() {
                    Some(command) => (*command, false),
                    None => return true,
                },
            };
            // What follows is looked at piece by piece: only its first place to break counts.
            if !mine {
                match ends(&command, &mut column) {
                    Some(true) => return column <= WIDTH,
                    Some(false) => return false,
                    None => continue,
                }
            }
            let Command { indent, flat, what } = command;
            let same = |what| Command { indent, flat, what };
            match what {
                What::Sign(text) => column += text.chars().count(),
                What::Break { .. } => {
                    (column, margin) = (indent, indent);
                }
                What::Tail(_) => return false,
                What::At(at) => (column, margin) = (at, at),
                What::Either(body) if !body.opens() => flat_body(&mut own, body, indent),
                What::Open(body) | What::Either(body) => {
                    own.push(same(What::Doc(&body.close)));
                    own.push(same(What::At(margin)));
                    own.push(same(What::Doc(&body.open)));
                }
                What::Doc(doc) => match doc {
                    Doc::Text(text) => column += text.chars().count(),
                    Doc::Line | Doc::Fill if flat => column += 1,
                    Doc::Line | Doc::Fill => return true,
                    Doc::Pad(n) => column += if flat { 0 } else { *n },
                    Doc::Seq(parts) => own.extend(parts.iter().rev().map(|p| same(What::Doc(p)))),
                    Doc::Nest(by, inner) => {
                        own.push(Command { indent: indent + by, flat, what: What::Doc(inner) });
                    }
                    Doc::Align(inner) | Doc::Group(inner) => own.push(same(What::Doc(inner))),
                    Doc::Body(body) => own.push(same(What::Either(body))),
                    Doc::Stages(stages) => {
                        own.extend(stages.last.iter().map(|body| same(What::Either(body))));
                        for stage in stages.stages.iter().rev() {
                            own.push(same(What::Doc(stage)));
                            own.push(same(What::Sign(" ")));
                        }
                        own.push(same(What::Doc(&stages.head)));
                    }
                    Doc::Assign(assign) => {
                        own.push(same(What::Doc(&assign.value)));
                        own.push(same(What::Sign(" ")));
                    }
                    Doc::Remarks(remarks) if remarks.is_empty() => {}
                    Doc::Remarks(_) | Doc::Raw(_) => return false,
                },
            }
        }
    }
}

/// Adds what follows to a column. `Some` at the first place where the line may break, and whether
/// it may go on to there.
fn ends(command: &Command<'_>, column: &mut usize) -> Option<bool> {
    let Command { flat, what, .. } = *command;
    match what {
        What::Sign(text) => {
            *column += text.chars().count();
            None
        }
        What::Break { .. } | What::Tail(_) | What::At(_) => Some(true),
        What::Either(body) if flat && !body.opens() => {
            let mut text = String::new();
            body.flat_into(&mut text);
            *column += text.chars().count();
            None
        }
        What::Open(body) | What::Either(body) => {
            ends(&Command { what: What::Doc(&body.open), ..*command }, column).or(Some(true))
        }
        What::Doc(doc) => match doc {
            Doc::Text(text) => {
                *column += text.chars().count();
                None
            }
            Doc::Line | Doc::Fill if flat => {
                *column += 1;
                None
            }
            Doc::Line | Doc::Fill | Doc::Raw(_) => Some(true),
            Doc::Pad(n) => {
                *column += if flat { 0 } else { *n };
                None
            }
            Doc::Seq(parts) => parts.iter().find_map(|p| ends(&Command { what: What::Doc(p), ..*command }, column)),
            // A group that follows may break at the first place inside.
            Doc::Nest(_, inner) | Doc::Align(inner) | Doc::Group(inner) => {
                ends(&Command { what: What::Doc(inner), ..*command }, column)
            }
            Doc::Body(body) => ends(&Command { what: What::Either(body), ..*command }, column),
            Doc::Stages(stages) => {
                let head = ends(&Command { what: What::Doc(&stages.head), ..*command }, column);
                if flat { head } else { head.or(Some(true)) }
            }
            Doc::Assign(assign) => {
                *column += 1;
                if assign.hold == Hold::Stay {
                    ends(&Command { what: What::Doc(&assign.value), ..*command }, column)
                } else {
                    Some(true)
                }
            }
            Doc::Remarks(remarks) => (!remarks.is_empty()).then_some(true),
        },
    }
}

fn flat_body<'d>(stack: &mut Vec<Command<'d>>, body: &'d Body, indent: usize) {
    let flat = |what| Command { indent, flat: true, what };
    let pad = if body.padded && !body.lines.is_empty() { " " } else { "" };
    stack.push(flat(What::Doc(&body.close)));
    stack.push(flat(What::Sign(pad)));
    for line in body.lines.iter().rev() {
        stack.push(flat(What::Sign(line.after)));
        stack.push(flat(What::Doc(&line.doc)));
    }
    stack.push(flat(What::Sign(pad)));
    stack.push(flat(What::Doc(&body.open)));
}
