//! Random points, most of them nasty.

use influx_proto::encode::{EncodeOptions, Unsigned};
use influx_proto::line::{FieldValue, Line};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Options for servers that take unsigned integers.
pub(crate) fn unsigned() -> EncodeOptions {
    let mut options = EncodeOptions::default();
    options.unsigned = Unsigned::Suffix;
    options
}

/// Names whose characters mean something somewhere in a line; most of them can be written.
pub(crate) fn name() -> impl Strategy<Value = String> {
    const PIECES: [&str; 14] =
        ["a", "b", "é😀", ",", "=", " ", "\"", "'", ":", ".", "x\t", "a#", r"\x", r"\\x"];
    prop_oneof![
        16 => vec(select(&PIECES), 1..4).prop_map(|pieces| pieces.concat()),
        1 => "[ab\\\\, =\"#\t\n\r\0]{0,3}",
        1 => Just("time".to_owned()),
    ]
}

pub(crate) fn value() -> impl Strategy<Value = FieldValue<'static>> {
    prop_oneof![
        any::<bool>().prop_map(FieldValue::from),
        any::<u64>().prop_map(|bits| f64::from_bits(bits).into()),
        prop_oneof![Just(-0.0), Just(5e-324), Just(f64::MAX), Just(1e300), Just(0.1 + 0.2)]
            .prop_map(FieldValue::from),
        prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX)].prop_map(FieldValue::from),
        prop_oneof![any::<u64>(), Just(u64::MAX), Just(0)].prop_map(FieldValue::from),
        "[ab\\\\, =\"#\t\n\r\0é]{0,8}".prop_map(FieldValue::from),
        any::<String>().prop_map(FieldValue::from),
    ]
}

pub(crate) fn point() -> impl Strategy<Value = Line<'static>> {
    let tag = (name(), name()).prop_map(|(key, value)| (key.into(), value.into()));
    let field = (name(), value()).prop_map(|(key, value)| (key.into(), value));
    let timestamp = prop_oneof![9 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)];
    (name(), vec(tag, 0..3), vec(field, 1..4), proptest::option::of(timestamp)).prop_map(
        |(measurement, tags, fields, timestamp)| Line {
            measurement: measurement.into(),
            tags,
            fields,
            timestamp,
        },
    )
}
