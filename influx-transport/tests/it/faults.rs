//! What a client makes of peers that break off, talk nonsense or too much.

use influx_transport::test_util::Script;
use influx_transport::{Delivery, Error, ErrorKind, Phase, Transport};

use crate::support::{answer, ask, drain, get, post, run, start, with_length};

const HEAD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const PIECES: [&str; 3] = [r#"{"name":"cpu"}"#, r#"{"name":"memory"}"#, "{}"];

/// An answer of three chunks, and what of its body each byte is.
fn recorded() -> (Vec<u8>, Vec<bool>) {
    let mut bytes = HEAD.as_bytes().to_vec();
    let mut is_data = vec![false; bytes.len()];
    for piece in PIECES.into_iter().chain([""]) {
        let frame = [format!("{:x}\r\n", piece.len()), piece.to_owned(), "\r\n".to_owned()];
        for (part, text) in frame.iter().enumerate() {
            bytes.extend_from_slice(text.as_bytes());
            is_data.extend(text.bytes().map(|_| part == 1));
        }
    }
    (bytes, is_data)
}

/// What comes of one exchange: the data of the answer's body and the error that ended it, or the
/// error before the body. The peer is there all the time.
async fn exchange(script: Script) -> Result<(Vec<u8>, Option<Error>), Error> {
    let (_server, transport) = start([script]).await;
    let response = transport.send(get("/db?q=CANARY-7f3a")).await?;
    Ok(drain(response.into_body()).await)
}

async fn failure(script: Script) -> Error {
    match exchange(script).await {
        Ok((_, error)) => error.expect("the exchange must fail"),
        Err(error) => error,
    }
}

#[test]
fn an_answer_cut_at_any_byte_gives_what_came_and_then_one_error() {
    run(async {
        let (bytes, is_data) = recorded();
        for cut in 0..bytes.len() {
            let sent = bytes[..cut].to_vec();
            let expected: Vec<u8> =
                (0..cut).filter(|&at| is_data[at]).map(|at| bytes[at]).collect();
            match exchange(Script::new().read_request().send(sent)).await {
                Ok((data, error)) => {
                    assert!(cut >= HEAD.len(), "cut at {cut}");
                    let error = error.unwrap_or_else(|| panic!("cut at {cut}: no error"));
                    assert_eq!(data, expected, "cut at {cut}");
                    assert!(error.is_closed(), "cut at {cut}: {error:?}");
                    assert_eq!(error.phase(), Phase::ReadBody, "cut at {cut}");
                    assert_eq!(error.delivery(), Delivery::Answered, "cut at {cut}");
                }
                Err(error) => {
                    assert!(cut < HEAD.len() && error.is_closed(), "cut at {cut}: {error:?}");
                    assert_eq!(error.phase(), Phase::AwaitResponse, "cut at {cut}");
                    assert_eq!(error.delivery(), Delivery::MaybeSent, "cut at {cut}");
                }
            }
        }
        let (data, error) = exchange(Script::new().read_request().send(bytes)).await.unwrap();
        assert_eq!((data, error.is_none()), (PIECES.concat().into_bytes(), true));
    });
}

#[test]
fn only_a_body_with_a_known_length_can_be_seen_to_be_cut() {
    run(async {
        for (headers, length, length_known) in [
            ("Content-Length: 5\r\n", Some(5), true),
            ("Transfer-Encoding: gzip, Chunked\r\n", None, true),
            ("Transfer-Encoding: gzip\r\n", None, false),
            ("", None, false),
        ] {
            let sent = format!("HTTP/1.1 200 OK\r\n{headers}\r\n2\r\n[");
            let (_server, transport) = start([Script::new().read_request().send(sent)]).await;
            let body = transport.send(get("/")).await.unwrap().into_body();
            assert_eq!((body.length(), body.length_known()), (length, length_known), "{headers}");
            let (_, error) = drain(body).await;
            assert_eq!(error.is_some(), length_known, "{headers}");
        }
    });
}

#[test]
fn a_connection_that_ends_before_the_answer_may_have_delivered_the_request() {
    run(async {
        let partial = "HTTP/1.1 200 OK\r\nContent-";
        for (script, expected) in [
            (Script::new().read_request(), "closed the connection without an answer"),
            (Script::new().read_request().reset(), "closed the connection without an answer"),
            (Script::new().read_request().send(partial), "closed the connection without an answer"),
        ] {
            let error = failure(script).await;
            assert_eq!(error.delivery(), Delivery::MaybeSent);
            assert!(error.is_closed(), "{error:?}");
            let text = error.to_string();
            assert!(text.ends_with(expected), "{text}");
            assert!(text.starts_with("127.0.0.1:"), "{text}");
            assert!(!format!("{error:?} {text}").contains("CANARY"), "{error:?}");
        }
    });
}

#[test]
fn what_is_not_http_is_a_protocol_error() {
    let many = "X: y\r\n".repeat(101);
    let long = "y".repeat(1 << 20);
    run(async move {
        for (what, answer, phase) in [
            ("garbage", "220 mail.example.org ESMTP\r\n\r\n".to_owned(), Phase::AwaitResponse),
            ("101 headers", format!("HTTP/1.1 200 OK\r\n{many}\r\n"), Phase::AwaitResponse),
            (
                "a header of 1 MiB",
                format!("HTTP/1.1 200 OK\r\nX: {long}\r\n\r\n"),
                Phase::AwaitResponse,
            ),
            (
                "two lengths",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_owned(),
                Phase::AwaitResponse,
            ),
            (
                "a control character",
                "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n".to_owned(),
                Phase::AwaitResponse,
            ),
            ("a chunk without a size", format!("{HEAD}xyz\r\n"), Phase::ReadBody),
            ("an endless chunk", format!("{HEAD}fffffffffffffffff\r\n"), Phase::ReadBody),
        ] {
            // The peer waits until the client has closed: it must not take a reset for the reason.
            let error = failure(Script::new().read_request().send(answer).stall()).await;
            assert_eq!(error.kind(), ErrorKind::Protocol, "{what}: {error:?}");
            assert_eq!(error.phase(), phase, "{what}");
        }
    });
}

#[test]
fn exactly_100_headers_are_fine() {
    run(async {
        let headers = "X: y\r\n".repeat(99);
        let sent = format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{headers}\r\n");
        exchange(Script::new().read_request().send(sent)).await.unwrap();
    });
}

#[test]
fn collect_reads_up_to_its_limit() {
    run(async {
        let chunked = format!("{HEAD}4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n");
        for sent in [with_length("0123456789"), chunked] {
            for (limit, expected) in [(9, None), (10, Some("0123456789")), (11, Some("0123456789"))]
            {
                let script = Script::new().read_request().send(sent.clone()).read_to_end();
                let (server, transport) = start([script]).await;
                let response = transport.send(get("/")).await.unwrap();
                let collected = response.into_body().collect(limit).await;
                if let Some(expected) = expected {
                    assert_eq!(collected.unwrap(), expected);
                    continue;
                }
                let error = collected.unwrap_err();
                assert!(error.is_too_large());
                assert!(error.to_string().ends_with("limit of 9 bytes"), "{error}");
                // The script ends although the transport lives: the connection is closed.
                server.finish().await.unwrap();
            }
        }
    });
}

#[test]
fn an_answer_that_comes_before_the_request_is_sent_wins() {
    let early =
        "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig";
    run(async move {
        for _ in 0..20 {
            let refusal = Script::new().read_head().send(early);
            // One server reads on and throws away, the other closes at once.
            for script in [refusal.clone().read_to_end(), refusal] {
                let (_server, transport) = start([script, answer("next")]).await;
                let response = transport.send(post(vec![b' '; 8 << 20])).await.unwrap();
                assert_eq!(response.status(), 413);
                drop(response);
                assert_eq!(ask(&transport, "/").await.unwrap(), "next");
            }
        }
    });
}

#[test]
fn a_redirect_is_an_answer_and_not_followed() {
    run(async {
        for status in [301, 302, 303, 307, 308] {
            let (target, _) = start([answer("redirected")]).await;
            let location = format!("http://{}/", target.local_addr());
            let sent = format!(
                "HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            );
            let (_server, transport) = start([Script::new().read_request().send(sent)]).await;
            let response = transport.send(get("/")).await.unwrap();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()["location"], location);
            assert_eq!(target.connections(), 0);
        }
    });
}

#[test]
fn interim_answers_and_trailers_are_skipped() {
    run(async {
        let sent = format!("HTTP/1.1 100 Continue\r\n\r\n{HEAD}2\r\nok\r\n0\r\nX: y\r\n\r\n");
        let script = Script::new().read_request().send(sent).read_request().send(with_length("2"));
        let (server, transport) = start([script]).await;
        assert_eq!(ask(&transport, "/").await.unwrap(), "ok");
        assert_eq!(ask(&transport, "/").await.unwrap(), "2");
        assert_eq!(server.connections(), 1);
    });
}
