//! Whether keys repeat, at about twenty bytes a row.

use sha2::{Digest as _, Sha256};

/// Keys met so far: of each, 80 bits of its hash and the position where it stands first. Two
/// different keys are taken for one with a chance below 1 in 10^9 for a thousand million rows,
/// and then evidence is refused, not accepted.
#[derive(Debug)]
pub(super) struct KeyTable {
    /// Open addressing; zero is free. The upper 80 bits are the hash, the lower 48 the position.
    slots: Vec<u128>,
    used: usize,
    limit: u64,
}

/// The hash of a key: 80 bits above 48 zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyHash(u128);

const POSITION_BITS: u32 = 48;
const POSITION: u128 = (1 << POSITION_BITS) - 1;

impl KeyHash {
    /// Of the key field's number and the key's text.
    pub fn of(field: usize, text: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update((field as u64).to_le_bytes());
        hasher.update(text.as_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        let head = digest.first_chunk::<16>().map_or(0, |bytes| u128::from_le_bytes(*bytes));
        Self(head & !POSITION)
    }
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// It is new.
    New,
    /// It stands at this position already.
    Before(u64),
    /// There is no memory for it.
    NoRoom,
}

impl KeyTable {
    /// That may hold so many bytes.
    pub fn new(limit: u64) -> Self {
        Self { slots: Vec::new(), used: 0, limit }
    }

    /// How many keys it holds, and in how many bytes.
    pub fn held(&self) -> (u64, u64) {
        (self.used as u64, self.slots.len() as u64 * 16)
    }

    /// Takes a key at a position from 1 to 2^48 - 1.
    pub fn take(&mut self, key: KeyHash, position: u64) -> Met {
        // At most 7 of 8 slots are used.
        if (self.used + 1) * 8 > self.slots.len() * 7 && !self.grow() {
            return Met::NoRoom;
        }
        let entry = key.0 | (u128::from(position) & POSITION);
        match Self::place(&mut self.slots, entry) {
            Some(before) => Met::Before(u64::try_from(before & POSITION).unwrap_or(0)),
            None => {
                self.used += 1;
                Met::New
            }
        }
    }

    /// Puts an entry into its slot, or finds the one of the same key.
    fn place(slots: &mut [u128], entry: u128) -> Option<u128> {
        let size = slots.len();
        // The upper 64 bits spread over the slots without a division.
        let spread = (entry >> 64) * size as u128;
        let mut at = usize::try_from(spread >> 64).unwrap_or(0);
        loop {
            match slots.get_mut(at) {
                Some(slot) if *slot == 0 => {
                    *slot = entry;
                    return None;
                }
                Some(slot) if (*slot ^ entry) & !POSITION == 0 => return Some(*slot),
                Some(_) => at += 1,
                // Past the end. A free slot exists, so this ends.
                None => at = 0,
            }
        }
    }

    /// By half its size, so that little lies idle.
    fn grow(&mut self) -> bool {
        let size = (self.slots.len() + self.slots.len() / 2).max(64);
        if size as u64 * 16 > self.limit {
            return false;
        }
        let mut slots = vec![0; size];
        for entry in std::mem::take(&mut self.slots).into_iter().filter(|e| *e != 0) {
            Self::place(&mut slots, entry);
        }
        self.slots = slots;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_found_at_its_first_position() {
        let mut table = KeyTable::new(1 << 30);
        let key = |i: u64| KeyHash::of(0, &format!("k{i}"));
        for i in 0..10_000 {
            assert_eq!(table.take(key(i), i + 1), Met::New);
        }
        for i in 0..10_000 {
            assert_eq!(table.take(key(i), 99_999), Met::Before(i + 1));
        }
        assert_eq!(table.take(KeyHash::of(1, "k5"), 7), Met::New);
        let bytes = table.slots.len() * 16;
        assert!(bytes < 10_001 * 28, "{bytes}");
    }

    #[test]
    fn memory_is_bounded() {
        let mut table = KeyTable::new(64 * 16);
        let met: Vec<Met> = (0..100).map(|i| table.take(KeyHash::of(0, &i.to_string()), i + 1)).collect();
        assert_eq!(met.iter().filter(|m| **m == Met::New).count(), 56);
        assert_eq!(met.last(), Some(&Met::NoRoom));
    }
}
