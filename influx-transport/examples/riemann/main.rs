//! Speaks Riemann's protocol over TCP, TLS and UDP.
//!
//! ```text
//! riemann listen tcp|udp ADDRESS               prints the events of its peers
//! riemann send tcp|tls|udp HOST PORT SERVICE   sends an event of this service
//! riemann query tcp|tls HOST PORT QUERY        prints the stored events for which QUERY is true
//! ```

mod client;
mod message;
mod server;

use std::error::Error;

use bytes::Bytes;
use influx_transport::framed::FramedTransport;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::tls::TlsConnector;
use influx_transport::udp::{UdpListener, UdpOptions, UdpTransport};
use influx_transport::{BoxTransport, Endpoint, Transport};
use prost::Message;

use crate::client::{Client, MAX_DATAGRAM, UdpClient};
use crate::message::{Event, Msg, codec};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["listen", "tcp", address] => {
            server::serve(TcpListener::bind(address.parse()?).await?, store).await;
        }
        ["listen", "udp", address] => {
            let mut listener = UdpListener::bind(address.parse()?)?;
            loop {
                let (datagram, _) = listener.recv().await;
                // A datagram that is not a message cannot be answered.
                Msg::decode(datagram).map(store).ok();
            }
        }
        ["send", "udp", host, port, service] => {
            let mut options = UdpOptions::default();
            options.max_datagram = MAX_DATAGRAM;
            let peer = Endpoint::new(host, port.parse()?)?;
            let client = UdpClient::new(UdpTransport::with_options(peer, options));
            client.events(vec![event(service)]).await?;
            client.transport().disconnect().await?;
        }
        ["send", way, host, port, service] => {
            let client = Client::new(connect(way, host, port.parse()?)?);
            client.events(vec![event(service)]).await?;
            client.transport().disconnect().await?;
        }
        ["query", way, host, port, query] => {
            let client = Client::new(connect(way, host, port.parse()?)?);
            for event in client.query(query).await? {
                println!("{event:?}");
            }
            client.transport().disconnect().await?;
        }
        _ => return Err("usage: riemann listen|send|query tcp|tls|udp ...".into()),
    }
    Ok(())
}

/// A transport that connects when it is used. From here on, all ways look the same.
fn connect(way: &str, host: &str, port: u16) -> Result<BoxTransport<Bytes, Bytes>, Box<dyn Error>> {
    let tcp = TcpConnector::new(host, port)?;
    match way {
        "tcp" => Ok(BoxTransport::new(FramedTransport::new(tcp, codec()))),
        "tls" => Ok(BoxTransport::new(FramedTransport::new(TlsConnector::new(tcp)?, codec()))),
        _ => Err("answers come over tcp or tls".into()),
    }
}

fn event(service: &str) -> Event {
    Event { service: Some(service.to_owned()), state: Some("ok".to_owned()), ..Event::default() }
}

/// Prints the events, and says that they are stored.
fn store(request: Msg) -> Msg {
    for event in request.events {
        println!("{event:?}");
    }
    Msg { ok: Some(true), ..Msg::default() }
}
