//! Where documents, lists and maps begin and end.

use super::marker::{Marker, Stop};
use super::rows::RowStop;
use super::{Found, Kind, Level, MsgpackDecoder, SeriesState, Turn};
use crate::decode::error::DecodeError;
use crate::decode::options::InvalidText;
use crate::decode::series::grammar::{Member, Scope};
use crate::decode::series::state::StatementState;

impl MsgpackDecoder {
    /// Reads one name, value or marker.
    pub(super) fn step(&mut self) -> Result<Turn, DecodeError> {
        if let Some(member) = self.member {
            return self.read_value(member);
        }
        match self.levels.last_mut() {
            None => self.begin_document(),
            Some(Level { kind, left: 0 }) => {
                let kind = *kind;
                self.close(kind)
            }
            Some(Level { kind: Kind::Object(scope), .. }) => {
                let scope = *scope;
                self.read_key(scope)
            }
            Some(Level { kind: Kind::List(scope), .. }) => {
                let scope = *scope;
                self.begin(scope)
            }
            Some(Level { kind: Kind::Rows, .. }) => self.read_row(),
        }
    }

    fn begin_document(&mut self) -> Result<Turn, DecodeError> {
        let pending = self.buffer.pending();
        if pending.is_empty() || self.is_text() {
            return Ok(Turn::More(pending.len() + 1));
        }
        self.document = self.buffer.offset();
        if !self.known.bytes.is_empty() && pending.starts_with(&self.known.bytes) {
            return Ok(self.begin_known());
        }
        self.begin(Scope::Document)
    }

    /// Begins a document with the same head as the last one, as most chunks are.
    fn begin_known(&mut self) -> Turn {
        self.buffer.consume(self.known.bytes.len());
        self.levels.clone_from(&self.known.levels);
        self.member = Some(Member::Rows);
        self.statement = StatementState { id: self.head.statement_id, ..StatementState::default() };
        self.series = SeriesState {
            start: self.document,
            has_columns: true,
            announced: true,
            ..SeriesState::default()
        };
        Turn::Found(Found::Series)
    }

    /// Begins a map of this kind.
    fn begin(&mut self, scope: Scope) -> Result<Turn, DecodeError> {
        let start = self.buffer.offset();
        let left = match self.read_marker()? {
            Ok(Marker::Map(left)) => left,
            Ok(_) => return Err(wrong_at(start, "a value that is not a map")),
            Err(turn) => return Ok(turn),
        };
        if let Some(list) = self.levels.last_mut() {
            list.left = list.left.saturating_sub(1);
        }
        self.levels.push(Level { kind: Kind::Object(scope), left });
        if scope == Scope::Document {
            self.known.bytes.clear();
            self.is_plain = true;
        }
        if scope != Scope::Series {
            self.statement = StatementState::default();
        }
        if scope != Scope::Result {
            self.series = SeriesState { start, ..SeriesState::default() };
            self.head.name.clear();
            self.head.tags.clear();
        }
        Ok(Turn::Next)
    }

    /// Begins the list that a member is. Null is an empty one.
    pub(super) fn begin_list(&mut self, member: Member) -> Result<Turn, DecodeError> {
        let start = self.buffer.offset();
        let left = match self.read_marker()? {
            Ok(Marker::Array(left)) => left,
            Ok(Marker::Nil) => 0,
            Ok(_) => return Err(wrong_at(start, "a value that is not a list")),
            Err(turn) => return Ok(turn),
        };
        self.member = None;
        let kind = match member {
            Member::List(scope) => Kind::List(scope),
            _ if self.series.has_rows => {
                return Err(wrong_at(start, "the rows of a series for the second time"));
            }
            _ if !self.series.has_columns && left > 0 => {
                return Err(wrong_at(start, "rows before their columns"));
            }
            _ => {
                self.series.has_rows = true;
                Kind::Rows
            }
        };
        self.levels.push(Level { kind, left });
        Ok(Turn::Next)
    }

    /// Consumes the next marker, or tells the next turn.
    fn read_marker(&mut self) -> Result<Result<Marker, Turn>, DecodeError> {
        let pending = self.buffer.pending();
        match Marker::read(pending) {
            Ok((marker, rest)) => {
                let length = pending.len() - rest.len();
                self.buffer.consume(length);
                Ok(Ok(marker))
            }
            Err(Stop::More(needed)) => Ok(Err(Turn::More(needed))),
            Err(Stop::Wrong(found)) => Err(self.wrong(found)),
        }
    }

