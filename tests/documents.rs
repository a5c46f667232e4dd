//! `contract check`, `lint` and `contract list`, end to end: documents that are of their kind and
//! documents that are not, with every fault at its place.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const POLICY: &str = r#"policy works { language 1 }

type Text = string where this != ""
type Natural = int where this >= 0

enum Use { pump, valve, tank = "tank" or "vessel" }

record Node {
  node_id : Text
  use     : Use
  litres  : Natural?

  rule tanks_hold: use == tank implies present(litres) else "{node_id} is a tank without litres"
}

record Edge {
  from : Text
  to   : Text

  advice no_self_loop: from != to else "{from} leads to itself"
}

record Meter { low : Natural   high : Natural }

## How the parts of a works hang together.
contract wiring {
  schema "docs/works.schema.json#/$defs/wiring"

  version : string
  nodes   : list<Node>
  edges   : list<Edge>
  meters  : map<string, Meter> default {}

  rule exact:       version == "wiring.v1"
  rule has_nodes:   count(nodes) >= 1
  rule from_known:  every e in edges: exists n in nodes: n.node_id == e.from else "`{e.from}` is no node"
  rule to_known:    every e in edges: exists n in nodes: n.node_id == e.to else "`{e.to}` is no node"
  advice no_circle: not filled(cycle(edges[].from, edges[].to))
                    else "{cycle(edges[].from, edges[].to)} leads round in a circle"
  advice meters_rise: every m in values(meters): m.low <= m.high
}

## The same, as drafts are written.
contract wiring_draft open everywhere {
  version : string
  nodes   : list<Node>
  edges   : list<Edge>

  rule family: version like "wiring.*"
}

contract note { text : Text }
"#;

const SCHEMA: &str = r##"{"$defs":{
 "text":{"type":"string","minLength":1},
 "wiring":{"type":"object","additionalProperties":false,"required":["version","nodes","edges"],
  "properties":{
   "version":{"const":"wiring.v1"},
   "nodes":{"type":"array","minItems":1,"items":{"type":"object","additionalProperties":false,
     "required":["node_id","use"],
     "properties":{"node_id":{"$ref":"#/$defs/text"},"use":{"enum":["pump","valve","tank","vessel"]},
       "litres":{"type":"integer","minimum":0}},
     "if":{"properties":{"use":{"enum":["tank","vessel"]}},"required":["use"]},
     "then":{"required":["litres"]}}},
   "edges":{"type":"array","maxItems":3,"items":{"type":"object","additionalProperties":false,"required":["from","to"],
     "properties":{"from":{"$ref":"#/$defs/text"},"to":{"$ref":"#/$defs/text"}}}},
   "meters":{"type":"object"}}}}}
"##;

