//! Whole series out of an answer: those of the documents, within limits, in the promised shape.

use influx_proto::Series;
use influx_proto::decode::{ChunkDecoder, DecodeError, DecodeOptions, SeriesAssembler, Shape};

use crate::fixtures::chunked_bodies;

/// The series of the pieces, and how they end.
fn assemble<'a>(
    options: DecodeOptions,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Series>, Result<(), DecodeError>) {
    let mut assembler = SeriesAssembler::with_options(options);
    let mut found = Vec::new();
    let mut drain = |assembler: &mut SeriesAssembler| loop {
        match assembler.next_series() {
            Ok(Some(series)) => found.push(series),
            Ok(None) => return Ok(()),
            Err(error) => return Err(error),
        }
    };
    for piece in pieces {
        assembler.push(piece);
        drain(&mut assembler).ok();
    }
    assembler.finish();
    let end = drain(&mut assembler);
    assembler.push(b"{}");
    assert_eq!(drain(&mut assembler), end, "the end is final");
    (found, end)
}

fn series_only() -> DecodeOptions {
    let mut options = DecodeOptions::default();
    options.shape = Shape::Series;
    options
}

#[test]
fn recorded_answers_are_the_series_of_their_documents() {
    let mut series = 0;
    for (id, body) in chunked_bodies() {
        let mut decoder = ChunkDecoder::new();
        decoder.push(body.as_bytes());
        decoder.finish();
        let mut expected = Vec::new();
        let end = loop {
            match decoder.next_value::<Series>() {
                Ok(Some(series)) => expected.push(series),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        for size in [1, 7, 1_000, usize::MAX] {
            let found = assemble(series_only(), body.as_bytes().chunks(size));
            assert!(found == (expected.clone(), end.clone()), "{id} by {size}");
        }
        series += expected.len();
    }
    assert!(series > 100, "{series}");
}

/// The numbers of rows of the series, and the error.
fn check(body: &str, rows: &[usize], error: Option<&str>) {
    for size in [1, 3, usize::MAX] {
        let (found, end) = assemble(series_only(), body.as_bytes().chunks(size));
        let found: Vec<_> = found.iter().map(Series::len).collect();
        let end = end.err().map(|error| error.to_string());
        assert_eq!((&*found, end.as_deref()), (rows, error), "{body} by {size}");
    }
}

#[test]
fn only_series_are_taken() {
    let end = |missing, offset: usize| {
        format!("expected the member `{missing}` of a series at byte {offset}, near \"}}\"")
    };
    for (document, missing) in [
        ("{}", "name"),
        (r#"{"x":1}"#, "name"),
        (r#"{"results":[]}"#, "name"),
        (r#"{"columns":["v"],"points":[]}"#, "name"),
        (r#"{"name":null,"columns":["v"],"points":[]}"#, "name"),
        (r#"{"name":"a"}"#, "columns"),
        (r#"{"name":"a","points":[]}"#, "columns"),
        (r#"{"name":"a","points":[[],[]]}"#, "columns"),
        (r#"{"name":"a","columns":[],"points":[]}"#, "columns"),
        (r#"{"name":"a","columns":null,"points":[]}"#, "columns"),
        (r#"{"name":"a","columns":["v"]}"#, "points"),
        (r#"{"name":"a","columns":["v"],"points":null}"#, "points"),
    ] {
        let good = r#"{"name":"a","columns":["v"],"points":[[1],[2]]}"#;
        check(document, &[], Some(&end(missing, document.len() - 1)));
        let after = format!("[{good},{document}]");
        let offset = good.len() + 2;
        check(&after, &[2], Some(&end(missing, offset + document.len() - 1)));
    }
    check(r#"{"points":[[1]],"columns":["v"],"name":""}"#, &[1], None);
    check(r#"[{"x":{},"name":"a","columns":["v"],"points":[],"y":[]}]"#, &[0], None);
    check(" \n", &[], None);
    check("[]", &[], None);
}

#[test]
fn what_is_whole_comes_before_the_error() {
    let text = |text: &str| {
        Some(format!("text instead of JSON, probably the server's error message: {text:?}"))
    };
    let good = r#"{"name":"a","columns":["v"],"points":[[1],[2]]}"#;
    check(&format!("{good}late"), &[2], text("late").as_deref());
    check(&format!("[{good},{{\"error\":\"late\"}}]"), &[2], text("late").as_deref());
    let member = good.replace('}', r#","error":"late"}"#);
    check(&format!("{good}{member}"), &[2, 2], text("late").as_deref());
    let first = good.replace('{', r#"{"error":"early","#);
    check(&first, &[], text("early").as_deref());
    let cut = &good[..good.len() - 3];
    let bytes = format!("the input ended too early, {} bytes into a document", cut.len());
    check(&format!("{good}{cut}"), &[2], Some(&bytes));
}

/// Limits by `set`; the largest that is too small is one below `least`.
fn check_limit(body: &str, what: &'static str, least: usize, set: fn(&mut DecodeOptions, usize)) {
    let expected = assemble(series_only(), [body.as_bytes()]);
    assert_eq!(expected.1, Ok(()));
    for size in [1, 10, usize::MAX] {
        for (limit, fits) in [(least - 1, false), (least, true), (least + 1, true)] {
            let mut options = series_only();
            set(&mut options, limit);
            let (found, end) = assemble(options, body.as_bytes().chunks(size));
            assert_eq!(found == expected.0, fits, "{body} {limit}");
            match end {
                Ok(()) => assert!(fits, "{body} {limit}"),
                Err(DecodeError::TooLarge { what: found, limit: named, .. }) => {
                    assert_eq!((found, named, fits), (what, limit, false), "{body}");
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn values_and_documents_of_exactly_the_limit_are_taken() {
    let values: fn(&mut DecodeOptions, usize) = |options, limit| options.max_values = limit;
    let document: fn(&mut DecodeOptions, usize) = |options, limit| options.max_document = limit;
    assert_eq!(DecodeOptions::default().max_values, 16_000_000);
    let one = r#"{"name":"a","columns":["v"],"points":[]}"#;
    let wide = r#"{"name":"a","columns":["v","w","x"],"points":[[1,2,3],[4,5,6]]}"#;
    // One for the series, one for each column and each cell.
    check_limit(one, "max_values", 2, values);
    check_limit(&one.repeat(50), "max_values", 100, values);
    check_limit(wide, "max_values", 10, values);
    check_limit(&format!("[{wide},{one}]"), "max_values", 12, values);
    check_limit(wide, "max_document", wide.len(), document);
    check_limit(&format!("{one} {wide}\n{one}"), "max_document", wide.len(), document);
}

#[test]
fn a_caller_that_keeps_nothing_may_go_on() {
    let mut options = series_only();
    options.max_values = 3;
    let mut assembler = SeriesAssembler::with_options(options);
    for _ in 0..100 {
        assembler.push(br#"{"name":"a","columns":["v"],"points":[[1]]}"#);
        assert_eq!(assembler.next_series().unwrap().unwrap().len(), 1);
        assembler.refill();
    }
}
