//! Answers as InfluxDB 1.6.7 writes them (measured): integers in their shortest signed form.

use rmp::encode::{write_array_len, write_bool, write_f64, write_map_len, write_str};

use crate::generate::{Answer, COLUMNS, Point};

/// Documents one after the other, each with some rows of the same series.
pub(super) fn encode(points: &[Point], rows: usize, epoch: bool) -> Answer {
    let (mut body, mut ends) = (Vec::new(), Vec::new());
    let mut chunks = points.chunks(rows).peekable();
    while let Some(points) = chunks.next() {
        let is_partial = chunks.peek().is_some();
        begin(&mut body, points.len(), is_partial);
        for point in points {
            let row = point.row();
            array(&mut body, COLUMNS.len());
            if epoch {
                int(&mut body, row.time);
            } else {
                time(&mut body, row.time);
            }
            int(&mut body, row.sequence_number.cast_signed());
            write_str(&mut body, row.host).unwrap();
            write_f64(&mut body, row.value).unwrap();
            write_f64(&mut body, row.idle).unwrap();
        }
        if is_partial {
            for _ in ["the series", "the statement"] {
                write_str(&mut body, "partial").unwrap();
                write_bool(&mut body, true).unwrap();
            }
        }
        ends.push(body.len());
    }
    Answer { body, ends }
}

/// The beginning of a document, up to its first row.
pub(super) fn begin(out: &mut Vec<u8>, rows: usize, is_partial: bool) {
    let more = u32::from(is_partial);
    write_map_len(out, 1).unwrap();
    write_str(out, "results").unwrap();
    array(out, 1);
    write_map_len(out, 2 + more).unwrap();
    write_str(out, "statement_id").unwrap();
    int(out, 0);
    write_str(out, "series").unwrap();
    array(out, 1);
    write_map_len(out, 3 + more).unwrap();
    write_str(out, "name").unwrap();
    write_str(out, "cpu").unwrap();
    write_str(out, "columns").unwrap();
    array(out, COLUMNS.len());
    for column in &COLUMNS {
        write_str(out, column).unwrap();
    }
    write_str(out, "values").unwrap();
    array(out, rows);
}

pub(super) fn array(out: &mut Vec<u8>, length: usize) {
    write_array_len(out, length.try_into().unwrap()).unwrap();
}

/// A time of its own type.
fn time(out: &mut Vec<u8>, nanos: i64) {
    out.extend_from_slice(&[0xc7, 12, 5]);
    out.extend_from_slice(&nanos.div_euclid(1_000_000_000).to_be_bytes());
    let rest = i32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap();
    out.extend_from_slice(&rest.to_be_bytes());
}

pub(super) fn int(out: &mut Vec<u8>, value: i64) {
    if let (-32..=127, Ok(small)) = (value, i8::try_from(value)) {
        out.push(small.cast_unsigned());
    } else if let Ok(value) = i8::try_from(value) {
        out.extend_from_slice(&[0xd0, value.cast_unsigned()]);
    } else if let Ok(value) = i16::try_from(value) {
        out.push(0xd1);
        out.extend_from_slice(&value.to_be_bytes());
    } else if let Ok(value) = i32::try_from(value) {
        out.push(0xd2);
        out.extend_from_slice(&value.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend_from_slice(&value.to_be_bytes());
    }
}
