//! The line protocol: two tags, three fields, a time in nanoseconds.

use std::hint::black_box;
use std::io::Write as _;
use std::rc::Rc;

use influx_proto::EncodeError;
use influx_proto::line::LineEncoder;
use influxdb_line_protocol::{FieldValue, LineProtocolBuilder, ParsedLine, parse_lines};
use questdb::ingress::{Buffer, ProtocolVersion, TimestampNanos};

use super::{BATCH, numbers_limit, push_float, push_int};
use crate::generate::{LinePoint, line_points};
use crate::harness::Kind::{self, Ours, Peer};
use crate::harness::{Case, Contender, Pass, Scale};

type NewEncoder = fn() -> Box<dyn Encode>;

/// Everybody who encodes. To add a contender, write its function and one line here.
const CONTENDERS: &[(Kind, &str, NewEncoder)] = &[
    (Peer, "write! by hand", || append(by_hand)),
    (Peer, "influxdb-line-protocol builder", || append(builder)),
    (Peer, "questdb-rs Buffer", || Box::new(Buffer::new(ProtocolVersion::V1))),
    (Ours, "LineEncoder", || Box::new(LineEncoder::new())),
];

pub(super) fn case(scale: Scale) -> Case {
    let points: Rc<[LinePoint]> = line_points(scale.points()).into();
    let mut by_hand = append(by_hand);
    let bytes = points.chunks(BATCH).map(|batch| by_hand.encode(batch).len()).sum();
    let mut contenders = vec![numbers_limit(line_points(points.len()), |point, out| {
        push_float(point.value, out);
        push_int(point.count, out);
        push_int(point.time, out);
    })];
    contenders.extend(CONTENDERS.iter().map(|&(kind, name, new)| {
        let points = Rc::clone(&points);
        let mut encoder = new();
        let pass = move |pass| {
            for batch in points.chunks(BATCH) {
                let body = black_box(encoder.encode(batch));
                if pass == Pass::Checked {
                    read_back(body, batch);
                }
            }
        };
        Contender { kind, name, pass: Box::new(pass) }
    }));
    Case { bytes, points: points.len(), contenders }
}

/// Somebody with memory that is used again for each body.
trait Encode {
    fn encode(&mut self, points: &[LinePoint]) -> &[u8];
}

/// An encoder that appends to a vector.
struct Append {
    append: fn(&[LinePoint], &mut Vec<u8>),
    out: Vec<u8>,
}

fn append(append: fn(&[LinePoint], &mut Vec<u8>)) -> Box<dyn Encode> {
    Box::new(Append { append, out: Vec::new() })
}

impl Encode for Append {
    fn encode(&mut self, points: &[LinePoint]) -> &[u8] {
        self.out.clear();
        (self.append)(points, &mut self.out);
        &self.out
    }
}

fn by_hand(points: &[LinePoint], out: &mut Vec<u8>) {
    fn escape(text: &str, special: &[u8], out: &mut Vec<u8>) {
        for byte in text.bytes() {
            if special.contains(&byte) {
                out.push(b'\\');
            }
            out.push(byte);
        }
    }
    for point in points {
        escape(point.measurement, b", ", out);
        out.extend_from_slice(b",host=");
        escape(&point.host, b",= ", out);
        out.extend_from_slice(b",region=");
        escape(point.region, b",= ", out);
        write!(out, " value={},count={}i,message=\"", point.value, point.count).unwrap();
        escape(&point.message, b"\"\\", out);
        writeln!(out, "\" {}", point.time).unwrap();
    }
}

fn builder(points: &[LinePoint], out: &mut Vec<u8>) {
    let mut builder = LineProtocolBuilder::new_with(std::mem::take(out));
    for point in points {
        builder = builder
            .measurement(point.measurement)
            .tag("host", &point.host)
            .tag("region", point.region)
            .field("value", point.value)
            .field("count", point.count)
            .field("message", point.message.as_str())
            .timestamp(point.time)
            .close_line();
    }
    *out = builder.build();
}

impl Encode for Buffer {
    fn encode(&mut self, points: &[LinePoint]) -> &[u8] {
        self.clear();
        for point in points {
            append_to(self, point).unwrap();
        }
        self.as_bytes()
    }
}

fn append_to(buffer: &mut Buffer, point: &LinePoint) -> questdb::Result<()> {
    buffer
        .table(point.measurement)?
        .symbol("host", &point.host)?
        .symbol("region", point.region)?
        .column_f64("value", point.value)?
        .column_i64("count", point.count)?
        .column_str("message", &point.message)?
        .at(TimestampNanos::new(point.time))
}

impl Encode for LineEncoder {
    fn encode(&mut self, points: &[LinePoint]) -> &[u8] {
        self.clear();
        for point in points {
            write_line(self, point).unwrap();
        }
        self.as_bytes()
    }
}

fn write_line(encoder: &mut LineEncoder, point: &LinePoint) -> Result<(), EncodeError> {
    encoder
        .point(point.measurement)?
        .tag("host", &point.host)?
        .tag("region", point.region)?
        .field("value", point.value)?
        .field("count", point.count)?
        .field("message", point.message.as_str())?
        .timestamp(point.time)
}

fn read_back(body: &[u8], points: &[LinePoint]) {
    let mut lines = parse_lines(std::str::from_utf8(body).unwrap());
    for point in points {
        assert_same(&lines.next().unwrap().unwrap(), point);
    }
    assert!(lines.next().is_none(), "more lines than points");
}

fn assert_same(line: &ParsedLine<'_>, point: &LinePoint) {
    assert_eq!(line.series.measurement.as_str(), point.measurement);
    assert_eq!(line.timestamp, Some(point.time));
    for (name, value) in [("host", point.host.as_str()), ("region", point.region)] {
        assert_eq!(line.tag_value(name).unwrap().as_str(), value, "{name}");
    }
    let field = |name| line.field_value(name).unwrap();
    assert_eq!(*field("value"), FieldValue::F64(point.value));
    assert_eq!(*field("count"), FieldValue::I64(point.count));
    let FieldValue::String(message) = field("message") else { panic!("the message is a text") };
    assert_eq!(message.as_str(), point.message);
}
