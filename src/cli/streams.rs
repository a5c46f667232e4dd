//! Stdout and stderr: colours, diagnostics, closed pipes.

use super::{Colour, DiagnosticsForm, Exit, Global};
use crate::diag::{self, Diagnostic, Severity, Style};
use crate::source::SourceMap;
use std::io::{self, IsTerminal, Read, Write};

/// Columns of diagnostics, the same everywhere so that logs can be compared.
const WIDTH: usize = 100;

/// Where a command writes.
pub(super) struct Streams {
    colour: Colour,
    form: DiagnosticsForm,
    no_color: bool,
}

impl Streams {
    pub(super) fn new(global: &Global) -> Self {
        Self { colour: global.color, form: global.diagnostics, no_color: no_color() }
    }

    /// Whether results on stdout are coloured.
    pub(super) fn colours_stdout(&self) -> bool {
        self.colours(io::stdout().is_terminal())
    }

    /// Whether progress may be shown: a person looks at stderr, and no tool reads it.
    pub(super) fn shows_progress(&self) -> bool {
        io::stderr().is_terminal() && self.form == DiagnosticsForm::Human
    }

    fn colours(&self, terminal: bool) -> bool {
        match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !self.no_color,
        }
    }

    /// Writes a result to stdout. A reader that went away is no fault; a full disk is.
    pub(super) fn print(&mut self, text: &str) -> Result<(), Exit> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                self.say(&format!("stdout could not be written: {e}"));
                Err(Exit::NotWritten)
            }
            _ => Ok(()),
        }
    }

    /// Reads stdin to its end; a text of more than `limit` bytes is an error of kind `FileTooLarge`.
    pub(super) fn read(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }

    /// Writes a line for people to stderr; under `--diagnostics json` nothing.
    pub(super) fn say(&mut self, line: &str) {
        if self.form == DiagnosticsForm::Human {
            // Nobody is left to be told when stderr cannot be written.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// Writes diagnostics to stderr: all of them, and for people how many there were. Call it
    /// once: its JSON form is one array.
    pub(super) fn tell(&mut self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        let mut out = String::new();
        match self.form {
            DiagnosticsForm::Json => {
                out = diag::printable_json(format!("{:#}\n", diag::render_json(diagnostics, sources)));
            }
            DiagnosticsForm::Human => {
                let terminal = io::stderr().is_terminal();
                let style = Style { colour: self.colours(terminal), unicode: true, width: WIDTH };
                for diagnostic in diagnostics {
                    out.push_str(&diag::render(diagnostic, sources, &style));
                    out.push('\n');
                }
                if diagnostics.len() > 1 {
                    out.push_str(&count(diagnostics));
                    out.push('\n');
                }
            }
        }
        let _ = io::stderr().write_all(out.as_bytes());
    }

    /// Whether diagnostics go to a tool, which wants all of them always.
    pub(super) fn tells_tools(&self) -> bool {
        self.form == DiagnosticsForm::Json
    }
}

/// `3 errors, 1 warning`
pub(super) fn count(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let words = |n: usize, word: &str| (n > 0).then(|| format!("{n} {word}{}", if n == 1 { "" } else { "s" }));
    let parts = [words(of(Severity::Error), "error"), words(of(Severity::Warning), "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The last message of a program that cannot go on.
pub(super) fn last_words(diagnostic: &Diagnostic) {
    let style = Style { colour: false, unicode: true, width: WIDTH };
    let _ = io::stderr().write_all(diag::render(diagnostic, &SourceMap::default(), &style).as_bytes());
}

/// <https://no-color.org>: set to anything but nothing.
#[expect(clippy::disallowed_methods, reason = "colours take no part in a verdict")]
fn no_color() -> bool {
    std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty())
}
