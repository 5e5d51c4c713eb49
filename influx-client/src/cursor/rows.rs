//! An answer row by row.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use influx_proto::decode::{DecodeError, Event, Row, RowDecoder, SeriesHead};
use influx_proto::{RowError, Value, from_row};
use serde::de::{DeserializeOwned, Error as _};

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
/// The tags of a query that groups by tags are columns of its rows too, as texts: behind the others,
/// sorted by name, unless a column has that name.
///
/// Memory is bounded by one row and one piece from the network, and nothing is read ahead: a slow
/// reader slows the server down. Dropping it ends the exchange and closes its connection.
///
/// With the feature `stream`, it is a `Stream` of the same values.
#[derive(Debug)]
pub struct Rows<T> {
    input: Input,
    decoder: RowDecoder,
    max_response: usize,
    series: Option<String>,
    grouped: Option<Grouped>,
    /// Set by the end, and by an error that is not about one row.
    over: bool,
    row: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Rows<T> {
    pub(crate) fn new(answer: Answer) -> Self {
        let Answer { body, judge, format, options, max_response } = answer;
        Self {
            input: Input::new(body, judge),
            decoder: RowDecoder::new(format, options),
            max_response,
            series: None,
            grouped: None,
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
    /// [`ErrorKind::Row`] if the row does not fit the type, or has a text that is not UTF-8; the next
    /// call goes on with the row behind it. After any other error the answer is over, and every further call gives `None`:
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
                Err(DecodeError::NotUtf8 { series, place, .. }) => {
                    let mut source = RowError::custom("the text is not UTF-8");
                    source.column = Some(place);
                    return Poll::Ready(Err(self.input.judge().row(Some(&series), source)));
                }
                Err(error) => return Poll::Ready(Err(self.input.decode_error(error))),
                Ok(Some(Event::Row(row))) => {
                    let row = match &mut self.grouped {
                        None => row.deserialize(),
                        Some(grouped) => grouped.deserialize(&row),
                    };
                    return Poll::Ready(
                        row.map(Some).map_err(|source| {
                            self.input.judge().row(self.series.as_deref(), source)
                        }),
                    );
                }
                Ok(Some(Event::Series(head))) => {
                    self.series = Some(head.name().to_owned());
                    self.grouped = Grouped::of(head);
                }
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

/// The tags of a series as further columns of its rows.
#[derive(Debug)]
struct Grouped {
    /// The columns of the series, then each tag whose name differs from every column.
    columns: Vec<String>,
    tags: Vec<Value>,
    /// The cells of the last row.
    cells: Vec<Value>,
}

impl Grouped {
    /// `None` for a series without tags, whose rows are read without a copy.
    fn of(head: &SeriesHead) -> Option<Self> {
        let is_new = |(name, _): &(&String, &String)| !head.columns().contains(name);
        let (names, tags): (Vec<_>, Vec<_>) = head.tags().iter().filter(is_new).unzip();
        let columns = head.columns().iter().chain(names).cloned().collect();
        let tags: Vec<_> = tags.into_iter().map(|tag| Value::from(&**tag)).collect();
        (!tags.is_empty()).then_some(Self { columns, tags, cells: Vec::new() })
    }

    fn deserialize<T: DeserializeOwned>(&mut self, row: &Row<'_>) -> Result<T, RowError> {
        self.cells.clear();
        self.cells.extend(row.cells().map(Value::from));
        self.cells.extend_from_slice(&self.tags);
        from_row(&self.columns, &self.cells)
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
