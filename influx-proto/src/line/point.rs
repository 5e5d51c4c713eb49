//! A point under construction, whose type says what may come next.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use super::encode::LineEncoder;
use super::escape::write_name;
use super::parse::Line;
use super::value::{FieldValue, write_field, write_tag};
use crate::encode::{EncodeError, PointPart};
use crate::{Cell, Time};

/// A point that takes tags, and then its first field.
#[derive(Debug)]
#[must_use = "a point is not written until `timestamp` or `untimed` ends it"]
pub struct PointTags<'e> {
    encoder: &'e mut LineEncoder,
    /// The end of what is written.
    at: usize,
    /// The number of keys so far.
    keys: usize,
}

/// A point that takes fields, and then its timestamp.
#[derive(Debug)]
#[must_use = "a point is not written until `timestamp` or `untimed` ends it"]
pub struct PointFields<'e> {
    encoder: &'e mut LineEncoder,
    /// The end of what is written.
    at: usize,
    /// The number of keys so far.
    keys: usize,
    /// The end of measurement and tags.
    series_end: usize,
}

impl LineEncoder {
    /// Begins a point.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the measurement is empty, starts with `#` or a tab,
    /// contains a newline, carriage return or NUL,
    /// or has a backslash at its end or before a comma, space, equals sign or quote.
    #[inline(always)]
    pub fn point(&mut self, measurement: &str) -> Result<PointTags<'_>, EncodeError> {
        match write_name(&mut self.buffer, self.complete, measurement, PointPart::Measurement) {
            Ok(at) => Ok(PointTags::new(self, at)),
            Err(problem) => Err(self.measurement_error(measurement, problem)),
        }
    }

    /// Writes a point that was read from a line. Its timestamp is nanoseconds since 1970.
    ///
    /// Every line that [`lines`](super::lines) reads can be written again,
    /// as far as the options allow its values.
    ///
    /// # Errors
    ///
    /// As the methods of [`PointTags`] and [`PointFields`](super::PointFields).
    pub fn line(&mut self, line: &Line<'_>) -> Result<(), EncodeError> {
        let mut point = self.point(&line.measurement)?;
        for (key, value) in &line.tags {
            point = point.tag(key, value)?;
        }
        let mut point = point.into_fields()?;
        for (key, value) in &line.fields {
            point = point.field_cell(key, value.into())?;
        }
        point.end(line.timestamp.map(Time::from_nanos))
    }
}

impl<'e> PointTags<'e> {
    #[inline(always)]
    pub(super) fn new(encoder: &'e mut LineEncoder, at: usize) -> Self {
        Self { encoder, at, keys: 0 }
    }

    /// Adds a tag.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the key or the value is empty,
    /// contains a newline, carriage return or NUL,
    /// or has a backslash at its end or before a comma, space or equals sign;
    /// if the key is `time`, or appears twice.
    #[inline(always)]
    pub fn tag(self, key: &str, value: &str) -> Result<Self, EncodeError> {
        self.tag_cell(key, Cell::Str(value))
    }

    #[inline(always)]
    pub(super) fn tag_cell(self, key: &str, value: Cell<'_>) -> Result<Self, EncodeError> {
        let Self { encoder, at, keys } = self;
        let at = encoder.key(at, keys, key, PointPart::TagKey)?;
        match write_tag(&mut encoder.buffer, at, value) {
            Ok(at) => Ok(Self { encoder, at, keys: keys + 1 }),
            Err(problem) => Err(encoder.value_error(PointPart::TagValue, key, value, problem)),
        }
    }

    /// Adds some tags, possibly none; an `Option` will do.
    ///
    /// # Errors
    ///
    /// As [`tag`](Self::tag).
    pub fn tags<'a>(
        self,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, EncodeError> {
        tags.into_iter().try_fold(self, |point, (key, value)| point.tag(key, value))
    }

    /// Adds the first field.
    ///
    /// # Errors
    ///
    /// As [`PointFields::field`].
    #[inline(always)]
    pub fn field<'a>(
        self,
        key: &str,
        value: impl Into<FieldValue<'a>>,
    ) -> Result<PointFields<'e>, EncodeError> {
        self.into_fields()?.field(key, value)
    }

    /// Adds some fields, possibly none; an `Option` will do.
    ///
    /// # Errors
    ///
    /// As [`PointFields::field`].
    pub fn fields<'a, V: Into<FieldValue<'a>>>(
        self,
        fields: impl IntoIterator<Item = (&'a str, V)>,
    ) -> Result<PointFields<'e>, EncodeError> {
        self.into_fields()?.fields(fields)
    }

    #[inline(always)]
    pub(super) fn into_fields(self) -> Result<PointFields<'e>, EncodeError> {
        let Self { encoder, at, keys } = self;
        encoder.check_keys(keys, PointPart::TagKey)?;
        Ok(PointFields { encoder, at, keys, series_end: at })
    }
}

impl PointFields<'_> {
    /// Adds a field.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the key is empty, is `time`, appears twice, starts with a tab,
    /// contains a newline, carriage return or NUL,
    /// or has a backslash at its end or before a comma, space, equals sign or quote;
    /// if measurement, tags and this key are too long together;
    /// or if the [options](crate::encode::EncodeOptions) do not allow the value.
    #[inline(always)]
    pub fn field<'a>(
        self,
        key: &str,
        value: impl Into<FieldValue<'a>>,
    ) -> Result<Self, EncodeError> {
        self.field_cell(key, Cell::from(&value.into()))
    }

    #[inline(always)]
    pub(super) fn field_cell(self, key: &str, value: Cell<'_>) -> Result<Self, EncodeError> {
        let Self { encoder, at: start, keys, series_end } = self;
        let at = encoder.key(start, keys, key, PointPart::FieldKey)?;
        // Without the comma and the equals sign.
        encoder.check_key_len(start, key, series_end, at - start - 2)?;
        match write_field(&mut encoder.buffer, at, value, &encoder.options) {
            Ok(Some(at)) => Ok(Self { encoder, at, keys: keys + 1, series_end }),
            Ok(None) => Ok(Self { encoder, at: start, keys: keys + 1, series_end }),
            Err(problem) => Err(encoder.value_error(PointPart::FieldValue, key, value, problem)),
        }
    }

    /// Adds some fields, possibly none; an `Option` will do.
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field).
    pub fn fields<'a, V: Into<FieldValue<'a>>>(
        self,
        fields: impl IntoIterator<Item = (&'a str, V)>,
    ) -> Result<Self, EncodeError> {
        fields.into_iter().try_fold(self, |point, (key, value)| point.field(key, value))
    }

    /// Ends the point with a timestamp: nanoseconds since 1970.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the point has no field, or the timestamp is out of range.
    #[inline(always)]
    pub fn timestamp(self, nanos: i64) -> Result<(), EncodeError> {
        self.end(Some(Time::from_nanos(nanos)))
    }

    /// Ends the point without a timestamp: it has the
    /// [time of the options](crate::encode::EncodeOptions::time) or that of its arrival.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the point has no field.
    #[inline(always)]
    pub fn untimed(self) -> Result<(), EncodeError> {
        self.end(None)
    }

    #[inline(always)]
    pub(super) fn end(self, time: Option<Time>) -> Result<(), EncodeError> {
        self.encoder.check_keys(self.keys, PointPart::FieldKey)?;
        self.encoder.end(self.at, self.series_end, time)
    }
}
