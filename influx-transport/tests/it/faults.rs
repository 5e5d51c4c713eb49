//! Peers that talk nonsense, too much or too early.

use std::time::Duration;

use influx_transport::http::{HttpOptions, HttpTransport};
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::{Script, ScriptedServer};
use influx_transport::{Delivery, Error, ErrorKind, Phase, SocketOptions, Transport};

use crate::support::{answer, ask, drain, get, post, run, start, text, with_length};

const HEAD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// The result of one exchange: the data of the answer's body and the error that ended it, or the
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
fn what_is_not_http_is_a_protocol_error() {
    let many = "X: y\r\n".repeat(101);
    let long = "y".repeat(1 << 20);
    run(async move {
        for (what, answer, phase) in [
            ("garbage", "220 mail.example.org ESMTP\r\n\r\n".to_owned(), Phase::Response),
            ("101 headers", format!("HTTP/1.1 200 OK\r\n{many}\r\n"), Phase::Response),
            ("a header of 1 MiB", format!("HTTP/1.1 200 OK\r\nX: {long}\r\n\r\n"), Phase::Response),
            (
                "two lengths",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_owned(),
                Phase::Response,
            ),
            (
                "a control character",
                "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n".to_owned(),
                Phase::Response,
            ),
            ("a chunk without a size", format!("{HEAD}xyz\r\n"), Phase::Body),
            ("an endless chunk", format!("{HEAD}fffffffffffffffff\r\n"), Phase::Body),
        ] {
            // The peer waits until the client has closed: it must not take a reset for the reason.
            let error = failure(Script::new().read_request().send(answer).stall()).await;
            let is_large = what.contains("101") || what.contains("MiB");
            let too_large = ErrorKind::TooLarge { what: "head of an answer", limit: 64 * 1024 };
            let expected = if is_large { too_large } else { ErrorKind::Protocol };
            assert_eq!(error.kind(), expected, "{what}: {error:?}");
            assert_eq!(error.phase(), phase, "{what}");
        }
    });
}

#[test]
fn a_folded_header_line_is_read() {
    run(async {
        for fold in [" ", "\t", "   \t "] {
            let sent = format!("HTTP/1.1 200 OK\r\nX: a\r\n{fold}b\r\nContent-Length: 2\r\n\r\nok");
            let (_server, transport) = start([Script::new().read_request().send(sent)]).await;
            let response = transport.send(get("/")).await.unwrap();
            let words: Vec<_> =
                response.headers()["x"].to_str().unwrap().split_whitespace().collect();
            assert_eq!(words, ["a", "b"], "{fold:?}");
            assert_eq!(text(response).await.unwrap(), "ok");
        }
    });
}

#[test]
fn an_encoding_that_nobody_asked_for_is_an_error_of_the_body() {
    run(async {
        for (encoding, asked, refused) in [
            ("gzip", None, Some("gzip")),
            ("GZIP", None, Some("GZIP")),
            ("identity, br", None, Some("identity, br")),
            ("gzip", Some("gzip"), None),
            ("identity", None, None),
            ("Identity", None, None),
            ("identity, IDENTITY", None, None),
            ("", None, None),
        ] {
            let sent = format!(
                "HTTP/1.1 401 No\r\nContent-Encoding: {encoding}\r\nContent-Length: 2\r\n\r\n\x1f\x08"
            );
            let (server, transport) = start([Script::new().read_request().send(sent)]).await;
            let mut request = get("/");
            if let Some(asked) = asked {
                request.headers_mut().insert("accept-encoding", asked.parse().unwrap());
            }
            let response = transport.send(request).await.unwrap();
            assert_eq!(response.status(), 401, "the head counts");
            let received = String::from_utf8(server.received().concat()).unwrap();
            let line = format!("accept-encoding: {}\r\n", asked.unwrap_or("identity"));
            assert!(received.contains(&line), "{received}");
            let (data, error) = drain(response.into_body()).await;
            let found = error.map(|error| {
                assert_eq!((error.kind(), error.phase()), (ErrorKind::Protocol, Phase::Body));
                std::error::Error::source(&error).unwrap().to_string()
            });
            assert_eq!(found, refused.map(|name| format!("unexpected Content-Encoding {name}")));
            assert_eq!(data.is_empty(), refused.is_some());
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
fn a_peer_that_reads_nothing_ends_the_exchange() {
    run(async {
        let server = ScriptedServer::start([Script::new().stall()]).await.unwrap();
        let mut socket = SocketOptions::default();
        socket.send_buffer = Some(4096);
        let mut options = HttpOptions::default();
        options.send_timeout = Duration::from_millis(50);
        let connector = TcpConnector::with_options(server.local_addr(), socket.into());
        let transport = HttpTransport::with_options(connector, options);
        // More than the system takes for a peer that reads nothing.
        let error = transport.send(post(vec![b' '; 16 << 20])).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Duration::from_millis(50)), "{error:?}");
        assert_eq!((error.phase(), error.delivery()), (Phase::Send, Delivery::MaybeSent));
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
