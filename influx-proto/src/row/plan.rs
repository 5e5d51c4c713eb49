//! The place of a struct's fields in the columns, found once for many rows.

use std::any::type_name;
use std::cell::Cell as Slot;
use std::ptr;

use serde::de::Deserialize;

use super::cells::Cells;
use super::de::RowDeserializer;
use super::failure::Failure;
use super::order::{Order, OrderedDeserializer};
use crate::RowError;

/// Reads the rows of one table, which all have the same columns.
///
/// The first row is read by the names of its columns. If it is a struct of which every field is
/// one column, by its name or an alias, the next rows are read by position: without comparing
/// names again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// The type that was read last.
    type_name: &'static str,
    /// That of no struct, if the rows have to be read by name.
    order: Order,
}

impl Plan {
    /// Reads a row as [`from_row`](crate::from_row) does.
    #[inline]
    pub(crate) fn read<'de, T: Deserialize<'de>, C: Cells<'de>>(
        &mut self,
        columns: &'de [String],
        cells: C,
    ) -> Result<T, RowError> {
        if self.knows::<T>()
            && let Ok(row) = T::deserialize(OrderedDeserializer { order: &mut self.order, cells })
        {
            return Ok(row);
        }
        // With the same error, the row would be in memory for the sake of this call.
        Ok(self.read_by_name(columns, cells)?)
    }

    /// Reads a row, and learns where the fields of its type are, or that its order did not help.
    // Apart, so that reading by position is short enough to be compiled into the caller.
    #[inline(never)]
    fn read_by_name<'de, T: Deserialize<'de>, C: Cells<'de>>(
        &mut self,
        columns: &'de [String],
        cells: C,
    ) -> Result<T, Failure> {
        let fields = Slot::new(None);
        let row = T::deserialize(RowDeserializer { columns, cells, fields: &fields })?;
        let order = fields.get().filter(|_| !self.knows::<T>());
        self.order = order.and_then(|fields| Order::of(fields, columns)).unwrap_or_default();
        self.type_name = type_name::<T>();
        Ok(row)
    }

    #[inline]
    fn knows<T>(&mut self) -> bool {
        let name = type_name::<T>();
        ptr::eq(self.type_name, name) || self.knows_copy(name)
    }

    /// A name may be in memory several times, once for each unit that the compiler makes code of.
    #[cold]
    #[inline(never)]
    fn knows_copy(&mut self, name: &'static str) -> bool {
        let is_same = self.type_name == name;
        if is_same {
            self.type_name = name;
        }
        is_same
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

    use super::*;
    use crate::Value;

    /// A struct that tells how it was read.
    #[derive(Debug, PartialEq)]
    enum Found {
        ByName(String, i64),
        ByPosition(i64),
    }

    impl<'de> Deserialize<'de> for Found {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_struct("Found", &["a"], FoundVisitor)
        }
    }

    struct FoundVisitor;

    impl<'de> Visitor<'de> for FoundVisitor {
        type Value = Found;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a row")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
            let (name, value) = map.next_entry()?.unwrap();
            Ok(Found::ByName(name, value))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Found, A::Error> {
            Ok(Found::ByPosition(row.next_element()?.unwrap()))
        }
    }

    #[test]
    fn only_the_first_row_is_read_by_name() {
        let columns = ["a".to_owned()];
        let row = [Value::Int(1)];
        let mut plan = Plan::default();
        let by_name = Found::ByName("a".to_owned(), 1);
        for expected in [&by_name, &Found::ByPosition(1), &Found::ByPosition(1)] {
            assert_eq!(plan.read::<Found, _>(&columns, &row[..]).as_ref(), Ok(expected));
        }
        // Names that are elsewhere in memory.
        plan.type_name = plan.type_name.to_owned().leak();
        let fields: Vec<&'static str> = vec!["a".to_owned().leak()];
        plan.order = Order::of(fields.leak(), &columns).unwrap();
        for _ in 0..2 {
            assert_eq!(plan.read(&columns, &row[..]), Ok(Found::ByPosition(1)));
        }
        // Another type begins by name.
        assert_eq!(plan.read::<(i64,), _>(&columns, &row[..]), Ok((1,)));
        for expected in [by_name, Found::ByPosition(1)] {
            assert_eq!(plan.read(&columns, &row[..]), Ok(expected));
        }
    }
}
