//! The rows of a series.

use std::ops::Range;

use super::SeriesDecoder;
use super::grammar::{Meeting, Place, Scope, Slot};
use super::reader::RowStop;
use super::state::{Found, Turn};
use crate::decode::error::DecodeError;
use crate::text::Stop;

impl SeriesDecoder {
    /// Enters the list of rows: after the head of the series was handed out.
    pub(super) fn begin_rows(&mut self, scope: Scope) -> Turn {
        self.series.seen = true;
        if !self.series.announced {
            return self.announce();
        }
        self.series.has_rows = true;
        self.rows.batch.texts.max_len = self.options.max_string;
        self.place = Place::Rows(scope, Slot::First);
        if let Some(held) = &mut self.series.held {
            held.consume(1);
        } else {
            self.buffer.consume(1);
            self.remember_head();
        }
        Turn::Next
    }

    /// The next row, if it was read already.
    #[inline]
    pub(super) fn take_row(&mut self) -> Option<Range<usize>> {
        let length = self.rows.batch.take_ready()?;
        Some(self.series.held.as_mut().unwrap_or(&mut self.buffer).consume_element(length))
    }

    /// Whether the next row cannot be complete, because no bracket arrived.
    #[inline]
    pub(super) fn waits_for_row(&mut self) -> bool {
        let source = self.series.held.as_mut().unwrap_or(&mut self.buffer);
        match self.place {
            Place::Rows(_, Slot::Next) => {
                source.len() <= self.options.max_row && source.can_wait_for(b']')
            }
            Place::Rows(scope, Slot::After) if source.is_only(b',', b']') => {
                source.consume(1);
                self.place = Place::Rows(scope, Slot::Next);
                true
            }
            _ => false,
        }
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
        let limit = self.options.max_row;
        let pending = source.pending();
        let window = pending.get(..limit).unwrap_or(pending);
        let is_long = pending.len() > limit;
        let padded = if is_long { window } else { source.padded() };
        match self.rows.read(window, padded, source.is_all() || is_long) {
            Ok(length) => {
                self.place = Place::Rows(scope, Slot::After);
                Ok(Turn::Found(Found::Row(source.consume(length))))
            }
            Err(RowStop::Stop(Stop::More)) if pending.len() > limit => {
                let offset = source.offset();
                Err(DecodeError::TooLarge { what: "max_row", limit, offset })
            }
            Err(RowStop::Stop(Stop::More)) => {
                self.place = Place::Rows(scope, slot);
                Ok(Turn::More)
            }
            Err(RowStop::Stop(Stop::LongString { left })) => {
                let offset = source.offset() + (window.len() - left) as u64;
                let limit = self.options.max_string;
                Err(DecodeError::TooLarge { what: "max_string", limit, offset })
            }
            Err(RowStop::Stop(Stop::Wrong { left, message })) => {
                let seen = window.get(..=window.len() - left).unwrap_or(window);
                Err(DecodeError::json(source.offset(), seen, message))
            }
            Err(RowStop::Width { found }) => Err(DecodeError::Width {
                offset: source.offset(),
                expected: self.rows.batch.width(),
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

    /// Remembers the head of a document whose rows begin, if it is still there.
    fn remember_head(&mut self) {
        let head = self.buffer.since(self.document).filter(|_| self.is_plain);
        if let Some(head) = head.filter(|head| head.len() <= self.options.max_member) {
            self.known.clear();
            self.known.extend_from_slice(head.as_bytes());
        }
    }
}
