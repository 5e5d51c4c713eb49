//! Frames that end with a delimiter.

mod search;

use std::fmt;
use std::mem;
use std::ops::ControlFlow;

use bytes::{Buf, BytesMut};

use self::search::Place;
use crate::buffer::Course;
use crate::{DEFAULT_MAX_LEN, Decoder, Encoder, Frame, FrameError, InvalidCodec, OversizePolicy};

/// The byte string that ends each frame: 1 to 64 bytes. `Delimiter::from(0x17)` is one byte.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Delimiter(Box<[u8]>);

impl Delimiter {
    /// The longest delimiter, in bytes.
    pub const MAX_LEN: usize = 64;

    /// A delimiter of these bytes. It may overlap itself, as `ABAB` does.
    ///
    /// # Errors
    ///
    /// [`InvalidCodec::Delimiter`] unless there are 1 to 64 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, InvalidCodec> {
        if bytes.is_empty() || bytes.len() > Self::MAX_LEN {
            return Err(InvalidCodec::Delimiter { len: bytes.len() });
        }
        Ok(Self(bytes.into()))
    }

    /// The delimiter's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether a delimiter ends before the end of `frame` and the delimiter behind it.
    pub(crate) fn ends_early(&self, frame: &[u8]) -> bool {
        match self.as_bytes() {
            [byte] => memchr::memchr(*byte, frame).is_some(),
            delimiter => {
                // As `AA` behind `A`.
                let begins_in_frame = |len| {
                    let (head, tail) = delimiter.split_at(len);
                    frame.ends_with(head) && delimiter.starts_with(tail)
                };
                Place::default().next(frame, delimiter).is_some()
                    || (1..delimiter.len()).any(begins_in_frame)
            }
        }
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
/// Empty frames are frames. The input must end with a delimiter: bytes behind the last one are
/// [`FrameError::Truncated`] at the end of the stream, unless [`take_last`](Self::take_last) is set.
///
/// The input buffer holds at most [`max_len`](Self::max_len), one delimiter and one read.
/// Each call searches the bytes that arrived since the last one, and at most 63 before them.
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
    /// The limit of a frame without its delimiter, in bytes, in both directions.
    /// Default: [`DEFAULT_MAX_LEN`].
    pub max_len: usize,
    /// The treatment of longer frames that arrive. Default: [`OversizePolicy::Error`].
    pub oversize: OversizePolicy,
    /// Whether bytes behind the last delimiter are a frame when the input has ended, instead of
    /// [`FrameError::Truncated`]. The caller then calls `decode_eof` only for an end that the peer
    /// meant. Default: false.
    pub take_last: bool,
    pub(crate) delimiter: Delimiter,
    place: Place,
    /// The length of the last frame, until there is room for another like it.
    last_len: usize,
    pub(crate) course: Course,
}

impl DelimiterCodec {
    /// A codec with the defaults.
    pub fn new(delimiter: impl Into<Delimiter>) -> Self {
        Self {
            delimiter: delimiter.into(),
            place: Place::default(),
            last_len: 0,
            max_len: DEFAULT_MAX_LEN,
            oversize: OversizePolicy::default(),
            take_last: false,
            course: Course::default(),
        }
    }

    /// Whether the first frame, which has not ended, may still be within the limit; makes room for
    /// its rest.
    #[inline]
    fn is_waiting(&mut self, src: &mut BytesMut) -> bool {
        let len = self.place.unended(self.delimiter.as_bytes());
        if len > self.max_len || self.course.is_discarding() {
            return false;
        }
        let last_len = mem::take(&mut self.last_len);
        if last_len > 0 {
            // A short frame gets room for another like the last, so that it need not move when
            // much of it has arrived. Long ones move to the buffer's front, by a wish for a byte
            // more than there is, since the front is what the processor's cache holds.
            let wanted = if last_len < LONG { last_len } else { src.capacity() - src.len() + 1 };
            let _ = src.try_reclaim(wanted);
        }
        true
    }

    /// Handles a frame that exceeds the limit, and has ended if its length is given.
    #[cold]
    fn decode_oversize(
        &mut self,
        src: &mut BytesMut,
        found: Option<usize>,
    ) -> Result<Option<Frame>, FrameError> {
        let delimiter = self.delimiter.as_bytes();
        let len = found.unwrap_or_else(|| self.place.unended(delimiter));
        self.course.discard(self.oversize, self.max_len, 0)?.swallow(src, len);
        self.place.scanned -= len;
        if found.is_none() {
            return Ok(None);
        }
        src.advance(delimiter.len());
        self.place.scanned -= delimiter.len();
        Ok(self.course.discarded())
    }
}

