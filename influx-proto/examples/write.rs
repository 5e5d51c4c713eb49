//! Encodes points as the bodies of write requests: `cargo run -p influx-proto --example write`.

use std::time::SystemTime;

use influx_proto::encode::EncodeOptions;
use influx_proto::{Format, Point, Table};

#[derive(serde::Serialize)]
struct Cpu {
    time: SystemTime,
    host: &'static str,
    load: f64,
    idle: Option<f64>,
}

fn main() -> Result<(), influx_proto::EncodeError> {
    let now = SystemTime::now();
    let point = Point::new("boot").tag("host", "web 1").field("reason", "power").time(now);
    let rows = [
        Cpu { time: now, host: "web 1", load: 0.5, idle: None },
        Cpu { time: now, host: "web 2", load: 0.7, idle: Some(0.3) },
    ];
    let cpu = Table::new("cpu").tag("host");

    let mut options = EncodeOptions::default();
    options.max_points = 5_000;
    for format in [Format::Lines, Format::SeriesJson] {
        for body in format.encode(&point, &options, None)? {
            println!("{}", String::from_utf8_lossy(&body.bytes));
        }
        for body in format.encode(&cpu.rows(&rows), &options, None)? {
            println!("{}", String::from_utf8_lossy(&body.bytes));
        }
    }
    Ok(())
}
