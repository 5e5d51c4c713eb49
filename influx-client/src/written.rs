//! The result of a write.

/// The result of a write.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Written {
    /// How many points the server has accepted.
    pub points: usize,
    /// How many requests carried them; none if there was no point.
    pub requests: usize,
}
