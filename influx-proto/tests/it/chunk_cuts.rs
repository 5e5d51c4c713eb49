//! However the input is cut, the documents are the same.

use std::ops::RangeInclusive;

use influx_proto::Series;
use influx_proto::decode::{ChunkDecoder, DecodeError, DecodeOptions};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::fixtures::chunked_bodies;

/// Everything a decoder hands out, and how it ends.
pub(crate) type Outcome = (Vec<String>, Result<(), DecodeError>);

/// Decodes the pieces, taking all documents after each, and calls once more after the end.
pub(crate) fn decode<'a>(
    mut decoder: ChunkDecoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Outcome {
    let mut documents = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        // An error is final: it is seen again at the end, whatever is pushed until then.
        drain(&mut decoder, &mut documents).ok();
    }
    decoder.finish();
    let end = drain(&mut decoder, &mut documents);
    decoder.push(b"{}");
    assert_eq!(drain(&mut decoder, &mut documents), end, "the end is final");
    (documents, end)
}

fn drain(decoder: &mut ChunkDecoder, documents: &mut Vec<String>) -> Result<(), DecodeError> {
    while let Some(document) = decoder.next_document()? {
        documents.push(String::from_utf8_lossy(document).into_owned());
    }
    Ok(())
}

fn whole(body: &[u8]) -> Outcome {
    decode(ChunkDecoder::new(), [body])
}

/// Decodes the body in two pieces, cut at each of the positions.
fn check_cuts(name: &str, body: &[u8], cuts: RangeInclusive<usize>) {
    let expected = whole(body);
    for cut in cuts {
        let (head, tail) = body.split_at(cut);
        assert!(decode(ChunkDecoder::new(), [head, tail]) == expected, "{name} cut at {cut}");
    }
}

/// A cut can only matter to the document it is in and to the next one, so that a long body is cut
/// document by document: each with the beginning of the next.
#[test]
fn every_cut_of_every_recorded_body() {
    const NEXT: usize = 32;
    let bodies = chunked_bodies();
    assert!(bodies.len() > 20, "the recording is complete");
    for (name, body) in bodies {
        let (documents, end) = whole(body.as_bytes());
        let text = end.err().map(|error| error.to_string()).unwrap_or_default();
        for (position, document) in documents.iter().enumerate() {
            let next = documents.get(position + 1).unwrap_or(&text);
            let next: String = next.chars().take(NEXT).collect();
            let body = format!("{document}{next}");
            check_cuts(&name, body.as_bytes(), 0..=body.len());
        }
    }
}

#[test]
fn every_recorded_body_in_small_pieces() {
    for (name, body) in chunked_bodies() {
        let expected = whole(body.as_bytes());
        for size in [1, 2, 7, 61, 4096] {
            let found = decode(ChunkDecoder::new(), body.as_bytes().chunks(size));
            assert_eq!(found, expected, "{name} in pieces of {size}");
        }
    }
}

#[test]
fn every_pair_of_cuts_of_short_bodies() {
    let recorded = chunked_bodies().into_iter().map(|(_, body)| body);
    let bodies = recorded.filter(|body| body.len() < 200).chain(
        [
            r#"[{"a":"\"}"},[1.5e-3, true],-0] {"b":[]}[] "x" is text"#,
            "1.5e3 -0.1 truefalse\"a\\\\\"null 1",
            "[1, 2, what follows is more than sixty-four bytes of text, all of it in one array",
            r#"{"a":1}{"a":[1}]"#,
            "[tru]",
            r#"[{"a":1} "#,
        ]
        .map(str::to_owned),
    );
    for body in bodies {
        let expected = whole(body.as_bytes());
        for first in 0..=body.len() {
            for second in first..=body.len() {
                let (head, tail) = body.as_bytes().split_at(second);
                let (head, middle) = head.split_at(first);
                let found = decode(ChunkDecoder::new(), [head, middle, tail]);
                assert_eq!(found, expected, "{body} cut at {first} and {second}");
            }
        }
    }
}

#[test]
fn the_recorded_documents_are_series() {
    for (name, body) in chunked_bodies() {
        let mut decoder = ChunkDecoder::new();
        decoder.push(body.as_bytes());
        decoder.finish();
        while let Some(series) = decoder.next_value::<Series>().unwrap() {
            assert_eq!(series.columns()[0], "time", "{name}");
            assert!(!series.is_empty(), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn any_cuts_of_any_bytes(pieces in vec(vec(any::<u8>(), 0..20), 0..20)) {
        let found = decode(ChunkDecoder::new(), pieces.iter().map(Vec::as_slice));
        prop_assert_eq!(found, whole(&pieces.concat()));
    }

    #[test]
    fn any_cuts_of_any_tokens(
        pieces in vec("([\\[\\]{}\",: ]|\\\\|-|[0-9]|\\.|e|true|null|a|\u{e9}){0,12}", 0..12),
        (depth, length) in (0_usize..5, 0_usize..40),
    ) {
        let mut options = DecodeOptions::default();
        (options.max_depth, options.max_document) = (depth, length);
        let decoder = ChunkDecoder::with_options(options);
        let whole = decode(decoder.clone(), [pieces.concat().as_bytes()]);
        prop_assert_eq!(decode(decoder, pieces.iter().map(String::as_bytes)), whole);
    }

    #[test]
    fn any_cuts_of_any_values(
        pieces in vec("([\\[\\]{}\":, \n]|1|-|\\.|e|true|a|\u{e9}){0,12}", 0..12),
    ) {
        let values = |pieces: &[String]| {
            let mut decoder = ChunkDecoder::new();
            let mut found = Vec::new();
            for piece in pieces {
                decoder.push(piece.as_bytes());
                while let Ok(Some(value)) = decoder.next_value::<serde_json::Value>() {
                    found.push(value);
                }
            }
            decoder.finish();
            loop {
                match decoder.next_value() {
                    Ok(Some(value)) => found.push(value),
                    end => return (found, end),
                }
            }
        };
        prop_assert_eq!(values(&pieces), values(&[pieces.concat()]));
    }
}
