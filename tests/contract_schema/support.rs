//! Policies in memory, and both judges of a document.

use rspp_gates::contract::{Document, Root, paired, pretty, write};
use rspp_gates::data::{Digest, Json};
use rspp_gates::eval::Constants;
use rspp_gates::eval::decode::{DecodeFault, Decoder};
use rspp_gates::evidence::parse_json;
use rspp_gates::host::{Host, MemHost, OsHost};
use rspp_gates::model::{CheckedPolicy, Shape, ShapeId};
use rspp_gates::runner::{Schemas, Session};
use rspp_gates::schema::{Schema, SchemaFile, compile};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A policy of one file, and a profile.
pub fn policy(gate: &str, profile: &str) -> CheckedPolicy {
    let host = MemHost::new();
    host.put("/p/gates/a.gate", gate);
    host.put("/p/profiles/s.profile", profile);
    checked(&host, Path::new("/p"))
}

/// The policy that ships.
pub fn shipped() -> CheckedPolicy {
    checked(&OsHost::default(), Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// The policy of many constructs.
pub fn rich() -> CheckedPolicy {
    policy(include_str!("rich.gate"), "profile s { stage s  set moved_by_profile = 1 }\n")
}

fn checked(host: &dyn Host, root: &Path) -> CheckedPolicy {
    let session = Session::open(host, Some(root)).unwrap_or_else(|r| panic!("{:?}", r.diagnostics));
    let checked = session.check_with(Schemas::Left);
    let told: Vec<String> =
        checked.diagnostics.iter().map(|d| format!("{:?}: {} {:?}", d.code, d.message, d.labels)).collect();
    checked.policy.unwrap_or_else(|| panic!("{}", told.join("\n")))
}

/// A shape, its schema, and both judges.
pub struct Pair<'p> {
    pub name: String,
    pub shape: &'p Shape,
    pub is_contract: bool,
    pub text: String,
    /// What the schema says that it does not say: kind and name.
    pub gaps: BTreeSet<(String, String)>,
    constants: &'p Constants,
    schema: Schema,
}

/// A document and what both say of it.
pub struct Verdict {
    pub faults: Vec<DecodeFault>,
    pub schema: Vec<String>,
}

impl<'p> Pair<'p> {
    pub fn of(policy: &'p CheckedPolicy, constants: &'p Constants, id: ShapeId) -> Self {
        let named = &policy.policy.shapes[id.index()];
        let names = paired(policy).into_values().flatten().filter_map(|(id, name)| Some((id, name?))).collect();
        let value = write(policy, &Document { root: Root::One(id), id: None, names });
        let text = pretty(&value);
        let mut gaps = BTreeSet::new();
        listed(&value, &mut gaps);
        let json = parse_json(&text).unwrap();
        let mut read = |_: &str| Ok(SchemaFile { json: json.clone(), digest: Digest::of(text.as_bytes()) });
        let schema = compile("x.json", &mut read).unwrap_or_else(|e| panic!("{}: {}\n{text}", named.name, e.message));
        Self {
            name: named.name.to_string(),
            shape: &named.shape,
            is_contract: named.contract.is_some(),
            text,
            gaps,
            constants,
            schema,
        }
    }

    /// Every named shape of a policy.
    pub fn all(policy: &'p CheckedPolicy, constants: &'p Constants) -> Vec<Self> {
        let ids = (0..).map(ShapeId).take(policy.policy.shapes.len());
        ids.map(|id| Self::of(policy, constants, id)).collect()
    }

    pub fn named(policy: &'p CheckedPolicy, constants: &'p Constants, name: &str) -> Self {
        let position = policy.policy.shapes.iter().position(|s| &*s.name == name).unwrap();
        Self::of(policy, constants, ShapeId(u32::try_from(position).unwrap()))
    }

    pub fn judge(&self, document: &str) -> Verdict {
        let json = parse_json(document).unwrap_or_else(|e| panic!("{document}: {}", e.message));
        Verdict { faults: self.faults(&json), schema: self.rejections(&json) }
    }

    pub fn faults(&self, json: &Json) -> Vec<DecodeFault> {
        Decoder::new(self.constants).without_schemas().faults(json, self.shape).faults
    }

    pub fn rejections(&self, json: &Json) -> Vec<String> {
        let (faults, _) = self.schema.faults(json, &[], 5);
        faults.iter().map(|f| format!("{}: {}", f.pointer, f.message)).collect()
    }

    /// Whether a fault is one that the schema says it does not find.
    pub fn is_listed(&self, fault: &DecodeFault) -> bool {
        let has = |kind: &str, name: &str| self.gaps.contains(&(kind.to_owned(), name.to_owned()));
        let quoted = |after: &str| {
            let rest = fault.message.split_once(after)?.1;
            Some(rest.split('`').next()?.to_owned())
        };
        match fault.code {
            "rspp::evidence::rule" => match fault.message.strip_prefix("rule `") {
                Some(rest) => has("rule", rest.split('`').next().unwrap()),
                None => quoted(" is no `").is_some_and(|name| has("condition", &name)),
            },
            "rspp::evidence::wrong-type" => {
                fault.message.contains("found the number") && has("reading", "whole number")
            }
            "rspp::evidence::unreadable-value" => {
                let number = fault.message.contains("the number");
                number && (has("reading", "whole number") || has("reading", "number"))
                    || !number && (has("reading", "instant") || has("reading", "version"))
            }
            "rspp::evidence::two-spellings" => fault.message.starts_with("the keys") && has("reading", "key"),
            "rspp::evidence::unknown-word" => has("reading", "word"),
            _ => false,
        }
    }
}

/// Everything that is listed somewhere in a schema.
fn listed(value: &Value, out: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, below) in map {
                match (key.as_str(), below) {
                    ("x-untranslated", Value::Array(items)) => {
                        for item in items.iter().filter_map(Value::as_object) {
                            let (kind, name) = item.iter().next().unwrap();
                            out.insert((kind.clone(), name.as_str().unwrap().to_owned()));
                        }
                    }
                    _ => listed(below, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| listed(item, out)),
        _ => {}
    }
}

/// Constants of a policy as no profile sets them.
pub fn constants(policy: &CheckedPolicy) -> Constants {
    Constants::new(policy.policy.clone(), BTreeMap::new())
}

/// Numbers that look random and follow from a seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { usize::try_from(self.next() % n as u64).unwrap() }
    }

    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of some texts.
    pub fn text<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
