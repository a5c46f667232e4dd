//! How often each value occurs: the memory of quantiles.
//!
//! Whole numbers are counted in a hash map and, once there are many distinct ones that lie on a
//! narrow enough grid (milliseconds read as nanoseconds do), in an array over that grid. Anything
//! else that has an order is counted in a tree.

use crate::data::{Num, Value};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};
use std::hash::{BuildHasher, Hasher, RandomState};

/// Distinct whole numbers up to which a hash map is the better place.
const SPARSE: usize = 4_096;
/// An array may have this many places for each distinct value ..
const PLACES_FOR_ONE: u64 = 16;
/// .. and this many in all (32 MiB).
const MOST_PLACES: u64 = 1 << 22;

/// What a value in the tree takes, its text apart.
const BYTES_A_VALUE: u64 = 80;

/// Counts by value.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    whole: Whole,
    others: BTreeMap<Ordered, u64>,
    others_bytes: u64,
    total: u64,
}

impl Counts {
    /// Counts a whole number once.
    pub(super) fn push_int(&mut self, value: i64) {
        self.whole.add(value, 1);
        self.total += 1;
    }

    /// Counts a value once.
    pub(super) fn push(&mut self, value: &Value) {
        self.add(value, 1);
    }

    /// How many were counted.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Adds what another has counted.
    pub(super) fn merge(&mut self, other: Self) {
        other.whole.for_each(|value, n| self.whole.add(value, n));
        self.total += other.whole.total();
        for (value, n) in other.others {
            self.add(&value.0, n);
        }
    }

    /// How many are smaller than `value`, and how many are equal to it.
    pub(super) fn below_and_equal(&self, value: &Value) -> (u64, u64) {
        let (mut below, mut equal) = (0, 0);
        let mut take = |order: Ordering, n: u64| match order {
            Ordering::Less => below += n,
            Ordering::Equal => equal += n,
            Ordering::Greater => {}
        };
        if let Some(limit) = value.as_num() {
            self.whole.for_each(|v, n| take(Num::from(v).cmp(&limit), n));
        }
        for (v, n) in &self.others {
            take(v.0.order(value), *n);
        }
        (below, equal)
    }

    /// The `k`-th smallest, from 1.
    pub(super) fn kth(&self, k: u64) -> Option<Value> {
        let mut whole = self.whole.sorted().into_iter().peekable();
        let mut others = self.others.iter().peekable();
        let mut seen = 0;
        loop {
            let whole_first = match (whole.peek(), others.peek()) {
                (None, None) => return None,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some((v, _)), Some((other, _))) => Value::int(*v).order(&other.0).is_lt(),
            };
            let (value, n) = if whole_first {
                whole.next().map(|(v, n)| (Value::int(v), n))?
            } else {
                others.next().map(|(v, n)| (v.0.clone(), *n))?
            };
            seen += n;
            if seen >= k {
                return Some(value);
            }
        }
    }

    /// Bytes held, roughly.
    pub(super) fn held(&self) -> u64 {
        self.whole.held() + self.others_bytes
    }

    fn add(&mut self, value: &Value, n: u64) {
        self.total += n;
        if let Some(value) = value.as_num().and_then(Num::as_i64) {
            return self.whole.add(value, n);
        }
        match self.others.entry(Ordered(value.clone())) {
            Entry::Occupied(mut entry) => *entry.get_mut() += n,
            Entry::Vacant(entry) => {
                let text = if let Value::Text(text) = value { text.len() as u64 } else { 0 };
                self.others_bytes += BYTES_A_VALUE + text;
                entry.insert(n);
            }
        }
    }
}

/// A value as a key in its own order.
#[derive(Debug, Clone)]
struct Ordered(Value);

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.order(&other.0)
    }
}
impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Ordered {}

/// Counts of whole numbers. A number that has a place in `dense` is never in `sparse`.
#[derive(Debug, Clone, Default)]
struct Whole {
    sparse: HashMap<i64, u64, Seeded>,
    dense: Option<Dense>,
    /// How many distinct numbers the map has to hold before an array is tried again.
    patience: usize,
}

impl Whole {
    fn add(&mut self, value: i64, n: u64) {
        if let Some(place) = self.dense.as_mut().and_then(|dense| dense.place(value)) {
            *place += n;
            return;
        }
        *self.sparse.entry(value).or_insert(0) += n;
        if self.sparse.len() > self.patience.max(SPARSE) {
            self.move_to_array();
        }
    }

    /// Moves everything to one array over the grid that all numbers lie on, if that is narrow
    /// enough; else waits for twice as many numbers.
    fn move_to_array(&mut self) {
        let (mut least, mut most, mut distinct) = (i64::MAX, i64::MIN, 0);
        self.for_each(|value, _| {
            least = least.min(value);
            most = most.max(value);
            distinct += 1;
        });
        let mut step = 0;
        self.for_each(|value, _| step = gcd(step, value.abs_diff(least)));
        let places = most.abs_diff(least) / step.max(1);
        if places >= MOST_PLACES || places >= PLACES_FOR_ONE * distinct {
            self.patience = self.sparse.len().saturating_mul(2);
            return;
        }
        let length = usize::try_from(places + 1).unwrap_or(0);
        let mut dense = Dense::new(least, step.max(1), length);
        let mut sparse = HashMap::default();
        self.for_each(|value, n| match dense.place(value) {
            Some(place) => *place += n,
            None => *sparse.entry(value).or_insert(0) += n,
        });
        *self = Self { sparse, dense: Some(dense), patience: SPARSE };
    }

