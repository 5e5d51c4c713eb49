//! A named table of points.

mod wire;

use std::collections::HashSet;

use crate::{SeriesError, Value};

/// A named table of points: the unit in which InfluxDB 0.8 takes and gives data.
///
/// Its shape is checked when it is built: every point has one value a column,
/// and no column appears twice.
/// A series that a server sent may repeat a column, as `select count(a), count(b)` answers
/// with two columns `count`; such a series can be read but not written back.
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

    /// Splits the points into series of at most `limit` points each, in their order.
    ///
    /// A limit of 0 counts as 1, since a batch without points would never end.
    pub fn batches(&self, limit: usize) -> impl Iterator<Item = Self> {
        let width = self.columns.len().max(1);
        self.cells.chunks(limit.max(1).saturating_mul(width)).map(|cells| Self {
            name: self.name.clone(),
            columns: self.columns.clone(),
            cells: cells.to_vec(),
        })
    }

    /// Checks what a new series must keep and a server's reply may violate.
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
    fn columns_are_unique_and_present() {
        let duplicate = Series::new("cpu", ["a", "b", "a"]).unwrap_err();
        assert!(matches!(duplicate, SeriesError::DuplicateColumn { column, .. } if column == "a"));
        let none = Series::new("cpu", [] as [&str; 0]).unwrap_err();
        assert!(matches!(none, SeriesError::NoColumns { .. }));
    }

    #[test]
    fn batches_keep_every_point_in_order() {
        let mut series = cpu();
        for point in 0..5 {
            series.push([point.into(), Value::Null]).unwrap();
        }
        for (limit, sizes) in [(0, vec![1; 5]), (2, vec![2, 2, 1]), (5, vec![5]), (9, vec![5])] {
            let batches: Vec<_> = series.batches(limit).collect();
            assert_eq!(batches.iter().map(Series::len).collect::<Vec<_>>(), sizes);
            let points = batches.iter().flat_map(Series::points);
            assert!(points.eq(series.points()));
        }
        assert_eq!(cpu().batches(2).count(), 0);
    }
}
