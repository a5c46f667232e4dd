//! The binary in a world that goes wrong: it is killed, disks are full, folders cannot be written,
//! and what stands at a path is not what it should be.
//!
//! What needs rights that a machine does not give (a file system of its own, another user) is
//! left out there, and the test says so.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const POLICY: &str = r#"policy shop { language 1 }
evidence visits { path "evidence/visits.jsonl"  source recorded  fresh any  row { id : string key  word : Word } }
enum Word { good, bad }
gate shop.words { stage s  scope visits  each word == good else "visit {id} is {word}"  when empty fail }
"#;

/// A policy with one evidence of one row.
struct Case {
    folder: tempfile::TempDir,
}

/// Nothing here takes longer, unless it waits for something that never comes.
const PATIENCE: Duration = Duration::from_secs(60);

impl Case {
    fn new() -> Self {
        let case = Self { folder: tempfile::tempdir().unwrap() };
        case.put("gates/shop.gate", POLICY);
        case.put("profiles/p.profile", "profile p { stage s  sources recorded }\n");
        case.put("evidence/visits.jsonl", "{\"id\":\"v1\",\"word\":\"good\"}\n");
        case.put("rspp-gates.yaml", "as_of: \"2026-03-01T00:00:00Z\"\n");
        case
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn bytes(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.path(path)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rspp-gates"));
        command.current_dir(self.folder.path()).env_clear().args(arguments);
        command
    }

    /// A run of the profile with further words: exit code, stdout, stderr.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        told(ended(self.command(&["run", "p", "--no-timing"]).args(arguments)))
    }

    /// A script of bash that knows the binary as `$gates`.
    fn script(&self, script: &str) -> (Option<i32>, String, String) {
        let mut bash = Command::new("bash");
        bash.current_dir(self.folder.path()).env("gates", env!("CARGO_BIN_EXE_rspp-gates")).args(["-c", script]);
        told(ended(&mut bash))
    }

    /// Files of this program that are no reports, anywhere in the folder.
    fn leftovers(&self) -> Vec<PathBuf> {
        let (mut found, mut open) = (Vec::new(), vec![self.folder.path().to_owned()]);
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() && !path.is_symlink() => open.push(path),
                    path if path.to_string_lossy().ends_with(".tmp") => found.push(path),
                    _ => {}
                }
            }
        }
        found
    }
}

