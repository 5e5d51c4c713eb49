//! The trait of all that can be written, and the call that encodes it.

use serde::ser::Serialize;

use crate::encode::{Body, EncodeOptions, PointEncoder, SeriesEncoder};
use crate::line::LineEncoder;
use crate::table::{TableRows, TableSeries};
use crate::{EncodeError, Point, Series, Table};

/// Everything that can be written: a [`Point`], [`Table::rows`], a [`Series`], [`Table::series`],
/// [`Lines`], and slices, arrays, vectors, options and references of these.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as points",
    note = "write a `Point`, a slice of points, `table.rows(&rows)`, a `Series` or `Lines`"
)]
pub trait Points: sealed::Sealed {
    /// Writes the points into an encoder.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] about the first point that cannot be written. Those before it stay written.
    fn encode<E: PointEncoder>(&self, encoder: &mut E) -> Result<(), EncodeError>;
}

/// Line protocol that is ready: one point a line, times in nanoseconds.
///
/// An encoder checks each line; blank lines and comments are skipped.
/// Line protocol passes the lines on as they are, series JSON gets their points.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper that callers make")]
pub struct Lines<'a>(pub &'a [u8]);

/// The formats of write bodies.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// A JSON array of series, with tags and fields as columns.
    SeriesJson,
    /// Line protocol.
    Lines,
}

impl Format {
    /// Encodes points as bodies of this format; without points, there are none.
    ///
    /// In series JSON, `sequence_numbers` is called once for each point without a
    /// `sequence_number`, and its result becomes the point's number.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] about the first point that cannot be written.
    pub fn encode<P: Points + ?Sized>(
        self,
        points: &P,
        options: &EncodeOptions,
        sequence_numbers: Option<&mut dyn FnMut() -> u64>,
    ) -> Result<Vec<Body>, EncodeError> {
        match self {
            Self::SeriesJson => {
                let mut encoder = SeriesEncoder::with_options(options.clone());
                if let Some(numbers) = sequence_numbers {
                    encoder = encoder.sequence_numbers(numbers);
                }
                points.encode(&mut encoder)?;
                Ok(encoder.finish())
            }
            Self::Lines => {
                let mut encoder = LineEncoder::with_options(options.clone());
                points.encode(&mut encoder)?;
                Ok(encoder.finish())
            }
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! points {
    ($([$($generics:tt)*] $type:ty: |$points:ident, $encoder:ident| $encode:expr;)*) => {$(
        impl<$($generics)*> sealed::Sealed for $type {}

        impl<$($generics)*> Points for $type {
            fn encode<E: PointEncoder>(&self, $encoder: &mut E) -> Result<(), EncodeError> {
                let $points = self;
                $encode
            }
        }
    )*};
}

points! {
    [] Point: |point, encoder| encoder.point(point);
    [] Series: |series, encoder| encoder.series(&Table::new(""), series);
    [] Lines<'_>: |lines, encoder| encoder.lines(lines.0);
    [T: Serialize] TableRows<'_, T>: |rows, encoder| encoder.rows(rows.table, rows.rows);
    [] TableSeries<'_>: |series, encoder| encoder.series(series.table, series.series);
    [P: Points] [P]: |all, encoder| all.iter().try_for_each(|points| points.encode(encoder));
    [P: Points, const N: usize] [P; N]: |all, encoder| all.as_slice().encode(encoder);
    [P: Points] Vec<P>: |all, encoder| all.as_slice().encode(encoder);
    [P: Points] Option<P>: |points, encoder| points.as_slice().encode(encoder);
    [P: Points + ?Sized] &P: |points, encoder| P::encode(points, encoder);
}
