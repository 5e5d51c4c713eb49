//! What is encoded is decoded to the same, bit by bit.

use std::slice;

use influx_proto::decode::ChunkDecoder;
use influx_proto::json::{NonFinite, encode_series, encode_split};
use influx_proto::{EncodeError, Series, SeriesError, Value};
use proptest::collection::{hash_set, vec};
use proptest::prelude::*;

fn encode(series: &[Series], non_finite: NonFinite) -> Result<String, EncodeError> {
    let mut out = b"before".to_vec();
    let result = encode_series(series, non_finite, &mut out);
    let text = String::from_utf8(out).unwrap();
    let body = text.strip_prefix("before").unwrap();
    if result.is_err() {
        assert_eq!(body, "", "nothing is left behind");
    }
    result.map(|()| body.to_owned())
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
        &["time", "ż", "v"],
        &[
            &[1_400_000_000.into(), "}{".into(), 1.0.into()],
            &[u64::MAX.into(), Value::Null, true.into()],
        ],
    );
    let empty = series("empty", &["a"], &[]);
    for (input, expected) in [
        (vec![], "[]"),
        (vec![empty.clone()], r#"[{"name":"empty","columns":["a"],"points":[]}]"#),
        (
            vec![full, empty],
            concat!(
                r#"[{"name":"c\"p\\u\n","columns":["time","ż","v"],"#,
                r#""points":[[1400000000,"}{",1.0],[18446744073709551615,null,true]]},"#,
                r#"{"name":"empty","columns":["a"],"points":[]}]"#,
            ),
        ),
    ] {
        assert_eq!(encode(&input, NonFinite::Error).unwrap(), expected);
        assert_eq!(decode(expected.as_bytes()), input);
    }
}

#[test]
fn what_cannot_be_written_is_named() {
    let nan = series("cpu", &["a", "b"], &[&[1.into(), 2.into()], &[3.into(), f64::NAN.into()]]);
    let error = encode(slice::from_ref(&nan), NonFinite::Error).unwrap_err();
    let EncodeError::NonFinite { series: name, point, column, value } = &error else {
        panic!("{error}");
    };
    assert_eq!((name.as_str(), *point, column.as_str(), value.is_nan()), ("cpu", 1, "b", true));
    assert!(encode(&[nan], NonFinite::Null).unwrap().ends_with("[[1,2],[3,null]]}]"));

    let good = series("good", &["a"], &[]);
    let unnamed = series("", &["a"], &[]);
    assert_eq!(encode(&[good, unnamed], NonFinite::Error), Err(EncodeError::Unnamed));

    for (reply, expected) in [
        (
            r#"{"name":"x","columns":["a","a"],"points":[[1,2]]}"#,
            SeriesError::DuplicateColumn { series: "x".to_owned(), column: "a".to_owned() },
        ),
        (r#"{"name":"x"}"#, SeriesError::NoColumns { series: "x".to_owned() }),
    ] {
        let error = encode(&decode(reply.as_bytes()), NonFinite::Error).unwrap_err();
        assert_eq!(error, EncodeError::Series(expected));
    }
}

#[test]
fn bodies_are_filled_up_to_the_limit() {
    let input = [
        series("a", &["v"], &[&[1.into()], &[2.into()], &[3.into()]]),
        series("empty", &["v"], &[]),
        series("b", &["v"], &[&[4.into()]]),
    ];
    let split = |limit| {
        let bodies = encode_split(&input, NonFinite::Error, limit)?;
        Ok(bodies.into_iter().map(|body| String::from_utf8(body).unwrap()).collect::<Vec<_>>())
    };
    let one = r#"[{"name":"a","columns":["v"],"points":[[1]]}]"#;
    let two = r#"[{"name":"a","columns":["v"],"points":[[1],[2]]}]"#;
    let three = r#"[{"name":"a","columns":["v"],"points":[[3]]}]"#;
    let four = r#"[{"name":"b","columns":["v"],"points":[[4]]}]"#;
    assert_eq!(split(two.len()), Ok(vec![two.to_owned(), three.to_owned(), four.to_owned()]));
    assert_eq!(split(two.len() - 1).unwrap().len(), 4);
    assert_eq!(split(one.len()).unwrap().len(), 4);
    let limit = one.len() - 1;
    let too_long =
        EncodeError::PointTooLong { series: "a".to_owned(), point: 0, length: one.len(), limit };
    assert_eq!(split(limit), Err(too_long));
    let all = concat!(
        r#"[{"name":"a","columns":["v"],"points":[[1],[2],[3]]},"#,
        r#"{"name":"b","columns":["v"],"points":[[4]]}]"#,
    );
    assert_eq!(split(all.len()), Ok(vec![all.to_owned()]));
    assert_eq!(split(all.len() - 1).unwrap().len(), 2);
    assert_eq!(encode_split([], NonFinite::Error, 10), Ok(vec![]));
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

proptest! {
    #[test]
    fn series_come_back(input in vec(any_series(), 0..4)) {
        let decoded = decode(encode(&input, NonFinite::Error).unwrap().as_bytes());
        prop_assert_eq!(decoded.len(), input.len());
        for (found, expected) in decoded.iter().zip(&input) {
            assert_same(found, expected);
        }
    }

    #[test]
    fn split_series_come_back(input in vec(any_series(), 0..4), limit in 500_usize..4000) {
        if let Ok(bodies) = encode_split(&input, NonFinite::Error, limit) {
            let points = |series: &[Series]| -> Vec<_> {
                let named = series.iter().flat_map(|series| {
                    series.points().map(|point| format!("{} {point:?}", series.name()))
                });
                named.collect()
            };
            prop_assert!(bodies.iter().all(|body| body.len() <= limit));
            let decoded: Vec<_> = bodies.iter().flat_map(|body| decode(body)).collect();
            prop_assert_eq!(points(&decoded), points(&input));
        }
    }

    #[test]
    fn every_finite_float_comes_back_as_a_float(bits: u64) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        let input = [series("x", &["v"], &[&[value.into()]])];
        let decoded = decode(encode(&input, NonFinite::Error).unwrap().as_bytes());
        let Some([Value::Float(found)]) = decoded[0].points().next() else {
            panic!("{decoded:?}");
        };
        prop_assert_eq!(found.to_bits(), bits);
    }
}
