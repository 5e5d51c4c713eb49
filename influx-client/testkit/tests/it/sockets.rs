//! The embedded server over sockets.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use influx_testkit::{Data, Face, Options, Server, Stats};
use influx_transport::http::HttpTransport;
use influx_transport::tcp::TcpConnector;
use influx_transport::udp::{UdpOptions, UdpTransport};
use influx_transport::{Error, Transport};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) const CPU: &str =
    r#"[{"name":"cpu","columns":["time","sequence_number","v"],"points":[[1,1,0.5]]}]"#;

pub(crate) fn client(server: &Server) -> HttpTransport<TcpConnector> {
    HttpTransport::new(TcpConnector::from(server.local_addr()))
}

pub(crate) async fn send_by(
    client: &HttpTransport<TcpConnector>,
    method: &str,
    path: &str,
    body: &'static str,
) -> Result<Response<Bytes>, Error> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{path}u=root&p=root"))
        .body(Bytes::from(body))
        .unwrap();
    let (head, body) = client.send(request).await?.into_parts();
    Ok(Response::from_parts(head, body.collect(1 << 20).await?))
}

/// Sends a request over a new connection.
pub(crate) async fn send(
    server: &Server,
    method: &str,
    path: &str,
    body: &'static str,
) -> Result<Response<Bytes>, Error> {
    send_by(&client(server), method, path, body).await
}

#[tokio::test]
async fn points_are_written_and_read() {
    let server = Server::start(Face::V08).await.unwrap();
    server.create_database("d");
    let reply = send(&server, "POST", "/db/d/series?", CPU).await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);

    for (parameters, expected) in [("", CPU), ("chunked=true&", CPU.trim_matches(['[', ']']))] {
        let path = format!("/db/d/series?q=select+*+from+cpu&{parameters}");
        let reply = send(&server, "GET", &path, "").await.unwrap();
        assert_eq!(reply.body().strip_prefix(b"["), Bytes::from(expected).strip_prefix(b"["));
        let head = send(&server, "HEAD", &path, "").await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
        assert!(head.body().is_empty());
    }
    assert_eq!(server.stats().calls, 5);
}

#[tokio::test]
async fn a_handler_that_crashes_closes_the_connection() {
    let server = Server::start(Face::V08).await.unwrap();
    server.create_database("d");
    let error = send(&server, "POST", "/db/d/series?", "[null]").await.unwrap_err();
    assert!(error.is_closed(), "{error}");
    let reply = send(&server, "GET", "/ping?", "").await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
}

#[tokio::test]
async fn password_version_and_timeout_are_options() {
    let mut options = Options::default();
    options.password = Some("p@ss/word".to_owned());
    options.version = Some("0.8.3".to_owned());
    options.limits.request_timeout = Duration::from_secs(1);
    assert!(!format!("{options:?}").contains("p@ss"));
    let server = Server::start_with(Face::V08, options).await.unwrap();
    let port = server.local_addr().port();
    let rest = format!("://root:p%40ss%2Fword@127.0.0.1:{port}/my%20db");
    assert_eq!(server.dsn("my db"), format!("influxdb08{rest}"));
    assert_eq!(server.plain_dsn("my db"), format!("influxdb{rest}"));
    assert_eq!(server.url(), format!("http://127.0.0.1:{port}"));
    assert_eq!(server.udp_local_addr(), None);
    assert!(!format!("{server:?}").contains("p@ss"));
    let reply = send(&server, "GET", "/db?", "").await.unwrap();
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
    let version = reply.headers()["x-influxdb-version"].to_str().unwrap();
    assert!(version.starts_with("InfluxDB v0.8.3 "), "{version}");
}

#[tokio::test]
async fn a_server_of_every_address_is_reached_by_the_loopback_interface() {
    for (address, url) in [("0.0.0.0:0", "http://127.0.0.1:"), ("[::]:0", "http://[::1]:")] {
        let mut options = Options::default();
        options.address = address.parse().unwrap();
        let server = Server::start_with(Face::V08, options).await.unwrap();
        assert_eq!(server.url(), format!("{url}{}", server.local_addr().port()));
    }
}

fn udp() -> Options {
    let mut options = Options::default();
    options.udp_database = Some("d".to_owned());
    options
}

async fn send_datagram(server: &Server, datagram: String) {
    let address = server.udp_local_addr().unwrap();
    let mut options = UdpOptions::default();
    options.max_datagram = 4_096;
    let sender = UdpTransport::with_options(address, options);
    sender.send(datagram.into()).await.unwrap();
}

