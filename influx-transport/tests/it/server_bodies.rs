//! Requests that a server does not read to their end: too large, too slow, too many, refused by
//! their heads.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use influx_transport::Connect;
use influx_transport::http::{HttpReply, HttpServer, HttpServerOptions};
use influx_transport::memory::{MemoryConnector, memory_pair};
use influx_transport::tcp::TcpListener;
use influx_transport::test_util::Gate;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use crate::support::{run, run_paused};

const SECOND: Duration = Duration::from_secs(1);

async fn length(request: Request<Bytes>) -> Option<Response<HttpReply>> {
    Some(Response::new(HttpReply::full(request.body().len().to_string())))
}

async fn at_port(options: HttpServerOptions) -> (HttpServer, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let address = listener.local_addr();
    (HttpServer::with_options(listener, options, length), address)
}

/// Sends the whole request before it reads, and never looks whether an answer is there.
fn stubborn(address: SocketAddr, head: &str, body: usize) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    for _ in 0..body / 8192 {
        stream.write_all(&[b' '; 8192]).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_client_that_sends_all_before_it_reads_gets_the_refusal() {
    run(async {
        let mut options = HttpServerOptions::default();
        options.max_body = 1 << 20;
        let (server, address) = at_port(options).await;
        for head in
            ["Content-Length: 33554432\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2000000\r\n"]
        {
            let head = format!("POST / HTTP/1.1\r\nHost: h\r\n{head}");
            let asked = tokio::task::spawn_blocking(move || stubborn(address, &head, 32 << 20));
            let answer = asked.await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
            assert!(answer.ends_with("the request's body is too large"), "{answer}");
        }
        server.shutdown().await;
    });
}

#[test]
fn a_client_in_python_gets_the_refusal() {
    const CLIENT: &str = "
import http.client, sys
for _ in range(20):
    connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
    connection.request('POST', '/', b' ' * (8 << 20))
    answer = connection.getresponse()
    print(answer.status, answer.read().decode())
";
    run(async {
        let mut options = HttpServerOptions::default();
        options.max_body = 1 << 20;
        let (_server, address) = at_port(options).await;
        let asked = tokio::task::spawn_blocking(move || {
            Command::new("python3").args(["-c", CLIENT, &address.port().to_string()]).output()
        });
        match asked.await.unwrap() {
            Ok(output) => assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                "413 the request's body is too large\n".repeat(20),
                "{output:?}"
            ),
            Err(error) => eprintln!("skipped: there is no python3: {error}"),
        }
    });
}

#[test]
fn a_target_may_have_65534_bytes() {
    run(async {
        let (_server, address) = at_port(HttpServerOptions::default()).await;
        let large = "the request's head is too large";
        let long = "the request's target is longer than 65,534 bytes";
        for (length, status, text) in [
            (60_000, 200, "0"),
            (65_534, 200, "0"),
            (65_535, 414, long),
            (100 << 10, 414, long),
            (1 << 20, 431, large),
        ] {
            let target = "x".repeat(length - 1);
            let head = format!("GET /{target} HTTP/1.1\r\nConnection: close\r\n\r\n");
            let asked = tokio::task::spawn_blocking(move || stubborn(address, &head, 0));
            let answer = asked.await.unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {answer}");
            assert!(answer.ends_with(&format!("\r\n\r\n{text}")), "{length}: {answer}");
        }
    });
}

#[test]
fn the_refusals_of_a_handler_are_its_own() {
    run(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let address = listener.local_addr();
        let _server = HttpServer::new(listener, |_| async {
            let mut response = Response::new(HttpReply::full(""));
            *response.status_mut() = StatusCode::URI_TOO_LONG;
            Some(response)
        });
        for method in ["GET", "HEAD"] {
            let head = format!("{method} / HTTP/1.1\r\nConnection: close\r\n\r\n");
            let asked = tokio::task::spawn_blocking(move || stubborn(address, &head, 0));
            let answer = asked.await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 414 "), "{answer}");
            assert!(answer.ends_with("\r\n\r\n"), "{answer}");
        }
    });
}

/// Sends a head and then `bytes` of the body again and again, with this pause before each, for at
/// most a minute. Returns the answer and the time until it was complete.
async fn drip(connector: &MemoryConnector, pause: Duration, bytes: usize) -> (String, Duration) {
    let (start, mut sent, mut answer) = (Instant::now(), 0, Vec::new());
    let stream = connector.connect().await.unwrap();
    let (mut from, mut to) = tokio::io::split(stream);
    let length = 60 * bytes;
    let request = async {
        let head =
            format!("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        to.write_all(head.as_bytes()).await?;
        while sent < length {
            sleep(pause).await;
            to.write_all(&vec![b' '; bytes]).await?;
            sent += bytes;
        }
        Ok::<_, std::io::Error>(())
    };
    // The server may close before all is sent.
    let (written, _) = tokio::join!(request, async { from.read_to_end(&mut answer).await.ok() });
    drop(written);
    (String::from_utf8(answer).unwrap(), start.elapsed())
}

#[test]
fn a_body_must_not_drip() {
    run_paused(async {
        for (pause, bytes, is_read) in [
            (SECOND, 500, true),
            (4 * SECOND, 2_000, true),
            (2 * SECOND, 1, false),
            (SECOND, 100, false),
            (6 * SECOND, 10_000, false),
        ] {
            let (connector, listener) = memory_pair();
            let server = HttpServer::new(listener, length);
            let (answer, took) = drip(&connector, pause, bytes).await;
            let expected = if is_read { "HTTP/1.1 200 " } else { "" };
            assert!(answer.starts_with(expected), "{pause:?} {bytes} {answer}");
            assert_eq!(answer.is_empty(), !is_read, "{pause:?} {bytes}");
            assert!(is_read || took <= 8 * SECOND, "{pause:?} {bytes} {took:?}");
            server.shutdown().await;
        }
    });
}

#[test]
fn clients_that_drip_do_not_keep_others_out() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let mut options = HttpServerOptions::default();
        options.max_connections = 8;
        let server = HttpServer::with_options(listener, options, length);
        let mut others = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let connector = connector.clone();
            others.spawn(async move { drip(&connector, 2 * SECOND, 1).await });
        }
        sleep(SECOND).await;
        let (answer, took) = drip(&connector, Duration::ZERO, 10).await;
        assert!(answer.ends_with("\r\n\r\n600"), "{answer}");
        assert!(took < 6 * SECOND, "{took:?}");
        others.join_all().await;
        server.shutdown().await;
    });
}

