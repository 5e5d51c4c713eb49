//! Connections that end where they should not: in a request, before an answer, in an answer.

use influx_framing::{EofCodec, Frame};
use influx_transport::framed::FrameReader;
use influx_transport::http::HttpTransport;
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::{Direction, FaultProxy, Script, ScriptedServer};
use influx_transport::{Connect, Delivery, Error, Phase, Transport};
use tokio::io::AsyncWriteExt;

use crate::ends::{End, Way};
use crate::frames::{exchange, wire};
use crate::support::{ask, drain, get, post, run, with_length};

/// The result of one exchange over HTTP: the data of the answer's body and the error that ended
/// it, or the error before the body.
async fn http(way: Way, answer: &str) -> Result<(Vec<u8>, Option<Error>), Error> {
    let transport = HttpTransport::new(way.peer("\r\n\r\n", answer.to_owned().into()).await);
    let response = transport.send(get("/db?q=CANARY-7f3a")).await?;
    Ok(drain(response.into_body()).await)
}

#[test]
fn a_request_reset_at_any_byte_is_not_taken_for_answered_or_unsent() {
    run(async {
        let answers = std::iter::repeat(Script::new().read_request().send(with_length("ok")));
        let server = ScriptedServer::start(answers).await.unwrap();
        let proxy = FaultProxy::start(server.local_addr()).await.unwrap();
        for body in [100, 1 << 20] {
            let request = || post(vec![b'x'; body]);
            let transport = HttpTransport::new(TcpConnector::from(proxy.local_addr()));
            transport.send(request()).await.unwrap();
            let all = server.received().last().unwrap().len();
            let head = all - body;
            for at in [0, 1, head, head + 1, head + body / 2, all - 1, all] {
                proxy.reset_after(Direction::ToServer, at as u64);
                let transport = HttpTransport::new(TcpConnector::from(proxy.local_addr()));
                let before = server.connections();
                match transport.send(request()).await {
                    // The peer had all of it, and its answer may come before the reset.
                    Ok(_) => assert_eq!(at, all),
                    Err(error) => {
                        assert!(error.is_closed(), "{at} of {all}: {error:?}");
                        assert_ne!(error.delivery(), Delivery::Answered, "{at} of {all}");
                        if at > 0 {
                            assert_eq!(error.delivery(), Delivery::MaybeSent, "{at} of {all}");
                        }
                    }
                }
                proxy.pass().await.unwrap();
                // The peer never sees the same request twice, and the next is whole.
                assert_eq!(ask(&transport, "/next").await.unwrap(), "ok");
                let received = server.received().split_off(before);
                let whole = received.iter().filter(|received| received.len() == all).count();
                assert!(whole <= usize::from(at == all), "{at} of {all}: {whole} arrived");
                assert!(received.last().unwrap().starts_with(b"GET /next "));
            }
        }
    });
}

#[test]
fn a_connection_that_ends_before_the_answer_may_have_delivered_the_request() {
    run(async {
        for (way, sent) in Way::all()
            .flat_map(|way| ["", "H", "HTTP/1.1 200 OK\r\nContent-"].map(|sent| (way, sent)))
        {
            let error = http(way, sent).await.unwrap_err();
            assert!(error.is_closed(), "{error:?}");
            assert_eq!(error.phase(), Phase::Response, "{way:?} {sent:?}");
            assert_eq!(error.delivery(), Delivery::MaybeSent, "{way:?} {sent:?}");
            let text = error.to_string();
            assert!(text.ends_with("closed the connection without an answer"), "{text}");
            assert!(text.starts_with("127.0.0.1:"), "{text}");
            assert!(!format!("{error:?} {text}").contains("CANARY"), "{error:?}");
        }
    });
}

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

