//! Every part that reads what others wrote, on its corpus, on the texts of the other suites, and
//! on input that is made up from them.
//!
//! `FUZZ_CASES=1000000 cargo test --release --test fuzz` makes up a million cases for each target;
//! `FUZZ_SEED` makes up other ones, `FUZZ_FROM` begins with a later one. `FUZZ_SEEDS=DIR` writes
//! what the cases are made from as files, for cargo-fuzz.
//!
//! What is wrong is told by target, seed and number of the case, and with its bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and measures time"
)]

#[path = "../fuzz/targets/mod.rs"]
mod targets;

#[path = "fuzz/cases.rs"]
mod cases;
#[path = "fuzz/data.rs"]
mod data;
#[path = "fuzz/mangle.rs"]
mod mangle;
#[path = "fuzz/policies.rs"]
mod policies;
#[path = "fuzz/random.rs"]
mod random;
#[path = "fuzz/seeds.rs"]
mod seeds;

use random::Random;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use targets::{TARGETS, Target};

/// Stack of a case: what the program gives to the threads that read, check and evaluate.
const STACK: usize = 64 << 20;

/// No case may take longer: a bound far above the slowest, far below what a person waits for.
const SLOWEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 40 } else { 5 });

/// Memory that the process may have had at most at any time.
const MEMORY: u64 = 1 << 30;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

macro_rules! fuzzed {
    ($($name:ident: $cases:literal,)*) => {
        $(#[test]
        fn $name() {
            fuzz(stringify!($name), $cases);
        })*

        #[test]
        fn every_target_is_fuzzed() {
            let here: Vec<&str> = vec![$(stringify!($name)),*];
            assert_eq!(here, TARGETS.iter().map(|t| t.name).collect::<Vec<_>>());
            for target in TARGETS {
                let wrapper = std::fs::read_to_string(format!("fuzz/fuzz_targets/{}.rs", target.name));
                assert!(wrapper.is_ok_and(|w| w.contains(&format!("target(\"{}\")", target.name))), "{}", target.name);
            }
        }
    };
}

// How many cases the ordinary suite makes up: together a few seconds.
fuzzed! {
    syntax: 250,
    fmt: 120,
    check: 40,
    profile: 50,
    engine: 40,
    json: 120,
    jsonl: 120,
    yaml: 120,
    csv: 120,
    run_file: 300,
    candidate: 300,
    report: 60,
}

/// The case that runs, since when, and its bytes.
type Running = Arc<Mutex<Option<(Instant, String, Vec<u8>)>>>;

struct Driver {
    target: &'static Target,
    running: Running,
    slowest: (Duration, String),
    count: u64,
}

impl Driver {
    fn run(&mut self, what: String, bytes: Vec<u8>) {
        let started = Instant::now();
        *self.running.lock().unwrap() = Some((started, what.clone(), bytes.clone()));
        let told = catch_unwind(AssertUnwindSafe(|| (self.target.run)(&bytes)));
        *self.running.lock().unwrap() = None;
        let took = started.elapsed();
        if told.is_err() || took > SLOWEST {
            let kept = keep(self.target.name, &bytes);
            panic!("{}, {what}: {took:?}, {} bytes, kept as {kept}", self.target.name, bytes.len());
        }
        if took > self.slowest.0 {
            self.slowest = (took, what);
        }
        self.count += 1;
    }
}

/// Keeps what did not hold, so that it can be looked at and put into the corpus.
fn keep(target: &str, bytes: &[u8]) -> String {
    let digest = rspp_gates::data::Digest::of(bytes).to_string();
    let path = std::env::temp_dir().join(format!("rspp-gates-fuzz-{target}-{}", &digest[..16]));
    let _ = std::fs::write(&path, bytes);
    path.display().to_string()
}

fn fuzz(name: &'static str, cases: u64) {
    let target = targets::target(name);
    let (seed, from) = (number("FUZZ_SEED").unwrap_or(0), number("FUZZ_FROM").unwrap_or(0));
    let cases = number("FUZZ_CASES").unwrap_or(cases);
    let running: Running = Arc::default();
    watch(name, &running);
    let work = move || {
        let started = Instant::now();
        let mut driver = Driver { target, running, slowest: (Duration::ZERO, String::new()), count: 0 };
        if from == 0 {
            // The other suites read these as well: the ordinary run takes some of them.
            let step = if number("FUZZ_CASES").is_some() { 1 } else { 4 };
            for (i, bytes) in seeds::seeds(name).into_iter().enumerate().step_by(step) {
                if let Ok(folder) = std::env::var("FUZZ_SEEDS") {
                    let folder = std::path::Path::new(&folder).join(name);
                    std::fs::create_dir_all(&folder).unwrap();
                    std::fs::write(folder.join(format!("seed-{i:03}")), &bytes).unwrap();
                }
                driver.run(format!("seed {i}"), bytes);
            }
            for (file, bytes) in seeds::corpus(name) {
                driver.run(format!("corpus file {file}"), bytes);
            }
        }
        for case in from..from + cases {
            let bytes = cases::made(name, &mut Random::of(name, seed, case));
            driver.run(format!("case {case} of seed {seed}"), bytes);
        }
        let (slowest, which) = &driver.slowest;
        let took = started.elapsed();
        let memory = most_memory().map_or(String::new(), |m| format!(", at most {} MiB in memory", m >> 20));
        eprintln!("{name}: {} cases in {took:.1?}, the slowest {slowest:.1?} ({which}){memory}", driver.count);
    };
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(work).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
    if let Some(memory) = most_memory() {
        assert!(memory < MEMORY, "{} MiB in memory", memory >> 20);
    }
}

/// Ends the process when a case does not end: there is no other way to stop it.
fn watch(name: &'static str, running: &Running) {
    let running = Arc::downgrade(running);
    let watcher = move || {
        while let Some(running) = running.upgrade() {
            if let Some((since, what, bytes)) = &*running.lock().unwrap()
                && since.elapsed() > SLOWEST * 4
            {
                eprintln!("{name}, {what}: does not end; kept as {}", keep(name, bytes));
                std::process::abort();
            }
            drop(running);
            std::thread::sleep(Duration::from_millis(500));
        }
    };
    std::thread::Builder::new().spawn(watcher).unwrap();
}

/// The most memory that this process has had, where the system tells.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}
