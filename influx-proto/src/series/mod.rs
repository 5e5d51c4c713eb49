//! A named table of points.

mod wire;

use std::collections::HashSet;
use std::ops::Range;

use crate::text::number::Number;
use crate::{SeriesError, Time, TimeUnit, Value};

/// A named table of points.
///
/// Its shape is checked when it is built: every point has one value a column,
/// and no column appears twice.
/// A series from a server may repeat a column, as `select count(a), count(b)` answers with two
/// columns `count`; such a series can be read but not written back.
///
/// ```
/// use influx_proto::Series;
///
/// let mut cpu = Series::new("cpu", ["time", "host", "value"])?;
/// cpu.push([1_400_000_000.into(), "web-1".into(), 0.5.into()])?;
/// assert_eq!(cpu.len(), 1);
/// # Ok::<(), influx_proto::SeriesError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    name: String,
    columns: Vec<String>,
    /// The points' cells, row after row. Invariant: a multiple of `columns.len()`.
    cells: Vec<Value>,
}

impl Series {
    /// An empty series.
    ///
    /// # Errors
    ///
    /// [`SeriesError::NoColumns`] without a column,
    /// [`SeriesError::DuplicateColumn`] if a column's name appears twice.
    pub fn new<C: Into<String>>(
        name: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Self, SeriesError> {
        let series = Self {
            name: name.into(),
            columns: columns.into_iter().map(Into::into).collect(),
            cells: Vec::new(),
        };
        series.check_columns()?;
        Ok(series)
    }

    /// Appends one point: one value for each column, in their order.
    ///
    /// # Errors
    ///
    /// [`SeriesError::Width`] if the number of values is another; the series is unchanged then.
    pub fn push(&mut self, point: impl IntoIterator<Item = Value>) -> Result<(), SeriesError> {
        let before = self.cells.len();
        self.cells.extend(point);
        let width = self.cells.len() - before;
        if width == self.columns.len() {
            return Ok(());
        }
        self.cells.truncate(before);
        Err(SeriesError::Width {
            series: self.name.clone(),
            point: self.len(),
            expected: self.columns.len(),
            found: width,
        })
    }

    /// Moves the points of a series of the same name and columns behind those of this one.
    ///
    /// # Errors
    ///
    /// Gives the other series back if its name or its columns differ.
    pub fn append(&mut self, mut other: Self) -> Result<(), Self> {
        if self.name != other.name || self.columns != other.columns {
            return Err(other);
        }
        self.cells.append(&mut other.cells);
        Ok(())
    }

    /// Turns the numbers of the column `time` into [`Value::Time`], as a
    /// [`SeriesDecoder`](crate::decode::SeriesDecoder) with a `time_unit` does. Other values stay.
    ///
    /// ```
    /// use influx_proto::{Series, Time, TimeUnit, Value};
    ///
    /// let mut load = Series::new("load", ["time"])?;
    /// load.push([1_400_000_000.into()])?;
    /// load.scale_times(TimeUnit::Seconds)?;
    /// let time = Time::from_seconds(1_400_000_000).unwrap();
    /// assert_eq!(load.points().next(), Some(&[Value::Time(time)][..]));
    /// # Ok::<(), influx_proto::SeriesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SeriesError::Row`] with the first point whose time is not between 1677 and 2262; the
    /// series is unchanged then.
    pub fn scale_times(&mut self, unit: TimeUnit) -> Result<(), SeriesError> {
        let Some(position) = self.column_index("time") else { return Ok(()) };
        let times = self.points().enumerate().map(|(index, point)| {
            let number = match point.get(position) {
                Some(Value::Int(value)) => Number::Int(*value),
                Some(Value::UInt(value)) => Number::UInt(*value),
                Some(Value::Float(value)) => Number::Float(*value),
                _ => return Ok(None),
            };
            number.to_time(unit).map(Some).ok_or_else(|| SeriesError::Row {
                series: self.name.clone(),
                point: index,
                source: number.bad_time().in_column("time"),
            })
        });
        let times: Vec<Option<Time>> = times.collect::<Result<_, _>>()?;
        for (point, time) in self.cells.chunks_exact_mut(self.columns.len()).zip(times) {
            if let (Some(cell), Some(time)) = (point.get_mut(position), time) {
                *cell = Value::Time(time);
            }
        }
        Ok(())
    }

    /// The series' name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns' names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The points, each with one value a column.
    pub fn points(&self) -> impl ExactSizeIterator<Item = &[Value]> {
        // `max` keeps the width legal for a reply without columns, which has no cells either.
        self.cells.chunks_exact(self.columns.len().max(1))
    }

    /// The position of a column, the first one if it appears twice.
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        self.points().len()
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Some of the points, by position, as a series of their own.
    ///
    /// Positions beyond the end are left out, so that the last slice may be shorter.
    #[must_use]
    pub fn slice(&self, points: Range<usize>) -> Self {
        let width = self.columns.len();
        let end = points.end.min(self.len());
        let cells = self.cells.get(points.start.min(end) * width..end * width);
        Self {
            name: self.name.clone(),
            columns: self.columns.clone(),
            cells: cells.unwrap_or_default().to_vec(),
        }
    }

    /// A series of a reply, whose columns may repeat.
    pub(crate) fn of_reply(name: &str, columns: Vec<String>) -> Self {
        Self { name: name.to_owned(), columns, cells: Vec::new() }
    }

    /// Appends a point of as many cells as there are columns.
    #[inline]
    pub(crate) fn push_cells(&mut self, cells: impl Iterator<Item = Value>) {
        self.cells.extend(cells);
    }

    /// Checks the rules that a new series must keep and a server's reply may violate.
    pub(crate) fn check_columns(&self) -> Result<(), SeriesError> {
        if self.columns.is_empty() {
            return Err(SeriesError::NoColumns { series: self.name.clone() });
        }
        let mut seen = HashSet::with_capacity(self.columns.len());
        match self.columns.iter().find(|column| !seen.insert(column.as_str())) {
            None => Ok(()),
            Some(column) => Err(SeriesError::DuplicateColumn {
                series: self.name.clone(),
                column: column.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu() -> Series {
        Series::new("cpu", ["time", "value"]).unwrap()
    }

    #[test]
    fn a_point_of_another_width_leaves_the_series_unchanged() {
        let mut series = cpu();
        series.push([1.into(), 2.into()]).unwrap();
        for point in [vec![], vec![Value::Null], vec![Value::Null; 3]] {
            let error = series.push(point.clone()).unwrap_err();
            let SeriesError::Width { point: index, expected, found, .. } = error else {
                panic!("{error}");
            };
            assert_eq!((index, expected, found), (1, 2, point.len()));
            assert_eq!(series.len(), 1);
        }
    }

    #[test]
    fn only_points_of_the_same_shape_are_appended() {
        let mut series = cpu();
        let mut more = cpu();
        more.push([1.into(), 2.into()]).unwrap();
        for _ in 0..2 {
            series.append(more.clone()).unwrap();
        }
        assert_eq!(series.len(), 2);
        for other in [("cpu", ["value", "time"]), ("mem", ["time", "value"])] {
            let other = Series::new(other.0, other.1).unwrap();
            assert_eq!(series.append(other.clone()), Err(other));
        }
        assert_eq!(series.len(), 2);
    }

    #[test]
    fn columns_are_unique_and_present() {
        let duplicate = Series::new("cpu", ["a", "b", "a"]).unwrap_err();
        assert!(matches!(duplicate, SeriesError::DuplicateColumn { column, .. } if column == "a"));
        let none = Series::new("cpu", [] as [&str; 0]).unwrap_err();
        assert!(matches!(none, SeriesError::NoColumns { .. }));
    }

    #[test]
    fn a_slice_has_the_points_in_its_range() {
        let mut series = cpu();
        for point in 0..5 {
            series.push([point.into(), Value::Null]).unwrap();
        }
        for (range, expected) in [(0..2, 0..2), (3..9, 3..5), (7..9, 5..5), (0..0, 0..0)] {
            let points: Vec<_> = series.points().collect();
            assert!(series.slice(range).points().eq(points[expected].iter().copied()));
        }
        #[expect(clippy::reversed_empty_ranges, reason = "a caller's mistake is an empty slice")]
        let backwards = 4..2;
        assert!(series.slice(backwards).is_empty());
    }
}
