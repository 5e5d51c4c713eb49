//! The rows of a series.

use super::grammar::{Meeting, Place, Scope, Slot};
use super::reader::RowStop;
use super::{Found, SeriesDecoder, Turn};
use crate::json::buffer::Buffer;
use crate::json::error::DecodeError;
use crate::json::stop::Stop;

impl SeriesDecoder {
    /// Enters the list of rows: after the head of the series was handed out.
    pub(super) fn begin_rows(&mut self, scope: Scope) -> Turn {
        self.series.seen = true;
        if !self.series.announced {
            return self.announce();
        }
        self.series.has_rows = true;
        self.source().consume(1);
        self.place = Place::Rows(scope, Slot::First);
        Turn::Next
    }

    /// Between rows.
    pub(super) fn read_row(&mut self, scope: Scope, slot: Slot) -> Result<Turn, DecodeError> {
        let mut slot = slot;
        loop {
            let source = self.series.held.as_mut().unwrap_or(&mut self.buffer);
            let Some(byte) = source.peek() else {
                self.place = Place::Rows(scope, slot);
                return Ok(Turn::More);
            };
            match slot.meet(byte, b']') {
                Meeting::Close => return Ok(self.end_rows(scope)),
                Meeting::Comma => {
                    source.consume(1);
                    slot = Slot::Next;
                }
                Meeting::Element if byte == b'[' => break,
                Meeting::Element => return Ok(self.stumble(Some("a row in brackets"))),
                Meeting::Nothing => return Ok(self.stumble(Some("`,` or `]`"))),
            }
        }
        let source = self.series.held.as_mut().unwrap_or(&mut self.buffer);
        let limit = self.limits.max_row();
        let pending = source.pending();
        let window = pending.get(..limit).unwrap_or(pending);
        match self.rows.read(window) {
            Ok(length) => {
                self.place = Place::Rows(scope, Slot::After);
                Ok(Turn::Found(Found::Row(source.consume(length))))
            }
            Err(RowStop::Stop(Stop::More)) if pending.len() > window.len() => {
                let offset = source.offset();
                Err(DecodeError::Exceeded { setting: "max_row", limit, offset })
            }
            Err(RowStop::Stop(Stop::More)) => {
                self.place = Place::Rows(scope, slot);
                Ok(Turn::More)
            }
            Err(RowStop::Stop(Stop::Wrong { left, message })) => {
                let seen = window.get(..=window.len() - left).unwrap_or(window);
                Err(DecodeError::json(source.offset(), seen, message))
            }
            Err(RowStop::Width { found }) => Err(DecodeError::Width {
                offset: source.offset(),
                expected: self.rows.width(),
                found,
            }),
        }
    }

    /// Leaves the list of rows.
    fn end_rows(&mut self, scope: Scope) -> Turn {
        if self.series.held.take().is_none() {
            self.buffer.consume(1);
        }
        self.place = Place::Object(scope, Slot::After);
        Turn::Next
    }

    /// Where the rows come from.
    fn source(&mut self) -> &mut Buffer {
        self.series.held.as_mut().unwrap_or(&mut self.buffer)
    }
}