    /// Ends a map or list, after the events that have to come before.
    fn close(&mut self, kind: Kind) -> Result<Turn, DecodeError> {
        if kind == Kind::Object(Scope::Series) && !self.series.announced {
            return self.announce();
        }
        self.levels.pop();
        self.is_plain &= kind == Kind::Rows;
        Ok(match kind {
            Kind::Object(Scope::Series) if !self.series.is_refused => {
                Turn::Found(Found::End { partial: self.series.partial })
            }
            Kind::Object(Scope::Result) => Turn::Found(Found::Statement),
            _ => Turn::Next,
        })
    }

    /// Hands out the head of a series, or refuses the series.
    pub(super) fn announce(&mut self) -> Result<Turn, DecodeError> {
        if !self.series.has_columns {
            self.set_columns(Vec::new());
        }
        self.head.statement_id = self.statement.id;
        self.series.announced = true;
        if self.series.is_invalid && self.options.invalid_text == InvalidText::Refuse {
            self.series.is_refused = true;
            return Err(DecodeError::NotUtf8 {
                series: self.head.name.clone(),
                place: "the name, a tag or a column".to_owned(),
                offset: self.series.start,
            });
        }
        Ok(Turn::Found(Found::Series))
    }

    /// Remembers the head of a document whose rows begin, if it is still there.
    pub(super) fn remember_head(&mut self) {
        let is_plain = self.is_plain
            && self.statement.error.is_none()
            && self.statement.notices.is_empty()
            && !self.statement.partial
            && !self.series.partial
            && !self.series.is_invalid;
        let head = self.buffer.since(self.document).filter(|_| is_plain);
        if let Some(head) = head.filter(|head| head.len() <= self.options.max_member) {
            self.known.bytes.clear();
            self.known.bytes.extend_from_slice(head);
            self.known.levels.clone_from(&self.levels);
        }
    }

    /// Judges why a row was not read.
    #[inline(never)]
    pub(super) fn stopped_row(&mut self, stop: RowStop) -> Result<Turn, DecodeError> {
        let start = self.buffer.offset() - self.rows.length() as u64;
        Err(match stop {
            RowStop::Stop(Stop::More(needed)) => return Ok(Turn::More(needed)),
            RowStop::Stop(Stop::Wrong(found)) => self.wrong(found),
            RowStop::LongString => DecodeError::TooLarge {
                what: "max_string",
                limit: self.options.max_string,
                offset: self.buffer.offset(),
            },
            RowStop::Long => DecodeError::TooLarge {
                what: "max_row",
                limit: self.options.max_row,
                offset: start,
            },
            RowStop::Width(found) => {
                DecodeError::Width { offset: start, expected: self.rows.batch.width(), found }
            }
            RowStop::NotUtf8(_) if self.series.is_refused => return Ok(self.pass_row()),
            RowStop::NotUtf8(column) => {
                self.pass_row();
                let column = self.head.columns.get(column).map_or("", String::as_str);
                DecodeError::NotUtf8 {
                    series: self.head.name.clone(),
                    place: format!("a text in column {column:?}"),
                    offset: start,
                }
            }
        })
    }

    /// Reads a row, and drops it if its series is refused.
    fn read_row(&mut self) -> Result<Turn, DecodeError> {
        let (read, outcome) = self.rows.read(self.buffer.pending(), &self.options);
        self.buffer.consume(read);
        match outcome {
            Ok(()) if self.series.is_refused => Ok(self.pass_row()),
            Ok(()) => {
                self.pass_row();
                Ok(Turn::Found(Found::Row))
            }
            Err(stop) => self.stopped_row(stop),
        }
    }

    /// Counts a row that was read.
    fn pass_row(&mut self) -> Turn {
        if let Some(rows) = self.levels.last_mut() {
            rows.left = rows.left.saturating_sub(1);
        }
        Turn::Next
    }

    /// An error at the first pending byte.
    pub(super) fn wrong(&self, found: &'static str) -> DecodeError {
        DecodeError::Msgpack { offset: self.buffer.offset(), found }
    }
}

fn wrong_at(offset: u64, found: &'static str) -> DecodeError {
    DecodeError::Msgpack { offset, found }
}