/// From this length in bytes on, copying a frame to the buffer's front costs less than reading
/// it from further behind: measured, as is the loss where frames of 200 bytes are copied.
const LONG: usize = 1024;

impl Decoder for DelimiterCodec {
    type Item = Frame;

    #[expect(clippy::inline_always, reason = "moving a frame costs as much as finding it")]
    #[inline(always)]
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        self.course.check()?;
        let delimiter = self.delimiter.as_bytes();
        let found = self.place.next(src, delimiter);
        if let Some(len) = found
            && len <= self.max_len
            && !self.course.is_discarding()
        {
            let end = len + delimiter.len();
            self.place.scanned -= end;
            self.last_len = len;
            let mut frame = src.split_to(end);
            frame.truncate(len);
            return Ok(Some(Frame::Complete(frame.freeze())));
        }
        if found.is_none() && self.is_waiting(src) {
            return Ok(None);
        }
        self.decode_oversize(src, found)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        match self.decode(src)? {
            None if self.take_last => {
                self.place = Place::default();
                self.course.rest(src, self.oversize, self.max_len)
            }
            None => self.course.end(src.len()),
            frame => Ok(frame),
        }
    }

    fn decode_each(
        &mut self,
        src: &mut BytesMut,
        mut visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        loop {
            self.course.check()?;
            let (mut place, mut consumed, mut oversize) = (self.place, 0, None);
            let lending = place.each(src, self.delimiter.as_bytes(), |frame, end| {
                if frame.len() > self.max_len || self.course.is_discarding() {
                    oversize = Some(frame.len());
                    return ControlFlow::Break(());
                }
                consumed = end;
                self.last_len = frame.len();
                visit(Frame::Complete(frame))
            });
            place.scanned -= consumed;
            self.place = place;
            src.advance(consumed);
            if oversize.is_none() && (lending.is_break() || self.is_waiting(src)) {
                return Ok(());
            }
            let Some(frame) = self.decode_oversize(src, oversize)? else { return Ok(()) };
            if visit(frame.borrowed()).is_break() {
                return Ok(());
            }
        }
    }
}

impl<B: AsRef<[u8]>> Encoder<B> for DelimiterCodec {
    fn encode(&mut self, frame: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        let frame = frame.as_ref();
        FrameError::check_len(frame, self.max_len)?;
        if self.delimiter.ends_early(frame) {
            return Err(FrameError::Delimiter);
        }
        let delimiter = self.delimiter.as_bytes();
        dst.reserve(frame.len() + delimiter.len());
        dst.extend_from_slice(frame);
        dst.extend_from_slice(delimiter);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of bytes that are searched in an input of `len` bytes without a delimiter, in
    /// reads of `piece` bytes.
    fn searched(mut codec: DelimiterCodec, lend: bool, len: usize, piece: usize) -> usize {
        let mut src = BytesMut::new();
        let mut searched = 0;
        for _ in 0..len / piece {
            src.extend_from_slice(&vec![b'x'; piece]);
            searched += src.len() - codec.place.scanned;
            if lend {
                codec.decode_each(&mut src, |_| panic!("a frame without a delimiter")).unwrap();
            } else {
                assert_eq!(codec.decode(&mut src), Ok(None));
            }
        }
        searched
    }

    #[test]
    fn bytes_are_searched_once_whatever_the_cuts() {
        let len = 1024 * 1000;
        // The last two begin or end to match at each byte of the input.
        let begins = [&[b'x'; 63][..], b"\n"].concat();
        let ends = [b"\n", &[b'x'; 63][..]].concat();
        for delimiter in [&b"\n"[..], b"\r\n", b"ABAB", &begins, &ends] {
            let codec = DelimiterCodec::new(Delimiter::new(delimiter).unwrap());
            let mut skipping = codec.clone();
            (skipping.max_len, skipping.oversize) = (10, OversizePolicy::Skip);
            for piece in [100, 1000, len] {
                for lend in [false, true] {
                    assert_eq!(searched(codec.clone(), lend, len, piece), len);
                    assert_eq!(searched(skipping.clone(), lend, len, piece), len);
                }
            }
        }
    }
}
