//! Rows as columns.

mod column;
mod texts;
mod values;

use self::values::Values;
use crate::{Cell, RowError};

pub use self::column::{Column, ColumnValues};
pub use self::texts::Texts;

/// Rows turned into columns, one typed vector each: for programs that work on arrays.
///
/// A column has the first of these types that holds all its cells without changing their value:
/// truth values, signed integers, unsigned integers, doubles, texts, times, and for all else
/// [`Value`](crate::Value)s. So it may widen with any row: integers become doubles when a double
/// comes, as long as every one of them is exact as a double. Nulls fit every type.
///
/// [`clear`](Self::clear) keeps the types, so that the batches of an answer have the same ones
/// for as long as the cells allow, and it keeps the memory.
///
/// # Memory
///
/// A batch grows with every row, without a limit of its own: the caller decides how many rows it
/// has. Besides its text, a cell takes nine bytes, or 25 in a column of mixed types; as vectors
/// grow by doubling, it may be twice as much.
///
/// # Example
///
/// An answer of any length, in batches of 10,000 rows:
///
/// ```
/// use influx_proto::decode::{Event, SeriesDecoder};
/// use influx_proto::{ColumnBatch, ColumnValues};
///
/// let mut sum = 0.0;
/// let mut take = |batch: &ColumnBatch| {
///     let loads = batch.column_by_name("load").map(|column| column.values());
///     if let Some(ColumnValues::Float(loads)) = loads {
///         sum += loads.iter().sum::<f64>();
///     }
/// };
/// # let pieces = [r#"{"name":"cpu","columns":["time","load"],"points":[[1,2],[2,"#, "0.5]]}"];
/// let mut decoder = SeriesDecoder::new();
/// let mut batch = ColumnBatch::default();
/// for piece in pieces {
///     decoder.push(piece.as_bytes());
///     while let Some(event) = decoder.next_event()? {
///         match event {
///             Event::Series(head) if head.columns() != batch.names() => {
///                 take(&batch);
///                 batch = ColumnBatch::new(head.columns());
///             }
///             Event::Row(row) => {
///                 batch.push(row.cells())?;
///                 if batch.len() == 10_000 {
///                     take(&batch);
///                     batch.clear();
///                 }
///             }
///             _ => {}
///         }
///     }
/// }
/// take(&batch);
/// assert_eq!(sum, 2.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ColumnBatch {
    names: Vec<String>,
    /// As many as there are names, of `len` cells each.
    columns: Vec<Cells>,
    len: usize,
}

/// The cells of one column.
#[derive(Clone, Debug, Default)]
struct Cells {
    values: Values,
    /// For each cell whether it is not null. Empty before the first null.
    validity: Vec<bool>,
}

impl ColumnBatch {
    /// An empty batch with columns of these names. A name may appear twice.
    pub fn new<C: Into<String>>(columns: impl IntoIterator<Item = C>) -> Self {
        let names: Vec<String> = columns.into_iter().map(Into::into).collect();
        let columns = vec![Cells::default(); names.len()];
        Self { names, columns, len: 0 }
    }

    /// Appends a row: one cell for each column, in their order.
    ///
    /// ```
    /// use influx_proto::{Cell, ColumnBatch, ColumnValues, Series};
    ///
    /// let mut series = Series::new("cpu", ["load"])?;
    /// series.push([3.into()])?;
    /// let mut batch = ColumnBatch::new(series.columns());
    /// for point in series.points() {
    ///     batch.push(point.iter().map(Cell::from))?;
    /// }
    /// assert_eq!(batch.column(0).unwrap().values(), ColumnValues::Int(&[3]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RowError`] if the number of cells is another; the batch is unchanged then.
    #[inline]
    pub fn push<'a, I>(&mut self, row: I) -> Result<(), RowError>
    where
        I: IntoIterator<Item = Cell<'a>, IntoIter: ExactSizeIterator>,
    {
        let row = row.into_iter();
        if row.len() != self.columns.len() {
            return Err(wrong_width(row.len(), self.columns.len()));
        }
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell, self.len);
        }
        self.len += 1;
        Ok(())
    }

    /// Removes all rows. The columns keep their memory, and their types until a cell comes that
    /// does not fit: only then a column takes the first type that holds the cells which came since.
    pub fn clear(&mut self) {
        for column in &mut self.columns {
            column.values.clear();
            column.validity.clear();
        }
        self.len = 0;
    }

    /// The column at a position.
    pub fn column(&self, index: usize) -> Option<Column<'_>> {
        let Cells { values, validity } = self.columns.get(index)?;
        let validity = (!validity.is_empty()).then_some(validity.as_slice());
        Some(Column { values: values.view(), validity })
    }

    /// The column of a name, the first one if it appears twice.
    pub fn column_by_name(&self, name: &str) -> Option<Column<'_>> {
        self.column(self.names.iter().position(|column| column == name)?)
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Cells {
    /// Appends a cell to the `len` that are there.
    #[inline]
    fn push(&mut self, cell: Cell<'_>, len: usize) {
        if matches!(cell, Cell::Null) {
            self.validity.resize(len, true);
            self.validity.push(false);
        } else if !self.validity.is_empty() {
            self.validity.push(true);
        }
        if !self.values.push(cell) {
            self.widen(cell);
        }
    }

    /// Takes another type, for the cells that are there and one more.
    #[cold]
    fn widen(&mut self, cell: Cell<'_>) {
        let view = Column { values: self.values.view(), validity: Some(&self.validity) };
        let fits = |values: &mut Values| {
            (0..view.len()).all(|row| values.push(view.cell(row).unwrap_or_default()))
                && values.push(cell)
        };
        let wider = Values::all_types()
            .into_iter()
            .find_map(|mut values| fits(&mut values).then_some(values));
        // The last type takes everything, so there is one.
        self.values = wider.unwrap_or_default();
    }
}

#[cold]
fn wrong_width(found: usize, expected: usize) -> RowError {
    RowError::of_row(format!("{found} cells for {expected} columns"))
}
