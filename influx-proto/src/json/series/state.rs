//! How far an answer was read, and what a part of the decoder came to.

use std::ops::Range;

use super::buffer::TextBuffer;
use super::event::Message;

/// What was read of the statement so far.
#[derive(Clone, Debug, Default)]
pub(super) struct StatementState {
    pub(super) id: Option<u64>,
    pub(super) error: Option<String>,
    pub(super) messages: Vec<Message>,
    pub(super) partial: bool,
}

/// How far the series was read.
#[expect(clippy::struct_excessive_bools, reason = "members come in any order")]
#[derive(Clone, Debug, Default)]
pub(super) struct SeriesState {
    /// Whether a member of a series was seen, which tells a document of 0.8.
    pub(super) seen: bool,
    pub(super) has_columns: bool,
    /// Whether its head was handed out.
    pub(super) announced: bool,
    /// Whether its rows were seen.
    pub(super) has_rows: bool,
    /// The rows, if they came before their columns.
    pub(super) held: Option<TextBuffer>,
    pub(super) partial: bool,
}

/// What to hand out. The rest of the event is in the decoder.
pub(super) enum Found {
    Series,
    Row(Range<usize>),
    End { partial: bool },
    Statement,
    Error,
}

/// What a part of the decoder came to.
pub(super) enum Turn {
    /// It left the rest to another part.
    Next,
    /// It needs more input.
    More,
    Found(Found),
}
