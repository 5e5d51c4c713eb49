//! The error inside of row deserializers.

use std::fmt;

use serde::de::{self, Expected, Unexpected};
use thiserror::Error;

use crate::RowError;

/// A [`RowError`] as small as a pointer: it is part of the result of every cell.
#[derive(Debug, Error)]
#[error(transparent)]
pub(super) struct Failure(Box<RowError>);

impl Failure {
    /// Names the column unless it is known already.
    pub(super) fn in_column(self, column: &str) -> Self {
        Self(Box::new(self.0.in_column(column)))
    }
}

impl From<RowError> for Failure {
    #[cold]
    fn from(error: RowError) -> Self {
        Self(Box::new(error))
    }
}

impl From<Failure> for RowError {
    fn from(failure: Failure) -> Self {
        *failure.0
    }
}

impl de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        <RowError as de::Error>::custom(message).into()
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        RowError::invalid_type(unexpected, expected).into()
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        RowError::invalid_value(unexpected, expected).into()
    }

    fn missing_field(field: &'static str) -> Self {
        RowError::missing_field(field).into()
    }

    fn duplicate_field(field: &'static str) -> Self {
        RowError::duplicate_field(field).into()
    }
}
