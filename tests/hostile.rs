//! Evidence and policies that are made to be misread or to break a reader, and what becomes of
//! them: each line of data is a value that is told, or a fault with its code, and never a guess.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first thing that is not as it should be, and measures time"
)]

use rspp_gates::data::EvidenceStatus;
use rspp_gates::host::MemHost;
use rspp_gates::runner::{Artifacts, RunRequest, Session};
use rspp_gates::verdict::GateRun;
use std::path::Path;
use std::time::{Duration, Instant};

/// Far above what anything here takes, also on a slow machine without optimisation.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a policy over files in memory; the first mistake when it is no policy.
fn run(policy: &str, files: &[(&str, &[u8])]) -> Result<GateRun, String> {
    let host = MemHost::new();
    host.put("/p/gates/a.gate", policy);
    host.put("/p/profiles/p.profile", "profile p { stage s  sources synthetic, recorded, live }\n");
    host.put("/p/rspp-gates.yaml", "as_of: \"2026-03-01T00:00:00Z\"\n");
    for (path, bytes) in files {
        host.put(Path::new("/p").join(path), bytes);
    }
    let deep = || {
        let session = Session::open(&host, Some(Path::new("/p"))).map_err(|r| r.diagnostics[0].message.clone())?;
        let mut checked = session.check();
        let first = |d: &[rspp_gates::diag::Diagnostic]| {
            d.iter().find(|d| d.is_error()).map(|d| format!("{} {}", d.code.0, d.message)).unwrap_or_default()
        };
        let policy = checked.policy.take().ok_or_else(|| first(&checked.diagnostics))?;
        let request = RunRequest {
            profile: "p".into(),
            root: None,
            as_of: None,
            candidate: None,
            evidence: Vec::new(),
            only: Vec::new(),
            artifacts: Artifacts::Nowhere,
            memory: None,
            threads: 2,
        };
        session.run(&policy, &mut checked.sources, checked.digest, &request).map_err(|d| first(&d))
    };
    // The stack that the program gives itself.
    std::thread::scope(|scope| {
        std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, deep).unwrap().join().unwrap()
    })
}

/// What becomes of `v` in one document: the value as it is told, or the codes of what is wrong.
fn becomes(format: &str, ty: &str, bytes: &[u8]) -> String {
    let policy = format!(
        "policy h {{ language 1 }}\nevidence d {{ path \"d.{format}\"  source recorded  fresh any  document {{ v : {ty} }} }}\n\
         gate g.g {{ stage s  expect true == (as_of < 2020-01-01T00:00:00Z) else \"{{d.v}}\" }}\n"
    );
    let run = run(&policy, &[(&format!("d.{format}"), bytes)]).unwrap();
    told(&run)
}

