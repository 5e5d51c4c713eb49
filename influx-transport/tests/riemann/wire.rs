//! The bytes on the wire, as recorded from other clients and a real server.

use bytes::BytesMut;
use influx_framing::{AnyCodec, Decoder, Encoder, Frame};
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::{Script, ScriptedServer};
use influx_transport::{Connect, Transport};
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::message::{Attribute, Event, Msg, Query, codec};
use crate::support::{client, event, hex, ok, refusal, refused_event, riemann, run, wire};

const EVENT: &str = "0000002f 322d0880e2cfaa0612026f6b1a036370752201682a01643a01613a0162
                     45000020414a060a016b1201767d0000c03f";

/// The event in [`EVENT`].
fn recorded_event() -> Event {
    Event {
        time: Some(1_700_000_000),
        state: Some("ok".to_owned()),
        service: Some("cpu".to_owned()),
        host: Some("h".to_owned()),
        description: Some("d".to_owned()),
        tags: vec!["a".to_owned(), "b".to_owned()],
        ttl: Some(10.0),
        attributes: vec![Attribute { key: "k".to_owned(), value: Some("v".to_owned()) }],
        metric_f: Some(1.5),
        ..Event::default()
    }
}

fn query(expression: &str) -> Msg {
    let query = Some(Query { string: Some(expression.to_owned()) });
    Msg { query, ..Msg::default() }
}

#[test]
fn requests_are_the_recorded_bytes() {
    run(async {
        for (request, expected) in [
            (Msg { events: vec![recorded_event()], ..Msg::default() }, EVENT),
            (query("true"), "00000008 2a060a0474727565"),
            (Msg::default(), "00000000"),
        ] {
            let script = Script::new().read(hex(expected).len()).send(ok()).read_to_end();
            let server = ScriptedServer::start([script]).await.unwrap();
            let client = client(server.local_addr());
            client.exchange(&request).await.unwrap();
            client.transport().disconnect().await.unwrap();
            assert_eq!(server.finish().await.unwrap(), [hex(expected)], "{request:?}");
        }
    });
}

#[test]
fn the_recorded_bytes_are_understood() {
    let mut input = BytesMut::from(&hex(EVENT)[..]);
    let frame = codec().decode(&mut input).unwrap().and_then(Frame::into_complete).unwrap();
    assert_eq!(Msg::decode(frame).unwrap().events, [recorded_event()]);
}

#[test]
fn the_preset_of_that_name_gives_the_same_frames() {
    let mut preset = "riemann".parse::<AnyCodec>().unwrap();
    let mut out = BytesMut::new();
    preset.encode(&query("true").to_bytes()[..], &mut out).unwrap();
    assert_eq!(out, hex("00000008 2a060a0474727565"));
    let (limit, mut frame) = (16 * 1024 * 1024, BytesMut::new());
    for size in [limit - 1, limit, limit + 1] {
        let message = vec![0; size];
        frame.clear();
        let fits = codec().encode(&message[..], &mut frame).is_ok();
        assert_eq!(fits, size <= limit);
        frame.clear();
        assert_eq!(preset.encode(&message[..], &mut frame).is_ok(), fits);
    }
}

/// The server's answers to these bytes, until it closes the connection or the input ends.
async fn answers(request: &[u8]) -> Vec<u8> {
    let (_server, address) = riemann().await;
    let mut stream = TcpConnector::from(address).connect().await.unwrap();
    stream.write_all(request).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = Vec::new();
    // A server that closes a connection with unread bytes resets it.
    stream.read_to_end(&mut answers).await.ok();
    answers
}

#[test]
fn answers_are_those_of_a_real_server() {
    run(async {
        for (request, expected) in [
            (EVENT, "00000002 1001"),
            ("00000008 2a060a0474727565", "00000002 1001"),
            ("00000000", "00000002 1001"),
            ("00000000 00000000", "00000002 1001 00000002 1001"),
            // Garbage, and lengths that no message has: the connection is closed.
            ("00000004 ffffffff", ""),
            ("00000000 00000004 ffffffff 00000000", "00000002 1001"),
            ("7fffffff", ""),
            ("80000000", ""),
            ("ffffffff", ""),
            // Half a frame.
            ("00000008 2a06", ""),
        ] {
            assert_eq!(answers(&hex(request)).await, hex(expected), "{request}");
        }
    });
}

