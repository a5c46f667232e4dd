//! Both ways of a row give the same: columns, keys, findings, faults and their places. On shapes
//! and rows made at random, mostly good ones, some damaged; in chunks of every size.

use super::TypedRows;
use crate::data::{Batch, BatchSink, Flow, Num, Origin, Projection, ReadReport, Value};
use crate::eval::Constants;
use crate::evidence::judge::Judge;
use crate::evidence::lines;
use crate::evidence::reading::{FileRead, FoundFile, ReadLimits};
use crate::evidence::tally::{FreshLimits, Tally};
use crate::host::MemHost;
use crate::model::CheckedPolicy;
use crate::registry::Registry;
use crate::source::SourceMap;
use crate::{builtins, check, evidence, syntax};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

/// 2026-03-31T00:00:00Z
const AS_OF: i64 = 1_774_915_200_000_000_000;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }

    /// One time in so many.
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<'p>(&mut self, from: &[&'p str]) -> &'p str {
        from[self.below(from.len() as u64) as usize]
    }
}

/// The types of fields, and texts that are values of them.
const TYPES: &[(&str, &[&str])] = &[
    ("bool", &["true", "false"]),
    (
        "int",
        &["0", "-0", "7", "-12", "123456789012345", "1234567890123456", "-9223372036854775808", "9223372036854775808"],
    ),
    ("bytes", &["0", "1048576", "99999999", "170141183460469231731687303715884105727"]),
    ("decimal", &["0", "1.50", "-2.5e3", "1E-7", "12345678", "0.1", "1e2", "0.0"]),
    ("ratio", &["0", "1", "0.999", "0.5e0", "1.25"]),
    ("ratio(percent)", &["0", "100", "99.9", "5e1"]),
    ("duration(ms)", &["0", "1500", "-3", "9223372036854", "9223372036855", "12345678"]),
    ("duration(s, round)", &["0.5", "1", "1.0000000005", "2e3", "-0.1"]),
    ("duration(ns)", &["0", "1700000000000"]),
    ("instant(ms)", &["1774915200000", "1774915200001", "0", "-5"]),
    (
        "instant(rfc3339)",
        &[r#""2026-03-31T00:00:00Z""#, r#""2026-03-30T23:59:59.5+02:00""#, r#""2026\u002d03-31T00:00:00Z""#],
    ),
    (
        "string",
        &[
            r#""""#,
            r#""x""#,
            r#""a longer text than one word""#,
            r#""ä\"\\ \u00e4 \ud83d\ude00""#,
            "\"\u{7f}é😀\"",
            r#"" pad ""#,
        ],
    ),
    ("string(trim)", &[r#"" x ""#, r#""y""#, r#""\tz ""#]),
    ("string(trim, fold)", &[r#"" XÄ ""#, r#""y""#]),
    ("version", &[r#""v1.2.3""#, r#""1.0.0-rc.1""#, r#""2""#, r#""v\u0031.2""#]),
    ("Way", &[r#""stop""#, r#""go""#, r#""g\u006f""#, r#""away""#]),
    ("Way(trim, fold)", &[r#"" STOP""#, r#""go""#, r#""Away""#]),
    ("Odd", &[r#""this""#, r#""else""#, r#""whatever it is""#]),
    ("list<int>", &["[]", "[1]", "[1, 2,3]", "[ ]", "[1 ,\t2]"]),
    (
        "list<Way>",
        &[
            "[]",
            r#"["stop"]"#,
            r#"["go","away"]"#,
            r#"[ "go" , "go" ]"#,
            r#"["stop","stop","stop","go","go","away","away","go","go","go"]"#,
        ],
    ),
    ("list<string?>", &["[]", "[null]", r#"["a",null,"b"]"#]),
    ("list<list<bool>>", &["[]", "[[]]", "[[true,false],[]]"]),
    ("list<Inner>", &["[]", r#"[{"n":1}]"#, r#"[{"n":1,"s":"x"},{"s":null,"n":2}]"#]),
    ("Inner", &[r#"{"n":1}"#, r#"{"n":2,"s":"x"}"#, r#"{ "s" : null , "n" : 3 }"#]),
    ("Closed", &[r#"{"a":true}"#, r#"{"a":false,"deep":{"x":1,"y":[1,2]}}"#, r#"{"a":false,"deep":{"x":null}}"#]),
    ("Ruled", &[r#"{"low":1,"high":2}"#, r#"{"low":5,"high":5}"#]),
    ("Natural", &["0", "12"]),
    ("Name", &[r#""x""#, r#""yy""#]),
    ("json", &["null", "1.50", r#"{"a":[1,{"b":"c"}]}"#, "[]", r#""t""#]),
    ("map<string, int>", &["{}", r#"{"a":1}"#, r#"{"b":2,"a":1}"#]),
    ("weekday", &[r#""monday""#, r#""sunday""#]),
];

/// What no good row has there, or hardly any.
const WRONG: &[&str] = &[
    "null",
    "true",
    "1.0",
    "1e3",
    "01",
    "1.",
    "+1",
    ".5",
    "-",
    "NaN",
    "nul",
    "tru",
    "truee",
    "1 2",
    "\"\"",
    "\"\\x\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\u12\"",
    "\"open",
    "\"a\tb\"",
    "[",
    "]",
    "{",
    "}",
    "[1,]",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{\"a\":1,\"a\":2}",
    "{\"\\u0061\":1,\"a\":2}",
    "[[[]]]",
    "99999999999999999999999999999999999999999",
    "1e400",
    "-0.0",
    "{}",
    "[]",
    "\"stop\"",
    "{\"n\":\"x\"}",
    "{\"n\":1,\"n\":1}",
    "\"2026-13-01T00:00:00Z\"",
    "\u{1}",
    "{\"low\":3,\"high\":2}",
    "-1",
    "\"nowhere\"",
];

const HEAD: &str = r#"policy both { language 1 }
enum Way { stop, go, far = "away" or "off" }
enum Odd { this_one = "this", otherwise = "else" else other }
type Natural = int where this >= 0
type Name = string where this != ""
record Inner open { n : int  s : string? nullable }
record Closed { a : bool  x : int? nullable from deep.x  y : list<int> default [] from deep.y }
record Ruled { low : int  high : int  rule ordered : low <= high }
"#;

/// A field of a made-up shape.
struct Made {
    name: String,
    kind: usize,
    absent: bool,
    null: bool,
    from: Vec<String>,
}

struct Shape {
    policy: String,
    fields: Vec<Made>,
    source: bool,
    version: bool,
    fresh: bool,
}

fn shape(dice: &mut Dice) -> Shape {
    let mut policy = HEAD.to_owned();
    let mut fields = Vec::new();
    let (source, version, fresh) = (dice.one_in(2), dice.one_in(4), dice.one_in(3));
    let open = !dice.one_in(4);
    let mut rows = String::new();
    for number in 0..1 + dice.below(9) {
        let kind = dice.below(TYPES.len() as u64) as usize;
        let (ty, _) = TYPES[kind];
        let mut made = Made { name: format!("field_{number}"), kind, absent: false, null: false, from: Vec::new() };
        let scalar = kind < 18;
        let json = ty == "json";
        let _ = write!(rows, "    {} : {ty}", made.name);
        let mut modifiers = String::new();
        let optional = dice.one_in(3);
        if optional {
            rows.push('?');
            made.absent = true;
        }
        let is_list = ty.starts_with("list");
        if !optional && (is_list || matches!(ty, "bool" | "int" | "string")) && dice.one_in(3) {
            let value = match ty {
                "bool" => "true",
                "int" => "5",
                "string" => "\"none\"",
                _ => "[]",
            };
            let _ = write!(modifiers, " default {value}");
            made.absent = true;
        }
        if made.absent && dice.one_in(2) {
            modifiers.push_str(" nullable");
            made.null = true;
        }
        if optional && !json && dice.one_in(6) {
            modifiers.push_str(" lenient");
        }
        if optional && scalar && matches!(ty, "int" | "string" | "duration(ms)" | "Way") && dice.one_in(3) {
            let value = match ty {
                "int" => "7",
                "string" => "\"x\"",
                "Way" => "go",
                _ => "0ms",
            };
            let _ = write!(modifiers, " sentinel {value}");
        }
        if number == 0 && !optional && modifiers.is_empty() && matches!(ty, "int" | "string" | "Name" | "Way") {
            modifiers.push_str(" key");
        }
        match dice.below(6) {
            0 => made.from = vec![format!("other_{number}")],
            1 => made.from = vec![format!("way.down.{number}").replace(".0", ".zero"), format!("alias_{number}")],
            2 => made.from = vec![format!("way.down.n{number}")],
            _ => {}
        }
        for from in &mut made.from {
            *from = from
                .split('.')
                .map(|p| if p.parse::<u64>().is_ok() { format!("k{p}") } else { p.into() })
                .collect::<Vec<_>>()
                .join(".");
        }
        if !made.from.is_empty() {
            let _ = write!(modifiers, " from {}", made.from.join(" or "));
        }
        let _ = writeln!(rows, "{modifiers}");
        fields.push(made);
    }
    let mut clauses = String::from("  path \"t.jsonl\"\n");
    if source {
        clauses.push_str("  source from origin\n");
        if dice.one_in(4) {
            rows.push_str("    origin : Origin\n")
        } else {
            rows.push_str("    origin : string\n")
        }
        policy.push_str("enum Origin { recorded, live, synthetic }\n");
    } else {
        clauses.push_str("  source recorded\n");
    }
    if version {
        clauses.push_str("  version \"x.v2\", \"x.v1\"\n");
        if !(open && dice.one_in(4)) {
            rows.push_str("    schema_version : string\n");
        }
    }
    if fresh {
        clauses.push_str("  fresh within 24h of when\n");
        rows.push_str("    when : instant(ms)\n");
    } else {
        clauses.push_str("  fresh any\n");
    }
    let open = if open { " open" } else { "" };
    let _ = write!(policy, "evidence e {{\n{clauses}  row{open} {{\n{rows}  }}\n}}\n");
    Shape { policy, fields, source, version, fresh }
}

fn checked(policy: &str) -> CheckedPolicy {
    let mut sources = SourceMap::default();
    let source = sources.add("both.gate", policy);
    let (file, diagnostics) = syntax::parse(source, policy);
    assert!(diagnostics.is_empty(), "{policy}\n{diagnostics:?}");
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let outcome = check::check(&[file], &sources, Arc::new(registry));
    let errors: Vec<_> = outcome.diagnostics.iter().filter(|d| d.is_error()).map(|d| (d.code, &d.message)).collect();
    outcome.policy.unwrap_or_else(|| panic!("{policy}\n{errors:?}"))
}

/// A value in an object of values.
enum Tree {
    Leaf(String),
    Node(Vec<(String, Tree)>),
}

impl Tree {
    fn put(&mut self, path: &str, value: String) {
        let Self::Node(entries) = self else { return };
        match path.split_once('.') {
            None => entries.push((path.to_owned(), Self::Leaf(value))),
            Some((head, rest)) => {
                if !entries.iter().any(|(name, _)| name == head) {
                    entries.push((head.to_owned(), Self::Node(Vec::new())));
                }
                let found = entries.iter_mut().find(|(name, _)| name == head);
                if let Some((_, below)) = found {
                    below.put(rest, value);
                }
            }
        }
    }

    fn write(&self, dice: &mut Dice, out: &mut String) {
        let gap = |dice: &mut Dice, out: &mut String| {
            out.push_str(if dice.one_in(12) { dice.pick(&[" ", "\t", "  ", "\r"]) } else { "" })
        };
        match self {
            Self::Leaf(text) => out.push_str(text),
            Self::Node(entries) => {
                out.push('{');
                for (i, (name, value)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    gap(dice, out);
                    if dice.one_in(200) {
                        let _ = write!(out, "\"\\u{:04x}{}\"", name.as_bytes()[0], name.get(1..).unwrap_or_default());
                    } else {
                        let _ = write!(out, "\"{name}\"");
                    }
                    gap(dice, out);
                    out.push(':');
                    gap(dice, out);
                    value.write(dice, out);
                    gap(dice, out);
                }
                out.push('}');
            }
        }
    }
}

fn row(shape: &Shape, dice: &mut Dice, number: u64, out: &mut Vec<u8>) {
    let mut tree = Tree::Node(Vec::new());
    let mut entries: Vec<(String, String)> = Vec::new();
    for field in &shape.fields {
        if field.absent && dice.one_in(5) || dice.one_in(300) {
            continue;
        }
        let (ty, good) = TYPES[field.kind];
        let mut value = dice.pick(good).to_owned();
        if matches!(ty, "int" | "string") && dice.one_in(2) {
            value = if ty == "int" { number.to_string() } else { format!("\"row {number}\"") };
        }
        if field.null && dice.one_in(5) {
            value = "null".to_owned();
        }
        if dice.one_in(150) {
            value = dice.pick(WRONG).to_owned();
        }
        let path = match field.from.len() {
            0 => field.name.clone(),
            n => field.from[dice.below(n as u64) as usize].clone(),
        };
        entries.push((path, value));
        if !field.from.is_empty() && dice.one_in(100) {
            entries.push((field.from[0].clone(), dice.pick(good).to_owned()));
        }
    }
    if shape.source {
        entries
            .push(("origin".into(), dice.pick(&["\"recorded\"", "\"live\"", "\"recorded\"", "\"l\\u0069ve\""]).into()));
        if dice.one_in(200) {
            entries.pop();
            entries.push(("origin".into(), dice.pick(&["\"made up\"", "null", "3"]).into()));
        }
    }
    if shape.version {
        entries.push(("schema_version".into(), dice.pick(&["\"x.v2\"", "\"x.v1\"", "\"x.v2\""]).into()));
        if dice.one_in(200) {
            entries.pop();
        }
    }
    if shape.fresh {
        let when = AS_OF / 1_000_000 - dice.below(20) as i64 * 1000;
        let when = if dice.one_in(100) { when + 10_000_000 } else { when };
        entries.push(("when".into(), when.to_string()));
    }
    for unknown in 0..if dice.one_in(3) { dice.below(4) } else { 0 } {
        let value = match dice.below(5) {
            0 => dice.pick(WRONG),
            1 => r#"{"stt":"a","llm":{"x":[1,2,{"y":null}]},"tts":"b"}"#,
            2 => r#"[{"a":1},{"a":2,"b":[]},{}]"#,
            3 => "\"some text\"",
            _ => "-12.5e-3",
        };
        let value = if dice.one_in(20) { value } else { r#"{"k":"v","w":[true,false,null]}"# };
        entries.push((format!("unknown_{unknown}"), value.to_owned()));
    }
    if dice.one_in(400) {
        // More names than a table holds.
        for i in 0..100 + dice.below(80) {
            entries.push((format!("many_{}", i * 7 % 199), "1".into()));
        }
    }
    if !entries.is_empty() && dice.one_in(3) {
        let (a, b) = (dice.below(entries.len() as u64) as usize, dice.below(entries.len() as u64) as usize);
        entries.swap(a, b);
    }
    for (path, value) in entries {
        tree.put(&path, value);
    }
    if dice.one_in(200)
        && let Tree::Node(entries) = &mut tree
        && let Some((name, _)) = entries.first()
    {
        let again = name.clone();
        entries.push((again, Tree::Leaf("1".into())));
    }
    let mut text = String::new();
    tree.write(dice, &mut text);
    if dice.one_in(100) {
        let deep = 90 + dice.below(60) as usize;
        let open = format!(",\"deep\":{}{}}}", "[".repeat(deep), "]".repeat(deep));
        text.pop();
        text.push_str(&open);
    }
    let mut bytes = text.into_bytes();
    if dice.one_in(60) {
        let at = dice.below(bytes.len() as u64) as usize;
        match dice.below(4) {
            0 => bytes[at] = dice.below(256) as u8,
            1 => bytes.truncate(at),
            2 => bytes.insert(at, dice.below(256) as u8),
            _ => {
                bytes.remove(at);
            }
        }
    }
    out.extend(bytes);
    match dice.below(12) {
        0 => out.extend(b"\r\n"),
        1 => out.extend(b" \n"),
        2 => out.extend(b"\n\n"),
        3 if dice.one_in(20) => out.extend(b" x\n"),
        _ => out.push(b'\n'),
    }
}

#[derive(Default)]
struct Collected(Mutex<Vec<Batch>>);

impl BatchSink for Collected {
    fn take(&self, batch: Batch) -> Flow {
        self.0.lock().unwrap().push(batch);
        Flow::Continue
    }
}

/// A row as it went out: its values and where it comes from.
type Out = (Vec<Value>, Option<Arc<Origin>>);

fn read(
    policy: &CheckedPolicy,
    asked: &Projection,
    bytes: &[u8],
    limits: &ReadLimits,
    typed: bool,
) -> (ReadReport, Vec<Out>, bool) {
    let host = MemHost::new();
    host.put("/t.jsonl", bytes);
    let definition = &policy.policy.evidence[0];
    let constants = Constants::new(policy.policy.clone(), BTreeMap::new());
    let judge = Judge::new(definition, asked, &constants);
    let sink = Collected::default();
    let hours = |n: i64| Num::from(n * 3_600_000_000_000);
    let limits_of_age = FreshLimits { as_of: Num::from(AS_OF), within: hours(24), ahead: hours(0) };
    let fresh = definition.fresh.as_ref().map(|_| limits_of_age);
    let accepted: Vec<Arc<str>> = vec!["recorded".into(), "live".into()];
    let mut tally = Tally::new(&judge, &sink, fresh, &accepted, 1 << 20);
    let file = FoundFile { shown: "t.jsonl".into(), path: "/t.jsonl".into(), captures: Vec::new() };
    let file = FileRead { host: &host, file: &file, judge: &judge, limits };
    let rows = if typed { TypedRows::new(&judge) } else { TypedRows::never() };
    lines::read(&file, &rows, &mut tally);
    let planned = rows.plan.is_some();
    let report = tally.finish(true);
    let mut batches = sink.0.into_inner().unwrap();
    batches.sort_by_key(|b| b.first);
    let width = judge.record.as_ref().map_or(1, |r| r.fields.len());
    let rows = batches
        .iter()
        .flat_map(|b| (0..b.len).map(move |r| ((0..width).map(|c| b.value(c, r)).collect(), b.origin(r))));
    (report, rows.collect(), planned)
}

/// Reads files of one made-up shape in both ways; how many there were with rows that could be
/// read without trees.
fn compare(seed: u64, files: u64) -> u64 {
    let mut dice = Dice::new(seed);
    let shape = shape(&mut dice);
    let policy = checked(&shape.policy);
    (0..files).filter(|_| compare_file(&shape, &policy, &mut dice, seed)).count() as u64
}

fn compare_file(shape: &Shape, policy: &CheckedPolicy, dice: &mut Dice, seed: u64) -> bool {
    let mut bytes = Vec::new();
    if dice.one_in(20) {
        bytes.extend("\u{feff}".as_bytes());
    }
    for number in 0..dice.below(60) {
        row(shape, dice, number, &mut bytes);
    }
    if dice.one_in(3) {
        bytes.pop();
    }
    let mut asked = Projection::default();
    for field in &shape.fields {
        if dice.one_in(2) {
            asked.add(std::slice::from_ref(&Arc::from(field.name.as_str())));
        } else if matches!(TYPES[field.kind].0, "Inner" | "list<Inner>") && dice.one_in(2) {
            asked.add(&[Arc::from(field.name.as_str()), Arc::from("n")]);
        }
    }
    if dice.one_in(8) {
        asked = Projection::everything();
    }
    let chunk_bytes = [1, 3, 17, 64, 300, 1000, 1 << 20][dice.below(7) as usize];
    let row_bytes = if dice.one_in(6) { 20 + dice.below(300) as usize } else { 1 << 20 };
    let limits = ReadLimits { chunk_bytes, row_bytes, ..ReadLimits::default() };
    let whole = ReadLimits { chunk_bytes: 1 << 20, ..limits.clone() };
    let (told, expected, _) = read(policy, &asked, &bytes, &whole, false);
    let (report, rows, planned) = read(policy, &asked, &bytes, &limits, true);
    let show =
        || format!("seed {seed}, chunks of {chunk_bytes}\n{}\n{}", shape.policy, String::from_utf8_lossy(&bytes));
    assert_eq!(rows.len(), expected.len(), "{}", show());
    for (row, (found, due)) in rows.iter().zip(&expected).enumerate() {
        assert_eq!(found, due, "row {row} of {}", show());
    }
    assert_eq!(report, told, "{}", show());
    planned && !expected.is_empty()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long a test goes on is said from outside")]
fn both_ways_read_the_same() {
    let shapes = std::env::var("ROWS_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(80);
    let compared: u64 = (0..shapes).map(|seed| compare(seed, 12)).sum();
    // Else nothing was compared.
    assert!(compared > shapes * 45 / 8, "{compared} files");
}
