//! One policy with every kind of clause, and a table of edits: which keep the digests, which
//! change that of the gate, and which only that of the gate under a profile or of the policy.

use crate::{declared, digests, effective, policy};
use rspp_gates::data::Digest;
use rspp_gates::model::digest::PolicyDigests;

pub const POLICY: &str = r#"
policy shop { language 1 }

## How a visit went.
enum Phase { open, closed, half = "half" or "partial"  else other }
record Step { name : string  took : duration(ms)  ok : bool  rule positive: took >= 0ms else "{name}: {took}" }
type Small = int where this <= 900
param most = 120ms
param spare = 7
let slack = 20ms
let allowed = [Phase.open, Phase.half]
let shown = visits as v where v.accepted and v.phase in allowed select { id = v.id  lag = v.done - v.begun  team = v.team  steps = v.steps  size = v.size }
let by_team = visits group by team select { team = team  n = count(group.rows) }
def late(x: duration, limit: duration) : bool = x > limit + slack

evidence visits {
  path    "visits.jsonl"
  format  jsonl
  version "v2", "v1" at schema
  fresh   within 24h of begun
  source  from kind
  row open {
    id       : string key
    schema   : string
    kind     : string
    phase    : Phase
    team     : string(trim)
    accepted : bool default false
    begun    : instant(ms)
    done     : instant(ms)? nullable
    seen     : instant(ms)
    size     : Small? sentinel -1
    note     : string? lenient
    total    : int from total or Total
    steps    : list<Step> default []
  }
}
evidence report {
  path    "report.json"
  source  recorded
  fresh   any
  optional first_run until 2027-01-01T00:00:00Z
  document { n : int  payload : json? }
}
evidence logs { files "logs/{team}/*.json"  rows at "/rows"  source synthetic  fresh any  row { team : string  n : int } }

## Reads as people speak.
gate shop.base {
  title      "The base"
  stage      quick
  expect     count(visits) > 3 else "only {count(visits)}"
}

gate shop.checkout {
  title      "Checkout"
  owner      "shop"
  refs       NF-001
  stage      quick
  fix        "look"
  needs      shop.base
  scope      shown where present(lag)
  per        team
  each       lag >= 0ms else "{id} ran {lag : ms} backwards"
  each       every s in steps where s.ok: s.took <= most else "{id}: {s.name}"
  metric     p95(lag) as slow
  metric     count(rows where late(lag, 5ms)) as lates
  metric     max(size) as top
  threshold  top <= 800
  threshold  slow <= most + 1ms
  threshold  lates < 9
  samples    >= 3
  missing    exclude at most 1%
  when empty fail
  expect     (max(by_team[].n) ?? 0) <= 400
  expect     team like "a*" or team matches /^b/ or slow_teams("c")
  waivable   true
  effective from 2026-01-01T00:00:00Z
}
def slow_teams(name: string) : bool = exists t in by_team: t.team == name

gate shop.reads {
  stage      quick
  needs      shop.base
  expect     result(shop.checkout).slices[].verdict == [] else "{result(shop.checkout).verdict}"
  expect     present(report) implies report.n == 1
  expect     file(visits).bytes <= 64MiB
  expect     count(logs where n > spare) == 0
}

profile quick { stage quick  sources synthetic, recorded, live  expect gates >= 3 }
profile strict {
  extends    quick
  set most = 100ms
  tighten    shop.checkout { threshold slow <= 90ms }
}
"#;

