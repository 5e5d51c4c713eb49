//! Reads replies: the promised status, then the promised JSON.

use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::decode::{ChunkDecoder, DecodeError, DecodeOptions};
use crate::{ResponseError, RowError, Series, ServerError};

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

/// Reads the points of a query's reply with status 200, by the names of their columns:
/// an empty list of the 0.8 server has other columns than a filled one.
pub(super) fn rows<T: DeserializeOwned>(
    status: StatusCode,
    body: &[u8],
) -> Result<Vec<T>, ResponseError> {
    let series = series(status, body)?;
    Ok(series.iter().flat_map(Series::rows).collect::<Result<_, RowError>>()?)
}

/// Something of which only the name matters.
#[derive(Deserialize)]
pub(super) struct Named {
    name: String,
}

impl Named {
    pub(super) fn into_names(named: Vec<Self>) -> Vec<String> {
        named.into_iter().map(|named| named.name).collect()
    }
}

/// Every JSON value of a success; a text among them is the server's refusal.
fn values<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, ResponseError> {
    // The body is in memory already, and its collector has limited it.
    let options = DecodeOptions { max_document: body.len(), ..DecodeOptions::default() };
    let mut decoder = ChunkDecoder::with_options(options);
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
