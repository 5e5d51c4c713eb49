//! Rows out of an answer in any format, and the judgement of the answer as a whole.

use super::answer_format::AnswerFormat;
use super::error::DecodeError;
use super::event::{Event, Statement};
use super::msgpack::MsgpackDecoder;
use super::options::{DecodeOptions, Shape};
use super::series::SeriesDecoder;

/// A decoder of rows whose format is known only at run time.
///
/// It reads what the decoder of its format reads, and gives the same events. With
/// [`Shape::Results`], it also judges the answer as a whole:
///
/// - the refusal of one statement is an [`Event::Error`];
/// - an answer without a statement, one whose last statement goes on, and one that leaves out the
///   number of a statement are [`DecodeError::Truncated`], after [`finish`](Self::finish).
///
/// ```
/// use influx_proto::decode::{AnswerFormat, DecodeError, DecodeOptions, RowDecoder, Shape};
///
/// let mut options = DecodeOptions::default();
/// options.shape = Shape::Results;
/// let mut decoder = RowDecoder::new(AnswerFormat::Json, options);
/// decoder.push(b"{}");
/// decoder.finish();
/// assert!(matches!(decoder.next_event(), Err(DecodeError::Truncated { .. })));
/// ```
#[derive(Clone, Debug)]
pub struct RowDecoder {
    inner: Inner,
    shape: Shape,
    is_finished: bool,
    statements: Statements,
}

#[derive(Clone, Debug)]
enum Inner {
    Json(Box<SeriesDecoder>),
    Msgpack(Box<MsgpackDecoder>),
}

/// The statements so far.
#[derive(Clone, Copy, Debug, Default)]
struct Statements {
    /// The number of the last one; `None` before the first.
    last: Option<u64>,
    /// Whether the answer goes on with the last one.
    is_partial: bool,
    /// Whether the numbers have a gap.
    has_gap: bool,
}

impl RowDecoder {
    /// A decoder of this format with options of the caller.
    pub fn new(format: AnswerFormat, options: DecodeOptions) -> Self {
        let inner = match format {
            AnswerFormat::Json => Inner::Json(Box::new(SeriesDecoder::with_options(options))),
            AnswerFormat::Msgpack => {
                Inner::Msgpack(Box::new(MsgpackDecoder::with_options(options)))
            }
        };
        let statements = Statements::default();
        Self { inner, shape: options.shape, is_finished: false, statements }
    }

    /// Takes the next piece of the input, of any length.
    ///
    /// Ignored after an error and after [`finish`](Self::finish).
    pub fn push(&mut self, piece: &[u8]) {
        match &mut self.inner {
            Inner::Json(decoder) => decoder.push(piece),
            Inner::Msgpack(decoder) => decoder.push(piece),
        }
    }

    /// Declares the end of the input.
    pub fn finish(&mut self) {
        self.is_finished = true;
        match &mut self.inner {
            Inner::Json(decoder) => decoder.finish(),
            Inner::Msgpack(decoder) => decoder.finish(),
        }
    }

    /// The next event, or `None` if more input is needed (before [`finish`](Self::finish))
    /// or all is done (after it).
    ///
    /// # Errors
    ///
    /// [`DecodeError`], the same on every further call unless it is [`DecodeError::NotUtf8`].
    #[inline]
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        let event = match &mut self.inner {
            Inner::Json(decoder) => decoder.next_event()?,
            Inner::Msgpack(decoder) => decoder.next_event()?,
        };
        match event {
            Some(Event::Statement(statement)) if self.shape == Shape::Results => {
                Ok(Some(self.statements.judge(statement)))
            }
            None if self.is_finished && self.shape == Shape::Results => self.statements.check_end(),
            event => Ok(event),
        }
    }

    /// The number of bytes that arrived and were neither handed out nor skipped.
    pub fn buffered(&self) -> usize {
        match &self.inner {
            Inner::Json(decoder) => decoder.buffered(),
            Inner::Msgpack(decoder) => decoder.buffered(),
        }
    }

    /// Where the document begins, and how many bytes of it were handed out.
    #[inline]
    pub(super) fn document(&self) -> (u64, u64) {
        match &self.inner {
            Inner::Json(decoder) => decoder.document(),
            Inner::Msgpack(decoder) => decoder.document(),
        }
    }
}

impl Default for RowDecoder {
    /// A decoder of JSON with the default [`DecodeOptions`].
    fn default() -> Self {
        Self::new(AnswerFormat::Json, DecodeOptions::default())
    }
}

impl Statements {
    /// Notes a statement, or a part of it. The refusal of a statement is an error.
    fn judge<'a>(&mut self, statement: Statement<'a>) -> Event<'a> {
        // Only a refusal in MessagePack has no number; nothing is read behind it.
        let id = statement.id.unwrap_or_default();
        self.has_gap |= self.last.map_or(id > 0, |last| id > last.saturating_add(1));
        self.last = Some(id);
        self.is_partial = statement.partial;
        match statement.error {
            Some(error) => Event::Error(error),
            None => Event::Statement(statement),
        }
    }

    fn check_end<'a>(self) -> Result<Option<Event<'a>>, DecodeError> {
        if self.last.is_none() || self.is_partial || self.has_gap {
            return Err(DecodeError::Truncated { bytes: 0 });
        }
        Ok(None)
    }
}
