//! Messages arrive and are received.

use std::collections::HashMap;

use influx_framing::{FrameError, JsonCodec, Message};
use influx_transport::bridge::{BridgeError, Departure};
use serde_json::{Value, json};

use crate::support::{Audited, delimited, json, options, run};

#[test]
fn every_peer_receives_every_message_with_its_delimiter() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let mut peers = Vec::new();
        for _ in 0..3 {
            peers.push(server.peer().await.1);
        }
        for message in [json!({"n": 1}), json!({"n": 2}), json!("three")] {
            assert_eq!(server.send(&message).await.unwrap(), 3);
        }
        for peer in &mut peers {
            peer.hear("{\"n\":1}\x17{\"n\":2}\x17\"three\"\x17").await;
        }
        server.until_delivered(9).await;
        assert_eq!(server.stats().sent.accepted, 9);
    });
}

#[test]
fn messages_to_one_peer_and_to_all_keep_their_order() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let (first, mut first_peer) = server.peer().await;
        let (second, mut second_peer) = server.peer().await;
        for number in 0..4 {
            server.send(json!(["all", number])).await.unwrap();
            server.send_to(first, json!(["first", number])).await.unwrap();
            server.send_to(second, json!(["second", number])).await.unwrap();
            server.send_to(first, json!(["again", number])).await.unwrap();
        }
        for number in 0..4 {
            let expected =
                format!("[\"all\",{number}]\x17[\"first\",{number}]\x17[\"again\",{number}]\x17");
            first_peer.hear(expected).await;
            second_peer.hear(format!("[\"all\",{number}]\x17[\"second\",{number}]\x17")).await;
        }
        server.until_delivered(20).await;
    });
}

#[test]
fn what_peers_send_is_received_with_who_sent_it() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let (first, mut first_peer) = server.peer().await;
        let (second, mut second_peer) = server.peer().await;
        first_peer.say("{\"a\": 1}\x17[2").await;
        assert_eq!(server.value().await, (first, json!({"a": 1})));
        second_peer.say(" null \x17").await;
        assert_eq!(server.value().await, (second, Value::Null));
        first_peer.say("]\x17").await;
        assert_eq!(server.value().await, (first, json!([2])));
        let stats = server.peer_stats();
        assert_eq!((stats[0].received, stats[0].received_bytes), (2, 13));
        assert_eq!(server.stats().received, 3);
    });
}

#[test]
fn a_bad_message_is_received_as_such_and_harms_nothing() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let (id, mut peer) = server.peer().await;
        peer.say(b"nonsense\x17\x17\"\xff\"\x17{\"ok\":1}\x17").await;
        for expected in [&b"nonsense"[..], b"", b"\"\xff\""] {
            let (from, message) = server.message().await;
            let Message::Bad { bytes, .. } = message else { panic!("{message:?} is not bad") };
            assert_eq!((from, &bytes[..]), (id, expected));
        }
        assert_eq!(server.value().await, (id, json!({"ok": 1})));
    });
}

#[test]
fn without_a_peer_a_server_sends_nothing_and_says_so() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        assert_eq!(server.send(json!(1)).await, Ok(0));
        let (id, mut peer) = server.peer().await;
        assert_eq!(server.send(json!(2)).await, Ok(1));
        peer.hear("2\x17").await;
        server.disconnect(id).unwrap();
        assert!(matches!(server.left().await, (peer, Departure::Disconnected) if peer == id));
        assert_eq!(server.send_to(id, json!(3)).await, Err(BridgeError::Gone(id)));
        assert_eq!(server.disconnect(id), Err(BridgeError::Gone(id)));
        assert_eq!(server.send(json!(4)).await, Ok(0));
        let stats = server.stats();
        assert_eq!((stats.without_peer, stats.sent.accepted, stats.joined), (2, 1, 1));
    });
}

#[test]
fn a_peer_that_has_said_all_still_receives() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let (id, mut peer) = server.peer().await;
        peer.say("1\x17").await;
        peer.finish().await;
        assert_eq!(server.value().await, (id, json!(1)));
        for number in 0..3 {
            assert_eq!(server.send(json!(number)).await, Ok(1));
            peer.hear(format!("{number}\x17")).await;
        }
        server.until_delivered(3).await;
    });
}

#[test]
fn null_and_empty_values_are_messages() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let (id, mut peer) = server.peer().await;
        for value in [Value::Null, json!([]), json!({}), json!(""), json!(0), json!(false)] {
            assert_eq!(server.send(&value).await, Ok(1));
            let wire = format!("{value}\x17");
            peer.hear(&wire).await;
            peer.say(&wire).await;
            assert_eq!(server.value().await, (id, value));
        }
        server.until_delivered(6).await;
    });
}

#[test]
fn numbers_that_json_lacks_are_neither_sent_nor_accepted() {
    run(async {
        let codec = JsonCodec::<f64, _>::new(delimited());
        let server = Audited::tcp(codec, options()).await;
        let (_, mut peer) = server.peer().await;
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let refused = server.send(number).await;
            assert_eq!(refused, Err(BridgeError::Frame(FrameError::NonFinite)));
        }
        server.send(0.5).await.unwrap();
        peer.hear("0.5\x17").await;
        server.until_delivered(1).await;
        for number in ["NaN", "Infinity", "-Infinity", "1e999"] {
            peer.say(format!("{number}\x17")).await;
            let (_, message) = server.message().await;
            assert!(
                matches!(&message, Message::Bad { bytes, .. } if bytes == number),
                "{message:?}"
            );
        }
    });
}

#[test]
fn what_json_cannot_express_is_an_error() {
    run(async {
        let codec = JsonCodec::<HashMap<(u8, u8), u8>, _>::new(delimited());
        let server = Audited::tcp(codec, options()).await;
        let (_, mut peer) = server.peer().await;
        let refused = server.send(HashMap::from([((1, 2), 3)])).await;
        assert!(
            matches!(refused, Err(BridgeError::Frame(FrameError::Serialize(_)))),
            "{refused:?}"
        );
        server.send(HashMap::new()).await.unwrap();
        peer.hear("{}\x17").await;
        server.until_delivered(1).await;
    });
}