#[test]
fn a_message_may_have_events_and_a_query() {
    run(async {
        let (server, address) = riemann().await;
        let client = client(address);
        let both = Msg { events: vec![recorded_event()], ..query(r#"service = "cpu""#) };
        assert_eq!(client.exchange(&both).await.unwrap().events, [recorded_event()]);
        assert_eq!(server.counts().events, 1);
    });
}

#[test]
fn queries_find_what_was_sent() {
    run(async {
        let (_server, address) = riemann().await;
        let client = client(address);
        let (a, b) = (event("a"), recorded_event());
        client.events(vec![a.clone(), b.clone()]).await.unwrap();
        for (expression, expected) in [
            ("true", vec![a.clone(), b.clone()]),
            (r#"service = "a""#, vec![a]),
            (r#"service = "cpu""#, vec![b]),
            (r#"service = "none""#, vec![]),
        ] {
            assert_eq!(client.query(expression).await.unwrap(), expected, "{expression}");
        }
    });
}

#[test]
fn when_there_is_no_room_the_oldest_events_go() {
    run(async {
        let (server, address) = riemann().await;
        let client = client(address);
        // 8 MiB are kept, and a mebibyte of text is an event of some bytes more.
        let large = |letter: &str| event(letter.repeat(1024 * 1024));
        for letter in "abcdefghi".chars() {
            client.events(vec![large(&letter.to_string())]).await.unwrap();
        }
        assert_eq!(server.counts().events, 9);
        assert_eq!(
            client.query("true").await.unwrap(),
            ["c", "d", "e", "f", "g", "h", "i"].map(large)
        );
        // One that does not fit at all takes all others along.
        client.events(vec![event("j".repeat(9 * 1024 * 1024))]).await.unwrap();
        assert_eq!(client.query("true").await.unwrap(), []);
    });
}

#[test]
fn a_refusal_is_an_error_of_its_own_and_the_connection_goes_on() {
    run(async {
        let (server, address) = riemann().await;
        let client = client(address);
        let refused = client.events(vec![event("a"), refused_event("disk")]).await;
        assert_eq!(refusal(refused), "the metric of disk is NaN");
        assert_eq!(refusal(client.query("bad (").await), "parse error: bad (");
        // None of a refused message's events is stored.
        assert_eq!(client.query("true").await.unwrap(), []);
        assert_eq!((server.counts().refused, server.stored()), (1, 0));
        assert_eq!(client.transport().stats().connects, 1);
    });
}

#[test]
fn an_answer_without_a_verdict_is_a_refusal_without_a_reason() {
    run(async {
        let script = Script::new().read(4).send(wire(&Msg::default())).read_to_end();
        let server = ScriptedServer::start([script]).await.unwrap();
        let client = client(server.local_addr());
        assert_eq!(refusal(client.exchange(&Msg::default()).await), "it gave no reason");
    });
}

#[test]
fn microseconds_are_carried() {
    run(async {
        let (_server, address) = riemann().await;
        let client = client(address);
        let micros = Event { time_micros: Some(1_700_000_000_123_456), ..event("a") };
        // Field 10, a varint.
        assert_eq!(micros.encode_to_vec(), hex("1a0161 50c0c480c1c1c48203"));
        client.events(vec![micros.clone()]).await.unwrap();
        assert_eq!(client.query("true").await.unwrap(), vec![micros]);
    });
}

#[test]
fn each_kind_of_metric_is_carried() {
    run(async {
        let (_server, address) = riemann().await;
        let client = client(address);
        let events = vec![
            Event { metric_sint64: Some(i64::MIN), ..event("least") },
            Event { metric_sint64: Some(i64::MAX), ..event("most") },
            Event { metric_d: Some(f64::MIN_POSITIVE), ..event("double") },
            Event { metric_f: Some(f32::MAX), ..event("float") },
        ];
        client.events(events.clone()).await.unwrap();
        assert_eq!(client.query("true").await.unwrap(), events);
    });
}
