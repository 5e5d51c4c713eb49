//! A point under construction, whose type says what may come next.

#![expect(clippy::inline_always, reason = "a call would move a large result through memory")]

use super::encode::LineEncoder;
use super::error::{LineEncodeError, LinePosition};
use super::escape::write_name;
use super::value::FieldValue;

/// A point that takes tags, and then its first field.
#[derive(Debug)]
#[must_use = "a point is not written until `timestamp` or `untimed` ends it"]
pub struct PointTags<'e> {
    encoder: &'e mut LineEncoder,
}

/// A point that takes fields, and then its timestamp.
#[derive(Debug)]
#[must_use = "a point is not written until `timestamp` or `untimed` ends it"]
pub struct PointFields<'e> {
    encoder: &'e mut LineEncoder,
    /// How long measurement and tags are.
    series_len: usize,
}

impl<'e> PointTags<'e> {
    pub(super) fn new(encoder: &'e mut LineEncoder) -> Self {
        Self { encoder }
    }

    /// Adds a tag.
    ///
    /// # Errors
    ///
    /// A [`LineEncodeError`] if the key or the value is empty,
    /// contains a newline, carriage return or NUL,
    /// or has a backslash at its end or before a comma, space or equals sign;
    /// if the key is `time`, or appears twice.
    #[inline(always)]
    pub fn tag(self, key: &str, value: &str) -> Result<Self, LineEncodeError> {
        self.encoder.write_key(key, LinePosition::TagKey)?;
        write_name(&mut self.encoder.buffer, value, LinePosition::TagValue)
            .map_err(|problem| self.encoder.error(LinePosition::TagValue, key, value, problem))?;
        Ok(self)
    }

    /// Adds some tags, possibly none; an `Option` will do.
    ///
    /// # Errors
    ///
    /// As [`tag`](Self::tag).
    pub fn tags<'a>(
        self,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, LineEncodeError> {
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
    ) -> Result<PointFields<'e>, LineEncodeError> {
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
    ) -> Result<PointFields<'e>, LineEncodeError> {
        self.into_fields()?.fields(fields)
    }

    #[inline(always)]
    fn into_fields(self) -> Result<PointFields<'e>, LineEncodeError> {
        let encoder = self.encoder;
        encoder.check_keys(LinePosition::TagKey)?;
        let series_len = encoder.buffer.len() - encoder.complete;
        Ok(PointFields { encoder, series_len })
    }
}

impl PointFields<'_> {
    /// Adds a field.
    ///
    /// # Errors
    ///
    /// A [`LineEncodeError`] if the key is empty, is `time`, appears twice, starts with a tab,
    /// contains a newline, carriage return or NUL,
    /// or has a backslash at its end or before a comma, space, equals sign or quote;
    /// if measurement, tags and this key are too long together;
    /// or if the [options](super::LineOptions) do not allow the value.
    #[inline(always)]
    pub fn field<'a>(
        self,
        key: &str,
        value: impl Into<FieldValue<'a>>,
    ) -> Result<Self, LineEncodeError> {
        let value = value.into();
        let encoder = &mut *self.encoder;
        let start = encoder.buffer.len();
        encoder.write_key(key, LinePosition::FieldKey)?;
        // Without the comma and the equals sign.
        let key_len = encoder.buffer.len() - start - 2;
        encoder
            .check_key_len(self.series_len, key_len)
            .map_err(|problem| encoder.error(LinePosition::FieldKey, "", key, problem))?;
        match value.write(&mut encoder.buffer, &encoder.options) {
            Ok(true) => {}
            Ok(false) => encoder.buffer.truncate(start),
            Err(problem) => return Err(encoder.value_error(key, value, problem)),
        }
        Ok(self)
    }

    /// Adds some fields, possibly none; an `Option` will do.
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field).
    pub fn fields<'a, V: Into<FieldValue<'a>>>(
        self,
        fields: impl IntoIterator<Item = (&'a str, V)>,
    ) -> Result<Self, LineEncodeError> {
        fields.into_iter().try_fold(self, |point, (key, value)| point.field(key, value))
    }

    /// Ends the point with a timestamp, in the unit in which the lines will be sent.
    ///
    /// # Errors
    ///
    /// A [`LineEncodeError`] if the point has no field, or the timestamp is out of range.
    #[inline(always)]
    pub fn timestamp(self, timestamp: i64) -> Result<(), LineEncodeError> {
        self.end(Some(timestamp))
    }

    /// Ends the point without a timestamp: the server takes the time of its arrival.
    ///
    /// # Errors
    ///
    /// A [`LineEncodeError`] if the point has no field.
    #[inline(always)]
    pub fn untimed(self) -> Result<(), LineEncodeError> {
        self.end(None)
    }

    #[inline(always)]
    fn end(self, timestamp: Option<i64>) -> Result<(), LineEncodeError> {
        self.encoder.check_keys(LinePosition::FieldKey)?;
        self.encoder.end(self.series_len, timestamp)
    }
}
