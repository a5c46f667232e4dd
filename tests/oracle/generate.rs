//! Random policies that check, and random evidence for them. Everything follows from a seed.

use std::fmt::Write as _;

/// A small generator of numbers (SplitMix64): the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }
}

pub struct Case {
    pub policy: String,
    pub turns: String,
    pub regions: String,
}

const REGIONS: &[&str] = &["east", "west", "north", "south"];
const KINDS: &[&str] = &["red", "green", "blue"];
const SIGNS: &[&str] = &["<=", ">=", "<", ">", "==", "!="];

const HEAD: &str = r#"policy oracle { language 1 }
enum Kind { red, green, blue }
evidence turns {
  path "turns.jsonl"  source recorded  fresh any
  row open {
    id     : string key
    ok     : bool
    flag   : bool default false
    region : string
    a      : int
    b      : int?
    t0     : instant(ms)
    t1     : instant(ms)?  nullable
    d      : duration(ms)? sentinel 0ms
    share  : decimal
    kind   : Kind
    tags   : list<Kind> default []
  }
}
evidence regions { path "regions.jsonl"  source recorded  fresh any  row { name : string  limit : int } }
def late(x: duration) : bool = x > 80ms
"#;

pub fn case(seed: u64) -> Case {
    let dice = &mut Dice::new(seed);
    let mut policy = HEAD.to_owned();
    let filter = truth(dice, 2);
    let _ = writeln!(
        policy,
        "let view = turns where {filter} select {{ id = id  region = region  a = a  lat = t1 - t0  hot = kind == red }}"
    );
    let _ = writeln!(
        policy,
        "let by_region = turns group by region select {{ region = region  n = count(group.rows)  most = max(group.rows[].a) }}"
    );
    let _ = writeln!(
        policy,
        "let pairs_of = turns as t join regions as r where r.name == t.region and t.a <= r.limit select {{ id = t.id  region = t.region  a = t.a  limit = r.limit }}"
    );
    let _ = writeln!(policy, "let numbered = turns number place by region sort by region descending, a");
    let gates = 1 + dice.below(3);
    for n in 0..gates {
        policy.push_str(&gate(dice, n));
    }
    policy.push_str("profile p { stage s  sources synthetic, recorded, live }\n");
    let turns = (0..rows(dice)).map(|i| turn(dice, i)).collect();
    let regions = (0..dice.below(6))
        .map(|_| format!("{{\"name\":\"{}\",\"limit\":{}}}\n", dice.pick(REGIONS), dice.below(100)))
        .collect();
    Case { policy, turns, regions }
}

fn rows(dice: &mut Dice) -> u64 {
    match dice.below(10) {
        0 => 0,
        1 => 1,
        2..=7 => dice.below(30),
        _ => dice.below(200),
    }
}

fn turn(dice: &mut Dice, i: u64) -> String {
    let t0 = 1_700_000_000_000 + dice.below(1000);
    let mut row = format!(
        "{{\"id\":\"t{i}\",\"ok\":{},\"region\":\"{}\",\"a\":{},\"t0\":{t0},\"share\":{}.{},\"kind\":\"{}\"",
        dice.chance(80),
        dice.pick(REGIONS),
        dice.below(120) as i64 - 20,
        dice.below(2),
        dice.below(1000),
        dice.pick(KINDS),
    );
    if dice.chance(30) {
        let _ = write!(row, ",\"flag\":{}", dice.chance(50));
    }
    if dice.chance(70) {
        let _ = write!(row, ",\"b\":{}", dice.below(50));
    }
    match dice.below(10) {
        0 => row.push_str(",\"t1\":null"),
        1 => {}
        _ => {
            let _ = write!(row, ",\"t1\":{}", t0 + dice.below(150));
        }
    }
    if dice.chance(60) {
        let _ = write!(row, ",\"d\":{}", if dice.chance(20) { 0 } else { dice.below(100) });
    }
    if dice.chance(70) {
        let tags: Vec<String> = (0..dice.below(4)).map(|_| format!("\"{}\"", dice.pick(KINDS))).collect();
        let _ = write!(row, ",\"tags\":[{}]", tags.join(","));
    }
    if dice.chance(20) {
        row.push_str(",\"extra\":{\"x\":[1,null,\"y\"]}");
    }
    row.push_str("}\n");
    row
}

