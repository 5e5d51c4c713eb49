//! The points of one series.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::StoredValue;
use crate::v08::refusal::Refusal;

/// The identity of a point: writing the same key again changes the point's cells.
///
/// Points are ordered by time, then by sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PointKey {
    /// Microseconds since 1970.
    pub(crate) time: i64,
    pub(crate) sequence: u64,
}

impl PointKey {
    /// Whether a column is part of the key: `time` or `sequence_number`.
    pub(crate) fn is_column(name: &str) -> bool {
        matches!(name, "time" | "sequence_number")
    }

    /// All keys of these times.
    pub(crate) fn between(first: i64, last: i64) -> RangeInclusive<Self> {
        Self { time: first, sequence: 0 }..=Self { time: last, sequence: u64::MAX }
    }

    pub(crate) fn all() -> RangeInclusive<Self> {
        Self::between(i64::MIN, i64::MAX)
    }
}

/// The points of one series, their columns in the order in which they first appeared.
///
/// A series may exist without columns: the server registers it before it checks its points.
#[derive(Clone, Default)]
pub(crate) struct Table {
    columns: Vec<String>,
    /// The values that are not null, with the positions of their columns, in ascending order.
    points: BTreeMap<PointKey, Vec<(usize, StoredValue)>>,
}

impl Table {
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The number of points.
    pub(crate) fn len(&self) -> usize {
        self.points.len()
    }

    /// Writes cells of one point; a null deletes its cell, and a point without cells is gone.
    /// Fails if the series has too many columns; cells before are written.
    pub(crate) fn write<'a>(
        &mut self,
        key: PointKey,
        cells: impl IntoIterator<Item = (&'a str, &'a StoredValue)>,
        max_columns: usize,
    ) -> Result<(), Refusal> {
        let row = self.points.entry(key).or_default();
        for (column, value) in cells {
            let known = self.columns.iter().position(|known| known == column);
            let index = known.unwrap_or(self.columns.len());
            if known.is_none() {
                if index >= max_columns {
                    let text = format!("keeps at most {max_columns} columns a series");
                    return Err(Refusal::internal(format!("The embedded server {text}")));
                }
                self.columns.push(column.to_owned());
            }
            let position = row.binary_search_by_key(&index, |(index, _)| *index);
            if let Ok(position) = position {
                row.remove(position);
            }
            if !value.is_null() {
                let (Ok(position) | Err(position)) = position;
                row.insert(position, (index, value.clone()));
            }
        }
        if row.is_empty() {
            self.points.remove(&key);
        }
        Ok(())
    }

    /// The points of a range of keys, the oldest first.
    pub(crate) fn points(
        &self,
        keys: RangeInclusive<PointKey>,
    ) -> impl DoubleEndedIterator<Item = Point<'_>> {
        // `BTreeMap::range` panics for an empty range, as of `time > 2s and time < 1s`.
        let keys = (!keys.is_empty()).then_some(keys);
        let columns = &self.columns;
        let points = keys.map(|keys| self.points.range(keys));
        points.into_iter().flatten().map(move |(key, cells)| Point { key: *key, columns, cells })
    }

    pub(crate) fn delete(&mut self, keys: &RangeInclusive<PointKey>) {
        self.points.retain(|key, _| !keys.contains(key));
    }
}

/// One point as a query sees it.
#[derive(Clone, Copy)]
pub(crate) struct Point<'a> {
    pub(crate) key: PointKey,
    columns: &'a [String],
    cells: &'a [(usize, StoredValue)],
}

impl<'a> Point<'a> {
    /// A point of cells with the positions of their columns, in ascending order.
    pub(crate) fn new(
        key: PointKey,
        columns: &'a [String],
        cells: &'a [(usize, StoredValue)],
    ) -> Self {
        Self { key, columns, cells }
    }

    pub(crate) fn columns(&self) -> &'a [String] {
        self.columns
    }

    /// The values that the point has, with the names of their columns.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&'a str, &'a StoredValue)> {
        let columns = self.columns;
        self.cells.iter().filter_map(|(index, value)| Some((columns.get(*index)?.as_str(), value)))
    }

    /// The point's value in a column: null if it has none.
    pub(crate) fn value(&self, column: &str) -> &'a StoredValue {
        let cell = |column| {
            let position = self.cells.binary_search_by_key(&column, |(index, _)| *index).ok()?;
            self.cells.get(position).map(|(_, value)| value)
        };
        let column = self.columns.iter().position(|known| known == column);
        column.and_then(cell).unwrap_or(&StoredValue::Null)
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
        table.write(key(1, 1), [("a", &1.into())], 9).unwrap();
        table.write(key(1, 2), [("b", &2.into())], 9).unwrap();
        table.write(key(1, 1), [("b", &3.into())], 9).unwrap();
        assert_eq!(table.columns(), ["a", "b"]);
        let rows: Vec<_> = table
            .points(PointKey::between(1, 1))
            .map(|point| (point.value("a").clone(), point.value("b").clone()))
            .collect();
        assert_eq!(rows, [(1.into(), 3.into()), (StoredValue::Null, 2.into())]);
    }

    #[test]
    fn a_null_deletes_its_cell_and_the_last_one_the_point() {
        let mut table = Table::default();
        table.write(key(1, 1), [("a", &1.into())], 9).unwrap();
        table.write(key(1, 1), [("a", &StoredValue::Null), ("n", &StoredValue::Null)], 9).unwrap();
        assert_eq!(table.len(), 0);
        assert_eq!(table.columns(), ["a", "n"]);
    }

    #[test]
    fn an_empty_range_has_no_points() {
        let mut table = Table::default();
        table.write(key(1, 1), [("a", &1.into())], 9).unwrap();
        assert_eq!(table.points(PointKey::between(2, 0)).count(), 0);
    }
}
