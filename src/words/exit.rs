//! The exit codes: one enum, told by `lockgate help exit-codes`.

use std::process::ExitCode;

/// What the process says to whoever started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    StageFailed = 1,
    Usage = 2,
    Invalid = 3,
    GateBlocked = 4,
    PersonNeeded = 5,
    Halted = 6,
    NotUpToDate = 7,
    Damaged = 8,
    Bug = 70,
    Interrupted = 130,
}

impl Exit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Done,
        Self::StageFailed,
        Self::Usage,
        Self::Invalid,
        Self::GateBlocked,
        Self::PersonNeeded,
        Self::Halted,
        Self::NotUpToDate,
        Self::Damaged,
        Self::Bug,
        Self::Interrupted,
    ];

    /// Those that a run can end with at the same time; the first that applies is the one that is told.
    const BY_WEIGHT: [Self; 7] = [
        Self::Bug,
        Self::Interrupted,
        Self::Damaged,
        Self::Halted,
        Self::StageFailed,
        Self::GateBlocked,
        Self::PersonNeeded,
    ];

    pub const fn code(self) -> u8 {
        self as u8
    }

    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.code() == code)
    }

    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done (warnings allowed)",
            Self::StageFailed => "a stage failed, or `schema diff` found a breaking change",
            Self::Usage => "usage",
            Self::Invalid => "pipeline, params, schema, settings or lock text is invalid",
            Self::GateBlocked => "a gate blocked (fail, inconclusive, error)",
            Self::PersonNeeded => "a person is needed (review, approval, unknown effect)",
            Self::Halted => "halted (kill switch, disk), or `--no-wait` and another run holds the workspace",
            Self::NotUpToDate => "not up to date (`status --check`, `repro --dry` when something would run)",
            Self::Damaged => "store or lock damaged, or outputs could not be published or written",
            Self::Bug => "a bug in lockgate",
            Self::Interrupted => "interrupted",
        }
    }

    /// Returns the one that is told of several that apply.
    ///
    /// The others exclude each other, so the first of them stands when none of the weighed ones applies.
    pub fn heaviest(apply: &[Self]) -> Self {
        let weighed = Self::BY_WEIGHT.into_iter().find(|exit| apply.contains(exit));
        weighed.or_else(|| apply.iter().copied().find(|exit| *exit != Self::Done)).unwrap_or(Self::Done)
    }

    /// Returns the page of `lockgate help exit-codes`.
    pub fn page() -> String {
        let row = |exit: Self| format!("{:>5}  {}\n", exit.code(), exit.meaning());
        let rows: String = Self::ALL.into_iter().map(row).collect();
        let order: Vec<String> = Self::BY_WEIGHT.iter().map(|exit| exit.code().to_string()).collect();
        format!("Exit codes:\n{rows}\nWhen several apply, the first of {} is told.\n", order.join(", "))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_tells_every_code() {
        insta::assert_snapshot!(Exit::page(), @"
        Exit codes:
            0  done (warnings allowed)
            1  a stage failed, or `schema diff` found a breaking change
            2  usage
            3  pipeline, params, schema, settings or lock text is invalid
            4  a gate blocked (fail, inconclusive, error)
            5  a person is needed (review, approval, unknown effect)
            6  halted (kill switch, disk), or `--no-wait` and another run holds the workspace
            7  not up to date (`status --check`, `repro --dry` when something would run)
            8  store or lock damaged, or outputs could not be published or written
           70  a bug in lockgate
          130  interrupted

        When several apply, the first of 70, 130, 8, 6, 1, 4, 5 is told.
        ");
    }

    #[test]
    fn the_heaviest_of_several_is_told() {
        let check = |apply: &[Exit], expect| assert_eq!(Exit::heaviest(apply), expect, "{apply:?}");
        check(&[], Exit::Done);
        check(&[Exit::Done, Exit::NotUpToDate], Exit::NotUpToDate);
        check(&[Exit::PersonNeeded, Exit::GateBlocked], Exit::GateBlocked);
        check(&[Exit::GateBlocked, Exit::StageFailed, Exit::Done], Exit::StageFailed);
        check(&[Exit::StageFailed, Exit::Halted], Exit::Halted);
        check(&[Exit::Halted, Exit::Damaged], Exit::Damaged);
        check(&[Exit::Damaged, Exit::Interrupted], Exit::Interrupted);
        check(&[Exit::Interrupted, Exit::Bug], Exit::Bug);
    }

    #[test]
    fn every_code_is_found_by_its_number() {
        for exit in Exit::ALL {
            assert_eq!(Exit::from_code(exit.code()), Some(exit));
        }
        assert_eq!(Exit::from_code(9), None);
    }
}
