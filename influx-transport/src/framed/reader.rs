//! The receiving half of a stream of frames.

use std::fmt;
use std::io;
use std::ops::ControlFlow;

use bytes::BytesMut;
use influx_framing::{Decoder, Frame};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::unreadable;
use crate::{Error, ErrorKind, Phase};

/// Reads frames from a byte stream that the program owns: one that a [`Listen`](crate::Listen)
/// accepted, or one half of it.
///
/// The codec says what a frame is, and how long. All frames that one read brought are handed out
/// before the next read: by [`next`](Self::next), or lent by [`next_each`](Self::next_each), which
/// is faster for frames of some hundred bytes and less.
///
/// What is buffered is at most what the codec keeps, one frame of the longest length it allows,
/// and one read, which begins with 8 KiB and grows to 64 KiB while the peer has that much to say.
///
/// It waits as long as the peer does: put [`next`](Self::next) into a timeout where peers may be
/// silent for ever.
///
/// This server answers all requests that came together with one write:
///
/// ```
/// use bytes::Bytes;
/// use influx_framing::{Frame, LengthCodec, Prefix};
/// use influx_transport::{Error, FrameReader, FrameWriter};
/// use tokio::io::DuplexStream;
///
/// async fn serve(stream: DuplexStream) -> Result<(), Error> {
///     let (input, output) = tokio::io::split(stream);
///     let mut requests = FrameReader::new(input, LengthCodec::new(Prefix::U32_BE));
///     let mut answers = FrameWriter::new(output, LengthCodec::new(Prefix::U32_BE));
///     while let Some(frame) = requests.next().await? {
///         let mut next = Some(frame);
///         while let Some(frame) = next {
///             answers.feed(frame.into_complete().unwrap_or_default()).await?;
///             next = requests.next_buffered()?;
///         }
///         answers.flush().await?;
///     }
///     answers.close().await
/// }
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// # let (mut client, server) = tokio::io::duplex(64);
/// # tokio::spawn(serve(server));
/// # client.write_all(b"\0\0\0\x04ping\0\0\0\0").await?;
/// # client.shutdown().await?;
/// # let mut echo = Vec::new();
/// # client.read_to_end(&mut echo).await?;
/// # assert_eq!(echo, b"\0\0\0\x04ping\0\0\0\0");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FrameReader<S, K> {
    stream: S,
    codec: K,
    input: BytesMut,
    read_size: usize,
    end: End,
}

/// Why nothing more is read.
enum End {
    NotYet,
    /// The peer has said all it had to say.
    Clean,
    Failed(Error),
}

impl<S, K> FrameReader<S, K> {
    /// Reads frames of this codec, of which nothing was read before.
    pub fn new(stream: S, codec: K) -> Self {
        Self { stream, codec, input: BytesMut::new(), read_size: MIN_READ, end: End::NotYet }
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream, the codec and what was read but not handed out, for what the peer says in
    /// another protocol from here on.
    pub fn into_parts(self) -> (S, K, BytesMut) {
        (self.stream, self.codec, self.input)
    }
}

impl<S: AsyncRead + Unpin, K: Decoder> FrameReader<S, K> {
    /// The next frame; `None` when the peer closed its side after a whole one.
    ///
    /// # Errors
    ///
    /// All in [`Phase::Receive`], after the frames before them were handed out, and again at each
    /// further call:
    /// [`ErrorKind::Closed`] if the input ends inside a frame, what there is of which
    /// [`into_parts`](Self::into_parts) then has,
    /// [`ErrorKind::TooLarge`] if a frame is above the codec's limit,
    /// [`ErrorKind::Protocol`] if it is none,
    /// and whatever the stream reports.
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
            self.read().await?;
        }
    }

    /// The next frame if it has been read already, so that a program knows when it has dealt with
    /// all that came together.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn next_buffered(&mut self) -> Result<Option<K::Item>, Error> {
        let frame = match &self.end {
            End::NotYet => self.codec.decode(&mut self.input),
            End::Clean => self.codec.decode_eof(&mut self.input),
            End::Failed(error) => return Err(error.clone()),
        };
        frame.map_err(|error| self.fail(unreadable(error, Phase::Receive)))
    }

    /// Waits for frames and lends all that have come to `visit`, which for small frames costs a
    /// fraction of handing them out. Returns `false` without any when the peer closed its side.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
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

    /// As [`next_each`](Self::next_each), for a visitor that may stop: by
    /// [`ControlFlow::Break`], as [`FrameWriter::try_feed`](crate::FrameWriter::try_feed) does
    /// when enough waits to be written, or by an error. The frame that it stops at was its own;
    /// the next call goes on behind it. Returns whether any frame was lent: `false` when the peer
    /// closed its side.
    ///
    /// # Errors
    ///
    /// What `visit` returns, and the errors of [`next`](Self::next).
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
                End::NotYet => self.read().await?,
                End::Clean => return Ok(false),
                End::Failed(error) => return Err(error.clone().into()),
            }
        }
    }

    /// Lends what has come until `visit` stops. An error waits behind the frames.
    fn lend(&mut self, mut visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>)
    where
        K: Decoder<Item = Frame>,
    {
        match self.end {
            End::NotYet => {
                if let Err(error) = self.codec.decode_each(&mut self.input, visit) {
                    self.fail(unreadable(error, Phase::Receive));
                }
            }
            End::Clean => {
                while let Ok(Some(frame)) = self.next_buffered()
                    && visit(frame.borrowed()).is_continue()
                {}
            }
            End::Failed(_) => {}
        }
    }

    async fn read(&mut self) -> Result<(), Error> {
        if self.input.capacity() - self.input.len() < self.read_size / 2 {
            self.input.reserve(self.read_size);
        }
        let room = self.input.capacity() - self.input.len();
        match self.stream.read_buf(&mut self.input).await {
            Ok(0) => self.end = End::Clean,
            Ok(read) if read == room => self.read_size = (2 * self.read_size).min(MAX_READ),
            Ok(_) => {}
            Err(error) => return Err(self.fail(unreceived(error))),
        }
        Ok(())
    }

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

/// How much is read at once: little while a peer says little, since there may be many peers.
const MIN_READ: usize = 8 * 1024;
const MAX_READ: usize = 64 * 1024;

fn unreceived(error: io::Error) -> Error {
    Error::new(ErrorKind::of_io(error.kind()), Phase::Receive).with_source(error)
}
