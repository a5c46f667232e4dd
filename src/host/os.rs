//! The real host.

/// The operating system.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsHost {}
