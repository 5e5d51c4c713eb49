//! How long a client waits. Time is virtual here, so that these limits are exact.

use std::time::Duration;

use influx_transport::http::{HttpOptions, HttpTransport};
use influx_transport::test_util::{Script, ScriptedConnector};
use influx_transport::{Delivery, Error, ErrorKind, Phase, Transport};
use tokio::time::{Instant, sleep};

use crate::frames::scripted;
use crate::support::{drain, get, post, run_paused, text, with_length};

const SECOND: Duration = Duration::from_secs(1);
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

/// A transport with the default limits, whose peer takes 64 bytes at a time.
fn transport(script: Script) -> HttpTransport<ScriptedConnector> {
    HttpTransport::new(ScriptedConnector::new([script]).capacity(64))
}

fn check(error: &Error, limit: Duration, phase: Phase, delivery: Delivery) {
    assert_eq!(error.kind(), ErrorKind::Timeout(limit), "{error:?}");
    assert_eq!((error.phase(), error.delivery()), (phase, delivery), "{error:?}");
}

/// A script that sends a text byte by byte, with a pause before each.
fn drip(script: Script, text: &'static str, pause: Duration) -> Script {
    text.as_bytes().chunks(1).fold(script, |script, byte| script.pause(pause).send(byte))
}

#[test]
fn an_answer_that_does_not_begin_times_out_once_the_request_is_sent() {
    run_paused(async {
        let start = Instant::now();
        let error = transport(Script::new().read_request().stall()).send(get("/")).await;
        check(&error.unwrap_err(), 30 * SECOND, Phase::Response, Delivery::MaybeSent);
        assert_eq!(start.elapsed(), 30 * SECOND);

        let start = Instant::now();
        let late = Script::new().pause(20 * SECOND).read_request().stall();
        let error = transport(late).send(post(vec![b' '; 1000])).await.unwrap_err();
        check(&error, 30 * SECOND, Phase::Response, Delivery::MaybeSent);
        assert_eq!(start.elapsed(), 50 * SECOND, "the wait begins with the last byte sent");
    });
}

#[test]
fn a_head_that_drips_times_out_as_a_whole() {
    run_paused(async {
        let script = drip(Script::new().read_request(), HEAD, SECOND);
        let error = transport(script).send(get("/")).await.unwrap_err();
        check(&error, 30 * SECOND, Phase::Response, Delivery::MaybeSent);
    });
}

#[test]
fn a_peer_that_takes_no_more_of_the_request_times_out() {
    run_paused(async {
        let start = Instant::now();
        let script = Script::new().read(500).pause(10 * SECOND).read(500).stall();
        let error = transport(script).send(post(vec![b' '; 1 << 20])).await.unwrap_err();
        check(&error, 30 * SECOND, Phase::Send, Delivery::MaybeSent);
        assert_eq!(start.elapsed(), 40 * SECOND);
    });
}

#[test]
fn a_peer_that_takes_the_request_slowly_is_waited_for() {
    run_paused(async {
        let script =
            (0..5).fold(Script::new().read_head(), |script, _| script.read(200).pause(14 * SECOND));
        let transport = transport(script.send(with_length("ok")));
        let response = transport.send(post(vec![b' '; 1000])).await.unwrap();
        assert_eq!(text(response).await.unwrap(), "ok");
    });
}

#[test]
fn a_body_may_drip_but_not_pause_for_too_long() {
    run_paused(async {
        let head = Script::new().read_request().send(HEAD);
        let steady = transport(drip(head.clone(), "abcde", 19 * SECOND));
        let body = steady.send(get("/")).await.unwrap().into_body();
        let (data, error) = drain(body).await;
        assert_eq!((data.as_slice(), error.is_none()), (b"abcde".as_slice(), true));

        let slow = transport(drip(drip(head, "abc", 19 * SECOND), "de", 21 * SECOND));
        let body = slow.send(get("/")).await.unwrap().into_body();
        let (data, error) = drain(body).await;
        assert_eq!(data, b"abc");
        check(&error.unwrap(), 20 * SECOND, Phase::Body, Delivery::Answered);
    });
}

#[test]
fn a_frame_that_drips_times_out_as_a_whole() {
    run_paused(async {
        let start = Instant::now();
        let (_peer, transport) = scripted([drip(Script::new().read(5), "\0\0\0\x30", SECOND)
            .pause(15 * SECOND)
            .send("the rest of it")
            .stall()]);
        let error = transport.send("1".into()).await.unwrap_err();
        check(&error, 30 * SECOND, Phase::Response, Delivery::MaybeSent);
        assert_eq!(start.elapsed(), 30 * SECOND);
    });
}

#[test]
fn a_caller_may_read_as_slowly_as_it_likes() {
    run_paused(async {
        let script = drip(Script::new().read_request().send(HEAD), "abcde", SECOND);
        let transport = transport(script);
        let mut body = transport.send(get("/")).await.unwrap().into_body();
        let mut data = Vec::new();
        while let Some(chunk) = body.chunk().await.unwrap() {
            data.extend_from_slice(&chunk);
            sleep(60 * SECOND).await;
        }
        assert_eq!(data, b"abcde");
    });
}

#[test]
fn a_dropped_chunk_future_loses_nothing() {
    run_paused(async {
        let transport = transport(drip(Script::new().read_request().send(HEAD), "abcde", SECOND));
        let mut body = transport.send(get("/")).await.unwrap().into_body();
        let mut data = Vec::new();
        let mut dropped = 0;
        loop {
            match tokio::time::timeout(SECOND / 3, body.chunk()).await {
                Ok(Ok(Some(chunk))) => data.extend_from_slice(&chunk),
                Ok(end) => break assert!(end.unwrap().is_none()),
                Err(_) => dropped += 1,
            }
        }
        assert_eq!(data, b"abcde");
        assert!(dropped >= 5, "{dropped}");
    });
}

#[test]
fn limits_may_be_endless() {
    run_paused(async {
        let mut options = HttpOptions::default();
        (options.send_timeout, options.response_timeout) = (Duration::MAX, Duration::MAX);
        (options.body_timeout, options.idle_timeout) = (Duration::MAX, Duration::MAX);
        let late = Script::new().pause(90 * SECOND).read_request().pause(90 * SECOND);
        let script = drip(late, HEAD, SECOND).pause(90 * SECOND).send("hello");
        let connector = ScriptedConnector::new([script]).capacity(64);
        let transport = HttpTransport::with_options(connector, options);
        let answer = transport.send(post(vec![b' '; 1000])).await.unwrap();
        assert_eq!(text(answer).await.unwrap(), "hello");
    });
}
