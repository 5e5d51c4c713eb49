//! The outputs of calls, as a 0.8 server writes them.

use http::StatusCode;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::V08;
use crate::decode::{ChunkDecoder, DecodeError, DecodeOptions};
use crate::{FromReply, Reply, ResponseError, RowError, Secret, Series, ServerError};

/// A reply without content that matters.
impl FromReply<V08> for () {
    fn from_reply(_: &Reply<'_>) -> Result<Self, ResponseError> {
        Ok(())
    }
}

/// Bytes as they are.
impl FromReply<V08> for Vec<u8> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        Ok(reply.body.to_owned())
    }
}

/// A JSON document that stays secret.
impl FromReply<V08> for Secret {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        value::<IgnoredAny>(reply)?;
        Ok(Secret::new(String::from_utf8_lossy(reply.body)))
    }
}

impl FromReply<V08> for bool {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        value(reply)
    }
}

/// The names in a list of objects.
impl FromReply<V08> for Vec<String> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        list(reply).map(into_names)
    }
}

impl<T: Listed> FromReply<V08> for Vec<T> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        list(reply)
    }
}

/// One array, or series after series, of which there may be none.
impl FromReply<V08> for Vec<Series> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        values(reply.body)
    }
}

/// Part of a list that is a JSON array of objects.
pub(super) trait Listed: DeserializeOwned {}

/// An object of which only the name matters.
#[derive(Deserialize)]
pub(super) struct Named {
    name: String,
}

pub(super) fn into_names(named: Vec<Named>) -> Vec<String> {
    named.into_iter().map(|named| named.name).collect()
}

/// Reads a JSON array; `null`, an empty list to Go, counts as one.
pub(super) fn list<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, ResponseError> {
    if reply.body.is_empty() {
        return Err(DecodeError::Truncated { bytes: 0 }.into());
    }
    Ok(values::<Option<T>>(reply.body)?.into_iter().flatten().collect())
}

/// Reads the points of a query's reply by the names of their columns: an empty list of the 0.8
/// server has other columns than a filled one.
pub(super) fn rows<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, ResponseError> {
    reply.expect(StatusCode::OK)?;
    let series: Vec<Series> = values(reply.body)?;
    Ok(series.iter().flat_map(Series::rows).collect::<Result<_, RowError>>()?)
}

/// Reads one JSON value.
pub(super) fn value<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<T, ResponseError> {
    let first = values(reply.body)?.into_iter().next();
    Ok(first.ok_or(DecodeError::Truncated { bytes: 0 })?)
}

/// Reads every JSON value of a success; a text among them is the server's refusal.
fn values<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, ResponseError> {
    // The body is in memory already: the HTTP client that collected it has limited its size.
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
