//! Frames of one size.

use std::num::NonZeroUsize;

use bytes::BytesMut;

use crate::buffer::{Course, make_room};
use crate::{Decoder, Encoder, Frame, FrameError};

/// Frames of one size, with nothing between them. The size is also the limit.
///
/// ```text
/// two frames of two bytes, `ab` and `cd`:   61 62 63 64
/// ```
#[derive(Clone, Debug)]
pub struct FixedCodec {
    pub(crate) size: NonZeroUsize,
    course: Course,
}

impl FixedCodec {
    /// A codec for frames of `size` bytes.
    pub fn new(size: NonZeroUsize) -> Self {
        Self { size, course: Course::default() }
    }
}

impl Decoder for FixedCodec {
    type Item = Frame;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        self.course.check()?;
        let missing = self.size.get().saturating_sub(src.len());
        if missing > 0 {
            make_room(src, missing);
            return Ok(None);
        }
        Ok(Some(Frame::Complete(src.split_to(self.size.get()).freeze())))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        match self.decode(src)? {
            None => self.course.end(src.len()),
            frame => Ok(frame),
        }
    }
}

impl<B: AsRef<[u8]>> Encoder<B> for FixedCodec {
    fn encode(&mut self, frame: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        let (expected, found) = (self.size.get(), frame.as_ref().len());
        if expected != found {
            return Err(FrameError::WrongSize { expected, found });
        }
        dst.extend_from_slice(frame.as_ref());
        Ok(())
    }
}
