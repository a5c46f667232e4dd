//! One made-up input for each target.

use crate::targets::archive::Archive;
use crate::targets::{policy, readers};
use crate::{data, mangle, policies, random::Random, seeds};
use rspp_gates::model::CheckedPolicy;
use std::sync::OnceLock;

/// The bytes of a case.
pub fn made(target: &str, random: &mut Random) -> Vec<u8> {
    match target {
        "syntax" => {
            let mut bytes = policies::text(random).into_bytes();
            if random.once_in(50) {
                data::damage(random, &mut bytes);
            }
            bytes
        }
        "fmt" => match random.below(3) {
            0 => policies::text(random).into_bytes(),
            1 => {
                let text: &String = random.pick(seeds::texts());
                mangle::mangled(random, text).into_bytes()
            }
            _ => {
                let text = policies::text(random);
                mangle::mangled(random, &text).into_bytes()
            }
        },
        "check" => {
            let mut archive = random.pick(seeds::cases()).clone();
            archive.files.retain(|(path, _)| !path.starts_with("evidence/"));
            change_policy(random, &mut archive, 3);
            if random.once_in(3) {
                archive.files.push(("gates/other.gate".to_owned(), policies::text(random).into_bytes()));
            }
            archive.write()
        }
        "profile" => {
            let text = match random.below(3) {
                0 => policies::text(random),
                _ => {
                    let texts: Vec<&String> = seeds::texts().iter().filter(|t| t.contains("profile ")).collect();
                    let changes = random.below(5);
                    let chosen: &&String = random.pick(&texts);
                    let text = profiles(chosen).into_iter().nth(random.below(3)).unwrap_or_default();
                    let text = adopted(random, &text);
                    policies::changed(random, &text, changes)
                }
            };
            text.into_bytes()
        }
        "engine" => engine(random),
        "json" | "jsonl" | "yaml" | "csv" => reader(random, target),
        "run_file" => run_file(random),
        "candidate" => candidate(random),
        "report" => report(random),
        other => panic!("nobody makes up cases of {other}"),
    }
}

fn change_policy(random: &mut Random, archive: &mut Archive, most: usize) {
    let own: Vec<usize> = (0..archive.files.len())
        .filter(|i| {
            let (path, _) = &archive.files[*i];
            !path.starts_with("evidence/") && (!path.ends_with("policy.gate") || random.once_in(20))
        })
        .collect();
    if own.is_empty() {
        return;
    }
    let at = *random.pick(&own);
    let text = String::from_utf8_lossy(&archive.files[at].1).into_owned();
    let changes = 1 + random.below(most);
    archive.files[at].1 = policies::changed(random, &text, changes).into_bytes();
}

/// The profiles of a text.
fn profiles(text: &str) -> Vec<String> {
    let starts: Vec<usize> = text.match_indices("profile ").map(|(i, _)| i).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(from, to)| text[*from..to].to_owned()).collect()
}

/// A profile that speaks of the gates that it stands beside.
fn adopted(random: &mut Random, text: &str) -> String {
    let mut text = text.to_owned();
    let gates = ["a.fast", "a.right", "b.report", "b.later"];
    let clauses = [
        "stage quick",
        "stage full",
        "sources recorded, live",
        "extends base",
        "extends other",
        "gates a.*",
        "without b.later",
        "set limit = 200ms",
        "set share = 95%",
        "set least = 5",
        "set level = high",
        "set word = \"us\"",
        "expect gates >= 1",
        "tighten a.fast { threshold p95 <= 100ms  samples >= 50 }",
        "loosen a.right { threshold >= 90% } because \"x\"",
        "loosen a.fast { when empty inconclusive  missing worst } because \"y\"",
        "evidence turns { path \"other.jsonl\"  fresh any  source live }",
        "tighten b.later { required true }",
    ];
    for _ in 0..random.below(5) {
        match text.rfind('}') {
            Some(end) => text.insert_str(end, &format!("  {}\n", random.word(&clauses))),
            None => text.push_str(random.word(&gates)),
        }
    }
    text
}

/// A case of the specification that is a policy, checked.
struct Judged {
    archive: Archive,
    policy: CheckedPolicy,
}

fn judged() -> &'static [OnceLock<Option<Judged>>] {
    static CASES: OnceLock<Vec<OnceLock<Option<Judged>>>> = OnceLock::new();
    CASES.get_or_init(|| seeds::cases().iter().map(|_| OnceLock::new()).collect())
}

/// A case that is a policy and reads evidence.
fn some_judged(random: &mut Random) -> &'static Judged {
    loop {
        let at = random.below(judged().len());
        let case = judged()[at].get_or_init(|| {
            let archive = seeds::cases()[at].clone();
            let checked = policy::checked(&archive).filter(|c| c.told.is_empty())?;
            let policy = checked.outcome.policy?;
            (!policy.policy.evidence.is_empty()).then_some(Judged { archive, policy })
        });
        if let Some(case) = case {
            return case;
        }
    }
}

