//! Helpers of all tests.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use influx_transport::http::{HttpBody, HttpTransport};
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::{Script, ScriptedServer};
use influx_transport::{Connect, Error, Transport};
use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

use crate::leaks::run_on;

/// Runs a test over real sockets, for 20 s at most. It must leave nothing behind.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    let guarded = async { tokio::time::timeout(Duration::from_secs(20), test).await };
    run_on(Builder::new_current_thread().enable_all(), guarded).expect("the test takes too long")
}

/// Runs a test over connections in memory. Time stands still and moves on only when all wait. It
/// must leave nothing behind.
pub(crate) fn run_paused<F: Future>(test: F) -> F::Output {
    run_on(Builder::new_current_thread().enable_time().start_paused(true), test)
}

/// The seed of a test that draws lots, in its output: the same seed gives the same test. It is
/// always the same unless the environment has another.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("INFLUX_TEST_SEED").map_or(42, |seed| seed.parse().unwrap());
    println!("INFLUX_TEST_SEED={seed}");
    seed
}

pub(crate) async fn start(
    scripts: impl IntoIterator<Item = Script, IntoIter: Send + 'static>,
) -> (ScriptedServer, HttpTransport<TcpConnector>) {
    let server = ScriptedServer::start(scripts).await.unwrap();
    let transport = HttpTransport::new(TcpConnector::from(server.local_addr()));
    (server, transport)
}

/// An address without a listener.
pub(crate) async fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// An address that ignores new clients while the first of these is kept: the queue of
/// its listener is full.
pub(crate) async fn silent() -> ((Socket, TcpStream), SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let queued = TcpStream::connect(address).await.unwrap();
    ((socket, queued), address)
}

/// A script that reads one request and gives this answer.
pub(crate) fn answer(body: &str) -> Script {
    Script::new().read_request().send(with_length(body))
}

pub(crate) fn with_length(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn get(path: &str) -> Request<Bytes> {
    Request::get(path).body(Bytes::new()).unwrap()
}

pub(crate) fn post(body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post("/").body(body.into()).unwrap()
}

/// Sends a request and reads the whole answer.
pub(crate) async fn ask<C: Connect>(
    transport: &HttpTransport<C>,
    path: &str,
) -> Result<String, Error> {
    text(transport.send(get(path)).await?).await
}

pub(crate) async fn text(response: Response<HttpBody>) -> Result<String, Error> {
    let body = response.into_body().collect(1 << 20).await?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// Reads a body up to its end or an error, which must be the last that comes.
pub(crate) async fn drain(mut body: HttpBody) -> (Vec<u8>, Option<Error>) {
    let mut data = Vec::new();
    loop {
        match body.chunk().await {
            Ok(Some(chunk)) => data.extend_from_slice(&chunk),
            Ok(None) => return (data, None),
            Err(error) => {
                assert!(body.chunk().await.unwrap().is_none(), "an error is the end");
                return (data, Some(error));
            }
        }
    }
}
