//! Any codec.

use std::time::Duration;

use influx_framing::{
    AnyCodec, DelimiterCodec, EofCodec, Frame, FrameError, InvalidCodec, JsonCodec, LengthCodec,
    Message, Prefix, TextCodec,
};
use influx_transport::bridge::{BridgeError, BridgeOptions, Departure};
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::{Script, ScriptedServer};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::support::{Audited, delimited, options, run};

/// Sends two messages and receives them again, byte by byte.
async fn check(spec: &str, wire: &[u8]) {
    let codec = spec.parse::<AnyCodec>().unwrap();
    let server = Audited::tcp(codec, options()).await;
    let (id, mut peer) = server.peer().await;
    for message in ["{}", "hi"] {
        server.send(message).await.unwrap();
    }
    peer.hear(wire).await;
    for byte in wire {
        peer.say([*byte]).await;
        peer.0.flush().await.unwrap();
    }
    for message in ["{}", "hi"] {
        assert_eq!(server.message().await, (id, Frame::Complete(message.into())), "{spec}");
    }
    server.until_delivered(2).await;
}

#[test]
fn any_codec_of_bytes_and_any_delimiter_will_do() {
    run(async {
        check("datalogd", b"{}\x17hi\x17").await;
        check(r#"delim:"\x17""#, b"{}\x17hi\x17").await;
        check(r#"delim:"\r\n""#, b"{}\r\nhi\r\n").await;
        check("delim:0x41424142", b"{}ABABhiABAB").await;
        check("line", b"{}\nhi\n").await;
        check("nul", b"{}\0hi\0").await;
        check("len:u32be", b"\0\0\0\x02{}\0\0\0\x02hi").await;
        check("varint", b"\x02{}\x02hi").await;
        check("fixed:2", b"{}hi").await;
    });
}

fn one_message() -> BridgeOptions {
    let mut options = options();
    options.one_message_per_connection = true;
    options
}

#[test]
fn one_message_per_connection_ends_with_it() {
    run(async {
        let mut codec = EofCodec::new();
        codec.max_len = 5;
        let server = Audited::tcp(codec, one_message()).await;
        for answer in ["first", "again"] {
            let (id, mut peer) = server.peer().await;
            peer.say("hello").await;
            peer.finish().await;
            assert_eq!(server.message().await, (id, Frame::Complete("hello".into())));
            assert_eq!(server.send(answer).await, Ok(1));
            assert_eq!(server.send("later").await, Ok(0), "the connection has carried its message");
            assert_eq!(server.send_to(id, "later").await, Err(BridgeError::Gone(id)));
            assert_eq!(peer.rest().await, answer.as_bytes());
            let (_, departure) = server.left().await;
            assert!(matches!(departure, Departure::Closed), "{departure}");
        }
        let (_, mut peer) = server.peer().await;
        peer.say("longer").await;
        let (_, departure) = server.left().await;
        let oversize = FrameError::TooLarge { what: "frame", limit: 5 };
        assert!(
            matches!(departure, Departure::Frame(ref error) if *error == oversize),
            "{departure}"
        );
    });
}

#[test]
fn one_message_is_counted_when_it_was_sent_and_its_peer_makes_room_for_the_next() {
    run(async {
        let mut options = one_message();
        options.max_peers = 1;
        let server = Audited::tcp(EofCodec::new(), options).await;
        let (first, mut peer) = server.peer().await;
        server.send("only").await.unwrap();
        assert_eq!(peer.rest().await, b"only");
        server.until_delivered(1).await;
        assert_eq!(server.peer_stats()[0].sent.queued, 0);
        peer.finish().await;
        assert_eq!(server.left().await.0, first);
        server.peer().await;
    });
}

#[test]
fn one_message_per_connection_is_none_if_the_connection_breaks() {
    run(async {
        let server = Audited::tcp(EofCodec::new(), one_message()).await;
        let (_, mut peer) = server.peer().await;
        peer.say("hel").await;
        server.until(|server| server.stats().received_bytes == 3).await;
        socket2::SockRef::from(&peer.0).set_linger(Some(Duration::ZERO)).unwrap();
        drop(peer);
        let (_, departure) = server.left().await;
        assert!(matches!(departure, Departure::Failed(_)), "{departure}");
    });
}

#[test]
fn a_client_with_one_message_per_connection_opens_one_for_each() {
    run(async {
        let scripts = [1, 2, 3].map(|number| Script::new().read_to_end().send(format!("{number}")));
        let server = ScriptedServer::start(scripts).await.unwrap();
        let connector = TcpConnector::from(server.local_addr());
        let mut options = one_message();
        options.random = || 0.0;
        let client = Audited::client(connector, EofCodec::new(), options);
        for message in ["a", "b", "c"] {
            assert_eq!(client.send(message).await, Ok(1));
        }
        for answer in ["1", "2", "3"] {
            client.joined().await;
            assert_eq!(client.message().await.1, Frame::Complete(answer.into()));
            client.left().await;
        }
        assert_eq!(server.finish().await.unwrap(), ["a", "b", "c"]);
        client.until_delivered(3).await;
    });
}

#[test]
fn a_message_that_contains_its_delimiter_is_refused() {
    run(async {
        let refused = Err(BridgeError::Frame(FrameError::Delimiter));
        let server = Audited::tcp(delimited(), options()).await;
        let (id, mut peer) = server.peer().await;
        assert_eq!(server.send("a\x17b").await, refused);
        assert_eq!(
            server.send_to(id, "\x17").await,
            Err(BridgeError::Frame(FrameError::Delimiter))
        );
        server.send("ab").await.unwrap();
        peer.hear("ab\x17").await;
        server.until_delivered(1).await;

        let commas = JsonCodec::<Value, _>::new(DelimiterCodec::new(b','));
        let server = Audited::tcp(commas, options()).await;
        let (_, mut peer) = server.peer().await;
        assert_eq!(server.send(json!([1, 2])).await, refused);
        server.send(json!([1])).await.unwrap();
        peer.hear("[1],").await;
        server.until_delivered(1).await;
    });
}

#[test]
fn text_in_other_encodings() {
    run(async {
        assert!(matches!(TextCodec::new(delimited(), "nonsense"), Err(InvalidCodec::Encoding)));
        // 0x17 is half of U+1700: a delimiter does not suit UTF-16.
        let utf16 = TextCodec::new(LengthCodec::new(Prefix::U16_BE), "utf-16le").unwrap();
        let server = Audited::tcp(JsonCodec::<Value, _>::new(utf16), options()).await;
        let (id, mut peer) = server.peer().await;
        for text in ["°", "\u{1700}"] {
            let units: Vec<u16> = format!("\"{text}\"").encode_utf16().collect();
            let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
            let wire = [&[0, 6][..], &bytes].concat();
            server.send(json!(text)).await.unwrap();
            peer.hear(&wire).await;
            peer.say(&wire).await;
            assert_eq!(server.message().await, (id, Message::Value(json!(text))));
        }
        server.until_delivered(2).await;
    });
}
