//! Where documents, lists and objects begin and end.

use std::mem;

use super::SeriesDecoder;
use super::grammar::{Meeting, Place, Scope, Slot};
use super::state::{Found, SeriesState, StatementState, Turn};
use crate::decode::error::DecodeError;
use crate::decode::options::Shape;

impl SeriesDecoder {
    /// Where a document may begin.
    pub(super) fn enter_document(&mut self, slot: Slot) -> Turn {
        let Some(byte) = self.buffer.peek() else {
            return Turn::More;
        };
        if !self.in_array {
            match byte {
                b'{' => return self.begin(Scope::Document),
                b'[' => {
                    self.in_array = true;
                    return self.go_on(Place::Between(Slot::First));
                }
                _ => return self.stumble(None),
            }
        }
        match slot.meet(byte, b']') {
            Meeting::Close => {
                self.in_array = false;
                self.go_on(Place::Between(Slot::First))
            }
            Meeting::Comma => self.go_on(Place::Between(Slot::Next)),
            Meeting::Element if byte == b'{' => self.begin(Scope::Document),
            Meeting::Element => self.stumble(Some("an object")),
            Meeting::Nothing => self.stumble(Some("`,` or `]`")),
        }
    }

    /// Between the objects of a list.
    pub(super) fn enter_list(&mut self, scope: Scope, slot: Slot) -> Turn {
        let Some(byte) = self.buffer.peek() else {
            return Turn::More;
        };
        match slot.meet(byte, b']') {
            Meeting::Close => {
                let owner = if scope == Scope::Series { Scope::Result } else { Scope::Document };
                self.go_on(Place::Object(owner, Slot::After))
            }
            Meeting::Comma => self.go_on(Place::List(scope, Slot::Next)),
            Meeting::Element if byte == b'{' => self.begin(scope),
            Meeting::Element => self.stumble(Some("an object")),
            Meeting::Nothing => self.stumble(Some("`,` or `]`")),
        }
    }

    /// Between the members of an object.
    pub(super) fn enter_object(&mut self, scope: Scope, slot: Slot) -> Result<Turn, DecodeError> {
        let Some(byte) = self.buffer.peek() else {
            return Ok(Turn::More);
        };
        Ok(match slot.meet(byte, b'}') {
            Meeting::Close => return self.close(scope),
            Meeting::Comma => self.go_on(Place::Object(scope, Slot::Next)),
            Meeting::Element if byte == b'"' => {
                self.place = Place::Key(scope);
                Turn::Next
            }
            Meeting::Element => self.stumble(Some("a name in quotes")),
            Meeting::Nothing => self.stumble(Some("`,` or `}`")),
        })
    }

    /// Begins an object.
    fn begin(&mut self, scope: Scope) -> Turn {
        self.is_plain = scope == Scope::Document;
        if self.is_plain {
            self.document = self.buffer.offset();
            if !self.known.is_empty() && self.buffer.pending().starts_with(&self.known) {
                return self.begin_known();
            }
        }
        if scope != Scope::Series {
            self.statement = StatementState::default();
        }
        if scope != Scope::Result {
            self.known.clear();
            self.series = SeriesState::default();
            self.head.name.clear();
            self.head.tags.clear();
        }
        self.go_on(Place::Object(scope, Slot::First))
    }

    /// Begins a document with the same head as the last one, as most chunks are.
    fn begin_known(&mut self) -> Turn {
        self.buffer.consume(self.known.len());
        self.statement = StatementState::default();
        self.series = SeriesState {
            seen: true,
            has_name: true,
            has_columns: true,
            announced: true,
            has_rows: true,
            ..SeriesState::default()
        };
        self.place = Place::Rows(Scope::Document, Slot::First);
        Turn::Found(Found::Series)
    }

    /// Ends an object, after the events that have to come before.
    fn close(&mut self, scope: Scope) -> Result<Turn, DecodeError> {
        let is_series = match scope {
            Scope::Document => self.series.seen,
            Scope::Result => false,
            Scope::Series => true,
        };
        if scope == Scope::Document && self.series.held.is_none() {
            self.check_shape()?;
        }
        if is_series && !self.series.announced {
            return Ok(self.announce());
        }
        if self.series.held.is_some() {
            return Ok(self.begin_rows(scope));
        }
        self.go_on(match scope {
            Scope::Document if self.in_array => Place::Between(Slot::After),
            Scope::Document => Place::Between(Slot::First),
            Scope::Result | Scope::Series => Place::List(scope, Slot::After),
        });
        Ok(match scope {
            Scope::Result => Turn::Found(Found::Statement),
            _ if is_series => {
                let SeriesState { partial, .. } = mem::take(&mut self.series);
                Turn::Found(Found::End { partial })
            }
            _ => Turn::Next,
        })
    }

    /// Checks that a document that ends has the parts that its shape promises.
    fn check_shape(&self) -> Result<(), DecodeError> {
        let members = [
            ("name", self.series.has_name),
            ("columns", self.series.has_columns && !self.head.columns.is_empty()),
            ("points", self.series.has_rows),
        ];
        let missing = members.iter().find(|(_, is_there)| !is_there);
        match missing.filter(|_| self.options.shape == Shape::Series) {
            None => Ok(()),
            // Nothing of the document but its closing brace is surely still there.
            Some((member, _)) => {
                let expected = format!("the member `{member}` of a series");
                Err(DecodeError::unexpected(self.buffer.offset(), b"}", &expected))
            }
        }
    }

    /// Hands out the head of the series.
    pub(super) fn announce(&mut self) -> Turn {
        if !self.series.has_columns {
            self.set_columns(Vec::new());
        }
        self.head.statement_id = self.statement.id;
        self.series.announced = true;
        Turn::Found(Found::Series)
    }

    /// Consumes one byte and goes on elsewhere.
    pub(super) fn go_on(&mut self, place: Place) -> Turn {
        self.buffer.consume(1);
        self.place = place;
        Turn::Next
    }

    /// Finds something else than `expected`, or the server's message.
    pub(super) fn stumble(&mut self, expected: Option<&'static str>) -> Turn {
        self.place = Place::Text { expected };
        Turn::Next
    }
}
