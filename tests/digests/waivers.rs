//! Waivers stand beside gates: they change the digest of the policy, and of no gate.

use super::{declared, digests, effective};
use rspp_gates::data::Digest;
use rspp_gates::model::WaiverId;
use rspp_gates::model::digest::PolicyDigests;

const POLICY: &str = r#"policy shop { language 1 }
param near = 7
evidence visits { path "visits.jsonl"  source recorded  fresh any  row { id : string key  team : string  took : duration(ms) } }
evidence tries { path "tries.jsonl"  source recorded  fresh any  row { at : instant(ms) } }
gate shop.fast {
  stage quick  waivable true  scope visits  per team
  metric p95(took)  threshold <= 120ms  when empty fail
}
gate shop.there { stage quick  waivable true  scope visits  each id != ""  when empty fail }
profile quick { stage quick }
"#;

const WAIVERS: &str = r#"waiver slow {
  gate shop.fast  for "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  covers threshold where team == "a"  when count(tries) >= 3  bound p95 <= 200ms
  reason "{count(tries)} tries"  approver "council"  owner "shop"  ticket "T-1"
  opened 2026-02-01T00:00:00Z  expires 2026-03-01T00:00:00Z
}
waiver lost {
  gate shop.there  for "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  covers each where id in ["a", "b"]  at most 2 rows
  reason "lost"  approver "council"  owner "shop"  ticket "T-2"
  opened 2026-02-01T00:00:00Z  expires 2026-03-01T00:00:00Z
}
"#;

fn of(digests: &PolicyDigests, waiver: &str) -> Digest {
    digests.waivers[&WaiverId::new(waiver)]
}

#[test]
fn a_waiver_changes_the_policy_and_no_gate() {
    let (without, with) = (digests(POLICY), digests(&format!("{POLICY}{WAIVERS}")));
    assert_ne!(without.policy, with.policy);
    for gate in ["shop.fast", "shop.there"] {
        assert_eq!(declared(&without, gate), declared(&with, gate), "{gate}");
        assert_eq!(effective(&without, "quick", gate), effective(&with, "quick", gate), "{gate}");
    }
}

#[test]
fn taking_no_waivers_changes_the_policy_and_no_gate() {
    let (with, without) =
        (digests(POLICY), digests(&POLICY.replace("{ stage quick }", "{ stage quick  waivers none }")));
    assert_ne!(without.policy, with.policy);
    assert_eq!(effective(&without, "quick", "shop.fast"), effective(&with, "quick", "shop.fast"));
}

#[test]
fn all_that_was_approved_is_in_the_digest_of_a_waiver_and_nothing_else() {
    let before = digests(&format!("{POLICY}{WAIVERS}"));
    let mut seen = std::collections::BTreeSet::from([of(&before, "slow")]);
    for (from, to) in [
        ("abcdef\"\n  covers threshold", "abcde0\"\n  covers threshold"),
        ("team == \"a\"", "team == \"b\""),
        ("covers threshold where team == \"a\"", "covers threshold"),
        ("count(tries) >= 3", "count(tries) >= 4"),
        ("  when count(tries) >= 3", ""),
        ("p95 <= 200ms", "p95 <= 201ms"),
        ("{count(tries)} tries", "{count(tries)} attempts"),
        ("approver \"council\"  owner \"shop\"  ticket \"T-1\"", "approver \"me\"  owner \"shop\"  ticket \"T-1\""),
        ("owner \"shop\"  ticket \"T-1\"", "owner \"me\"  ticket \"T-1\""),
        ("T-1", "T-3"),
        ("opened 2026-02-01T00:00:00Z", "opened 2026-02-02T00:00:00Z"),
        ("expires 2026-03-01T00:00:00Z", "expires 2026-03-02T00:00:00Z"),
    ] {
        let text = format!("{POLICY}{}", WAIVERS.replacen(from, to, 1));
        assert!(WAIVERS.contains(from), "{from}");
        let after = digests(&text);
        assert!(seen.insert(of(&after, "slow")), "{from}");
        assert_eq!(of(&after, "lost"), of(&before, "lost"), "{from}");
    }
    let moved = digests(&format!("{WAIVERS}{}", POLICY.replace("param near = 7\n", "## Words.\n")));
    assert_eq!((of(&moved, "slow"), of(&moved, "lost")), (of(&before, "slow"), of(&before, "lost")));
    for (from, to) in [
        ("at most 2 rows", "at most 3 rows"),
        ("[\"a\", \"b\"]", "[\"a\"]"),
        ("each where id in [\"a\", \"b\"]", "each"),
    ] {
        let after = digests(&format!("{POLICY}{}", WAIVERS.replacen(from, to, 1)));
        assert!(seen.insert(of(&after, "lost")), "{from}");
    }
}
