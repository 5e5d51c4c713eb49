//! A point under construction, whose type says what may come next.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use super::encode::LineEncoder;
use super::error::{LineEncodeError, LinePosition};
use super::escape::write_name;
use super::value::FieldValue;

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

impl<'e> PointTags<'e> {
    #[inline(always)]
    pub(super) fn new(encoder: &'e mut LineEncoder, at: usize) -> Self {
        Self { encoder, at, keys: 0 }
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
        let Self { encoder, at, keys } = self;
        let at = encoder.key(at, keys, key, LinePosition::TagKey)?;
        match write_name(&mut encoder.buffer, at, value, LinePosition::TagValue) {
            Ok(at) => Ok(Self { encoder, at, keys: keys + 1 }),
            Err(problem) => Err(encoder.error(LinePosition::TagValue, key, value, problem)),
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
        let Self { encoder, at, keys } = self;
        encoder.check_keys(keys, LinePosition::TagKey)?;
        Ok(PointFields { encoder, at, keys, series_end: at })
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
        let Self { encoder, at: start, keys, series_end } = self;
        let at = encoder.key(start, keys, key, LinePosition::FieldKey)?;
        // Without the comma and the equals sign.
        encoder
            .check_key_len(series_end - encoder.complete, at - start - 2)
            .map_err(|problem| encoder.error(LinePosition::FieldKey, "", key, problem))?;
        let value = value.into();
        match value.write(&mut encoder.buffer, at, &encoder.options) {
            Ok(Some(at)) => Ok(Self { encoder, at, keys: keys + 1, series_end }),
            Ok(None) => Ok(Self { encoder, at: start, keys: keys + 1, series_end }),
            Err(problem) => Err(encoder.value_error(key, value, problem)),
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
        self.encoder.check_keys(self.keys, LinePosition::FieldKey)?;
        self.encoder.end(self.at, self.series_end, timestamp)
    }
}
