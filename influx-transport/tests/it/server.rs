//! The answers of a server, byte for byte, and its time limits.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use influx_transport::http::{HttpReply, HttpServer, HttpServerOptions, HttpTransport};
use influx_transport::memory::memory_pair;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::Gate;
use influx_transport::tls::{TlsConnector, TlsListener};
use influx_transport::{Connect, Listen, Phase, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::certificates::Authority;
use crate::support::{ask, post, run, run_paused, text};

async fn any_port() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap()
}

fn transport(server: &HttpServer) -> HttpTransport<TcpConnector> {
    HttpTransport::new(TcpConnector::from(server.endpoint().clone()))
}

async fn echo(request: Request<Bytes>) -> Option<Response<HttpReply>> {
    let reply = match request.uri().path() {
        "/chunks" => HttpReply::chunks(["abc", "", "defg"].map(Bytes::from)),
        "/hang-up" => return None,
        path => HttpReply::full([path.as_bytes(), request.body()].concat()),
    };
    Some(Response::new(reply))
}

/// A server that gives up after 100 ms and takes 16 bytes of body.
async fn strict() -> HttpServer {
    let mut options = HttpServerOptions::default();
    options.head_timeout = Duration::from_millis(100);
    options.body_timeout = Duration::from_millis(100);
    options.max_body = 16;
    HttpServer::with_options(any_port().await, options, echo)
}

/// Sends these bytes and returns all that the server sends until it ends the connection, without
/// the date.
async fn talk(server: &HttpServer, request: &str) -> String {
    let mut stream = TcpConnector::from(server.endpoint().clone()).connect().await.unwrap();
    let mut answer = Vec::new();
    // A server that does not read all of a request resets the connection after its answer. Then
    // either of these fails, and what came counts.
    drop(stream.write_all(request.as_bytes()).await);
    drop(stream.read_to_end(&mut answer).await);
    let answer = String::from_utf8(answer).unwrap();
    let lines = answer.split_inclusive("\r\n").filter(|line| !line.starts_with("date: "));
    lines.collect()
}

async fn check(request: &str, expected: &str) {
    assert_eq!(talk(&strict().await, request).await, expected, "{request:?}");
}

#[test]
fn requests_of_one_connection_are_answered_in_order() {
    run(check(
        "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc\
         GET /3 HTTP/1.1\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/1\
         HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n/2abc\
         HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n/3",
    ));
}

#[test]
fn endless_time_limits_are_possible() {
    run(async {
        let mut options = HttpServerOptions::default();
        options.head_timeout = Duration::MAX;
        options.body_timeout = Duration::MAX;
        options.send_timeout = Duration::MAX;
        options.shutdown_timeout = Duration::MAX;
        let server = HttpServer::with_options(any_port().await, options, echo);
        let answer = talk(&server, "GET /1 HTTP/1.1\r\nConnection: close\r\n\r\n").await;
        assert!(answer.ends_with("\r\n\r\n/1"), "{answer}");
        server.shutdown().await;
    });
}

#[test]
fn a_head_request_gets_no_body() {
    run(check(
        "HEAD /abc HTTP/1.1\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\n",
    ));
}

#[test]
fn chunks_are_sent_as_they_are() {
    run(async {
        check(
            "GET /chunks HTTP/1.1\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n\
             3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
        )
        .await;
        check("GET /chunks HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nabcdefg").await;
    });
}

#[test]
fn a_handler_can_hang_up() {
    run(check("GET /hang-up HTTP/1.1\r\n\r\n", ""));
}

#[test]
fn a_client_that_reads_nothing_is_disconnected() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let (body, body_dropped) = tokio::sync::oneshot::channel::<()>();
        let body = Arc::new(Mutex::new(Some(body)));
        let endless = move |_| {
            let body = body.lock().unwrap().take();
            let chunks = std::iter::repeat_with(move || {
                let _owned = &body;
                Bytes::from_static(&[0; 4096])
            });
            async { Some(Response::new(HttpReply::chunks(chunks))) }
        };
        let mut options = HttpServerOptions::default();
        options.send_timeout = Duration::from_secs(7);
        let server = HttpServer::with_options(listener, options, endless);
        let mut stream = connector.connect().await.unwrap();
        let start = tokio::time::Instant::now();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        body_dropped.await.unwrap_err();
        assert_eq!(start.elapsed().as_secs(), 7);
        server.shutdown().await;
    });
}

#[test]
fn requests_and_failures_are_counted() {
    run(async {
        let server = strict().await;
        for request in [
            "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n",
            "POST /3 HTTP/1.1\r\nContent-Length: 17\r\n\r\n",
            "GET /hang-up HTTP/1.1\r\n\r\n",
            "no HTTP\r\n\r\n",
        ] {
            talk(&server, request).await;
        }
        // The last connection ends a moment after its client has.
        while server.stats().failures < 2 {
            tokio::task::yield_now().await;
        }
        let stats = server.stats();
        assert_eq!((stats.connections, stats.requests, stats.too_large), (4, 3, 1));
        assert_eq!(stats.failures, 2);
        server.shutdown().await;
    });
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    const REFUSED: &str = "HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\n\
                           content-length: 31\r\n\r\nthe request's body is too large";
    run(async {
        let head = "POST / HTTP/1.1\r\n";
        check(&format!("{head}Content-Length: 17\r\n\r\n0123456789abcdef!"), REFUSED).await;
        check(
            &format!(
                "{head}Transfer-Encoding: chunked\r\n\r\n11\r\n0123456789abcdef!\r\n0\r\n\r\n"
            ),
            REFUSED,
        )
        .await;
        check(
            &format!("{head}Connection: close\r\nContent-Length: 16\r\n\r\n0123456789abcdef"),
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 17\r\n\r\n/0123456789abcdef",
        )
        .await;
    });
}

