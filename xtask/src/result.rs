//! The outcome of a command and of its parts.

/// Nothing, or a text that says which part failed.
pub(crate) type Result<T = (), E = String> = std::result::Result<T, E>;
