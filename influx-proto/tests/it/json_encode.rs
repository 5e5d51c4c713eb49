//! Encoded series are decoded to the same, bit by bit.

use influx_proto::decode::ChunkDecoder;
use influx_proto::encode::{EncodeOptions, NonFinite, PointPart, PointProblem};
use influx_proto::{EncodeError, Format, Series, Value};
use proptest::collection::{hash_set, vec};
use proptest::prelude::*;

/// The only body, or nothing without points.
fn encode(series: &[Series], non_finite: NonFinite) -> Result<String, EncodeError> {
    let mut options = EncodeOptions::default();
    options.non_finite = non_finite;
    let bodies = encode_within(series, &options)?;
    assert!(bodies.len() <= 1);
    Ok(bodies.concat())
}

fn encode_within(series: &[Series], options: &EncodeOptions) -> Result<Vec<String>, EncodeError> {
    let bodies = Format::SeriesJson.encode(series, options, None)?;
    Ok(bodies.into_iter().map(|body| String::from_utf8(body.bytes.to_vec()).unwrap()).collect())
}

fn decode(body: &[u8]) -> Vec<Series> {
    let mut decoder = ChunkDecoder::new();
    decoder.push(body);
    decoder.finish();
    let mut series = Vec::new();
    while let Some(next) = decoder.next_value().unwrap() {
        series.push(next);
    }
    series
}

fn series(name: &str, columns: &[&str], points: &[&[Value]]) -> Series {
    let mut series = Series::new(name, columns.iter().copied()).unwrap();
    for point in points {
        series.push(point.iter().cloned()).unwrap();
    }
    series
}

/// Equality that tells `-0.0` from `0.0`.
fn assert_same(found: &Series, expected: &Series) {
    assert_eq!(format!("{found:?}"), format!("{expected:?}"));
}