    fn for_each(&self, mut take: impl FnMut(i64, u64)) {
        self.sparse.iter().for_each(|(value, n)| take(*value, *n));
        if let Some(dense) = &self.dense {
            dense.for_each(take);
        }
    }

    fn total(&self) -> u64 {
        let mut total = 0;
        self.for_each(|_, n| total += n);
        total
    }

    fn sorted(&self) -> Vec<(i64, u64)> {
        let mut out = Vec::new();
        self.for_each(|value, n| out.push((value, n)));
        out.sort_unstable();
        out
    }

    fn held(&self) -> u64 {
        // A place of the map: key, count and a control byte. By what it holds and not by how it
        // grew, which depends on the order of the values.
        let sparse = match self.sparse.len() {
            0 => 0,
            n => (n * 8 / 7).next_power_of_two() * 17,
        };
        let dense = self.dense.as_ref().map_or(0, |dense| dense.counts.len() * 8);
        (sparse + dense) as u64
    }
}

/// Counts of `base`, `base + step`, `base + 2 step`, ..
#[derive(Debug, Clone)]
struct Dense {
    base: i64,
    step: u64,
    /// Times the odd part of `step`, it is 1 in 64 bits.
    inverse: u64,
    counts: Vec<u64>,
}

impl Dense {
    fn new(base: i64, step: u64, places: usize) -> Self {
        let odd = step >> step.trailing_zeros();
        // Newton's method doubles the bits that are right; an odd number has three to begin with.
        let inverse = (0..5).fold(odd, |x, _| x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x))));
        Self { base, step, inverse, counts: vec![0; places] }
    }

    fn place(&mut self, value: i64) -> Option<&mut u64> {
        if value < self.base {
            return None;
        }
        let offset = value.abs_diff(self.base);
        // A multiple of the step divided by it, without a division. What is no multiple comes
        // out larger than every quotient, and so than every place.
        let index = offset.wrapping_mul(self.inverse).rotate_right(self.step.trailing_zeros());
        self.counts.get_mut(usize::try_from(index).ok()?)
    }

    fn for_each(&self, mut take: impl FnMut(i64, u64)) {
        let mut value = self.base;
        for n in &self.counts {
            if *n > 0 {
                take(value, *n);
            }
            // Wraps only past the last place, whose value fits.
            value = value.wrapping_add_unsigned(self.step);
        }
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Hashes whole numbers by one multiplication. The seed is drawn for each map, so that data
/// cannot be made to collide; nothing that is shown depends on it.
#[derive(Debug, Clone)]
struct Seeded(u64);

impl Default for Seeded {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0u8))
    }
}

impl BuildHasher for Seeded {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(self.0)
    }
}

struct Folded(u64);

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u64(u64::from(*b)));
    }

    fn write_u64(&mut self, n: u64) {
        let product = u128::from(n ^ self.0) * u128::from(0x9E37_79B9_7F4A_7C15_u64);
        let [low, high] = [product, product >> 64].map(|half| (half & u128::from(u64::MAX)) as u64);
        self.0 = low ^ high;
    }

    fn write_i64(&mut self, n: i64) {
        self.write_u64(n.cast_unsigned());
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_values_on_a_grid_move_to_an_array() {
        let mut counts = Counts::default();
        for i in 0..10_000 {
            counts.push_int(1_000_000 * (i % 5_000));
        }
        assert!(counts.whole.dense.as_ref().is_some_and(|d| d.step == 1_000_000));
        // Off the grid, below and above it.
        for odd in [1, -1, i64::MIN, i64::MAX] {
            counts.push_int(odd);
        }
        assert_eq!(counts.total(), 10_004);
        assert_eq!(counts.kth(1), Some(Value::int(i64::MIN)));
        assert_eq!(counts.kth(3), Some(Value::int(0)));
        assert_eq!(counts.kth(5), Some(Value::int(1)));
        assert_eq!(counts.kth(10_004), Some(Value::int(i64::MAX)));
        assert_eq!(counts.kth(10_005), None);
        assert_eq!(counts.below_and_equal(&Value::int(1_000_000)), (5, 2));
    }

    #[test]
    fn values_far_apart_stay_in_the_map() {
        let mut counts = Counts::default();
        for i in 0..20_000 {
            counts.push_int(i * i * 1_000_003);
        }
        assert!(counts.whole.dense.is_none());
        assert_eq!(counts.kth(20_000), Some(Value::int(19_999 * 19_999 * 1_000_003)));
    }

    #[test]
    fn fractions_and_whole_numbers_are_one_order() {
        let mut counts = Counts::default();
        let half = Value::Num(Num::new(1, 2).unwrap());
        for value in [Value::int(1), half.clone(), Value::int(0), Value::Num(Num::int(i128::MAX))] {
            counts.push(&value);
        }
        assert_eq!(counts.kth(2), Some(half.clone()));
        assert_eq!(counts.kth(4), Some(Value::Num(Num::int(i128::MAX))));
        assert_eq!(counts.below_and_equal(&half), (1, 1));
    }
}
