//! The receiving half of a stream of frames.

use std::fmt;
use std::ops::ControlFlow;

use bytes::{BufMut, BytesMut};
use influx_framing::{Decoder, Frame};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::shared::{io_error, unreadable};
use crate::{Error, Phase};

/// Reads frames from a byte stream that the program owns: one that a [`Listen`](crate::Listen)
/// accepted, or one half of it.
///
/// All frames of one read are handed out before the next read: by [`next`](Self::next), or lent by
/// [`next_each`](Self::next_each) and [`try_next_each`](Self::try_next_each), which cost a fraction
/// for frames of up to some hundred bytes.
///
/// The buffer holds at most one frame of the greatest length that the codec allows and one read,
/// which begins with 8 KiB and grows to 64 KiB while the peer fills it.
///
/// The methods wait as long as the peer is silent: put a timeout around them if peers may be silent
/// for ever.
///
/// This server answers all requests that arrived together with one write. Even if the peer asks for
/// large answers and reads none, the waiting answers keep to the
/// [high-water mark](super::FrameWriter::with_high_water):
///
/// ```
/// use influx_framing::{LengthCodec, Prefix};
/// use influx_transport::Error;
/// use influx_transport::framed::{FrameReader, FrameWriter};
/// use tokio::io::DuplexStream;
///
/// async fn serve(stream: DuplexStream) -> Result<(), Error> {
///     let (input, output) = tokio::io::split(stream);
///     let mut requests = FrameReader::new(input, LengthCodec::new(Prefix::U32_BE));
///     let mut answers = FrameWriter::new(output, LengthCodec::new(Prefix::U32_BE));
///     let answer = |request: &[u8]| request.to_ascii_uppercase();
///     while requests
///         .try_next_each(|request| {
///             answers.try_feed(answer(request.into_complete().unwrap_or_default()))
///         })
///         .await?
///     {
///         answers.flush().await?;
///     }
///     answers.close().await
/// }
/// ```
pub struct FrameReader<S, K> {
    stream: S,
    codec: K,
    input: BytesMut,
    read_size: usize,
    end: End,
}

enum End {
    NotYet,
    /// The peer closed its sending side.
    Clean,
    Failed(Error),
}

impl<S, K> FrameReader<S, K> {
    /// Reads frames of this codec from a stream.
    pub fn new(stream: S, codec: K) -> Self {
        Self { stream, codec, input: BytesMut::new(), read_size: MIN_READ, end: End::NotYet }
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream, the codec and the bytes that were read but not handed out, for a switch to
    /// another protocol.
    pub fn into_parts(self) -> (S, K, BytesMut) {
        (self.stream, self.codec, self.input)
    }
}

impl<S: AsyncRead + Unpin, K: Decoder> FrameReader<S, K> {
    /// The next frame; `None` when the peer closed its side after a whole frame.
    ///
    /// # Errors
    ///
    /// All in [`Phase::Receive`], after the frames before them, and again at each further call:
    ///
    /// - [`ErrorKind::Closed`](crate::ErrorKind::Closed) if the input ends inside a frame;
    ///   [`into_parts`](Self::into_parts) has its beginning,
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a frame is above the codec's limit,
    /// - [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) if the input is not a frame,
    /// - the errors of the stream.
    ///
    /// [`Error::with_endpoint`] adds the peer's name.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future loses nothing, the next call goes on.
    pub async fn next(&mut self) -> Result<Option<K::Item>, Error> {
        loop {
            let frame = self.next_buffered()?;
            if frame.is_some() || matches!(self.end, End::Clean) {
                return Ok(frame);
            }
            self.read().await;
        }
    }

    /// The next frame that has been read already. A program that gets `None` has handled all frames
    /// that arrived together, and flushes its answers.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    #[inline]
    pub fn next_buffered(&mut self) -> Result<Option<K::Item>, Error> {
        if !matches!(self.end, End::NotYet) {
            return self.next_at_end();
        }
        let frame = self.codec.decode(&mut self.input);
        frame.map_err(|error| self.fail(unreadable(error, Phase::Receive)))
    }

