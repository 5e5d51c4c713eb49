//! Limits that a peer cannot make the decoder pass.

use std::thread;

use influx_proto::decode::{ChunkDecoder, DecodeError, DecodeOptions};

use crate::chunk_cuts::decode;

fn with_max_document(bytes: usize) -> ChunkDecoder {
    let mut options = DecodeOptions::default();
    options.max_document = bytes;
    ChunkDecoder::with_options(options)
}

fn with_max_depth(levels: usize) -> ChunkDecoder {
    let mut options = DecodeOptions::default();
    options.max_depth = levels;
    ChunkDecoder::with_options(options)
}

fn too_long(limit: usize, offset: u64) -> DecodeError {
    DecodeError::TooLarge { what: "max_document", limit, offset }
}

#[test]
fn a_document_of_exactly_the_limit_is_taken() {
    for document in [r#"{"a":"bcd"}"#, r#""abcdefghi""#, "12345678901", "-1.2345e+67"] {
        let length = document.len();
        for input in [document.to_owned(), format!("{document} "), format!("[{document}]")] {
            for size in [1, 100] {
                let pieces = || input.as_bytes().chunks(size);
                for limit in [length, length + 1] {
                    let (documents, end) = decode(with_max_document(limit), pieces());
                    assert_eq!(documents, [document], "{input} within {limit}");
                    assert_eq!(end, Ok(()), "{input} within {limit}");
                }
                let limit = length - 1;
                let (documents, end) = decode(with_max_document(limit), pieces());
                assert_eq!(documents, [""; 0], "{input} within {limit}");
                let offset = u64::from(input.starts_with('['));
                assert_eq!(end, Err(too_long(limit, offset)), "{input}");
            }
        }
    }
}

#[test]
fn blanks_and_other_documents_do_not_count() {
    let input = format!("{}{{}}{}[{}]", " ".repeat(100), "\n".repeat(100), "{},".repeat(99) + "{}");
    let (documents, end) = decode(with_max_document(2), [input.as_bytes()]);
    assert_eq!((documents.len(), end), (101, Ok(())));
}

#[test]
fn buffering_is_bounded_byte_by_byte() {
    const LENGTH: usize = 1 << 20;
    let document = format!(r#"{{"a":"{}"}}"#, "x".repeat(LENGTH - 8));
    assert_eq!(document.len(), LENGTH);
    for (limit, taken) in [(LENGTH, true), (LENGTH - 1, false)] {
        let mut decoder = with_max_document(limit);
        let mut last = Ok(false);
        for byte in document.bytes() {
            decoder.push(&[byte]);
            assert!(decoder.buffered() <= limit + 1);
            last = decoder.next_document().map(|document| document.is_some());
        }
        let expected = if taken { Ok(true) } else { Err(too_long(limit, 0)) };
        assert_eq!(last, expected);
    }
}

#[test]
fn text_is_cut_at_eight_kibibytes() {
    for size in [1, 1000, 100_000] {
        let mut decoder = ChunkDecoder::new();
        decoder.push(b"{}");
        for piece in "x".repeat(20_000).as_bytes().chunks(size) {
            decoder.push(piece);
            while let Ok(Some(_)) = decoder.next_document() {}
            assert!(decoder.buffered() <= (8 << 10) + size);
        }
        decoder.finish();
        assert_eq!(decoder.next_document(), Err(DecodeError::Trailer("x".repeat(8 << 10))));
    }
}

#[test]
fn nesting_of_exactly_the_limit_is_taken() {
    for (max_depth, limit) in [(1, 1), (2, 2), (64, 64), (127, 127), (1000, 127)] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth| format!("[{}0{}]", open.repeat(depth), close.repeat(depth));
            let mut decoder = with_max_depth(max_depth);
            decoder.push(nested(limit).as_bytes());
            let value = decoder.next_value::<serde_json::Value>();
            assert!(matches!(value, Ok(Some(_))), "{limit} levels: {value:?}");

            let (documents, end) =
                decode(with_max_depth(max_depth), [nested(limit + 1).as_bytes()]);
            assert_eq!(documents, [""; 0]);
            let offset = 1 + (open.len() * limit) as u64;
            assert_eq!(end, Err(DecodeError::TooLarge { what: "max_depth", limit, offset }));
        }
    }
}

#[test]
fn deep_nesting_needs_no_stack() {
    let decoder = thread::Builder::new().stack_size(256 << 10).spawn(|| {
        let input = "[".repeat(1_000_000);
        decode(ChunkDecoder::new(), input.as_bytes().chunks(4096))
    });
    let (documents, end) = decoder.unwrap().join().unwrap();
    assert!(documents.is_empty());
    // The first bracket opens the array whose elements are the documents.
    assert_eq!(end, Err(DecodeError::TooLarge { what: "max_depth", limit: 64, offset: 65 }));
}
