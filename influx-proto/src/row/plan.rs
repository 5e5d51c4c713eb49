//! The place of a struct's fields in the columns, found once for many rows.

use std::any::type_name;
use std::cell::Cell as Slot;
use std::ptr;

use serde::de::Deserialize;

use super::cells::Cells;
use super::de::RowDeserializer;
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
            if let Ok(row) = T::deserialize(OrderedDeserializer { order, cells }) {
                return Ok(row);
            }
            // Reading it by name tells which column is to blame, or that the order is.
            let row = self.read_by_name(columns, cells)?;
            self.order = None;
            return Ok(row);
        }
        self.read_by_name(columns, cells)
    }

    /// Reads a row, and learns where the fields of its type are.
    // Apart, so that reading by position is short enough to be compiled into the caller.
    #[inline(never)]
    fn read_by_name<'de, T: Deserialize<'de>, C: Cells<'de>>(
        &mut self,
        columns: &'de [String],
        cells: C,
    ) -> Result<T, RowError> {
        let fields = Slot::new(None);
        let row = T::deserialize(RowDeserializer { columns, cells, fields: &fields })?;
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