#[test]
fn a_client_that_still_sends_gets_the_refusal() {
    run(async {
        let server = strict().await;
        let transport = transport(&server);
        for _ in 0..20 {
            let response = transport.send(post(vec![b' '; 8 << 20])).await.unwrap();
            assert_eq!(response.status(), 413);
        }
    });
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    run(async {
        for headers in ["a:\r\n".repeat(101), format!("a:{}\r\n", "b".repeat(512 * 1024))] {
            let request = format!("GET / HTTP/1.1\r\n{headers}\r\n");
            let answer = talk(&strict().await, &request).await;
            assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        }
        let headers = "a:\r\n".repeat(99);
        let request = format!("GET / HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        assert!(talk(&strict().await, &request).await.starts_with("HTTP/1.1 200 "));
    });
}

#[test]
fn a_client_that_does_not_go_on_is_closed() {
    run(async {
        check("", "").await;
        check("GET /1 HTT", "").await;
        check("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", "").await;
        // An idle connection after an answer.
        check("GET /1 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/1").await;
    });
}

#[test]
fn clients_beyond_the_limit_wait() {
    run(async {
        let mut options = HttpServerOptions::default();
        options.max_connections = 1;
        let server = HttpServer::with_options(any_port().await, options, echo);
        let first = transport(&server);
        let second = transport(&server);
        assert_eq!(ask(&first, "/1").await.unwrap(), "/1");
        let mut waiting = tokio::spawn(async move { ask(&second, "/2").await });
        // The server serves the first client three times more before it accepts the second.
        for _ in 0..3 {
            assert_eq!(ask(&first, "/1").await.unwrap(), "/1");
        }
        assert!(!waiting.is_finished());
        first.disconnect().await.unwrap();
        assert_eq!((&mut waiting).await.unwrap().unwrap(), "/2");
    });
}

#[test]
fn a_panic_in_a_handler_ends_its_own_connection_only() {
    run(async {
        let server = HttpServer::new(any_port().await, |request| async move {
            assert_ne!(request.uri().path(), "/panic", "this panic is part of the test");
            echo(request).await
        });
        let transport = transport(&server);
        assert!(ask(&transport, "/panic").await.unwrap_err().is_closed());
        assert_eq!(ask(&transport, "/1").await.unwrap(), "/1");
    });
}

#[test]
fn a_shutdown_finishes_what_is_in_progress() {
    run(async {
        let (entered, leave) = (Gate::new(), Gate::new());
        let gates = (entered.clone(), leave.clone());
        let server = HttpServer::new(any_port().await, move |request| {
            let (entered, leave) = gates.clone();
            async move {
                entered.open();
                leave.pass().await;
                echo(request).await
            }
        });
        let transport = transport(&server);
        let busy = tokio::spawn({
            let transport = transport.clone();
            async move { text(transport.send(post("last")).await.unwrap()).await }
        });
        entered.pass().await;
        let shutdown = tokio::spawn(server.shutdown());
        leave.open();
        assert_eq!(busy.await.unwrap().unwrap(), "/last");
        shutdown.await.unwrap();
        assert_eq!(ask(&transport, "/").await.unwrap_err().phase(), Phase::Connect);
    });
}

#[test]
fn a_shutdown_does_not_wait_for_ever() {
    run(async {
        let mut options = HttpServerOptions::default();
        options.shutdown_timeout = Duration::from_millis(50);
        let entered = Gate::new();
        let gate = entered.clone();
        let server = HttpServer::with_options(any_port().await, options, move |_| {
            gate.open();
            std::future::pending()
        });
        let transport = transport(&server);
        let stuck = tokio::spawn(async move { ask(&transport, "/").await });
        entered.pass().await;
        server.shutdown().await;
        assert!(stuck.await.unwrap().unwrap_err().is_closed());
    });
}

#[test]
fn dropping_the_server_ends_it_at_once() {
    run(async {
        let entered = Gate::new();
        let gate = entered.clone();
        let server = HttpServer::new(any_port().await, move |_| {
            gate.open();
            std::future::pending()
        });
        let transport = transport(&server);
        let stuck = tokio::spawn(async move { ask(&transport, "/").await });
        entered.pass().await;
        drop(server);
        assert!(stuck.await.unwrap().unwrap_err().is_closed());
    });
}

#[test]
fn it_serves_over_any_listener() {
    async fn check(connector: impl Connect, listener: impl Listen) {
        let server = HttpServer::new(listener, echo);
        let transport = HttpTransport::new(connector);
        assert_eq!(text(transport.send(post("1")).await.unwrap()).await.unwrap(), "/1");
        assert_eq!(ask(&transport, "/2").await.unwrap(), "/2");
        transport.disconnect().await.unwrap();
        server.shutdown().await;
        assert!(ask(&transport, "/3").await.unwrap_err().is_connect());
    }

    run(async {
        let (connector, listener) = memory_pair();
        check(connector, listener).await;

        let authority = Authority::new();
        let listener = any_port().await;
        let connector = TcpConnector::from(listener.local_addr());
        let connector = TlsConnector::with_options(connector, authority.options()).unwrap();
        let options = authority.server_options("127.0.0.1");
        check(connector, TlsListener::new(listener, options).unwrap()).await;
    });
}
