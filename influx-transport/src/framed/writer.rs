//! The sending half of a stream of frames.

use std::fmt;
use std::io;
use std::ops::ControlFlow;

use bytes::{Buf, BytesMut};
use influx_framing::Encoder;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::unfit;
use crate::{Delivery, Error, ErrorKind, Phase};

/// Writes frames to a byte stream that the program owns: one that a [`Listen`](crate::Listen)
/// accepted or a [`Connect`](crate::Connect) opened, or one half of it.
///
/// Many frames go out in one write, which is what makes small ones fast: [`feed`](Self::feed) them
/// and [`flush`](Self::flush) when there is nothing to feed for the moment. Nothing is written
/// behind the caller's back, so frames that were fed and not flushed stay where they are. Where
/// nothing can be waited for, as in a visitor of
/// [`FrameReader::try_next_each`](crate::framed::FrameReader::try_next_each), there is
/// [`try_feed`](Self::try_feed).
///
/// It waits as long as the peer takes nothing: put its methods into a timeout where a peer may be
/// stuck.
///
/// It is the fastest way to send a stream of messages. What
/// [`FramedSender`](crate::framed::FramedSender) adds is a connection that comes back, is shared by many
/// tasks and tells for each message what became of it.
///
/// ```
/// use influx_framing::DelimiterCodec;
/// use influx_transport::framed::FrameWriter;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let mut writer = FrameWriter::new(Vec::new(), DelimiterCodec::new(b'\n'));
/// for load in [1.5, 1.6] {
///     writer.feed(format!("cpu load={load}")).await?;
/// }
/// writer.flush().await?;
/// assert_eq!(writer.get_ref(), b"cpu load=1.5\ncpu load=1.6\n");
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FrameWriter<S, K> {
    stream: S,
    codec: K,
    /// What was fed and is not written yet.
    output: BytesMut,
    high_water: usize,
}

impl<S, K> FrameWriter<S, K> {
    /// Writes frames of this codec.
    pub fn new(stream: S, codec: K) -> Self {
        Self { stream, codec, output: BytesMut::new(), high_water: HIGH_WATER }
    }

    /// Sets how many bytes may wait: what reaches this mark is written out before another frame is
    /// fed, so that at most the mark and one frame wait. Default: 48 KiB. Zero counts as one.
    #[must_use]
    pub fn with_high_water(mut self, bytes: usize) -> Self {
        self.high_water = bytes.max(1);
        self
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream, the codec and what was fed but not written.
    pub fn into_parts(self) -> (S, K, BytesMut) {
        (self.stream, self.codec, self.output)
    }
}

impl<S: AsyncWrite + Unpin, K> FrameWriter<S, K> {
    /// Puts a frame behind those that wait to be written. Writes only if there are too many.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] and [`ErrorKind::Invalid`] if the codec refuses the frame, which
    /// harms no other. Otherwise as [`flush`](Self::flush); the frame was then not fed.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has not fed the frame.
    pub async fn feed<F>(&mut self, frame: F) -> Result<(), Error>
    where
        K: Encoder<F>,
    {
        if self.is_full() {
            self.write().await?;
        }
        self.codec.encode(frame, &mut self.output).map_err(unfit)
    }

    /// Puts a frame behind those that wait to be written, and writes nothing.
    /// [`ControlFlow::Break`] says that the [mark](Self::with_high_water) is reached: flush before
    /// the next.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] and [`ErrorKind::Invalid`] if the codec refuses the frame, which
    /// harms no other; [`ErrorKind::Invalid`] too if the mark was reached before.
    pub fn try_feed<F>(&mut self, frame: F) -> Result<ControlFlow<()>, Error>
    where
        K: Encoder<F>,
    {
        if self.is_full() {
            return Err(full());
        }
        self.codec.encode(frame, &mut self.output).map_err(unfit)?;
        Ok(if self.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Waits until the system took all that was fed.
    ///
    /// # Errors
    ///
    /// What the stream reports, in [`Phase::Send`]. What the system did not take is kept.
    /// [`Error::with_endpoint`] adds the peer's name.
    ///
    /// # Cancel safety
    ///
    /// Safe: the next call goes on where a dropped future stopped.
    pub async fn flush(&mut self) -> Result<(), Error> {
        self.write().await?;
        self.stream.flush().await.map_err(unsent)
    }

    /// Feeds a frame and flushes.
    ///
    /// # Errors
    ///
    /// As [`feed`](Self::feed) and [`flush`](Self::flush).
    ///
    /// # Cancel safety
    ///
    /// Not safe: a dropped future may have fed the frame, and written a part of it.
    /// The next call of any method sends the rest.
    pub async fn send<F>(&mut self, frame: F) -> Result<(), Error>
    where
        K: Encoder<F>,
    {
        self.feed(frame).await?;
        self.flush().await
    }

    /// Flushes and tells the peer that no more will come. What the peer says can still be read.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    ///
    /// # Cancel safety
    ///
    /// Safe: the next call goes on where a dropped future stopped.
    pub async fn close(&mut self) -> Result<(), Error> {
        // A TLS stream that is shut down waits for a second only.
        self.flush().await?;
        self.stream.shutdown().await.map_err(unsent)
    }

    fn is_full(&self) -> bool {
        self.output.len() >= self.high_water
    }

    async fn write(&mut self) -> Result<(), Error> {
        while !self.output.is_empty() {
            let written = self.stream.write(&self.output).await.map_err(unsent)?;
            if written == 0 {
                return Err(unsent(io::ErrorKind::WriteZero.into()));
            }
            self.output.advance(written);
        }
        Ok(())
    }
}

impl<S, K> fmt::Debug for FrameWriter<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameWriter").field("buffered", &self.output.len()).finish_non_exhaustive()
    }
}

/// More makes nothing faster. With a small frame on top it fits one segment of TCP, and a buffer of
/// 64 KiB.
const HIGH_WATER: usize = 48 * 1024;

fn unsent(error: io::Error) -> Error {
    Error::new(ErrorKind::of_io(&error), Phase::Send).with_source(error)
}

#[cold]
fn full() -> Error {
    let reason = "as much waits to be written as may; flush before another frame is fed";
    Error::new(ErrorKind::Invalid(reason), Phase::Send).with_delivery(Delivery::NotSent)
}