/// A condition on a row of `turns`; never missing.
fn truth(dice: &mut Dice, depth: u64) -> String {
    if depth > 0 && dice.chance(45) {
        let (a, b) = (truth(dice, depth - 1), truth(dice, depth - 1));
        return match dice.below(5) {
            0 => format!("({a} and {b})"),
            1 => format!("({a} or {b})"),
            2 => format!("({a} implies {b})"),
            3 => format!("(not {a})"),
            _ => format!("(if {a} then {b} else ok)"),
        };
    }
    match dice.below(17) {
        0 => "ok".to_owned(),
        1 => "flag".to_owned(),
        2 => format!("(present(b) and b {} {})", dice.pick(SIGNS), dice.below(50)),
        3 => format!("a {} {}", dice.pick(SIGNS), dice.below(100)),
        4 => format!("kind {} {}", dice.pick(&["==", "!="]), dice.pick(KINDS)),
        5 => format!("kind in [{}, {}]", dice.pick(KINDS), dice.pick(KINDS)),
        6 => format!("region == \"{}\"", dice.pick(REGIONS)),
        7 => format!("(exists t in tags: t == {})", dice.pick(KINDS)),
        8 => format!("(every t in tags: t != {})", dice.pick(KINDS)),
        9 => format!("tags == [{}]", dice.pick(KINDS)),
        10 => format!("(present(t1) and t1 - t0 <= {}ms)", dice.below(150)),
        11 => format!("(d ?? 7ms) < {}ms", dice.below(100)),
        12 => format!("count(tags) > {}", dice.below(3)),
        13 => format!("share {} 0.{}", dice.pick(SIGNS), dice.below(1000)),
        14 => "(exists r in regions: r.name == region)".to_owned(),
        15 => format!("a in {}..{}", dice.below(30), 20 + dice.below(60)),
        _ => "(present(t1) and late(t1 - t0))".to_owned(),
    }
}

fn gate(dice: &mut Dice, n: u64) -> String {
    let mut g = format!("gate g.n{n} {{\n  stage s\n  when empty {}\n", dice.pick(&["pass", "fail", "inconclusive"]));
    match dice.below(8) {
        0 => over_view(dice, &mut g),
        1 => over_groups(dice, &mut g),
        2 => over_join(dice, &mut g),
        3 => over_numbers(dice, &mut g),
        _ => over_turns(dice, &mut g),
    }
    g.push_str("}\n");
    g
}

fn over_view(dice: &mut Dice, g: &mut String) {
    let _ = writeln!(g, "  scope view where a > {}", dice.below(40));
    if dice.chance(50) {
        g.push_str("  each present(lat) else \"{id} has no latency\"\n  metric p95(lat)\n");
    } else {
        let _ = writeln!(g, "  metric p95(lat)\n  missing {}", missing(dice));
    }
    let _ = writeln!(g, "  threshold <= {}ms", dice.below(150));
}

fn over_groups(dice: &mut Dice, g: &mut String) {
    let _ = writeln!(g, "  scope by_region\n  each n >= {} else \"{{region}}: {{n}}\"", dice.below(8));
    let _ = writeln!(g, "  metric max(most)\n  threshold {} {}", dice.pick(&["<=", ">="]), dice.below(100));
}

fn over_join(dice: &mut Dice, g: &mut String) {
    let _ = writeln!(g, "  scope pairs_of where limit > {}", dice.below(50));
    let _ = writeln!(g, "  metric sum(limit - a)\n  threshold >= {}", dice.below(400));
}

fn over_numbers(dice: &mut Dice, g: &mut String) {
    let _ = writeln!(g, "  scope numbered where place <= {}", 1 + dice.below(5));
    let _ = writeln!(g, "  each a >= {} else \"{{id}}: {{a}}\"", dice.below(20));
    let _ = writeln!(g, "  metric mean(a)\n  threshold >= {}", dice.below(60));
}

fn certified(dice: &mut Dice) -> String {
    format!("  decide certified {}\n", dice.pick(&["51%", "75%", "80%", "90%", "95%", "99.9%"]))
}

fn missing(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => "fail".to_owned(),
        1 => "worst".to_owned(),
        _ => format!("exclude at most {}%", dice.below(40)),
    }
}