/// Edits that mean nothing: from, to.
const NEUTRAL: &[(&str, &[(&str, &str)])] = &[
    ("a title", &[("title      \"Checkout\"", "title \"Paying\"")]),
    ("no title", &[("  title      \"Checkout\"\n", "")]),
    ("an owner", &[("owner      \"shop\"", "owner \"other\"")]),
    ("refs", &[("NF-001", "NF-002, NF-003")]),
    ("a fix", &[("\"look\"", "\"look twice\"")]),
    ("a doc comment", &[("## Reads as people speak.", "## Otherwise.")]),
    ("a comment", &[("gate shop.checkout {", "# why\ngate shop.checkout { # here")]),
    (
        "layout",
        &[("samples    >= 3\n  missing    exclude at most 1%", "missing exclude\n\n  at most 1%   samples >= 3")],
    ),
    ("parentheses", &[("slow <= most + 1ms", "slow <= (most + (1ms))")]),
    ("a let renamed", &[("let slack", "let reserve"), ("limit + slack", "limit + reserve")]),
    ("a let renamed everywhere", &[("shown", "seen"), ("scope      seen", "scope seen")]),
    ("a def renamed", &[("late(", "delayed(")]),
    (
        "a parameter renamed",
        &[("late(x: duration, limit: duration) : bool = x > limit", "late(a: duration, b: duration) : bool = a > b")],
    ),
    ("a param renamed", &[("spare", "left")]),
    ("an enum renamed", &[("Phase", "Stage")]),
    ("a record renamed", &[("Step", "Part")]),
    ("a refined type renamed", &[("Small", "Few")]),
    (
        "an alias renamed",
        &[(
            "visits as v where v.accepted and v.phase in allowed select { id = v.id  lag = v.done - v.begun  team = v.team  steps = v.steps  size = v.size }",
            "visits as w where w.accepted and w.phase in allowed select { id = w.id  lag = w.done - w.begun  team = w.team  steps = w.steps  size = w.size }",
        )],
    ),
    (
        "a quantifier's name",
        &[(
            "every s in steps where s.ok: s.took <= most else \"{id}: {s.name}\"",
            "every part in steps where part.ok: part.took <= most else \"{id}: {part.name}\"",
        )],
    ),
    ("a unit", &[("param most = 120ms", "param most = 0.12s")]),
    ("a let written out", &[("x > limit + slack", "x > limit + 20ms")]),
    ("a number with a separator", &[("<= 400", "<= 4_0_0")]),
    (
        "a threshold's place",
        &[("  threshold  lates < 9\n", ""), ("  when empty fail\n", "  when empty fail\n  threshold lates < 9\n")],
    ),
    (
        "metrics in another order",
        &[
            ("  metric     p95(lag) as slow\n", ""),
            ("  samples    >= 3\n", "  metric p95(lag) as slow\n  samples >= 3\n"),
        ],
    ),
    (
        "needs said last",
        &[
            ("  needs      shop.base\n  scope", "  scope"),
            ("  waivable   true\n", "  waivable true\n  needs shop.base\n"),
        ],
    ),
    ("a default said", &[("  source  recorded\n  fresh   any", "  source  recorded\n  fresh   any\n  format json")]),
    ("the default of `ahead`", &[("within 24h of begun", "within 24h of begun ahead 5m")]),
    ("a day in hours", &[("within 24h", "within 1d")]),
    ("versions in another order", &[("\"v2\", \"v1\"", "\"v1\", \"v2\"")]),
    ("decide said", &[("  waivable   true\n", "  waivable   true\n  decide point\n")]),
    ("sources in another order", &[("sources synthetic, recorded, live", "sources live, synthetic, recorded")]),
    ("an unused let", &[("let slack", "let unused = 3\nlet slack")]),
    ("an unused param", &[("let slack", "param unused = 3\nlet slack")]),
    ("an unused enum", &[("let slack", "enum Unused { one, two }\nlet slack")]),
    ("a gate chosen by name as well", &[("profile quick { stage quick", "profile quick { stage quick  gates shop.*")]),
    (
        "a stage that takes nothing more",
        &[
            ("refs       NF-001\n  stage      quick", "refs NF-001\n  stage quick, strict"),
            ("extends    quick", "extends quick  stage strict"),
        ],
    ),
];

