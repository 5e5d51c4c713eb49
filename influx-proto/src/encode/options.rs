//! The options of both encoders.

use std::ops::RangeInclusive;

use crate::{Time, TimeUnit};

/// The options of an encoder, set by assignment.
///
/// ```
/// use influx_proto::encode::{EncodeOptions, NonFinite};
/// use influx_proto::{Format, Point};
///
/// let mut options = EncodeOptions::default();
/// options.non_finite = NonFinite::Omit;
/// let point = Point::new("cpu").field("load", f64::NAN).field("idle", 0.5);
/// let bodies = Format::Lines.encode(&point, &options, None)?;
/// assert_eq!(bodies[0].bytes, "cpu idle=0.5\n");
/// # Ok::<(), influx_proto::EncodeError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EncodeOptions {
    /// The treatment of infinities and NaN, which no server stores. Default:
    /// [`NonFinite::Refuse`].
    pub non_finite: NonFinite,
    /// The form of unsigned integers in line protocol. Default: [`Unsigned::Signed`].
    pub unsigned: Unsigned,
    /// The unit of the times in the bodies; times are rounded down to it. Default, `None`:
    /// nanoseconds in line protocol, microseconds in series JSON.
    pub time_unit: Option<TimeUnit>,
    /// The time of points that have none. Default, `None`: the server takes the time of arrival.
    pub time: Option<Time>,
    /// The most points of one body; one at least. Default: no limit.
    pub max_points: usize,
    /// The most bytes of one body. A point that needs more for itself is an error.
    /// Default: no limit.
    pub max_bytes: usize,
    /// The most bytes that measurement, tags and one field key have together in line protocol.
    /// Default: [`MAX_KEY_LEN`].
    pub max_key_len: usize,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            non_finite: NonFinite::default(),
            unsigned: Unsigned::default(),
            time_unit: None,
            time: None,
            max_points: usize::MAX,
            max_bytes: usize::MAX,
            max_key_len: MAX_KEY_LEN,
        }
    }
}

/// The treatment of a float that is infinite or NaN.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NonFinite {
    /// Refuses the point and names the column.
    #[default]
    Refuse,
    /// Leaves the field out: line protocol does not have it, series JSON has a null there, with
    /// which InfluxDB 0.8 deletes the cell if the point exists. A point without another field is
    /// still an error in line protocol.
    Omit,
}

/// The form of unsigned integers in line protocol.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Unsigned {
    /// Signed integers; one above [`i64::MAX`] is an error.
    #[default]
    Signed,
    /// With the suffix `u`, whatever their size, so that a field keeps one type.
    /// InfluxDB 2.x takes it, 1.6.7 refuses the line.
    Suffix,
}

/// The most bytes that measurement, tags and one field key may have together, as written,
/// on InfluxDB 1.6.7. 4 bytes that its storage puts before the field key count.
pub const MAX_KEY_LEN: usize = 65_535;

/// The bytes that the server's storage puts between a series and a field key.
pub(crate) const KEY_SEPARATOR_LEN: usize = 4;

/// The timestamps that InfluxDB 1.6.7 takes, in nanoseconds.
pub const TIMESTAMPS: RangeInclusive<i64> = -9_223_372_036_854_775_806..=9_223_372_036_854_775_806;
