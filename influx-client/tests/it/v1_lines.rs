//! Line protocol without answers, over loopback sockets.

use std::net::UdpSocket;
use std::time::Duration;

use influx_client::v1::{Client, LineStats, LineWriter};
use influx_client::{Delivery, ErrorKind, Point, Time};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// A point whose line has this many bytes with its line break: `m v=1i 0\n` and a longer name.
fn point(len: usize) -> Point {
    Point::new("m".repeat(len - 8)).field("v", 1).time(Time::from_nanos(0))
}

fn numbered(count: i64) -> Vec<Point> {
    let point = |number| Point::new("m").field("v", number).time(Time::from_nanos(number));
    (0..count).map(point).collect()
}

fn lines(count: i64) -> String {
    let lines = (0..count).map(|number| format!("m v={number}i {number}\n"));
    lines.collect::<Vec<_>>().concat()
}

fn udp() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let dsn = format!("udp+influxdb1://{}", socket.local_addr().unwrap());
    (socket, dsn)
}

fn received(socket: &UdpSocket) -> String {
    let mut buffer = [0; 2_048];
    let len = socket.recv(&mut buffer).unwrap();
    String::from_utf8(buffer[..len].to_vec()).unwrap()
}

#[tokio::test]
async fn datagrams_hold_whole_lines_up_to_their_limit() {
    const LIMIT: usize = 200;
    let (socket, dsn) = udp();
    let writer = LineWriter::new(format!("{dsn}?max_datagram={LIMIT}")).unwrap();
    for (lens, expected) in [
        (vec![LIMIT - 1], Some(vec![LIMIT - 1])),
        (vec![LIMIT], Some(vec![LIMIT])),
        (vec![LIMIT + 1], None),
        (vec![100, 99], Some(vec![199])),
        (vec![100, 100], Some(vec![200])),
        (vec![100, 101], Some(vec![100, 101])),
        // Nothing is sent of points of which one is too long.
        (vec![10, LIMIT + 1], None),
        (vec![50; 9], Some(vec![200, 200, 50])),
        (vec![], Some(vec![])),
    ] {
        let points: Vec<_> = lens.iter().map(|len| point(*len)).collect();
        let result = writer.write(&points).await;
        let Some(expected) = expected else {
            let error = result.expect_err("a line above the limit");
            assert!(matches!(error.kind(), ErrorKind::Encode(_)), "{error:?}");
            assert_eq!((error.sent(), error.delivery()), (None, Delivery::NotSent));
            continue;
        };
        let sent = result.unwrap();
        assert_eq!((sent.points, sent.messages), (lens.len(), expected.len()), "{lens:?}");
        for len in expected {
            let datagram = received(&socket);
            assert_eq!(datagram.len(), len, "{lens:?}");
            assert!(datagram.ends_with(" v=1i 0\n"), "{datagram}");
        }
    }
    let LineStats::Datagrams(stats) = writer.stats() else { panic!("{:?}", writer.stats()) };
    assert_eq!((stats.refused, stats.dropped), (0, 0));
}

async fn tcp() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dsn = format!("tcp+influxdb1://{}", listener.local_addr().unwrap());
    (listener, dsn)
}

