//! A row as a struct whose fields have known places in the columns.

use std::{fmt, ptr, slice};

use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use thiserror::Error;

use super::cell_de::CellDeserializer;
use super::cells::Cells;

/// The names of a struct's fields, aliases included, as its `Deserialize` declares them.
pub(super) type Fields = &'static [&'static str];

/// The column of each field of a struct.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    fields: Fields,
    /// As many as names: first one for each field, then [`NO_COLUMN`].
    // The struct knows the number of its names, so that one comparison spares one for each field.
    positions: Vec<usize>,
}

const NO_COLUMN: usize = usize::MAX;

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
        positions.resize(fields.len(), NO_COLUMN);
        Some(Self { fields, positions })
    }

    /// The columns of these fields, as many as there are names, if this is their order.
    #[inline]
    fn positions_of(&mut self, fields: Fields) -> Option<&[usize]> {
        let is_same = ptr::eq(self.fields.as_ptr(), fields.as_ptr()) || self.is_of_copy(fields);
        // The last test, from which the compiler knows the number.
        Some(self.positions.as_slice()).filter(|found| is_same && found.len() == fields.len())
    }

    /// Names may be in memory several times, once for each unit that the compiler makes code of.
    #[cold]
    #[inline(never)]
    fn is_of_copy(&mut self, fields: Fields) -> bool {
        let is_same = self.fields == fields;
        if is_same {
            self.fields = fields;
        }
        is_same
    }
}

/// One row, which is read as a struct of this order or not at all.
///
/// Apart from [`RowDeserializer`](super::de::RowDeserializer), so that reading the struct is short
/// enough to be compiled into the caller: the struct need not travel through memory then.
pub(super) struct OrderedDeserializer<'plan, C> {
    pub(super) order: &'plan mut Order,
    pub(super) cells: C,
}

impl<'de, C: Cells<'de>> Deserializer<'de> for OrderedDeserializer<'_, C> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Misfit> {
        Err(Misfit)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: Fields,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let positions = self.order.positions_of(fields).ok_or(Misfit)?.iter();
        let mut ordered =
            OrderedCells { positions, tokens: self.cells.tokens(), cells: self.cells };
        let row = visitor.visit_seq(&mut ordered)?;
        // A struct that left some is not read in the order of its fields.
        match ordered.positions.next() {
            None | Some(&NO_COLUMN) => Ok(row),
            Some(_) => Err(Misfit),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The cells of a row in the order of a struct's fields.
struct OrderedCells<'de, 'plan, C: Cells<'de>> {
    positions: slice::Iter<'plan, usize>,
    tokens: &'de [C::Token],
    cells: C,
}

impl<'de, C: Cells<'de>> SeqAccess<'de> for OrderedCells<'de, '_, C> {
    type Error = Misfit;

    #[expect(clippy::inline_always, reason = "the type is known to the caller alone")]
    #[inline(always)]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        let position = *self.positions.next().ok_or(Misfit)?;
        let token = self.tokens.get(position).ok_or(Misfit)?;
        seed.deserialize(CellDeserializer::<_, Misfit>::new(self.cells, token)).map(Some)
    }
}

/// The row has a cell that does not fit, or the struct another order.
///
/// Not seen by a caller: reading the row by name tells what is wrong.
#[derive(Clone, Copy, Debug, Error)]
#[error("the row does not fit")]
pub(super) struct Misfit;

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}
