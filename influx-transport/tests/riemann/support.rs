//! Shared by all tests.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use influx_framing::{Encoder, LengthCodec};
use influx_transport::framed::{FramedOptions, FramedTransport};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{Script, ScriptedConnector};
use influx_transport::{Connect, Error};
use tokio::runtime::Builder;
use tokio::task::JoinHandle;

use crate::client::{self, Client};
use crate::leaks::run_on;
use crate::message::{Event, Msg, codec};
use crate::server::Server;

pub(crate) type Framed<C> = FramedTransport<C, LengthCodec>;

/// Runs a test over real sockets, for a minute at most. It must leave nothing behind.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    let guarded = async { tokio::time::timeout(Duration::from_secs(60), test).await };
    run_on(Builder::new_current_thread().enable_all(), guarded).expect("the test takes too long")
}

/// Runs a test over connections in memory. Time stands still and moves on only when all wait. It
/// must leave nothing behind.
pub(crate) fn run_paused<F: Future>(test: F) -> F::Output {
    run_on(Builder::new_current_thread().enable_time().start_paused(true), test)
}

/// A server that listens on a free port.
pub(crate) async fn riemann() -> (Running, SocketAddr) {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr();
    (Running::start(|server| async move { server.serve(listener).await }), address)
}

/// A server at work. Dropping it ends the work.
pub(crate) struct Running {
    server: Arc<Server>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start<W>(work: impl FnOnce(Arc<Server>) -> W) -> Self
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let server = Server::new(|_| ());
        let task = tokio::spawn(work(Arc::clone(&server)));
        Self { server, task }
    }
}

impl Deref for Running {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn client(address: SocketAddr) -> Client<Framed<TcpConnector>> {
    client_over(TcpConnector::from(address))
}

/// A client that comes back without a pause.
pub(crate) fn client_over<C: Connect>(connector: C) -> Client<Framed<C>> {
    let mut options = FramedOptions::default();
    options.random = || 0.0;
    Client::new(FramedTransport::with_options(connector, codec(), options))
}

/// A client whose peer plays these scripts in memory.
pub(crate) fn scripted(
    scripts: impl IntoIterator<Item = Script>,
) -> Client<Framed<ScriptedConnector>> {
    client_over(ScriptedConnector::new(scripts))
}

/// An event of which only this is known.
pub(crate) fn event(service: impl Into<String>) -> Event {
    Event { service: Some(service.into()), ..Event::default() }
}

/// An event that the server refuses.
pub(crate) fn refused_event(service: impl Into<String>) -> Event {
    Event { metric_d: Some(f64::NAN), ..event(service) }
}

/// A message as it goes over the wire.
pub(crate) fn wire(message: &Msg) -> Bytes {
    let mut wire = BytesMut::new();
    codec().encode(message.to_bytes(), &mut wire).unwrap();
    wire.freeze()
}

/// Reads `count` messages, each with an event whose service is one letter.
pub(crate) fn read_events(count: usize) -> Script {
    let message = Msg { events: vec![event("a")], ..Msg::default() };
    Script::new().read(count * wire(&message).len())
}

/// The answer of a server that did as asked.
pub(crate) fn ok() -> Bytes {
    hex("00000002 1001")
}

/// The answer of a server that refused.
pub(crate) fn no(reason: &str) -> Bytes {
    wire(&Msg { ok: Some(false), error: Some(reason.to_owned()), ..Msg::default() })
}

/// Bytes in hexadecimal, with spaces where they help.
pub(crate) fn hex(text: &str) -> Bytes {
    let digits: String = text.split_whitespace().collect();
    let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// The transport's error.
pub(crate) fn transport_error<T: std::fmt::Debug>(result: Result<T, client::Error>) -> Error {
    match result.unwrap_err() {
        client::Error::Transport(error) => error,
        other => panic!("{other:?}"),
    }
}

/// The server's reason.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, client::Error>) -> String {
    match result.unwrap_err() {
        client::Error::Refused(reason) => reason,
        other => panic!("{other:?}"),
    }
}
