//! What the encoder does where servers differ.

use std::ops::RangeInclusive;

/// What the encoder does where servers differ. The defaults suit InfluxDB 1.x.
///
/// ```
/// use influx_proto::line::{LineEncoder, LineOptions, NonFinite};
///
/// let options = LineOptions::default().non_finite(NonFinite::OmitField);
/// let mut encoder = LineEncoder::with_options(options);
/// encoder.point("cpu")?.field("load", f64::NAN)?.field("idle", 0.5)?.timestamp(1)?;
/// assert_eq!(encoder.as_bytes(), b"cpu idle=0.5 1\n");
/// # Ok::<(), influx_proto::line::LineEncodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LineOptions {
    pub(super) non_finite: NonFinite,
    pub(super) unsigned: Unsigned,
    pub(super) max_key_len: usize,
    pub(super) timestamps: RangeInclusive<i64>,
}

/// What becomes of a float that is infinite or not a number, which no server stores.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum NonFinite {
    /// The point is an error.
    #[default]
    Error,
    /// The field is left out. A point without another field is still an error.
    OmitField,
}

/// How unsigned integers are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Unsigned {
    /// As signed integers; one above [`i64::MAX`] is an error.
    #[default]
    Signed,
    /// With the suffix `u`, whatever their size, so that a field keeps one type.
    /// InfluxDB 2.x takes it, 1.6.7 refuses the line.
    Suffix,
}

/// The most bytes that measurement, tags and one field key may have together, as written,
/// on InfluxDB 1.6.7. 4 bytes that its storage puts before the field key count.
pub const MAX_KEY_LEN: usize = 65_535;

/// What the server's storage puts between a series and a field key.
pub(super) const KEY_SEPARATOR_LEN: usize = 4;

/// The timestamps that InfluxDB 1.6.7 takes, in nanoseconds.
pub const TIMESTAMPS: RangeInclusive<i64> = -9_223_372_036_854_775_806..=9_223_372_036_854_775_806;

impl LineOptions {
    /// Sets what becomes of infinities and NaN; [`NonFinite::Error`] by default.
    #[must_use]
    pub fn non_finite(mut self, policy: NonFinite) -> Self {
        self.non_finite = policy;
        self
    }

    /// Sets how unsigned integers are written; [`Unsigned::Signed`] by default.
    #[must_use]
    pub fn unsigned(mut self, policy: Unsigned) -> Self {
        self.unsigned = policy;
        self
    }

    /// Sets how many bytes measurement, tags and one field key may have together;
    /// [`MAX_KEY_LEN`] by default.
    #[must_use]
    pub fn max_key_len(mut self, bytes: usize) -> Self {
        self.max_key_len = bytes;
        self
    }

    /// Sets which timestamps are taken; [`TIMESTAMPS`] by default.
    ///
    /// Narrow it for a unit other than nanoseconds, since the server multiplies before it checks.
    #[must_use]
    pub fn timestamps(mut self, range: RangeInclusive<i64>) -> Self {
        self.timestamps = range;
        self
    }
}

impl Default for LineOptions {
    fn default() -> Self {
        Self {
            non_finite: NonFinite::default(),
            unsigned: Unsigned::default(),
            max_key_len: MAX_KEY_LEN,
            timestamps: TIMESTAMPS,
        }
    }
}
