//! Answers that come in pieces, together, late, never or not as answers.

use std::error::Error as _;

use bytes::BytesMut;
use influx_framing::Encoder;
use influx_transport::framed::FramedOptions;
use influx_transport::test_util::{Direction, FaultProxy, Script};
use influx_transport::{Delivery, ErrorKind};
use tokio::time::{Duration, Instant};

use crate::client;
use crate::message::{Msg, codec};
use crate::support::{
    client, event, hex, no, ok, read_events, refusal, riemann, run, run_paused, scripted,
    transport_error,
};

#[test]
fn an_answer_cut_anywhere_is_one_answer() {
    run_paused(async {
        let answer = no("it is full");
        for cut in 0..=answer.len() {
            let (head, tail) = (answer.slice(..cut), answer.slice(cut..));
            let script = read_events(1).send(head).pause(Duration::from_millis(10));
            let client = scripted([script.send(tail).read_to_end()]);
            let refused = client.events(vec![event("a")]).await;
            assert_eq!(refusal(refused), "it is full", "cut at {cut}");
        }
    });
}

#[test]
fn messages_in_segments_of_one_byte_are_whole() {
    run(async {
        let (_server, address) = riemann().await;
        let proxy = FaultProxy::start(address).await.unwrap();
        proxy.chunk(Direction::ToClient, 1);
        proxy.chunk(Direction::ToServer, 1);
        let client = client(proxy.local_addr());
        for service in ["a", "b"] {
            client.events(vec![event(service)]).await.unwrap();
        }
        assert_eq!(client.query("true").await.unwrap(), [event("a"), event("b")]);
        assert_eq!(proxy.accepted(), 1);
    });
}

#[test]
fn an_answer_cut_off_by_the_end_is_an_error_at_once() {
    run_paused(async {
        let answer = no("it is full");
        for cut in 0..answer.len() {
            let broken = read_events(1).send(answer.slice(..cut));
            let sound = read_events(1).send(ok()).read_to_end();
            let client = scripted([broken, sound]);
            let start = Instant::now();
            let error = transport_error(client.events(vec![event("a")]).await);
            assert!(error.is_closed(), "cut at {cut}: {error:?}");
            assert_eq!(error.delivery(), Delivery::MaybeSent, "cut at {cut}");
            assert_eq!(start.elapsed(), Duration::ZERO, "cut at {cut}");
            // The connection is replaced without anybody asking for it.
            client.events(vec![event("a")]).await.unwrap();
            assert_eq!(client.transport().stats().connects, 2, "cut at {cut}");
        }
    });
}

#[test]
fn a_reset_inside_an_answer_is_an_error_and_the_next_request_succeeds() {
    run(async {
        let (_server, address) = riemann().await;
        let proxy = FaultProxy::start(address).await.unwrap();
        for at in 0..ok().len() as u64 {
            proxy.reset_after(Direction::ToClient, at);
            let client = client(proxy.local_addr());
            let error = transport_error(client.events(vec![event("a")]).await);
            assert!(error.is_closed(), "reset at {at}: {error:?}");
            proxy.pass().await.unwrap();
            client.events(vec![event("a")]).await.unwrap();
        }
    });
}

#[test]
fn two_answers_in_one_segment_reach_their_two_callers() {
    run_paused(async {
        let both = [ok(), no("the second")].concat();
        let client = scripted([read_events(2).send(both).read_to_end()]);
        let (first, second) =
            tokio::join!(client.events(vec![event("a")]), client.events(vec![event("b")]));
        first.unwrap();
        assert_eq!(refusal(second), "the second");
    });
}

#[test]
fn an_answer_that_comes_too_late_reaches_nobody_else() {
    run_paused(async {
        let script = read_events(2).send(no("to request 1")).send(ok());
        let client = scripted([script.read_to_end()]);
        let error = transport_error(client.events(vec![event("a")]).await);
        assert_eq!(error.kind(), ErrorKind::Timeout(FramedOptions::default().response_timeout));
        client.events(vec![event("b")]).await.unwrap();
        let stats = client.transport().stats();
        assert_eq!((stats.connects, stats.discarded, stats.received), (1, 1, 1));
    });
}

#[test]
fn a_length_that_no_message_has_is_refused_before_its_bytes_come() {
    run_paused(async {
        let limit = 16 * 1024 * 1024;
        for length in ["01000001", "7fffffff", "80000000", "ffffffff"] {
            // Nothing follows: who believed the length would wait for it.
            let endless = read_events(1).send(hex(length)).stall();
            let sound = read_events(1).send(ok()).read_to_end();
            let client = scripted([endless, sound]);
            let start = Instant::now();
            let error = transport_error(client.events(vec![event("a")]).await);
            assert_eq!(error.kind(), ErrorKind::TooLarge { what: "frame", limit }, "{length}");
            assert_eq!(start.elapsed(), Duration::ZERO, "{length}");
            client.events(vec![event("a")]).await.unwrap();
        }
    });
}

#[test]
fn a_request_above_the_limit_is_not_sent() {
    run_paused(async {
        let client = scripted([read_events(1).send(ok()).read_to_end()]);
        let large = event("x".repeat(16 * 1024 * 1024));
        let error = transport_error(client.events(vec![large]).await);
        assert!(error.is_too_large(), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        client.events(vec![event("a")]).await.unwrap();
    });
}

#[test]
fn an_answer_that_is_no_message_is_a_typed_error_and_the_connection_goes_on() {
    run_paused(async {
        for (garbage, what) in [
            ("ffffffffffffffffffffff", "a number without an end"),
            ("10", "a field without its value"),
            ("1a05616263", "a text longer than what follows"),
            ("1a02c328", "a text that is not UTF-8"),
            ("1201", "a field of the wrong kind"),
            ("0000", "a field that cannot be"),
        ] {
            let mut frame = BytesMut::new();
            codec().encode(hex(garbage), &mut frame).unwrap();
            let script = Script::new().read(4).send(frame.freeze()).read(4);
            let client = scripted([script.send(ok()).read_to_end()]);
            let error = client.exchange(&Msg::default()).await.unwrap_err();
            assert!(matches!(error, client::Error::Answer(_)), "{what}: {error:?}");
            assert_eq!(error.to_string(), "the answer is not a message of Riemann");
            assert!(error.source().is_some(), "{what}");
            client.exchange(&Msg::default()).await.unwrap();
            assert_eq!(client.transport().stats().connects, 1, "{what}");
        }
    });
}
