//! `LineEncoder`: each point is one line, which reads back as the same point.

use arbitrary::{Arbitrary, Unstructured};
use influx_proto::encode::{EncodeError, EncodeOptions, NonFinite, TIMESTAMPS, Unsigned};
use influx_proto::line::{FieldValue, Line, LineEncoder, lines};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    omits_non_finite: bool,
    has_unsigned: bool,
    points: Vec<Point<'a>>,
}

#[derive(Debug, Arbitrary)]
struct Point<'a> {
    measurement: &'a str,
    tags: Vec<(&'a str, &'a str)>,
    fields: Vec<(&'a str, Field<'a>)>,
    timestamp: Option<i64>,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Field<'a> {
    Bool(bool),
    Float(f64),
    Int(i64),
    String(&'a str),
    UInt(u64),
}

/// Options and points, in the form of the crate `arbitrary`.
///
/// A point is written as one line that reads back exactly, or leaves no trace.
pub fn line_encode(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let mut encoder = LineEncoder::with_options(input.options());
    let mut expected = Vec::new();
    for point in &input.points {
        let before = encoder.as_bytes().to_vec();
        match point.write(&mut encoder) {
            Ok(()) => {
                expected.push(point.read_back(&input));
                let (kept, line) = encoder.as_bytes().split_at(before.len());
                assert_eq!(kept, before);
                assert!(line.ends_with(b"\n"));
                let pieces = line.split(|byte| *byte == b'\n').count();
                assert_eq!(pieces, 2 + point.newlines(), "{point:?} is more than one line");
            }
            Err(error) => {
                assert_eq!(encoder.as_bytes(), before, "{error}");
                assert!(!point.is_plain(), "{point:?}: {error}");
            }
        }
        assert_eq!(encoder.points(), expected.len());
    }
    let read: Result<Vec<_>, _> = lines(encoder.as_bytes()).collect();
    assert_eq!(read, Ok(expected), "{}", encoder.as_bytes().escape_ascii());
}

impl Input<'_> {
    fn options(&self) -> EncodeOptions {
        let mut options = EncodeOptions::default();
        if self.omits_non_finite {
            options.non_finite = NonFinite::Omit;
        }
        if self.has_unsigned {
            options.unsigned = Unsigned::Suffix;
        }
        options
    }
}

impl<'a> Point<'a> {
    fn write(&self, encoder: &mut LineEncoder) -> Result<(), EncodeError> {
        let fields = self.fields.iter().map(|(key, field)| (*key, field.value()));
        let point =
            encoder.point(self.measurement)?.tags(self.tags.iter().copied())?.fields(fields)?;
        match self.timestamp {
            Some(timestamp) => point.timestamp(timestamp),
            None => point.untimed(),
        }
    }

    /// The line that a reader shall see.
    fn read_back(&self, input: &Input<'_>) -> Line<'a> {
        let fields = self.fields.iter().filter_map(|(key, field)| {
            let value = match field.value() {
                FieldValue::Float(value) if !value.is_finite() => return None,
                FieldValue::UInt(value) if !input.has_unsigned => {
                    FieldValue::Int(i64::try_from(value).expect("a larger one is refused"))
                }
                value => value,
            };
            Some(((*key).into(), value))
        });
        Line {
            measurement: self.measurement.into(),
            tags: self.tags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
            fields: fields.collect(),
            timestamp: self.timestamp,
        }
    }

    /// The number of newlines in its strings, where they do not end a line.
    fn newlines(&self) -> usize {
        let strings = self.fields.iter().filter_map(|(_, field)| match field {
            Field::String(text) => Some(*text),
            _ => None,
        });
        strings.flat_map(str::chars).filter(|c| *c == '\n').count()
    }

    /// Whether nothing about the point is a reason to refuse it.
    fn is_plain(&self) -> bool {
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let are_keys = |keys: &[&str]| {
            let mut sorted = keys.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            sorted.len() == keys.len() && keys.iter().all(|key| is_name(key) && *key != "time")
        };
        let tags: Vec<_> = self.tags.iter().map(|(key, _)| *key).collect();
        let fields: Vec<_> = self.fields.iter().map(|(key, _)| *key).collect();
        is_name(self.measurement)
            && are_keys(&tags)
            && self.tags.iter().all(|(_, value)| is_name(value))
            && !fields.is_empty()
            && are_keys(&fields)
            && self.fields.iter().all(|(_, field)| field.is_plain())
            && self.timestamp.is_none_or(|timestamp| TIMESTAMPS.contains(&timestamp))
    }
}

impl<'a> Field<'a> {
    fn value(self) -> FieldValue<'a> {
        match self {
            Self::Bool(value) => value.into(),
            Self::Float(value) => value.into(),
            Self::Int(value) => value.into(),
            Self::String(value) => value.into(),
            Self::UInt(value) => value.into(),
        }
    }

    fn is_plain(self) -> bool {
        match self {
            Self::Bool(_) | Self::Int(_) | Self::String(_) => true,
            Self::Float(value) => value.is_finite(),
            Self::UInt(value) => i64::try_from(value).is_ok(),
        }
    }
}
