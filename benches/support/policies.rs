//! Made-up policies of any number of gates: the same number gives the same files.
//!
//! They look like those of an organisation: a folder for each team with its evidence, views, params
//! and functions, ten kinds of gates, evidence that all teams share, a profile for each team and a
//! few for everybody.

use std::fmt::Write as _;

/// Gates of one team.
const TEAM: usize = 50;

/// The files of a policy of this many gates: path below the policy root, and text.
pub fn policy(gates: usize) -> Vec<(String, String)> {
    let mut files = vec![("gates/common.gate".to_owned(), COMMON.to_owned())];
    let teams = gates.div_ceil(TEAM);
    for team in 0..teams {
        let name = format!("t{team:04}");
        let folder = format!("gates/{name}");
        files.push((format!("{folder}/data.gate"), DATA.replace("TEAM", &name)));
        let first = team * TEAM;
        let own: Vec<usize> = (first..gates.min(first + TEAM)).collect();
        for (number, chunk) in own.chunks(10).enumerate() {
            let mut text = format!("# What {name} promises, part {number}.\n\n");
            for gate in chunk {
                text.push_str(&gate_text(&name, *gate));
            }
            files.push((format!("{folder}/part_{number}.gate"), text));
        }
        files.push((format!("profiles/{name}.profile"), TEAM_PROFILE.replace("TEAM", &name)));
    }
    files.push(("profiles/quick.profile".to_owned(), "profile quick { stage quick  sources recorded, live }\n".into()));
    files.push(("profiles/full.profile".to_owned(), "profile full { extends quick  stage full }\n".into()));
    let mut release = String::from("profile release {\n  extends full\n  stage release\n  set max_age = 12h\n");
    for team in 0..teams {
        let (tail, share) = (team * TEAM, team * TEAM + 1);
        let _ = writeln!(release, "  tighten t{team:04}.g{tail:05} {{ threshold <= 40ms }}");
        if share < gates {
            let _ = writeln!(release, "  tighten t{team:04}.g{share:05} {{ required true  samples >= 20 }}");
        }
    }
    release.push_str("}\n");
    files.push(("profiles/release.profile".to_owned(), release));
    files
}

fn gate_text(team: &str, number: usize) -> String {
    let kind = KINDS[number % KINDS.len()];
    let stage = ["quick", "full", "full, release"][number % 3];
    let before = format!("{team}.g{:05}", number.saturating_sub(1));
    kind.replace("ID", &format!("{team}.g{number:05}"))
        .replace("TEAM", team)
        .replace("STAGE", stage)
        .replace("LIMIT", &(50 + number % 400).to_string())
        .replace("BEFORE", &before)
}

const COMMON: &str = r#"## Promises of many teams.
policy many { language 1 }

type Text = string where this != ""
enum Region { north, south, east, west }
enum Outcome { done, refused, failed, timed_out }

## How old evidence may be.
param max_age = 24h

record Call {
  id       : Text key
  at       : instant(rfc3339)
  service  : string
  region   : Region
  outcome  : Outcome
  took     : duration(ms)
  waited   : duration(ms)? nullable
  retries  : int
  bytes    : int?
  tags     : list<string> default []
  rule sane: retries >= 0 else "{retries} retries"
}

## One line for each call of any service.
evidence fleet {
  path    "evidence/fleet.jsonl"
  source  recorded
  fresh   within max_age of at
  row     Call
}

## Which services there are.
evidence catalogue {
  path    "evidence/catalogue.json"
  source  recorded
  fresh   any
  document {
    services : list<{ name : string  tier : int  owner : string? }>
  }
}

def total(c: Call) : duration? = c.took + c.waited
def went_well(c: Call) : bool = c.outcome == done and c.retries <= 3
let known = catalogue.services where tier <= 3
let failures = fleet where outcome in [failed, timed_out]
"#;

const DATA: &str = r#"# What TEAM measures.

## One line for each call of TEAM.
evidence TEAM_calls {
  path    "evidence/TEAM/calls.jsonl"
  source  recorded
  fresh   within max_age of at
  row     Call
}

## How TEAM is set up.
evidence TEAM_setup {
  path    "evidence/TEAM/setup.json"
  source  recorded
  fresh   any
  document {
    version  : version
    replicas : int
    budget   : duration(ms)?
    owners   : list<string>
    limits   : list<{ name : string  value : int? }>
  }
}

param TEAM_limit = 150ms
param TEAM_share : ratio = 99%

def TEAM_slow(c: Call) : bool = c.took > TEAM_limit

