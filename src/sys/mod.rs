//! Floor 5: the only modules that touch the disk, processes, the clock and the terminal.

pub mod clock;
pub mod disk;
pub mod fault;
pub mod git;
pub mod process;
pub mod term;