/// Edits of what `shop.checkout` asks.
const OF_THE_GATE: &[(&str, &[(&str, &str)])] = &[
    ("a limit", &[("lates < 9", "lates < 8")]),
    ("a sign", &[("lates < 9", "lates <= 9")]),
    ("a range", &[("threshold  lates < 9", "threshold lates in 0..9")]),
    ("a threshold less", &[("  threshold  lates < 9\n", ""), ("as lates", "as lates shown")]),
    ("the constant in a limit", &[("most + 1ms", "most + 2ms")]),
    ("a param", &[("param most = 120ms", "param most = 121ms")]),
    ("a let", &[("let slack = 20ms", "let slack = 21ms")]),
    ("a def", &[("x > limit + slack", "x >= limit + slack")]),
    ("the arguments of a def", &[("late(lag, 5ms)", "late(lag, 6ms)")]),
    (
        "the type of a parameter",
        &[("limit: duration", "limit: duration?"), ("limit + slack", "(limit ?? 0ms) + slack")],
    ),
    ("a column of a view", &[("lag = v.done - v.begun", "lag = v.begun - v.done")]),
    ("a filter of a view", &[("v.accepted and v.phase", "v.accepted or v.phase")]),
    ("the order of a condition", &[("v.accepted and v.phase in allowed", "v.phase in allowed and v.accepted")]),
    ("a list", &[("[Phase.open, Phase.half]", "[Phase.half]")]),
    ("the scope", &[("shown where present(lag)", "shown where present(lag) and id != \"x\"")]),
    (
        "no group",
        &[
            ("  per        team\n", ""),
            ("team like \"a*\" or team matches /^b/ or ", ""),
            ("slices[].verdict == []", "verdict == pass"),
        ],
    ),
    ("the group", &[("per        team", "per        id"), ("team like \"a*\" or team matches /^b/ or ", "")]),
    (
        "the order of `each`",
        &[
            ("  each       lag >= 0ms else \"{id} ran {lag : ms} backwards\"\n", ""),
            (
                "  metric     p95(lag) as slow\n",
                "  each lag >= 0ms else \"{id} ran {lag : ms} backwards\"\n  metric p95(lag) as slow\n",
            ),
        ],
    ),
    ("an `each` less", &[("  each       lag >= 0ms else \"{id} ran {lag : ms} backwards\"\n", "")]),
    ("what a message says", &[("backwards\"", "back\"")]),
    ("how a message says it", &[("{lag : ms}", "{lag : s}")]),
    ("which element a message tells", &[("{id}: {s.name}", "{id}: {s.took}")]),
    (
        "a quantifier",
        &[("each       every s in steps where s.ok: s.took <= most", "each no s in steps where s.ok: s.took <= most")],
    ),
    ("the filter of a quantifier", &[("where s.ok: s.took", "where not s.ok: s.took")]),
    ("the aggregate", &[("p95(lag) as slow", "p99(lag) as slow")]),
    ("the share of a quantile", &[("p95(lag) as slow", "quantile(96%, lag) as slow")]),
    ("a label", &[("as slow", "as lag"), ("slow <= most", "lag <= most"), ("threshold slow", "threshold lag")]),
    ("samples", &[(">= 3\n  missing", ">= 4\n  missing")]),
    ("a weight", &[("samples    >= 3", "samples count(rows) >= 3")]),
    ("no samples", &[("  samples    >= 3\n", "")]),
    ("missing", &[("exclude at most 1%", "fail")]),
    ("missing, by how much", &[("at most 1%", "at most 1.5%")]),
    ("when empty", &[("when empty fail", "when empty pass")]),
    ("expect", &[("<= 400", "<= 401")]),
    ("an `expect` less", &[("  expect     (max(by_team[].n) ?? 0) <= 400\n", "")]),
    (
        "the order of `expect`",
        &[
            ("  expect     (max(by_team[].n) ?? 0) <= 400\n", ""),
            ("  waivable   true\n", "  waivable   true\n  expect (max(by_team[].n) ?? 0) <= 400\n"),
        ],
    ),
    ("a glob", &[("like \"a*\"", "like \"a?\"")]),
    ("a regex", &[("/^b/", "/^c/")]),
    ("glob for regex", &[("team matches /^b/", "team like \"^b\"")]),
    ("a text in a def of a def", &[("slow_teams(\"c\")", "slow_teams(\"d\")")]),
    ("waivable", &[("  waivable   true\n", "")]),
    ("effective from", &[("from 2026-01-01T00:00:00Z", "from 2026-01-01T00:00:01Z")]),
    ("no effective from", &[("  effective from 2026-01-01T00:00:00Z\n", "")]),
    ("required", &[("  waivable   true\n", "  waivable   true\n  required false\n")]),
    ("no needs", &[("  needs      shop.base\n  scope", "  scope")]),
    ("a needed gate", &[("count(visits) > 3", "count(visits) > 4")]),
    ("the spelling of a word", &[("\"half\" or \"partial\"", "\"half\"")]),
    ("a further word", &[("open, closed,", "open, closed, gone,")]),
    ("no word for the rest", &[("  else other", "")]),
    ("a rule", &[("took >= 0ms", "took > 0ms")]),
    ("the text of a rule", &[("\"{name}: {took}\" }\ntype", "\"{name}\" }\ntype")]),
    ("a refinement", &[("this <= 900", "this <= 901")]),
    ("a path", &[("\"visits.jsonl\"", "\"visit.jsonl\"")]),
    ("a pattern for a path", &[("path    \"visits.jsonl\"", "files \"visits*.jsonl\"")]),
    ("freshness", &[("within 24h", "within 25h")]),
    ("any age", &[("fresh   within 24h of begun", "fresh any")]),
    ("what age goes by", &[("of begun", "of seen")]),
    ("how far ahead", &[("of begun", "of begun ahead 6m")]),
    ("versions", &[("\"v2\", \"v1\"", "\"v2\"")]),
    ("where the version stands", &[("at schema", "at kind")]),
    ("the source", &[("source  from kind", "source  live")]),
    ("nothing on the source", &[("  source  from kind\n", "")]),
    ("a closed row", &[("row open {", "row {")]),
    ("a field more", &[("    total    : int", "    more : int?\n    total    : int")]),
    ("a field's type", &[("note     : string? lenient", "note     : int? lenient")]),
    (
        "fields in another order",
        &[("    id       : string key\n    schema   : string\n", "    schema   : string\n    id       : string key\n")],
    ),
    ("no key", &[("string key", "string")]),
    ("a reading", &[("string(trim)", "string")]),
    ("a default", &[("bool default false", "bool default true")]),
    ("a unit of the data", &[("begun    : instant(ms)", "begun    : instant(s)")]),
    ("round", &[("begun    : instant(ms)", "begun    : instant(ms, round)")]),
    ("nullable", &[("instant(ms)? nullable", "instant(ms)?")]),
    ("a sentinel", &[("sentinel -1", "sentinel -2")]),
    ("lenient", &[(" lenient", "")]),
    ("where a field stands", &[("from total or Total", "from total")]),
];

