//! An ingest endpoint for datalogd's `SocketDataFilter`, and for whoever else sends JSON messages
//! that end with the byte 0x17: what comes goes into an InfluxDB 0.8.
//!
//!     cargo run --example bridge_to_influx --features relay,testkit
//!
//! It runs an embedded server. In earnest, take the DSN of yours.

use std::error::Error;
use std::time::Duration;

use influx_client::Precision;
use influx_client::relay::{JsonMapping, Relay};
use influx_client::testkit::Server;
use influx_client::v08::Client;
use influx_framing::{DelimiterCodec, JsonCodec, OversizePolicy};
use influx_transport::{Bridge, BridgeOptions};
use serde_json::Value;
use tokio::io::{AsyncReadExt, stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start().await?;
    let client = Client::connect(&server.dsn("metrics"))?;
    client.create_database("metrics").await?;

    // {"device": "roof", "ts": 1700000000, "wind": {"speed": 3.5}}
    let mapping = JsonMapping::new("weather").tag("device").time("ts", Precision::Seconds);
    let codec = DelimiterCodec::new(0x17).with_oversize(OversizePolicy::Skip);
    let codec = JsonCodec::<Value, _>::new(codec);
    let mut bridge = Bridge::bind("127.0.0.1:0".parse()?, codec, BridgeOptions::default()).await?;
    println!("listening on {}", bridge.endpoint());

    let relay = Relay::new(client.database("metrics"), mapping)
        .linger(Duration::from_millis(100))
        .on_unmapped(|unmapped| eprintln!("not mapped: {unmapped}"));
    let report = relay.run(&mut bridge, end_of_input()).await;
    println!("{:?}", report.stats);
    Ok(())
}

/// Waits until standard input ends.
async fn end_of_input() {
    let _ = stdin().read_to_end(&mut Vec::new()).await;
}
