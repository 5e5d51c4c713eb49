//! An answer row by row.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use influx_proto::decode::{Event, SeriesDecoder};
use serde::de::DeserializeOwned;

use super::input::{Answer, Input};
use crate::{Error, ErrorKind};

/// The rows of an answer as values of a Rust type: a struct by the names of columns, or a tuple by
/// their order.
///
/// **A tuple depends on the order of the server's columns**, which need not be that of the query:
/// InfluxDB 0.8 sorts the columns that a raw `select` names by their names, so that
/// `select zeta, alpha` gives `(time, sequence_number, alpha, zeta)`, and gives those of `select *`
/// in any order, another one for each query (measured on 0.8.9). Two columns of one type then
/// change places without an error. Use a struct, which finds its fields by name, or a
/// `BTreeMap<String, Value>` if the names are not known.
///
/// Memory is bounded by one row and one piece from the network, and nothing is read ahead: a slow
/// reader slows the server down. Dropping it ends the exchange and closes its connection.
///
/// With the feature `stream`, it is a `Stream` of the same values.
#[derive(Debug)]
pub struct Rows<T> {
    input: Input,
    decoder: SeriesDecoder,
    max_response: usize,
    series: Option<String>,
    /// Set by the end, and by an error that is not about one row.
    over: bool,
    row: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Rows<T> {
    pub(crate) fn new(answer: Answer) -> Self {
        let Answer { body, judge, options, max_response } = answer;
        Self {
            input: Input::new(body, judge),
            decoder: SeriesDecoder::with_options(options),
            max_response,
            series: None,
            over: false,
            row: PhantomData,
        }
    }

    /// The next row, or `None` after the last one.
    ///
    /// Every row that arrived whole comes before an error does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Row`] if the row does not fit the type; the next call goes on with the row
    /// behind it. After any other error the answer is over, and every further call gives `None`:
    /// [`ErrorKind::Server`] if the server appended a refusal to its answer,
    /// [`ErrorKind::Response`] if the answer stops in the middle or is unreadable,
    /// [`ErrorKind::Transport`] if the connection failed.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped call loses nothing; the next one goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        poll_fn(|context| self.poll_row(context)).await
    }

    /// All rows that are left.
    ///
    /// # Errors
    ///
    /// As [`Rows::next`], and [`ErrorKind::TooLarge`] if more than
    /// [`max_response`](crate::Limits::max_response) bytes of the answer are left. The rows before
    /// an error are lost; take them by `next` where that matters.
    ///
    /// # Cancel safety
    ///
    /// A dropped call loses the rows that it has read.
    pub async fn collect(mut self) -> Result<Vec<T>, Error> {
        self.input.limit(self.max_response);
        let mut rows = Vec::new();
        while let Some(row) = self.next().await? {
            rows.push(row);
        }
        Ok(rows)
    }

    /// The name of the series of the last row; `None` before the first.
    pub fn series_name(&self) -> Option<&str> {
        self.series.as_deref()
    }

    fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<T>, Error>> {
        if self.over {
            return Poll::Ready(Ok(None));
        }
        let row = ready!(self.poll_decoded(context));
        self.over = match &row {
            Ok(row) => row.is_none(),
            Err(error) => !matches!(error.kind(), ErrorKind::Row { .. }),
        };
        Poll::Ready(row)
    }

    fn poll_decoded(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<T>, Error>> {
        loop {
            match self.decoder.next_event() {
                Err(error) => return Poll::Ready(Err(self.input.decode_error(error))),
                Ok(Some(Event::Row(row))) => {
                    return Poll::Ready(
                        row.deserialize().map(Some).map_err(|source| {
                            self.input.judge().row(self.series.as_deref(), source)
                        }),
                    );
                }
                Ok(Some(Event::Series(head))) => self.series = Some(head.name().to_owned()),
                Ok(Some(Event::Error(text))) => {
                    return Poll::Ready(Err(self.input.refusal(text)));
                }
                Ok(Some(_)) => {}
                Ok(None) if self.input.has_ended() => return Poll::Ready(Ok(None)),
                Ok(None) => match ready!(self.input.poll_read(context))? {
                    Some(piece) => self.decoder.push(&piece),
                    None => self.decoder.finish(),
                },
            }
        }
    }
}

#[cfg(feature = "stream")]
impl<T: DeserializeOwned> futures_core::Stream for Rows<T> {
    type Item = Result<T, Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(context).map(Result::transpose)
    }
}
