//! What a new layout changes, as a unified diff.

/// Lines around a change that are shown.
const CONTEXT: usize = 2;

/// Changes of this many lines are shown; of more it is said how many there are.
const MOST: usize = 40;

/// Steps of the search for the shortest diff; beyond, what differs is shown as one change.
const MOST_STEPS: usize = 1_000;

/// One line of a diff.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    Keep,
    Drop,
    Add,
}

/// The change from one text to another, headed by its name. Empty if they are the same. A long one
/// is cut after some lines, and says so.
pub fn unified(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let edits = edits(&a, &b);
    let mut out = format!("--- {name}\n+++ {name} (formatted)\n");
    let (mut i, mut j, mut at, mut shown) = (0, 0, 0, 0);
    while at < edits.len() {
        let Some(change) = edits.iter().skip(at).position(|e| *e != Edit::Keep) else { break };
        // Up to here nothing changes; the hunk begins some lines before the change.
        let lead = change.min(CONTEXT);
        let skip = change - lead;
        (i, j, at) = (i + skip, j + skip, at + skip);
        let length = hunk_length(edits.get(at..).unwrap_or(&[]));
        let hunk = edits.get(at..at + length).unwrap_or(&[]);
        let changed = hunk.iter().filter(|e| **e != Edit::Keep).count();
        if shown > 0 && shown + changed > MOST {
            let left = edits.iter().skip(at).filter(|e| **e != Edit::Keep).count();
            out.push_str(&format!("... {left} more changed lines\n"));
            break;
        }
        shown += changed;
        let olds = hunk.iter().filter(|e| **e != Edit::Add).count();
        let news = hunk.iter().filter(|e| **e != Edit::Drop).count();
        out.push_str(&format!("@@ -{},{olds} +{},{news} @@\n", i + usize::from(olds > 0), j + usize::from(news > 0)));
        for (k, edit) in hunk.iter().enumerate() {
            let (sign, line) = match edit {
                Edit::Keep => (' ', a.get(i)),
                Edit::Drop => ('-', a.get(i)),
                Edit::Add => ('+', b.get(j)),
            };
            if k < 2 * MOST {
                out.push(sign);
                out.push_str(line.unwrap_or(&"").trim_end_matches(['\n', '\r']));
                out.push('\n');
                if line.is_some_and(|l| !l.ends_with('\n')) {
                    out.push_str("\\ No newline at end of file\n");
                }
            } else if k == 2 * MOST {
                out.push_str(&format!("... {} more lines\n", hunk.len() - k));
            }
            i += usize::from(*edit != Edit::Add);
            j += usize::from(*edit != Edit::Drop);
        }
        at += length;
    }
    out
}

/// How long a hunk is that begins here: up to a run of kept lines that is long enough to part it
/// from the next one.
fn hunk_length(edits: &[Edit]) -> usize {
    let mut last = 0;
    for (i, edit) in edits.iter().enumerate() {
        if *edit != Edit::Keep {
            last = i + 1;
        } else if last > 0 && i + 1 - last > 2 * CONTEXT {
            break;
        }
    }
    (last + CONTEXT).min(edits.len())
}

/// The shortest way from one list of lines to the other (Myers 1986), between what both begin and
/// end with.
fn edits(a: &[&str], b: &[&str]) -> Vec<Edit> {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (ra, rb) = (a.get(start..).unwrap_or(&[]), b.get(start..).unwrap_or(&[]));
    let end = ra.iter().rev().zip(rb.iter().rev()).take_while(|(x, y)| x == y).count();
    let (ma, mb) = (ra.get(..ra.len() - end).unwrap_or(&[]), rb.get(..rb.len() - end).unwrap_or(&[]));
    let mut out = vec![Edit::Keep; start];
    match middle(ma, mb) {
        Some(edits) => out.extend(edits),
        None => {
            out.extend(vec![Edit::Drop; ma.len()]);
            out.extend(vec![Edit::Add; mb.len()]);
        }
    }
    out.extend(vec![Edit::Keep; end]);
    out
}

