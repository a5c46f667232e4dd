//! Both judges on hundreds of documents of every shape, most of them damaged.

use super::documents::Maker;
use super::support::{Pair, Random, constants, rich, shipped};
use rspp_gates::eval::decode::DecodeFault;
use rspp_gates::evidence::parse_json;
use rspp_gates::model::{CheckedPolicy, Shape};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Damaged documents of each shape.
const MUTANTS: usize = 600;

/// What both said.
#[derive(Default)]
struct Tally {
    documents: usize,
    both_accept: usize,
    both_reject: usize,
    only_contract_rejects: usize,
    /// Kinds of damage that both noticed.
    kinds: BTreeMap<&'static str, usize>,
    /// What was broken where: code, and the field without positions, or the rule.
    broken: BTreeSet<(String, String)>,
    /// Rules that a schema found broken when nothing else was.
    alone: BTreeSet<(String, String)>,
    /// All rules that schemas say.
    said: BTreeSet<(String, String)>,
    /// All shapes.
    shapes: BTreeSet<String>,
    /// Shapes of which a document was accepted.
    accepted: BTreeSet<String>,
}

/// Documents of a kind that ship as good ones.
fn valid(kind: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference/test/contract/fixtures");
    let Ok(entries) = std::fs::read_dir(folder.join(kind).join("valid")) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect()
}

/// `own`: every shape gets all its damaged documents, not only contracts.
fn run(policy: &CheckedPolicy, source: &str, own: bool, tally: &mut Tally) {
    let constants = constants(policy);
    let maker = Maker::new(&policy.policy, source);
    for pair in Pair::all(policy, &constants) {
        let mut random = Random(pair.name.bytes().fold(7, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)));
        rules_of(&pair, tally);
        tally.shapes.insert(pair.name.clone());
        let mut sound = valid(&pair.name);
        for document in &sound {
            assert_eq!(compare(&pair, document, "none", tally), 0, "a document that ships: {document}");
        }
        while sound.len() < 4 {
            sound.push(climb(&pair, &maker, &mut random, tally));
        }
        // What is a part of contracts is damaged with them as well.
        let mutants = if pair.is_contract || own { MUTANTS } else { MUTANTS / 6 };
        for i in 0..mutants {
            let base = &sound[i % sound.len()];
            let (mut document, kind) = maker.damaged(pair.shape, base, &mut random);
            if random.once_in(4) {
                document = maker.damaged(pair.shape, &document, &mut random).0;
            }
            compare(&pair, &document, kind, tally);
        }
        let wanted: Vec<_> =
            tally.said.difference(&tally.alone).filter(|(shape, _)| *shape == pair.name).cloned().collect();
        for (_, rule) in wanted {
            seek(&pair, &maker, &rule, &sound, &mut random, tally);
        }
    }
}

/// Looks for a document that breaks one rule and nothing else; each step is judged as well.
fn seek(pair: &Pair<'_>, maker: &Maker<'_>, rule: &str, sound: &[Value], random: &mut Random, tally: &mut Tally) {
    let key = (pair.name.clone(), rule.to_owned());
    let cost = |document: &Value, tally: &mut Tally| {
        let faults = pair.faults(&parse_json(&document.to_string()).unwrap());
        let broken = faults.iter().any(|f| rule_of(f).as_deref() == Some(rule));
        compare(pair, document, "none", tally) + if broken { 0 } else { 3 }
    };
    for start in sound.iter().cycle().take(6) {
        let mut best = start.clone();
        let mut least = cost(&best, tally);
        for _ in 0..300 {
            if tally.alone.contains(&key) {
                return;
            }
            let next = maker.nudged(pair.shape, &best, random);
            let found = cost(&next, tally);
            if found <= least {
                (best, least) = (next, found);
            }
        }
    }
}

fn rule_of(fault: &DecodeFault) -> Option<String> {
    Some(fault.message.strip_prefix("rule `")?.split('`').next()?.to_owned())
}

/// A document with as few faults as a short search finds.
fn climb(pair: &Pair<'_>, maker: &Maker<'_>, random: &mut Random, tally: &mut Tally) -> Value {
    let count = |document: &Value| pair.faults(&parse_json(&document.to_string()).unwrap()).len();
    let mut best = maker.value(pair.shape, random);
    let mut faults = compare(pair, &best, "none", tally);
    for step in 0..600 {
        if faults == 0 {
            break;
        }
        let next = match step % 20 {
            0 => maker.value(pair.shape, random),
            _ => maker.nudged(pair.shape, &best, random),
        };
        let found = count(&next);
        if found <= faults {
            (best, faults) = (next, found);
        }
    }
    compare(pair, &best, "none", tally);
    best
}