## Calls that count.
let TEAM_good = TEAM_calls where went_well(this)
let TEAM_large = TEAM_calls where (bytes ?? 0) > 1_000_000
let TEAM_leaking = TEAM_calls where outcome == refused and retries > 0 number place
let TEAM_view = TEAM_calls as c select {
  id     = c.id
  region = c.region
  gap    = c.took - (c.waited ?? 0ms)
  slow   = TEAM_slow(c)
  well   = went_well(c)
}
"#;

const TEAM_PROFILE: &str = r#"## What TEAM asks of itself.
profile TEAM {
  gates    TEAM.*
  sources  synthetic, recorded, live
  set      TEAM_limit = 120ms
  expect   gates >= 1
}
"#;

const KINDS: [&str; 10] = [
    r#"## The slowest calls.
gate ID {
  title      "Latency ID"
  owner      "TEAM"
  refs       REQ-LIMIT
  stage      STAGE
  scope      TEAM_calls where outcome == done
  each       present(waited) else "call {id} did not say how long it waited"
  metric     p95(took)
  threshold  <= LIMITms
  when empty pass
  fix        "Look at the queue in front of TEAM."
}

"#,
    r#"## How many went well.
gate ID {
  title      "Share ID"
  owner      "TEAM"
  stage      STAGE
  required   false
  scope      TEAM_view where region != west
  per        region
  metric     ratio(well)
  threshold  >= TEAM_share
  samples    >= 20
  when empty fail
}

"#,
    r#"## Nothing leaks.
gate ID {
  title      "Leaks ID"
  owner      "TEAM"
  stage      STAGE
  scope      TEAM_calls
  expect     count(TEAM_leaking) == 0 else "{count(TEAM_leaking)} of {count(rows)}: {joined((TEAM_leaking where place <= 20)[].id, ", ")}"
  metric     count(rows where outcome == refused)
  threshold  <= LIMIT
  when empty pass
}

"#,
    r#"## The same, as all teams are measured.
gate ID {
  title      "Fleet ID"
  owner      "TEAM"
  stage      STAGE
  scope      fleet where service == "TEAM" and retries < LIMIT
  metric     p50(took)
  metric     p99(total(this) ?? took) as tail
  threshold  p50 <= LIMITms
  threshold  tail <= 2s
  when empty pass
}

"#,
    r#"## How it is set up.
gate ID {
  title      "Set-up ID"
  owner      "TEAM"
  stage      STAGE
  expect     TEAM_setup.replicas >= 2 else "only {TEAM_setup.replicas}"
  expect     every l in TEAM_setup.limits: (l.value ?? 0) <= LIMIT else "a limit over LIMIT"
  expect     exists s in known: s.name == "TEAM" else "TEAM is not in the catalogue"
}

"#,
    r#"## Every failure of the fleet is known here.
gate ID {
  title      "Cross-check ID"
  owner      "TEAM"
  stage      STAGE
  scope      failures where service == "TEAM"
  each       exists c in TEAM_calls: c.id == id else "{id} is missing"
  each       took <= LIMITs else "{id} took {took}"
  when empty pass
}

"#,
    r#"## Gaps.
gate ID {
  title      "Gaps ID"
  owner      "TEAM"
  stage      STAGE
  scope      TEAM_view where well and not slow
  metric     mean(gap)
  metric     max(gap) as widest
  threshold  mean <= LIMITms
  threshold  widest <= 10s
  when empty fail
}

"#,
    r#"## Goes with the one before.
gate ID {
  title      "Together ID"
  owner      "TEAM"
  stage      STAGE
  needs      BEFORE
  expect     result(BEFORE).passed else "BEFORE did not pass"
  expect     TEAM_setup.budget ?? 1s <= LIMITs
}

"#,
    r#"## Waiting.
gate ID {
  title      "Waiting ID"
  owner      "TEAM"
  stage      STAGE
  scope      TEAM_good
  metric     p99(waited)
  threshold  <= LIMITms
  missing    exclude at most 5%
  samples    >= 20
  when empty fail
}

"#,
    r#"## Sizes and tags.
gate ID {
  title      "Sizes ID"
  owner      "TEAM"
  stage      STAGE
  scope      TEAM_large where count(tags) > 0
  each       no t in tags: t == "LIMIT" or t == "bad" else "call {id} has {tags}"
  metric     sum(bytes) / 1000 as kilobytes
  threshold  <= LIMIT_000
  missing    exclude at most 1%
  when empty pass
}

"#,
];
