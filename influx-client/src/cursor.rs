//! Answers read piece by piece: nothing is read before it is asked for.

use std::marker::PhantomData;

use influx_proto::json::ChunkDecoder;
use influx_proto::{Series, from_row};
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
    body: Body,
    decoder: ChunkDecoder,
    input_ended: bool,
    /// Set by the last series and by an error.
    over: bool,
}

impl Chunks {
    pub(crate) fn new(body: Body) -> Self {
        Self { body, decoder: ChunkDecoder::new(), input_ended: false, over: false }
    }

    /// The next series, or `None` after the last one.
    ///
    /// Everything that arrived whole is handed out before an error is. There is one error at most:
    /// after it the answer is over, and every further call gives `None`.
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
            if self.input_ended {
                return Ok(None);
            }
            if let Some(bytes) = self.body.chunk().await? {
                self.decoder.push(&bytes);
            } else {
                self.decoder.finish();
                self.input_ended = true;
            }
        }
    }
}

/// The points of an answer as values of a Rust type.
///
/// Reads like [`Chunks`], one piece of the answer at a time.
#[derive(Debug)]
pub struct Rows<T> {
    chunks: Chunks,
    series: Option<Series>,
    /// The position of the next point in `series`.
    next: usize,
    row: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Rows<T> {
    pub(crate) fn new(chunks: Chunks) -> Self {
        Self { chunks, series: None, next: 0, row: PhantomData }
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
        loop {
            if let Some(series) = &self.series {
                if let Some(point) = series.points().nth(self.next) {
                    self.next += 1;
                    let row = from_row(series.columns(), point);
                    return row
                        .map(Some)
                        .map_err(|source| Error::Row { series: series.name().to_owned(), source });
                }
            }
            let Some(series) = self.chunks.next().await? else { return Ok(None) };
            self.series = Some(series);
            self.next = 0;
        }
    }

    /// The series that the last point belongs to, by name; `None` before the first.
    pub fn series_name(&self) -> Option<&str> {
        self.series.as_ref().map(Series::name)
    }
}
