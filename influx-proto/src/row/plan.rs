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
            && let Ok(row) = T::deserialize(OrderedDeserializer { order: &self.order, cells })
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

    fn knows<T>(&self) -> bool {
        ptr::eq(self.type_name, type_name::<T>())
    }
}
