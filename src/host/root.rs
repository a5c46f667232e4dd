//! Folders that paths from policy may not leave.

/// A folder that confines paths.
#[derive(Debug, Clone)]
pub struct Root {}

/// Why a path was refused.
#[derive(Debug)]
pub enum RootError {}
