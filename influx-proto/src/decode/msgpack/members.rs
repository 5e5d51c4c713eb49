//! The small members of maps: everything in an answer but the rows.

use std::collections::BTreeMap;

use super::marker::{Excess, Marker, Stop};
use super::{MsgpackDecoder, Turn};
use crate::decode::error::DecodeError;
use crate::decode::event::Notice;
use crate::decode::series::grammar::{Member, Scope};
use crate::row::Plan;

impl MsgpackDecoder {
    pub(super) fn read_key(&mut self, scope: Scope) -> Result<Turn, DecodeError> {
        let start = self.buffer.offset();
        let length = match self.measure_value()? {
            Ok(length) => length,
            Err(turn) => return Ok(turn),
        };
        let mut value = Value(self.buffer.pending().get(..length).unwrap_or_default());
        let Some(name) = value.text() else {
            return Err(DecodeError::Msgpack { offset: start, found: "a name that is not text" });
        };
        self.member = Some(match scope.member(&name.lossy()) {
            // A document is a series only in JSON.
            Member::Name | Member::Columns | Member::Rows if scope == Scope::Document => {
                Member::Unknown
            }
            member => member,
        });
        self.buffer.consume(length);
        if let Some(map) = self.levels.last_mut() {
            map.left = map.left.saturating_sub(1);
        }
        Ok(Turn::Next)
    }

    pub(super) fn read_value(&mut self, member: Member) -> Result<Turn, DecodeError> {
        if let Member::Rows | Member::List(_) = member {
            if member == Member::Rows && !self.series.announced {
                let turn = self.announce()?;
                self.remember_head();
                return Ok(turn);
            }
            return self.begin_list(member);
        }
        let start = self.buffer.offset();
        let length = match self.measure_value()? {
            Ok(length) => length,
            Err(turn) => return Ok(turn),
        };
        let range = self.buffer.consume(length);
        self.member = None;
        let value = Value(self.buffer.consumed(range));
        if value.is_nil() {
            return Ok(Turn::Next);
        }
        let wrong = |found| DecodeError::Msgpack { offset: start, found };
        match member {
            Member::Name => {
                let name = value.only(Value::text).ok_or(wrong("a name that is not text"))?;
                (self.series.is_invalid, self.head.name) =
                    (self.series.is_invalid || !name.is_valid(), name.lossy());
                self.forget_head();
            }
            Member::Tags => {
                let tags = value.only(Value::tags);
                let (tags, is_valid) = tags.ok_or(wrong("tags that are not a map of texts"))?;
                self.head.tags = tags;
                self.series.is_invalid |= !is_valid;
                self.forget_head();
            }
            Member::Columns if self.series.has_columns => {
                return Err(wrong("the columns of a series for the second time"));
            }
            Member::Columns => {
                let limit = self.options.max_columns;
                if value.length().is_some_and(|count| count > limit) {
                    return Err(DecodeError::TooLarge {
                        what: "max_columns",
                        limit,
                        offset: start,
                    });
                }
                let columns = value.only(|value| value.list(Value::text));
                let columns = columns.ok_or(wrong("columns that are not a list of texts"))?;
                self.series.is_invalid |= columns.iter().any(|column| !column.is_valid());
                let columns = columns.iter().map(Text::lossy).collect();
                self.set_columns(columns);
                self.series.has_columns = true;
            }
            Member::StatementId => {
                let id = value.only(Value::int).and_then(|id| u64::try_from(id).ok());
                self.statement.id = Some(id.ok_or(wrong("a statement's number that is none"))?);
            }
            Member::Messages => {
                let notices = value.only(|value| value.list(Value::notice));
                self.statement.notices = notices.ok_or(wrong("messages of another shape"))?;
            }
            Member::Error => {
                let text = value.only(Value::text).ok_or(wrong("an error that is not text"))?;
                self.statement.error = Some(text.lossy());
                if let [_] = self.levels.as_slice() {
                    self.is_plain = false;
                    return Ok(Turn::Found(super::Found::Error));
                }
            }
            Member::Partial => {
                let partial = value.only(Value::bool).ok_or(wrong("`partial` without a bool"))?;
                if self.is_in_series() {
                    self.series.partial = partial;
                } else {
                    self.statement.partial = partial;
                }
            }
            Member::Unknown | Member::Rows | Member::List(_) => {}
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

    /// The same bytes before the rows do not tell the same head again.
    fn forget_head(&mut self) {
        if self.series.has_rows {
            self.known.bytes.clear();
        }
    }

    fn is_in_series(&self) -> bool {
        matches!(self.levels.last(), Some(level) if level.kind == super::Kind::Object(Scope::Series))
    }

    /// The length of the next name or value, or the next turn.
    fn measure_value(&mut self) -> Result<Result<usize, Turn>, DecodeError> {
        let limit = self.options.max_member;
        let start = self.buffer.offset();
        let max_string = self.options.max_string;
        match self.measure.scan(self.buffer.pending(), limit, max_string) {
            Ok(Ok(length)) => Ok(Ok(length)),
            Ok(Err(Excess::Value)) => {
                Err(DecodeError::TooLarge { what: "max_member", limit, offset: start })
            }
            Ok(Err(Excess::String(at))) => Err(DecodeError::TooLarge {
                what: "max_string",
                limit: max_string,
                offset: start + at as u64,
            }),
            Err(Stop::More(needed)) => Ok(Err(Turn::More(needed))),
            Err(Stop::Wrong(found)) => Err(self.wrong(found)),
        }
    }
}

/// A text, perhaps not UTF-8.
#[derive(Clone, Copy)]
struct Text<'a>(&'a [u8]);

impl Text<'_> {
    fn is_valid(&self) -> bool {
        std::str::from_utf8(self.0).is_ok()
    }

