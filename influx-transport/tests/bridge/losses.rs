//! Bytes of peers that are in no message: told with the peer, and counted.

use std::time::Duration;

use influx_framing::{
    Decoder, DelimiterCodec, EofCodec, Frame, LengthCodec, OversizePolicy, Prefix,
};
use influx_transport::bridge::{BridgeEvent, Departure};
use influx_transport::memory::memory_pair;
use tokio::net::TcpStream;

use crate::support::{Audited, RawPeer, delimited, options, run, run_paused};

/// The end of a peer's connection.
#[derive(Clone, Copy, Debug)]
enum End {
    /// In order.
    Close,
    /// The program closes it.
    Disconnect,
    Reset,
    /// The peer says nothing more.
    Silence,
}

/// Sends these bytes from a peer, ends its connection, and checks the messages and the loss.
async fn check<K>(codec: K, wire: &[u8], end: End, messages: usize, lost: u64)
where
    K: Decoder<Item = Frame> + Clone + Send + 'static,
{
    let mut options = options();
    options.half_closed_timeout = Duration::ZERO;
    if matches!(end, End::Silence) {
        options.frame_timeout = Duration::from_millis(50);
        options.idle_timeout = Some(Duration::from_millis(100));
    }
    let server = Audited::tcp(codec, options).await;
    let (id, mut peer): (_, RawPeer<TcpStream>) = server.peer().await;
    peer.say(wire).await;
    server.until(|server| server.stats().received_bytes == wire.len() as u64).await;
    match end {
        End::Close => peer.finish().await,
        End::Disconnect => server.disconnect(id).unwrap(),
        End::Reset => {
            peer.0.set_zero_linger().unwrap();
            drop(peer);
        }
        End::Silence => {}
    }
    let mut received = 0;
    let lost_bytes = loop {
        match server.recv().await {
            Some((from, BridgeEvent::Left { lost_bytes, departure })) if from == id => {
                let broke = matches!(departure, Departure::Failed(_));
                assert_eq!(broke, matches!(end, End::Reset), "{departure}");
                break lost_bytes;
            }
            Some((_, BridgeEvent::Message(_))) => received += 1,
            other => panic!("{other:?}"),
        }
    };
    let context = format!("{} {end:?}", wire.escape_ascii());
    assert_eq!((received, lost_bytes), (messages, lost), "{context}");
    let stats = server.stats();
    assert_eq!((stats.lost_bytes, stats.cut_off), (lost, u64::from(lost > 0)), "{context}");
}

#[test]
fn the_bytes_of_an_incomplete_frame_are_told_and_counted_whatever_ends_the_connection() {
    run(async {
        let mut skipping = DelimiterCodec::new(b'\n');
        skipping.max_len = 4;
        skipping.oversize = OversizePolicy::Skip;
        for end in [End::Close, End::Disconnect, End::Reset, End::Silence] {
            for (wire, messages, lost) in [
                (&b""[..], 0, 0),
                (b"a v=1\n", 1, 0),
                (b"a v=1\nb v=2", 1, 5),
                (b"b", 0, 1),
                (b"\n\n\nb v=2", 3, 5),
            ] {
                check(DelimiterCodec::new(b'\n'), wire, end, messages, lost).await;
            }
            let prefixed = LengthCodec::new(Prefix::U32_BE);
            check(prefixed.clone(), b"\0\0\0\x02ab", end, 1, 0).await;
            check(prefixed.clone(), b"\0\0\0\x02ab\0\0", end, 1, 2).await;
            check(prefixed, b"\0\0\0\x02a", end, 0, 5).await;
            // A codec that skips a frame above its limit consumes the beginning.
            check(skipping.clone(), b"ab\ntoo long", end, 1, 8).await;
        }
        // The end of the input is the end of such a frame; a reset cuts it off.
        check(EofCodec::default(), b"message", End::Close, 1, 0).await;
        check(EofCodec::default(), b"message", End::Reset, 0, 7).await;
    });
}

#[test]
fn a_client_sums_up_the_losses_of_its_connections() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let client = Audited::client(connector, delimited(), options());
        for round in 1..=3 {
            let (stream, _) = influx_transport::Listen::accept(&listener).await;
            let mut server = RawPeer(stream);
            client.joined().await;
            server.say("ok\x17cut").await;
            client.message().await;
            drop(server);
            client.left().await;
            assert_eq!(client.peer_stats()[0].lost_bytes, 3 * round);
            let stats = client.stats();
            assert_eq!((stats.lost_bytes, stats.cut_off), (3 * round, round));
        }
    });
}
