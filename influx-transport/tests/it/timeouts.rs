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

/// A peer whose answer has no end: a byte after each pause.
fn endless(pause: Duration) -> Script {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    (0..1000)
        .fold(Script::new().read_request().send(head), |script, _| script.pause(pause).send("x"))
}

#[test]
fn a_body_may_not_drip_for_ever() {
    run_paused(async {
        for (pause, patience, expected) in [
            (SECOND, Duration::MAX, (121, 121)),
            (5 * SECOND, Duration::MAX, (120, 24)),
            // A caller that gives up again and again waits all the same.
            (SECOND, SECOND / 3, (121, 121)),
        ] {
            let start = Instant::now();
            let transport = transport(endless(pause));
            let response = transport.send(get("/")).await.unwrap();
            let mut body = response.into_body();
            let mut bytes = 0;
            let error = loop {
                match tokio::time::timeout(patience, body.chunk()).await {
                    Ok(Err(error)) => break error,
                    Ok(Ok(chunk)) => bytes += chunk.unwrap().len(),
                    Err(_) => {}
                }
            };
            assert_eq!(error.kind(), ErrorKind::TooSlow { min_rate: 100 }, "{error:?}");
            assert_eq!((error.phase(), error.delivery()), (Phase::Body, Delivery::Answered));
            assert!(error.is_timeout());
            assert_eq!((start.elapsed().as_secs(), bytes), expected, "{pause:?}");
            assert!(body.chunk().await.unwrap().is_none());
        }
    });
}

#[test]
fn a_slow_body_may_be_allowed() {
    run_paused(async {
        let mut options = HttpOptions::default();
        options.min_body_rate = 0;
        let connector = ScriptedConnector::new([endless(SECOND)]).capacity(64);
        let transport = HttpTransport::with_options(connector, options);
        let (data, error) = drain(transport.send(get("/")).await.unwrap().into_body()).await;
        assert_eq!(data.len(), 1000);
        assert!(error.unwrap().is_closed());
    });
}

#[test]
fn a_caller_that_reads_for_an_hour_loses_nothing() {
    run_paused(async {
        let text = "0123456789".repeat(100);
        let script = Script::new().read_request().send(with_length(&text));
        // The peer sends within a second whenever there is room, and the caller is away for most of
        // the time: before it reads, or while a read is under way.
        for is_reading in [false, true] {
            let slow = (0..500).fold(
                Script::new()
                    .read_request()
                    .send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
                |script, _| script.pause(SECOND / 4).send("xy"),
            );
            for script in [script.clone(), slow] {
                let start = Instant::now();
                let transport = transport(script);
                let mut body = transport.send(get("/")).await.unwrap().into_body();
                let mut bytes = 0;
                loop {
                    let mut read = Box::pin(body.chunk());
                    let ready = if is_reading {
                        std::future::poll_fn(|cx| std::task::Poll::Ready(read.as_mut().poll(cx)))
                            .await
                    } else {
                        std::task::Poll::Pending
                    };
                    sleep(15 * SECOND).await;
                    let chunk = match ready {
                        std::task::Poll::Ready(chunk) => chunk,
                        std::task::Poll::Pending => read.await,
                    };
                    let Some(chunk) = chunk.unwrap() else { break };
                    bytes += chunk.len();
                }
                assert_eq!(bytes, 1000);
                assert!(start.elapsed() > 200 * SECOND, "{:?}", start.elapsed());
            }
        }
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
