//! The progress of reading an answer, and the outcome of one step.

use std::ops::Range;

use crate::decode::event::Notice;
use crate::decode::text_buffer::TextBuffer;

/// The members of the statement so far.
#[derive(Clone, Debug, Default)]
pub(super) struct StatementState {
    pub(super) id: Option<u64>,
    pub(super) error: Option<String>,
    pub(super) notices: Vec<Notice>,
    pub(super) partial: bool,
}

/// The progress of reading a series.
#[expect(clippy::struct_excessive_bools, reason = "members come in any order")]
#[derive(Clone, Debug, Default)]
pub(super) struct SeriesState {
    /// Whether a member of a series was seen, which tells that the document is one.
    pub(super) seen: bool,
    pub(super) has_name: bool,
    pub(super) has_columns: bool,
    /// Whether its head was handed out.
    pub(super) announced: bool,
    /// Whether its rows were seen.
    pub(super) has_rows: bool,
    /// The rows, if they came before their columns.
    pub(super) held: Option<TextBuffer>,
    pub(super) partial: bool,
}

/// The event to hand out. Its data are in the decoder.
pub(super) enum Found {
    Series,
    Row(Range<usize>),
    End { partial: bool },
    Statement,
    Error,
}

/// The outcome of one step.
pub(super) enum Turn {
    /// Another step follows.
    Next,
    /// It needs more input.
    More,
    Found(Found),
}
