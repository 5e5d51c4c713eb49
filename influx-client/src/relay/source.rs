//! Where messages come from.

use std::future::Future;

use bytes::Bytes;
use influx_framing::{Decoder, Frame, Message};
use influx_transport::Error;
use influx_transport::bridge::{Bridge, BridgeEvent};
use influx_transport::framed::FrameReader;
use influx_transport::udp::UdpListener;
use tokio::io::AsyncRead;

/// Where a relay's messages come from.
pub trait Source: Send {
    /// A message.
    type Message: Send;

    /// Waits for the next message; `None` after the last.
    ///
    /// A relay that is busy does not ask. Thus the source holds back its peers, or, if it cannot,
    /// loses what they send.
    ///
    /// # Errors
    ///
    /// Why nothing more will come, although the last message may not have come.
    ///
    /// # Cancel safety
    ///
    /// A dropped future must not lose a message.
    fn next(&mut self) -> impl Future<Output = Next<Self::Message>> + Send;
}

/// The result of [`Source::next`].
pub type Next<M> = Result<Option<Incoming<M>>, Error>;

/// One arrival from a [`Source`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "an arrival is a message or not")]
pub enum Incoming<M> {
    /// A message.
    Message(M),
    /// Something that is none, with the reason for humans.
    Unreadable(String),
}

/// The item of a codec: a frame, which is a message of bytes, or a message of its own type.
pub trait Decoded: Send + 'static {
    /// The message in it.
    type Message: Send;

    /// The message, or the reason why there is none.
    fn into_incoming(self) -> Incoming<Self::Message>;
}

impl<M: Send + 'static> Decoded for Message<M> {
    type Message = M;

    fn into_incoming(self) -> Incoming<M> {
        match self {
            Self::Value(message) => Incoming::Message(message),
            Self::Bad { reason, .. } => Incoming::Unreadable(reason),
            Self::Oversize { seen, .. } => {
                Incoming::Unreadable(format!("{seen} bytes are above the limit"))
            }
        }
    }
}

impl Decoded for Frame {
    type Message = Bytes;

    fn into_incoming(self) -> Incoming<Bytes> {
        Message::from(self).into_incoming()
    }
}

/// The messages of the peers of a bridge. They wait while the relay is busy.
impl<K> Source for Bridge<K>
where
    K: Decoder<Item: Decoded> + Clone + Send + 'static,
{
    type Message = <K::Item as Decoded>::Message;

    async fn next(&mut self) -> Next<Self::Message> {
        while let Some((_, event)) = self.recv().await {
            if let BridgeEvent::Message(message) = event {
                return Ok(Some(message.into_incoming()));
            }
        }
        Ok(None)
    }
}

/// The frames of one stream, such as the lines of a file.
impl<S, K> Source for FrameReader<S, K>
where
    S: AsyncRead + Send + Unpin,
    K: Decoder<Item: Decoded> + Send,
{
    type Message = <K::Item as Decoded>::Message;

    async fn next(&mut self) -> Next<Self::Message> {
        Ok(self.next().await?.map(Decoded::into_incoming))
    }
}

/// Datagrams. Those that come while the relay is busy wait in the system's buffer, and are lost
/// when that is full.
impl Source for UdpListener {
    type Message = Bytes;

    async fn next(&mut self) -> Next<Bytes> {
        Ok(Some(Incoming::Message(self.recv().await.0)))
    }
}
