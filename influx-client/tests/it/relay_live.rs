//! Relays from real sockets into the embedded server.

use std::time::Duration;

use bytes::Bytes;
use influx_client::relay::{
    JsonMapping, LineMapping, Mapping, Relay, RelayMonitor, RelayOptions, RelayStats, Source,
};
use influx_client::v08::Client;
use influx_framing::{DelimiterCodec, Envelope, EnvelopeCodec, JsonCodec, OversizePolicy};
use influx_testkit::{Face, Server};
use influx_transport::Transport;
use influx_transport::bridge::{Bridge, BridgeOptions};
use influx_transport::framed::{FrameReader, FramedSender};
use influx_transport::tcp::TcpConnector;
use influx_transport::udp::{UdpListener, UdpTransport};
use serde_json::Value as Json;
use tokio::time::timeout;

/// Relays from a source while `peers` send, until all expected messages came. The column `v` of the
/// series `s` must then have this sum over these points, and the rest be counted.
async fn check<S, M>(
    mut source: S,
    mapping: M,
    peers: impl Future<Output = ()>,
    expected: RelayStats,
    sum: i32,
) where
    S: Source,
    M: Mapping<S::Message>,
{
    let server = Server::start(Face::V08).await.unwrap();
    let db = Client::new(server.dsn("db")).unwrap().ensure_database("db").await.unwrap();
    let mut options = RelayOptions::default();
    options.batch_points = 500;
    let relay = Relay::with_options(&db, mapping, options);
    let monitor = relay.monitor();
    let stop = async {
        peers.await;
        come(&monitor, expected.messages).await;
    };
    let report = timeout(Duration::from_secs(20), relay.run(&mut source, stop));
    let report = report.await.expect("the relay hangs");
    assert_eq!(report.stats, expected);
    assert!(report.undelivered.is_empty() && report.failure.is_none());
    let stored = db.query("select sum(v), count(v) from s").all().await.unwrap();
    let stored: Vec<_> = stored[0].points().next().unwrap()[1..].to_vec();
    assert_eq!(stored[0].as_f64(), Some(f64::from(sum)));
    assert_eq!(stored[1].as_u64(), Some(expected.written));
}

async fn come(monitor: &RelayMonitor, messages: u64) {
    while monitor.stats().messages < messages {
        tokio::task::yield_now().await;
    }
}

/// The counts of a relay that has mapped all but these, one point a message.
fn stats(messages: u64, unreadable: u64, unmapped: u64) -> RelayStats {
    let points = messages - unreadable - unmapped;
    let mut stats = RelayStats::default();
    (stats.messages, stats.unreadable, stats.unmapped) = (messages, unreadable, unmapped);
    (stats.points, stats.written) = (points, points);
    stats
}

#[tokio::test]
async fn what_the_peers_of_a_bridge_send_is_stored() {
    let mut codec = DelimiterCodec::new(0x17);
    (codec.max_len, codec.oversize) = (100, OversizePolicy::Skip);
    let codec = JsonCodec::<Json, _>::new(codec);
    let bridge = Bridge::bind("127.0.0.1:0".parse().unwrap(), codec, BridgeOptions::default());
    let bridge = bridge.await.unwrap();
    let endpoint = bridge.endpoint().clone();
    let peer = async |first: i64| {
        let connector = TcpConnector::new(endpoint.host(), endpoint.port()).unwrap();
        let sender = FramedSender::new(connector, DelimiterCodec::new(0x17));
        for v in first..first + 1000 {
            sender.enqueue(Bytes::from(format!(r#"{{"v":{v}}}"#))).await.await.unwrap();
        }
        for odd in ["not JSON", "[[]]", &"x".repeat(101)] {
            sender.send(Bytes::from(odd.to_owned())).await.unwrap();
        }
        sender.disconnect().await.unwrap();
    };
    let peers = async {
        tokio::join!(peer(0), peer(1000), peer(2000));
    };
    check(bridge, JsonMapping::new("s"), Box::pin(peers), stats(3009, 6, 3), 2999 * 3000 / 2).await;
}

#[tokio::test]
async fn bytes_that_break_the_framing_are_counted() {
    // SLIP has no such escape.
    let wire = b"\xc0s v=1i\xc0\xc0\xdb\x01\xc0\xc0s v=2i\xc0";
    let source = FrameReader::new(&wire[..], EnvelopeCodec::new(Envelope::Slip));
    check(source, LineMapping::new(), async {}, stats(3, 1, 0), 3).await;
}

#[tokio::test]
async fn lines_are_stored() {
    let lines: Vec<_> = (0..1200).map(|v| format!("s,host=a v={v}i {v}")).collect();
    let lines = lines.join("\n") + "\n";
    let source = FrameReader::new(lines.as_bytes(), DelimiterCodec::new(b'\n'));
    check(source, LineMapping::new(), async {}, stats(1200, 0, 0), 1199 * 1200 / 2).await;
}

/// On one port, by programs of several systems.
#[tokio::test]
async fn lines_with_and_without_carriage_return_are_stored() {
    let (codec, options) = (DelimiterCodec::new(b'\n'), BridgeOptions::default());
    let bridge = Bridge::bind("127.0.0.1:0".parse().unwrap(), codec, options).await.unwrap();
    let endpoint = bridge.endpoint().clone();
    let peers = async {
        for (number, begin) in ["", "\u{feff}"].into_iter().enumerate() {
            let connector = TcpConnector::new(endpoint.host(), endpoint.port()).unwrap();
            let sender = FramedSender::new(connector, DelimiterCodec::new(b'\n'));
            for (index, end) in ["\r", "", "\r"].into_iter().enumerate() {
                let (begin, v) = (if index == 0 { begin } else { "" }, 10 * number + index);
                let line = format!("{begin}s v={v}i{end}");
                sender.send(Bytes::from(line)).await.unwrap();
            }
            sender.disconnect().await.unwrap();
        }
    };
    check(bridge, LineMapping::new(), Box::pin(peers), stats(6, 0, 0), 36).await;
}

#[tokio::test]
async fn datagrams_are_stored() {
    let source = UdpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let transport = UdpTransport::new("127.0.0.1", source.local_addr().port()).unwrap();
    let peers = async {
        for v in 0..20 {
            transport.send(Bytes::from(format!(r#"[{{"v":{v}}}]"#))).await.unwrap();
        }
    };
    check(source, JsonMapping::new("s"), peers, stats(20, 0, 0), 190).await;
}
