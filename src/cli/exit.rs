//! The exit codes: the one list, and the one place where results become numbers.

use crate::verdict::RunStatus;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every gate that counts is satisfied; the policy checks.
    Yes,
    /// A gate that counts failed.
    No,
    /// The policy or the command line is wrong. Nothing was judged.
    Usage,
    /// Nothing failed, but it cannot be told: a gate that counts is inconclusive, blocked or in
    /// error, or nothing was judged.
    Unknown,
    /// A report or an artifact could not be written, whatever the answer is.
    NotWritten,
    /// A bug of this program.
    Bug,
}

/// The end of `--help`.
pub(super) const HELP: &str = "\
Exit codes:
   0  yes: every gate that counts is satisfied
   1  no: a gate that counts failed
   2  the policy or the command line is wrong
   3  cannot tell: inconclusive, blocked, in error, or nothing to judge
  74  a report or an artifact could not be written
  70  a bug of rspp-gates";

impl Exit {
    /// The number for the operating system.
    pub fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::NotWritten => 74,
            Self::Bug => 70,
        }
    }
}

impl From<RunStatus> for Exit {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Pass => Self::Yes,
            RunStatus::Fail => Self::No,
            RunStatus::Unknown => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_tells_every_code_and_no_other() {
        let all = [Exit::Yes, Exit::No, Exit::Usage, Exit::Unknown, Exit::NotWritten, Exit::Bug];
        let told: Vec<String> =
            HELP.lines().skip(1).filter_map(|l| l.split_whitespace().next().map(str::to_owned)).collect();
        assert_eq!(told, all.map(|e| e.code().to_string()));
    }
}
