//! Line feeds in bytes.

/// The position of the first line feed, eight bytes at a time.
pub(super) fn line_feed(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let mut pos = 0;
    while let Some(word) = bytes.get(pos..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word) ^ (ONES * b'\n' as u64);
        let found = word.wrapping_sub(ONES) & !word & TOPS;
        if found != 0 {
            return Some(pos + (found.trailing_zeros() / 8) as usize);
        }
        pos += 8;
    }
    let rest = bytes.get(pos..)?.iter().position(|b| *b == b'\n')?;
    Some(pos + rest)
}

/// How many line feeds there are.
pub(in crate::evidence) fn count_line_feeds(bytes: &[u8]) -> u64 {
    // In blocks, so that the counters fit in bytes and the loop in vector registers.
    bytes.chunks(255).map(|block| u64::from(block.iter().map(|b| u8::from(*b == b'\n')).sum::<u8>())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_feeds_are_found_wherever_they_stand() {
        for len in 0..40 {
            for at in 0..len {
                let mut bytes = vec![b'\x0b'; len];
                bytes[at] = b'\n';
                assert_eq!((line_feed(&bytes), count_line_feeds(&bytes)), (Some(at), 1));
            }
            assert_eq!(line_feed(&vec![0x8A; len]), None);
        }
        assert_eq!(count_line_feeds(&[b'\n'; 1000]), 1000);
    }
}
