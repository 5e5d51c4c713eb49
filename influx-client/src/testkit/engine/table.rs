//! The points of one series.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use influx_proto::Value;

/// What identifies a point: writing the same key again changes the point's cells.
///
/// Points are ordered by time, then by sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::testkit) struct PointKey {
    /// Microseconds since 1970.
    pub(in crate::testkit) time: i64,
    pub(in crate::testkit) sequence: u64,
}

impl PointKey {
    /// All keys whose time is in the range.
    pub(in crate::testkit) fn between(times: &RangeInclusive<i64>) -> RangeInclusive<Self> {
        let first = Self { time: *times.start(), sequence: 0 };
        let last = Self { time: *times.end(), sequence: u64::MAX };
        first..=last
    }
}

/// The points of one series, their columns in the order in which they first appeared.
///
/// A series may exist without columns: the server registers it before it finds fault with its points.
#[derive(Debug, Default)]
pub(in crate::testkit) struct Table {
    columns: Vec<String>,
    /// A row shorter than `columns` has nulls at its end.
    points: BTreeMap<PointKey, Vec<Value>>,
}

impl Table {
    pub(in crate::testkit) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(in crate::testkit) fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column == name)
    }

    /// The number of points.
    pub(in crate::testkit) fn len(&self) -> usize {
        self.points.len()
    }

    /// Writes cells of one point; a null deletes its cell, and a point without cells is gone.
    pub(in crate::testkit) fn write<'a>(
        &mut self,
        key: PointKey,
        cells: impl IntoIterator<Item = (&'a str, Value)>,
    ) {
        let row = self.points.entry(key).or_default();
        for (column, value) in cells {
            let index = match self.columns.iter().position(|known| known == column) {
                Some(index) => index,
                None => {
                    self.columns.push(column.to_owned());
                    self.columns.len() - 1
                }
            };
            if row.len() <= index {
                row.resize(index + 1, Value::Null);
            }
            if let Some(cell) = row.get_mut(index) {
                *cell = value;
            }
        }
        if row.iter().all(Value::is_null) {
            self.points.remove(&key);
        }
    }

    /// The points of a range of keys, the oldest first.
    pub(in crate::testkit) fn points(
        &self,
        keys: RangeInclusive<PointKey>,
    ) -> impl DoubleEndedIterator<Item = Point<'_>> {
        // An empty range, as `time > 2s and time < 1s` asks for, would panic.
        let keys = (!keys.is_empty()).then_some(keys);
        let columns = &self.columns;
        let points = keys.map(|keys| self.points.range(keys));
        points.into_iter().flatten().map(move |(key, cells)| Point { key: *key, columns, cells })
    }

    pub(in crate::testkit) fn delete(&mut self, keys: &RangeInclusive<PointKey>) {
        self.points.retain(|key, _| !keys.contains(key));
    }
}

/// One point as a query sees it.
#[derive(Clone, Copy, Debug)]
pub(in crate::testkit) struct Point<'a> {
    pub(in crate::testkit) key: PointKey,
    columns: &'a [String],
    cells: &'a [Value],
}

impl<'a> Point<'a> {
    /// A point of the given cells, one a column; missing ones are null.
    pub(in crate::testkit) fn new(
        key: PointKey,
        columns: &'a [String],
        cells: &'a [Value],
    ) -> Self {
        Self { key, columns, cells }
    }

    pub(in crate::testkit) fn columns(&self) -> &'a [String] {
        self.columns
    }

    /// The point's value in a column: null if it has none.
    pub(in crate::testkit) fn value(&self, column: &str) -> &'a Value {
        let index = self.columns.iter().position(|known| known == column);
        index.and_then(|index| self.cells.get(index)).unwrap_or(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(time: i64, sequence: u64) -> PointKey {
        PointKey { time, sequence }
    }

    #[test]
    fn a_point_is_its_time_and_sequence_number() {
        let mut table = Table::default();
        table.write(key(1, 1), [("a", 1.into())]);
        table.write(key(1, 2), [("b", 2.into())]);
        table.write(key(1, 1), [("b", 3.into())]);
        assert_eq!(table.columns(), ["a", "b"]);
        let rows: Vec<_> = table
            .points(PointKey::between(&(1..=1)))
            .map(|point| (point.value("a").clone(), point.value("b").clone()))
            .collect();
        assert_eq!(rows, [(1.into(), 3.into()), (Value::Null, 2.into())]);
    }

    #[test]
    fn a_null_deletes_its_cell_and_the_last_one_the_point() {
        let mut table = Table::default();
        table.write(key(1, 1), [("a", 1.into())]);
        table.write(key(1, 1), [("a", Value::Null), ("n", Value::Null)]);
        assert_eq!(table.len(), 0);
        assert_eq!(table.columns(), ["a", "n"]);
    }

    #[test]
    fn an_empty_range_has_no_points() {
        let mut table = Table::default();
        table.write(key(1, 1), [("a", 1.into())]);
        #[expect(clippy::reversed_empty_ranges, reason = "what a query may ask for")]
        let keys = PointKey::between(&(2..=0));
        assert_eq!(table.points(keys).count(), 0);
    }
}
