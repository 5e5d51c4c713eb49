//! Bytes to frames and back: delimiters, lengths, start and end bytes, byte stuffing, and JSON
//! messages over any of them.
//!
//! influx-framing does no I/O, reads no clock and spawns nothing: the caller reads bytes into a
//! [`BytesMut`](bytes::BytesMut) and takes frames out. It is *not* for the meaning of frames, nor
//! for the compression or encryption of streams.
//!
//! ```
//! use bytes::BytesMut;
//! use influx_framing::{AnyCodec, Decoder, Encoder, Frame};
//!
//! // A codec from a configuration file: `{...}` 0x17 `{...}` 0x17, at most 64 KiB each.
//! let mut codec: AnyCodec = "delim:0x17,max=64KiB,over=skip".parse()?;
//!
//! let mut out = BytesMut::new();
//! codec.encode(r#"{"a": 1}"#, &mut out)?;
//! assert_eq!(out, b"{\"a\": 1}\x17"[..]);
//!
//! let mut input = BytesMut::new();
//! let mut frames = Vec::new();
//! for read in [&b"{\"a\""[..], b": 1}\x17{}", b"\x17"] {
//!     input.extend_from_slice(read);
//!     while let Some(frame) = codec.decode(&mut input)? {
//!         frames.push(frame);
//!     }
//! }
//! assert_eq!(codec.decode_eof(&mut input)?, None, "no frame was cut off");
//! assert_eq!(frames, [Frame::Complete(r#"{"a": 1}"#.into()), Frame::Complete("{}".into())]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Codecs
//!
//! | codec | a frame | as text |
//! |---|---|---|
//! | [`DelimiterCodec`] | ends with a delimiter of 1 to 64 bytes | `delim:0x0d0a`, `line`, `nul`, `crlf`, `gelf` |
//! | [`LengthCodec`]`<`[`Prefix`]`>` | begins with its length, fixed width or LEB128 | `len:u32be`, `varint`, `protobuf` |
//! | [`LengthCodec`]`<`[`Decimal`]`>` | begins with its length in digits | `octet-count`, `netstring` |
//! | [`LengthCodec`]`<`[`Header`]`>` | has its length behind a header, which it keeps | `len:u32be,at=1`, `grpc`, `postgres`, `mqtt`, `modbus` |
//! | [`EnvelopeCodec`] | is a line with LF or CR LF, stands between a start and an end, or is stuffed | `eol`, `ndjson`, `stx`, `mllp`, `json-seq`, `slip`, `cobs` |
//! | [`FixedCodec`] | has one size | `fixed:16` |
//! | [`EofCodec`] | is the whole connection | `eof` |
//! | [`AnyCodec`] | one of the above, chosen at run time | any of the above, and options |
//! | `JsonCodec<T, C>` | is a JSON message of type `T`, framed by the codec `C` | |
//! | `TextCodec<C>` | is text in another encoding than UTF-8, framed by the codec `C` | |
//!
//! A codec's limits are its public fields: `codec.max_len = 64 * 1024`.
//!
//! # Limits
//!
//! | limit | default | beyond it |
//! |---|---|---|
//! | `max_len`: bytes of a frame, without delimiter or prefix | [`DEFAULT_MAX_LEN`], 1 MiB | [`FrameError::TooLarge`], or as [`OversizePolicy`] says |
//! | bytes of memory taken ahead of the arrived bytes | 64 KiB | memory grows as bytes arrive |
//! | bytes of an unfinished frame on the wire, in an envelope | `max_len` and its overhead: 1 to 64 bytes, COBS 1 in 254, SLIP as many again | as above |
//! | bytes of a delimiter, or of a start | 64 | [`InvalidCodec`] |
//! | digits of a decimal length | 20 | [`FrameError::InvalidLength`] |
//! | bytes of a header | 255 | a text above it does not parse |
//! | levels of nested JSON | 127 | `Message::Bad` |
//!
//! # Behaviour
//!
//! - **Cuts do not matter.** The result is the same for any cuts of the input into reads, and the
//!   work is linear in the input: a codec remembers the place up to which it has searched.
//! - **One bad frame does not end the stream.** A frame that was too long and skipped, or is not a
//!   valid message, is an item; the next frame is decoded as ever. So are bytes that break the
//!   rules of an envelope: [`Frame::Malformed`].
//! - **An error ends the stream.** A codec that returned one returns it again on every further
//!   call. Input that ends inside a frame is [`FrameError::Truncated`], never a short frame, unless
//!   `take_last` says that the end of the input is a delimiter, too.
//! - **Encoders refuse frames that would not arrive.** A frame that contains its delimiter, is
//!   above the limit or does not fit its prefix is an error, and nothing of it is written.
//! - **Frames are not copied.** They are slices of the input buffer. Where frames are small,
//!   [`Decoder::decode_each`] lends them instead, which saves the reference counting.
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | adds |
//! |---|---|
//! | `encoding` | `TextCodec`: text in other encodings than UTF-8, by `encoding_rs` |
//! | `json` | `JsonCodec`: typed JSON messages, by serde and `serde_json` |
//! | `tokio-util` | `TokioCodec`: these codecs where `tokio_util::codec` is expected |

mod any;
mod buffer;
mod codec;
mod delimiter;
mod envelope;
mod eof;
mod error;
mod fixed;
mod frame;
#[cfg(feature = "json")]
mod json;
mod length;
#[cfg(any(feature = "encoding", feature = "json"))]
mod message;
#[cfg(feature = "encoding")]
mod text;
#[cfg(feature = "tokio-util")]
mod tokio;

pub use any::{AnyCodec, ParseCodecError, ParseProblem};
pub use codec::{Decoder, Encoder};
pub use delimiter::{Delimiter, DelimiterCodec};
pub use envelope::{Envelope, EnvelopeCodec};
pub use eof::EofCodec;
pub use error::{Cause, FrameError, InvalidCodec};
pub use fixed::FixedCodec;
pub use frame::{Frame, OversizePolicy};
#[cfg(feature = "json")]
pub use json::JsonCodec;
pub use length::{Decimal, Header, LengthCodec, LengthField, NotALength, Prefix};
#[cfg(any(feature = "encoding", feature = "json"))]
pub use message::Message;
#[cfg(feature = "encoding")]
pub use text::TextCodec;
#[cfg(feature = "tokio-util")]
pub use tokio::TokioCodec;

/// The default limit of a frame, without its delimiter or prefix: 1 MiB.
pub const DEFAULT_MAX_LEN: usize = 1024 * 1024;
