//! Rust values as rows, matched by column name.

mod cell;
mod cell_de;
mod cells;
mod de;
mod failure;
mod order;
mod plan;
mod ser;
mod sink;
mod to_row;

use serde::de::Deserialize;
use serde::ser::Serialize;

pub use cell::Cell;
pub(crate) use cells::Cells;
pub use de::from_row;
pub(crate) use plan::Plan;
pub(crate) use ser::write_row;
pub(crate) use sink::RowSink;
pub use to_row::to_row;

use crate::{RowError, Series, SeriesError, Value};

impl Series {
    /// A series out of structs or maps, one for each point.
    ///
    /// The first row decides on the columns. A later row may have them in another order and may
    /// lack some, which count as null; it cannot add any.
    ///
    /// ```
    /// use influx_proto::Series;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Load<'a> {
    ///     host: &'a str,
    ///     value: f64,
    /// }
    ///
    /// let rows = [Load { host: "web-1", value: 0.5 }, Load { host: "web-2", value: 1.0 }];
    /// let series = Series::from_rows("load", rows)?;
    /// assert_eq!(series.columns(), ["host", "value"]);
    /// assert_eq!(series.len(), 2);
    /// # Ok::<(), influx_proto::SeriesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SeriesError::Row`] if a row is not a struct or map, has a cell that a column cannot hold
    /// or a column that the first row does not have;
    /// [`SeriesError::NoColumns`] without rows, or if the first one is empty.
    pub fn from_rows<T: Serialize>(
        name: impl Into<String>,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Self, SeriesError> {
        let name = name.into();
        let mut rows = rows.into_iter();
        let Some(first) = rows.next() else {
            return Err(SeriesError::NoColumns { series: name });
        };
        let (columns, cells) = match to_row(&first) {
            Ok(row) => row,
            Err(source) => return Err(SeriesError::Row { series: name, point: 0, source }),
        };
        let mut series = Self::new(name, columns)?;
        series.push(cells)?;
        for row in rows {
            let point = to_row::fields(&row).and_then(|fields| series.arrange(fields));
            series.push(point.map_err(|source| SeriesError::Row {
                series: series.name().to_owned(),
                point: series.len(),
                source,
            })?)?;
        }
        Ok(series)
    }

    /// The points as Rust values: structs or maps by column name, tuples and sequences by position.
    /// See [`from_row`] for what fits what.
    ///
    /// ```
    /// use influx_proto::Series;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Load<'a> {
    ///     host: Option<&'a str>,
    ///     value: f64,
    /// }
    ///
    /// let mut series = Series::new("load", ["time", "value", "host"])?;
    /// series.push([0.into(), 3.into(), "web-1".into()])?;
    /// for load in series.rows::<Load>() {
    ///     let Load { host, value } = load?;
    ///     assert_eq!((host, value), (Some("web-1"), 3.0));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rows<'de, T: Deserialize<'de>>(
        &'de self,
    ) -> impl Iterator<Item = Result<T, RowError>> + 'de {
        self.points().map(|point| from_row(self.columns(), point))
    }

    /// Brings a row's cells into the order of the columns.
    fn arrange(&self, fields: Vec<to_row::Field>) -> Result<Vec<Value>, RowError> {
        let mut point = vec![Value::Null; self.columns().len()];
        for (index, (name, value)) in fields.into_iter().enumerate() {
            // Rows of one struct have the same order: look there first.
            let position = match self.columns().get(index) {
                Some(column) if *column == name => Some(index),
                _ => self.column_index(&name),
            };
            match position.and_then(|position| point.get_mut(position)) {
                Some(cell) => *cell = value,
                None => return Err(RowError::of_column(name, "the first row has no such column")),
            }
        }
        Ok(point)
    }
}
