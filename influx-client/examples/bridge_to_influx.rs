//! An ingest endpoint for datalogd's `SocketDataFilter`, and for all other programs that send
//! JSON messages which end with the byte 0x17. The messages go into an InfluxDB 0.8.
//!
//! It runs an embedded server; in earnest, take the DSN of yours. From bash, after
//! `exec 3<>/dev/tcp/127.0.0.1/45454`:
//!
//!     printf '{"device": "roof", "ts": 1700000000, "wind": {"speed": 3.5}}\x17' >&3
//!
//! When standard input ends, it prints the counts of messages and the stored points.

use std::error::Error;
use std::time::Duration;

use influx_client::TimeUnit;
use influx_client::relay::{JsonMapping, Relay, RelayOptions};
use influx_client::transport::bridge::{Bridge, BridgeOptions};
use influx_client::transport::framing::{DelimiterCodec, JsonCodec, OversizePolicy};
use influx_client::v08::Client;
use influx_testkit::{Face, Server};
use serde_json::Value;
use tokio::io::{AsyncReadExt, stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start(Face::V08).await?;
    let metrics = Client::new(server.dsn("metrics"))?.ensure_database("metrics").await?;

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:45454".to_owned());
    let mut codec = DelimiterCodec::new(0x17);
    codec.oversize = OversizePolicy::Skip;
    let codec = JsonCodec::<Value, _>::new(codec);
    let mut bridge = Bridge::bind(address.parse()?, codec, BridgeOptions::default()).await?;
    println!("listening on {}", bridge.endpoint());

    let mapping = JsonMapping::new("weather").tag("device").time("ts", TimeUnit::Seconds);
    let mut options = RelayOptions::default();
    options.linger = Duration::from_millis(100);
    let relay = Relay::with_options(&metrics, mapping, options)
        .on_unmapped(|unmapped| println!("not mapped: {unmapped}"));
    let report = relay.run(&mut bridge, end_of_input()).await;

    println!("{:?}", report.stats);
    for series in metrics.query("select * from weather").all().await? {
        series.points().for_each(|point| println!("{:?} {point:?}", series.columns()));
    }
    Ok(())
}

/// Waits until standard input ends.
async fn end_of_input() {
    let _ = stdin().read_to_end(&mut Vec::new()).await;
}
