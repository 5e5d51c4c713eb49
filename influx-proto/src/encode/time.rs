//! The time of a point.

use super::error::PointProblem;
use super::options::TIMESTAMPS;
use crate::{Cell, Time, TimeUnit};

/// Reads the cell of a time column, whose integers have this unit. A null stands for none.
#[inline]
pub(crate) fn read_time(cell: Cell<'_>, unit: TimeUnit) -> Result<Option<Time>, PointProblem> {
    let Cell::Int(count) = cell else { return read_other_time(cell, unit) };
    Time::from_unit(count, unit).map(Some).ok_or_else(out_of_range)
}

#[inline(never)]
fn read_other_time(cell: Cell<'_>, unit: TimeUnit) -> Result<Option<Time>, PointProblem> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Time(time) => Ok(Some(time)),
        Cell::UInt(count) => i64::try_from(count)
            .map_err(|_| out_of_range())
            .and_then(|count| read_time(Cell::Int(count), unit)),
        Cell::Str(text) => text.parse().map(Some).map_err(|_| PointProblem::NotTime),
        _ => Err(PointProblem::NotTime),
    }
}

/// A time in the unit that travels, rounded down. The server multiplies it before it checks it.
#[inline]
pub(crate) fn scale(time: Time, unit: TimeUnit) -> Result<i64, PointProblem> {
    let nanos = time.nanos();
    // The divisors are constants, so that nothing is divided.
    let (count, rounded) = match unit {
        TimeUnit::Nanoseconds => (nanos, Some(nanos)),
        TimeUnit::Microseconds => round(nanos, 1_000),
        TimeUnit::Milliseconds => round(nanos, 1_000_000),
        TimeUnit::Seconds => round(nanos, 1_000_000_000),
    };
    match rounded {
        Some(rounded) if TIMESTAMPS.contains(&rounded) && TIMESTAMPS.contains(&nanos) => Ok(count),
        _ => Err(out_of_range()),
    }
}

#[inline]
fn round(nanos: i64, unit: i64) -> (i64, Option<i64>) {
    let count = nanos.div_euclid(unit);
    (count, count.checked_mul(unit))
}

#[cold]
fn out_of_range() -> PointProblem {
    PointProblem::TimeOutOfRange
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_integer_a_text_or_a_time() {
        use TimeUnit::{Milliseconds, Nanoseconds, Seconds};
        let seven = Ok(Some(Time::from_nanos(7_000_000_000)));
        for (cell, unit, expected) in [
            (Cell::Null, Seconds, Ok(None)),
            (Cell::Int(7), Seconds, seven.clone()),
            (Cell::UInt(7_000), Milliseconds, seven.clone()),
            (Cell::Str("1970-01-01T00:00:07Z"), Milliseconds, seven.clone()),
            (Cell::Time(Time::from_nanos(7_000_000_000)), Seconds, seven),
            (Cell::Int(9_223_372_037), Seconds, Err(PointProblem::TimeOutOfRange)),
            (Cell::UInt(u64::MAX), Nanoseconds, Err(PointProblem::TimeOutOfRange)),
            (Cell::Str("7"), Seconds, Err(PointProblem::NotTime)),
            (Cell::Float(7.0), Seconds, Err(PointProblem::NotTime)),
            (Cell::Bool(true), Seconds, Err(PointProblem::NotTime)),
        ] {
            assert_eq!(read_time(cell, unit), expected, "{cell:?}");
        }
    }

    #[test]
    fn times_are_rounded_down_and_both_ends_of_the_range_are_refused() {
        use TimeUnit::{Microseconds, Milliseconds, Nanoseconds, Seconds};
        let min = *TIMESTAMPS.start();
        for (nanos, unit, expected) in [
            (7, Nanoseconds, Some(7)),
            (1_999, Microseconds, Some(1)),
            (-1, Milliseconds, Some(-1)),
            (-1, Seconds, Some(-1)),
            (min, Nanoseconds, Some(min)),
            (min, Microseconds, None),
            (min + 806, Microseconds, Some(-9_223_372_036_854_775)),
            (i64::MAX - 1, Seconds, Some(9_223_372_036)),
            (i64::MAX, Seconds, None),
            (i64::MIN, Nanoseconds, None),
            (i64::MIN + 1, Nanoseconds, None),
        ] {
            assert_eq!(scale(Time::from_nanos(nanos), unit).ok(), expected, "{nanos} {unit:?}");
        }
    }
}
