//! A typed client over any transport.

use bytes::Bytes;
use influx_transport::Transport;
use prost::Message;

use crate::message::{Event, Msg, Query};

/// Sends events and queries. Many tasks may share it: each gets the answers to its own requests.
pub(crate) struct Client<T>(T);

impl<T: Transport<Request = Bytes, Response = Bytes>> Client<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self(transport)
    }

    /// Sends events. The server stores all of them, or none and says why.
    pub(crate) async fn events(&self, events: Vec<Event>) -> Result<(), Error> {
        self.exchange(&Msg { events, ..Msg::default() }).await.map(drop)
    }

    /// Finds the stored events for which an expression is true.
    pub(crate) async fn query(&self, expression: &str) -> Result<Vec<Event>, Error> {
        let query = Some(Query { string: Some(expression.to_owned()) });
        let answer = self.exchange(&Msg { query, ..Msg::default() }).await?;
        Ok(answer.events)
    }

    /// Sends a message and waits for its answer.
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

/// Sends events in datagrams. They have no answers, so it has no `query`.
pub(crate) struct UdpClient<T>(T);

impl<T: Transport<Request = Bytes, Response = ()>> UdpClient<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self(transport)
    }

    /// Sends events, which may be lost on the way.
    pub(crate) async fn events(&self, events: Vec<Event>) -> Result<(), Error> {
        Ok(self.0.send(Msg { events, ..Msg::default() }.to_bytes()).await?)
    }

    pub(crate) fn transport(&self) -> &T {
        &self.0
    }
}

/// Riemann drops longer datagrams silently (measured).
pub(crate) const MAX_DATAGRAM: usize = 16_384;

/// Why a call failed. The connection stays usable, or the next call opens another one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The answer cannot be decoded.
    #[error("the answer is not a message of Riemann")]
    Answer(#[from] prost::DecodeError),
    /// The server understood the request and did not carry it out.
    #[error("the server refused: {0}")]
    Refused(String),
    /// No answer arrived.
    #[error(transparent)]
    Transport(#[from] influx_transport::Error),
}
