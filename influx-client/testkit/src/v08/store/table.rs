//! The points of one series.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use super::cluster::Place;
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

/// Names of columns, each only once, with their positions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    names: Vec<String>,
    positions: HashMap<String, usize>,
}

impl Columns {
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }

    /// The position of a column, added if it is missing.
    pub(crate) fn add(&mut self, name: &str) -> usize {
        self.position(name).unwrap_or_else(|| {
            let position = self.names.len();
            self.names.push(name.to_owned());
            self.positions.insert(name.to_owned(), position);
            position
        })
    }
}

impl<'a> FromIterator<&'a str> for Columns {
    fn from_iter<T: IntoIterator<Item = &'a str>>(names: T) -> Self {
        let mut columns = Self::default();
        for name in names {
            columns.add(name);
        }
        columns
    }
}

/// The points of one series, their columns in the order in which they first appeared.
///
/// A series may exist without columns: the server registers it before it checks its points.
#[derive(Clone, Default)]
pub(crate) struct Table {
    columns: Columns,
    /// The points of each shard, by its number.
    shards: BTreeMap<u32, Points>,
}

/// The values that are not null, with the positions of their columns, in ascending order.
type Points = BTreeMap<PointKey, Vec<(usize, StoredValue)>>;

impl Table {
    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The number of points.
    pub(crate) fn len(&self) -> usize {
        self.shards.values().map(BTreeMap::len).sum()
    }

    /// Writes cells of one point into a shard; a null deletes its cell, and a point without cells
    /// is gone.
    /// Fails if the series has too many columns; cells before are written.
    pub(crate) fn write<'a>(
        &mut self,
        shard: u32,
        key: PointKey,
        cells: impl IntoIterator<Item = (&'a str, &'a StoredValue)>,
        max_columns: usize,
    ) -> Result<(), Refusal> {
        let points = self.shards.entry(shard).or_default();
        let row = points.entry(key).or_default();
        for (column, value) in cells {
            let known = self.columns.position(column);
            if known.is_none() && self.columns.names().len() >= max_columns {
                let text = format!("keeps at most {max_columns} columns a series");
                return Err(Refusal::internal(format!("The embedded server {text}")));
            }
            let index = known.unwrap_or_else(|| self.columns.add(column));
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
            points.remove(&key);
        }
        Ok(())
    }

    /// Writes cells of one point, unless no server keeps the shard.
    pub(crate) fn write_kept<'a>(
        &mut self,
        place: Place,
        key: PointKey,
        cells: impl IntoIterator<Item = (&'a str, &'a StoredValue)>,
        max_columns: usize,
    ) -> Result<(), Refusal> {
        if place.is_kept { self.write(place.shard, key, cells, max_columns) } else { Ok(()) }
    }

    /// Makes columns known, as a write to a shard that no server keeps does.
    /// Fails if the series has too many columns.
    pub(crate) fn register(&mut self, columns: &Columns, max: usize) -> Result<(), Refusal> {
        let names = columns.names().iter();
        let nulls = names.map(|column| (column.as_str(), &StoredValue::Null));
        let nowhere = PointKey { time: 0, sequence: 0 };
        self.write(NO_SHARD, nowhere, nulls, max)
    }

    /// The points of a shard within a range of keys, the oldest first.
    pub(crate) fn points(
        &self,
        shard: u32,
        keys: RangeInclusive<PointKey>,
    ) -> impl DoubleEndedIterator<Item = Point<'_>> {
        // `BTreeMap::range` panics for an empty range, as of `time > 2s and time < 1s`.
        let points = self.shards.get(&shard).filter(|_| !keys.is_empty());
        let columns = &self.columns;
        let points = points.map(|points| points.range(keys));
        points.into_iter().flatten().map(move |(key, cells)| Point { key: *key, columns, cells })
    }

    /// All points, the oldest first.
    pub(crate) fn all_points(&self) -> Vec<Point<'_>> {
        let all = self.shards.keys().flat_map(|&shard| self.points(shard, PointKey::all()));
        let mut all: Vec<Point<'_>> = all.collect();
        all.sort_by_key(|point| point.key);
        all
    }

    /// Deletes the points of a range of keys.
    pub(crate) fn delete(&mut self, keys: &RangeInclusive<PointKey>) {
        for points in self.shards.values_mut() {
            points.retain(|key, _| !keys.contains(key));
        }
    }

    /// Deletes the points of a shard.
    pub(crate) fn drop_shard(&mut self, shard: u32) {
        self.shards.remove(&shard);
    }
}

/// Shards are numbered from 1.
const NO_SHARD: u32 = 0;

/// One point as a query sees it.
#[derive(Clone, Copy)]
pub(crate) struct Point<'a> {
    pub(crate) key: PointKey,
    columns: &'a Columns,
    cells: &'a [(usize, StoredValue)],
}

impl<'a> Point<'a> {
    /// A point of cells with the positions of their columns, in ascending order.
    pub(crate) fn new(
        key: PointKey,
        columns: &'a Columns,
        cells: &'a [(usize, StoredValue)],
    ) -> Self {
        Self { key, columns, cells }
    }

    /// The values that the point has, with the names of their columns.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&'a str, &'a StoredValue)> {
        let columns = self.columns;
        self.cells
            .iter()
            .filter_map(|(index, value)| Some((columns.names().get(*index)?.as_str(), value)))
    }

    /// The point's value in the column at a position: null if it has none.
    pub(crate) fn at(&self, position: usize) -> &'a StoredValue {
        match self.cells.binary_search_by_key(&position, |(index, _)| *index) {
            Ok(found) => self.cells.get(found).map_or(&StoredValue::Null, |(_, value)| value),
            Err(_) => &StoredValue::Null,
        }
    }

    /// The point's value in a column: `None` without that column, null where the cell is empty.
    pub(crate) fn value(&self, column: &str) -> Option<&'a StoredValue> {
        Some(self.at(self.columns.position(column)?))
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
        table.write(1, key(1, 1), [("a", &1.into())], 9).unwrap();
        table.write(1, key(1, 2), [("b", &2.into())], 9).unwrap();
        table.write(1, key(1, 1), [("b", &3.into())], 9).unwrap();
        assert_eq!(table.columns().names(), ["a", "b"]);
        let rows: Vec<_> = table
            .points(1, PointKey::between(1, 1))
            .map(|point| (point.at(0).clone(), point.at(1).clone()))
            .collect();
        assert_eq!(rows, [(1.into(), 3.into()), (StoredValue::Null, 2.into())]);
    }

    #[test]
    fn a_null_deletes_its_cell_and_the_last_one_the_point() {
        let mut table = Table::default();
        table.write(1, key(1, 1), [("a", &1.into())], 9).unwrap();
        table
            .write(1, key(1, 1), [("a", &StoredValue::Null), ("n", &StoredValue::Null)], 9)
            .unwrap();
        assert_eq!(table.len(), 0);
        assert_eq!(table.columns().names(), ["a", "n"]);
    }

    #[test]
    fn an_empty_range_has_no_points() {
        let mut table = Table::default();
        table.write(1, key(1, 1), [("a", &1.into())], 9).unwrap();
        assert_eq!(table.points(1, PointKey::between(2, 0)).count(), 0);
    }
}
