//! A server and a client over HTTP: `cargo run -p influx-transport --features http-server --example
//! echo` runs both, over TCP and in memory.

use bytes::Bytes;
use http::{Request, Response};
use influx_transport::http::{HttpOptions, HttpReply, HttpServer, HttpTransport};
use influx_transport::memory::memory_pair;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::{Connect, Error, Listen, Transport};

/// Serves requests of any listener: over TCP, over TLS, in memory.
fn serve(listener: impl Listen) -> HttpServer {
    HttpServer::new(listener, |request: Request<Bytes>| async move {
        Some(Response::new(HttpReply::full(request.into_body())))
    })
}

/// Sends a request over the streams of any connector, and returns the answer.
async fn ask(connector: impl Connect, text: &'static str) -> Result<Bytes, Error> {
    let mut options = HttpOptions::default();
    options.response_timeout = std::time::Duration::from_secs(5);
    let transport = HttpTransport::with_options(connector, options);
    let mut request = Request::new(Bytes::from(text));
    *request.method_mut() = http::Method::POST;
    transport.send(request).await?.into_body().collect(1024).await
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await?;
    let server = serve(listener);
    println!("{:?}", ask(TcpConnector::from(server.endpoint().clone()), "over TCP").await?);

    let (connector, listener) = memory_pair();
    let _in_memory = serve(listener);
    println!("{:?}", ask(connector, "in memory").await?);
    println!("{:?}", server.stats());
    Ok(())
}
