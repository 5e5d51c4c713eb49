//! Points by datagram, to the embedded server.

use std::time::Duration;

use influx_client::testkit::Server;
use influx_client::{Error, Series, v08};
use tokio::time::{sleep, timeout};

fn counter(points: i64) -> Series {
    let mut series = Series::new("s", ["time", "v", "text"]).unwrap();
    for point in 0..points {
        let text = "x".repeat(100);
        series.push([(1_400_000_000 + point).into(), point.into(), text.into()]).unwrap();
    }
    series
}

/// Waits until the server has taken that many points: a datagram has no answer to wait for.
async fn arrived(server: &Server, points: usize) {
    let poll = async {
        while server.engine().series("db", "s").map_or(0, |series| series.len()) < points {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(20), poll).await.expect("the points arrive");
}

#[tokio::test]
async fn points_are_packed_into_datagrams_and_stored_in_seconds() {
    let server = Server::builder().udp("db").start().await.unwrap();
    server.engine().create_database("db");
    let address = server.udp_addr().unwrap();
    let writer = v08::UdpWriter::connect(&format!("udp+influxdb://{address}")).unwrap();
    let sent = writer.write(&[counter(50)]).await.unwrap();
    assert_eq!(sent.points, 50);
    // Of 50 points of about 120 bytes, 1,400 bytes take eleven.
    assert!((5..=6).contains(&sent.datagrams), "{sent:?}");
    arrived(&server, 50).await;

    let stored = server.engine().series("db", "s").unwrap();
    let time = stored.column_index("time").unwrap();
    let mut times: Vec<_> = stored.points().filter_map(|point| point[time].as_i64()).collect();
    times.sort_unstable();
    assert_eq!(times[0], 1_400_000_000_000_000, "stored in microseconds");
    assert_eq!((writer.refused(), writer.dropped()), (0, 0));
}

#[tokio::test]
async fn nothing_is_sent_of_what_holds_a_point_too_long() {
    let server = Server::builder().udp("db").start().await.unwrap();
    server.engine().create_database("db");
    let dsn = format!("udp+influxdb://{}?max_datagram=200", server.udp_addr().unwrap());
    let writer = v08::UdpWriter::connect(&dsn).unwrap();
    let mut long = Series::new("s", ["time", "v", "text"]).unwrap();
    long.push([1.into(), 1.into(), "x".repeat(200).into()]).unwrap();
    let error = writer.write(&[counter(1), long]).await.unwrap_err();
    assert!(matches!(error, Error::Request(_)), "{error:?}");

    writer.write(&[counter(2)]).await.unwrap();
    arrived(&server, 2).await;
    assert_eq!(server.engine().series("db", "s").unwrap().len(), 2);
}

#[test]
fn what_the_server_decides_by_itself_is_refused() {
    for (dsn, expected) in [
        ("udp+influxdb://h/db", "database of the DSN is decided by the server"),
        ("udp+influxdb://h?precision=ms", "precision of the DSN is always seconds"),
    ] {
        let Error::Config(error) = v08::UdpWriter::connect(dsn).unwrap_err() else {
            panic!("{dsn}")
        };
        assert!(error.to_string().contains(expected), "{error}");
    }
    v08::UdpWriter::connect("udp+influxdb://h?precision=s").unwrap();
}