fn engine(random: &mut Random) -> Vec<u8> {
    let case = some_judged(random);
    let mut archive = case.archive.clone();
    let how = random.below(10);
    if how < 7 {
        let policy = &case.policy.policy;
        for definition in &policy.evidence {
            if random.once_in(6) {
                continue;
            }
            for (path, bytes) in data::files(random, policy, definition) {
                let path = format!("evidence/{path}");
                archive.files.retain(|(p, _)| *p != path);
                archive.files.push((path, bytes));
            }
        }
    }
    if how >= 6 {
        change_policy(random, &mut archive, 2);
    }
    if how == 9 {
        for (path, bytes) in &mut archive.files {
            if path.starts_with("evidence/") && random.once_in(2) {
                data::damage(random, bytes);
            }
        }
    }
    archive.write()
}

fn reader(random: &mut Random, format: &str) -> Vec<u8> {
    let policy = &readers::shapes().policy;
    let own: Vec<_> = policy.evidence.iter().filter(|e| *e.format == *format).collect();
    match random.below(4) {
        // Any value, in this form.
        0 => {
            let data = data::anything(random, 4);
            let text = match format {
                "yaml" => data::yaml(random, &data),
                "jsonl" => data::lines(random, &data),
                "csv" => data::csv(random, &data),
                _ => data::json(random, &data),
            };
            let mut bytes = text.into_bytes();
            if random.once_in(2) {
                data::damage(random, &mut bytes);
            }
            bytes
        }
        1 => {
            let mut bytes = random.pick(seeds_of(format)).clone();
            data::damage(random, &mut bytes);
            bytes
        }
        _ => {
            let definition = *random.pick(&own);
            data::bytes(random, policy, definition)
        }
    }
}

/// The seeds of each target.
type Seeds = Vec<(&'static str, Vec<Vec<u8>>)>;

fn seeds_of(target: &str) -> &'static [Vec<u8>] {
    static SEEDS: OnceLock<Seeds> = OnceLock::new();
    let all = SEEDS.get_or_init(|| {
        let all = |name: &str| -> Vec<Vec<u8>> {
            seeds::seeds(name)
                .into_iter()
                .chain(seeds::corpus(name).into_iter().map(|(_, b)| b))
                .filter(|b| b.len() < 4000)
                .collect()
        };
        crate::targets::TARGETS.iter().map(|t| (t.name, all(t.name))).collect()
    });
    &all.iter().find(|(name, _)| *name == target).expect("it is a target").1
}

fn run_file(random: &mut Random) -> Vec<u8> {
    const VALUES: &[&str] = &[
        "\"2026-03-01T00:00:00Z\"",
        "2026-03-01",
        "5",
        "\"\"",
        ".",
        "..",
        "/",
        "/etc",
        "nothing",
        "c.json",
        "gates",
        "\"a\\0b\"",
        "&a x",
        "*a",
        "[a, b]",
        "{a: b}",
        "null",
        "~",
        "|\n  x",
        "'it''s'",
        "\"\\u001b[2J\"",
        "\u{202e}abc",
        "x # y",
        "99999999999999999999",
        "\"9999-12-31T23:59:59.999999999+23:59\"",
    ];
    let mut text = String::new();
    for _ in 0..random.below(5) {
        let name = random.word(&[
            "as_of",
            "evidence_root",
            "candidate",
            "evidence_rot",
            "as_off",
            "\"as_of\"",
            "? as_of\n",
            "- a",
            "<<",
            "größe",
        ]);
        let value = random.word(VALUES);
        text.push_str(&format!("{name}: {value}\n"));
    }
    if random.once_in(6) {
        let any = data::anything(random, 3);
        text.push_str(&data::yaml(random, &any));
    }
    let mut bytes = text.into_bytes();
    if random.once_in(3) {
        data::damage(random, &mut bytes);
    }
    bytes
}

fn candidate(random: &mut Random) -> Vec<u8> {
    let policy = &readers::shapes().policy;
    let shape = policy.shapes.iter().find(|s| &*s.name == "ReleaseCandidate").expect("every policy has it");
    let value = data::value(random, policy, &shape.shape, 3);
    let yaml = random.once_in(2);
    let text = if yaml { data::yaml(random, &value) } else { data::json(random, &value) };
    let mut bytes = vec![u8::from(!yaml)];
    bytes.extend_from_slice(text.as_bytes());
    if random.once_in(4) {
        data::damage(random, &mut bytes);
    }
    bytes
}

fn report(random: &mut Random) -> Vec<u8> {
    let policy = &readers::shapes().policy;
    let shape = policy.shapes.iter().find(|s| &*s.name == "GateRun").expect("every policy has it");
    let value = data::value(random, policy, &shape.shape, 4);
    let mut bytes = data::json(random, &value).into_bytes();
    if random.once_in(6) {
        data::damage(random, &mut bytes);
    }
    bytes
}
