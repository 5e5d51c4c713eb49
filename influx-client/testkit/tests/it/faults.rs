//! Faults on request, seen by a plain HTTP client.

use std::time::{Duration, Instant};

use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use influx_testkit::{Face, Fault, Server, Stats};

use crate::sockets::{CPU, client, send, send_by};

/// The answer to a request: its status and text, or whether the connection was closed.
async fn outcome(server: &Server, method: &str, path: &str, body: &'static str) -> String {
    match send(server, method, path, body).await {
        Ok(reply) => {
            let text = String::from_utf8_lossy(reply.body());
            let retry =
                reply.headers().get(RETRY_AFTER).map_or("", |value| value.to_str().unwrap());
            format!("{} {text}{retry}", reply.status().as_u16())
        }
        Err(error) if error.is_closed() => "closed".to_owned(),
        Err(error) => panic!("{error:?}"),
    }
}

async fn server() -> Server {
    let server = Server::start(Face::V08).await.unwrap();
    server.create_database("d");
    server
}

async fn write(server: &Server) -> String {
    outcome(server, "POST", "/db/d/series?", CPU).await
}

async fn query(server: &Server, parameters: &str) -> String {
    let path = format!("/db/d/series?q=select+*+from+cpu&{parameters}");
    outcome(server, "GET", &path, "").await
}

/// Writes under a fault: the outcome, and whether the point was stored.
async fn check(fault: Fault, expected: &str, stored: usize) {
    let server = server().await;
    let injected = server.inject(fault);
    assert_eq!(write(&server).await, expected);
    assert_eq!((injected.calls(), server.count("d")), (1, stored), "{expected}");
    assert_eq!(write(&server).await, "200 ", "the fault is used up");
    assert_eq!(injected.calls(), 1);
    let stats = server.stats();
    assert_eq!((stats.calls, stats.faults), (2, 1));
}

#[tokio::test]
async fn a_write_meets_each_fault() {
    check(Fault::status(StatusCode::SERVICE_UNAVAILABLE, "busy"), "503 busy", 0).await;
    let later = Fault::status(StatusCode::TOO_MANY_REQUESTS, "")
        .header(RETRY_AFTER, HeaderValue::from_static("7"));
    check(later, "429 7", 0).await;
    check(Fault::close(), "closed", 0).await;
    check(Fault::lose_answer(), "closed", 1).await;
    check(Fault::delay(Duration::ZERO), "200 ", 1).await;
    check(Fault::cut_after(0), "200 ", 1).await;
}

#[tokio::test]
async fn a_delayed_call_is_carried_out_at_once() {
    let server = server().await;
    let delay = Duration::from_millis(300);
    server.inject(Fault::delay(delay));
    let started = Instant::now();
    let stored = async {
        while server.count("d") == 0 {
            tokio::task::yield_now().await;
        }
        started.elapsed()
    };
    let (reply, stored) = tokio::join!(write(&server), stored);
    assert_eq!(reply, "200 ");
    assert!(started.elapsed() >= delay && stored < delay, "stored after {stored:?}");

    // A client that does not wait has stored its point all the same.
    server.inject(Fault::delay(Duration::from_secs(3_600)));
    let late = tokio::time::timeout(delay, outcome(&server, "DELETE", "/db/d?", "")).await;
    assert!(late.is_err() && server.databases().is_empty());
}

#[tokio::test]
async fn an_answer_is_cut_after_its_bytes() {
    let server = server().await;
    write(&server).await;
    let whole = query(&server, "").await;
    let length = whole.len() - "200 ".len();
    for bytes in [0, 1, length - 1] {
        server.inject(Fault::cut_after(bytes));
        assert_eq!(query(&server, "").await, "closed", "{bytes}");
    }
    for bytes in [length, length + 1] {
        server.inject(Fault::cut_after(bytes));
        assert_eq!(query(&server, "").await, whole, "{bytes}");
    }
    // The head and the first bytes of the body arrive; in a chunk its size is among them.
    for (parameters, bytes, expected) in
        [("", 10, &br#"[{"name":""#[..]), ("chunked=true&", 10, br#"{"name"#)]
    {
        server.inject(Fault::cut_after(bytes));
        assert_eq!(raw(&server, parameters).await, expected);
    }
}

/// The body of the answer to a query as far as it arrives, the sizes of chunks taken out.
async fn raw(server: &Server, parameters: &str) -> Vec<u8> {
    use influx_transport::Transport;

    let uri = format!("/db/d/series?u=root&p=root&q=select+*+from+cpu&{parameters}");
    let request = http::Request::get(uri).body(bytes::Bytes::new()).unwrap();
    let reply = client(server).send(request).await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    let (mut body, mut arrived) = (reply.into_body(), Vec::new());
    loop {
        match body.chunk().await {
            Ok(Some(data)) => arrived.extend_from_slice(&data),
            Ok(None) => panic!("the body ended"),
            Err(error) => {
                assert!(error.is_closed(), "{error}");
                return arrived;
            }
        }
    }
}

#[tokio::test]
async fn a_large_answer_is_cut_and_the_connection_with_it() {
    let server = server().await;
    let rows = vec!["[1,0.5]"; 100_000].join(",");
    let body = format!(r#"[{{"name":"cpu","columns":["time","v"],"points":[{rows}]}}]"#);
    let request = http::Request::post("/db/d/series?u=root&p=root").body(body.into()).unwrap();
    assert_eq!(server.handle(&request).unwrap().status(), StatusCode::OK);
    for cut in [100_000, 1_000_000] {
        server.inject(Fault::cut_after(cut));
        assert_eq!(raw(&server, "").await.len(), cut);
    }
}

#[tokio::test]
async fn a_cut_that_was_not_reached_leaves_the_connection_usable() {
    let server = server().await;
    let client = client(&server);
    server.inject(Fault::cut_after(1 << 20));
    for _ in 0..3 {
        let reply = send_by(&client, "GET", "/ping?", "").await.unwrap();
        assert_eq!(reply.body(), r#"{"status":"ok"}"#);
    }
}

#[tokio::test]
async fn calls_are_chosen_by_number_and_by_a_closure() {
    let status = |code: u16| Fault::status(StatusCode::from_u16(code).unwrap(), "");
    let server = server().await;
    let third = server.inject(status(503).skip(2).times(2));
    for expected in ["200 ", "200 ", "503 ", "503 ", "200 "] {
        assert_eq!(write(&server).await, expected);
    }
    assert_eq!(third.calls(), 2);

    // Of two faults that match, the later one comes first; a call that it skips is left to the other.
    server.inject(status(500).times(2));
    server.inject(status(502).skip(1));
    for expected in ["500 ", "502 ", "500 ", "200 "] {
        assert_eq!(write(&server).await, expected);
    }

    // Only those that the closure accepts are counted.
    let mut seen = 0;
    let queries = server.inject(status(401).times(usize::MAX).only(move |call| {
        seen += usize::from(call.method() == "GET");
        call.method() == "GET"
            && call.uri().query().is_some_and(|query| query.contains("cpu"))
            && call.body().is_empty()
            && seen % 2 == 1
    }));
    assert_eq!(write(&server).await, "200 ");
    assert_eq!(query(&server, "").await, "401 ");
    assert!(query(&server, "").await.starts_with("200 "));
    assert_eq!(query(&server, "").await, "401 ");
    assert_eq!(queries.calls(), 2);

    server.clear_faults();
    assert!(query(&server, "").await.starts_with("200 "));
    let Stats { calls, faults, .. } = server.stats();
    assert_eq!((calls, faults), (14, 7));
}
