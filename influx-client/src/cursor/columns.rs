//! An answer column by column.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use influx_proto::ColumnBatch;
use influx_proto::decode::{Event, InvalidText, RowDecoder, SeriesHead};

use super::input::{Answer, Input};
use crate::Error;

/// The rows of an answer in batches of columns, for programs that work on arrays.
///
/// A batch has rows of one series only. It is lent until the next call, which uses its memory
/// again, so that there is no `Stream` of batches. Memory is bounded by one batch and one piece
/// from the network: a batch ends early when it holds
/// [`max_response`](crate::Limits::max_response) bytes of the answer or
/// [`max_values`](crate::Limits::max_values). Dropping it ends the exchange and closes its
/// connection.
#[derive(Debug)]
pub struct Columns {
    input: Input,
    decoder: RowDecoder,
    batch: ColumnBatch,
    /// At least 1.
    max_rows: usize,
    max_values: usize,
    /// The rows at which a batch of these columns is full.
    full: usize,
    max_bytes: usize,
    /// The bytes that were read for the batch.
    bytes: usize,
    series: Option<SeriesHead>,
    /// The series behind the batch that is lent.
    following: Option<SeriesHead>,
    /// The error that ended the answer; the rows before it come first.
    error: Option<Error>,
    over: bool,
}

impl Columns {
    pub(crate) fn new(answer: Answer, max_rows: usize) -> Self {
        let Answer { body, judge, format, mut options, max_response } = answer;
        options.invalid_text = InvalidText::Replace;
        let max_rows = max_rows.max(1);
        Self {
            input: Input::new(body, judge),
            decoder: RowDecoder::new(format, options),
            batch: ColumnBatch::default(),
            max_rows,
            max_values: options.max_values,
            full: max_rows,
            max_bytes: max_response,
            bytes: 0,
            series: None,
            following: None,
            error: None,
            over: false,
        }
    }

    /// The next batch, never empty, or `None` after the last one.
    ///
    /// Every row that arrived whole comes before an error does. After an error the answer is over,
    /// and every further call gives `None`.
    ///
    /// # Errors
    ///
    /// As [`Chunks::next`](crate::Chunks::next).
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped call loses nothing; the next one goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<&ColumnBatch>, Error> {
        self.give_back();
        poll_fn(|context| self.poll_filled(context)).await;
        if !self.batch.is_empty() {
            return Ok(Some(&self.batch));
        }
        self.error.take().map_or(Ok(None), Err)
    }

    /// The name of the series of the last batch; `None` before the first.
    pub fn series_name(&self) -> Option<&str> {
        self.series.as_ref().map(SeriesHead::name)
    }

    /// The tags by which the query grouped the series of the last batch; `None` before the first.
    pub fn tags(&self) -> Option<&BTreeMap<String, String>> {
        self.series.as_ref().map(SeriesHead::tags)
    }

    /// Takes back the batch that was lent.
    fn give_back(&mut self) {
        if let Some(head) = self.following.take() {
            let columns = head.columns();
            if columns != self.batch.names() {
                self.batch = ColumnBatch::new(columns);
                self.full = full(self.max_rows, self.max_values, columns.len());
            }
            self.series = Some(head);
        } else if !self.is_full() {
            return;
        }
        self.batch.clear();
        self.bytes = 0;
    }

    fn is_full(&self) -> bool {
        let has_all_bytes = self.bytes > self.max_bytes && !self.batch.is_empty();
        self.over || self.batch.len() >= self.full || has_all_bytes
    }

    /// Fills the batch; ready when it is full or the answer is over.
    fn poll_filled(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while !self.is_full() && self.following.is_none() {
            if let Err(error) = ready!(self.poll_event(context)) {
                self.error = Some(error);
                self.over = true;
            }
        }
        Poll::Ready(())
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let pushed = match self.decoder.next_event() {
            Err(error) => return Poll::Ready(Err(self.input.decode_error(error))),
            Ok(Some(Event::Error(text))) => return Poll::Ready(Err(self.input.refusal(text))),
            Ok(Some(Event::Row(row))) => self.batch.push(row.cells()),
            Ok(Some(Event::Series(head))) => {
                let same = self.series.as_ref().is_some_and(|series| {
                    series.name() == head.name()
                        && series.tags() == head.tags()
                        && series.columns() == head.columns()
                });
                if !same && self.batch.is_empty() {
                    self.series = Some(head.clone());
                    self.batch = ColumnBatch::new(head.columns());
                    self.full = full(self.max_rows, self.max_values, head.columns().len());
                } else if !same {
                    self.following = Some(head.clone());
                }
                Ok(())
            }
            Ok(Some(_)) => Ok(()),
            Ok(None) if self.input.has_ended() => {
                self.over = true;
                Ok(())
            }
            Ok(None) => {
                match ready!(self.input.poll_read(context))? {
                    Some(piece) => {
                        self.bytes += piece.len();
                        self.decoder.push(&piece);
                    }
                    None => self.decoder.finish(),
                }
                Ok(())
            }
        };
        let series = self.series.as_ref().map(SeriesHead::name);
        Poll::Ready(pushed.map_err(|source| self.input.judge().row(series, source)))
    }
}

/// The rows at which a batch of this width is full, at least 1.
fn full(max_rows: usize, max_values: usize, columns: usize) -> usize {
    max_rows.min(max_values / columns.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::full;

    #[test]
    fn a_batch_is_limited_in_rows_and_values() {
        for (max_rows, max_values, columns, expected) in [
            (10, 100, 3, 10),
            (usize::MAX, 100, 3, 33),
            (33, 100, 3, 33),
            (34, 100, 3, 33),
            (5, 2, 3, 1),
            (5, 100, 0, 5),
        ] {
            assert_eq!(full(max_rows, max_values, columns), expected, "{max_rows} {columns}");
        }
    }
}
