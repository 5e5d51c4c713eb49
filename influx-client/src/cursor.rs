//! Answers read piece by piece: nothing is read before it is asked for.

use std::marker::PhantomData;

use bytes::Bytes;
use influx_proto::Series;
use influx_proto::json::{ChunkDecoder, DecodeError, Event, SeriesDecoder};
use influx_transport::Body;
use serde::de::DeserializeOwned;

use crate::Error;

/// The series of an answer, each as the server sent it: up to some hundred points at a time.
///
/// The same series may come in several pieces.
/// Memory is bounded by one piece, and nothing is read ahead: a slow reader slows the server down.
/// Dropping it ends the exchange and closes its connection.
#[derive(Debug)]
pub struct Chunks {
    input: Input,
    decoder: ChunkDecoder,
    /// Set by the last series and by an error.
    over: bool,
}

impl Chunks {
    pub(crate) fn new(body: Body) -> Self {
        Self { input: Input::new(body), decoder: ChunkDecoder::new(), over: false }
    }

    /// The next series, or `None` after the last one.
    ///
    /// Everything that arrived whole is handed out before an error is. There is one error at most:
    /// after it the answer is over, and every further call gives `None`.
    ///
    /// The 0.8 server marks the end of its answer. If a proxy takes that mark away and ends the
    /// answer by closing the connection, a break between two documents looks like the end.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with status 200 if the server appended a refusal to its answer,
    /// [`Error::Response`] if the answer stops in the middle or is unreadable,
    /// [`Error::Transport`] if the connection failed.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped call loses nothing; the next one goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<Series>, Error> {
        if self.over {
            return Ok(None);
        }
        let series = self.read().await;
        self.over = !matches!(series, Ok(Some(_)));
        series
    }

    async fn read(&mut self) -> Result<Option<Series>, Error> {
        loop {
            if let Some(series) = self.decoder.next_value()? {
                return Ok(Some(series));
            }
            if self.input.ended {
                return Ok(None);
            }
            match self.input.read().await? {
                Some(piece) => self.decoder.push(&piece),
                None => self.decoder.finish(),
            }
        }
    }
}

/// The points of an answer as values of a Rust type.
///
/// Memory is bounded by one point and one piece from the network, and nothing is read ahead:
/// a slow reader slows the server down.
/// Dropping it ends the exchange and closes its connection.
#[derive(Debug)]
pub struct Rows<T> {
    input: Input,
    decoder: SeriesDecoder,
    series: Option<String>,
    /// Set by the end and by an error that is not about one point.
    over: bool,
    row: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Rows<T> {
    pub(crate) fn new(body: Body) -> Self {
        Self {
            input: Input::new(body),
            decoder: SeriesDecoder::new(),
            series: None,
            over: false,
            row: PhantomData,
        }
    }

    /// The next point, or `None` after the last one.
    ///
    /// # Errors
    ///
    /// As [`Chunks::next`], and [`Error::Row`] if the point does not fit the type;
    /// the point is skipped then, and the next call goes on behind it.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped call loses nothing; the next one goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        if self.over {
            return Ok(None);
        }
        let row = self.read().await;
        self.over = !matches!(row, Ok(Some(_)) | Err(Error::Row { .. }));
        row
    }

    /// The series that the last point belongs to, by name; `None` before the first.
    pub fn series_name(&self) -> Option<&str> {
        self.series.as_deref()
    }

    async fn read(&mut self) -> Result<Option<T>, Error> {
        loop {
            match self.decoder.next_event()? {
                Some(Event::Series(head)) => self.series = Some(head.name().to_owned()),
                Some(Event::Row(row)) => {
                    return row.deserialize().map(Some).map_err(|source| Error::Row {
                        series: self.series.clone().unwrap_or_default(),
                        source,
                    });
                }
                Some(Event::Error(message)) => {
                    return Err(DecodeError::Trailer(message.to_owned()).into());
                }
                Some(_) => {}
                None if self.input.ended => return Ok(None),
                None => match self.input.read().await? {
                    Some(piece) => self.decoder.push(&piece),
                    None => self.decoder.finish(),
                },
            }
        }
    }
}

/// The body of an answer.
#[derive(Debug)]
struct Input {
    body: Body,
    ended: bool,
}

impl Input {
    fn new(body: Body) -> Self {
        Self { body, ended: false }
    }

    /// The next piece, or `None` at the end.
    async fn read(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = self.body.chunk().await?;
        self.ended = piece.is_none();
        Ok(piece)
    }
}