/// The rules that its schema says.
fn rules_of(pair: &Pair<'_>, tally: &mut Tally) {
    if let Shape::Record(record) = pair.shape {
        for rule in &record.rules {
            if !pair.gaps.contains(&("rule".to_owned(), rule.name.to_string())) {
                tally.said.insert((pair.name.clone(), rule.name.to_string()));
            }
        }
    }
}

/// Judges a document by both, and holds what has to hold. Gives the number of faults.
fn compare(pair: &Pair<'_>, document: &Value, kind: &'static str, tally: &mut Tally) -> usize {
    let text = document.to_string();
    let json = parse_json(&text).unwrap();
    let (faults, rejections) = (pair.faults(&json), pair.rejections(&json));
    tally.documents += 1;
    match (faults.is_empty(), rejections.is_empty()) {
        (true, true) => {
            tally.both_accept += 1;
            tally.accepted.insert(pair.name.clone());
        }
        (true, false) => panic!(
            "{}: the schema rejects what the contract accepts\n{text}\n{}\n{}",
            pair.name,
            rejections.join("\n"),
            pair.text
        ),
        (false, true) => {
            tally.only_contract_rejects += 1;
            for fault in &faults {
                assert!(
                    pair.is_listed(fault),
                    "{}: the schema accepts what the contract rejects, and lists nothing of it\n{text}\n{fault} ({})\n{}",
                    pair.name,
                    fault.code,
                    pair.text
                );
            }
        }
        (false, false) => {
            tally.both_reject += 1;
            *tally.kinds.entry(kind).or_default() += 1;
            for fault in &faults {
                let field: String = fault.path.chars().filter(|c| !c.is_ascii_digit()).collect();
                tally.broken.insert((fault.code.to_owned(), rule_of(fault).unwrap_or(field)));
            }
            let unlisted: Vec<_> = faults.iter().filter(|f| !pair.is_listed(f)).collect();
            let mut rules: Vec<_> = unlisted.iter().map(|f| rule_of(f)).collect();
            rules.dedup();
            if let [Some(rule)] = rules.as_slice() {
                tally.alone.insert((pair.name.clone(), rule.clone()));
            }
        }
    }
    faults.len()
}

/// `most_lost`: rules in a hundred that no document needs to have broken alone.
fn check(tally: &Tally, least_broken: usize, most_lost: usize) {
    let lost: Vec<_> = tally.said.difference(&tally.alone).collect();
    let never: Vec<_> = tally.shapes.difference(&tally.accepted).collect();
    println!(
        "{} documents: {} accepted by both, {} rejected by both, {} rejected by the contract alone\n\
         {} things broken; damage noticed: {:?}\nrules not broken alone: {lost:?}\nnever accepted: {never:?}",
        tally.documents,
        tally.both_accept,
        tally.both_reject,
        tally.only_contract_rejects,
        tally.broken.len(),
        tally.kinds
    );
    assert!(tally.both_reject * 10 >= tally.documents * 3, "too few documents are rejected by both");
    assert!(tally.both_accept * 20 >= tally.documents, "too few documents are accepted by both");
    assert!(tally.kinds.len() >= 14 && tally.kinds.values().all(|n| *n >= 30), "{:?}", tally.kinds);
    assert!(tally.broken.len() >= least_broken, "only {} things were broken", tally.broken.len());
    assert!(never.len() * 10 <= tally.shapes.len(), "no document was ever accepted of {never:?}");
    assert!(lost.len() * 100 <= tally.said.len() * most_lost, "rules that no document broke alone: {lost:?}");
}

#[test]
fn a_schema_of_many_constructs_rejects_nothing_that_the_contract_accepts() {
    let policy = rich();
    let mut tally = Tally::default();
    run(&policy, include_str!("rich.gate"), true, &mut tally);
    check(&tally, 120, 15);
    assert!(tally.only_contract_rejects > 50, "what is listed was hardly ever broken");
}

#[test]
fn schemas_of_the_shipped_policy_reject_nothing_that_it_accepts() {
    let policy = shipped();
    let mut source = String::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")).join("gates").as_path(), &mut source);
    let mut tally = Tally::default();
    run(&policy, &source, false, &mut tally);
    check(&tally, 60, 25);
}

fn collect(folder: &Path, out: &mut String) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|e| e == "gate") {
            out.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
