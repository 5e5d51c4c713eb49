//! The answers of a 1.x server.

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::V1;
use crate::decode::{
    AnswerFormat, DecodeError, DecodeOptions, InvalidText, SeriesAssembler, Shape,
};
use crate::{FromReply, Reply, ResponseError, RowError, Series, ServerError, TimeUnit, Value};

/// The options of a decoder for the answer to a query.
pub(super) fn options() -> DecodeOptions {
    let time_unit = Some(TimeUnit::Nanoseconds);
    DecodeOptions { shape: Shape::Results, time_unit, ..DecodeOptions::default() }
}

/// Reads the series of an answer, or the refusal that follows them.
///
/// Documents of a chunked answer that go on with a series are joined. A text that is not UTF-8 is
/// read as the server itself writes it in JSON.
pub(super) fn series(
    reply: &Reply<'_>,
    mut options: DecodeOptions,
) -> Result<Vec<Series>, ResponseError> {
    reply.expect(StatusCode::OK)?;
    options.invalid_text = InvalidText::Replace;
    // The body is in memory already: the HTTP client that collected it has limited its size.
    let length = reply.body.len();
    options.max_document = length;
    (options.max_member, options.max_row, options.max_string) = (length, length, length);
    let content_type = reply.headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let format = AnswerFormat::of_content_type(content_type);
    let mut assembler = SeriesAssembler::with_format(format, options);
    assembler.push(reply.body);
    assembler.finish();
    let mut all = Vec::<Series>::new();
    while let Some(series) = assembler.next_series().map_err(|error| refused(reply, error))? {
        let rest = match all.last_mut() {
            Some(before) => before.append(series).err(),
            None => Some(series),
        };
        all.extend(rest);
    }
    Ok(all)
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

/// The statement was done; what it answers does not matter.
pub(super) fn done(reply: &Reply<'_>) -> Result<(), ResponseError> {
    series(reply, options()).map(drop)
}

/// A success without a body. A proxy's page can have the same status.
pub(super) fn expect_nothing(reply: &Reply<'_>) -> Result<(), ResponseError> {
    reply.expect(StatusCode::NO_CONTENT)?;
    if reply.body.is_empty() { Ok(()) } else { Err(ServerError::from(reply).into()) }
}

/// The rows of all series.
pub(super) fn rows<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, ResponseError> {
    let series = series(reply, options())?;
    Ok(series.iter().flat_map(Series::rows).collect::<Result<_, RowError>>()?)
}

/// The first column of all series.
pub(super) fn names(reply: &Reply<'_>) -> Result<Vec<String>, ResponseError> {
    let series = series(reply, options())?;
    let cells = series.iter().flat_map(Series::points).filter_map(|point| point.first());
    let names = cells.map(|cell| match cell {
        Value::String(name) => Ok(name.clone()),
        _ => Err(RowError { column: None, reason: "a name that is not text".to_owned() }),
    });
    Ok(names.collect::<Result<_, RowError>>()?)
}

/// The rows of two texts of all series, with the name of their series.
pub(super) fn of_measurements<T>(
    reply: &Reply<'_>,
    make: impl Fn(String, (String, String)) -> T,
) -> Result<Vec<T>, ResponseError> {
    let series = series(reply, options())?;
    let rows = series.iter().flat_map(|series| {
        let make = &make;
        series.rows().map(move |row| row.map(|row| make(series.name().to_owned(), row)))
    });
    Ok(rows.collect::<Result<_, RowError>>()?)
}

/// The series of an answer in JSON, as values of another type than rows.
pub(super) fn tables<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, ResponseError> {
    #[derive(Deserialize)]
    struct Answer<T> {
        results: Vec<Statement<T>>,
    }
    #[derive(Deserialize)]
    struct Statement<T> {
        #[serde(default = "Vec::new")]
        series: Vec<T>,
        error: Option<String>,
    }
    reply.expect(StatusCode::OK)?;
    let answer: Answer<T> = serde_json::from_slice(reply.body)
        .map_err(|error| DecodeError::serde(0, reply.body, &error))?;
    if answer.results.is_empty() {
        return Err(DecodeError::Truncated { bytes: 0 }.into());
    }
    let mut tables = Vec::new();
    for statement in answer.results {
        if let Some(error) = statement.error {
            return Err(refused(reply, DecodeError::Trailer(error)));
        }
        tables.extend(statement.series);
    }
    Ok(tables)
}

macro_rules! outputs {
    ($($type:ty => $read:expr;)*) => {$(
        impl FromReply<V1> for $type {
            fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
                $read(reply)
            }
        }
    )*};
}

outputs! {
    () => done;
    Vec<String> => names;
    Vec<Series> => |reply| series(reply, options());
    Vec<super::RetentionPolicy> => rows;
    Vec<super::User> => rows;
    Vec<super::Permission> => rows;
    Vec<super::RunningQuery> => rows;
    Vec<super::FieldKey> => |reply| of_measurements(reply, super::FieldKey::of);
    Vec<super::TagValue> => |reply| of_measurements(reply, super::TagValue::of);
    Vec<super::ContinuousQuery> => |reply| of_measurements(reply, super::ContinuousQuery::of);
}
