//! Twenty cases whose answers were worked out by hand. They fix the oracle, which in turn is
//! what the engine is compared with.

/// Rows are `[a, ok, b]` of one evidence `xs { a : int  ok : bool  b : int? }`.
pub struct Hand {
    pub name: &'static str,
    /// The gate's clauses.
    pub gate: &'static str,
    pub rows: &'static [(i64, bool, Option<i64>)],
    pub verdict: &'static str,
    /// In scope, broken, missing, excluded, sample.
    pub rows_told: [usize; 5],
    /// Printed value of each metric (`-` for none, `above`, `below`) and its n.
    pub figures: &'static [(&'static str, u64)],
    /// Kinds of violations in order.
    pub violations: &'static [&'static str],
}

pub const HEAD: &str = "policy hand { language 1 }\nevidence xs { path \"xs.jsonl\"  source recorded  fresh any  row { a : int  ok : bool  b : int? } }\nprofile p { stage s  sources synthetic, recorded, live }\n";

const T: bool = true;
const F: bool = false;
const N: Option<i64> = None;

pub const HANDS: &[Hand] = &[
    Hand {
        // n = 4, ceil(0.95 * 4) = 4: the fourth smallest.
        name: "p95 of four is the largest",
        gate: "scope xs  metric p95(a)  threshold <= 40  when empty fail",
        rows: &[(40, T, N), (10, T, N), (30, T, N), (20, T, N)],
        verdict: "pass",
        rows_told: [4, 0, 0, 0, 4],
        figures: &[("40", 4)],
        violations: &[],
    },
    Hand {
        // n = 20, ceil(0.95 * 20) = 19: the nineteenth of 1..20.
        name: "p95 of twenty is the nineteenth",
        gate: "scope xs  metric p95(a)  threshold <= 18  when empty fail",
        rows: &[
            (1, T, N),
            (2, T, N),
            (3, T, N),
            (4, T, N),
            (5, T, N),
            (6, T, N),
            (7, T, N),
            (8, T, N),
            (9, T, N),
            (10, T, N),
            (11, T, N),
            (12, T, N),
            (13, T, N),
            (14, T, N),
            (15, T, N),
            (16, T, N),
            (17, T, N),
            (18, T, N),
            (19, T, N),
            (20, T, N),
        ],
        verdict: "fail",
        rows_told: [20, 0, 0, 0, 20],
        figures: &[("19", 20)],
        violations: &["threshold"],
    },
    Hand {
        // n = 3, ceil(0.5 * 3) = 2.
        name: "p50 of three is the second",
        gate: "scope xs  metric p50(a)  threshold == 7  when empty fail",
        rows: &[(9, T, N), (7, T, N), (1, T, N)],
        verdict: "pass",
        rows_told: [3, 0, 0, 0, 3],
        figures: &[("7", 3)],
        violations: &[],
    },
    Hand {
        name: "a ratio is an exact fraction",
        gate: "scope xs  metric ratio(ok)  threshold >= 66.666%  when empty fail",
        rows: &[(1, T, N), (2, F, N), (3, T, N)],
        verdict: "pass",
        rows_told: [3, 0, 0, 0, 3],
        figures: &[("2/3", 3)],
        violations: &[],
    },
    Hand {
        name: "a ratio just below its limit fails",
        gate: "scope xs  metric ratio(ok)  threshold >= 66.667%  when empty fail",
        rows: &[(1, T, N), (2, F, N), (3, T, N)],
        verdict: "fail",
        rows_told: [3, 0, 0, 0, 3],
        figures: &[("2/3", 3)],
        violations: &["threshold"],
    },
    Hand {
        // 10 / 4 = 2.5.
        name: "a mean does not truncate",
        gate: "scope xs  metric mean(a)  threshold <= 2.5  when empty fail",
        rows: &[(1, T, N), (2, T, N), (3, T, N), (4, T, N)],
        verdict: "pass",
        rows_told: [4, 0, 0, 0, 4],
        figures: &[("2.5", 4)],
        violations: &[],
    },
    Hand {
        name: "a broken row leaves the sample",
        gate: "scope xs  each ok  metric max(a)  threshold <= 5  when empty fail",
        rows: &[(9, F, N), (5, T, N)],
        verdict: "fail",
        rows_told: [2, 1, 0, 0, 1],
        figures: &[("5", 1)],
        violations: &["each"],
    },
    Hand {
        name: "two conditions broken by one row are two violations and one broken row",
        gate: "scope xs  each ok  each a < 5  when empty fail",
        rows: &[(9, F, N), (1, T, N)],
        verdict: "fail",
        rows_told: [2, 1, 0, 0, 1],
        figures: &[],
        violations: &["each", "each"],
    },
    Hand {
        name: "a condition that leans on a broken one is not judged",
        gate: "scope xs  each present(b)  each b > 5  when empty fail",
        rows: &[(1, T, N), (2, T, Some(3)), (3, T, Some(9))],
        verdict: "fail",
        rows_told: [3, 2, 0, 0, 1],
        figures: &[],
        violations: &["each", "each"],
    },
    Hand {
        name: "missing fail breaks the row",
        gate: "scope xs  metric sum(b)  threshold >= 1  missing fail  when empty fail",
        rows: &[(1, T, Some(4)), (2, T, N)],
        verdict: "fail",
        rows_told: [2, 0, 1, 0, 1],
        figures: &[("4", 1)],
        violations: &["missing"],
    },
    Hand {
        // One of four is left out: 25 % of the sample.
        name: "missing exclude within its share",
        gate: "scope xs  metric sum(b)  threshold >= 1  missing exclude at most 25%  when empty fail",
        rows: &[(1, T, Some(4)), (2, T, N), (3, T, Some(1)), (4, T, Some(1))],
        verdict: "pass",
        rows_told: [4, 0, 0, 1, 3],
        figures: &[("6", 3)],
        violations: &[],
    },
    Hand {
        name: "missing exclude over its share",
        gate: "scope xs  metric sum(b)  threshold >= 1  missing exclude at most 24%  when empty fail",
        rows: &[(1, T, Some(4)), (2, T, N), (3, T, Some(1)), (4, T, Some(1))],
        verdict: "fail",
        rows_told: [4, 0, 0, 1, 3],
        figures: &[("6", 3)],
        violations: &["exclude"],
    },
    Hand {
        // Two values and one beyond them: ceil(0.5 * 3) = 2, the second is 8.
        name: "missing worst takes the upper places",
        gate: "scope xs  metric p50(b)  threshold <= 8  missing worst  when empty fail",
        rows: &[(1, T, Some(8)), (2, T, N), (3, T, Some(4))],
        verdict: "pass",
        rows_told: [3, 0, 0, 0, 3],
        figures: &[("8", 3)],
        violations: &[],
    },
    Hand {
        // ceil(0.5 * 3) = 2 with two missing: the place is beyond everything.
        name: "missing worst can take the figure beyond everything",
        gate: "scope xs  metric p50(b)  threshold <= 8  missing worst  when empty fail",
        rows: &[(1, T, Some(8)), (2, T, N), (3, T, N)],
        verdict: "fail",
        rows_told: [3, 0, 0, 0, 3],
        figures: &[("above", 3)],
        violations: &["threshold"],
    },
    Hand {
        name: "an empty scope passes where the gate says so",
        gate: "scope xs where a > 99  metric p95(a)  threshold <= 1  when empty pass",
        rows: &[(1, T, N)],
        verdict: "pass",
        rows_told: [0, 0, 0, 0, 0],
        figures: &[("-", 0)],
        violations: &[],
    },
    Hand {
        name: "an empty scope fails where the gate says so",
        gate: "scope xs where a > 99  metric p95(a)  threshold <= 1  when empty fail",
        rows: &[(1, T, N)],
        verdict: "fail",
        rows_told: [0, 0, 0, 0, 0],
        figures: &[("-", 0)],
        violations: &["empty"],
    },
    Hand {
        name: "rows that all broke a condition are judged by their violations",
        gate: "scope xs  each not ok  metric p95(a)  threshold <= 1  when empty pass",
        rows: &[(1, T, N)],
        verdict: "fail",
        rows_told: [1, 1, 0, 0, 0],
        figures: &[("-", 0)],
        violations: &["each"],
    },
    Hand {
        name: "too few rows decide nothing",
        gate: "scope xs  metric max(a)  threshold <= 1  samples >= 3  when empty fail",
        rows: &[(5, T, N), (6, T, N)],
        verdict: "inconclusive",
        rows_told: [2, 0, 0, 0, 2],
        figures: &[("6", 2)],
        violations: &[],
    },
    Hand {
        name: "too few rows do not excuse a broken one",
        gate: "scope xs  each a < 6  metric max(a)  threshold <= 1  samples >= 3  when empty fail",
        rows: &[(5, T, N), (6, T, N)],
        verdict: "fail",
        rows_told: [2, 1, 0, 0, 1],
        figures: &[("5", 1)],
        violations: &["each"],
    },
    Hand {
        name: "expect looks at the sample that is left",
        gate: "scope xs  each ok  expect count(rows) == 2  expect exists r in rows: r.a == 9  when empty fail",
        rows: &[(1, T, N), (9, F, N)],
        verdict: "fail",
        rows_told: [2, 1, 0, 0, 1],
        figures: &[],
        violations: &["each", "expect", "expect"],
    },
    Hand {
        // 0.5^4 = 1/16 is more than 5 %: four rows prove nothing of the median.
        name: "four clean rows are too few for a median at 95%",
        gate: "scope xs  metric p50(a)  threshold <= 40  decide certified 95%  when empty fail",
        rows: &[(40, T, N), (10, T, N), (30, T, N), (20, T, N)],
        verdict: "inconclusive",
        rows_told: [4, 0, 0, 0, 4],
        figures: &[("20", 4)],
        violations: &[],
    },
    Hand {
        // 0.5^5 = 1/32.
        name: "five clean rows are enough for a median at 95%",
        gate: "scope xs  metric p50(a)  threshold <= 40  decide certified 95%  when empty fail",
        rows: &[(40, T, N), (10, T, N), (30, T, N), (20, T, N), (5, T, N)],
        verdict: "pass",
        rows_told: [5, 0, 0, 0, 5],
        figures: &[("20", 5)],
        violations: &[],
    },
    Hand {
        // Five of five are false: 0.1^5 of a chance where nine of ten hold.
        name: "a share that is certainly too low",
        gate: "scope xs  metric ratio(ok)  threshold >= 90%  decide certified 99%  when empty fail",
        rows: &[(1, F, N), (2, F, N), (3, F, N), (4, T, N), (5, T, N)],
        verdict: "fail",
        rows_told: [5, 0, 0, 0, 5],
        figures: &[("0.4", 5)],
        violations: &["threshold"],
    },
    Hand {
        // One value, and four rows that count as below it: four or five of five below the median
        // are a chance of 6/32.
        name: "rows that count as worst are misses",
        gate: "scope xs  metric p50(b)  threshold >= 3  missing worst  decide certified 60%  when empty fail",
        rows: &[(1, T, Some(3)), (2, T, N), (3, T, N), (4, T, N), (5, T, N)],
        verdict: "fail",
        rows_told: [5, 0, 0, 0, 5],
        figures: &[("below", 5)],
        violations: &["threshold"],
    },
    Hand {
        // East 1 of 1, west 1 of 2.
        name: "the worst group speaks",
        gate: "scope xs  per b ?? 0  metric ratio(ok)  threshold >= 60%  when empty fail",
        rows: &[(1, T, Some(1)), (2, T, Some(2)), (3, F, Some(2))],
        verdict: "fail",
        rows_told: [3, 0, 0, 0, 3],
        figures: &[],
        violations: &["threshold"],
    },
];