/// The answers to four requests with bodies of 10 bytes, whose handler waits for the gate.
async fn crowd(max_buffered_bytes: usize, handlers: usize, wait: Duration) -> Vec<String> {
    let (entered, leave) = (Gate::new(), Gate::new());
    let gates = (entered.clone(), leave.clone());
    let (connector, listener) = memory_pair();
    let mut options = HttpServerOptions::default();
    options.max_buffered_bytes = max_buffered_bytes;
    let server = HttpServer::with_options(listener, options, move |request| {
        let (entered, leave) = gates.clone();
        async move {
            entered.open();
            leave.pass().await;
            length(request).await
        }
    });
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let mut stream = connector.connect().await.unwrap();
        clients.spawn(async move {
            let head =
                "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 10\r\n\r\n0123456789";
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        });
    }
    for _ in 0..handlers {
        entered.pass().await;
    }
    sleep(wait).await;
    for _ in 0..4 {
        leave.open();
    }
    let mut answers = clients.join_all().await;
    answers.sort();
    let busy = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 503 ")).count();
    assert_eq!(server.stats().busy, busy as u64);
    server.shutdown().await;
    answers
}

#[test]
fn bodies_wait_for_memory_but_not_for_ever() {
    run_paused(async {
        // The budget, the handlers that run at once, and the requests that succeed.
        for (budget, at_once) in [(40, 4), (39, 4), (29, 3), (20, 3), (19, 2), (0, 1)] {
            for (wait, served) in [(4 * SECOND, 4), (6 * SECOND, at_once)] {
                let answers = crowd(budget, at_once, wait).await;
                let ok = answers.iter().filter(|answer| answer.ends_with("\r\n\r\n10")).count();
                assert_eq!(ok, served, "{budget} {wait:?} {answers:?}");
                for answer in &answers[ok..] {
                    assert!(answer.ends_with("the memory for requests is used up"), "{answer}");
                }
            }
        }
    });
}

fn credentials(head: &Parts) -> Option<Response<HttpReply>> {
    if head.headers.contains_key("authorization") {
        return None;
    }
    let mut response = Response::new(HttpReply::full("who are you?"));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    Some(response)
}

#[test]
fn a_check_sees_the_head_before_the_body_is_read() {
    const REFUSED: &str = "HTTP/1.1 401 Unauthorized\r\n";
    run_paused(async {
        let (connector, listener) = memory_pair();
        let options = HttpServerOptions::default();
        let server = HttpServer::with_check(listener, options, credentials, length);
        let talk = async |request: &str| {
            let mut stream = connector.connect().await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = vec![0; 4096];
            let length = stream.read(&mut answer).await.unwrap();
            answer.truncate(length);
            // A client that closes ends the connection.
            drop(stream);
            String::from_utf8(answer).unwrap()
        };
        // Not a byte of this body is ever sent.
        let answer = talk("POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n").await;
        assert!(
            answer.starts_with(REFUSED) && answer.contains("connection: close\r\n"),
            "{answer}"
        );
        assert!(answer.ends_with("who are you?"), "{answer}");
        // Nor is this client asked for its body.
        let answer =
            talk("POST / HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
        assert!(answer.starts_with(REFUSED), "{answer}");
        // The connection of a request without a body goes on.
        let answer = talk("GET / HTTP/1.1\r\n\r\n").await;
        assert!(answer.starts_with(REFUSED) && !answer.contains("connection:"), "{answer}");
        let answer =
            talk("POST / HTTP/1.1\r\nAuthorization: me\r\nContent-Length: 2\r\n\r\nab").await;
        assert!(answer.ends_with("\r\n\r\n2"), "{answer}");
        let stats = server.stats();
        assert_eq!((stats.refused, stats.requests, stats.too_large), (3, 1, 0));
        server.shutdown().await;
    });
}

/// Only the refusal of an unread request keeps its connection open for a while.
#[test]
fn the_answers_of_a_handler_do_not_delay_the_end() {
    run_paused(async {
        for status in [200, 400, 414, 431] {
            let (connector, listener) = memory_pair();
            let server = HttpServer::new(listener, move |_| async move {
                Some(Response::builder().status(status).body(HttpReply::full("")).unwrap())
            });
            let mut stream = connector.connect().await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            let read = stream.read(&mut [0; 4096]).await.unwrap();
            assert!(read > 0, "{status}");
            let start = Instant::now();
            server.shutdown().await;
            assert_eq!(start.elapsed(), Duration::ZERO, "{status}");
        }
    });
}
