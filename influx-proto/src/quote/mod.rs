//! Names and texts as the server's languages write them; what they cannot carry is an error.
//!
//! The query language is that of InfluxDB 0.8.
//! Nothing here repairs a text: each function either carries it exactly or refuses it.
//!
//! ```
//! use influx_proto::quote;
//!
//! let query = format!(
//!     "select * from {} where host = {}",
//!     quote::identifier("cpu load")?,
//!     quote::string_literal("web-1")?,
//! );
//! assert_eq!(query, r#"select * from "cpu load" where host = 'web-1'"#);
//! # Ok::<(), quote::NameError>(())
//! ```

use thiserror::Error;

mod language;
#[cfg(feature = "http")]
mod url;

pub use language::{identifier, regex, string_literal, time};
#[cfg(feature = "http")]
pub use url::{MAX_SEGMENT, drop_series_segment, path_segment, query_pair};

/// A name or text that cannot be sent.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NameError {
    /// The text contains a character that cannot be carried there.
    #[error("{text:?} contains {character:?} at byte {position}, which cannot be carried")]
    Character {
        /// The whole text.
        text: String,
        /// The first character that cannot be carried.
        character: char,
        /// Where it stands, in bytes from 0.
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
    /// The name is longer than any that is accepted.
    #[error("the text is {length} bytes long, more than {limit}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The greatest length in bytes.
        limit: usize,
    },
}

/// Refuses a text that contains a character for which `refused` holds.
pub(crate) fn check_characters(
    text: &str,
    refused: impl Fn(char) -> bool,
) -> Result<(), NameError> {
    match text.char_indices().find(|(_, character)| refused(*character)) {
        None => Ok(()),
        Some((position, character)) => {
            Err(NameError::Character { text: text.to_owned(), character, position })
        }
    }
}