/// Runs to the end; a program that waits for ever is killed and told.
fn ended(command: &mut Command) -> Output {
    let shown = format!("{command:?}");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let readers = [
        child.stdout.take().map(|mut out| std::thread::spawn(move || drained(&mut out))),
        child.stderr.take().map(|mut out| std::thread::spawn(move || drained(&mut out))),
    ];
    let watched = std::thread::spawn(move || {
        let since = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return sender.send(Some(status)).unwrap();
            }
            if since.elapsed() > PATIENCE {
                let _ = child.kill();
                return sender.send(None).unwrap();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let status = receiver.recv().unwrap().unwrap_or_else(|| panic!("does not end: {shown}"));
    watched.join().unwrap();
    let [stdout, stderr] = readers.map(|reader| reader.unwrap().join().unwrap());
    Output { status, stdout, stderr }
}

fn drained(from: &mut dyn std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    bytes
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn is_superuser() -> bool {
    std::fs::read_to_string("/proc/self/status").unwrap().lines().any(|l| l.starts_with("Uid:\t0\t"))
}

/// What comes before a command to run it without the rights of the superuser; `None` where that
/// cannot be done.
fn as_somebody() -> Option<&'static str> {
    const DOWN: &str = "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all";
    match is_superuser() {
        false => Some(""),
        true => {
            let probe = format!("{DOWN} test -x {}", env!("CARGO_BIN_EXE_rspp-gates"));
            Command::new("bash").args(["-c", &probe]).status().is_ok_and(|s| s.success()).then_some(DOWN)
        }
    }
}

/// Whether a process may have file systems of its own here.
fn has_namespaces() -> bool {
    let probe = "mount -t tmpfs -o size=64k none /mnt";
    let ran = Command::new("unshare").args(["--user", "--map-root-user", "--mount", "bash", "-c", probe]).output();
    let has = ran.is_ok_and(|o| o.status.success());
    if !has {
        eprintln!("left out: this machine gives no file system of its own to a test");
    }
    has
}

// ---- killed ----

/// A policy whose report is large: 20 gates that name a thousand rows each.
fn large() -> Case {
    let case = Case::new();
    let gates: String = (0..20)
        .map(|i| format!("gate shop.n{i} {{ stage s  scope visits  each word == good else \"visit {{id}} is {{word}}, {}\"  when empty fail }}\n", "so long a story ".repeat(12)))
        .collect();
    case.put("gates/many.gate", gates);
    for (name, word) in [("one", "bad"), ("two", "good")] {
        let rows: String = (0..1000)
            .map(|i| format!("{{\"id\":\"v{i}\",\"word\":\"{}\"}}\n", if i == 7 { word } else { "bad" }))
            .collect();
        case.put(&format!("{name}.jsonl"), rows);
    }
    case
}

fn start(case: &Case, evidence: &str) -> Child {
    let evidence = format!("visits={evidence}.jsonl");
    let mut command =
        case.command(&["run", "p", "--no-timing", "--quiet", "--report", "json=out/r.json", "--evidence", &evidence]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_run_that_is_killed_leaves_the_old_report_or_the_new_one() {
    let case = large();
    let whole = |evidence: &str| {
        let since = Instant::now();
        assert_eq!(start(&case, evidence).wait().unwrap().code(), Some(1));
        (case.bytes("out/r.json"), since.elapsed())
    };
    let [(one, _), (two, took)] = ["one", "two"].map(whole);
    assert!(one != two && one.len() > 4_000_000, "{} bytes", one.len());
    let rounds: u32 = std::env::var("KILLS").ok().map_or(24, |n| n.parse().unwrap());
    let (mut killed, mut halves) = (0, 0);
    for round in 0..rounds {
        let mut child = start(&case, if round % 2 == 0 { "one" } else { "two" });
        if round % 3 == 0 {
            // Anywhere in its life.
            std::thread::sleep(took * (round * 37 % 100) / 90);
        } else {
            // While the report is written: as soon as there is a temporary file, or a moment later.
            let since = Instant::now();
            while fresh(&case).is_none() && since.elapsed() < took * 2 {
                std::hint::spin_loop();
            }
            std::thread::sleep(Duration::from_micros(u64::from(round) * 211 % 6000));
        }
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        halves += u32::from(!case.leftovers().is_empty());
        let found = case.bytes("out/r.json");
        assert!(found == one || found == two, "round {round}: {} bytes that are neither report", found.len());
    }
    assert!(
        killed > rounds / 3 && halves > 0,
        "{killed} of {rounds} were killed, {halves} of them in the middle of writing"
    );
    // Nothing is in the way of the next run, and it leaves nothing behind.
    assert_eq!(whole("one").0, one);
    assert_eq!(case.leftovers(), Vec::<PathBuf>::new());
}

/// A temporary file that is being written.
fn fresh(case: &Case) -> Option<PathBuf> {
    let entries = std::fs::read_dir(case.path("out")).ok()?;
    entries.flatten().map(|e| e.path()).find(|p| p.to_string_lossy().ends_with(".tmp"))
}

#[test]
fn runs_at_the_same_time_do_not_sweep_each_other_s_files() {
    let case = large();
    for _ in 0..3 {
        let children: Vec<Child> = (0..4).map(|i| start(&case, if i % 2 == 0 { "one" } else { "two" })).collect();
        for mut child in children {
            assert_eq!(child.wait().unwrap().code(), Some(1));
        }
    }
    let report: serde_json::Value = serde_json::from_slice(&case.bytes("out/r.json")).unwrap();
    assert_eq!(report["status"], "fail");
    assert_eq!(case.leftovers(), Vec::<PathBuf>::new());
}

#[test]
fn a_run_that_is_killed_leaves_an_old_artifact_or_a_new_one() {
    let case = large();
    let artifact = "artifact found { path \"out/found.json\"  markdown  passed result(shop.words).passed  \
                    document { texts = result(shop.words).violations[].message  all = visits } }\n";
    case.put("gates/artifact.gate", artifact);
    case.put("profiles/p.profile", "profile p { gates shop.words  sources recorded  write found }\n");
    let start = |evidence: &str| {
        let evidence = format!("visits={evidence}.jsonl");
        let mut command = case.command(&["run", "p", "--no-timing", "--quiet", "--evidence", &evidence]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let whole = |evidence: &str| {
        let since = Instant::now();
        assert_eq!(start(evidence).wait().unwrap().code(), Some(1));
        (case.bytes("out/found.json"), case.bytes("out/found.md"), since.elapsed())
    };
    let [(one, first, _), (two, second, took)] = ["one", "two"].map(whole);
    assert!(one != two && one.len() > 50_000, "{} bytes", one.len());
    let mut killed = 0;
    for round in 0..16_u32 {
        let mut child = start(if round % 2 == 0 { "one" } else { "two" });
        let since = Instant::now();
        while fresh(&case).is_none() && since.elapsed() < took * 2 {
            std::hint::spin_loop();
        }
        std::thread::sleep(Duration::from_micros(u64::from(round) * 211 % 3000));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        let (found, page) = (case.bytes("out/found.json"), case.bytes("out/found.md"));
        assert!(found == one || found == two, "round {round}: {} bytes that are neither", found.len());
        assert!(page == first || page == second, "round {round}: a page that is neither");
    }
    assert!(killed > 0);
    assert_eq!(whole("one").0, one);
    assert_eq!(case.leftovers(), Vec::<PathBuf>::new());
}

#[test]
fn a_full_disk_and_a_closed_folder_leave_the_old_artifact_and_the_others() {
    if !has_namespaces() {
        return;
    }
    let case = Case::new();
    let rows: String = (0..20_000).map(|i| format!("{{\"id\":\"v{i}\",\"word\":\"good\"}}\n")).collect();
    case.put("evidence/visits.jsonl", rows);
    let artifacts = "artifact a_large { path \"full/large.json\"  document { all = visits } }\n\
                     artifact b_small { path \"full/small.json\"  document { n = count(visits) } }\n\
                     artifact c_closed { path \"closed/small.json\"  document { n = count(visits) } }\n";
    case.put("gates/artifacts.gate", artifacts);
    case.put("profiles/p.profile", "profile p { stage s  sources recorded  write a_large, b_small, c_closed }\n");
    for folder in ["out/full", "out/closed"] {
        std::fs::create_dir_all(case.path(folder)).unwrap();
    }
    let script = r#"unshare --user --map-root-user --mount bash -c '
        mount -t tmpfs -o size=256k none out/full && echo old > out/full/large.json
        mount -t tmpfs -o ro,size=256k none out/closed
        "$gates" run p --no-timing --artifacts out --report json=report.json; echo "exit $?"
        ls -A out/full; cat out/full/large.json; cp out/full/small.json small.json'"#;
    let (_, out, err) = case.script(script);
    assert!(out.contains("exit 74"), "{out}{err}");
    assert!(err.contains("the disk is full") && err.contains("read-only"), "{err}");
    assert!(out.ends_with("large.json\nsmall.json\nold\n"), "{out}");
    assert_eq!(case.bytes("small.json"), b"{\n  \"n\": 20000\n}\n");
    let report: serde_json::Value = serde_json::from_slice(&case.bytes("report.json")).unwrap();
    let status: Vec<_> =
        report["artifacts"].as_array().unwrap().iter().map(|a| a["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["failed", "written", "failed"]);
}

// ---- full and closed ----

#[test]
fn a_full_disk_leaves_the_old_report_and_nothing_else() {
    if !has_namespaces() {
        return;
    }
    let case = large();
    std::fs::create_dir(case.path("small")).unwrap();
    let script = r#"unshare --user --map-root-user --mount bash -c '
        mount -t tmpfs -o size=256k none small && cp rspp-gates.yaml small/r.json
        "$gates" run p --quiet --evidence visits=one.jsonl --report json=small/r.json --report human=small/page.txt
        echo "exit $?"; ls -A small; cmp small/r.json rspp-gates.yaml && echo same'"#;
    let (_, out, err) = case.script(script);
    // The page is far smaller than the report: it fits, and is written.
    assert_eq!(out, "exit 74\npage.txt\nr.json\nsame\n", "{err}");
    assert!(err.contains("`small/r.json` could not be written: the disk is full"), "{err}");
}

#[test]
fn a_limit_on_the_size_of_files_is_a_full_disk() {
    let case = large();
    case.put("out/r.json", "old");
    let run = "exec \"$gates\" run p --quiet --evidence visits=one.jsonl --report json=out/r.json";
    let (code, _, err) = case.script(&format!("trap '' XFSZ; ulimit -f 100; {run}"));
    assert_eq!(code, Some(74), "{err}");
    assert!(err.contains("`out/r.json` could not be written: it is larger than files may be here"), "{err}");
    assert_eq!((case.bytes("out/r.json"), case.leftovers()), (b"old".to_vec(), vec![]));
    // Without the trap the system ends the process: no answer, and the old report.
    let (code, out, _) = case.script(&format!("ulimit -c 0; ulimit -f 100; {run}"));
    assert!(code.is_none_or(|c| c > 100) && out.is_empty(), "{code:?}");
    assert_eq!(case.bytes("out/r.json"), b"old");
}

#[test]
fn a_folder_that_is_read_only_is_told() {
    if !has_namespaces() {
        return;
    }
    let case = Case::new();
    case.put("ro/r.json", "old");
    let script = r#"unshare --user --map-root-user --mount bash -c '
        mount --bind ro ro && mount -o remount,ro,bind ro
        "$gates" run p --quiet --report json=ro/r.json --report json=ro/new/x.json --report json=good.json; echo "exit $?"; cat ro/r.json; ls ro'"#;
    let (_, out, err) = case.script(script);
    assert_eq!(out, "exit 74\noldr.json\n", "{err}");
    assert_eq!(err.matches("the file system is read-only").count(), 2, "{err}");
    assert!(case.path("good.json").exists());
}

#[test]
fn what_may_not_be_read_or_written_is_told() {
    let Some(somebody) = as_somebody() else {
        return eprintln!("left out: the superuser may read and write anything, and cannot be somebody else here");
    };
    let case = Case::new();
    let allow =
        |path: &str, mode| std::fs::set_permissions(case.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
    allow("", 0o755);
    std::fs::create_dir(case.path("shut")).unwrap();
    std::fs::create_dir(case.path("open")).unwrap();
    allow("shut", 0o555);
    allow("open", 0o777);
    let run = |words: &str| case.script(&format!("exec {somebody} \"$gates\" run p --no-timing {words}"));
    assert_eq!(run("").0, Some(0));
    let (code, _, err) = run("--quiet --report json=shut/r.json --report json=open/r.json");
    assert_eq!(code, Some(74));
    assert!(err.contains("`shut/r.json` could not be written: permission is denied"), "{err}");
    assert!(case.path("open/r.json").exists());
    for (path, code, words) in [
        ("evidence/visits.jsonl", 3, "cannot be read: permission is denied"),
        ("evidence", 3, "permission denied"),
        ("gates/shop.gate", 2, "`gates/shop.gate` cannot be read: permission is denied"),
        ("gates", 2, "cannot be read: permission is denied"),
        ("rspp-gates.yaml", 2, "`rspp-gates.yaml` cannot be read: permission is denied"),
    ] {
        let before = std::fs::metadata(case.path(path)).unwrap().permissions();
        allow(path, 0o000);
        let (found, out, err) = run("");
        std::fs::set_permissions(case.path(path), before).unwrap();
        assert_eq!(found, Some(code), "{path}: {out}{err}");
        assert!(format!("{out}{err}").to_lowercase().contains(words), "{path}: {out}{err}");
    }
}

#[test]
fn a_reader_that_takes_one_line_changes_no_answer() {
    let case = large();
    for format in ["json", "human"] {
        let run = format!("\"$gates\" run p --no-timing --format {format} --evidence visits=one.jsonl");
        let (_, out, err) = case.script(&format!("{run} | head -n 1 > /dev/null; echo ${{PIPESTATUS[0]}}"));
        assert_eq!((out.as_str(), err.as_str()), ("1\n", ""));
    }
    // Nobody to talk to at all.
    let (code, ..) = case.script("exec \"$gates\" run p --evidence visits=one.jsonl >&- 2>&-");
    assert_eq!(code, Some(1));
    let (code, ..) = case
        .script("exec \"$gates\" run p --evidence visits=one.jsonl --report json=/dev/null > /dev/null 2> /dev/full");
    assert_eq!(code, Some(74));
}

// ---- odd places for a report ----

#[test]
fn a_report_replaces_regular_files_only() {
    let case = Case::new();
    assert!(Command::new("mkfifo").arg(case.path("pipe")).status().unwrap().success());
    symlink("nothing", case.path("dangling")).unwrap();
    symlink("round", case.path("round")).unwrap();
    symlink("/dev/null", case.path("null")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(case.path("socket")).unwrap();
    let long = "x".repeat(300);
    for path in [
        "pipe",
        "dangling",
        "round",
        "null",
        "socket",
        "/dev/full",
        "/dev/stdout",
        "evidence",
        "gates/",
        &long,
        &"a/".repeat(3000),
    ] {
        let (code, _, err) = case.run(&["--quiet", "--report", &format!("json={path}"), "--report", "json=good.json"]);
        assert_eq!(code, Some(74), "{path}: {err}");
        assert_eq!(err.matches("could not be written").count(), 1, "{path}: {err}");
        assert!(err.lines().count() < 12 && std::fs::remove_file(case.path("good.json")).is_ok(), "{path}: {err}");
    }
    assert!(case.path("dangling").is_symlink() && !case.path("nothing").exists());
    assert!(!std::fs::metadata(case.path("pipe")).unwrap().is_file());
    assert_eq!(case.leftovers(), Vec::<PathBuf>::new());
}

#[test]
fn two_reports_never_share_a_file() {
    let case = Case::new();
    for other in ["r.json", "./r.json", "././r.json"] {
        let (code, _, err) = case.run(&["--report", "json=r.json", "--report", &format!("human={other}")]);
        assert_eq!(code, Some(2), "{other}: {err}");
        assert!(!case.path("r.json").exists());
    }
    std::fs::create_dir(case.path("real")).unwrap();
    symlink("real", case.path("link")).unwrap();
    let (code, _, err) = case.run(&["--quiet", "--report", "json=real/r.json", "--report", "human=link/r.json"]);
    assert_eq!(code, Some(74));
    assert!(err.contains("`link/r.json` was not written: the file there is another report of this run"), "{err}");
    assert!(case.bytes("real/r.json").starts_with(b"{"));
}

#[test]
fn a_report_never_replaces_what_the_run_has_read() {
    let case = Case::new();
    case.put("c.json", "{\"spec_ref\":\"s\",\"pipeline_version\":\"v\",\"execution_profile\":\"e\",\"rollout_config_ref\":\"r\",\"commit_sha\":\"c\"}");
    case.put("other.jsonl", "{\"id\":\"v1\",\"word\":\"good\"}\n");
    case.put("many/a.jsonl", "{\"id\":\"v1\",\"word\":\"good\"}\n");
    case.put(
        "gates/many.gate",
        "evidence many { files \"many/*.jsonl\"  source recorded  fresh any  row { id : string  word : Word } }\n\
        gate shop.many { stage s  scope many  each word == good else \"{id}\"  when empty fail }\n",
    );
    symlink("evidence/visits.jsonl", case.path("link.json")).unwrap();
    let evidence = "the evidence `visits`, which this run has read";
    let policy = "a file of the policy, which this run has read";
    for (words, path, what) in [
        (&[][..], "evidence/visits.jsonl", evidence),
        (&[], "evidence/../evidence/./visits.jsonl", evidence),
        (&[], "link.json", evidence),
        (&[], "many/a.jsonl", "the evidence `many`, which this run has read"),
        (&[], "gates/shop.gate", policy),
        (&[], "profiles/p.profile", policy),
        (&[], "rspp-gates.yaml", policy),
        (&["--candidate", "c.json"], "c.json", policy),
        (&["--evidence", "visits=other.jsonl"], "other.jsonl", evidence),
    ] {
        let before = case.bytes(path);
        let report = format!("json={path}");
        let arguments: Vec<&str> = ["--quiet", "--report", &report].iter().chain(words).copied().collect();
        let (code, _, err) = case.run(&arguments);
        assert_eq!(code, Some(74), "{path}: {err}");
        let words = err.replace("\n  │ ", " ");
        assert!(words.contains("was not written: the file there is") && words.contains(what), "{path}: {err}");
        assert!(case.bytes(path) == before, "{path}");
    }
    // What another run reads is not read by this one.
    let (code, _, err) =
        case.run(&["--quiet", "--evidence", "visits=other.jsonl", "--report", "json=evidence/visits.jsonl"]);
    assert_eq!(code, Some(0), "{err}");
}

// ---- odd places for evidence and policy ----

#[test]
fn nothing_but_regular_files_below_the_root_is_evidence() {
    let case = Case::new();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.jsonl"), "{\"id\":\"secret\",\"word\":\"good\"}\n").unwrap();
    let visits = case.path("evidence/visits.jsonl");
    let clear = |path: &Path| {
        let _ = std::fs::remove_file(path);
        let _ = std::fs::remove_dir_all(path);
    };
    type Put<'p> = &'p dyn Fn(&Path);
    let cases: [(&str, Put<'_>, &str); 9] = [
        ("pipe", &|p| assert!(Command::new("mkfifo").arg(p).status().unwrap().success()), "not a regular file"),
        ("socket", &|p| drop(std::os::unix::net::UnixListener::bind(p).unwrap()), "not a regular file"),
        ("folder", &|p| std::fs::create_dir(p).unwrap(), "is a folder, not a regular file"),
        ("device", &|p| symlink("/dev/zero", p).unwrap(), "leads out of its root through a link"),
        (
            "link out",
            &|p| symlink(outside.path().join("secret.jsonl"), p).unwrap(),
            "leads out of its root through a link",
        ),
        (
            "link up and out",
            &|p| symlink("../../../../../../../../etc/passwd", p).unwrap(),
            "leads out of its root through a link",
        ),
        ("link to itself", &|p| symlink("visits.jsonl", p).unwrap(), "cannot be"),
        ("dangling link", &|p| symlink("nothing.jsonl", p).unwrap(), "a link on the path leads nowhere"),
        ("process", &|p| symlink("/proc/self/environ", p).unwrap(), "leads out of its root through a link"),
    ];
    for (name, put, words) in cases {
        clear(&visits);
        put(&visits);
        let (code, out, err) = case.run(&[]);
        assert_eq!(code, Some(3), "{name}: {out}{err}");
        assert!(
            out.replace('\n', " ").split_whitespace().collect::<Vec<_>>().join(" ").contains(words),
            "{name}: {out}"
        );
        assert!(!out.contains("secret\""), "{name}: {out}");
    }
    // A folder on the way that is a link out of the root.
    clear(&case.path("evidence"));
    std::fs::write(outside.path().join("visits.jsonl"), "{\"id\":\"secret\",\"word\":\"bad\"}\n").unwrap();
    symlink(outside.path(), case.path("evidence")).unwrap();
    let (code, out, _) = case.run(&[]);
    assert!(code == Some(3) && !out.contains("secret"), "{out}");
}

#[test]
fn devices_and_pipes_on_the_command_line_are_refused_without_waiting() {
    let case = Case::new();
    assert!(Command::new("mkfifo").arg(case.path("pipe")).status().unwrap().success());
    for path in ["/dev/zero", "/dev/stdin", "pipe", "/dev/fd/0"] {
        let (code, out, err) = case.run(&["--evidence", &format!("visits={path}")]);
        assert!(code == Some(3), "{path}: {code:?} {out}{err}");
        let (code, out, err) = case.run(&["--candidate", path]);
        assert!(code == Some(2), "{path}: {code:?} {out}{err}");
        for option in ["--root", "--policy"] {
            assert_eq!(case.run(&[option, path]).0, Some(2), "{option} {path}");
        }
    }
    // A file that stands behind stdin is a file.
    let (code, out, err) = case.script("\"$gates\" run p --evidence visits=/dev/stdin < evidence/visits.jsonl");
    assert_eq!(code, Some(0), "{out}{err}");
}

#[test]
fn a_policy_is_made_of_regular_files() {
    let case = Case::new();
    assert!(Command::new("mkfifo").arg(case.path("gates/pipe.gate")).status().unwrap().success());
    symlink("/dev/zero", case.path("gates/zero.gate")).unwrap();
    std::fs::create_dir(case.path("gates/folder.gate")).unwrap();
    let odd = std::ffi::OsStr::from_bytes(b"\xff\x1b[2J.gate");
    std::fs::write(case.path("gates").join(odd), "").unwrap();
    std::fs::write(case.path("gates/new\nline\u{202e}.gate"), "gate x").unwrap();
    let (code, _, err) = told(ended(&mut case.command(&["check"])));
    assert_eq!(code, Some(2), "{err}");
    for words in [
        "`gates/pipe.gate` cannot be read: it is no regular file",
        "`gates/zero.gate` cannot be read: it is no regular file",
        "new\\nline\\u{202e}.gate",
    ] {
        assert!(err.contains(words), "{words}: {err}");
    }
    shows_only_text(&err);
}

#[test]
fn names_of_files_that_are_no_text_match_no_pattern_in_silence() {
    let case = Case::new();
    case.put("gates/shop.gate", POLICY.replace("path \"evidence/visits.jsonl\"", "files \"evidence/*.jsonl\""));
    let odd = std::ffi::OsStr::from_bytes(b"v\xff\x1b[2J.jsonl");
    std::fs::write(case.path("evidence").join(odd), "{\"id\":\"v2\",\"word\":\"bad\"}\n").unwrap();
    let (code, out, err) = case.run(&[]);
    assert_eq!(code, Some(3), "{out}{err}");
    shows_only_text(&out);
}

#[test]
fn a_file_that_turns_into_a_pipe_while_it_is_looked_at_never_makes_a_run_wait() {
    let case = Case::new();
    let (visits, stop) =
        (case.path("evidence/visits.jsonl"), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let swapping = {
        let (stop, folder) = (stop.clone(), case.path("evidence"));
        assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
        std::fs::copy(&visits, folder.join("file")).unwrap();
        std::thread::spawn(move || {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                for name in ["pipe", "file"] {
                    let next = folder.join("next");
                    std::fs::hard_link(folder.join(name), &next).unwrap();
                    std::fs::rename(&next, folder.join("visits.jsonl")).unwrap();
                    // Renaming one name of a file over another name of it does nothing.
                    let _ = std::fs::remove_file(&next);
                }
            }
        })
    };
    let mut codes = std::collections::BTreeSet::new();
    for _ in 0..25 {
        codes.insert(case.run(&[]).0);
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    swapping.join().unwrap();
    assert!(codes.iter().all(|c| matches!(c, Some(0 | 3))), "{codes:?}");
}

// ---- what is shown ----

/// No byte of it does something to a terminal.
fn shows_only_text(text: &str) {
    let sent = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(c) = text.chars().find(|c| sent(*c)) {
        panic!("{c:?} is sent to the terminal: {text:?}");
    }
}

#[test]
fn hostile_words_of_data_are_shown_cut_and_escaped_everywhere() {
    let nasty = format!("\\u001b[2J\\u0007\\u202e\\u2066\\u0000\\r\\n{}", "x".repeat(50_000));
    let key = format!("\\u001b]0;title\\u0007{}", "k".repeat(50_000));
    let rows = [
        // A word that is no member, a key that repeats, a field that is unknown, a text in a message.
        format!("{{\"id\":\"v\",\"word\":\"{nasty}\"}}\n"),
        format!("{{\"id\":\"{key}\",\"word\":\"good\"}}\n{{\"id\":\"{key}\",\"word\":\"good\"}}\n"),
        format!("{{\"id\":\"v\",\"word\":\"good\",\"{nasty}\":1}}\n"),
        format!("{{\"id\":\"v\",\"word\":\"good\",\"{nasty}\":1,\"{nasty}\":2}}\n"),
        format!("{{\"id\":\"{nasty}\",\"word\":\"bad\"}}\n"),
        format!("{{\"id\":\"v\",\"word\":{nasty}}}\n"),
        format!("{{\"id\":\"v\",\"word\":\"good\"}}\u{1b}[2J{nasty}\n"),
    ];
    for text in rows {
        let case = Case::new();
        case.put("evidence/visits.jsonl", &text);
        for words in [&["--format", "human"][..], &["--format", "json"], &["--diagnostics", "json"]] {
            let (code, out, err) = case.run(words);
            assert!(matches!(code, Some(1 | 3)), "{code:?}: {err:.500}");
            shows_only_text(&out);
            shows_only_text(&err);
            assert!(out.len() + err.len() < 200_000, "{} bytes for {:.100}", out.len() + err.len(), text);
            let longest = out.lines().map(|l| l.chars().count()).max().unwrap_or(0);
            assert!(longest < 2_500, "a line of {longest} characters for {text:.100}");
        }
    }
}

#[test]
fn hostile_words_of_the_command_line_are_shown_cut_and_escaped() {
    let case = Case::new();
    let nasty = format!("\u{1b}[2J\u{202e}\u{7}\n{}", "x".repeat(20_000));
    let assigned = format!("{nasty}=x");
    let report = format!("{nasty}=x");
    for arguments in [
        &["run", &nasty][..],
        &["run", "p", "--as-of", &nasty],
        &["run", "p", "--only", &nasty],
        &["run", "p", "--evidence", &assigned],
        &["run", "p", "--evidence", &nasty],
        &["run", "p", "--root", &nasty],
        &["run", "p", "--candidate", &nasty],
        &["run", "p", "--memory", &nasty],
        &["run", "p", "--report", &report],
        &["run", "p", "--report", &nasty],
        &["check", "--policy", &nasty],
        &["list", &nasty],
        &["explain", &nasty],
    ] {
        let (code, out, err) = told(ended(&mut case.command(arguments)));
        assert_eq!(code, Some(2), "{:.60?}: {out:.300}{err:.300}", arguments);
        shows_only_text(&out);
        shows_only_text(&err);
        assert!(err.len() < 5_000, "{:.60?}: {} bytes", arguments, err.len());
    }
}