const GOOD: &str = r#"{
  "version": "wiring.v1",
  "nodes": [
    {"node_id": "a", "use": "pump"},
    {"node_id": "b", "use": "vessel", "litres": 40}
  ],
  "edges": [{"from": "a", "to": "b"}]
}
"#;

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let case = Self { folder: tempfile::tempdir().unwrap() };
        case.put("gates/works.gate", POLICY);
        case.put("docs/works.schema.json", SCHEMA);
        case.put("profiles/none.profile", "");
        case.put("good.json", GOOD);
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

    fn output(&self, arguments: &[&str], stdin: Option<&[u8]>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rspp-gates"));
        command.current_dir(self.folder.path()).env_clear().args(arguments);
        command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let Some(bytes) = stdin {
            // The program may have had enough of it.
            let _ = child.stdin.take().unwrap().write_all(bytes);
        }
        child.wait_with_output().unwrap()
    }

    fn shows(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments, None);
        let mut text = format!("$ rspp-gates {}\nexit {}\n", arguments.join(" "), output.status.code().unwrap());
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                let _ = write!(text, "--- {name}\n{}", String::from_utf8_lossy(bytes));
            }
        }
        text
    }

    /// The exit code, and what each document came to.
    fn lines(&self, arguments: &[&str], stdin: Option<&[u8]>) -> (i32, Vec<Value>) {
        let output = self.output(arguments, stdin);
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let schema = std::fs::read(root.join("schemas/contract-check.v1.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
        for line in &lines {
            let wrong: Vec<String> = validator.iter_errors(line).map(|e| e.to_string()).collect();
            assert!(wrong.is_empty(), "{wrong:?} in {line}");
        }
        (output.status.code().unwrap(), lines)
    }

    /// `path by line:column` of each fault.
    fn faults(&self, kind: &str, text: &str, name: &str) -> Vec<String> {
        self.put(name, text);
        let (exit, lines) = self.lines(&["contract", "check", kind, name, "--format", "json"], None);
        let told = told(&lines[0]);
        assert_eq!(exit, i32::from(!told.is_empty()), "{told:?}");
        told
    }
}

fn told(line: &Value) -> Vec<String> {
    let faults = line["faults"].as_array().unwrap().iter();
    let by = |f: &Value| f["by"].as_array().unwrap().iter().map(|b| b.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    faults
        .map(|f| format!("{} {}:{} {}", f["path"].as_str().unwrap(), f["line"], f["column"], by(f).join("+")))
        .collect()
}

macro_rules! shows {
    ($name:literal, $case:expr, $arguments:expr) => {
        insta::assert_snapshot!($name, $case.shows(&$arguments))
    };
}

#[test]
fn documents_of_their_kind_conform() {
    let case = Case::new();
    case.put("note.yml", "# a note\ntext: well\n");
    shows!("good", case, ["contract", "check", "wiring", "good.json", "good.json"]);
    shows!("no_schema", case, ["contract", "check", "note", "note.yml"]);
    shows!("good_json", case, ["contract", "check", "wiring", "good.json", "--format", "json"]);
    shows!("help", case, ["contract", "check", "--help"]);
    shows!("help_lint", case, ["lint", "--help"]);
    shows!("kinds", case, ["contract", "list"]);
    shows!("explain", case, ["explain", "wiring"]);
}

const FIVE: &str = r#"{
  "version": "wiring.v1",
  "nodes": [
    {"node_id": "a", "use": "pmup"},
    {"node_id": "", "use": "tank", "litres": -1},
    {"nodeid": "c", "use": "valve"}
  ],
  "edges": [{"from": "a", "to": 7}],
  "owner": "me"
}
"#;

#[test]
fn every_mistake_is_told_with_its_path_and_what_should_have_been_there() {
    let case = Case::new();
    case.put("five.json", FIVE);
    shows!("five", case, ["contract", "check", "wiring", "five.json"]);
    shows!("five_json", case, ["contract", "check", "wiring", "five.json", "--format", "json"]);
}

#[test]
fn what_contract_and_schema_say_of_one_field_is_one_fault() {
    let case = Case::new();
    let edges = r#"[{"from":"a","to":"b"},{"from":"a","to":"b"},{"from":"a","to":"b"},{"from":"x","to":"b"}]"#;
    let text = GOOD.replace(r#"[{"from": "a", "to": "b"}]"#, edges).replace(r#", "litres": 40"#, "");
    let text = text.replace("wiring.v1", "wiring.v2");
    assert_eq!(
        case.faults("wiring", &text, "four.json"),
        [
            "version 2:14 contract+schema",
            // What a tank demands is `litres`, and that is what the schema lacks.
            "nodes[1].litres 5:5 contract+schema",
            // Only the schema counts edges, only the contract follows them.
            "edges 7:12 schema",
            "edges[3].from 7:87 contract",
        ]
    );
}

#[test]
fn yaml_is_told_at_its_lines() {
    let case = Case::new();
    let text = "version: wiring.v1\nnodes:\n  - node_id: a\n    use: pmup # no such use\n  - node_id: ''\n    use: \"tank\"\n    \
                litres: 40\n    colour: red\nedges:\n  - from: b\n    to: [1]\n  - to: a\nmeters: 3\n";
    assert_eq!(
        case.faults("wiring", text, "draft.yaml"),
        [
            "nodes[0].use 4:10 contract+schema",
            "nodes[1].node_id 5:14 contract+schema",
            "nodes[1].colour 8:5 contract+schema",
            "edges[0].to 11:9 contract+schema",
            "edges[1].from 12:5 contract+schema",
            "meters 13:9 contract+schema",
        ]
    );
    shows!("yaml", case, ["lint", "wiring", "draft.yaml"]);
}

#[test]
fn advice_is_a_warning_unless_it_is_denied() {
    let case = Case::new();
    let text = GOOD.replace(
        r#"[{"from": "a", "to": "b"}]"#,
        r#"[{"from": "b", "to": "b"}], "meters": {"m": {"low": 3, "high": 2}}"#,
    );
    case.put("loop.json", text);
    shows!("advice", case, ["lint", "wiring", "loop.json"]);
    let exit = |arguments: &[&str]| case.output(arguments, None).status.code();
    assert_eq!(exit(&["lint", "wiring", "loop.json", "--deny-advice"]), Some(1));
    assert_eq!(exit(&["lint", "wiring", "good.json", "--deny-advice"]), Some(0));
    let (code, lines) = case.lines(&["contract", "check", "wiring", "loop.json", "--format", "json"], None);
    assert_eq!((code, lines[0]["advice"].as_array().unwrap().len()), (0, 0));
    let (_, lines) = case.lines(&["lint", "wiring", "loop.json", "--format", "json"], None);
    assert_eq!(lines[0]["advice"].as_array().unwrap().len(), 3);
}

#[test]
fn a_mode_is_a_contract_of_its_own() {
    let case = Case::new();
    let text = GOOD.replace("wiring.v1", "wiring.v7").replace(r#""use": "pump""#, r#""use": "pump", "colour": "red""#);
    case.put("draft.json", text);
    let exit = |mode: &str| case.output(&["lint", "wiring", "draft.json", "--mode", mode], None).status.code();
    assert_eq!([exit(" Draft "), exit("strict"), exit(""), exit("loose")].map(Option::unwrap), [0, 1, 1, 2]);
    shows!("unknown_mode", case, ["lint", "wiring", "draft.json", "--mode", "drfat"]);
    shows!("unknown_kind", case, ["contract", "check", "wirring", "draft.json"]);
}

#[test]
fn what_cannot_be_read_is_no_answer_and_hides_nothing() {
    let case = Case::new();
    case.put("cut.json", GOOD.get(..60).unwrap());
    case.put("twice.json", "{\"text\": \"a\",\n \"text\": \"b\"}");
    case.put("utf16.json", "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    case.put("latin.json", b"{\n \"text\": \"\xE9\"}");
    case.put("nul.json", "\0\0");
    case.put("two.yaml", "text: a\n---\ntext: b\n");
    case.put("deep.json", "[".repeat(100_000));
    case.put("deep.yaml", "[".repeat(100_000));
    case.put("after.json", "{\"text\":\"a\"} {}");
    case.put("empty.json", "");
    case.put("bom.json", "\u{feff}{\"text\":\"a\"}");
    std::fs::create_dir(case.path("folder")).unwrap();
    let names = [
        "cut.json",
        "twice.json",
        "utf16.json",
        "latin.json",
        "nul.json",
        "two.yaml",
        "deep.json",
        "deep.yaml",
        "after.json",
        "empty.json",
        "folder",
        "gone.json",
        "bom.json",
    ];
    let mut arguments = vec!["contract", "check", "note"];
    arguments.extend(names);
    shows!("unread", case, arguments);
    arguments.extend(["--format", "json"]);
    let (exit, lines) = case.lines(&arguments, None);
    assert_eq!((exit, lines.len()), (3, names.len()));
    let read: Vec<bool> = lines.iter().map(|l| l["read"].as_bool().unwrap()).collect();
    assert_eq!(read, names.map(|n| n == "bom.json"));
    // A no beside it is a no.
    case.put("bad.json", "{}");
    assert_eq!(case.output(&["contract", "check", "note", "gone.json", "bad.json"], None).status.code(), Some(1));
}

#[test]
fn stdin_is_a_document_too() {
    let case = Case::new();
    let (exit, lines) = case.lines(&["contract", "check", "note", "-", "--format", "json"], Some(b"{\"text\":\"\"}"));
    assert_eq!((exit, &lines[0]["path"]), (1, &Value::from("(stdin)")));
    assert_eq!(told(&lines[0]), ["text 1:9 contract"]);
    let yaml = &["contract", "check", "note", "-", "--input", "yaml", "--format", "json"];
    assert_eq!(case.lines(yaml, Some(b"text: a")).0, 0);
}

#[test]
fn a_document_beyond_the_limit_is_refused_in_little_memory() {
    let case = Case::new();
    let mut large = String::from("{\"text\":\"");
    large.push_str(&"x".repeat(200 << 20));
    large.push_str("\"}");
    case.put("large.json", &large);
    drop(large);
    shows!("large", case, ["contract", "check", "note", "large.json"]);
}

#[test]
fn names_and_values_of_documents_send_nothing_to_a_terminal() {
    let case = Case::new();
    let long = "k".repeat(5_000);
    let text =
        format!("{{\"text\": \"a\", \"\\u001b[31mred\\u0007\": 1, \"{long}\": 2, \"a b\": 3, \"\": 4, \"q\\\"q\": 5}}");
    case.put("evil.json", text);
    shows!("evil", case, ["contract", "check", "note", "evil.json"]);
    let (_, lines) = case.lines(&["contract", "check", "note", "evil.json", "--format", "json"], None);
    assert_eq!(lines[0]["faults"].as_array().unwrap().len(), 5);
    assert_eq!(lines[0]["faults"][4]["pointer"], "/q\"q");
}

#[test]
fn faults_are_bounded() {
    let case = Case::new();
    let nodes = vec!["1"; 30_000].join(",");
    case.put("many.json", format!("{{\"version\":\"wiring.v1\",\"nodes\":[{nodes}],\"edges\":[]}}"));
    let (exit, lines) = case.lines(&["contract", "check", "wiring", "many.json", "--format", "json"], None);
    let told = lines[0]["faults"].as_array().unwrap().len() as u64;
    assert_eq!(exit, 1);
    assert!((10_000..25_000).contains(&told), "{told}");
    assert!(lines[0]["more_faults"].as_u64().unwrap() >= 20_000);
    let output = case.output(&["contract", "check", "wiring", "many.json"], None);
    assert!(output.stderr.len() < 1 << 20, "{}", output.stderr.len());
}

#[test]
fn without_a_policy_or_its_schema_nothing_is_judged() {
    let case = Case::new();
    std::fs::remove_file(case.path("docs/works.schema.json")).unwrap();
    shows!("schema_gone", case, ["contract", "check", "wiring", "good.json"]);
    std::fs::remove_dir_all(case.path("gates")).unwrap();
    assert_eq!(case.output(&["contract", "check", "wiring", "good.json"], None).status.code(), Some(2));
}