fn told(run: &GateRun) -> String {
    let evidence = run.evidence.first().unwrap();
    if evidence.status == EvidenceStatus::Unusable {
        let short = |code: &str| code.trim_start_matches("rspp::evidence::").to_owned();
        let codes: Vec<String> = evidence.faults.iter().map(|f| short(f.code)).collect();
        for fault in &evidence.faults {
            assert!(fault.message.chars().count() < 250 && !fault.message.chars().any(char::is_control), "{fault:?}");
        }
        return codes.join(" ");
    }
    let violations = run.gates.iter().flat_map(|g| &g.groups).flat_map(|g| &g.violations);
    violations.map(|v| format!("= {}", v.message)).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn holds(format: &str, cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (ty, text, expected) in cases {
        let found = becomes(format, ty, text.as_bytes());
        if found != *expected {
            wrong.push(format!("{ty} from {text:?}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn json_that_is_made_to_be_misread() {
    let nines = "9".repeat(400);
    let long = |ty, text: &str, expected| (ty, text.replace('N', &nines), expected);
    holds(
        "json",
        &[
            // Names twice, however they are written.
            ("int", r#"{"v":1,"v":2}"#, "repeated-name"),
            ("int", r#"{"v":1,"\u0076":2}"#, "repeated-name"),
            ("int", r#"{"\u0076":1}"#, "= 1"),
            ("json", r#"{"v":{"a":1,"\u0061":2}}"#, "repeated-name"),
            ("open { a : int? }", r#"{"v":{"x":{"a":1,"\u0061":2}}}"#, "repeated-name"),
            // Composed and decomposed letters are two names, as they are in every other tool.
            ("map<string, int>", "{\"v\":{\"\u{e9}\":1,\"e\u{301}\":2}}", "= {e\u{301}: 2, \u{e9}: 1}"),
            // Numbers.
            ("int", r#"{"v":-0}"#, "= 0"),
            ("decimal", r#"{"v":-0.0}"#, "= 0"),
            ("int", r#"{"v":1.0}"#, "wrong-type"),
            ("int", r#"{"v":1e3}"#, "wrong-type"),
            ("decimal", r#"{"v":1e3}"#, "= 1000"),
            ("decimal", r#"{"v":1E400}"#, "unreadable-value"),
            ("decimal", r#"{"v":1e-400}"#, "unreadable-value"),
            ("decimal", r#"{"v":0e999999999}"#, "= 0"),
            ("duration(ms)", r#"{"v":1E400}"#, "unreadable-value"),
            ("instant(ms)", r#"{"v":1E400}"#, "unreadable-value"),
            ("bytes", r#"{"v":1e999999999}"#, "wrong-type"),
            ("ratio", r#"{"v":1e999999999}"#, "unreadable-value"),
            ("int", r#"{"v":170141183460469231731687303715884105727}"#, "= 170141183460469231731687303715884105727"),
            ("int", r#"{"v":170141183460469231731687303715884105728}"#, "unreadable-value"),
            ("int", r#"{"v":01}"#, "syntax"),
            ("int", r#"{"v":+1}"#, "syntax"),
            ("decimal", r#"{"v":.5}"#, "syntax"),
            ("decimal", r#"{"v":1.}"#, "syntax"),
            ("int", r#"{"v":0x1F}"#, "syntax"),
            ("int", r#"{"v":1_000}"#, "syntax"),
            ("decimal", r#"{"v":NaN}"#, "syntax"),
            ("decimal", r#"{"v":-Infinity}"#, "syntax"),
            ("int", r#"{"v":"1"}"#, "wrong-type"),
            ("string", r#"{"v":1}"#, "wrong-type"),
            ("bool", r#"{"v":"true"}"#, "wrong-type"),
            ("bool", r#"{"v":1}"#, "wrong-type"),
            // Texts.
            ("string", r#"{"v":"\ud83d\ude00"}"#, "= 😀"),
            ("string", r#"{"v":"\ud800"}"#, "syntax"),
            ("string", r#"{"v":"\ude00\ud83d"}"#, "syntax"),
            ("string", r#"{"\ud800":1,"v":"a"}"#, "syntax"),
            ("string", "{\"v\":\"a\0b\"}", "syntax"),
            ("string", "{\"v\":\"a\tb\"}", "syntax"),
            ("string", r#"{"v":"\x41"}"#, "syntax"),
            ("string", r#"{"v":'a'}"#, "syntax"),
            // Around the value.
            ("int", "\u{feff}{\"v\":1}", "= 1"),
            ("int", "\u{feff}\u{feff}{\"v\":1}", "syntax"),
            ("int", "{\"v\":\u{feff}1}", "syntax"),
            ("int", "{\"v\":\u{a0}1}", "syntax"),
            ("int", r#"{"v":1,}"#, "syntax"),
            ("int", r#"{"v":1}}"#, "syntax"),
            ("int", r#"{"v":1} // one"#, "syntax"),
            ("int", "{\"v\":1}\0", "syntax"),
            ("int", "{\"v\":1}\n{\"v\":2}", "syntax"),
            ("int", "", "syntax"),
            ("int", "\r\r{\"v\":\r1}\r", "= 1"),
            // Instants that do not exist, or stand at no place that we can say.
            ("instant(rfc3339)", r#"{"v":"2026-02-30T00:00:00Z"}"#, "unreadable-value"),
            ("instant(rfc3339)", r#"{"v":"2026-02-28T24:00:00Z"}"#, "unreadable-value"),
            ("instant(rfc3339)", r#"{"v":"2026-02-28T12:00:00"}"#, "unreadable-value"),
            ("instant(rfc3339)", r#"{"v":"2026-02-28"}"#, "unreadable-value"),
            ("instant(rfc3339)", r#"{"v":"+12026-02-28T12:00:00Z"}"#, "unreadable-value"),
            ("instant(rfc3339)", r#"{"v":"9999-12-31T23:59:59Z"}"#, "= 9999-12-31T23:59:59Z"),
            ("instant(rfc3339)", r#"{"v":"0000-01-01T00:00:00Z"}"#, "= 0000-01-01T00:00:00Z"),
            ("instant(rfc3339)", r#"{"v":"2026-02-28T12:00:00+24:00"}"#, "unreadable-value"),
            ("instant(rfc3339)", r#"{"v":"２０２６-02-28T12:00:00Z"}"#, "unreadable-value"),
        ],
    );
    for (ty, text, expected) in [
        long("int", r#"{"v":N}"#, "unreadable-value"),
        long("decimal", r#"{"v":0.N}"#, "unreadable-value"),
        long("duration(ns)", r#"{"v":-N}"#, "unreadable-value"),
        long("instant(ns)", r#"{"v":N}"#, "unreadable-value"),
        long("version", r#"{"v":"v1.N.0"}"#, "unreadable-value"),
    ] {
        assert_eq!(becomes("json", ty, text.as_bytes()), expected, "{ty}");
    }
}

#[test]
fn bytes_that_are_no_text_are_told_wherever_they_stand() {
    for bytes in [
        &b"\xff{\"v\":1}"[..],
        b"{\"v\":1}\xff",
        b"{\"\xff\":1}",
        b"{\"v\":\"\xc3\"}",
        b"{\"v\":\"\xed\xa0\x80\"}",
        b"{\"v\":\"\xf4\x90\x80\x80\"}",
        b"{\"v\":\"\xc0\x80\"}",
    ] {
        for format in ["json", "yaml"] {
            assert_eq!(becomes(format, "json", bytes), "not-utf8", "{format} {bytes:?}");
        }
    }
    assert_eq!(becomes("json", "json", b"\xff\xfe{\x00\"\x00v\x00\"\x00:\x001\x00}\x00"), "not-utf8");
}

#[test]
fn nesting_has_one_limit_in_every_format() {
    let json = |n: usize| format!("{{\"v\":{}1{}}}", "[".repeat(n), "]".repeat(n));
    assert_eq!(becomes("json", "json", json(127).as_bytes()).get(..4), Some("= [["));
    let block = |n: usize| format!("v: {}1\n", "- ".repeat(n)).replacen("v: ", "v:\n  ", 1);
    for format in ["json", "yaml"] {
        for n in [128, 200, 5_000, 400_000] {
            assert_eq!(becomes(format, "json", json(n).as_bytes()), "too-deep", "{format} {n}");
        }
    }
    for n in [200, 5_000] {
        assert_eq!(becomes("yaml", "json", block(n).as_bytes()), "too-deep", "{n}");
    }
}

#[test]
fn yaml_that_is_made_to_be_misread() {
    holds(
        "yaml",
        &[
            // The norway words are texts, and ask for quotes where another tool would read a bool.
            ("bool", "v: no\n", "wrong-type"),
            ("bool", "v: true\n", "= true"),
            ("string", "v: no\n", "= no"),
            ("string", "v: \"no\"\n", "= no"),
            ("string", "v: 1.10\n", "wrong-type"),
            ("string", "v: true\n", "wrong-type"),
            ("version", "v: 1.10\n", "wrong-type"),
            ("string?", "v: ~\n", "null"),
            ("string?", "v:\n", "null"),
            // Numbers of other times.
            ("decimal", "v: .nan\n", "yaml-unsupported"),
            ("decimal", "v: -.inf\n", "yaml-unsupported"),
            ("int", "v: 12:30\n", "wrong-type"),
            ("int", "v: 1_000\n", "wrong-type"),
            ("decimal", "v: 1E400\n", "unreadable-value"),
            ("decimal", "v: 1e999999999\n", "unreadable-value"),
            // Names twice.
            ("int", "v: 1\nv: 2\n", "repeated-name"),
            ("int", "v: 1\n\"v\": 2\n", "repeated-name"),
            ("int", "v: 1\n'v': 2\n", "repeated-name"),
            ("int", "v: 1\n\"\\x76\": 2\n", "repeated-name"),
            ("int", "v: 1\n? v\n: 2\n", "repeated-name"),
            // What other tools make of these is theirs.
            ("json", "a: &a {x: 1}\nv:\n  <<: *a\n", "yaml-unsupported"),
            ("json", "v: !!python/object:os.system [ls]\n", "yaml-unsupported"),
            ("json", "v: !x 1\n", "yaml-unsupported"),
            ("json", "v: *nobody\n", "syntax"),
            ("json", "v: 1\n---\nv: 2\n", "yaml-documents"),
            ("json", "? [a]\n: 1\n", "yaml-unsupported"),
            ("json", "v:\n\t- 1\n", "syntax"),
            ("json", "", "syntax"),
            ("int", "\u{feff}v: 1\n", "= 1"),
            ("int", "v: 1\r", "= 1"),
            ("int", "v: 1\r\n", "= 1"),
        ],
    );
}

#[test]
fn aliases_that_grow_without_end_are_refused_in_time() {
    let since = Instant::now();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..30 {
        let before = i - 1;
        bomb.push_str(&format!("a{i}: &a{i} [{}]\n", format!("*a{before}, ").repeat(9)));
    }
    assert_eq!(becomes("yaml", "json", bomb.as_bytes()), "yaml-expansion");
    let names: String = (0..30)
        .map(|i| {
            format!("b{i}: &b{i} {{{}}}\n", (0..9).map(|k| format!("k{k}: *b{}, ", i.max(1) - 1)).collect::<String>())
        })
        .collect();
    let found = becomes(
        "yaml",
        "json",
        names
            .replace(
                "b0: &b0 {k0: *b0, k1: *b0, k2: *b0, k3: *b0, k4: *b0, k5: *b0, k6: *b0, k7: *b0, k8: *b0, }",
                "b0: &b0 {k: 1}",
            )
            .as_bytes(),
    );
    assert_eq!(found, "yaml-expansion");
    assert!(matches!(&*becomes("yaml", "json", b"v: &a [*a]\n"), "syntax" | "yaml-unsupported" | "yaml-expansion"));
    assert!(since.elapsed() < PATIENCE, "{:?}", since.elapsed());
}

#[test]
fn lines_of_every_kind_are_rows_or_faults() {
    let rows = |bytes: &[u8]| {
        let policy = "policy h { language 1 }\nevidence d { path \"d.jsonl\"  source recorded  fresh any  row { v : int } }\n\
             gate g.g { stage s  scope d  each v < 0 else \"{v}\"  when empty pass }\n";
        told(&run(policy, &[("d.jsonl", bytes)]).unwrap())
    };
    assert_eq!(rows(b"{\"v\":1}\n{\"v\":2}"), "= 1 = 2");
    assert_eq!(rows(b"\xef\xbb\xbf{\"v\":1}\r\n\r\n \t\n{\"v\":2}\r\n"), "= 1 = 2");
    // Lines end at a line feed: with carriage returns alone the file is one line.
    assert_eq!(rows(b"{\"v\":1}\r{\"v\":2}\r"), "syntax");
    assert_eq!(rows(b"{\"v\":1}\n\xef\xbb\xbf{\"v\":2}\n"), "syntax");
    assert_eq!(rows(b"{\"v\":1}\0\n{\"v\":2}\n"), "syntax");
    assert_eq!(rows(b"{\"v\":1}{\"v\":2}\n"), "syntax");
    assert_eq!(rows(b"{\"v\":\n1}\n"), "syntax syntax");
    assert_eq!(rows(b"[{\"v\":1}]\n"), "wrong-type");
    assert_eq!(rows(b"null\n"), "wrong-type");
    assert_eq!(rows(b"{\"v\":1}\n\xff\n{\"v\":\"\xff\"}\n"), "not-utf8 not-utf8");
    assert_eq!(rows("{\"v\":1}\u{2028}{\"v\":2}\n".as_bytes()), "syntax");
    let long = format!("{{\"v\":1{}}}\n{{\"v\":2}}\n", " ".repeat(5 << 20));
    assert_eq!(rows(long.as_bytes()), "= 1 = 2");
}

/// A policy that is judged within patience, with what it becomes.
#[track_caller]
fn in_time(what: &str, policy: &str) -> Result<GateRun, String> {
    let since = Instant::now();
    let found = run(
        &format!("policy h {{ language 1 }}\n{policy}"),
        &[("d.jsonl", b"{\"v\":1,\"t\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}\n")],
    );
    assert!(since.elapsed() < PATIENCE, "{what}: {:?}", since.elapsed());
    found
}

const EVIDENCE: &str = "evidence d { path \"d.jsonl\"  source recorded  fresh any  row { v : int  t : string } }\n";

#[test]
fn patterns_take_time_by_their_length_and_not_by_their_cunning() {
    for pattern in [
        "matches /^(a+)+$/",
        "matches /^(a|aa)+$/",
        "matches /(a*)*(a*)*(a*)*b/",
        "matches /(?:a?){60}a{60}/",
        "like \"*a*a*a*a*a*a*a*a*a*a*a*a*b\"",
    ] {
        let gate =
            format!("{EVIDENCE}gate g.g {{ stage s  scope d  each t {pattern} else \"no\"  when empty fail }}\n");
        let run = in_time(pattern, &gate).unwrap();
        assert_eq!(run.gates[0].violation_count, 1, "{pattern}");
    }
    for pattern in ["((((a{100}){100}){100}){100})", "\\w{5000}", "(?x)a{4294967295}"] {
        let gate = format!(
            "{EVIDENCE}gate g.g {{ stage s  scope d  each t matches /{pattern}/ else \"no\"  when empty fail }}\n"
        );
        assert!(in_time(pattern, &gate).is_err(), "{pattern}");
    }
    let files = "evidence d { files \"**/**/**/**/**/*a*a*a*a*a*a*b/**/x{n}.jsonl\"  source recorded  fresh any  row { v : int  n : string } }\n\
        gate g.g { stage s  scope d  each v == 1 else \"no\"  when empty fail }\n";
    assert_eq!(told(&in_time("files", files).unwrap()), "nothing-matches");
}

#[test]
fn large_policies_take_time_by_their_size() {
    let gate = "gate g.g { stage s  scope d  each v == 1 else \"no\"  when empty fail }\n";
    let many_clauses: String = (0..3_000).map(|i| format!("  each v != {} else \"no\"\n", i + 10)).collect();
    in_time("clauses", &format!("{EVIDENCE}gate g.g {{ stage s  scope d\n{many_clauses}  when empty fail }}\n"))
        .unwrap();
    let table: String = (0..10_000).map(|i| format!("| {i} | {} |\n", i * 2)).collect();
    let table = format!(
        "{EVIDENCE}{gate}let t = table {{ | a | b |\n{table} }}\ngate g.t {{ stage s  expect count(t) == 10000 else \"{{count(t)}}\" }}\n"
    );
    in_time("table", &table).unwrap();
    let chain: String = (1..3_000).map(|i| format!("param p{i} = p{} + 1\n", i - 1)).collect();
    let chain = format!(
        "{EVIDENCE}{gate}param p0 = 1\n{chain}gate g.p {{ stage s  scope d  metric count(rows)  threshold <= p2999  when empty fail }}\n"
    );
    let _ = in_time("params", &chain);
    let sum = format!("{EVIDENCE}{gate}let s = 0{}\n", " + 1".repeat(5_000));
    assert!(in_time("a long sum", &sum).is_err());
    let list = format!(
        "{EVIDENCE}{gate}let l = [{}]\ngate g.l {{ stage s  expect count(l) == 20000 }}\n",
        "1, ".repeat(20_000)
    );
    in_time("list", &list).unwrap();
    let fields: String = (0..3_000).map(|i| format!("  f{i} : int?\n")).collect();
    let fields = format!(
        "evidence d {{ path \"d.jsonl\"  source recorded  fresh any  row open {{ v : int\n{fields} }} }}\n{gate}"
    );
    in_time("fields", &fields).unwrap();
    let slips: String = (0..1_000)
        .map(|i| format!("gate g.x{i} {{ stage s  scope dd where vv{i} == 1  metric p95(zz)  when empty fail }}\n"))
        .collect();
    assert!(in_time("slips", &format!("{EVIDENCE}{slips}")).is_err());
}

#[test]
fn declarations_that_double_are_worked_out_once_or_refused() {
    let gate = |clauses: &str| format!("{EVIDENCE}gate g.g {{ stage s  scope d  {clauses}  when empty fail }}\n");
    let chain = |first: &str, next: &dyn Fn(usize) -> String| -> String {
        std::iter::once(first.to_owned()).chain((1..60).map(next)).collect()
    };
    let params = chain("param x0 = 1\n", &|i| format!("param x{i} = x{} + x{0}\n", i - 1));
    let lets = chain("let x0 = 1\n", &|i| format!("let x{i} = x{} + x{0}\n", i - 1));
    let counts = chain("let x0 = count(d) - 1\n", &|i| format!("let x{i} = x{} + x{0}\n", i - 1));
    let tables = chain("let t0 = d\n", &|i| format!("let t{i} = t{} where v > count(t{0}) - 9\n", i - 1));
    for (what, text, clause) in [
        ("params", &params, "metric count(rows)  threshold <= x59"),
        ("lets", &lets, "metric count(rows)  threshold <= x59"),
        ("lets of evidence", &counts, "each v > x59 else \"no\""),
        ("tables", &tables, "each v >= count(t59) else \"no\""),
    ] {
        let run = in_time(what, &format!("{}{text}", gate(clause))).unwrap();
        assert_eq!(run.gates[0].verdict.word(), "pass", "{what}");
    }
    // Set by a profile, too.
    let set = format!(
        "{}{params}profile q {{ stage s  sources recorded  set x0 = 2 }}\n",
        gate("metric count(rows)  threshold <= x59")
    );
    in_time("params that are set", &set).unwrap();
    let defs = chain("def f0(a: int) : int = a\n", &|i| format!("def f{i}(a: int) : int = f{}(a) + f{0}(a)\n", i - 1));
    let records = chain("record R0 { a : int }\n", &|i| format!("record R{i} {{ a : R{}?  b : R{0}? }}\n", i - 1));
    let records = format!("{records}evidence e {{ path \"e.json\"  source recorded  fresh any  document R59 }}\n");
    for (what, text, clause) in [
        ("defs", defs, "each v > f59(v) else \"no\"  expect f59(0) == 0"),
        ("records", records, "each v > 0 else \"no\"  expect present(e.a)"),
    ] {
        let why = in_time(what, &format!("{}{text}", gate(clause))).unwrap_err();
        assert!(
            why.starts_with("rspp::clauses::depth") && why.contains("when everything that it names is written out"),
            "{what}: {why}"
        );
    }
}

#[test]
fn quantiles_and_extremes_of_nothing_are_nothing() {
    for figure in ["p95(v)", "p0(v)", "p100(v)", "max(v)", "min(v)", "mean(v)"] {
        let gate = format!(
            "{EVIDENCE}gate g.g {{ stage s  scope d where v > 5  metric {figure}  threshold <= 3  when empty inconclusive }}\n"
        );
        match in_time(figure, &gate) {
            Ok(run) => assert_eq!(run.gates[0].verdict.word(), "inconclusive", "{figure}"),
            Err(why) => assert!(why.starts_with("rspp::"), "{figure}: {why}"),
        }
    }
}
