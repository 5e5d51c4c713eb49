//! Numbers, strings, times and blocks of bytes as text, both ways.

pub(crate) mod block;
mod decimal;
pub(crate) mod number;
mod printable;
pub(crate) mod rfc3339;
pub(crate) mod room;
pub(crate) mod string;
pub(crate) mod window;
pub(crate) mod word;
pub(crate) mod write_number;

pub use self::printable::Printable;

/// Why a text could not be read to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stop {
    /// A string is longer than the limit. `left` bytes of the input are left from its quote on.
    LongString { left: usize },
    /// The input ends inside of it.
    More,
    /// It is wrong.
    Wrong {
        /// The bytes of the input that are left, from the first wrong one on.
        left: usize,
        message: &'static str,
    },
}

impl Stop {
    /// The first byte of `rest` is wrong, or has not arrived.
    #[cold]
    pub(crate) fn at(rest: &[u8], message: &'static str) -> Self {
        if rest.is_empty() { Self::More } else { Self::Wrong { left: rest.len(), message } }
    }
}
