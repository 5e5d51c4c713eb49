//! A second judge, the vendor's own parser, reads every line that we write as the same point.

use influx_proto::line::{FieldValue, Line, LineEncoder};
use influxdb_line_protocol::{FieldValue as JudgedValue, ParsedLine, parse_lines};
use proptest::prelude::*;

use crate::line_points::{point, unsigned};

fn same(line: &Line<'_>, judged: &ParsedLine<'_>) -> bool {
    let tags = judged.series.tag_set.iter().flatten();
    let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
    let fields = judged.field_set.iter().map(|(key, value)| (key.as_str(), value));
    line.measurement == judged.series.measurement.as_str()
        && line.tags.iter().map(|(key, value)| (&**key, &**value)).eq(tags)
        && line.fields.len() == judged.field_set.len()
        && line
            .fields
            .iter()
            .zip(fields)
            .all(|((key, value), judged)| key == judged.0 && same_value(value, judged.1))
        && line.timestamp == judged.timestamp
}

fn same_value(value: &FieldValue<'_>, judged: &JudgedValue<'_>) -> bool {
    match (value, judged) {
        (FieldValue::Bool(one), JudgedValue::Boolean(other)) => one == other,
        (FieldValue::Float(one), JudgedValue::F64(other)) => one.to_bits() == other.to_bits(),
        (FieldValue::Int(one), JudgedValue::I64(other)) => one == other,
        (FieldValue::String(one), JudgedValue::String(other)) => one == other.as_str(),
        (FieldValue::UInt(one), JudgedValue::U64(other)) => one == other,
        _ => false,
    }
}

/// Texts in names with which the judge is wrong: InfluxDB 1.6.7 reads them as they were meant.
const JUDGE_IS_WRONG: [(&str, &str); 2] =
    [("\t", "takes a tab for the end of the name"), (r"\\", "reads two backslashes as one")];

fn judge_is_wrong(line: &Line<'_>) -> bool {
    let tags = line.tags.iter().flat_map(|(key, value)| [key, value]);
    let fields = line.fields.iter().map(|(key, _)| key);
    let mut names = tags.chain(fields).chain([&line.measurement]);
    names.any(|name| JUDGE_IS_WRONG.iter().any(|(text, _)| name.contains(text)))
}

fn write(line: &Line<'_>) -> Option<String> {
    let mut encoder = LineEncoder::with_options(unsigned());
    encoder.line(line).ok()?;
    Some(String::from_utf8(encoder.take()).unwrap())
}

fn judge(line: &Line<'_>, text: &str) -> bool {
    let judged: Result<Vec<_>, _> = parse_lines(text).collect();
    matches!(judged.as_deref(), Ok([judged]) if same(line, judged))
}

#[test]
fn the_judge_is_still_wrong() {
    for (text, reason) in JUDGE_IS_WRONG {
        let name = format!("a{text}b");
        let line = Line {
            measurement: name.into(),
            tags: Vec::new(),
            fields: vec![("f".into(), true.into())],
            timestamp: None,
        };
        assert!(!judge(&line, &write(&line).unwrap()), "no longer {reason}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_second_judge_reads_the_same_point(line in point()) {
        if let Some(text) = write(&line).filter(|_| !judge_is_wrong(&line)) {
            prop_assert!(judge(&line, &text), "{text:?}");
        }
    }
}
