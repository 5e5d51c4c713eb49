//! The way of a struct to its cells.

use std::cell::Cell as Slot;
use std::ptr;

/// The names of a struct's fields, aliases included, as its `Deserialize` declares them.
pub(super) type Fields = &'static [&'static str];

/// How a struct finds its cells.
#[derive(Clone, Copy)]
pub(super) enum Lookup<'plan> {
    /// It is shown every column by name. Its fields are noted.
    ByName(&'plan Slot<Option<Fields>>),
    /// It is given the cells in the order of its fields.
    ByOrder(&'plan Order),
}

/// The column of each field of a struct.
#[derive(Clone, Debug)]
pub(super) struct Order {
    fields: Fields,
    positions: Vec<usize>,
}

impl Order {
    /// The order of a struct that was read by name before, so that no two of its names are
    /// columns of one field. A name without a column is the other name of a field, or else the
    /// struct will ask for more cells than there are positions.
    ///
    /// `None` if a name is several columns.
    pub(super) fn of(fields: Fields, columns: &[String]) -> Option<Self> {
        let mut positions = Vec::with_capacity(fields.len());
        for field in fields {
            let mut found = columns.iter().enumerate().filter(|(_, column)| column == field);
            positions.extend(found.next().map(|(position, _)| position));
            if found.next().is_some() {
                return None;
            }
        }
        Some(Self { fields, positions })
    }

    /// The positions, if these are the fields that they belong to.
    pub(super) fn positions_of(&self, fields: Fields) -> Option<&[usize]> {
        ptr::eq(self.fields, fields).then_some(self.positions.as_slice())
    }
}
