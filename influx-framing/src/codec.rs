//! The two traits that every codec implements.

use std::ops::ControlFlow;

use bytes::BytesMut;

use crate::{Frame, FrameError};

/// Takes items from the front of a buffer.
///
/// # Contract
///
/// The caller appends the bytes it reads to one `src` and calls `decode` until it returns
/// `Ok(None)`. It never removes or changes bytes of `src` between calls, since codecs remember the
/// place up to which they have searched. One codec serves one stream: clone a fresh one for each
/// connection.
///
/// The result does not depend on the cuts of the input.
/// Every complete frame is handed over before the error that follows it.
pub trait Decoder {
    /// The decoded items: [`Frame`](crate::Frame)s for codecs of bytes.
    type Item;

    /// Takes the next item; `Ok(None)` asks for more input.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] ends the stream: nothing after it can be trusted, and every further call
    /// returns it again. A bad frame that spoils only itself is an item, not an error.
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, FrameError>;

    /// Takes the next item when no more input will come; `Ok(None)` is the clean end.
    ///
    /// Call it until it returns `Ok(None)` or an error.
    ///
    /// # Errors
    ///
    /// As `decode`, and [`FrameError::Truncated`] if the input ended inside a frame.
    /// The partial frame then stays in `src`.
    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, FrameError>;

    /// Lends the frames in `src` to `visit`, one after the other, and removes them.
    ///
    /// The frames are those that `decode` would return until `Ok(None)`, for a fraction of the
    /// cost where they are small: [`DelimiterCodec`](crate::DelimiterCodec),
    /// [`EnvelopeCodec`](crate::EnvelopeCodec) and [`LengthCodec`](crate::LengthCodec) make no
    /// handle for each.
    ///
    /// Return [`ControlFlow::Break`] to stop after this frame, for example because your output is
    /// full. The frames behind it stay in `src` for the next call of this or of `decode`; nothing
    /// is lost.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    ///
    /// use bytes::BytesMut;
    /// use influx_framing::{Decoder, DelimiterCodec, Frame};
    ///
    /// let mut codec = DelimiterCodec::new(b'\n');
    /// let mut src = BytesMut::from("one\ntwo\nthree\n");
    /// let mut lent = Vec::new();
    /// codec.decode_each(&mut src, |frame| {
    ///     lent.extend_from_slice(frame.into_complete().unwrap_or_default());
    ///     if lent.len() < 6 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    /// })?;
    /// assert_eq!(lent, b"onetwo");
    /// assert_eq!(codec.decode(&mut src)?, Some(Frame::Complete("three".into())));
    /// # Ok::<(), influx_framing::FrameError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As `decode`, after the frames before the error were lent. A visitor that stopped at the
    /// last of these gets the error from the next call.
    fn decode_each(
        &mut self,
        src: &mut BytesMut,
        mut visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), FrameError>
    where
        Self: Decoder<Item = Frame> + Sized,
    {
        while let Some(frame) = self.decode(src)?
            && visit(frame.borrowed()).is_continue()
        {}
        Ok(())
    }
}

/// Appends items to a buffer.
pub trait Encoder<Item> {
    /// Appends `item`, ready to be sent, to `dst`.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] if this item cannot be sent.
    /// `dst` is then as it was, and the encoder is ready for the next item.
    fn encode(&mut self, item: Item, dst: &mut BytesMut) -> Result<(), FrameError>;
}
