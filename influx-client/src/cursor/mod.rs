//! Answers read piece by piece: nothing is read before the program asks for it.

mod chunks;
mod columns;
mod input;
mod rows;

pub use self::chunks::Chunks;
pub use self::columns::Columns;
pub(crate) use self::input::Answer;
pub use self::rows::Rows;
