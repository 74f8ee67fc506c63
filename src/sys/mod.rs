//! Floor 5: the only modules that touch the world.

pub mod disk;
pub mod fault;
