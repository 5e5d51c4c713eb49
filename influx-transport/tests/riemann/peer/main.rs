//! Speaks Riemann's protocol, as a client and as a small server, for exchanges with other programs.
//!
//! ```text
//! riemann listen tcp|tls|udp ADDRESS          prints where it listens, then each event as JSON
//! riemann send tcp|tls|udp HOST:PORT FIELD... sends one event of fields as service=cpu metric=1.5
//! riemann query tcp|tls HOST:PORT QUERY       prints the events for which the query is true
//! ```
//!
//! A server listens until its input ends, and then prints what it did. Port 0 stands for any free
//! one. It understands two queries: `true` and `service = "cpu"`.
//!
//! TLS takes `--cert=FILE` and `--key=FILE`, which a server needs; `--ca=FILE`, the authorities of
//! the other side's certificate, for a client by default those of the system; and `--name=NAME`,
//! the name in the server's certificate if it is not the host.

mod arguments;
#[path = "../../../examples/riemann/client.rs"]
mod client;
#[path = "../../../examples/riemann/message.rs"]
mod message;
#[path = "../../../examples/riemann/server.rs"]
mod serve;
#[path = "../server.rs"]
mod server;
#[path = "../store.rs"]
mod store;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use influx_transport::framed::FramedTransport;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::tls::{TlsConnector, TlsListener};
use influx_transport::udp::{UdpListener, UdpOptions, UdpTransport};
use influx_transport::{BoxTransport, Endpoint, Listen, Transport};

use crate::arguments::Arguments;
use crate::client::{Client, MAX_DATAGRAM, UdpClient};
use crate::message::Event;
use crate::server::Server;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    eprint!("riemann: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprint!(": {error}");
        cause = error.source();
    }
    eprintln!();
    ExitCode::FAILURE
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["listen", way, address] => listen(way, address.parse()?, &arguments).await,
        ["send", "udp", peer, fields @ ..] => {
            let mut options = UdpOptions::default();
            options.max_datagram = MAX_DATAGRAM;
            let client = UdpClient::new(UdpTransport::with_options(endpoint(peer)?, options));
            client.events(vec![arguments::event(fields)?]).await?;
            Ok(client.transport().disconnect().await?)
        }
        ["send", way, peer, fields @ ..] => {
            let client = Client::new(connect(way, peer, &arguments)?);
            client.events(vec![arguments::event(fields)?]).await?;
            Ok(client.transport().disconnect().await?)
        }
        ["query", way, peer, query] => {
            let client = Client::new(connect(way, peer, &arguments)?);
            client.query(query).await?.iter().for_each(print);
            Ok(client.transport().disconnect().await?)
        }
        _ => Err("usage: riemann listen|send|query tcp|tls|udp ADDRESS ...".into()),
    }
}

async fn listen(
    way: &str,
    address: SocketAddr,
    arguments: &Arguments,
) -> Result<(), Box<dyn Error>> {
    let server = Server::new(print);
    match way {
        "tcp" => serve(&server, TcpListener::bind(address).await?).await?,
        "tls" => {
            let options = arguments.server_options()?;
            let listener = TlsListener::new(TcpListener::bind(address).await?, options)?;
            serve(&server, listener).await?;
        }
        "udp" => {
            let listener = UdpListener::bind(address)?;
            println!("{}", listener.local_addr());
            until_input_ends(server.receive(listener)).await?;
        }
        _ => return Err("a server listens on tcp, tls or udp".into()),
    }
    let (counts, stored) = (server.counts(), server.stored());
    println!(
        "messages: {}, refused: {}, events: {}, stored: {stored}",
        counts.messages, counts.refused, counts.events
    );
    Ok(())
}

/// A transport that connects when it is used. All of them look the same from here on.
fn connect(
    way: &str,
    peer: &str,
    arguments: &Arguments,
) -> Result<BoxTransport<Bytes, Bytes>, Box<dyn Error>> {
    let tcp = TcpConnector::from(endpoint(peer)?);
    match way {
        "tcp" => Ok(BoxTransport::new(FramedTransport::new(tcp, message::codec()))),
        "tls" => {
            let tls = TlsConnector::with_options(tcp, arguments.client_options()?)?;
            Ok(BoxTransport::new(FramedTransport::new(tls, message::codec())))
        }
        _ => Err("answers come over tcp or tls".into()),
    }
}

fn endpoint(peer: &str) -> Result<Endpoint, Box<dyn Error>> {
    let (host, port) = peer.rsplit_once(':').ok_or_else(|| format!("{peer} is not HOST:PORT"))?;
    Ok(Endpoint::new(host, port.parse()?)?)
}

/// Serves over TCP, TLS or whatever else accepts peers.
async fn serve(server: &Arc<Server>, listener: impl Listen) -> std::io::Result<()> {
    println!("{}", listener.endpoint());
    until_input_ends(server.serve(listener)).await
}

async fn until_input_ends(serve: impl Future<Output = ()>) -> std::io::Result<()> {
    let (mut input, mut nowhere) = (tokio::io::stdin(), tokio::io::sink());
    tokio::select! {
        () = serve => Ok(()),
        ended = tokio::io::copy(&mut input, &mut nowhere) => ended.map(drop),
    }
}

fn print(event: &Event) {
    match serde_json::to_string(event) {
        Ok(json) => println!("{json}"),
        Err(error) => eprintln!("riemann: an event cannot be printed: {error}"),
    }
}
