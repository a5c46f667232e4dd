//! A host in memory, for tests and editors.

/// Files in a map.
#[derive(Debug, Default)]
pub struct MemHost {}
