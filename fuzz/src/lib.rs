//! Promises that hold for any input: each check is a function over bytes that panics if one breaks.
//!
//! The same function serves two programs:
//!
//! - `cargo xtask fuzz` lets libFuzzer search for an input that breaks it. The targets in
//!   `fuzz_targets/` are one line each; they need a nightly compiler.
//! - `cargo xtask fuzz --replay`, a part of CI, calls it with every file in `corpus/` and
//!   `regressions/` on the stable compiler.
//!
//! An input that broke a check is kept in `regressions/`, so that it cannot break it again.

mod chunked_json;
mod codec_roundtrip;
mod cuts;
mod delimiter_codec;
mod drive;
mod dsn;
mod framing;
mod length_codec;
mod lexer;
mod line_encode;
mod line_parse;
mod msgpack_decoder;
mod path_segment;
mod preset_codec;
mod quote;
mod series_decoder;
mod series_rows;

pub use chunked_json::chunked_json;
pub use codec_roundtrip::codec_roundtrip;
pub use delimiter_codec::delimiter_codec;
pub use dsn::dsn;
pub use length_codec::length_codec;
pub use line_encode::line_encode;
pub use line_parse::line_parse;
pub use msgpack_decoder::msgpack_decoder;
pub use path_segment::path_segment;
pub use preset_codec::preset_codec;
pub use quote::quote;
pub use series_decoder::series_decoder;
pub use series_rows::series_rows;

/// A check and its name, which its fuzz target and the folders of its inputs share.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The name.
    pub name: &'static str,
    /// Panics if the promise does not hold for the input.
    pub run: fn(&[u8]),
}

/// Every check, by name.
pub const CHECKS: &[Check] = &[
    Check { name: "chunked_json", run: chunked_json },
    Check { name: "codec_roundtrip", run: codec_roundtrip },
    Check { name: "delimiter_codec", run: delimiter_codec },
    Check { name: "dsn", run: dsn },
    Check { name: "length_codec", run: length_codec },
    Check { name: "line_encode", run: line_encode },
    Check { name: "line_parse", run: line_parse },
    Check { name: "msgpack_decoder", run: msgpack_decoder },
    Check { name: "path_segment", run: path_segment },
    Check { name: "preset_codec", run: preset_codec },
    Check { name: "quote", run: quote },
    Check { name: "series_decoder", run: series_decoder },
    Check { name: "series_rows", run: series_rows },
];
