mod schema;
mod value;
pub use schema::*;
