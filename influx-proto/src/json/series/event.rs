//! What a `SeriesDecoder` hands out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::row::Row;

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
        /// The head again, now with what the server wrote behind the rows.
        head: &'a SeriesHead,
        /// Whether the server says that more of the series follows.
        ///
        /// InfluxDB 1.6 also says so of the last part of an answer that is not chunked
        /// (measured on 1.6.7): it does not mean that something is missing.
        partial: bool,
    },
    /// A statement of a 1.x query is over, or one chunk of its answer is.
    Statement(Statement<'a>),
    /// A 1.x server refuses the query as a whole.
    Error(&'a str),
}

/// What is known of a series besides its rows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SeriesHead {
    pub(super) name: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) columns: Vec<String>,
    pub(super) statement_id: Option<u64>,
}

impl SeriesHead {
    /// The name, empty if there is none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tags that a 1.x query grouped by.
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    /// The names of the columns, in the order of the cells. A server may repeat a name.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Which statement of a 1.x query the series answers, from 0.
    /// `None` if the server did not say so before the rows.
    pub fn statement_id(&self) -> Option<u64> {
        self.statement_id
    }
}

/// How one statement of a 1.x query went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Statement<'a> {
    /// Which statement, from 0.
    pub id: Option<u64>,
    /// Why the server refused it. Series may have come before.
    pub error: Option<&'a str>,
    /// What else the server has to say.
    pub messages: &'a [Message],
    /// Whether the server says that more of the statement's answer follows.
    pub partial: bool,
}

/// A remark of a 1.x server about a statement.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
#[serde(default)]
pub struct Message {
    /// How important it is, such as `warning`.
    pub level: String,
    /// What it says.
    pub text: String,
}
