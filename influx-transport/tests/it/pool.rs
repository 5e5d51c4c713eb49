//! The connections that serve requests.

use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use http::Response;
use influx_transport::http::{HttpOptions, HttpReply, HttpServer, HttpTransport};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{Gate, Script, ScriptedConnector};
use influx_transport::{Delivery, ErrorKind, Phase, Transport};
use tokio::task::JoinSet;

use crate::support::{answer, ask, get, run, run_paused, start, text, with_length};

/// A script that answers this many requests with their number, from 0.
fn counting(requests: usize) -> Script {
    (0..requests).fold(Script::new(), |script, number| {
        script.read_request().send(with_length(&number.to_string()))
    })
}

#[test]
fn one_connection_serves_one_request_after_the_other() {
    run(async {
        let (server, transport) = start([counting(100)]).await;
        for number in 0..100 {
            assert_eq!(ask(&transport, "/").await.unwrap(), number.to_string());
        }
        assert_eq!(server.connections(), 1);
    });
}

#[test]
fn an_exchange_whose_runtime_has_ended_says_so() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let other = builder.worker_threads(1).enable_all().build().unwrap();
    run(async {
        let asked = Gate::new();
        let (_server, transport) = start([Script::new().read_request().open(&asked).stall()]).await;
        // The task of the connection belongs to the other runtime.
        let connecting = transport.clone();
        other.spawn(async move { connecting.connect().await }).await.unwrap().unwrap();
        let (answer, ()) = tokio::join!(transport.send(get("/")), async {
            asked.pass().await;
            other.shutdown_background();
        });
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Ended, Phase::Response));
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    });
}

#[test]
fn connections_are_reused_across_threads() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (server, transport) = start([counting(100)]).await;
        let task = tokio::spawn(async move {
            for number in 0..100 {
                assert_eq!(ask(&transport, "/").await.unwrap(), number.to_string());
            }
        });
        tokio::time::timeout(Duration::from_secs(20), task).await.unwrap().unwrap();
        assert_eq!(server.connections(), 1);
    });
}

#[test]
fn an_answer_without_a_body_frees_its_connection_at_once() {
    run(async {
        let empty = "HTTP/1.1 204 No Content\r\n\r\n";
        let script = Script::new().read_request().send(empty).read_request().send(empty);
        let (server, transport) = start([script]).await;
        let first = transport.send(get("/")).await.unwrap();
        let second = transport.send(get("/")).await.unwrap();
        assert_eq!(server.connections(), 1);
        drop((first, second));
    });
}

#[test]
fn a_body_that_is_not_read_to_its_end_closes_its_connection() {
    run(async {
        let first = answer("0123456789").read_to_end();
        let (server, transport) = start([first, answer("second")]).await;
        let mut response = transport.send(get("/")).await.unwrap();
        assert!(response.body_mut().chunk().await.unwrap().is_some());
        drop(response);
        assert_eq!(ask(&transport, "/").await.unwrap(), "second");
        // The first script ends when its connection is closed.
        assert_eq!(server.finish().await.unwrap().len(), 2);
    });
}

#[test]
fn an_answer_that_closes_the_connection_is_followed_by_a_new_one() {
    run(async {
        let first = Script::new()
            .read_request()
            .send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1")
            .read_to_end();
        let (server, transport) = start([first, answer("2")]).await;
        assert_eq!(ask(&transport, "/").await.unwrap(), "1");
        assert_eq!(ask(&transport, "/").await.unwrap(), "2");
        assert_eq!(server.finish().await.unwrap().len(), 2);
    });
}

#[test]
fn a_connection_expires_when_it_was_unused_for_too_long() {
    run_paused(async {
        let mut options = HttpOptions::default();
        options.idle_timeout = Duration::from_secs(1);
        // The first would answer once more.
        let connector = ScriptedConnector::new([counting(3), counting(1)]);
        let transport = HttpTransport::with_options(connector, options);
        assert_eq!(ask(&transport, "/").await.unwrap(), "0");
        tokio::time::sleep(Duration::from_millis(999)).await;
        assert_eq!(ask(&transport, "/").await.unwrap(), "1", "the same connection");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(ask(&transport, "/").await.unwrap(), "0", "a new connection");
    });
}