#[test]
fn golden_bodies() {
    let full = series(
        "c\"p\\u\n",
        &["at", "ż", "v"],
        &[
            &[1_400_000_000.into(), "}{".into(), 1.0.into()],
            &[u64::MAX.into(), Value::Null, true.into()],
        ],
    );
    let empty = series("empty", &["a"], &[]);
    let other = series("b", &["v"], &[&[1.into()]]);
    let full_text = concat!(
        r#"[{"name":"c\"p\\u\n","columns":["at","ż","v"],"#,
        r#""points":[[1400000000,"}{",1.0],[18446744073709551615,null,true]]}"#,
    );
    for (input, expected) in [
        (vec![], String::new()),
        (vec![empty.clone()], String::new()),
        (vec![empty, full.clone()], format!("{full_text}]")),
        (
            vec![full, other],
            format!(r#"{full_text},{{"name":"b","columns":["v"],"points":[[1]]}}]"#),
        ),
    ] {
        assert_eq!(encode(&input, NonFinite::Refuse).unwrap(), expected);
        let points = input.into_iter().filter(|series| !series.is_empty());
        assert_eq!(decode(expected.as_bytes()), points.collect::<Vec<_>>());
    }
}

#[test]
fn what_cannot_be_written_is_named() {
    let nan = series("cpu", &["a", "b"], &[&[1.into(), 2.into()], &[3.into(), f64::NAN.into()]]);
    let unnamed = series("", &["a"], &[&[1.into()]]);
    let reply = |text: &str| decode(text.as_bytes()).remove(0);
    for (series, point, part, value, problem) in [
        (nan.clone(), 1, PointPart::FieldValue, "NaN", PointProblem::NonFinite),
        (unnamed, 0, PointPart::Measurement, "", PointProblem::Empty),
        (
            reply(r#"{"name":"x","columns":["a","a"],"points":[[1,2]]}"#),
            0,
            PointPart::Column,
            "a",
            PointProblem::Duplicate,
        ),
        (reply(r#"{"name":"x"}"#), 0, PointPart::Point, "", PointProblem::NoFields),
    ] {
        let error = encode(&[series], NonFinite::Refuse).unwrap_err();
        let found = (error.point, error.part, error.value.as_str(), &error.problem);
        assert_eq!(found, (point, part, value, &problem), "{error}");
    }
    assert_eq!(
        encode(std::slice::from_ref(&nan), NonFinite::Refuse).unwrap_err().to_string(),
        "point 1 of \"cpu\": field value of \"b\" \"NaN\" is not finite; \
         leave it out or choose `NonFinite::Omit`"
    );
    assert!(encode(&[nan], NonFinite::Omit).unwrap().ends_with("[[1,2],[3,null]]}]"));
}

#[test]
fn bodies_are_filled_up_to_the_limit() {
    let input = [
        series("a", &["v"], &[&[1.into()], &[2.into()], &[3.into()]]),
        series("empty", &["v"], &[]),
        series("b", &["v"], &[&[4.into()]]),
    ];
    let split = |max_bytes, max_points| {
        let mut options = EncodeOptions::default();
        (options.max_bytes, options.max_points) = (max_bytes, max_points);
        encode_within(&input, &options)
    };
    let one = r#"[{"name":"a","columns":["v"],"points":[[1]]}]"#;
    let two = r#"[{"name":"a","columns":["v"],"points":[[1],[2]]}]"#;
    let three = r#"[{"name":"a","columns":["v"],"points":[[3]]}]"#;
    let four = r#"[{"name":"b","columns":["v"],"points":[[4]]}]"#;
    let any = usize::MAX;
    assert_eq!(split(two.len(), any).unwrap(), [two, three, four]);
    assert_eq!(split(two.len() - 1, any).unwrap().len(), 4);
    assert_eq!(split(one.len(), any).unwrap().len(), 4);
    assert_eq!(split(any, 1).unwrap().len(), 4);
    assert_eq!(split(any, 0).unwrap().len(), 4);
    let three_and_four = three.trim_end_matches(']').to_owned() + "," + &four[1..];
    assert_eq!(split(any, 2).unwrap(), [two, &three_and_four]);
    let error = split(one.len() - 1, any).unwrap_err();
    let problem = PointProblem::TooLarge { what: "the body of a write", limit: one.len() - 1 };
    assert_eq!((error.point, error.series.as_str(), error.problem), (0, "a", problem));
    let all = concat!(
        r#"[{"name":"a","columns":["v"],"points":[[1],[2],[3]]},"#,
        r#"{"name":"b","columns":["v"],"points":[[4]]}]"#,
    );
    assert_eq!(split(all.len(), any).unwrap(), [all]);
    assert_eq!(split(all.len() - 1, any).unwrap().len(), 2);
}

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
}

fn any_series() -> impl Strategy<Value = Series> {
    let columns = hash_set(any::<String>(), 1..6);
    (".{1,8}", columns).prop_flat_map(|(name, columns)| {
        let width = columns.len();
        vec(vec(any_value(), width), 0..6).prop_map(move |points| {
            let mut series = Series::new(name.clone(), columns.clone()).unwrap();
            for point in points {
                series.push(point).unwrap();
            }
            series
        })
    })
}

/// The series with points, those of one shape together.
fn grouped(all: &[Series]) -> Vec<Series> {
    let mut groups: Vec<Series> = Vec::new();
    for series in all.iter().filter(|series| !series.is_empty()) {
        let same = |group: &&mut Series| {
            group.name() == series.name() && group.columns() == series.columns()
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.append(series.clone()).unwrap(),
            None => groups.push(series.clone()),
        }
    }
    groups
}

proptest! {
    #[test]
    fn series_come_back(input in vec(any_series(), 0..4)) {
        let decoded = decode(encode(&input, NonFinite::Refuse).unwrap().as_bytes());
        let expected = grouped(&input);
        prop_assert_eq!(decoded.len(), expected.len());
        for (found, expected) in decoded.iter().zip(&expected) {
            assert_same(found, expected);
        }
    }

    #[test]
    fn split_series_come_back(input in vec(any_series(), 0..4), limit in 500_usize..4000) {
        let mut options = EncodeOptions::default();
        options.max_bytes = limit;
        if let Ok(bodies) = encode_within(&input, &options) {
            prop_assert!(bodies.iter().all(|body| body.len() <= limit));
            let decoded: Vec<_> = bodies.iter().flat_map(|body| decode(body.as_bytes())).collect();
            let (decoded, expected) = (grouped(&decoded), grouped(&input));
            prop_assert_eq!(format!("{decoded:?}"), format!("{expected:?}"));
        }
    }

    #[test]
    fn every_finite_float_comes_back_as_a_float(bits: u64) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        let input = [series("x", &["v"], &[&[value.into()]])];
        let decoded = decode(encode(&input, NonFinite::Refuse).unwrap().as_bytes());
        let Some([Value::Float(found)]) = decoded[0].points().next() else {
            panic!("{decoded:?}");
        };
        prop_assert_eq!(found.to_bits(), bits);
    }
}
