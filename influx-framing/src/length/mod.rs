//! Frames that begin with their length.

mod decimal;
mod header;
mod prefix;

use std::fmt::Debug;
use std::ops::ControlFlow;

use bytes::{Buf, BytesMut};

pub use decimal::Decimal;
pub use header::Header;
pub use prefix::Prefix;

use crate::buffer::{Course, make_room};
use crate::{DEFAULT_MAX_LEN, Decoder, Encoder, Frame, FrameError, OversizePolicy};

/// Frames that begin with their length.
///
/// ```text
/// two frames, `hi` and an empty one, with Prefix::U32_BE:   00 00 00 02 68 69   00 00 00 00
/// `hi` with Prefix::U16_LE that counts itself (adjust -2):  04 00 68 69
/// ```
///
/// Such a stream cannot be resynchronised: once a length is wrong, everything behind it is.
/// Therefore a frame above [`max_len`](Self::max_len) ends the stream by default; close the
/// connection. The other policies believe the peer and discard exactly the bytes that it
/// announced, which may take for ever.
///
/// Memory is taken as bytes arrive, at most 64 KiB ahead of them, never because a peer announced
/// a length. Memory of earlier frames is used again.
///
/// ```
/// use bytes::BytesMut;
/// use influx_framing::{Decoder, Encoder, Frame, LengthCodec, Prefix};
///
/// let mut codec = LengthCodec::new(Prefix::U32_BE);
/// codec.max_len = 16 * 1024;
/// let mut wire = BytesMut::new();
/// codec.encode("hi", &mut wire)?;
/// assert_eq!(wire, b"\0\0\0\x02hi"[..]);
/// assert_eq!(codec.decode(&mut wire)?, Some(Frame::Complete("hi".into())));
/// # Ok::<(), influx_framing::FrameError>(())
/// ```
///
/// The length itself is a [`Prefix`], a [`Decimal`] or in a [`Header`].
#[derive(Clone, Debug)]
pub struct LengthCodec<P = Prefix> {
    /// The bytes to add to the number on the wire for the number of bytes behind it: -4 if a
    /// four-byte prefix counts itself, 2 if two more bytes follow the counted ones. Default: 0.
    pub adjustment: i64,
    /// The limit of a frame without its prefix, in bytes, in both directions.
    /// Default: [`DEFAULT_MAX_LEN`].
    pub max_len: usize,
    /// The treatment of longer frames that arrive. Default: [`OversizePolicy::Error`].
    pub oversize: OversizePolicy,
    pub(crate) prefix: P,
    /// The length of the first frame with its prefix, if that is known and it is not yet whole.
    awaited: usize,
    /// The bytes of an oversize frame that have not been discarded yet.
    left: u64,
    course: Course,
}

/// The form of a length and its place in a frame: [`Prefix`], [`Decimal`], [`Header`], or a form of
/// your own.
pub trait LengthField: Clone + Debug {
    /// The number that is in `src`, the bytes from a frame's beginning on, and the place behind the
    /// number; `None` until it has arrived.
    ///
    /// # Errors
    ///
    /// [`NotALength`] as soon as the bytes cannot be a length.
    fn read(&self, src: &[u8]) -> Result<Option<(u64, usize)>, NotALength>;

    /// Appends `number`, or nothing if it does not fit.
    fn write(&self, number: u64, dst: &mut BytesMut) -> Option<()>;

    /// The bytes of the frame that stand before its length. Default: 0.
    #[inline]
    fn offset(&self) -> usize {
        0
    }

    /// The bytes behind each frame. Default: none.
    #[inline]
    fn trailer(&self) -> &[u8] {
        b""
    }
}

/// Bytes that are not a length. The codec makes [`FrameError::InvalidLength`] of it, which is not
/// used here since moving a `FrameError` costs more than reading a length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing more to say")]
pub struct NotALength;

impl<P: LengthField> LengthCodec<P> {
    /// A codec with the defaults.
    pub fn new(prefix: P) -> Self {
        Self {
            prefix,
            adjustment: 0,
            max_len: DEFAULT_MAX_LEN,
            oversize: OversizePolicy::default(),
            awaited: 0,
            left: 0,
            course: Course::default(),
        }
    }

    /// Whether the rest of the first frame has not arrived, without a look at its prefix.
    #[inline]
    fn is_waiting(&mut self, src: &[u8]) -> bool {
        let waiting = src.len() < self.awaited;
        if !waiting {
            self.awaited = 0;
        }
        waiting
    }

    /// The lengths of the first frame's prefix and of the frame, if it is whole and regular.
    #[inline]
    fn regular(&self, src: &[u8]) -> Option<(usize, usize)> {
        let (prefix_len, frame_len) = self.header(src).ok()??;
        let len = self.accept(frame_len)?;
        let trailer = self.prefix.trailer();
        let is_whole = len.saturating_add(trailer.len()) <= src.len() - prefix_len
            && (trailer.is_empty() || src.get(prefix_len + len..)?.starts_with(trailer));
        (is_whole && !self.course.is_discarding()).then_some((prefix_len, len))
    }

