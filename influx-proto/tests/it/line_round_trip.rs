//! Written points read back exactly, and points that were read can be written again.

use influx_proto::encode::{EncodeOptions, NonFinite, PointProblem};
use influx_proto::line::{FieldValue, Line, LineEncoder, lines};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::line_points::{name, point, unsigned};

/// `==`, but every bit of a float counts.
fn same(one: &Line<'_>, other: &Line<'_>) -> bool {
    let bits = |line: &Line<'_>| -> Vec<Option<u64>> {
        let bits = line.fields.iter().map(|(_, value)| match value {
            FieldValue::Float(value) => Some(value.to_bits()),
            _ => None,
        });
        bits.collect()
    };
    one == other && bits(one) == bits(other)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn written_points_read_back_exactly(points in vec(point(), 0..6)) {
        let mut encoder = LineEncoder::with_options(unsigned());
        let mut written = Vec::new();
        // Twice, since a point with the names of the one before takes a shortcut.
        for point in points.iter().flat_map(|point| [point, point]) {
            let before = encoder.as_bytes().to_vec();
            match encoder.line(point) {
                Ok(()) => written.push(point),
                Err(error) => {
                    prop_assert_eq!(error.point, written.len());
                    prop_assert_eq!(encoder.as_bytes(), &*before);
                }
            }
        }
        prop_assert_eq!(encoder.points(), written.len());
        let read: Vec<_> = lines(encoder.as_bytes()).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(read.len(), written.len());
        for (read, written) in read.iter().zip(written) {
            prop_assert!(same(read, written), "{read:?} is not {written:?}");
        }
    }

    #[test]
    fn a_point_with_one_name_is_one_line(name in name()) {
        let mut encoder = LineEncoder::new();
        let _ = encoder.point(&name).and_then(|point| point.field("f", 1)?.untimed());
        let _ = encoder.point("m").and_then(|point| point.tag(&name, "v")?.field("f", 1)?.untimed());
        let _ = encoder.point("m").and_then(|point| point.tag("t", &name)?.field("f", 1)?.untimed());
        let _ = encoder.point("m").and_then(|point| point.field(&name, 1)?.untimed());
        let text = std::str::from_utf8(encoder.as_bytes()).unwrap();
        prop_assert_eq!(text.lines().count(), encoder.points());
        for line in lines(text) {
            let line = line.unwrap();
            let names = [&line.measurement, &line.fields[0].0];
            let mut names = names.into_iter().chain(line.tags.iter().flat_map(|(k, v)| [k, v]));
            prop_assert!(names.any(|read| **read == name), "{line:?}");
        }
    }

    #[test]
    fn omitted_fields_leave_the_others(
        values in vec(prop_oneof![any::<u64>().prop_map(f64::from_bits), Just(f64::NAN)], 1..20),
    ) {
        let mut options = EncodeOptions::default();
        options.non_finite = NonFinite::Omit;
        let mut encoder = LineEncoder::with_options(options);
        let names: Vec<_> = (0..values.len()).map(|index| format!("f{index}")).collect();
        let fields = names.iter().map(String::as_str).zip(values.iter().copied());
        let result = encoder.point("m").unwrap().fields(fields).unwrap().untimed();
        let finite = values.iter().filter(|value| value.is_finite()).count();
        if finite == 0 {
            prop_assert_eq!(result.unwrap_err().problem, PointProblem::NoFields);
        } else {
            let read = lines(encoder.as_bytes()).next().unwrap().unwrap();
            prop_assert_eq!(read.fields.len(), finite);
        }
    }

    #[test]
    fn whatever_reads_can_be_written_again(
        input in "([a-c]|[ab1tf\\\\, =\"#\t\n\r]|m,t=|v=1i| v=\"| 1\n){0,20}",
    ) {
        check_input(input.as_bytes())?;
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(input in vec(any::<u8>(), 0..60)) {
        check_input(&input)?;
    }
}

fn check_input(input: &[u8]) -> Result<(), TestCaseError> {
    let input_lines: Vec<_> = input.split(|&byte| byte == b'\n').collect();
    for line in lines(input) {
        match line {
            Ok(line) => {
                let mut encoder = LineEncoder::with_options(unsigned());
                encoder.line(&line).unwrap();
                let again = lines(encoder.as_bytes()).next().unwrap().unwrap();
                prop_assert!(same(&again, &line), "{again:?} is not {line:?}");
            }
            Err(error) => {
                prop_assert!((1..=input_lines.len()).contains(&error.line), "{error}");
                let line = input_lines[error.line - 1];
                prop_assert!((1..=line.len() + 1).contains(&error.column), "{error}");
            }
        }
    }
    Ok(())
}