/// Edits of what surrounds the gate: it is declared as before and takes effect otherwise under
/// the profile `strict`.
const UNDER_THE_PROFILE: &[(&str, &[(&str, &str)])] = &[
    ("a param set", &[("set most = 100ms", "set most = 101ms")]),
    ("a gate tightened", &[("slow <= 90ms", "slow <= 89ms")]),
    (
        "a gate loosened",
        &[(
            "tighten    shop.checkout { threshold slow <= 90ms }",
            "loosen shop.checkout { threshold slow <= 200ms } because \"for now\"",
        )],
    ),
    (
        "a needed gate tightened",
        &[("  tighten    shop", "  tighten shop.base { expect count(visits) > 5 }\n  tighten shop")],
    ),
    ("kinds of source", &[("extends    quick\n", "extends quick  sources live\n")]),
    ("the evidence", &[("extends    quick\n", "extends quick  evidence visits { path \"other.jsonl\" }\n")]),
    (
        "the age of the evidence",
        &[("extends    quick\n", "extends quick  evidence visits { fresh within 1h of begun }\n")],
    ),
];

/// Edits that leave `shop.checkout` as it is, also under profiles, and change the policy.
const OF_THE_POLICY: &[(&str, &[(&str, &str)])] = &[
    ("its name", &[("policy shop", "policy store")]),
    ("another gate", &[("present(report) implies report.n == 1", "present(report) implies report.n == 2")]),
    ("a param of another gate", &[("param spare = 7", "param spare = 8")]),
    ("evidence of another gate", &[("\"report.json\"", "\"reports.json\"")]),
    ("the name of an evidence", &[("logs", "lines"), ("\"lines/", "\"logs/")]),
    ("until when it may be absent", &[("until 2027", "until 2028")]),
    ("where rows stand", &[("\"/rows\"", "\"/row\"")]),
    ("the id of another gate", &[("shop.reads", "shop.reader")]),
    (
        "what a profile takes",
        &[
            ("profile quick { stage quick", "profile quick { stage quick  without shop.reads"),
            ("gates >= 3", "gates >= 2"),
        ],
    ),
    ("how many gates it expects", &[("gates >= 3", "gates >= 2")]),
    ("another profile", &[("profile quick {", "profile more { stage quick }\nprofile quick {")]),
    ("a param that another gate reads, set", &[("set most", "set spare = 6  set most")]),
];