    fn lossy(&self) -> String {
        String::from_utf8_lossy(self.0).into_owned()
    }
}

/// A value that is all there. Every method reads a part of it; `None` is another type.
#[derive(Clone, Copy)]
struct Value<'a>(&'a [u8]);

impl<'a> Value<'a> {
    /// Reads all of the value.
    fn only<T>(mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        read(&mut self)
    }

    fn is_nil(self) -> bool {
        self.0 == [0xc0]
    }

    /// The number of elements of a list.
    fn length(mut self) -> Option<usize> {
        let Marker::Array(count) = self.marker()? else { return None };
        usize::try_from(count).ok()
    }

    fn marker(&mut self) -> Option<Marker> {
        let (marker, rest) = Marker::read(self.0).ok()?;
        self.0 = rest;
        Some(marker)
    }

    fn text(&mut self) -> Option<Text<'a>> {
        let Marker::Str(length) = self.marker()? else { return None };
        let (text, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(Text(text))
    }

    fn int(&mut self) -> Option<i64> {
        let Marker::Int(value) = self.marker()? else { return None };
        Some(value)
    }

    fn bool(&mut self) -> Option<bool> {
        let Marker::Bool(value) = self.marker()? else { return None };
        Some(value)
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let Marker::Array(count) = self.marker()? else { return None };
        (0..count).map(|_| read(self)).collect()
    }

    /// Tags, and whether all are UTF-8. Two of one name are another type.
    fn tags(&mut self) -> Option<(BTreeMap<String, String>, bool)> {
        let Marker::Map(count) = self.marker()? else { return None };
        let mut is_valid = true;
        let mut tags = BTreeMap::new();
        for _ in 0..count {
            let (key, value) = (self.text()?, self.text()?);
            is_valid &= key.is_valid() && value.is_valid();
            if tags.insert(key.lossy(), value.lossy()).is_some() {
                return None;
            }
        }
        Some((tags, is_valid))
    }

    fn notice(&mut self) -> Option<Notice> {
        let Marker::Map(count) = self.marker()? else { return None };
        let mut notice = Notice::default();
        for _ in 0..count {
            let (key, text) = (self.text()?, self.text()?.lossy());
            match key.0 {
                b"level" => notice.level = text,
                b"text" => notice.text = text,
                _ => {}
            }
        }
        Some(notice)
    }
}
