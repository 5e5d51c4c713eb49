//! Frames that end with a delimiter.

mod search;

use std::fmt;
use std::ops::ControlFlow;

use bytes::{Buf, BytesMut};

use self::search::{Finder, Place};
use crate::discard::Discard;
use crate::error::Poison;
use crate::{ConfigError, DEFAULT_MAX_LEN, Decoder, Encoder, Frame, FrameError, OversizePolicy};

/// The byte string that ends each frame: 1 to 64 bytes.
///
/// A single byte is always valid: `Delimiter::from(0x17)`.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Delimiter(Box<[u8]>);

impl Delimiter {
    /// The longest delimiter, in bytes.
    pub const MAX_LEN: usize = 64;

    /// A delimiter of these bytes, which may overlap themselves, as `ABAB` does.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Delimiter`] unless there are 1 to 64 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, ConfigError> {
        if bytes.is_empty() || bytes.len() > Self::MAX_LEN {
            return Err(ConfigError::Delimiter { len: bytes.len() });
        }
        Ok(Self(bytes.into()))
    }

    /// The delimiter's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<u8> for Delimiter {
    fn from(byte: u8) -> Self {
        Self([byte].into())
    }
}

impl fmt::Debug for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delimiter(b\"{}\")", self.0.escape_ascii())
    }
}

/// Frames that end with a [`Delimiter`].
///
/// ```text
/// two frames, `{}` and an empty one, delimited by 0x17:   7b 7d 17 17
/// ```
///
/// Empty frames are frames. The input must end with a delimiter: what follows the last one is
/// [`FrameError::Truncated`] at the end of the stream, never a frame.
///
/// The limit counts a frame's bytes without the delimiter; it is [`DEFAULT_MAX_LEN`] unless
/// chosen. The input buffer holds at most the limit, one delimiter and what one read appended.
/// Each byte is searched once, whatever the cuts, but for the last few of each read, in which a
/// delimiter may begin.
///
/// ```
/// use bytes::BytesMut;
/// use influx_framing::{Decoder, DelimiterCodec, Encoder, Frame};
///
/// let mut codec = DelimiterCodec::new(0x17);
/// let mut wire = BytesMut::new();
/// codec.encode("{}", &mut wire)?;
/// codec.encode("", &mut wire)?;
/// assert_eq!(wire, b"{}\x17\x17"[..]);
///
/// assert_eq!(codec.decode(&mut wire)?, Some(Frame::Complete("{}".into())));
/// assert_eq!(codec.decode(&mut wire)?, Some(Frame::Complete("".into())));
/// assert_eq!(codec.decode_eof(&mut wire)?, None);
/// # Ok::<(), influx_framing::FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DelimiterCodec {
    finder: Finder,
    place: Place,
    max_len: usize,
    oversize: OversizePolicy,
    discard: Option<Discard>,
    poison: Poison,
}

impl DelimiterCodec {
    /// A codec with the default limit and [`OversizePolicy::Error`].
    pub fn new(delimiter: impl Into<Delimiter>) -> Self {
        Self {
            finder: Finder::new(delimiter.into()),
            place: Place::default(),
            max_len: DEFAULT_MAX_LEN,
            oversize: OversizePolicy::default(),
            discard: None,
            poison: Poison::default(),
        }
    }

    /// Limits a frame, without its delimiter, to so many bytes in both directions.
    #[must_use]
    pub fn with_max_len(mut self, max_len: usize) -> Self {
        self.max_len = max_len;
        self
    }

    /// Chooses what to do with longer frames that arrive.
    #[must_use]
    pub fn with_oversize(mut self, policy: OversizePolicy) -> Self {
        self.oversize = policy;
        self
    }

    /// Lends the leading frames that keep to the limit. Returns whether that is all there is to do,
    /// perhaps since the visitor stopped; else `decode` deals with what follows.
    // Compiled in the caller's crate, as what it calls for each frame.
    fn lend_regular(
        &mut self,
        src: &mut BytesMut,
        visit: &mut impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> bool {
        if self.discard.is_some() || self.poison.check().is_err() {
            return false;
        }
        let delimiter = self.finder.delimiter().len();
        let (mut consumed, mut place) = (0, self.place);
        let done = loop {
            let rest = src.get(consumed..).unwrap_or_default();
            let Some(len) = self.finder.next(&mut place, rest) else {
                break place.scanned <= self.max_len;
            };
            if len > self.max_len {
                place = Place::after(len);
                break false;
            }
            let frame = Frame::Complete(rest.get(..len).unwrap_or_default());
            consumed += len + delimiter;
            if visit(frame).is_break() {
                break true;
            }
        };
        self.place = place;
        src.advance(consumed);
        done
    }
}

impl Decoder for DelimiterCodec {
    type Item = Frame;