fn edited(what: &str, edits: &[(&str, &str)]) -> String {
    let mut text = POLICY.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{what}: the policy does not hold {from:?}");
        text = text.replace(from, to);
    }
    text
}

const GATE: &str = "shop.checkout";

#[test]
fn edits_that_mean_nothing_keep_every_digest() {
    let before = digests(POLICY);
    for (what, edits) in NEUTRAL {
        assert_eq!(digests(&edited(what, edits)), before, "{what}");
    }
}

#[test]
fn edits_of_a_gate_change_its_digest_and_each_in_its_own_way() {
    let before = digests(POLICY);
    let mut seen = std::collections::BTreeMap::from([(declared(&before, GATE), "as it is")]);
    let mut policies = std::collections::BTreeMap::from([(before.policy, "as it is")]);
    for (what, edits) in OF_THE_GATE {
        let after = digests(&edited(what, edits));
        let digest = declared(&after, GATE);
        assert_eq!(seen.insert(digest, what), None, "{what}");
        assert_eq!(policies.insert(after.policy, what), None, "{what}");
        // What needs it, or reads its result, asks for something else as well.
        assert_ne!(declared(&after, "shop.reads"), declared(&before, "shop.reads"), "{what}");
        assert_ne!(effective(&after, "quick", GATE), effective(&before, "quick", GATE), "{what}");
    }
}

#[test]
fn edits_of_a_profile_change_the_digest_of_the_gate_under_it_and_nowhere_else() {
    let before = digests(POLICY);
    let mut seen = std::collections::BTreeSet::from([effective(&before, "strict", GATE)]);
    for (what, edits) in UNDER_THE_PROFILE {
        let after = digests(&edited(what, edits));
        assert_eq!(after.gates, before.gates, "{what}");
        assert_eq!(effective(&after, "quick", GATE), effective(&before, "quick", GATE), "{what}");
        assert!(seen.insert(effective(&after, "strict", GATE)), "{what}");
        assert_ne!(after.policy, before.policy, "{what}");
    }
}

#[test]
fn edits_elsewhere_change_the_digest_of_the_policy_alone() {
    let before = digests(POLICY);
    let mut seen = std::collections::BTreeSet::from([before.policy]);
    for (what, edits) in OF_THE_POLICY {
        let after = digests(&edited(what, edits));
        assert_eq!(declared(&after, GATE), declared(&before, GATE), "{what}");
        assert_eq!(effective(&after, "strict", GATE), effective(&before, "strict", GATE), "{what}");
        assert!(seen.insert(after.policy), "{what}");
    }
}

#[test]
fn a_profile_that_only_chooses_takes_gates_as_they_are_declared() {
    let digests = digests(POLICY);
    for gate in ["shop.base", GATE, "shop.reads"] {
        assert_eq!(effective(&digests, "quick", gate), declared(&digests, gate), "{gate}");
    }
    assert_eq!(effective(&digests, "strict", "shop.base"), declared(&digests, "shop.base"));
    assert_ne!(effective(&digests, "strict", GATE), declared(&digests, GATE));
}

