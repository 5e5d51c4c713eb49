//! Passes each line of a peer to all others: a chat for `nc localhost 4545`.

use influx_transport::bridge::{Bridge, BridgeEvent, BridgeOptions, SlowPeer};
use influx_transport::framing::DelimiterCodec;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = BridgeOptions::default();
    options.slow_peer = SlowPeer::DropOldest;
    let codec = DelimiterCodec::new(b'\n');
    let bridge = Bridge::bind(([127, 0, 0, 1], 4545).into(), codec, options).await?;
    let mut peers = Vec::new();
    while let Some((peer, event)) = bridge.recv().await {
        match event {
            BridgeEvent::Joined(endpoint) => {
                println!("{peer} is {endpoint}");
                peers.push(peer);
            }
            BridgeEvent::Message(line) => {
                let line = line.into_complete().unwrap_or_default();
                for other in peers.iter().filter(|other| **other != peer) {
                    // A peer that has left is not an error.
                    bridge.send_to(*other, &line[..]).await.ok();
                }
            }
            BridgeEvent::Left { departure, .. } => {
                println!("{peer} left: {departure}");
                peers.retain(|other| *other != peer);
            }
        }
    }
    Ok(())
}