#[test]
fn a_connection_that_the_server_closed_is_replaced_before_anything_is_sent() {
    run(async {
        let (server, transport) = start([answer("first")]).await;
        assert_eq!(ask(&transport, "/").await.unwrap(), "first");
        // When the script has ended, the connection is closed and so is the server.
        server.finish().await.unwrap();
        let error = ask(&transport, "/").await.unwrap_err();
        assert!(error.is_connect(), "it dialled anew: {error}");
        assert_eq!(error.delivery(), Delivery::NotSent);
    });
}

#[test]
fn a_connection_that_was_closed_while_the_program_was_busy_is_replaced_too() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (close, wait_to_close) = mpsc::channel();
    let (closed, wait_until_closed) = mpsc::channel();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).unwrap() > 0);
        stream.write_all(with_length("first").as_bytes()).unwrap();
        wait_to_close.recv().unwrap();
        drop((stream, listener));
        closed.send(()).unwrap();
    });
    run(async {
        let transport = HttpTransport::new(TcpConnector::from(address));
        assert_eq!(ask(&transport, "/").await.unwrap(), "first");
        transport.connect().await.unwrap();
        // This blocks the runtime, so that it has not seen the end of the connection.
        close.send(()).unwrap();
        wait_until_closed.recv().unwrap();
        thread::sleep(Duration::from_millis(20));
        let error = ask(&transport, "/").await.unwrap_err();
        assert!(error.is_connect(), "it dialled anew: {error}");
    });
    server.join().unwrap();
}

#[test]
fn bytes_that_nobody_asked_for_reach_nobody() {
    run(async {
        let pushed = Gate::new();
        let first = answer("1").send(with_length("stray")).open(&pushed).read_to_end();
        let (server, transport) = start([first, answer("2")]).await;
        assert_eq!(ask(&transport, "/").await.unwrap(), "1");
        pushed.pass().await;
        assert_eq!(ask(&transport, "/").await.unwrap(), "2");
        assert_eq!(server.finish().await.unwrap().len(), 2);
    });
}

#[test]
fn bytes_that_came_with_an_answer_are_no_answer_to_the_next_request() {
    let empty = || "HTTP/1.1 204 No Content\r\n\r\n".to_owned();
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n";
    run(async move {
        for _ in 0..20 {
            for answered in [with_length("1"), with_length(""), empty(), chunked.to_owned()] {
                let both = answered.clone() + &with_length("stray");
                let first = Script::new().read_request().send(both).read_to_end();
                let (_server, transport) = start([first, answer("2"), answer("3")]).await;
                let first = transport.send(get("/1")).await.unwrap();
                // With a body, the connection is free after it was read; without, at once.
                assert!(["1", ""].contains(&text(first).await.unwrap().as_str()));
                match ask(&transport, "/2").await {
                    Ok(second) => assert_eq!(second, "2", "after {answered:?}"),
                    Err(error) => assert_ne!(error.delivery(), Delivery::Answered, "{error:?}"),
                }
            }
        }
    });
}

#[test]
fn a_late_answer_to_a_dropped_request_reaches_nobody() {
    run(async {
        let (received, late) = (Gate::new(), Gate::new());
        let first = Script::new().read_request().open(&received).pass(&late).send(with_length("1"));
        let (server, transport) = start([first, answer("2")]).await;
        tokio::select! {
            response = transport.send(get("/1")) => panic!("{response:?}"),
            () = received.pass() => {}
        }
        late.open();
        assert_eq!(ask(&transport, "/2").await.unwrap(), "2");
        let received = server.received();
        assert!(received[0].starts_with(b"GET /1 ") && received[1].starts_with(b"GET /2 "));
    });
}

#[test]
fn a_late_answer_after_a_timeout_reaches_nobody() {
    run_paused(async {
        let mut options = HttpOptions::default();
        options.response_timeout = Duration::from_secs(1);
        let first = Script::new()
            .read_request()
            .pause(Duration::from_secs(2))
            .send(with_length("1"))
            .read_to_end();
        let connector = ScriptedConnector::new([first, answer("2")]);
        let transport = HttpTransport::with_options(connector, options);
        assert!(ask(&transport, "/1").await.unwrap_err().is_timeout());
        assert_eq!(ask(&transport, "/2").await.unwrap(), "2");
    });
}