#[test]
fn a_gate_under_another_id_asks_for_the_same() {
    let before = digests(POLICY);
    let after = digests(&POLICY.replace("shop.checkout", "shop.paying"));
    assert_eq!(declared(&after, "shop.paying"), declared(&before, GATE));
    assert_eq!(declared(&after, "shop.reads"), declared(&before, "shop.reads"));
    assert_ne!(after.policy, before.policy);
}

#[test]
fn the_same_gate_said_by_profile_or_by_itself_has_one_digest() {
    let by_profile = digests(POLICY);
    let by_itself = digests(
        &POLICY.replace("param most = 120ms", "param most = 100ms").replace("slow <= most + 1ms", "slow <= 90ms"),
    );
    assert_eq!(effective(&by_profile, "strict", GATE), declared(&by_itself, GATE));
}

/// A gate that asks whether a value is of a kind, with the contract's head and inside.
fn asks(head: &str, inside: &str) -> Digest {
    let text = format!(
        "policy p {{ language 1 }}\n\
         record Part {{ n : int }}\n\
         contract kind {head} {{ {inside} a : int  part : Part  rule up: a > 0 }}\n\
         evidence rows {{ path \"rows.jsonl\"  source live  fresh any  row {{ v : json }} }}\n\
         gate a.b {{ stage s  scope rows  each v is kind  when empty fail }}\n\
         profile p {{ stage s  sources live }}"
    );
    declared(&digests(&text), "a.b")
}

#[test]
fn what_a_contract_demands_counts_and_its_advice_does_not() {
    let plain = asks("", "");
    assert_eq!(plain, asks("", "advice low: a < 10 else \"high\""), "advice");
    let other = [
        asks("open", ""),
        asks("open everywhere", ""),
        asks("", "schema \"a.json\""),
        asks("", "schema \"a.json#/b\""),
        asks("", "rule low: a < 10"),
    ];
    let different: std::collections::BTreeSet<Digest> = other.iter().copied().chain([plain]).collect();
    assert_eq!(different.len(), other.len() + 1);
}

#[test]
fn neither_files_nor_their_order_nor_that_of_declarations_count() {
    let before = digests(POLICY);
    // Declarations stand at the beginning of a line; `##` belongs to what follows.
    let mut parts: Vec<String> = Vec::new();
    for line in POLICY.lines() {
        let starts = line.starts_with(|c: char| c.is_ascii_alphabetic());
        let doc = parts.last().is_some_and(|p| p.lines().last().is_some_and(|l| l.starts_with("##")));
        if line.starts_with("##") || (starts && !doc) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    assert!(parts.len() > 15, "{}", parts.len());
    for turn in 0..parts.len() {
        parts.rotate_left(1);
        if turn % 3 == 0 {
            parts.reverse();
        }
        let names: Vec<String> = (0..parts.len()).map(|i| format!("gates/{}.gate", (i * 7 + turn) % 23)).collect();
        let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(parts.iter().map(String::as_str)).collect();
        assert_eq!(PolicyDigests::of(&policy(&files)), before, "turn {turn}");
    }
}

/// The form of v1 for ever. NEVER update these: waivers and attestations name such digests. What
/// does not fit into v1 needs a v2 beside it.
#[test]
fn the_digests_of_v1_never_change() {
    let digests = digests(POLICY);
    assert_eq!(
        declared(&digests, "shop.base").to_string(),
        "a6f8b5c8128da7c7996f440e82f3160b4add300f6b689e11b2a6af6dfe90bf56"
    );
    assert_eq!(
        declared(&digests, GATE).to_string(),
        "28ca523535a1fc09f49c350ef9596d462adac67f55f9128b7c5bcfb40369c805"
    );
    assert_eq!(
        effective(&digests, "strict", GATE).to_string(),
        "ad936970ed0ebf19b48a1a45acb5ed1e5380f128311d224e13785f529a276120"
    );
    assert_eq!(
        declared(&digests, "shop.reads").to_string(),
        "fb38f89ebe6c97021411edf9f0ffbec633be1db4228bc7f740ec8ed33c2837cc"
    );
    assert_eq!(digests.policy.to_string(), "6e9b946289576fcc4fd2a483e35046cae00777faa8778f02fefaedd84f138606");
}