    /// Waits for frames and lends all that have arrived to `visit`. Returns `false`, without a
    /// frame, when the peer closed its side.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next). If frames were lent before the error, the next call returns it.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has lent nothing and loses nothing.
    pub async fn next_each(&mut self, mut visit: impl FnMut(Frame<&[u8]>)) -> Result<bool, Error>
    where
        K: Decoder<Item = Frame>,
    {
        self.try_next_each(|frame| {
            visit(frame);
            Ok(ControlFlow::Continue(()))
        })
        .await
    }

    /// Waits for frames and lends them to `visit` until it stops or has seen all that have arrived.
    /// Returns `false`, without a frame, when the peer closed its side.
    ///
    /// Return [`ControlFlow::Break`] or an error to stop after this frame, for example because
    /// [`FrameWriter::try_feed`](super::FrameWriter::try_feed) says that the output is full. The
    /// next call goes on with the frame behind it.
    ///
    /// # Errors
    ///
    /// Those of `visit`, and as [`next`](Self::next). If frames were lent before a reading error,
    /// the next call returns it.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has lent nothing and loses nothing.
    pub async fn try_next_each<E: From<Error>>(
        &mut self,
        mut visit: impl FnMut(Frame<&[u8]>) -> Result<ControlFlow<()>, E>,
    ) -> Result<bool, E>
    where
        K: Decoder<Item = Frame>,
    {
        loop {
            let mut lent = false;
            let mut visited = Ok(());
            self.lend(|frame| {
                lent = true;
                visit(frame).unwrap_or_else(|error| {
                    visited = Err(error);
                    ControlFlow::Break(())
                })
            });
            visited?;
            match &self.end {
                _ if lent => return Ok(true),
                End::NotYet => self.read().await,
                End::Clean => return Ok(false),
                End::Failed(error) => return Err(error.clone().into()),
            }
        }
    }

    /// Lends the buffered frames until `visit` stops. An error is kept for later.
    fn lend(&mut self, mut visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>)
    where
        K: Decoder<Item = Frame>,
    {
        if matches!(self.end, End::NotYet) {
            if let Err(error) = self.codec.decode_each(&mut self.input, visit) {
                self.fail(unreadable(error, Phase::Receive));
            }
        } else {
            while let Ok(Some(frame)) = self.next_at_end()
                && visit(frame.borrowed()).is_continue()
            {}
        }
    }

    /// Apart from `next_buffered`, so that `next_buffered` is inlined.
    fn next_at_end(&mut self) -> Result<Option<K::Item>, Error> {
        if let End::Failed(error) = &self.end {
            return Err(error.clone());
        }
        let frame = self.codec.decode_eof(&mut self.input);
        frame.map_err(|error| self.fail(unreadable(error, Phase::Receive)))
    }

    async fn read(&mut self) {
        let least = self.read_size / 2;
        if self.input.capacity() - self.input.len() < least {
            // The buffered part of a frame must not make the buffer grow.
            self.input.reserve(self.read_size.saturating_sub(self.input.len()).max(least));
        }
        let room = self.read_size.min(self.input.capacity() - self.input.len());
        match self.stream.read_buf(&mut (&mut self.input).limit(room)).await {
            Ok(0) => self.end = End::Clean,
            Ok(read) if read == room => self.read_size = (2 * self.read_size).min(MAX_READ),
            Ok(_) => {}
            Err(error) => {
                self.fail(io_error(error, Phase::Receive));
            }
        }
    }

    #[cold]
    fn fail(&mut self, error: Error) -> Error {
        self.end = End::Failed(error.clone());
        error
    }
}

impl<S, K> fmt::Debug for FrameReader<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameReader").field("buffered", &self.input.len()).finish_non_exhaustive()
    }
}

/// The size of one read: small at first, since there may be many silent peers.
const MIN_READ: usize = 8 * 1024;
const MAX_READ: usize = 64 * 1024;
