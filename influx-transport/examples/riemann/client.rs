//! A typed client over any transport.

use bytes::Bytes;
use influx_transport::Transport;
use prost::Message;

use crate::message::{Event, Msg, Query};

/// Sends events and asks for them. Many tasks may share it: an answer reaches only who asked.
pub(crate) struct Client<T>(T);

impl<T: Transport<Request = Bytes, Response = Bytes>> Client<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self(transport)
    }

    /// Sends events. All of them are stored, or the error says why none is.
    pub(crate) async fn events(&self, events: Vec<Event>) -> Result<(), Error> {
        self.exchange(&Msg { events, ..Msg::default() }).await.map(drop)
    }

    /// Finds the stored events for which an expression is true.
    pub(crate) async fn query(&self, expression: &str) -> Result<Vec<Event>, Error> {
        let query = Some(Query { string: Some(expression.to_owned()) });
        let answer = self.exchange(&Msg { query, ..Msg::default() }).await?;
        Ok(answer.events)
    }

    /// Sends a message and waits for the one that answers it.
    pub(crate) async fn exchange(&self, request: &Msg) -> Result<Msg, Error> {
        let answer = Msg::decode(self.0.send(request.to_bytes()).await?)?;
        if answer.ok == Some(true) {
            return Ok(answer);
        }
        let reason = answer.error.unwrap_or_else(|| "it gave no reason".to_owned());
        Err(Error::Refused(reason))
    }

    pub(crate) fn transport(&self) -> &T {
        &self.0
    }
}

/// Sends events in datagrams. Nothing answers them, so it has no `query`.
pub(crate) struct UdpClient<T>(T);

impl<T: Transport<Request = Bytes, Response = ()>> UdpClient<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self(transport)
    }

    /// Sends events. Whether they arrive, nobody tells.
    pub(crate) async fn events(&self, events: Vec<Event>) -> Result<(), Error> {
        Ok(self.0.send(Msg { events, ..Msg::default() }.to_bytes()).await?)
    }

    pub(crate) fn transport(&self) -> &T {
        &self.0
    }
}

/// Riemann drops longer datagrams without a word (measured).
pub(crate) const MAX_DATAGRAM: usize = 16_384;

/// Why a call failed. The connection stays usable, or the next call opens another one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// What came back is no message.
    #[error("the answer is no message of Riemann")]
    Answer(#[from] prost::DecodeError),
    /// The server understood the request and did not carry it out.
    #[error("the server refused: {0}")]
    Refused(String),
    /// No answer came.
    #[error(transparent)]
    Transport(#[from] influx_transport::Error),
}
