//! The outputs of calls, as a 0.8 server writes them.
//!
//! A body that is not the promised one is the server's refusal in its own words: a proxy or another
//! kind of server can have sent it.

use std::fmt;
use std::marker::PhantomData;

use http::StatusCode;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};

use super::dialect::V08;
use crate::decode::{DecodeError, DecodeOptions, Event, SeriesAssembler, SeriesDecoder, Shape};
use crate::{FromReply, Reply, ResponseError, Secret, Series, ServerError};

/// An empty body.
impl FromReply<V08> for () {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        expect_body(reply, b"")
    }
}

/// The text of an export, whose parts begin with a comment that names them (measured on 0.8.9).
impl FromReply<V08> for Vec<u8> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        if reply.body.starts_with(b"# D") {
            return Ok(reply.body.to_owned());
        }
        Err(ServerError::from(reply).into())
    }
}

/// A JSON object that stays secret.
impl FromReply<V08> for Secret {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        // No member of it matters here, but each must be JSON.
        #[derive(Deserialize)]
        struct Any {}
        match words(reply.body) {
            Some(text) => return Err(refused(reply, DecodeError::Trailer(text))),
            None => object::<Any>(reply)?,
        };
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
        objects(reply).map(into_names)
    }
}

impl<T: Listed> FromReply<V08> for Vec<T> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        objects(reply)
    }
}

/// One array, or series after series, of which there may be none.
impl FromReply<V08> for Vec<Series> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        series(reply, options())
    }
}

/// All series of a reply.
pub(super) fn series(
    reply: &Reply<'_>,
    mut options: DecodeOptions,
) -> Result<Vec<Series>, ResponseError> {
    // The body is in memory already: the HTTP client that collected it has limited its size.
    options.max_document = reply.body.len();
    let mut assembler = SeriesAssembler::with_options(options);
    assembler.push(reply.body);
    assembler.finish();
    let mut all = Vec::new();
    while let Some(series) = assembler.next_series().map_err(|error| refused(reply, error))? {
        all.push(series);
    }
    Ok(all)
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

/// The options of a decoder for the answer to a query.
pub(super) fn options() -> DecodeOptions {
    DecodeOptions { shape: Shape::Series, ..DecodeOptions::default() }
}

/// Checks that the body is this text.
pub(super) fn expect_body(reply: &Reply<'_>, expected: &[u8]) -> Result<(), ResponseError> {
    if reply.body.trim_ascii() == expected { Ok(()) } else { Err(ServerError::from(reply).into()) }
}

/// Reads a JSON array; `null`, an empty list to Go, counts as one.
pub(super) fn list<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, ResponseError> {
    Ok(value::<List<T>>(reply)?.0)
}

fn objects<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, ResponseError> {
    Ok(list(reply)?.into_iter().map(|Object(element)| element).collect())
}

/// Reads the points of a query's reply by the names of their columns: an empty list of the 0.8
/// server has other columns than a filled one.
pub(super) fn rows<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, ResponseError> {
    reply.expect(StatusCode::OK)?;
    let mut decoder = SeriesDecoder::with_options(options());
    decoder.push(reply.body);
    decoder.finish();
    let mut rows = Vec::new();
    loop {
        match decoder.next_event().map_err(|error| refused(reply, error))? {
            None => return Ok(rows),
            Some(Event::Row(_)) if rows.len() == MAX_LISTED => return Err(too_many().into()),
            Some(Event::Row(row)) => rows.push(row.deserialize()?),
            Some(Event::Error(text)) => {
                return Err(refused(reply, DecodeError::Trailer(text.to_owned())));
            }
            Some(_) => {}
        }
    }
}

/// Reads the reply to a query that changes something, which has no series.
pub(super) fn no_series(reply: &Reply<'_>) -> Result<(), ResponseError> {
    reply.expect(StatusCode::OK)?;
    let series = <Vec<Series> as FromReply<V08>>::from_reply(reply)?;
    if series.is_empty() { Ok(()) } else { Err(ServerError::from(reply).into()) }
}

/// Reads a body that is one JSON value.
pub(super) fn value<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<T, ResponseError> {
    let body = reply.body;
    serde_json::from_slice(body).map_err(|error| match words(body) {
        Some(text) => refused(reply, DecodeError::Trailer(text)),
        None if body.trim_ascii().is_empty() => DecodeError::Truncated { bytes: 0 }.into(),
        None => DecodeError::serde(0, body, &error).into(),
    })
}

/// Reads a body that is one JSON object.
pub(super) fn object<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<T, ResponseError> {
    value(reply).map(|Object(value)| value)
}

/// The text of a body that is not JSON, or the member `error` of one that has nothing else.
fn words(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Failure {
        error: String,
    }
    if let Ok(failure) = serde_json::from_slice::<Object<Failure>>(body) {
        return Some(failure.0.error);
    }
    if let Ok([failure]) = serde_json::from_slice::<[Object<Failure>; 1]>(body) {
        return Some(failure.0.error);
    }
    let first = body.trim_ascii_start().first()?;
    let is_json = matches!(first, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n');
    (!is_json).then(|| String::from_utf8_lossy(body).into_owned())
}

/// A text in the place of data is the server's refusal.
fn refused(reply: &Reply<'_>, error: DecodeError) -> ResponseError {
    match error {
        DecodeError::Trailer(text) => {
            ServerError::from(&Reply { body: text.as_bytes(), ..*reply }).into()
        }
        error => error.into(),
    }
}

/// The elements that a list may have.
const MAX_LISTED: usize = 1_000_000;

fn too_many() -> DecodeError {
    DecodeError::TooLarge { what: "elements of a list", limit: MAX_LISTED, offset: 0 }
}

/// A JSON array of a limited length, or `null`.
struct List<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData)).map(Self)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = seq.next_element()? {
            if all.len() == MAX_LISTED {
                return Err(de::Error::custom(too_many()));
            }
            all.push(element);
        }
        Ok(all)
    }
}

/// A JSON object, and nothing else: a struct alone is also read from an array.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}
