//! The result of a write.

/// The result of a write.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Written {
    /// How many points the server has accepted.
    pub points: usize,
    /// The number of requests that carried them; 0 without a point.
    pub requests: usize,
}
