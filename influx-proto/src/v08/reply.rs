//! Reads replies: the promised status, then the promised JSON.

use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::json::{ChunkDecoder, DecodeError, DecodeLimits};
use crate::{ResponseError, RowError, Series, ServerError, Value};

/// Refuses every status but the one that the call promises.
pub(super) fn expect(
    expected: StatusCode,
    status: StatusCode,
    body: &[u8],
) -> Result<(), ResponseError> {
    if status == expected {
        Ok(())
    } else if status.is_redirection() {
        Err(ResponseError::Redirect { status })
    } else {
        Err(ServerError::new(status, body).into())
    }
}

/// Reads the one JSON value of a reply with status 200.
pub(super) fn json<T: DeserializeOwned>(
    status: StatusCode,
    body: &[u8],
) -> Result<T, ResponseError> {
    expect(StatusCode::OK, status, body)?;
    let first = values(body)?.into_iter().next();
    Ok(first.ok_or(DecodeError::Truncated { bytes: 0 })?)
}

/// Reads a JSON array of a reply with status 200; `null`, an empty list to Go, counts as one.
pub(super) fn list<T: DeserializeOwned>(
    status: StatusCode,
    body: &[u8],
) -> Result<Vec<T>, ResponseError> {
    expect(StatusCode::OK, status, body)?;
    if body.is_empty() {
        return Err(DecodeError::Truncated { bytes: 0 }.into());
    }
    Ok(values::<Option<T>>(body)?.into_iter().flatten().collect())
}

/// Reads the series of a query's reply with status 200: one array, or series after series,
/// of which there may be none.
pub(super) fn series(status: StatusCode, body: &[u8]) -> Result<Vec<Series>, ResponseError> {
    expect(StatusCode::OK, status, body)?;
    values(body)
}

/// Reads a JSON array of objects with a name each.
pub(super) fn names(status: StatusCode, body: &[u8]) -> Result<Vec<String>, ResponseError> {
    #[derive(serde::Deserialize)]
    struct Named {
        name: String,
    }
    Ok(list::<Named>(status, body)?.into_iter().map(|named| named.name).collect())
}

/// The cells of some columns, point by point.
///
/// An empty list of the 0.8 server has other columns than a filled one, hence their names.
pub(super) fn columns<'a, const N: usize>(
    series: &'a Series,
    names: [&str; N],
) -> Result<impl Iterator<Item = [Option<&'a Value>; N]>, RowError> {
    let mut indexes = [0; N];
    for (index, name) in indexes.iter_mut().zip(names) {
        *index = series.column_index(name).ok_or_else(|| row_error(name, "is missing"))?;
    }
    Ok(series.points().map(move |point| indexes.map(|index| point.get(index))))
}

/// The cell of a column as what it has to be.
pub(super) fn cell<'a, T>(
    value: Option<&'a Value>,
    column: &str,
    convert: impl Fn(&'a Value) -> Option<T>,
) -> Result<T, RowError> {
    value.and_then(convert).ok_or_else(|| row_error(column, "is of another type"))
}

fn row_error(column: &str, reason: &str) -> RowError {
    RowError { column: Some(column.to_owned()), reason: reason.to_owned() }
}

/// Every JSON value of a success; a text among them is the server's refusal.
fn values<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, ResponseError> {
    // The body is in memory already, so that whoever collected it has limited it.
    let limits = DecodeLimits::default().with_max_document(body.len());
    let mut decoder = ChunkDecoder::with_limits(limits);
    decoder.push(body);
    decoder.finish();
    let mut values = Vec::new();
    loop {
        match decoder.next_value() {
            Ok(Some(value)) => values.push(value),
            Ok(None) => return Ok(values),
            Err(DecodeError::Trailer(text)) => {
                return Err(ServerError::new(StatusCode::OK, text.as_bytes()).into());
            }
            Err(error) => return Err(error.into()),
        }
    }
}
