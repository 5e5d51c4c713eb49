//! The encoder writes the same bytes as a simple one, which appends to a `String`.

use std::collections::HashSet;

use influx_proto::encode::{EncodeOptions, NonFinite, Unsigned};
use influx_proto::line::{FieldValue, Line, LineEncoder};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::line_points::point;

/// Writes a line, or nothing if the point cannot be written.
fn reference(line: &Line<'_>, omit: bool, suffix: bool) -> Option<String> {
    let mut text = name(&line.measurement, " ,", " ,=\"")?;
    if line.measurement.starts_with(['#', '\t']) {
        return None;
    }
    let mut keys = HashSet::new();
    for (key, value) in &line.tags {
        if key == "time" || !keys.insert(key) {
            return None;
        }
        let [key, value] = [key, value].map(|text| name(text, " ,=", " ,="));
        text.extend([",", &key?, "=", &value?]);
    }
    keys.clear();
    let mut separator = " ";
    for (key, value) in &line.fields {
        if key == "time" || key.starts_with('\t') || !keys.insert(key) {
            return None;
        }
        let key = name(key, " ,=", " ,=\"")?;
        let value = match value {
            FieldValue::Bool(value) => value.to_string(),
            FieldValue::Int(value) => format!("{value}i"),
            FieldValue::UInt(value) if suffix => format!("{value}u"),
            FieldValue::UInt(value) => format!("{}i", i64::try_from(*value).ok()?),
            FieldValue::Float(value) if !value.is_finite() && omit => continue,
            FieldValue::Float(value) if !value.is_finite() => return None,
            FieldValue::Float(value) => zmij::Buffer::new().format_finite(*value).to_owned(),
            FieldValue::String(text) => {
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
            _ => panic!("{value:?}"),
        };
        text.extend([separator, &key, "=", &value]);
        separator = ",";
    }
    match line.timestamp {
        _ if separator == " " => None,
        Some(i64::MIN..=-9_223_372_036_854_775_807 | i64::MAX) => None,
        Some(time) => Some(format!("{text} {time}\n")),
        None => Some(text + "\n"),
    }
}

/// Writes a name, with a backslash before each separator.
fn name(name: &str, separators: &str, unescaped: &str) -> Option<String> {
    let mut text = String::new();
    for (at, character) in name.char_indices() {
        let next = name[at..].chars().nth(1);
        if "\n\r\0".contains(character)
            || character == '\\' && next.is_none_or(|next| unescaped.contains(next))
        {
            return None;
        }
        if separators.contains(character) {
            text.push('\\');
        }
        text.push(character);
    }
    Some(text).filter(|text| !text.is_empty())
}

/// Points with texts of all lengths, so that each way of copying them is taken.
fn any_point() -> impl Strategy<Value = Line<'static>> {
    let length = prop_oneof![0..40_usize, 100..200_usize, 5_000..9_000_usize];
    (point(), length, 0..4_u8).prop_map(|(mut line, length, part)| {
        let fill = |text: &str| text.chars().cycle().take(length).collect::<String>().into();
        match (part, line.tags.first_mut(), line.fields.first_mut()) {
            (0, ..) => line.measurement = fill(&line.measurement),
            (1, Some((key, _)), _) => *key = fill(key),
            (2, Some((_, value)), _) => *value = fill(value),
            (_, _, Some((_, FieldValue::String(text)))) => *text = fill(text),
            (_, _, Some((key, _))) => *key = fill(key),
            _ => {}
        }
        line
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn every_byte_is_that_of_the_reference(
        points in vec(any_point(), 0..8),
        omit: bool,
        suffix: bool,
    ) {
        let mut options = EncodeOptions::default();
        if omit {
            options.non_finite = NonFinite::Omit;
        }
        if suffix {
            options.unsigned = Unsigned::Suffix;
        }
        let mut encoder = LineEncoder::with_options(options);
        let mut expected = String::new();
        for point in points.iter().flat_map(|point| [point, point]) {
            let line = reference(point, omit, suffix);
            prop_assert_eq!(encoder.line(point).is_ok(), line.is_some(), "{:?}", point);
            expected.extend(line);
            prop_assert_eq!(encoder.as_bytes(), expected.as_bytes());
        }
        prop_assert_eq!(encoder.take(), expected.into_bytes());
    }
}
