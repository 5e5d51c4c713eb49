//! A Rust value as the cells of a point.

use std::borrow::Cow;

use serde::ser::Serialize;

use super::ser::write_row;
use super::sink::{RowSink, owned};
use crate::{Cell, RowError, Value};

/// Writes a Rust value as one point: the names of its columns and their cells.
///
/// The value is a struct, or a map whose keys are texts. `None` and `()` are null,
/// enums without data are their names. A `SystemTime` is a [`Time`](crate::Time).
/// Nothing else that has parts fits into a cell.
///
/// ```
/// use influx_proto::{Value, to_row};
///
/// #[derive(serde::Serialize)]
/// struct Load {
///     host: &'static str,
///     value: Option<f64>,
/// }
///
/// let (columns, row) = to_row(&Load { host: "web-1", value: None })?;
/// assert_eq!(columns, ["host", "value"]);
/// assert_eq!(row, [Value::from("web-1"), Value::Null]);
/// # Ok::<(), influx_proto::RowError>(())
/// ```
///
/// # Errors
///
/// [`RowError`] with the column that cannot hold its value,
/// or without one if the value is not a struct or map.
pub fn to_row<T: Serialize + ?Sized>(value: &T) -> Result<(Vec<String>, Vec<Value>), RowError> {
    let fields = fields(value)?;
    Ok(fields.into_iter().map(|(name, value)| (name.into_owned(), value)).unzip())
}

/// A cell after its column's name, which is copied for maps only.
pub(super) type Field = (Cow<'static, str>, Value);

pub(super) fn fields<T: Serialize + ?Sized>(value: &T) -> Result<Vec<Field>, RowError> {
    let mut fields = Fields(Vec::new());
    write_row(value, &mut fields)?;
    Ok(fields.0)
}

/// The cells that become a point of a [`Series`](crate::Series).
struct Fields(Vec<Field>);

impl RowSink for Fields {
    type Error = RowError;

    fn begin(&mut self, columns: usize) {
        self.0.reserve_exact(columns);
    }

    fn column(&mut self, name: &'static str) -> Result<(), RowError> {
        self.0.push((Cow::Borrowed(name), Value::Null));
        Ok(())
    }

    fn map_column(&mut self, name: String) -> Result<(), RowError> {
        self.0.push((Cow::Owned(name), Value::Null));
        Ok(())
    }

    fn skip(&mut self, _: &'static str) -> Result<(), RowError> {
        Ok(())
    }

    fn cell(&mut self, cell: Cell<'_>) -> Result<(), RowError> {
        if let Some((_, value)) = self.0.last_mut() {
            *value = owned(cell);
        }
        Ok(())
    }

    fn locate(&self, error: RowError) -> RowError {
        match self.0.last() {
            Some((name, _)) => error.in_column(name),
            None => error,
        }
    }
}
