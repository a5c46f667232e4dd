//! `contract schema` as people and CI run it.

use std::path::Path;
use std::process::Command;

const GATE: &str = r#"policy p { language 1 }
record Part { name : string }
## One thing.
contract thing { schema "docs/all.schema.json#/$defs/a_thing"  part : Part  n : int  rule small: n < 10 }
contract other { schema "docs/all.schema.json#/$defs/other"  things : list<thing> }
evidence things { path "things.json"  source recorded  fresh any  row thing }
gate things.few { stage s  scope things  each n < 5  when empty fail }
"#;

struct Policy {
    folder: tempfile::TempDir,
}

impl Policy {
    fn new(gate: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let policy = Self { folder };
        policy.put("gates/a.gate", gate);
        policy.put("profiles/s.profile", "profile s { stage s  sources recorded }\n");
        policy
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// Exit code, stdout and stderr.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        run(self.folder.path(), arguments)
    }
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rspp-gates")).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_paired_file_is_written_before_it_is_there_and_checked_afterwards() {
    let policy = Policy::new(GATE);
    let (code, _, told) = policy.run(&["check"]);
    assert_eq!(code, 2, "{told}");
    let file = "docs/all.schema.json";
    let (code, out, _) = policy.run(&["contract", "schema", "--all", "--check", file]);
    assert_eq!(
        (code, out.as_str()),
        (1, "docs/all.schema.json is not what `contract schema` writes: it is not there\n")
    );
    let id = "https://example.org/all.schema.json";
    let (code, out, told) = policy.run(&["contract", "schema", "--all", "--id", id, "-o", file]);
    assert_eq!((code, out.as_str(), told.as_str()), (0, "", ""));
    assert_eq!(policy.run(&["check"]).0, 0);
    assert_eq!(policy.run(&["contract", "schema", "--all", "--check", file]).0, 0, "the `$id` of the file is kept");
    let value: serde_json::Value = serde_json::from_str(&policy.read(file)).unwrap();
    assert_eq!(value["$id"], id);
    assert_eq!(value["anyOf"], serde_json::json!([{ "$ref": "#/$defs/other" }, { "$ref": "#/$defs/a_thing" }]));
    let names: Vec<&String> = value["$defs"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["Part", "a_thing", "other"]);
    assert_eq!(value["$defs"]["other"]["properties"]["things"]["items"]["$ref"], "#/$defs/a_thing");
    // The paired schema holds where the contract is read.
    policy.put("things.json", r#"[{"part":{"name":"x"},"n":3}]"#);
    let (code, out, told) = policy.run(&["run", "s"]);
    assert_eq!(code, 0, "{out}{told}");
    // The contract changes, and the file is an old one.
    policy.put("gates/a.gate", &GATE.replace("n < 10", "n < 11"));
    let (code, out, _) = policy.run(&["contract", "schema", "--all", "--check", file]);
    assert_eq!(code, 1);
    assert!(out.contains("\n- ") && out.contains("\"maximum\": 9") && out.contains("\"maximum\": 10"), "{out}");
    // A file that is no schema does not stand in the way either.
    policy.put(file, "{ no json");
    assert_eq!(policy.run(&["check"]).0, 2);
    assert_eq!(policy.run(&["contract", "schema", "--all", "-o", file]).0, 0);
    assert_eq!(policy.run(&["check"]).0, 0);
}

/// What `.ci/run` could ask as well: `contract schema --all --of FILE --check FILE`.
#[test]
fn paired_files_of_the_shipped_policy_are_what_the_command_writes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policy = super::support::shipped();
    for file in rspp_gates::contract::paired(&policy).keys() {
        let arguments = ["contract", "schema", "--all", "--of", file, "--check", file];
        let (code, out, told) = run(root, &arguments);
        assert_eq!(code, 0, "`rspp-gates contract schema --all --of {file} -o {file}` writes it\n{out}{told}");
    }
}

#[test]
fn one_contract_is_a_document_of_its_own_and_the_same_each_time() {
    let policy = Policy::new(GATE);
    let (code, first, told) = policy.run(&["contract", "schema", "thing"]);
    assert_eq!((code, told.as_str()), (0, ""));
    let value: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&value["title"], &value["description"]), (&"thing".into(), &"One thing.".into()));
    assert_eq!(value.get("$id"), None);
    assert_eq!(policy.run(&["contract", "schema", "thing"]).1, first);
    let (_, both, _) = policy.run(&["contract", "schema", "thing", "other"]);
    let both: serde_json::Value = serde_json::from_str(&both).unwrap();
    assert_eq!(both["anyOf"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let policy = Policy::new(GATE);
    let (code, _, told) = policy.run(&["contract", "schema", "thin"]);
    assert!(code == 2 && told.contains("rspp::runner::contract") && told.contains("did you mean `thing`?"), "{told}");
    let (code, _, told) = policy.run(&["contract", "schema", "--all", "--of", "docs/al.schema.json"]);
    assert!(code == 2 && told.contains("did you mean `docs/all.schema.json`?"), "{told}");
    assert_eq!(policy.run(&["contract", "schema"]).0, 2);
    let (code, _, told) = policy.run(&["contract", "schema", "thing", "-o", "docs"]);
    assert_eq!(code, 0, "{told}");
    std::fs::remove_file(policy.folder.path().join("docs")).unwrap();
    std::fs::create_dir(policy.folder.path().join("docs")).unwrap();
    let (code, _, told) = policy.run(&["contract", "schema", "thing", "-o", "docs"]);
    assert!(code == 74 && told.contains("rspp::runner::not-written"), "{told}");
    policy.put("gates/b.gate", "contract third { schema \"docs/third.json\"  n : int }\n");
    let (code, _, told) = policy.run(&["contract", "schema", "--all"]);
    assert!(code == 2 && told.contains("several schemas") && told.contains("--of FILE"), "{told}");
    let (code, out, _) = policy.run(&["contract", "schema", "--all", "--of", "docs/third.json"]);
    assert!(code == 0 && out.contains("\"title\": \"third\""), "{out}");
    let none = Policy::new(
        "policy p { language 1 }\nrecord r { n : int }\ngate a.b { stage s  scope [1]  each this > 0  when empty fail }\n",
    );
    let (code, _, told) = none.run(&["contract", "schema", "--all"]);
    assert!(code == 2 && told.contains("no contract of the policy is paired"), "{told}");
    assert_eq!(none.run(&["contract", "schema", "r"]).0, 0, "records have schemas too");
}
