//! The small members of objects: everything in an answer but the rows.

use std::mem;
use std::ops::Range;

use serde::de::{Deserialize, IgnoredAny};

use super::grammar::{Member, Place, Scope, Slot};
use super::state::{Found, Turn};
use super::{MIN_DEPTH, SeriesDecoder};
use crate::decode::error::DecodeError;
use crate::decode::options::Shape;
use crate::decode::scan::{ScanError, Scanner};
use crate::decode::text_buffer::TextBuffer;
use crate::row::Plan;
use crate::text::string;

impl SeriesDecoder {
    pub(super) fn read_key(&mut self, scope: Scope) -> Result<Turn, DecodeError> {
        let range = match self.scan_member(scope)? {
            Ok(range) => range,
            Err(turn) => return Ok(turn),
        };
        self.check_strings(range.clone())?;
        let member = match scope.member(&self.parse::<String>(range)?) {
            Member::List(_) if self.options.shape == Shape::Series => Member::Unknown,
            member => member,
        };
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

    /// Takes the value of a member.
    fn set(
        &mut self,
        scope: Scope,
        member: Member,
        range: Range<usize>,
    ) -> Result<Turn, DecodeError> {
        let offset = self.buffer.offset_of(range.start);
        if member != Member::Rows {
            self.check_strings(range.clone())?;
        }
        self.series.seen |= matches!(member, Member::Name | Member::Columns | Member::Rows);
        match member {
            Member::Name => {
                let name: Option<String> = self.parse(range)?;
                self.series.has_name = name.is_some();
                self.head.name = name.unwrap_or_default();
                if self.series.has_rows {
                    // The same bytes before the rows do not tell the same name again.
                    self.known.clear();
                }
            }
            Member::Tags => self.head.tags = self.parse_or_null(range)?,
            Member::StatementId => self.statement.id = self.parse(range)?,
            Member::Messages => self.statement.notices = self.parse_or_null(range)?,
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
                let limit = self.options.max_columns;
                if columns.len() > limit {
                    return Err(DecodeError::TooLarge { what: "max_columns", limit, offset });
                }
                self.set_columns(columns);
                self.series.has_columns = true;
            }
            Member::Rows if self.series.has_rows => return Err(self.repeated(range, "rows")),
            Member::Rows if self.buffer.consumed(range.clone()).starts_with('[') => {
                let held = self.buffer.consumed(range).to_owned();
                self.series.has_rows = true;
                self.series.held = Some(TextBuffer::of(held, offset));
            }
            // Only null may be there instead of a list.
            Member::Rows | Member::List(_) => self.parse(range)?,
            Member::Unknown => {
                self.parse::<IgnoredAny>(range)?;
            }
        }
        Ok(Turn::Next)
    }

    pub(super) fn set_columns(&mut self, columns: Vec<String>) {
        // Every chunk of an answer repeats the head; the plan for it stays valid.
        if columns != self.head.columns {
            self.plan = Plan::default();
            self.rows.batch.set_columns(&columns, self.options.time_unit);
            self.head.columns = columns;
        }
    }

    /// Looks for the end of a name or value. Returns its place, or the next turn.
    fn scan_member(&mut self, scope: Scope) -> Result<Result<Range<usize>, Turn>, DecodeError> {
        let depth = self.options.depth(MIN_DEPTH).saturating_sub(scope.depth());
        let (scanner, length) = self.scan.get_or_insert_with(|| (Scanner::new(depth), 0));
        let limit = self.options.max_member;
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
                let offset = offset + (before + at) as u64;
                let limit = self.options.depth(MIN_DEPTH);
                return Err(DecodeError::TooLarge { what: "max_depth", limit, offset });
            }
        };
        self.scan = None;
        if end > limit {
            return Err(DecodeError::TooLarge { what: "max_member", limit, offset });
        }
        Ok(Ok(self.buffer.consume(end)))
    }

    /// Checks that no string of a name or value is too long.
    fn check_strings(&self, range: Range<usize>) -> Result<(), DecodeError> {
        let limit = self.options.max_string;
        let start = self.buffer.offset_of(range.start);
        let value = self.buffer.consumed(range);
        match string::find_longer(value.as_bytes(), limit) {
            Some(at) => {
                let offset = start + at as u64;
                Err(DecodeError::TooLarge { what: "max_string", limit, offset })
            }
            None => Ok(()),
        }
    }

    fn parse<'de, T: Deserialize<'de>>(&'de self, range: Range<usize>) -> Result<T, DecodeError> {
        let start = self.buffer.offset_of(range.start);
        let value = self.buffer.consumed(range);
        serde_json::from_str(value)
            .map_err(|error| DecodeError::serde(start, value.as_bytes(), &error))
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
        let first = value.as_bytes().get(..1).unwrap_or_default();
        DecodeError::json(start, first, &format!("a series has its {what} twice"))
    }
}