fn middle(a: &[&str], b: &[&str]) -> Option<Vec<Edit>> {
    let most = (a.len() + b.len()).min(MOST_STEPS);
    let width = 2 * most + 3;
    let slot = |k: isize| usize::try_from(k + most as isize + 1).unwrap_or(0);
    let mut reach = vec![0_usize; width];
    let mut trace: Vec<Vec<usize>> = Vec::new();
    let get = |reach: &[usize], k: isize| reach.get(slot(k)).copied().unwrap_or(0);
    let down = |reach: &[usize], k: isize, d: isize| k == -d || k != d && get(reach, k - 1) < get(reach, k + 1);
    let mut found = None;
    'search: for d in 0..=most as isize {
        trace.push(reach.clone());
        let mut k = -d;
        while k <= d {
            let mut x = if down(&reach, k, d) { get(&reach, k + 1) } else { get(&reach, k - 1) + 1 };
            let mut y = usize::try_from(x as isize - k).unwrap_or(0);
            while a.get(x).is_some_and(|line| b.get(y) == Some(line)) {
                (x, y) = (x + 1, y + 1);
            }
            if let Some(at) = reach.get_mut(slot(k)) {
                *at = x;
            }
            if x >= a.len() && y >= b.len() {
                found = Some(d);
                break 'search;
            }
            k += 2;
        }
    }
    let mut edits = Vec::new();
    let (mut x, mut y) = (a.len() as isize, b.len() as isize);
    for d in (0..=found?).rev() {
        let reach = trace.get(usize::try_from(d).ok()?)?;
        let k = x - y;
        let before = if down(reach, k, d) { k + 1 } else { k - 1 };
        let px = if d == 0 { 0 } else { get(reach, before) as isize };
        let py = if d == 0 { 0 } else { px - before };
        let added = before > k;
        while x > px + isize::from(d > 0 && !added) && y > py + isize::from(d > 0 && added) {
            edits.push(Edit::Keep);
            (x, y) = (x - 1, y - 1);
        }
        if d > 0 {
            edits.push(if added { Edit::Add } else { Edit::Drop });
            (x, y) = (px, py);
        }
    }
    edits.reverse();
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_shown_with_the_lines_around() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nb\nc\nD\ne\nf\ng\nh\ni\n";
        let told = unified("x.gate", old, new);
        let due = "--- x.gate\n+++ x.gate (formatted)\n@@ -2,7 +2,8 @@\n b\n c\n-d\n+D\n e\n f\n g\n h\n+i\n";
        assert_eq!(told, due);
        assert_eq!(unified("x", old, old), "");
    }

    #[test]
    fn changes_that_are_far_from_each_other_are_apart() {
        let old: String = (0..30).map(|i| format!("{i}\n")).collect();
        let new = old.replace("\n3\n", "\nthree\n").replace("\n20\n", "\n");
        let told = unified("x", &old, &new);
        assert_eq!(told.matches("@@ -").count(), 2, "{told}");
        assert!(told.contains("@@ -2,5 +2,5 @@") && told.contains("@@ -19,5 +19,4 @@"), "{told}");
    }

    #[test]
    fn a_missing_line_break_at_the_end_is_told() {
        let told = unified("x", "a\nb", "a\nb\n");
        assert!(told.ends_with(" a\n-b\n\\ No newline at end of file\n+b\n"), "{told}");
    }

    #[test]
    fn long_ones_are_cut() {
        let old: String = (0..5000).map(|i| format!("{i}\n")).collect();
        let new: String = (0..5000).map(|i| format!("{}\n", i * 7)).collect();
        let told = unified("x", &old, &new);
        assert!(told.lines().count() < 100 && told.contains("more"), "{told}");
    }

    /// Applies a diff that is not cut.
    fn edited(a: &[&str], b: &[&str]) -> Vec<String> {
        let (mut i, mut j, mut out) = (0, 0, Vec::new());
        for edit in edits(a, b) {
            match edit {
                Edit::Keep => {
                    assert_eq!(a[i], b[j]);
                    out.push(a[i].to_owned());
                    (i, j) = (i + 1, j + 1);
                }
                Edit::Drop => i += 1,
                Edit::Add => {
                    out.push(b[j].to_owned());
                    j += 1;
                }
            }
        }
        assert_eq!((i, j), (a.len(), b.len()));
        out
    }

    #[test]
    fn every_diff_leads_to_the_new_text() {
        let mut seed = 7_u64;
        let mut next = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        for _ in 0..500 {
            let mut some = |n| (0..next(n)).map(|_| ["a", "b", "c"][next(3) as usize]).collect::<Vec<_>>();
            let (a, b) = (some(12), some(12));
            assert_eq!(edited(&a, &b), b);
        }
    }
}
