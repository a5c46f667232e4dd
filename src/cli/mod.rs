//! The command line: arguments, streams, exit codes; one file a command.
//!
//! Results go to stdout, diagnostics and progress to stderr. May import: everything below.
//! Deliberately absent: judgement, and reading or writing of files but through `runner`.

mod check;
mod completions;
mod contract;
mod digests;
mod exit;
mod explain;
mod fmt;
mod graph;
mod init;
mod lint;
mod list;
mod progress;
mod run;
mod streams;

pub use exit::Exit;

use crate::diag::Diagnostic;
use crate::host::{Host, OsHost};
use crate::runner;
use clap::{Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use streams::Streams;

/// Stack of every thread that helps the program's own: expressions that nest recurse.
const STACK_BYTES: usize = 64 << 20;

#[derive(Debug, Parser)]
#[command(
    name = "rspp-gates",
    version,
    about = "Judges evidence by the gates of a policy, and says which rows fail.",
    after_help = exit::HELP,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
struct Global {
    /// The policy root: the folder that holds `gates/` and `profiles/` [default: the nearest one
    /// from here upwards]
    #[arg(long, global = true, value_name = "DIR")]
    policy: Option<PathBuf>,
    /// Whether to use colours; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
    /// How diagnostics are written to stderr
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t = DiagnosticsForm::Human)]
    diagnostics: DiagnosticsForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DiagnosticsForm {
    /// Marked excerpts of the policy
    Human,
    /// One JSON array
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judges the evidence by the gates of a profile
    Run(run::Args),
    /// Checks the policy and reads no evidence
    Check(check::Args),
    /// Lists profiles and gates, or all that a profile asks
    List(list::Args),
    /// Explains a gate, a function, a diagnostic, or any other name
    Explain(explain::Args),
    /// Draws what is read, in which passes, for which gates
    Graph(graph::Args),
    /// Judges documents by the contracts of the policy
    Contract(contract::Args),
    /// Judges documents by a contract, and tells its advice
    Lint(lint::Args),
    /// Lays out policy files
    Fmt(fmt::Args),
    /// Makes a small policy that runs
    Init(init::Args),
    /// Writes the completions of a shell
    Completions(completions::Args),
}

/// The whole program: reads the process's arguments, writes to its streams.
pub fn main() -> ExitCode {
    let said: Arc<LastWords> = Arc::default();
    let hook = said.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.to_string().replace('\n', ": ");
        // Of several panics the first is the cause.
        hook.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(text);
    }));
    let host = OsHost::default();
    let program = || guarded(&said, || start(&host, std::env::args_os()));
    let exit = std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, program);
        match deep {
            Ok(thread) => thread.join().unwrap_or_else(|_| bug("it stopped")),
            // No room for it: the stack at hand does for all but the deepest policies.
            Err(_) => program(),
        }
    });
    ExitCode::from(exit.code())
}

/// Stack of the program, for policies whose declarations lean on each other in long chains. Only
/// what is used of it takes memory.
const STACK: usize = 256 << 20;

/// What the first panic said, once there was one.
type LastWords = Mutex<Option<String>>;

/// Runs the program; a panic in it is a bug of ours and never an answer.
fn guarded(said: &LastWords, program: impl FnOnce() -> Exit) -> Exit {
    catch_unwind(AssertUnwindSafe(program)).unwrap_or_else(|_| {
        let said = said.lock().unwrap_or_else(PoisonError::into_inner).take();
        bug(&said.unwrap_or_else(|| "it stopped".into()))
    })
}

fn start(host: &dyn Host, arguments: impl Iterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Yes };
            // A closed pipe is no reason to fail.
            let _ = error.print();
            return exit;
        }
    };
    let threads = match &cli.command {
        Command::Run(args) => args.threads(),
        Command::Check(_)
        | Command::List(_)
        | Command::Explain(_)
        | Command::Graph(_)
        | Command::Completions(_)
        | Command::Contract(_)
        | Command::Lint(_)
        | Command::Fmt(_)
        | Command::Init(_) => 0,
    };
    // The program's own thread is one of them: the fewer are started, the sooner there is an answer.
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().stack_size(STACK_BYTES).build();
    match pool {
        Ok(pool) => pool.install(|| dispatch(host, &cli)),
        Err(error) => bug(&format!("threads cannot be started: {error}")),
    }
}

fn dispatch(host: &dyn Host, cli: &Cli) -> Exit {
    let mut streams = Streams::new(&cli.global);
    match &cli.command {
        Command::Run(args) => run::run(args, &cli.global, host, &mut streams),
        Command::Check(args) => check::run(args, &cli.global, host, &mut streams),
        Command::List(args) => list::run(args, &cli.global, host, &mut streams),
        Command::Contract(args) => contract::run(args, &cli.global, host, &mut streams),
        Command::Lint(args) => lint::run(args, &cli.global, host, &mut streams),
        Command::Init(args) => init::run(args, &cli.global, host, &mut streams),
        Command::Explain(args) => explain::run(args, &cli.global, host, &mut streams),
        Command::Fmt(args) => fmt::run(args, &cli.global, host, &mut streams),
        Command::Graph(args) => graph::run(args, &cli.global, host, &mut streams),
        Command::Completions(args) => completions::run(args, &mut streams),
    }
}

/// Tells of a bug of ours.
fn bug(what: &str) -> Exit {
    let diagnostic: Diagnostic = runner::internal(what);
    streams::last_words(&diagnostic);
    Exit::Bug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_bug_and_never_an_answer() {
        assert_eq!(guarded(&Mutex::default(), || panic!("boom")), Exit::Bug);
        assert_eq!(guarded(&Mutex::default(), || Exit::No), Exit::No);
    }

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
