//! The place of a struct's fields in the columns, found once for many rows.

use std::any::type_name;
use std::cell::Cell as Slot;
use std::ptr;

use serde::de::Deserialize;

use super::cells::Cells;
use super::de::{Lookup, RowDeserializer};
use crate::RowError;

/// The names of a struct's fields, as its `Deserialize` declares them.
pub(super) type Fields = &'static [&'static str];

/// Reads the rows of one table, which all have the same columns.
///
/// The first row is read by the names of its columns. If that is a struct of which every field
/// is one column, the next rows are read by position: no name is compared again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// The type that was read last.
    type_name: Option<&'static str>,
    order: Option<Order>,
}

impl Plan {
    /// Reads a row as [`from_row`](crate::from_row) does.
    #[inline]
    pub(crate) fn read<'de, T: Deserialize<'de>, C: Cells<'de>>(
        &mut self,
        columns: &'de [String],
        cells: C,
    ) -> Result<T, RowError> {
        if let (true, Some(order)) = (self.knows::<T>(), &self.order) {
            let lookup = Lookup::ByOrder(order);
            if let Ok(row) = T::deserialize(RowDeserializer { columns, cells, lookup }) {
                return Ok(row);
            }
            // Reading it by name tells which column is to blame.
        }
        self.read_by_name(columns, cells)
    }

    /// Reads a row, and learns where the fields of its type are.
    // Apart, so that the way by position is short enough to be compiled into the caller.
    #[inline(never)]
    fn read_by_name<'de, T: Deserialize<'de>, C: Cells<'de>>(
        &mut self,
        columns: &'de [String],
        cells: C,
    ) -> Result<T, RowError> {
        let fields = Slot::new(None);
        let lookup = Lookup::ByName(&fields);
        let row = T::deserialize(RowDeserializer { columns, cells, lookup })?;
        if !self.knows::<T>() {
            self.type_name = Some(type_name::<T>());
            self.order = fields.get().and_then(|fields| Order::of(fields, columns));
        }
        Ok(row)
    }

    fn knows<T>(&self) -> bool {
        self.type_name.is_some_and(|known| ptr::eq(known, type_name::<T>()))
    }
}

/// Which column each field of a struct is.
#[derive(Clone, Debug)]
pub(super) struct Order {
    fields: Fields,
    positions: Vec<usize>,
}

impl Order {
    /// `None` unless every field is exactly one column.
    fn of(fields: Fields, columns: &[String]) -> Option<Self> {
        let position = |field: &&str| {
            let mut found = columns.iter().enumerate().filter(|(_, column)| column == field);
            match (found.next(), found.next()) {
                (Some((position, _)), None) => Some(position),
                _ => None,
            }
        };
        let positions = fields.iter().map(position).collect::<Option<_>>()?;
        Some(Self { fields, positions })
    }

    /// The positions, if these are the fields that they belong to.
    pub(super) fn positions_of(&self, fields: Fields) -> Option<&[usize]> {
        ptr::eq(self.fields, fields).then_some(self.positions.as_slice())
    }
}
