//! The embedded server over sockets.

use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use influx_testkit::{Engine, Server};
use influx_transport::{Error, HttpTransport, TcpConnector, Transport, UdpTransport};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

fn client(server: &Server) -> HttpTransport<TcpConnector> {
    let address = server.addr();
    HttpTransport::new(TcpConnector::new(address.ip().to_string(), address.port()).unwrap())
}

async fn send(
    server: &Server,
    method: &str,
    path: &str,
    body: &'static str,
) -> Result<Response<Bytes>, Error> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{path}u=root&p=root"))
        .body(Bytes::from(body))
        .unwrap();
    let (head, body) = client(server).send(request).await?.into_parts();
    Ok(Response::from_parts(head, body.collect(1 << 20).await?))
}

#[tokio::test]
async fn points_are_written_and_read() {
    let server = Server::start().await.unwrap();
    server.engine().create_database("d");
    let body = r#"[{"name":"cpu","columns":["time","sequence_number","v"],"points":[[1,1,0.5]]}]"#;
    let reply = send(&server, "POST", "/db/d/series?", body).await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);

    let expected =
        r#"{"name":"cpu","columns":["time","sequence_number","v"],"points":[[1,1,0.5]]}"#;
    for (parameters, expected) in
        [("", format!("[{expected}]")), ("chunked=true&", expected.to_owned())]
    {
        let path = format!("/db/d/series?q=select+*+from+cpu&{parameters}");
        let reply = send(&server, "GET", &path, "").await.unwrap();
        assert_eq!(reply.body(), &expected);
        let head = send(&server, "HEAD", &path, "").await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
        assert!(head.body().is_empty());
    }
    assert_eq!(server.engine().requests(), 5);
}

#[tokio::test]
async fn what_crashes_a_handler_closes_the_connection() {
    let server = Server::start().await.unwrap();
    server.engine().create_database("d");
    let error = send(&server, "POST", "/db/d/series?", "[null]").await.unwrap_err();
    assert!(error.is_closed(), "{error}");
    let reply = send(&server, "GET", "/ping?", "").await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_engine_can_be_brought() {
    let engine = Engine::builder().root_password("p@ss/word").version("0.8.3").build();
    let server = Server::builder()
        .engine(engine)
        .read_timeout(Duration::from_secs(1))
        .start()
        .await
        .unwrap();
    let port = server.addr().port();
    let dsn = format!("influxdb://root:p%40ss%2Fword@127.0.0.1:{port}/my%20db");
    assert_eq!(server.dsn("my db"), dsn);
    assert_eq!(server.url(), format!("http://127.0.0.1:{port}"));
    assert_eq!(server.udp_addr(), None);
    let reply = send(&server, "GET", "/db?", "").await.unwrap();
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
    let version = reply.headers()["x-influxdb-version"].to_str().unwrap();
    assert!(version.starts_with("InfluxDB v0.8.3 "), "{version}");
}

#[tokio::test]
async fn datagrams_are_written() {
    let server = Server::builder().udp("d").start().await.unwrap();
    server.engine().create_database("d");
    let address = server.udp_addr().unwrap();
    let sender =
        UdpTransport::new(address.ip().to_string(), address.port()).unwrap().max_datagram(4_096);
    let padding = " ".repeat(2_048);
    for datagram in [
        "no JSON".to_owned(),
        "[null]".to_owned(),
        format!(r#"[{padding}{{"name":"long","columns":["v"],"points":[[1]]}}]"#),
        r#"[{"name":"cpu","columns":["time","v"],"points":[[7,1]]}]"#.to_owned(),
    ] {
        sender.send(datagram.into()).await.unwrap();
    }
    let arrived = async {
        while server.engine().series("d", "cpu").is_none() {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, arrived).await.expect("the last datagram arrives");
    let cpu = server.engine().series("d", "cpu").unwrap();
    assert_eq!(cpu.points().next().unwrap()[0], 7_000_000.into());
    assert_eq!(server.engine().series_names("d"), ["cpu"]);
}

#[tokio::test]
async fn it_stops() {
    let server = Server::start().await.unwrap();
    let address = server.addr();
    assert!(TcpStream::connect(address).is_ok());
    timeout(SOON, server.shutdown()).await.expect("a shutdown ends");
    assert!(TcpStream::connect(address).is_err());
}
