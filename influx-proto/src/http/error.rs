//! Requests that cannot be built, and replies that are not the promised ones.

use thiserror::Error;

use super::{Dialect, Outcome, ServerError};
use crate::decode::DecodeError;
use crate::{RowError, SeriesError};

/// A name or text that cannot be sent.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NameError {
    /// The text contains a character that cannot be sent there.
    #[error("{text:?} contains {character:?} at byte {position}, which cannot be sent")]
    Character {
        /// The whole text.
        text: String,
        /// The first character that cannot be sent.
        character: char,
        /// Its position, in bytes from 0.
        position: usize,
    },
    /// The name is `.` or `..`, which a path takes for itself or its parent.
    #[error("{text:?} means another place in a path")]
    DotSegment {
        /// The whole name.
        text: String,
    },
    /// The name is empty.
    #[error("the text is empty")]
    Empty,
    /// The value of a parameter is one that the server cannot read.
    #[error("the value cannot be sent: {reason}")]
    Value {
        /// The defect.
        reason: &'static str,
    },
    /// The name is longer than the server accepts.
    #[error("the {what} is longer than the limit of {limit} bytes")]
    TooLarge {
        /// The part that is too large: `path segment`.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
}

impl NameError {
    /// Refuses a text that contains a character for which `refused` holds.
    pub(crate) fn check(text: &str, refused: impl Fn(char) -> bool) -> Result<(), Self> {
        match text.char_indices().find(|(_, character)| refused(*character)) {
            None => Ok(()),
            Some((position, character)) => {
                Err(Self::Character { text: text.to_owned(), character, position })
            }
        }
    }
}

/// A request that cannot be built. Nothing was sent.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum RequestError {
    /// The server's address is unusable.
    #[error("bad server address: {reason}")]
    BadBase {
        /// The defect.
        reason: &'static str,
    },
    /// The token contains a character that a header cannot hold.
    #[error("the token contains a character that a header cannot hold")]
    BadToken,
    /// The credentials contain a colon, and the server cannot read such a header.
    #[error("the user name or password contains a colon, which only the query string can carry")]
    ColonInCredentials,
    /// An update lacks a setting, which the server would replace by 0 or nothing.
    #[error("the update lacks {setting}, or sets it to 0, with which the server cannot work")]
    Incomplete {
        /// The setting, such as `replication_factor`.
        setting: &'static str,
    },
    /// A name cannot be sent, or the server could never accept it.
    #[error("the {what} cannot be sent")]
    Name {
        /// The use of the name, such as `database name`.
        what: &'static str,
        /// The defect.
        source: NameError,
    },
    /// A name cannot be sent by this call, but in a query.
    #[error("this call cannot send the {what}")]
    NeedsQuery {
        /// The use of the name, such as `series name`.
        what: &'static str,
        /// The defect.
        source: NameError,
        /// The query that does the same.
        query: String,
    },
    /// The [`TokenSource`](crate::TokenSource) has no token now.
    #[error("the token source has no token")]
    NoToken,
    /// An update that changes nothing.
    #[error("nothing to update: the call sets no value")]
    NothingToUpdate,
    /// A part of the request is too large: the address, usually because of a long query.
    #[error("the {what} is longer than the limit of {limit} bytes")]
    TooLarge {
        /// The part that is too large: `address`.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
}

/// A reply that is not the one that the call promises.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The server reports success, but its reply is unreadable.
    #[error("the server's reply cannot be read")]
    Decode(#[from] DecodeError),
    /// The server reports success, but the rows of its reply are not those of the call.
    #[error("the server's reply has other columns than expected")]
    Row(#[from] RowError),
    /// The server reports success, but a time of its reply is outside of 1677 to 2262.
    #[error("the server's reply has a time that cannot be shown")]
    Series(#[from] SeriesError),
    /// The server refused the call.
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl ResponseError {
    /// The meaning of the reply, see [`Operation::outcome`](crate::Operation::outcome).
    ///
    /// An unreadable reply that reports success is [`Outcome::Unknown`]: a proxy can have sent it.
    pub fn outcome<D: Dialect>(&self) -> Outcome {
        match self {
            Self::Decode(_) | Self::Row(_) | Self::Series(_) => Outcome::Unknown,
            Self::Server(error) => D::outcome(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    struct Holding;

    impl Dialect for Holding {
        fn outcome(_: &ServerError) -> Outcome {
            Outcome::Hold
        }

        fn hint(_: &ServerError) -> Option<&'static str> {
            None
        }
    }

    #[test]
    fn an_unread_success_is_done_and_only_the_dialect_judges_a_refusal() {
        for (error, expected) in [
            (ResponseError::from(DecodeError::Truncated { bytes: 0 }), Outcome::Unknown),
            (SeriesError::NoColumns { series: String::new() }.into(), Outcome::Unknown),
            (ServerError::new(StatusCode::INTERNAL_SERVER_ERROR, b"").into(), Outcome::Hold),
        ] {
            assert_eq!(error.outcome::<Holding>(), expected, "{error}");
        }
    }
}