    #[inline]
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        self.poison.check()?;
        let delimiter = self.finder.delimiter().len();
        let found = self.finder.next(&mut self.place, src);
        // Without a delimiter, the frame has at least the bytes in which none begins.
        let len = found.unwrap_or(self.place.scanned);
        if self.discard.is_none() && len <= self.max_len {
            return Ok(found.map(|len| {
                let mut frame = src.split_to(len + delimiter);
                frame.truncate(len);
                Frame::Complete(frame.freeze())
            }));
        }
        let mut discard = match self.discard.take() {
            Some(discard) => discard,
            None => {
                Discard::new(self.oversize, self.max_len).or_else(|error| self.poison.set(error))?
            }
        };
        discard.swallow(src, len);
        if found.is_none() {
            self.place.scanned = 0;
            self.discard = Some(discard);
            return Ok(None);
        }
        src.advance(delimiter);
        Ok(Some(discard.into_frame()))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        if let Some(frame) = self.decode(src)? {
            return Ok(Some(frame));
        }
        let bytes = src.len() as u64 + self.discard.as_ref().map_or(0, Discard::seen);
        if bytes == 0 { Ok(None) } else { self.poison.set(FrameError::Truncated { bytes }) }
    }

    fn decode_each(
        &mut self,
        src: &mut BytesMut,
        mut visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        while !self.lend_regular(src, &mut visit) {
            let Some(frame) = self.decode(src)? else { break };
            if visit(frame.borrowed()).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl<B: AsRef<[u8]>> Encoder<B> for DelimiterCodec {
    fn encode(&mut self, frame: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        let frame = frame.as_ref();
        if frame.len() > self.max_len {
            return Err(FrameError::Oversize { limit: self.max_len });
        }
        let start = dst.len();
        dst.reserve(frame.len() + self.finder.delimiter().len());
        dst.extend_from_slice(frame);
        dst.extend_from_slice(self.finder.delimiter());
        // The search covers the seam: `A` before the delimiter `AA` would end one byte early.
        if self.finder.find(dst.get(start..).unwrap_or_default()) != Some(frame.len()) {
            dst.truncate(start);
            return Err(FrameError::Delimiter);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes are searched in an input of `len` bytes without a delimiter, in reads of
    /// `piece` bytes, from where each search begins.
    fn searched(mut codec: DelimiterCodec, lend: bool, len: usize, piece: usize) -> usize {
        let mut src = BytesMut::new();
        let mut searched = 0;
        for _ in 0..len / piece {
            src.extend_from_slice(&vec![b'x'; piece]);
            searched += src.len() - codec.place.scanned;
            if lend {
                codec.decode_each(&mut src, |_| panic!("there is no frame")).unwrap();
            } else {
                assert_eq!(codec.decode(&mut src), Ok(None));
            }
        }
        searched
    }

    #[test]
    fn bytes_are_searched_once_whatever_the_cuts() {
        let len = 1024 * 1000;
        // The last delimiter begins to match at each byte of the input.
        let long = [&[b'x'; 63][..], b"\n"].concat();
        for delimiter in [&b"\n"[..], b"\r\n", b"ABAB", &long] {
            let codec = DelimiterCodec::new(Delimiter::new(delimiter).unwrap());
            let skipping = codec.clone().with_max_len(10).with_oversize(OversizePolicy::Skip);
            for piece in [100, 1000, len] {
                // The end of a read is searched again with the next: a delimiter may begin there.
                let most = len + (delimiter.len() - 1) * (len / piece - 1);
                for lend in [false, true] {
                    assert_eq!(searched(codec.clone(), lend, len, piece), most);
                    assert_eq!(searched(skipping.clone(), lend, len, piece), most);
                }
            }
        }
    }
}
