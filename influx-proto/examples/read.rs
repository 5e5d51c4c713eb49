//! Reads an answer that arrives in pieces, row by row, into a struct.

use influx_proto::decode::{DecodeOptions, Event, SeriesDecoder};
use influx_proto::{Time, TimeUnit};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Load<'a> {
    time: Time,
    host: &'a str,
    value: Option<f64>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = DecodeOptions::default();
    options.time_unit = Some(TimeUnit::Milliseconds);
    options.max_row = 64 << 10;
    let mut decoder = SeriesDecoder::with_options(options);
    let pieces = [
        r#"{"name":"load","columns":["time","host","value"],"points":[[1700000"#,
        r#"000000,"web-1",0.5],[1700000001000,"web \"2\"",null]]}"#,
    ];
    for piece in pieces {
        decoder.push(piece.as_bytes());
        while let Some(event) = decoder.next_event()? {
            match event {
                Event::Series(head) => println!("series {}", head.name()),
                Event::Row(row) => {
                    let Load { time, host, value } = row.deserialize()?;
                    println!("{time} {host}: {value:?}");
                }
                _ => {}
            }
        }
    }
    decoder.finish();
    decoder.next_event()?;
    Ok(())
}
