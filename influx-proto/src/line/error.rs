//! A line that cannot be read.

use thiserror::Error;

use crate::encode::{EncodeError, PointPart, PointProblem};

/// A line that the parser refuses.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("line {line}, column {column}: {part} {problem}")]
#[non_exhaustive]
pub struct LineParseError {
    /// The line's number in the input, from 1. A newline inside a string counts.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
    /// The part of the line.
    pub part: PointPart,
    /// The problem with it.
    pub problem: PointProblem,
}

impl LineParseError {
    /// The error about the point that the line is for an encoder.
    pub(crate) fn into_encode_error(self, point: usize) -> EncodeError {
        let problem = PointProblem::Unsupported { reason: self.to_string() };
        EncodeError::new(PointPart::Line, "", "", problem).of(point, "")
    }
}
