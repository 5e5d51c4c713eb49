//! The answers of a 1.x server.

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::V1;
use super::query::ResultFormat;
use crate::decode::{DecodeError, DecodeOptions, Event, MsgpackDecoder, SeriesDecoder};
use crate::{FromReply, Reply, ResponseError, RowError, Series, ServerError, TimeUnit, Value};

/// Reads the series of an answer, or the refusal that follows them.
///
/// Documents of a chunked answer that go on with a series are joined.
pub(super) fn series(reply: &Reply<'_>) -> Result<Vec<Series>, ResponseError> {
    reply.expect(StatusCode::OK)?;
    // The body is in memory already: the HTTP client that collected it has limited its size.
    let mut options = DecodeOptions::default();
    let length = reply.body.len();
    (options.max_member, options.max_row, options.max_string) = (length, length, length);
    options.time_unit = Some(TimeUnit::Nanoseconds);
    let mut collector = Collector::default();
    macro_rules! collect {
        ($decoder:expr) => {{
            let mut decoder = $decoder;
            decoder.push(reply.body);
            decoder.finish();
            while let Some(event) = decoder.next_event().map_err(text_is_refusal)? {
                collector.take(event)?;
            }
        }};
    }
    match format(reply) {
        ResultFormat::Msgpack => collect!(MsgpackDecoder::with_options(options)),
        ResultFormat::Json => collect!(SeriesDecoder::with_options(options)),
    }
    collector.finish()
}

/// The format that the server says it answers in.
fn format(reply: &Reply<'_>) -> ResultFormat {
    let media_type = reply.headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    if media_type == Some(ResultFormat::Msgpack.media_type().as_bytes()) {
        ResultFormat::Msgpack
    } else {
        ResultFormat::Json
    }
}

/// A text behind the answer is the server's refusal.
fn text_is_refusal(error: DecodeError) -> ResponseError {
    match error {
        DecodeError::Trailer(text) => refusal(&text),
        other => other.into(),
    }
}

/// A refusal that follows the head of an answer.
fn refusal(text: &str) -> ResponseError {
    ServerError::new(StatusCode::OK, text.as_bytes()).into()
}

/// Series, as their rows come.
#[derive(Default)]
struct Collector {
    all: Vec<Series>,
    statements: usize,
    is_partial: bool,
}

impl Collector {
    fn take(&mut self, event: Event<'_>) -> Result<(), ResponseError> {
        match event {
            Event::Series(head) => self.all.push(Series::of_head(head)),
            Event::Row(row) => {
                if let Some(series) = self.all.last_mut() {
                    series.push_row(&row);
                }
            }
            Event::End { .. } => self.join_last(),
            Event::Statement(statement) => {
                self.statements += 1;
                self.is_partial = statement.partial;
                if let Some(error) = statement.error {
                    return Err(refusal(error));
                }
            }
            Event::Error(text) => return Err(refusal(text)),
        }
        Ok(())
    }

    /// Joins the last series with the one before, if that goes on.
    fn join_last(&mut self) {
        let Some(last) = self.all.pop() else { return };
        let rest = match self.all.last_mut() {
            Some(before) => before.append(last).err(),
            None => Some(last),
        };
        self.all.extend(rest);
    }

    fn finish(self) -> Result<Vec<Series>, ResponseError> {
        // Every answer has a statement, and the last part of one is not partial.
        if self.statements == 0 || self.is_partial {
            return Err(DecodeError::Truncated { bytes: 0 }.into());
        }
        Ok(self.all)
    }
}

/// The statement was done; what it answers does not matter.
pub(super) fn done(reply: &Reply<'_>) -> Result<(), ResponseError> {
    series(reply).map(drop)
}

/// A success without a body.
pub(super) fn expect_nothing(reply: &Reply<'_>) -> Result<(), ResponseError> {
    reply.expect(StatusCode::NO_CONTENT)
}

/// The rows of all series.
pub(super) fn rows<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<Vec<T>, ResponseError> {
    let series = series(reply)?;
    Ok(series.iter().flat_map(Series::rows).collect::<Result<_, RowError>>()?)
}

/// The first column of all series.
pub(super) fn names(reply: &Reply<'_>) -> Result<Vec<String>, ResponseError> {
    let series = series(reply)?;
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
    let series = series(reply)?;
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
    let mut tables = Vec::new();
    for statement in answer.results {
        if let Some(error) = statement.error {
            return Err(refusal(&error));
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
    Vec<Series> => series;
    Vec<super::RetentionPolicy> => rows;
    Vec<super::User> => rows;
    Vec<super::Permission> => rows;
    Vec<super::RunningQuery> => rows;
    Vec<super::FieldKey> => |reply| of_measurements(reply, super::FieldKey::of);
    Vec<super::TagValue> => |reply| of_measurements(reply, super::TagValue::of);
    Vec<super::ContinuousQuery> => |reply| of_measurements(reply, super::ContinuousQuery::of);
}