    /// The lengths of the first frame's prefix and of the frame, as soon as the prefix is complete.
    #[inline]
    fn header(&self, src: &[u8]) -> Result<Option<(usize, u64)>, NotALength> {
        let Some((number, prefix_len)) = self.prefix.read(src)? else { return Ok(None) };
        let counted = number.checked_add_signed(self.adjustment).ok_or(NotALength)?;
        Ok(Some((prefix_len, counted.checked_add(self.prefix.offset() as u64).ok_or(NotALength)?)))
    }

    /// Moves the bytes before the length behind it, so that the frame is one slice.
    #[inline]
    fn join(&self, src: &mut [u8], prefix_len: usize) {
        if self.prefix.offset() > 0 {
            src.copy_within(..self.prefix.offset(), prefix_len);
        }
    }

    /// The frame's length if the limit allows it.
    #[inline]
    fn accept(&self, frame_len: u64) -> Option<usize> {
        usize::try_from(frame_len).ok().filter(|len| *len <= self.max_len)
    }

    /// Handles a frame that is not whole, or exceeds the limit.
    #[cold]
    fn decode_irregular(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        if self.course.is_discarding() {
            return self.skip(src, 0);
        }
        let Ok(header) = self.header(src) else {
            return self.course.fail(FrameError::InvalidLength);
        };
        let Some((prefix_len, frame_len)) = header else { return Ok(None) };
        let Some(len) = self.accept(frame_len) else {
            self.left = frame_len;
            self.join(src, prefix_len);
            return self.skip(src, prefix_len);
        };
        let end = prefix_len.saturating_add(len).saturating_add(self.prefix.trailer().len());
        if end <= src.len() {
            return self.course.fail(FrameError::InvalidLength);
        }
        self.awaited = end;
        make_room(src, end - src.len());
        Ok(None)
    }

    /// Discards the arrived bytes of an oversize frame, behind its prefix if that is still there.
    fn skip(&mut self, src: &mut BytesMut, prefix: usize) -> Result<Option<Frame>, FrameError> {
        let discard = self.course.discard(self.oversize, self.max_len, prefix)?;
        src.advance(prefix);
        if src.len() >= discard.wanted {
            let len = usize::try_from(self.left).map_or(src.len(), |left| left.min(src.len()));
            discard.swallow(src, len);
            self.left -= len as u64;
        }
        let trailer = self.prefix.trailer();
        if self.left > 0 || src.len() < trailer.len() {
            return Ok(None);
        }
        if !src.starts_with(trailer) {
            return self.course.fail(FrameError::InvalidLength);
        }
        src.advance(trailer.len());
        Ok(self.course.discarded())
    }
}

impl<P: LengthField> Decoder for LengthCodec<P> {
    type Item = Frame;

    #[expect(clippy::inline_always, reason = "moving a frame costs as much as finding it")]
    #[inline(always)]
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        // First, since behind the other check the compiler no longer inlines `split_to`, which
        // costs a third of the whole.
        self.course.check()?;
        if self.is_waiting(src) {
            return Ok(None);
        }
        let Some((prefix_len, len)) = self.regular(src) else { return self.decode_irregular(src) };
        self.join(src, prefix_len);
        let mut frame = src.split_to(prefix_len + len).freeze();
        frame.advance(prefix_len);
        if !self.prefix.trailer().is_empty() {
            src.advance(self.prefix.trailer().len());
        }
        Ok(Some(Frame::Complete(frame)))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        match self.decode(src)? {
            None => {
                self.awaited = 0;
                self.course.end(src.len())
            }
            frame => Ok(frame),
        }
    }

    fn decode_each(
        &mut self,
        src: &mut BytesMut,
        mut visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        loop {
            if self.is_waiting(src) {
                return Ok(());
            }
            self.course.check()?;
            let mut consumed = 0;
            let mut stopped = false;
            while !stopped
                && let Some(rest) = src.get_mut(consumed..)
                && let Some((prefix_len, len)) = self.regular(rest)
            {
                self.join(rest, prefix_len);
                let Some(frame) = rest.get(prefix_len..prefix_len + len) else { break };
                consumed += prefix_len + len + self.prefix.trailer().len();
                stopped = visit(Frame::Complete(frame)).is_break();
            }
            src.advance(consumed);
            if stopped {
                return Ok(());
            }
            let Some(frame) = self.decode_irregular(src)? else { return Ok(()) };
            if visit(frame.borrowed()).is_break() {
                return Ok(());
            }
        }
    }
}

impl<P: LengthField, B: AsRef<[u8]>> Encoder<B> for LengthCodec<P> {
    fn encode(&mut self, frame: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        let frame = frame.as_ref();
        let len = frame.len();
        FrameError::check_len(frame, self.max_len)?;
        let header = self.prefix.offset();
        let Some((header, counted)) = frame.split_at_checked(header) else {
            return Err(FrameError::NoHeader { len, header });
        };
        let before = dst.len();
        dst.extend_from_slice(header);
        let number = u64::try_from(i128::from(counted.len() as u64) - i128::from(self.adjustment));
        if number.ok().and_then(|number| self.prefix.write(number, dst)).is_none() {
            dst.truncate(before);
            return Err(FrameError::PrefixOverflow { len });
        }
        dst.extend_from_slice(counted);
        dst.extend_from_slice(self.prefix.trailer());
        Ok(())
    }
}
