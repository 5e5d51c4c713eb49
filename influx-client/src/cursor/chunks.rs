//! An answer series by series.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use influx_proto::decode::{InvalidText, SeriesAssembler};
use influx_proto::{Series, TimeUnit};

use super::input::{Answer, Input};
use crate::Error;

/// The series of an answer, each as the server sent it: up to some hundred points at a time, or up
/// to 10,000. The tags of a query that groups by tags are [`Series::tags`].
///
/// The same series may come in several pieces. Memory is bounded by one piece, of 16 MiB and
/// [`max_values`](crate::Limits::max_values) at most, and nothing is read ahead: a slow reader slows
/// the server down. Dropping it ends the exchange and closes its connection.
///
/// With the feature `stream`, it is a `Stream` of the same values.
#[derive(Debug)]
pub struct Chunks {
    input: Input,
    decoder: SeriesAssembler,
    unit: Option<TimeUnit>,
    /// Set by the end and by an error.
    over: bool,
}

impl Chunks {
    pub(crate) fn new(Answer { body, judge, format, mut options, .. }: Answer) -> Self {
        // A time out of range is the error of its series, which is whole then.
        let unit = options.time_unit.take();
        options.invalid_text = InvalidText::Replace;
        let decoder = SeriesAssembler::with_format(format, options);
        Self { input: Input::new(body, judge), decoder, unit, over: false }
    }

    /// The next series, or `None` after the last one.
    ///
    /// Every series that arrived whole comes before an error does, as do the rows before a refusal
    /// that the server put among them. After an error the answer is
    /// over, and every further call gives `None`.
    ///
    /// A server marks the end of its answer. If a proxy takes that mark away and ends the answer by
    /// closing the connection, a break between two documents looks like the end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) if the server appended a refusal to its
    /// answer, [`ErrorKind::Response`](crate::ErrorKind::Response) if the answer stops in the middle,
    /// is unreadable or has a time outside of 1677 to 2262, [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the connection failed.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped call loses nothing; the next one goes on where it stopped.
    pub async fn next(&mut self) -> Result<Option<Series>, Error> {
        poll_fn(|context| self.poll_series(context)).await
    }

    fn poll_series(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Series>, Error>> {
        if self.over {
            return Poll::Ready(Ok(None));
        }
        let series = ready!(self.poll_decoded(context));
        self.over = !matches!(series, Ok(Some(_)));
        Poll::Ready(series)
    }

    fn poll_decoded(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Series>, Error>> {
        loop {
            match self.decoder.next_series() {
                Err(error) => return Poll::Ready(Err(self.input.decode_error(error))),
                Ok(Some(mut series)) => {
                    self.decoder.refill();
                    let read = self.unit.map_or(Ok(()), |unit| series.scale_times(unit));
                    let read = read.map_err(|error| self.input.judge().response(error.into()));
                    return Poll::Ready(read.map(|()| Some(series)));
                }
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
impl futures_core::Stream for Chunks {
    type Item = Result<Series, Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_series(context).map(Result::transpose)
    }
}
