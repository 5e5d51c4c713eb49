//! The checks of columns that the encoders of all formats share.

use super::{EncodeError, PointPart, PointProblem};
use crate::{Series, SeriesError, Table};

/// Checks that the columns that a table names are among those of the data.
pub(crate) fn check_named<'a>(
    table: &Table,
    columns: &(impl Iterator<Item = &'a str> + Clone),
) -> Result<(), EncodeError> {
    match table.missing(columns) {
        None => Ok(()),
        Some(name) => Err(EncodeError::new(PointPart::Column, "", name, PointProblem::Missing)),
    }
}

/// Checks that a series, which a server may have sent, has columns, and none twice.
pub(crate) fn check_series(series: &Series) -> Result<(), EncodeError> {
    match series.check_columns() {
        Ok(()) => Ok(()),
        Err(SeriesError::DuplicateColumn { column, .. }) => {
            Err(EncodeError::new(PointPart::Column, "", &column, PointProblem::Duplicate))
        }
        Err(_) => Err(EncodeError::new(PointPart::Point, "", "", PointProblem::NoFields)),
    }
}
