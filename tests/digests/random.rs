//! Random policies: neutral edits keep digests, and where digests are equal the answers are.

use crate::engine::{self, Setup};
use crate::generate::{self, Dice};
use rspp_gates::model::digest::PolicyDigests;
use rspp_gates::model::{GateId, ProfileId};
use rspp_gates::verdict::GateResult;

const CASES: u64 = 100;

/// The declarations of a policy text; each of the generator's starts at the beginning of a line.
fn declarations(policy: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in policy.lines() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}

/// The same policy: declarations and clauses in another order, names of its own exchanged,
/// blanks and comments put in.
fn rewritten(policy: &str, seed: u64) -> String {
    let dice = &mut Dice::new(seed ^ 0x00D1_6E57);
    let mut parts = declarations(policy);
    for part in &mut parts {
        if part.starts_with("gate ") {
            *part = gate_rewritten(part, dice);
        }
    }
    for i in (1..parts.len()).rev() {
        parts.swap(i, dice.below(i as u64 + 1) as usize);
    }
    let mut text = parts.concat();
    // Fields keep their names: only what the policy calls its own views, groups and functions.
    for (from, to) in [("view", "looked_at"), ("by_region", "regional"), ("pairs_of", "couples"), ("late(", "tardy(")] {
        text = words_replaced(&text, from, to);
    }
    text.replace("\n  ", "\n\n      ").replace(" and ", "  and # so\n   ")
}

/// Replaces where no name goes on.
fn words_replaced(text: &str, from: &str, to: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (head, tail) = rest.split_at(at);
        let tail = &tail[from.len()..];
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let inside = head.ends_with(name) || (from.ends_with(name) && tail.starts_with(name));
        out.push_str(head);
        out.push_str(if inside { from } else { to });
        rest = tail;
    }
    out + rest
}

/// The clauses of a gate in another order, `each` and `expect` in theirs.
fn gate_rewritten(gate: &str, dice: &mut Dice) -> String {
    let lines: Vec<&str> = gate.lines().collect();
    let Some((first, rest)) = lines.split_first() else { return gate.to_owned() };
    let body: Vec<&str> = rest.iter().copied().filter(|l| *l != "}").collect();
    let ordered = |l: &&str| ["each", "expect"].iter().any(|w| l.trim_start().starts_with(w));
    let (mut kept, mut free): (Vec<&str>, Vec<&str>) = body.into_iter().partition(ordered);
    kept.reverse();
    let mut out = format!("## Rewritten.\n{first}\n  title \"no matter\"\n");
    while !kept.is_empty() || !free.is_empty() {
        let take_free = kept.is_empty() || (!free.is_empty() && dice.chance(50));
        let line = if take_free { free.remove(dice.below(free.len() as u64) as usize) } else { kept.pop().unwrap() };
        out.push_str(line);
        out.push('\n');
    }
    out + "}\n"
}

#[test]
fn neutral_edits_of_random_policies_keep_every_digest() {
    let mut told = 0;
    for seed in 0..CASES {
        let case = generate::case(seed);
        let Ok(checked) = engine::check(&case.policy) else { continue };
        let text = rewritten(&case.policy, seed);
        let again = engine::check(&text).unwrap_or_else(|e| panic!("{seed}: {e}\n{text}"));
        assert_eq!(PolicyDigests::of(&again), PolicyDigests::of(&checked), "{seed}\n{}\n{text}", case.policy);
        told += 1;
    }
    assert!(told * 2 > CASES, "{told}");
}

/// What a gate found, without places of the policy and its texts about itself.
fn found(result: &GateResult) -> String {
    let groups: Vec<String> = result
        .groups
        .iter()
        .map(|g| {
            let metrics: Vec<String> = g.metrics.iter().map(|m| format!("{} {:?} {}", m.label, m.value, m.n)).collect();
            let limits: Vec<String> =
                g.thresholds.iter().map(|t| format!("{} {:?} {:?}", t.figure, t.limit, t.comparison)).collect();
            let violations: Vec<String> =
                g.violations.iter().map(|v| format!("{} {:?}", v.message, v.row.as_ref().map(|r| r.ordinal))).collect();
            format!("{:?} {:?} {:?} {metrics:?} {limits:?} {violations:?}", g.key, g.verdict, g.ledger)
        })
        .collect();
    format!("{:?} {:?} {groups:?}", result.verdict, result.ledger)
}

#[test]
fn where_the_digests_of_two_gates_are_equal_their_answers_are() {
    let (mut equal, mut other) = (0, 0);
    for seed in 0..CASES * 2 {
        let case = generate::case(seed / 2);
        let Some(text) = generate::mutated(&case.policy, seed) else { continue };
        let (Ok(a), Ok(b)) = (engine::check(&case.policy), engine::check(&text)) else { continue };
        let profile = ProfileId::new("p");
        if !b.profiles.contains_key(&profile) {
            continue;
        }
        let (before, after) = (PolicyDigests::of(&a), PolicyDigests::of(&b));
        let files = [("turns.jsonl", case.turns.as_str()), ("regions.jsonl", case.regions.as_str())];
        let (run_a, run_b) = (engine::run(&a, &files, &Setup::plain()), engine::run(&b, &files, &Setup::of(seed)));
        let run = |r: &rspp_gates::verdict::GateRun, id: &GateId| found(engine::gate(r, id));
        for id in a.policy.gates.keys().filter(|id| b.policy.gates.contains_key(*id)) {
            let under = |d: &PolicyDigests| d.effective(&profile, id);
            let (Some(asked), Some(then)) = (under(&before), under(&after)) else { continue };
            if asked == then {
                equal += 1;
                assert_eq!(run(&run_a, id), run(&run_b, id), "seed {seed}, gate {id}\n{}\n{text}", case.policy);
            } else {
                other += 1;
            }
        }
    }
    assert!(equal > 20, "{equal} equal, {other} not");
    eprintln!("{equal} gates with equal digests, {other} with others");
}

/// The text with the number that begins at a place one larger in its last digit.
fn counted_up(text: &str, at: usize) -> String {
    let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text[at..].split_at(digits);
    // One digit more, so that no other number of the text is meant.
    format!("{}{number}1{rest}", &text[..at])
}

#[test]
fn every_number_of_a_random_gate_counts() {
    let (mut changed, mut refused) = (0, 0);
    for seed in CASES..CASES * 2 {
        let case = generate::case(seed);
        let Ok(checked) = engine::check(&case.policy) else { continue };
        let before = PolicyDigests::of(&checked);
        let bytes = case.policy.as_bytes();
        let start = case.policy.find("gate g.n0").unwrap();
        // Digits in names are no numbers.
        let begins =
            |i: &usize| bytes[*i].is_ascii_digit() && !bytes[i - 1].is_ascii_alphanumeric() && bytes[i - 1] != b'_';
        let places: Vec<usize> = (start..bytes.len()).filter(begins).collect();
        for at in places.into_iter().take(2) {
            let text = counted_up(&case.policy, at);
            // A count that nothing reaches, an empty range: the checker says so, and that is right.
            let Ok(checked) = engine::check(&text) else {
                refused += 1;
                continue;
            };
            let after = PolicyDigests::of(&checked);
            let gates = before.gates.iter().filter(|(id, digest)| after.gates.get(*id) != Some(*digest)).count();
            assert_eq!(gates, 1, "{seed}\n{text}");
            assert_ne!(before.policy, after.policy, "{seed}");
            changed += 1;
        }
    }
    assert!(changed > 60 && refused < changed, "{changed} changed, {refused} refused");
}
