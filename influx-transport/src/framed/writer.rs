//! The sending half of a stream of frames.

use std::fmt;
use std::io;
use std::ops::ControlFlow;

use bytes::{Buf, BytesMut};
use influx_framing::Encoder;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::shared::{io_error, unfit};
use crate::{Delivery, Error, ErrorKind, Phase};

/// Writes frames to a byte stream that the program owns: one that a [`Listen`](crate::Listen)
/// accepted or a [`Connect`](crate::Connect) opened, or one half of it.
///
/// Many frames go out in one write, which makes small ones fast: [`feed`](Self::feed) them and
/// [`flush`](Self::flush) before the program waits for something else. Frames that were fed and not
/// flushed may stay in the buffer. [`try_feed`](Self::try_feed) never waits, for use in a visitor
/// of [`FrameReader::try_next_each`](super::FrameReader::try_next_each).
///
/// The methods wait as long as the peer reads nothing: put a timeout around them if a peer may be
/// stuck.
///
/// This is the fastest way to send a stream of messages. A [`FramedSender`](super::FramedSender)
/// adds a connection that comes back, serves many tasks and reports the outcome of each message.
///
/// ```
/// use influx_framing::DelimiterCodec;
/// use influx_transport::framed::FrameWriter;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), influx_transport::Error> {
/// let mut writer = FrameWriter::new(Vec::new(), DelimiterCodec::new(b'\n'));
/// for load in [1.5, 1.6] {
///     writer.feed(format!("cpu load={load}")).await?;
/// }
/// writer.flush().await?;
/// assert_eq!(writer.get_ref(), b"cpu load=1.5\ncpu load=1.6\n");
/// # Ok(())
/// # }
/// ```
pub struct FrameWriter<S, K> {
    stream: S,
    codec: K,
    output: BytesMut,
    high_water: usize,
}

impl<S, K> FrameWriter<S, K> {
    /// Writes frames of this codec.
    pub fn new(stream: S, codec: K) -> Self {
        Self { stream, codec, output: BytesMut::new(), high_water: HIGH_WATER }
    }

    /// Sets the number of waiting bytes from which the buffer is written out before another frame
    /// is fed: at most that number and one frame wait. Default: 48 KiB. Zero counts as one.
    #[must_use]
    pub fn with_high_water(mut self, bytes: usize) -> Self {
        self.high_water = bytes.max(1);
        self
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream, the codec and the bytes that were fed but not written.
    pub fn into_parts(self) -> (S, K, BytesMut) {
        (self.stream, self.codec, self.output)
    }
}

impl<S: AsyncWrite + Unpin, K> FrameWriter<S, K> {
    /// Appends a frame to the buffer. Writes only if the [mark](Self::with_high_water) is reached.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] or [`ErrorKind::Invalid`] if the codec refuses the frame; other
    /// frames are not affected. Otherwise as [`flush`](Self::flush); the frame was then not fed.
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

    /// Appends a frame to the buffer and writes nothing. [`ControlFlow::Break`] says that the
    /// [mark](Self::with_high_water) is reached: flush before the next frame.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] or [`ErrorKind::Invalid`] if the codec refuses the frame; other
    /// frames are not affected. [`ErrorKind::Invalid`] too if the mark was reached before.
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

    /// Waits until the system took all frames that were fed.
    ///
    /// # Errors
    ///
    /// The errors of the stream, in [`Phase::Send`]. The rest of the buffer is kept.
    /// [`Error::with_endpoint`] adds the peer's name.
    ///
    /// # Cancel safety
    ///
    /// Safe: the next call goes on where a dropped future stopped.
    pub async fn flush(&mut self) -> Result<(), Error> {
        self.write().await?;
        self.stream.flush().await.map_err(|error| io_error(error, Phase::Send))
    }

    /// Feeds a frame and flushes.
    ///
    /// # Errors
    ///
    /// As [`feed`](Self::feed) and [`flush`](Self::flush).
    ///
    /// # Cancel safety
    ///
    /// Not safe: a dropped future may have fed the frame, and written a part of it. The next call
    /// of any method sends the rest.
    pub async fn send<F>(&mut self, frame: F) -> Result<(), Error>
    where
        K: Encoder<F>,
    {
        self.feed(frame).await?;
        self.flush().await
    }

    /// Flushes and closes the sending side. Input from the peer can still be read.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    ///
    /// # Cancel safety
    ///
    /// Safe: the next call goes on where a dropped future stopped.
    pub async fn close(&mut self) -> Result<(), Error> {
        // The shutdown of a TLS stream waits for a second only.
        self.flush().await?;
        self.stream.shutdown().await.map_err(|error| io_error(error, Phase::Send))
    }

    fn is_full(&self) -> bool {
        self.output.len() >= self.high_water
    }

    async fn write(&mut self) -> Result<(), Error> {
        while !self.output.is_empty() {
            let written = self
                .stream
                .write(&self.output)
                .await
                .map_err(|error| io_error(error, Phase::Send))?;
            if written == 0 {
                return Err(io_error(io::ErrorKind::WriteZero.into(), Phase::Send));
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

/// A larger mark is not faster. With a small frame on top, the buffer stays below 64 KiB and one
/// segment of TCP.
const HIGH_WATER: usize = 48 * 1024;

#[cold]
fn full() -> Error {
    let reason = "the output buffer is full; flush before another frame is fed";
    Error::new(ErrorKind::Invalid(reason), Phase::Send).with_delivery(Delivery::NotSent)
}
