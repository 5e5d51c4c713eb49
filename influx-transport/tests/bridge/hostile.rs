//! Peers that violate the protocol.

use bytes::{Bytes, BytesMut};
use influx_framing::{Decoder, DelimiterCodec, Encoder, Frame, FrameError, Message};
use influx_transport::bridge::Departure;
use influx_transport::memory::memory_pair;
use influx_transport::test_util::{Script, ScriptedConnector};
use serde_json::json;

use crate::support::{Audited, json, options, run, run_paused};

/// Frames that are not JSON, some of which have crashed programs.
fn bad_frames() -> Vec<Vec<u8>> {
    let nested = |open: &str, depth: usize| open.repeat(depth).into_bytes();
    vec![
        b"\"\xff\"".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\0}\0".to_vec(),
        b"\"\xed\xa0\x80\"".to_vec(),
        b"\"\\ud800\"".to_vec(),
        b"{\"a\":1".to_vec(),
        b"1 2".to_vec(),
        b"\"\n\"".to_vec(),
        nested("[", 200_000),
        nested("{\"a\":", 100_000),
        b"-".to_vec(),
        b"".to_vec(),
    ]
}

#[test]
fn no_bytes_of_a_peer_harm_it_or_others() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let (_, mut other) = server.peer().await;
        for frame in bad_frames() {
            let (id, mut peer) = server.peer().await;
            peer.say([&frame, &b"\x17{\"n\":1}\x17"[..]].concat()).await;
            let (from, message) = server.message().await;
            assert_eq!(from, id);
            assert!(
                matches!(&message, Message::Bad { bytes, .. } if *bytes == frame),
                "{message:?}"
            );
            assert_eq!(server.value().await, (id, json!({"n": 1})));
            server.send(json!(2)).await.unwrap();
            other.hear("2\x17").await;
            peer.hear("2\x17").await;
            server.disconnect(id).unwrap();
            server.left().await;
        }
    });
}

#[test]
fn no_bytes_of_the_server_end_a_client() {
    run_paused(async {
        for frame in bad_frames() {
            let wire = [&frame, &b"\x17true\x17"[..]].concat();
            let connector = ScriptedConnector::new([Script::new().send(wire).read_to_end()]);
            let client = Audited::client(connector, json(), options());
            client.joined().await;
            let (_, message) = client.message().await;
            assert!(
                matches!(&message, Message::Bad { bytes, .. } if *bytes == frame),
                "{message:?}"
            );
            assert_eq!(client.value().await.1, json!(true));
        }
    });
}

#[test]
fn bytes_that_cannot_be_decoded_further_end_their_connection_only() {
    run(async {
        let mut codec = DelimiterCodec::new(0x17);
        codec.max_len = 4;
        let server = Audited::tcp(codec, options()).await;
        let (_, mut other) = server.peer().await;
        let (id, mut peer) = server.peer().await;
        peer.say("1\x1712345").await;
        assert_eq!(server.message().await, (id, Frame::Complete("1".into())));
        let (left, departure) = server.left().await;
        assert_eq!(left, id);
        let oversize = FrameError::TooLarge { what: "frame", limit: 4 };
        assert!(
            matches!(departure, Departure::Frame(ref error) if *error == oversize),
            "{departure}"
        );
        assert!(peer.rest().await.is_empty());
        server.send("2").await.unwrap();
        other.hear("2\x17").await;
        server.until_delivered(1).await;
    });
}

#[test]
fn an_unfinished_message_is_the_reason_of_the_departure() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let (id, mut peer) = server.peer().await;
        peer.say("1\x17{\"a\":1}").await;
        peer.finish().await;
        assert_eq!(server.value().await, (id, json!(1)));
        let (_, departure) = server.left().await;
        let truncated = FrameError::Truncated { bytes: 7 };
        assert!(
            matches!(departure, Departure::Frame(ref error) if *error == truncated),
            "{departure}"
        );
    });
}

/// A codec that panics over the message `panic`.
#[derive(Clone)]
struct Fragile(DelimiterCodec);

impl Decoder for Fragile {
    type Item = Bytes;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let frame = self.0.decode(src)?.and_then(Frame::into_complete);
        assert!(frame.as_deref() != Some(b"panic"), "as told");
        Ok(frame)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        Ok(self.0.decode_eof(src)?.and_then(Frame::into_complete))
    }
}

impl Encoder<&str> for Fragile {
    fn encode(&mut self, message: &str, dst: &mut BytesMut) -> Result<(), FrameError> {
        assert!(message != "panic", "as told");
        self.0.encode(message, dst)
    }
}

#[test]
fn a_codec_that_panics_loses_one_connection() {
    run(async {
        let server = Audited::tcp(Fragile(DelimiterCodec::new(0x17)), options()).await;
        let (_, mut other) = server.peer().await;
        let (id, mut peer) = server.peer().await;
        peer.say("panic\x17").await;
        let (left, departure) = server.left().await;
        assert!(left == id && matches!(departure, Departure::Panicked), "{departure}");
        server.send("1").await.unwrap();
        other.hear("1\x17").await;
        server.until_delivered(1).await;
    });
}

#[test]
fn a_client_whose_codec_panics_connects_again() {
    run_paused(async {
        let scripts = ["panic\x17", "1\x17"].map(|text| Script::new().send(text).read_to_end());
        let codec = Fragile(DelimiterCodec::new(0x17));
        let client = Audited::client(ScriptedConnector::new(scripts), codec, options());
        client.joined().await;
        let (_, departure) = client.left().await;
        assert!(matches!(departure, Departure::Panicked), "{departure}");
        client.joined().await;
        assert_eq!(client.message().await.1, "1");
    });
}

#[test]
fn a_message_that_makes_the_codec_panic_is_sent_to_nobody() {
    run_paused(async {
        let (_connector, listener) = memory_pair();
        let codec = Fragile(DelimiterCodec::new(0x17));
        let server = std::sync::Arc::new(Audited::server(listener, codec, options()));
        let sender = std::sync::Arc::clone(&server);
        assert!(tokio::spawn(async move { sender.send("panic").await }).await.is_err());
        assert_eq!(server.send("1").await, Ok(0));
    });
}
