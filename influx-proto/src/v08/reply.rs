//! Reads replies: the promised status, then the promised JSON.

use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::json::DecodeError;
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
    Ok(decode(body)?)
}

/// Reads a JSON array of a reply with status 200; `null`, an empty list to Go, counts as one.
pub(super) fn list<T: DeserializeOwned>(
    status: StatusCode,
    body: &[u8],
) -> Result<Vec<T>, ResponseError> {
    json::<Option<Vec<T>>>(status, body).map(Option::unwrap_or_default)
}

/// Reads a JSON array of objects with a name each.
pub(super) fn names(status: StatusCode, body: &[u8]) -> Result<Vec<String>, ResponseError> {
    #[derive(serde::Deserialize)]
    struct Named {
        name: String,
    }
    Ok(list::<Named>(status, body)?.into_iter().map(|named| named.name).collect())
}

/// Reads one JSON value.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(body).map_err(|_| DecodeError::Truncated)
}

/// Reads the series of a query's reply with status 200: one array, or series after series,
/// of which there may be none.
pub(super) fn series(status: StatusCode, body: &[u8]) -> Result<Vec<Series>, ResponseError> {
    expect(StatusCode::OK, status, body)?;
    if body.first() == Some(&b'[') {
        return Ok(decode(body)?);
    }
    let mut documents = serde_json::Deserializer::from_slice(body).into_iter::<Series>();
    let mut found = Vec::new();
    loop {
        let start = documents.byte_offset();
        match documents.next() {
            None => return Ok(found),
            Some(Ok(series)) => found.push(series),
            Some(Err(error)) if error.is_eof() => return Err(DecodeError::Truncated.into()),
            Some(Err(_)) => {
                return Err(ServerError::new(status, body.get(start..).unwrap_or_default()).into());
            }
        }
    }
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
    RowError { column: column.to_owned(), reason: reason.to_owned() }
}
