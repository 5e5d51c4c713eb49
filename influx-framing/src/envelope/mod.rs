//! Frames that end with a delimiter, and are something else on the wire than in the program.

mod stuffing;

use std::borrow::Cow;
use std::mem;
use std::ops::ControlFlow;

use bytes::BytesMut;

use crate::{
    DEFAULT_MAX_LEN, Decoder, Delimiter, DelimiterCodec, Encoder, Frame, FrameError, OversizePolicy,
};

/// The form of a frame on the wire.
///
/// ```text
/// `hi` and an empty frame as lines:                         68 69 0a   0a
/// `hi` between 0x02 and 0x03 (STX, ETX):                    02 68 69 03
/// `hi` in MLLP, between 0x0b and 0x1c 0x0d:                 0b 68 69 1c 0d
/// `hi` in a JSON text sequence:                             1e 68 69 0a
/// the three bytes 68 c0 db in SLIP:                         c0 68 db dc db dd c0
/// the three bytes 68 00 69 in COBS:                         02 68 02 69 00
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Envelope {
    /// A start and an end, as STX and ETX, or those of MLLP (HL7's Minimal Lower Layer Protocol).
    /// Bytes between an end and the next start are ignored, also a frame that another start cuts
    /// off; an end without a start is [`Frame::Malformed`].
    Between {
        /// The bytes before each frame.
        start: Delimiter,
        /// The bytes behind each frame.
        end: Delimiter,
    },
    /// Consistent overhead byte stuffing (Cheshire and Baker, 1999): a frame of up to 254 bytes
    /// grows by one byte, and contains no zero; a zero ends it.
    Cobs,
    /// A JSON text sequence (RFC 7464): a frame begins with 0x1e and ends with a line feed. It may
    /// have line feeds in it, so it is complete as soon as the next one begins, or the input ends.
    /// One without its line feed was cut off: it is [`Frame::Malformed`].
    JsonSeq,
    /// A line that ends with LF or CR LF, whichever the peer sends; LF is written. A byte order
    /// mark of UTF-8 at the beginning of the stream is removed.
    Line,
    /// SLIP (RFC 1055): 0xc0 is written at both ends of a frame, and escaped in it.
    Slip,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Envelope {
    fn delimiter(&self) -> Delimiter {
        match self {
            Self::Between { end, .. } => end.clone(),
            Self::Cobs => 0.into(),
            Self::JsonSeq => 0x1e.into(),
            Self::Line => b'\n'.into(),
            Self::Slip => 0xc0.into(),
        }
    }

    /// The most bytes between two delimiters that may be a frame of `len` bytes.
    fn wire_len(&self, len: usize) -> usize {
        len.saturating_add(match self {
            Self::Between { start, .. } => start.as_bytes().len(),
            Self::Cobs => len / 254 + 1,
            Self::JsonSeq => 1,
            Self::Line => BYTE_ORDER_MARK.len() + 1,
            Self::Slip => len,
        })
    }

    /// Reads the bytes between two delimiters, the first of the stream if `is_first`; `None` if
    /// they stand for nothing.
    fn open<'a>(&self, wire: &'a [u8], is_first: bool) -> Option<Frame<Cow<'a, [u8]>>> {
        let stuffed = |(frame, is_whole): (Vec<u8>, bool)| is_whole.then_some(Cow::Owned(frame));
        let frame = match self {
            Self::Between { start, .. } => after_last(wire, start).map(Cow::Borrowed),
            Self::Line => {
                let line = without_mark(wire, is_first);
                Some(line.strip_suffix(b"\r").unwrap_or(line).into())
            }
            _ if wire.is_empty() => return None,
            Self::Cobs => stuffed(stuffing::uncobs(wire)),
            Self::JsonSeq if is_first => None,
            Self::JsonSeq => wire.strip_suffix(b"\n").map(Cow::Borrowed),
            Self::Slip => stuffed(stuffing::unslip(wire)),
        };
        Some(frame.map_or(Frame::Malformed { bytes: wire.into() }, Frame::Complete))
    }

    /// The first bytes of a frame, whose wire form is too long and begins so.
    fn open_head<'a>(&self, wire: &'a [u8], is_first: bool) -> Cow<'a, [u8]> {
        match self {
            Self::Between { start, .. } => after_last(wire, start).unwrap_or_default().into(),
            Self::Cobs => stuffing::uncobs(wire).0.into(),
            Self::JsonSeq => wire.into(),
            Self::Line => without_mark(wire, is_first).into(),
            Self::Slip => stuffing::unslip(wire).0.into(),
        }
    }

    /// Reads a frame of the wire, which may be within the limit there alone.
    fn read<'a>(
        &self,
        wire: Frame<&'a [u8]>,
        is_first: bool,
        max_len: usize,
        policy: OversizePolicy,
    ) -> Result<Option<Frame<Cow<'a, [u8]>>>, FrameError> {
        let (head, seen) = match wire {
            Frame::Complete(wire) => match self.open(wire, is_first) {
                Some(Frame::Complete(frame)) if frame.len() > max_len => (frame, wire.len() as u64),
                opened => return Ok(opened),
            },
            Frame::Oversize { head, seen } => (self.open_head(head, is_first), seen),
            Frame::Malformed { bytes } => {
                return Ok(Some(Frame::Malformed { bytes: bytes.into() }));
            }
        };
        let kept = match policy {
            OversizePolicy::Error => return Err(FrameError::too_large(max_len)),
            OversizePolicy::Skip => 0,
            OversizePolicy::Truncate => max_len.min(head.len()),
        };
        let head = match head {
            Cow::Borrowed(head) => head.get(..kept).unwrap_or_default().into(),
            Cow::Owned(mut head) => {
                head.truncate(kept);
                head.into()
            }
        };
        Ok(Some(Frame::Oversize { head, seen }))
    }
}