fn over_turns(dice: &mut Dice, g: &mut String) {
    if dice.chance(70) {
        let _ = writeln!(g, "  scope turns where {}", truth(dice, 2));
    } else {
        g.push_str("  scope turns\n");
    }
    let grouped = dice.chance(30);
    if grouped {
        g.push_str(dice.pick(&["  per region\n", "  per kind\n", "  per region, kind\n"]));
    }
    for _ in 0..dice.below(3) {
        let _ = writeln!(g, "  each {} else \"row {{id}}\"", truth(dice, 1));
    }
    if dice.chance(20) {
        g.push_str("  each present(b) else \"{id} lacks b\"\n");
        let _ = writeln!(g, "  each b < {} else \"{{id}}: b is {{b}}\"", 10 + dice.below(50));
    }
    match dice.below(12) {
        0 => {
            let _ = writeln!(g, "  metric ratio({})\n  threshold >= {}%", truth(dice, 2), 1 + dice.below(99));
        }
        1 => {
            let _ = writeln!(g, "  metric count(rows where {})\n  threshold <= {}", truth(dice, 2), dice.below(20));
        }
        2 => {
            let _ =
                writeln!(g, "  metric p95(t1 - t0)\n  threshold <= {}ms\n  missing {}", dice.below(150), missing(dice));
        }
        3 => {
            let _ = writeln!(
                g,
                "  metric quantile(0.9, d)\n  threshold >= {}ms\n  missing {}",
                dice.below(100),
                missing(dice)
            );
        }
        4 => {
            let _ = writeln!(g, "  metric mean(a)\n  threshold in {}..{}", dice.below(40), 40 + dice.below(40));
        }
        5 => {
            let _ = writeln!(g, "  metric 1 - sum(a) / sum(abs(a) + 1) as odd\n  threshold <= 0.{}", dice.below(100));
        }
        6 => {
            let _ = writeln!(
                g,
                "  metric p50(a) as mid  metric max(share) as top\n  threshold mid <= {}  threshold top < 1.{}",
                dice.below(80),
                dice.below(9)
            );
        }
        8 => {
            let sign = dice.pick(&["<=", ">=", "<", ">"]);
            let _ = writeln!(g, "  metric ratio({})\n  threshold {sign} {}%", truth(dice, 2), dice.below(101));
            g.push_str(&certified(dice));
        }
        9 => {
            let (sign, value) = (dice.pick(&["<=", ">=", "<", ">"]), dice.pick(&["a", "a", "share"]));
            let of = dice.pick(&["p50(", "p95(", "quantile(0.1, ", "quantile(0.7, ", "quantile(1, "]);
            let limit = if value == "a" { dice.below(120).to_string() } else { format!("0.{}", dice.below(1000)) };
            let _ = writeln!(g, "  metric {of}{value}) as q\n  threshold {sign} {limit}");
            g.push_str(&certified(dice));
        }
        10 => {
            let sign = dice.pick(&["<=", ">=", "<", ">"]);
            let _ = writeln!(g, "  metric p50(t1 - t0)  metric quantile(0.8, t1 - t0) as most");
            let _ = writeln!(
                g,
                "  threshold p50 {sign} {}ms  threshold most {sign} {}ms",
                dice.below(150),
                dice.below(150)
            );
            let _ = writeln!(g, "  missing {}", missing(dice));
            g.push_str(&certified(dice));
        }
        7 => {
            let _ = writeln!(g, "  metric min(d ?? 3ms)\n  threshold > {}ms", dice.below(20));
        }
        _ => {
            let _ = writeln!(g, "  metric sum(a)\n  threshold < {}", dice.below(3000));
        }
    }
    if dice.chance(30) {
        let _ = writeln!(g, "  samples >= {}", 1 + dice.below(20));
    }
    if dice.chance(30) {
        let _ = writeln!(g, "  expect exists t in rows: t.a > {} else \"no big one\"", dice.below(90));
    }
    if dice.chance(20) {
        let _ = writeln!(g, "  expect count(rows where {}) <= {} else \"too many\"", truth(dice, 1), dice.below(30));
    }
    if grouped && dice.chance(30) {
        g.push_str("  expect sum(rows[].a) >= 0 else \"negative\"\n");
    }
}

/// The policy with a few words exchanged, doubled or dropped: mostly refused by the checker, and
/// what it lets through has to run.
pub fn mutated(policy: &str, seed: u64) -> Option<String> {
    let dice = &mut Dice::new(seed ^ 0xABCD);
    let at = policy.find("gate g.n0")?;
    let (head, tail) = policy.split_at(at);
    let mut words: Vec<String> = tail.split_inclusive([' ', '(', ')', '\n']).map(str::to_owned).collect();
    for _ in 0..1 + dice.below(2) {
        let (i, j) = (dice.below(words.len() as u64) as usize, dice.below(words.len() as u64) as usize);
        match dice.below(4) {
            0 => words.swap(i, j),
            1 => words[i] = words[j].clone(),
            2 => {
                let other = [
                    "a ", "b ", "ok ", "kind ", "region ", "t1 ", "d ", "tags ", "lat ", "id ", "this ", "rows ",
                    "none ",
                ];
                words[i] = dice.pick(&other).to_owned();
            }
            _ => {
                words.remove(i);
            }
        }
    }
    Some(format!("{head}{}", words.concat()))
}
