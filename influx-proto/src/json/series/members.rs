//! Everything in an answer but the rows: documents, lists, objects and their small members.

use std::mem;
use std::ops::Range;

use serde::de::{Deserialize, IgnoredAny};

use super::grammar::{Meeting, Member, Place, Scope, Slot};
use super::{Found, SeriesDecoder, SeriesState, StatementState, Turn};
use crate::json::buffer::Buffer;
use crate::json::error::DecodeError;
use crate::json::scan::{ScanError, Scanner};
use crate::row::Plan;

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
    pub(super) fn enter_object(&mut self, scope: Scope, slot: Slot) -> Turn {
        let Some(byte) = self.buffer.peek() else {
            return Turn::More;
        };
        match slot.meet(byte, b'}') {
            Meeting::Close => self.close(scope),
            Meeting::Comma => self.go_on(Place::Object(scope, Slot::Next)),
            Meeting::Element if byte == b'"' => {
                self.place = Place::Key(scope);
                Turn::Next
            }
            Meeting::Element => self.stumble(Some("a name in quotes")),
            Meeting::Nothing => self.stumble(Some("`,` or `}`")),
        }
    }

    pub(super) fn read_key(&mut self, scope: Scope) -> Result<Turn, DecodeError> {
        let range = match self.scan_member(scope)? {
            Ok(range) => range,
            Err(turn) => return Ok(turn),
        };
        let member = scope.member(&self.parse::<String>(range)?);
        self.place = Place::Colon(scope, member);
        Ok(Turn::Next)
    }

    pub(super) fn enter_colon(&mut self, scope: Scope, member: Member) -> Turn {
        match self.buffer.peek() {
            None => Turn::More,
            Some(b':') => self.go_on(Place::Value(scope, member)),
            Some(_) => self.stumble(Some("`:`")),
        }
    }

    pub(super) fn read_value(&mut self, scope: Scope, member: Member) -> Result<Turn, DecodeError> {
        if self.scan.is_none() {
            match (self.buffer.peek(), member) {
                (None, _) => return Ok(Turn::More),
                (Some(b'['), Member::List(list)) => {
                    return Ok(self.go_on(Place::List(list, Slot::First)));
                }
                (Some(b'['), Member::Rows) if self.series.has_columns && !self.series.has_rows => {
                    return Ok(self.begin_rows(scope));
                }
                (Some(byte), _) if !Scanner::can_begin(byte) => {
                    return Ok(self.stumble(Some("a JSON value")));
                }
                _ => {}
            }
        }
        let range = match self.scan_member(scope)? {
            Ok(range) => range,
            Err(turn) => return Ok(turn),
        };
        self.place = Place::Object(scope, Slot::After);
        self.set(scope, member, range)
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

    /// Begins a document with the same head as the last one, as most of 0.8 are.
    fn begin_known(&mut self) -> Turn {
        self.buffer.consume(self.known.len());
        self.statement = StatementState::default();
        self.series = SeriesState {
            seen: true,
            has_columns: true,
            announced: true,
            has_rows: true,
            ..SeriesState::default()
        };
        self.place = Place::Rows(Scope::Document, Slot::First);
        Turn::Found(Found::Series)
    }

    /// Ends an object, after what has to come before.
    fn close(&mut self, scope: Scope) -> Turn {
        let is_series = match scope {
            Scope::Document => self.series.seen,
            Scope::Result => false,
            Scope::Series => true,
        };
        if is_series && !self.series.announced {
            return self.announce();
        }
        if self.series.held.is_some() {
            return self.begin_rows(scope);
        }
        self.go_on(match scope {
            Scope::Document if self.in_array => Place::Between(Slot::After),
            Scope::Document => Place::Between(Slot::First),
            Scope::Result | Scope::Series => Place::List(scope, Slot::After),
        });
        match scope {
            Scope::Result => Turn::Found(Found::Statement),
            _ if is_series => {
                let SeriesState { partial, .. } = mem::take(&mut self.series);
                Turn::Found(Found::End { partial })
            }
            _ => Turn::Next,
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

    /// Takes the value of a member.
    fn set(
        &mut self,
        scope: Scope,
        member: Member,
        range: Range<usize>,
    ) -> Result<Turn, DecodeError> {
        let offset = self.buffer.offset_of(range.start);
        self.series.seen |= matches!(member, Member::Name | Member::Columns | Member::Rows);
        match member {
            Member::Name => self.head.name = self.parse_or_null(range)?,
            Member::Tags => self.head.tags = self.parse_or_null(range)?,
            Member::StatementId => self.statement.id = self.parse(range)?,
            Member::Messages => self.statement.messages = self.parse_or_null(range)?,
            Member::Error => {
                self.statement.error = self.parse(range)?;
                if scope == Scope::Document && self.statement.error.is_some() {
                    self.is_plain = false;
                    return Ok(Turn::Found(Found::Error));
                }
            }
            Member::Partial if scope == Scope::Series => {
                self.series.partial = self.parse_or_null(range)?;
            }
            Member::Partial => self.statement.partial = self.parse_or_null(range)?,
            Member::Columns => {
                if self.series.has_rows && self.series.has_columns {
                    return Err(self.repeated(range, "columns"));
                }
                let columns: Vec<String> = self.parse_or_null(range)?;
                let limit = self.limits.max_columns();
                if columns.len() > limit {
                    return Err(DecodeError::Exceeded { setting: "max_columns", limit, offset });
                }
                self.set_columns(columns);
                self.series.has_columns = true;
            }
            Member::Rows if self.series.has_rows => return Err(self.repeated(range, "rows")),
            Member::Rows if self.buffer.consumed(range.clone()).starts_with(b"[") => {
                let held = self.buffer.consumed(range).to_vec();
                self.series.has_rows = true;
                self.series.held = Some(Buffer::of(held, offset));
            }
            // The only thing that may be there instead of a list.
            Member::Rows | Member::List(_) => self.parse(range)?,
            Member::Unknown => {
                self.parse::<IgnoredAny>(range)?;
            }
        }
        Ok(Turn::Next)
    }

    fn set_columns(&mut self, columns: Vec<String>) {
        // Every chunk of an answer repeats the head; what was found out about it stays true.
        if columns != self.head.columns {
            self.plan = Plan::default();
            self.rows.set_width(columns.len());
            self.head.columns = columns;
        }
    }

    /// Looks for the end of a name or value. Returns its place, or what to do instead.
    fn scan_member(&mut self, scope: Scope) -> Result<Result<Range<usize>, Turn>, DecodeError> {
        let depth = self.limits.max_depth().saturating_sub(scope.depth());
        let (scanner, length) = self.scan.get_or_insert_with(|| (Scanner::new(depth), 0));
        let limit = self.limits.max_member();
        let offset = self.buffer.offset();
        let pending = self.buffer.pending();
        // One byte more than allowed, which a number needs to be complete.
        let window = pending.get(..=limit).unwrap_or(pending);
        let found = scanner.scan(window.get(*length..).unwrap_or_default());
        let before = mem::replace(length, window.len());
        let end = match found {
            Ok(None) if window.len() > limit => limit + 1,
            Ok(None) => return Ok(Err(Turn::More)),
            Ok(Some(end)) => before + end,
            Err(ScanError::NoValue) => {
                return Ok(Err(self.stumble(Some("a JSON value"))));
            }
            Err(ScanError::Mismatch { at }) => {
                let seen = window.get(..=before + at).unwrap_or(window);
                return Err(DecodeError::json(offset, seen, "mismatched bracket"));
            }
            Err(ScanError::TooDeep { at }) => {
                let limit = self.limits.max_depth();
                return Err(DecodeError::TooDeep { limit, offset: offset + (before + at) as u64 });
            }
        };
        self.scan = None;
        if end > limit {
            return Err(DecodeError::Exceeded { setting: "max_member", limit, offset });
        }
        Ok(Ok(self.buffer.consume(end)))
    }

    fn parse<'de, T: Deserialize<'de>>(&'de self, range: Range<usize>) -> Result<T, DecodeError> {
        let start = self.buffer.offset_of(range.start);
        let value = self.buffer.consumed(range);
        serde_json::from_slice(value).map_err(|error| DecodeError::serde(start, value, &error))
    }

    /// A value whose absence Go writes as null.
    fn parse_or_null<T>(&self, range: Range<usize>) -> Result<T, DecodeError>
    where
        T: Default + for<'de> Deserialize<'de>,
    {
        self.parse::<Option<T>>(range).map(Option::unwrap_or_default)
    }

    fn repeated(&self, range: Range<usize>, what: &str) -> DecodeError {
        let start = self.buffer.offset_of(range.start);
        let value = self.buffer.consumed(range);
        let first = value.get(..1).unwrap_or_default();
        DecodeError::json(start, first, &format!("a series has its {what} twice"))
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