/// The line behind the byte order mark, which the first of a stream may have.
fn without_mark(line: &[u8], is_first: bool) -> &[u8] {
    let mark = if is_first { BYTE_ORDER_MARK } else { b"" };
    line.strip_prefix(mark).unwrap_or(line)
}

/// The bytes behind the last `start`, which cannot occur in a frame.
fn after_last<'a>(wire: &'a [u8], start: &Delimiter) -> Option<&'a [u8]> {
    let start = start.as_bytes();
    let at = memchr::memmem::rfind(wire, start)?;
    wire.get(at + start.len()..)
}

/// Frames in an [`Envelope`].
///
/// An encoder refuses a frame that would not arrive as it is: [`FrameError::Delimiter`] where it
/// contains a start or an end, or is a line that ends with CR; [`FrameError::Empty`] for an empty
/// frame in SLIP, which ignores those. SLIP and COBS carry any other bytes.
///
/// ```
/// use bytes::BytesMut;
/// use influx_framing::{Decoder, Encoder, Envelope, EnvelopeCodec, Frame};
///
/// let mut codec = EnvelopeCodec::new(Envelope::Slip);
/// let mut wire = BytesMut::new();
/// codec.encode(b"h\xc0", &mut wire)?;
/// assert_eq!(wire, b"\xc0h\xdb\xdc\xc0"[..]);
/// assert_eq!(codec.decode(&mut wire)?, Some(Frame::Complete(b"h\xc0"[..].into())));
///
/// // On one port, one peer ends its lines with LF, the other with CR LF.
/// let mut codec = EnvelopeCodec::new(Envelope::Line);
/// let mut wire = BytesMut::from("one\r\ntwo\n");
/// assert_eq!(codec.decode(&mut wire)?, Some(Frame::Complete("one".into())));
/// assert_eq!(codec.decode(&mut wire)?, Some(Frame::Complete("two".into())));
/// # Ok::<(), influx_framing::FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct EnvelopeCodec {
    /// The limit of a frame without its envelope, in bytes, in both directions. The bytes that are
    /// ignored before a frame count, too. Default: [`DEFAULT_MAX_LEN`].
    pub max_len: usize,
    /// The treatment of longer frames that arrive. Default: [`OversizePolicy::Error`].
    pub oversize: OversizePolicy,
    /// Whether a line that the end of the input ends is a frame: see
    /// [`DelimiterCodec::take_last`]. Other envelopes ignore it. Default: false.
    pub take_last: bool,
    pub(crate) envelope: Envelope,
    /// Finds the delimiters.
    wire: DelimiterCodec,
    is_first: bool,
}

impl EnvelopeCodec {
    /// A codec with the defaults.
    pub fn new(envelope: Envelope) -> Self {
        Self {
            max_len: DEFAULT_MAX_LEN,
            oversize: OversizePolicy::default(),
            take_last: false,
            wire: DelimiterCodec::new(envelope.delimiter()),
            envelope,
            is_first: true,
        }
    }

