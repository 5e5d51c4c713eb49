//! The body of an answer as its cursors read it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use influx_proto::ServerError;
use influx_proto::decode::{DecodeError, DecodeOptions};
use influx_transport::http::HttpBody;

use crate::Error;
use crate::error::Judge;

/// An answer of which only the head has been read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: HttpBody,
    pub(crate) judge: Judge,
    /// How its dialect reads an answer piece by piece.
    pub(crate) options: DecodeOptions,
    /// The most bytes of an answer that is collected as a whole.
    pub(crate) max_response: usize,
}

/// The body of an answer.
pub(super) struct Input {
    state: State,
    judge: Judge,
    /// The most bytes that may come, and how many of them are left.
    limit: usize,
    room: usize,
}

enum State {
    Idle(HttpBody),
    Reading(Pin<Box<dyn Future<Output = (HttpBody, Piece)> + Send>>),
    Ended,
}

type Piece = Result<Option<Bytes>, influx_transport::Error>;

impl Input {
    pub(super) fn new(body: HttpBody, judge: Judge) -> Self {
        Self { state: State::Idle(body), judge, limit: usize::MAX, room: usize::MAX }
    }

    /// Limits the bytes that may still come.
    pub(super) fn limit(&mut self, bytes: usize) {
        (self.limit, self.room) = (bytes, bytes);
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// The next piece, or `None` at the end. A read that has begun goes on with the next call.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(Ok(None)),
                State::Idle(mut body) => {
                    self.state = State::Reading(Box::pin(async move {
                        let piece = body.chunk().await;
                        (body, piece)
                    }));
                }
                State::Reading(mut reading) => {
                    let Poll::Ready((body, piece)) = reading.as_mut().poll(context) else {
                        self.state = State::Reading(reading);
                        return Poll::Pending;
                    };
                    let piece = piece.map_err(|error| self.judge.transport(error))?;
                    let Some(piece) = piece else { return Poll::Ready(Ok(None)) };
                    let Some(room) = self.room.checked_sub(piece.len()) else {
                        return Poll::Ready(Err(self.judge.too_large(self.limit)));
                    };
                    self.room = room;
                    self.state = State::Idle(body);
                    return Poll::Ready(Ok(Some(piece)));
                }
            }
        }
    }

    /// The text that a server appends to an answer is its refusal.
    pub(super) fn decode_error(&self, error: DecodeError) -> Error {
        match error {
            DecodeError::Trailer(text) => self.refusal(&text),
            other => self.judge.response(other.into()),
        }
    }

    /// The server refused after it had begun to answer.
    pub(super) fn refusal(&self, text: &str) -> Error {
        self.judge.refusal(ServerError::new(http::StatusCode::OK, text.as_bytes()))
    }

    pub(super) fn judge(&self) -> &Judge {
        &self.judge
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("ended", &self.has_ended()).finish_non_exhaustive()
    }
}
