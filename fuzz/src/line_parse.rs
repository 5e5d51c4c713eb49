//! `lines`: any bytes as line protocol.

use influx_proto::encode::{EncodeOptions, Unsigned};
use influx_proto::line::{LineEncoder, lines};

/// Line protocol. Each point that is read can be written and reads back the same; an error names a
/// place that exists, and the line after it is read.
pub fn line_parse(data: &[u8]) {
    let options = || {
        let mut options = EncodeOptions::default();
        options.unsigned = Unsigned::Suffix;
        options
    };
    let places: Vec<_> = data.split(|byte| *byte == b'\n').map(<[u8]>::len).collect();
    let mut encoder = LineEncoder::with_options(options());
    let mut read = Vec::new();
    let mut items = 0;
    for item in lines(data) {
        items += 1;
        match item {
            Ok(line) => {
                encoder.line(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
                read.push(line);
            }
            Err(error) => {
                let len = error.line.checked_sub(1).and_then(|line| places.get(line));
                let len = len.unwrap_or_else(|| panic!("{error} has no such line"));
                assert!((1..=len + 1).contains(&error.column), "{error} has no such column");
            }
        }
    }
    assert!(items <= places.len(), "more items than lines");

    let text = encoder.as_bytes();
    let again: Vec<_> = lines(text).collect::<Result<_, _>>().expect("it was just written");
    assert_eq!(again, read, "{}", text.escape_ascii());
    let mut encoder = LineEncoder::with_options(options());
    for line in &again {
        encoder.line(line).expect("it was written before");
    }
    assert_eq!(encoder.as_bytes(), text);
}