    /// The codec of the delimiters, with the limits of the moment.
    fn limited_wire(&mut self) -> &mut DelimiterCodec {
        self.wire.max_len = self.envelope.wire_len(self.max_len);
        self.wire.oversize = self.oversize;
        self.wire.take_last = match self.envelope {
            Envelope::JsonSeq => true,
            Envelope::Line => self.take_last,
            _ => false,
        };
        &mut self.wire
    }

    /// Takes the next frame from what `take` gives.
    fn next(
        &mut self,
        mut take: impl FnMut(&mut DelimiterCodec) -> Result<Option<Frame>, FrameError>,
    ) -> Result<Option<Frame>, FrameError> {
        while let Some(wire) = take(self.limited_wire()).map_err(|error| self.told(error))? {
            let is_first = mem::take(&mut self.is_first);
            match self.envelope.read(wire.borrowed(), is_first, self.max_len, self.oversize) {
                Ok(None) => {}
                Ok(Some(frame)) => {
                    return Ok(Some(frame.map(|bytes| match bytes {
                        Cow::Borrowed(bytes) => wire.bytes().slice_ref(bytes),
                        Cow::Owned(bytes) => bytes.into(),
                    })));
                }
                Err(error) => return self.wire.course.fail(error),
            }
        }
        Ok(None)
    }

    /// The error with the limit of a frame, not with that of its wire form.
    fn told(&self, error: FrameError) -> FrameError {
        match error {
            FrameError::TooLarge { .. } => FrameError::too_large(self.max_len),
            other => other,
        }
    }
}

impl Decoder for EnvelopeCodec {
    type Item = Frame;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        self.next(|wire| wire.decode(src))
    }

    fn decode_each(
        &mut self,
        src: &mut BytesMut,
        mut visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        self.limited_wire();
        let mut failed = None;
        let lent = self.wire.decode_each(src, |wire| {
            let is_first = mem::take(&mut self.is_first);
            match self.envelope.read(wire, is_first, self.max_len, self.oversize) {
                Ok(None) => ControlFlow::Continue(()),
                Ok(Some(frame)) => visit(frame.borrowed()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        match failed {
            None => lent.map_err(|error| self.told(error)),
            Some(error) => self.wire.course.fail(error),
        }
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        if let Some(frame) = self.decode(src)? {
            return Ok(Some(frame));
        }
        // The bytes behind the last frame may be noise, such as a line feed behind an ETX.
        if let Envelope::Between { start, .. } = &self.envelope
            && !self.wire.course.is_discarding()
            && after_last(src, start).is_none()
        {
            src.clear();
            self.wire = DelimiterCodec::new(self.envelope.delimiter());
            return Ok(None);
        }
        self.next(|wire| wire.decode_eof(src))
    }
}

impl<B: AsRef<[u8]>> Encoder<B> for EnvelopeCodec {
    fn encode(&mut self, frame: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        let frame = frame.as_ref();
        FrameError::check_len(frame, self.max_len)?;
        if frame.is_empty() && self.envelope == Envelope::Slip {
            return Err(FrameError::Empty);
        }
        let (start, wire, end): (&[u8], _, &[u8]) = match &self.envelope {
            Envelope::Between { start, end } => {
                (b"", Cow::Owned([start.as_bytes(), frame].concat()), end.as_bytes())
            }
            Envelope::Cobs => (b"", Cow::Owned(stuffing::cobs(frame)), b"\0"),
            Envelope::JsonSeq => (b"\x1e", Cow::Owned([frame, b"\n"].concat()), b""),
            Envelope::Line => (b"", Cow::Borrowed(frame), b"\n"),
            Envelope::Slip => (b"\xc0", Cow::Owned(stuffing::slip(frame)), b"\xc0"),
        };
        let is_stuffed = matches!(self.envelope, Envelope::Cobs | Envelope::Slip);
        let arrives = |wire| match self.envelope.open(wire, self.envelope == Envelope::Line) {
            Some(Frame::Complete(opened)) => *opened == *frame,
            _ => false,
        };
        if !is_stuffed && (self.wire.delimiter.ends_early(&wire) || !arrives(&wire)) {
            return Err(FrameError::Delimiter);
        }
        dst.extend_from_slice(start);
        dst.extend_from_slice(&wire);
        dst.extend_from_slice(end);
        Ok(())
    }
}
