//! Points by datagram, to the embedded server.

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Mutex;
use std::time::Duration;

use influx_client::transport::udp::UdpOptions;
use influx_client::transport::{BoxResolver, Resolve};
use influx_client::{ErrorKind, Point, Series, Time, v08};
use influx_testkit::{Face, Options, Server};
use tokio::time::{advance, sleep, timeout};

fn counter(points: i64) -> Series {
    let mut series = Series::new("s", ["time", "v", "text"]).unwrap();
    for point in 0..points {
        let text = "x".repeat(100);
        let time = Time::from_seconds(1_400_000_000 + point).unwrap();
        series.push([time.into(), point.into(), text.into()]).unwrap();
    }
    series
}

async fn server() -> Server {
    let mut options = Options::default();
    options.udp_database = Some("db".to_owned());
    let server = Server::start_with(Face::V08, options).await.unwrap();
    server.create_database("db");
    server
}

/// Waits until the server has taken that many points: a datagram has no answer to wait for.
async fn arrived(server: &Server, points: usize) {
    let poll = async {
        while server.count("db") < points {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(20), poll).await.expect("the points arrive");
}

#[tokio::test]
async fn points_are_packed_into_datagrams_and_stored_in_seconds() {
    let server = server().await;
    let address = server.udp_local_addr().unwrap();
    let writer = v08::UdpWriter::new(format!("udp+influxdb://{address}")).unwrap();
    let sent = writer.write(counter(50)).await.unwrap();
    assert_eq!(sent.points, 50);
    // Of 50 points of about 120 bytes, 1,400 bytes take eleven.
    assert!((5..=6).contains(&sent.messages), "{sent:?}");
    arrived(&server, 50).await;

    let mut times: Vec<_> = server.points("db", "s").iter().map(|point| point.time).collect();
    times.sort_unstable();
    assert_eq!(times[0], 1_400_000_000_000_000_000);
    let stats = writer.stats();
    assert_eq!((stats.refused, stats.dropped), (0, 0));
}

#[tokio::test]
async fn nothing_is_sent_of_what_holds_a_point_too_long() {
    let server = server().await;
    let dsn = format!("udp+influxdb://{}?max_datagram=200", server.udp_local_addr().unwrap());
    let writer = v08::UdpWriter::new(dsn).unwrap();
    let mut long = Series::new("s", ["time", "v", "text"]).unwrap();
    long.push([Time::from_nanos(1).into(), 1.into(), "x".repeat(200).into()]).unwrap();
    let error = writer.write(&[counter(1), long]).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Encode(_)), "{error:?}");

    writer.write(counter(2)).await.unwrap();
    arrived(&server, 2).await;
    assert_eq!(server.count("db"), 2);
}

#[test]
fn what_the_server_decides_by_itself_is_refused() {
    for (dsn, expected) in [
        ("udp+influxdb://h/db", "`database` is decided by the server"),
        ("udp+influxdb://h?precision=ms", "`precision` is always seconds"),
        ("udp+influxdb://u:p@h", "`user` is not sent"),
        ("udp+influxdb://h?credentials=query", "`user` is not sent"),
        ("udp+influxdb://T@h", "token of the DSN means nothing"),
        ("udp+influxdb://h?attempts=5", "`attempts` has no effect on datagrams"),
        ("udp+influxdb://h?call_timeout=1s", "`call_timeout` has no effect on datagrams"),
        ("udp+influxdb://h?connect_timeout=1s", "`connect_timeout` has no effect on datagrams"),
        ("udp+influxdb://h?send_timeout=1s", "`send_timeout` has no effect on datagrams"),
        ("udp+influxdb://h?max_points=5", "`max_points` has no effect on datagrams"),
        ("udp+influxdb://h?max_request=5", "`max_request` has no effect on datagrams"),
        ("udp+influxdb://h?max_response=5", "`max_response` has no effect on datagrams"),
        ("udp+influxdb://h?prefix=/a", "`prefix` has no effect on datagrams"),
        ("udp+influxdb://h?tls_ca=/a", "`tls_ca` needs an encrypted connection"),
    ] {
        let error = v08::UdpWriter::new(dsn).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    for dsn in [
        "udp+influxdb://h?precision=s",
        "udp+influxdb://@h?resolve_timeout=1s&max_datagram=100&non_finite=omit",
        // A setting that is given as it is anyway is not another setting.
        "udp+influxdb://h?attempts=3",
    ] {
        v08::UdpWriter::new(dsn).unwrap_or_else(|error| panic!("{dsn}: {error}"));
    }
}

#[tokio::test]
async fn infinities_are_refused_or_left_out_by_choice() {
    let server = server().await;
    let address = server.udp_local_addr().unwrap();
    let point = Point::new("s").field("v", f64::NAN).field("w", 1).time(Time::from_nanos(0));
    let writer = v08::UdpWriter::new(format!("udp+influxdb://{address}")).unwrap();
    let error = writer.write(&point).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Encode(_)), "{error:?}");
    let dsn = format!("udp+influxdb://{address}?non_finite=omit");
    v08::UdpWriter::new(dsn).unwrap().write(&point).await.unwrap();
    arrived(&server, 1).await;
}

/// A name that leads to each of these addresses in turn, and then on to the last.
struct Moving(Mutex<VecDeque<SocketAddr>>);

impl Resolve for Moving {
    async fn resolve(&self, host: &str, _port: u16) -> io::Result<Vec<SocketAddr>> {
        assert_eq!(host, "db.example.org");
        let mut left = self.0.lock().unwrap();
        let next = if left.len() > 1 { left.pop_front() } else { left.front().copied() };
        Ok(next.into_iter().collect())
    }
}

/// A server moves to another address: its name is looked up again after a refusal, and after some
/// minutes in any case.
#[tokio::test(start_paused = true)]
async fn a_server_that_moves_is_found_again() {
    let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
    let (old, new) = (bind(), bind());
    new.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let gone = bind().local_addr().unwrap();
    // The last number that may go to the old address, with one of them after each pause.
    for (first, seconds, last) in [
        (gone, 2, 0),
        // Nothing refuses a datagram here.
        (old.local_addr().unwrap(), 301, 15),
        (old.local_addr().unwrap(), 20, 30),
    ] {
        let mut options = UdpOptions::default();
        let addresses = [first, new.local_addr().unwrap()];
        options.resolver = BoxResolver::new(Moving(Mutex::new(addresses.into())));
        let dsn = "udp+influxdb://db.example.org:4444";
        let writer = v08::UdpWriter::with_options(dsn, options).unwrap();
        for number in 0..=last + 1 {
            writer.write(Point::new("s").field("v", number)).await.unwrap();
            advance(Duration::from_secs(seconds)).await;
        }
        let mut buffer = [0; 1024];
        loop {
            let size = new.recv(&mut buffer).expect("the last one arrives at the new address");
            let found = String::from_utf8_lossy(&buffer[..size]).into_owned();
            if found.ends_with(&format!("[[{}]]}}]", last + 1)) {
                break;
            }
        }
    }
}