#[tokio::test]
async fn a_stream_carries_all_lines_in_order() {
    let (listener, dsn) = tcp().await;
    for (query, messages) in [("", 3), ("?max_points=700", 4), ("?max_points=5000", 3)] {
        let writer = LineWriter::new(format!("{dsn}{query}")).unwrap();
        let peer = async {
            let mut text = String::new();
            listener.accept().await.unwrap().0.read_to_string(&mut text).await.unwrap();
            text
        };
        let write = async {
            let sent = writer.write(numbered(2_500)).await.unwrap();
            // A text of several lines is one line of the protocol.
            let text = Point::new("m").field("v", "a\nb").time(Time::from_nanos(0));
            writer.write(text).await.unwrap();
            writer.disconnect().await.unwrap();
            sent
        };
        let (text, sent) = tokio::join!(peer, write);
        assert_eq!((sent.points, sent.messages), (2_500, messages), "{query}");
        assert!(text == lines(2_500) + "m v=\"a\nb\" 0\n", "{query}");
        let LineStats::Stream(stats) = writer.stats() else { panic!("{:?}", writer.stats()) };
        assert_eq!((stats.connects, stats.failed, stats.in_flight), (1, 0, 0));
        assert_eq!(stats.sent, messages as u64 + 1);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_carries_lines() {
    let path = std::env::temp_dir().join(format!("influx-lines-{}", std::process::id()));
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let escaped = path.to_str().unwrap().replace('/', "%2F");
    let writer = LineWriter::new(format!("unix+influxdb1://{escaped}")).unwrap();
    assert_eq!(writer.write(numbered(3)).await.unwrap().points, 3);
    drop(writer);
    let mut text = String::new();
    listener.accept().await.unwrap().0.read_to_string(&mut text).await.unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(text, lines(3));
}

#[tokio::test]
async fn a_server_that_goes_away_is_reported_and_found_again() {
    let (listener, dsn) = tcp().await;
    let address = listener.local_addr().unwrap();
    let writer = LineWriter::new(dsn).unwrap();
    writer.write(numbered(1)).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).await.unwrap();
    assert_eq!(line, lines(1));
    drop((reader, listener));

    // The first write after the end may still go into the old connection.
    let error = loop {
        match writer.write(numbered(2)).await {
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => break error,
        }
    };
    assert!(matches!(error.kind(), ErrorKind::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    assert_eq!(error.sent().map(|sent| sent.points), Some(0));
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    let LineStats::Stream(stats) = writer.stats() else { panic!("{:?}", writer.stats()) };
    assert!(stats.failed >= 1 && stats.unconfirmed >= 1 && stats.disconnects == 1, "{stats:?}");

    let listener = TcpListener::bind(address).await.unwrap();
    assert_eq!(writer.write(numbered(3)).await.unwrap().points, 3);
    drop(writer);
    let mut text = String::new();
    listener.accept().await.unwrap().0.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, lines(3));
}

/// A peer that stops reading: the pieces before are counted, the one under way is uncertain.
#[tokio::test(start_paused = true)]
async fn a_server_that_reads_nothing_is_a_timeout_with_a_count() {
    let (_listener, dsn) = tcp().await;
    let writer = LineWriter::new(format!("{dsn}?call_timeout=5s")).unwrap();
    let text = "x".repeat(1_000_000);
    let points: Vec<_> = (0..40_000)
        .map(|number| {
            let text = if number % 1_000 == 0 { &*text } else { "" };
            Point::new("m").field("text", text).time(Time::from_nanos(number))
        })
        .collect();
    let error = writer.write(points).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    let sent = error.sent().unwrap();
    assert!(sent.points < 40_000 && sent.points == sent.messages * 1_000, "{sent:?}");
    assert!(error.to_string().contains("took longer than its limit of 5s"), "{error}");
}

/// Replies mean nothing here, however many there are.
#[tokio::test]
async fn bytes_from_the_peer_are_discarded() {
    let (listener, dsn) = tcp().await;
    let writer = LineWriter::new(dsn).unwrap();
    writer.connect().await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.write_all(&vec![b'x'; 1 << 20]).await.unwrap();
    assert_eq!(writer.write(numbered(2)).await.unwrap().points, 2);
    writer.disconnect().await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, lines(2));
}

#[test]
fn settings_without_an_effect_are_refused() {
    for (dsn, expected) in [
        ("influxdb1://h", "must be udp+influxdb1, tcp+influxdb1"),
        ("udp+influxdb08://h", "names InfluxDB 0.8, but the client is for InfluxDB 1.x"),
        ("udp+influxdb1://h/db", "`database` is a setting of the listener"),
        ("tcp+influxdb1://h:1/db", "`database` is a setting of the listener"),
        ("udp+influxdb1://h?rp=weekly", "`rp` is a setting of the listener"),
        ("udp+influxdb1://h?consistency=one", "`consistency` is not sent"),
        ("tcp+influxdb1://u:p@h:1", "`user` is not sent"),
        ("tcp+influxdb1://TOKEN@h:1", "`user` is not sent"),
        ("tcp+influxdb1://h:1?credentials=query", "`credentials` are not sent"),
        ("tcp+influxdb1://h", "port of the DSN is missing"),
        ("tcp+influxdb1://h:1?max_datagram=100", "`max_datagram` is for datagrams"),
        ("tcp+influxdb1://h:1?attempts=5", "`attempts` has no effect on a stream"),
        ("tcp+influxdb1://h:1?response_timeout=1s", "`response_timeout` has no effect"),
        ("tcp+influxdb1://h:1?body_timeout=1s", "`body_timeout` has no effect"),
        ("tcp+influxdb1://h:1?max_response=5", "`max_response` has no effect"),
        ("tcp+influxdb1://h:1?prefix=/a", "`prefix` has no effect"),
        ("tcp+influxdb1://h:1?tls_ca=/a", "`tls_ca` needs an encrypted connection"),
        ("udp+influxdb1://h?send_timeout=1s", "`send_timeout` has no effect on datagrams"),
        ("udp+influxdb1://h?max_datagram=63", "from 64 to 65507"),
        ("udp+influxdb1://h?max_datagram=65508", "from 64 to 65507"),
    ] {
        let error = LineWriter::new(dsn).expect_err(dsn);
        assert!(error.to_string().contains(expected), "{dsn}: {error}");
        assert!(error.hint().is_some(), "{dsn}");
    }
    for dsn in [
        "udp+influxdb1://h",
        "udp+influxdb://@h?resolve_timeout=1s&max_datagram=65507&non_finite=omit",
        "tcp+influxdb1://h:1?call_timeout=1s&send_timeout=1s&max_points=1&max_request=5",
    ] {
        LineWriter::new(dsn).unwrap_or_else(|error| panic!("{dsn}: {error}"));
    }
    let error = Client::new("influxdb1://h?max_datagram=100").unwrap_err();
    assert!(error.to_string().contains("which a LineWriter sends"), "{error}");
}
