//! The events of a decoder of rows.

use serde::Deserialize;

use super::row::{Row, SeriesHead};

/// The next thing in an answer. Borrows from the decoder, until its next call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A series begins.
    Series(&'a SeriesHead),
    /// A row of the series that began last.
    Row(Row<'a>),
    /// The series is over.
    End {
        /// The head again, now with its members that came behind the rows.
        head: &'a SeriesHead,
        /// Whether the server says that more of the series follows.
        ///
        /// A server may also say so of the last part of an answer (measured on InfluxDB 1.6.7):
        /// it does not mean that something is missing.
        partial: bool,
    },
    /// A statement of a query is over, or one chunk of its answer is.
    Statement(Statement<'a>),
    /// The server refuses the query as a whole.
    Error(&'a str),
}

/// The outcome of one statement of a query.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Statement<'a> {
    /// The number of the statement, from 0.
    pub id: Option<u64>,
    /// The server's reason to refuse it. Series may have come before.
    pub error: Option<&'a str>,
    /// Remarks of the server.
    pub notices: &'a [Notice],
    /// Whether the server says that more of the statement's answer follows.
    pub partial: bool,
}

/// A remark of a server about a statement.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
#[serde(default)]
pub struct Notice {
    /// Its importance, such as `warning`.
    pub level: String,
    /// Its text.
    pub text: String,
}
