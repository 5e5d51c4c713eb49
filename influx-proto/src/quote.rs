//! Names and texts as the server's languages write them; what they cannot carry is an error.

use thiserror::Error;

/// A name that cannot be sent.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NameError {
    /// The name is empty.
    #[error("a name is empty")]
    Empty,
}