async fn arrived(server: &Server, points: usize) {
    let arrived = async {
        while server.count("d") < points {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, arrived).await.unwrap();
}

#[tokio::test]
async fn datagrams_are_written() {
    let server = Server::start_with(Face::V08, udp()).await.unwrap();
    server.create_database("d");
    let padding = " ".repeat(2_048);
    for datagram in [
        "no JSON".to_owned(),
        "[null]".to_owned(),
        format!(r#"[{padding}{{"name":"long","columns":["v"],"points":[[1]]}}]"#),
        r#"[{"name":"cpu","columns":["time","v"],"points":[[7,1]]}]"#.to_owned(),
    ] {
        send_datagram(&server, datagram).await;
    }
    arrived(&server, 1).await;
    assert_eq!(server.points("d", "cpu")[0].time, 7_000_000_000);
    assert_eq!(server.series_names("d"), ["cpu"]);
    assert_eq!(server.stats().datagrams, 4);
}

#[tokio::test]
async fn it_stops() {
    let server = Server::start(Face::V08).await.unwrap();
    let address = server.local_addr();
    assert!(TcpStream::connect(address).is_ok());
    timeout(SOON, server.stop()).await.expect("a stop ends");
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn data_survives_a_restart_at_the_same_addresses() {
    let mut options = udp();
    let mut server = Server::start_with(Face::V08, options.clone()).await.unwrap();
    server.create_database("d");
    let (address, udp_address) = (server.local_addr(), server.udp_local_addr().unwrap());
    (options.address, options.udp_address) = (address, udp_address);
    let admin = r#"{"password":"changed"}"#;
    send(&server, "POST", "/cluster_admins/root?", admin).await.unwrap();
    assert_eq!(server.dsn("d"), format!("influxdb08://root:changed@{address}/d"));
    for restarts in 0..3 {
        let points = format!(r#"[{{"name":"cpu","columns":["v"],"points":[[{restarts}]]}}]"#);
        send_datagram(&server, points).await;
        arrived(&server, restarts + 1).await;
        // The connection stays open, so that the server has to close it.
        let client = client(&server);
        send_by(&client, "GET", "/ping?", "").await.unwrap();

        options.data = timeout(SOON, server.stop()).await.expect("a stop ends");
        let error = send_by(&client, "GET", "/ping?", "").await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        server = Server::start_with(Face::V08, options.clone()).await.unwrap();
        assert_eq!((server.local_addr(), server.udp_local_addr()), (address, Some(udp_address)));
        assert_eq!(server.stats(), Stats::default());
        assert_eq!((server.databases(), server.count("d")), (vec!["d".to_owned()], restarts + 1));
        assert_eq!(server.dsn("d"), format!("influxdb08://root:changed@{address}/d"));
        send_by(&client, "GET", "/ping?", "").await.unwrap();
    }
    let sequences: Vec<_> = server
        .points("d", "cpu")
        .into_iter()
        .map(|mut point| point.values.remove("sequence_number"))
        .collect();
    assert_eq!(sequences, [10_001, 20_001, 30_001].map(|number: i64| Some(number.into())));
}

#[tokio::test]
async fn servers_are_apart_and_an_address_in_use_is_refused() {
    let [first, second] =
        [Server::start(Face::V08).await.unwrap(), Server::start(Face::V08).await.unwrap()];
    first.create_database("d");
    assert_eq!((first.databases().len(), second.databases().len()), (1, 0));
    let mut options = Options::default();
    options.address = first.local_addr();
    let error = Server::start_with(Face::V08, options).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse, "{error}");
    assert_eq!(format!("{:?} {:?}", Data::default(), first.stop().await), "Data(empty) Data(..)");
}

#[tokio::test]
async fn limits_of_connections_apply() {
    let mut options = Options::default();
    options.limits.max_body = 10;
    options.limits.max_head = 8 << 10;
    options.limits.max_connections = 1;
    options.limits.request_timeout = Duration::from_millis(200);
    let server = Server::start_with(Face::V08, options).await.unwrap();
    for (method, length, body, expected) in
        [("GET", 10 << 10, "", 431), ("POST", 1, "{\"name\":\"d\"}", 413), ("GET", 1, "", 200)]
    {
        let path = format!("/ping?x={}&", "x".repeat(length));
        let reply = send(&server, method, &path, body).await.unwrap();
        assert_eq!(reply.status().as_u16(), expected);
    }

    // An idle client is disconnected, and only then is the next one served.
    let mut idle = tokio::net::TcpStream::connect(server.local_addr()).await.unwrap();
    let (started, mut byte) = (Instant::now(), [0]);
    let (closed, reply) =
        tokio::join!(timeout(SOON, idle.read(&mut byte)), send(&server, "GET", "/ping?", ""));
    assert_eq!(closed.unwrap().unwrap(), 0);
    assert_eq!(reply.unwrap().status(), StatusCode::OK);
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_long_query_keeps_no_other_connection_waiting() {
    let running = Arc::new(AtomicBool::new(false));
    let mut options = Options::default();
    // The server asks for the time when it begins to run a query.
    let seen = Arc::clone(&running);
    options.clock = Arc::new(move || {
        seen.store(true, Ordering::Relaxed);
        UNIX_EPOCH + Duration::from_secs(100_000)
    });
    let server = Server::start_with(Face::V08, options).await.unwrap();
    server.create_database("d");
    let rows: Vec<String> = (0..20_000).map(|row| format!("[{row},{row}]")).collect();
    let body = format!(r#"[{{"name":"s","columns":["time","v"],"points":[{}]}}]"#, rows.join(","));
    let request = Request::post("/db/d/series?time_precision=s&u=root&p=root");
    assert_eq!(server.handle(&request.body(body.into()).unwrap()).unwrap().status(), 200);
    running.store(false, Ordering::Relaxed);

    let condition = vec!["v+%3C+0"; 200].join("+or+");
    let path = format!("/db/d/series?q=select+v+from+s+where+{condition}&");
    let long = send(&server, "GET", &path, "");
    tokio::pin!(long);
    let others = async {
        while !running.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        for _ in 0..3 {
            assert_eq!(send(&server, "GET", "/ping?", "").await.unwrap().status(), 200);
            assert_eq!(send(&server, "POST", "/db/d/series?", CPU).await.unwrap().status(), 200);
        }
    };
    tokio::select! {
        biased;
        answer = &mut long => panic!("other connections waited for the query: {answer:?}"),
        () = others => {}
    }
    assert_eq!(long.await.unwrap().body(), "[]");
}
