//! Why something could not be read to its end.

/// Why something could not be read to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stop {
    /// A string is longer than the limit. So many bytes of the input are left from its quote on.
    LongString { left: usize },
    /// The input ends inside of it.
    More,
    /// It is wrong.
    Wrong {
        /// How many bytes of the input are left, from the first wrong one on.
        left: usize,
        message: &'static str,
    },
}

impl Stop {
    /// The first byte of `rest` is not what must be there, or is not there yet.
    #[cold]
    pub(super) fn at(rest: &[u8], message: &'static str) -> Self {
        if rest.is_empty() { Self::More } else { Self::Wrong { left: rest.len(), message } }
    }
}