#[test]
fn an_answer_cut_at_any_byte_gives_what_came_and_then_one_error() {
    run(async {
        let (bytes, is_data) = recorded();
        for cut in 0..bytes.len() {
            let expected: Vec<u8> =
                (0..cut).filter(|&at| is_data[at]).map(|at| bytes[at]).collect();
            let sent = Script::new().read_request().send(bytes[..cut].to_vec());
            for (script, reset) in [(sent.clone(), false), (sent.reset(), true)] {
                let next = Script::new().read_request().send(with_length("next"));
                let server = ScriptedServer::start([script, next]).await.unwrap();
                let transport = HttpTransport::new(TcpConnector::from(server.local_addr()));
                let error = match transport.send(get("/")).await {
                    Ok(response) => {
                        assert!(cut >= HEAD.len(), "cut at {cut}");
                        let (data, error) = drain(response.into_body()).await;
                        // A reset may overtake what was sent before it.
                        assert!(data == expected || (reset && expected.starts_with(&data)));
                        let error = error.unwrap_or_else(|| panic!("cut at {cut}: no error"));
                        assert_eq!(error.phase(), Phase::Body, "cut at {cut}");
                        assert_eq!(error.delivery(), Delivery::Answered, "cut at {cut}");
                        error
                    }
                    Err(error) => {
                        assert!(cut < HEAD.len() || reset, "cut at {cut}: {error:?}");
                        assert_eq!(error.phase(), Phase::Response, "cut at {cut}");
                        assert_eq!(error.delivery(), Delivery::MaybeSent, "cut at {cut}");
                        error
                    }
                };
                assert!(error.is_closed(), "cut at {cut}: {error:?}");
                assert_eq!(ask(&transport, "/").await.unwrap(), "next");
            }
        }
        let whole = String::from_utf8(bytes).unwrap();
        for way in Way::all().filter(|way| way.end != End::Reset) {
            let (data, error) = http(way, &whole).await.unwrap();
            assert_eq!((data, error.is_none()), (PIECES.concat().into_bytes(), true));
        }
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
            let server = ScriptedServer::start([Script::new().read_request().send(sent)]).await;
            let connector = TcpConnector::from(server.as_ref().unwrap().local_addr());
            let body = HttpTransport::new(connector).send(get("/")).await.unwrap().into_body();
            assert_eq!((body.length(), body.length_known()), (length, length_known), "{headers}");
            let (_, error) = drain(body).await;
            assert_eq!(error.is_some(), length_known, "{headers}");
        }
    });
}

#[test]
fn a_body_without_a_length_ends_with_its_connection_if_that_ends_in_order() {
    run(async {
        for way in Way::all() {
            match http(way, "HTTP/1.1 200 OK\r\n\r\n[1,2").await {
                Ok((data, None)) => {
                    assert!(way.is_in_order(), "{way:?}: no error");
                    assert_eq!(data, b"[1,2");
                }
                // A reset may overtake the head.
                Ok((_, Some(error))) | Err(error) => {
                    assert!(!way.is_in_order() && error.is_closed(), "{way:?}: {error:?}");
                }
            }
        }
    });
}

#[test]
fn a_frame_cut_at_any_byte_is_an_error_however_the_connection_ends() {
    run(async {
        let answer = wire("the answer");
        for way in Way::all() {
            for cut in 0..answer.len() {
                let transport = exchange(way.peer("ask", answer.slice(..cut)).await);
                let error = transport.send("ask".into()).await.unwrap_err();
                assert!(error.is_closed(), "{way:?} {cut}: {error:?}");
                assert_eq!(error.delivery(), Delivery::MaybeSent, "{way:?} {cut}");
            }
            if way.end != End::Reset {
                let transport = exchange(way.peer("ask", answer.clone()).await);
                assert_eq!(transport.send("ask".into()).await.unwrap(), "the answer");
            }
        }
    });
}

#[test]
fn a_message_ended_by_its_connection_is_whole_only_if_that_ended_in_order() {
    run(async {
        for way in Way::all() {
            let peer = way.peer("ask", "half a message".into()).await;
            let mut stream = peer.connect().await.unwrap();
            stream.write_all(b"ask").await.unwrap();
            let mut frames = FrameReader::new(stream, EofCodec::new());
            match frames.next().await {
                Ok(message) => {
                    assert!(way.is_in_order(), "{way:?}: {message:?}");
                    assert_eq!(message, Some(Frame::Complete("half a message".into())));
                }
                Err(error) => {
                    assert!(!way.is_in_order() && error.is_closed(), "{way:?}: {error:?}");
                    assert!(frames.next().await.is_err(), "nothing comes after an error");
                }
            }
        }
    });
}
