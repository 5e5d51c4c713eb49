//! `ChunkDecoder`: any bytes, any cuts, any limits.

use arbitrary::Unstructured;
use influx_proto::decode::{ChunkDecoder, DecodeError, DecodeOptions};
use serde_json::Value;

use crate::cuts::pieces;
use crate::drive::{Outcome, drive};

/// A way to cut, options, then JSON.
///
/// Cuts do not change the result, an error is final, the buffer keeps to the limit,
/// and a stream of values that `serde_json` reads gives the same values.
pub fn chunked_json(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let way = input.arbitrary().unwrap_or_default();
    let options = options(input.arbitrary().unwrap_or_default());
    let json = input.take_rest();

    let expected = documents([json], options);
    // A short input is enough to show a fault of single bytes, and a long one takes long.
    if json.len() <= 256 {
        assert_eq!(documents(pieces(1, json), options), expected, "byte by byte");
    }
    assert_eq!(documents(pieces(way, json), options), expected, "cut in way {way}");

    let read = values([json], options);
    assert_eq!(values(pieces(way, json), options), read, "values, cut in way {way}");
    check_values(&expected, &read);
    if options == lax() {
        check_against_serde(json, &read);
    }
}

fn lax() -> DecodeOptions {
    let mut options = DecodeOptions::default();
    options.max_depth = 127;
    options
}

/// 0 for lax options, else small ones, which short inputs can exceed.
fn options(choice: u8) -> DecodeOptions {
    let mut options = lax();
    let choice = usize::from(choice);
    if choice > 0 {
        (options.max_depth, options.max_document) = (choice % 8, choice / 4);
    }
    options
}

fn documents<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    options: DecodeOptions,
) -> Outcome<Vec<u8>> {
    decode(pieces, options, |decoder| Ok(decoder.next_document()?.map(<[u8]>::to_vec)))
}

fn values<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    options: DecodeOptions,
) -> Outcome<Value> {
    decode(pieces, options, |decoder| decoder.next_value())
}

fn decode<'a, T>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    options: DecodeOptions,
    next: impl FnMut(&mut ChunkDecoder) -> Result<Option<T>, DecodeError>,
) -> Outcome<T> {
    // Inside an array, enough is kept to show it.
    let most = options.max_document.max(64);
    drive(ChunkDecoder::with_options(options), pieces, most, next)
}

/// The values are those of the documents, up to the first that is not JSON.
fn check_values((documents, end): &Outcome<Vec<u8>>, (values, values_end): &Outcome<Value>) {
    for (document, value) in documents.iter().zip(values) {
        assert_eq!(serde_json::from_slice::<Value>(document).ok().as_ref(), Some(value));
    }
    match documents.get(values.len()) {
        None => assert_eq!(values_end, end),
        Some(document) => {
            assert!(serde_json::from_slice::<Value>(document).is_err(), "a value was lost");
            assert!(matches!(values_end, Err(DecodeError::Json { .. })), "{values_end:?}");
        }
    }
}

fn check_against_serde(json: &[u8], (values, end): &Outcome<Value>) {
    let stream: Result<Vec<Value>, _> =
        serde_json::Deserializer::from_slice(json).into_iter().collect();
    let Ok(stream) = stream else {
        // Bare scalars need no space between them here, but the brackets of both agree.
        let structured = matches!(json.trim_ascii_start().first(), Some(b'{' | b'['));
        assert!(end.is_err() || !structured, "only `serde_json` refused it");
        return;
    };
    let mut expected = Vec::new();
    let mut structured = false;
    for value in stream {
        match value {
            Value::Array(elements) => expected.extend(elements),
            Value::Object(_) => expected.push(value),
            // Behind an object or array this is the text of an error.
            _ if structured => {
                assert_eq!(values, &expected);
                assert!(matches!(end, Err(DecodeError::Trailer(_))), "{end:?}");
                return;
            }
            scalar => {
                expected.push(scalar);
                continue;
            }
        }
        structured = true;
    }
    assert_eq!((values, end), (&expected, &Ok(())));
}