#[test]
fn a_failed_exchange_closes_its_connection() {
    run(async {
        let broken = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n";
        let first = Script::new().read_request().send(broken).read_to_end();
        let (server, transport) = start([first, answer("2")]).await;
        ask(&transport, "/1").await.unwrap_err();
        assert_eq!(ask(&transport, "/2").await.unwrap(), "2");
        assert_eq!(server.finish().await.unwrap().len(), 2);
    });
}

#[test]
fn the_pool_keeps_at_most_so_many_and_uses_the_last_first() {
    run(async {
        let mut options = HttpOptions::default();
        options.max_idle = 2;
        let scripts = [counting(1), counting(3), counting(2)];
        let (server, _) = start(scripts.map(Script::read_to_end)).await;
        let connector = TcpConnector::from(server.local_addr());
        let transport = HttpTransport::with_options(connector, options);
        // Three requests at once need three connections.
        let mut responses = Vec::new();
        for path in ["/a", "/b", "/c"] {
            responses.push(transport.send(get(path)).await.unwrap());
        }
        let [a, b, c]: [_; 3] = responses.try_into().unwrap();
        // The pool is full with those of c and b when a comes back.
        for response in [c, b, a] {
            assert_eq!(text(response).await.unwrap(), "0");
        }
        assert_eq!(ask(&transport, "/d").await.unwrap(), "1");
        let held = transport.send(get("/e")).await.unwrap();
        assert_eq!(ask(&transport, "/f").await.unwrap(), "1");
        drop((held, transport));
        let paths = |received: &[u8]| {
            let text = String::from_utf8(received.to_vec()).unwrap();
            let lines = text.lines().filter_map(|line| line.strip_prefix("GET "));
            lines.filter_map(|line| line.split(' ').next()).collect::<String>()
        };
        let received = server.finish().await.unwrap();
        assert_eq!(
            received.iter().map(|received| paths(received)).collect::<Vec<_>>(),
            ["/a", "/b/d/e", "/c/f"]
        );
    });
}

#[test]
fn connect_dials_once_and_disconnect_closes() {
    run(async {
        let (server, transport) = start([answer("0").read_to_end(), answer("1")]).await;
        transport.connect().await.unwrap();
        transport.connect().await.unwrap();
        assert_eq!(ask(&transport, "/").await.unwrap(), "0");
        assert_eq!(server.connections(), 1);
        transport.disconnect().await.unwrap();
        assert_eq!(ask(&transport.clone(), "/").await.unwrap(), "1");
        assert_eq!(server.finish().await.unwrap().len(), 2);
    });
}

#[test]
fn dropping_the_transport_closes_its_connections() {
    run(async {
        let (server, transport) = start([answer("0").read_to_end()]).await;
        assert_eq!(ask(&transport, "/").await.unwrap(), "0");
        drop(transport);
        server.finish().await.unwrap();
    });
}

#[test]
fn of_64_requests_at_once_each_gets_its_own_answer() {
    run(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let server = HttpServer::new(listener, |request| async move {
            // Yields, so that answers come in another order than requests.
            for _ in 0..request.uri().path().len() % 7 {
                tokio::task::yield_now().await;
            }
            Some(Response::new(HttpReply::full(request.uri().path().to_owned())))
        });
        let transport = HttpTransport::new(TcpConnector::from(server.endpoint().clone()));
        let mut exchanges = JoinSet::new();
        for number in 0..64_u32 {
            let transport = transport.clone();
            exchanges.spawn(async move {
                for round in 0..10 {
                    let path = format!("/{}", u64::from(number) * 10_u64.pow(round));
                    assert_eq!(ask(&transport, &path).await.unwrap(), path);
                }
            });
        }
        while let Some(exchange) = exchanges.join_next().await {
            exchange.unwrap();
        }
    });
}
