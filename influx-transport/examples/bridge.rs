//! Passes JSON messages between standard input and output and many peers, as datalogd's
//! `SocketDataFilter` does: a message ends with the byte 0x17 on the sockets, and with its line
//! here.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use influx_transport::bridge::{Bridge, BridgeEvent, BridgeOptions, SlowPeer};
use influx_transport::framing::{DelimiterCodec, JsonCodec, Message, OversizePolicy};
use influx_transport::tcp::TcpConnector;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Codec = JsonCodec<Value, DelimiterCodec>;

const USAGE: &str = "usage: bridge listen ADDRESS [PEERS] | bridge connect ADDRESS
It ends with standard input, after all messages were sent. A listener prints `listening on ADDRESS`
first, and waits for PEERS peers (default: 1) before it sends.";

#[tokio::main]
async fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut frames = DelimiterCodec::new(0x17);
    frames.oversize = OversizePolicy::Skip;
    let codec = JsonCodec::new(frames);
    let mut options = BridgeOptions::default();
    // A pipe can wait for the slowest peer.
    options.slow_peer = SlowPeer::Wait;
    match arguments[..] {
        ["listen", address] => run(listen(address, codec, options).await?, 1).await,
        ["listen", address, peers] => {
            let peers = peers.parse()?;
            run(listen(address, codec, options).await?, peers).await
        }
        ["connect", address] => {
            let connector = TcpConnector::from(address.parse::<std::net::SocketAddr>()?);
            run(Bridge::client(connector, codec, options), 0).await
        }
        _ => Err(USAGE.into()),
    }
}

async fn listen(address: &str, codec: Codec, options: BridgeOptions) -> Result<Bridge<Codec>> {
    let bridge = Bridge::bind(address.parse()?, codec, options).await?;
    println!("listening on {}", bridge.endpoint());
    Ok(bridge)
}

async fn run(bridge: Bridge<Codec>, peers: usize) -> Result {
    let mut lines = BufReader::new(stdin()).lines();
    let mut present = BTreeSet::new();
    loop {
        tokio::select! {
            line = lines.next_line(), if present.len() >= peers => match line? {
                Some(line) => {
                    let message: Value = serde_json::from_str(&line)?;
                    bridge.send(&message).await?;
                }
                None => break,
            },
            Some((peer, event)) = bridge.recv() => match event {
                BridgeEvent::Joined(_) => drop(present.insert(peer)),
                BridgeEvent::Left { .. } => drop(present.remove(&peer)),
                BridgeEvent::Message(message) => print(message),
            },
        }
    }
    let undelivered = bridge.close(Duration::from_secs(10)).await;
    if undelivered.is_empty() { Ok(()) } else { Err("some messages were not delivered".into()) }
}

fn print(message: Message<Value>) {
    match message {
        Message::Value(value) => println!("{value}"),
        Message::Bad { reason, .. } => eprintln!("a bad message: {reason}"),
        Message::Oversize { seen, .. } => eprintln!("a message of {seen} bytes is too long"),
    }
}
