//! Floor 0: the words that every other module speaks. No I/O, no policy.

pub mod digest;
pub mod exit;
pub mod gate_state;
pub mod md5;
pub mod name;
pub mod pattern;
pub mod place;
pub mod quantity;
pub mod relpath;
pub mod shared;
pub mod text;

pub use digest::{Content, Digest, FileMode};
pub use exit::Exit;
pub use gate_state::GateState;
pub use md5::{Md5, Md5Form, Oid};
pub use name::{NodeName, PartitionKey, TaskId};
pub use place::{Outside, Place, Spot};
pub use relpath::{RelPath, RelPathError};
