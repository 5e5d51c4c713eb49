//! Delimiter and length codecs: bytes to frames and back; no I/O.

mod any;
mod codec;
#[cfg(feature = "tokio-util")]
mod compat;
mod delimiter;
mod discard;
mod eof;
mod error;
mod fixed;
mod frame;
#[cfg(feature = "json")]
mod json;
mod length;
#[cfg(any(feature = "encoding", feature = "json"))]
mod message;
mod spec;
#[cfg(feature = "encoding")]
mod text;

pub use any::AnyCodec;
pub use codec::{Decoder, Encoder};
#[cfg(feature = "tokio-util")]
pub use compat::{TokioCodec, TokioCodecError};
pub use delimiter::{Delimiter, DelimiterCodec};
pub use eof::EofCodec;
pub use error::{ConfigError, FrameError};
pub use fixed::FixedCodec;
pub use frame::{Frame, OversizePolicy};
#[cfg(feature = "json")]
pub use json::JsonCodec;
pub use length::{LengthCodec, Prefix};
#[cfg(any(feature = "encoding", feature = "json"))]
pub use message::Message;
pub use spec::{Framing, SpecError, SpecProblem};
#[cfg(feature = "encoding")]
pub use text::TextCodec;

/// The default limit of a frame's payload: 1 MiB.
pub const DEFAULT_MAX_LEN: usize = 1024 * 1024;

/// How far ahead of the arrived bytes a codec takes memory for a frame whose length it knows.
const RESERVE_STEP: usize = 64 * 1024;
