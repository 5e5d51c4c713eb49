//! Messages, as they go over the wire.

use bytes::BytesMut;
use influx_framing::{Encoder, FrameError};

/// Encodes messages one by one.
pub(super) struct Encoding<K> {
    codec: K,
    /// What encodes each message if it is the only one of its connection.
    fresh: Option<K>,
    frame: BytesMut,
}

impl<K: Clone> Encoding<K> {
    pub(super) fn new(codec: K, one_message_per_connection: bool) -> Self {
        let fresh = one_message_per_connection.then(|| codec.clone());
        Self { codec, fresh, frame: BytesMut::new() }
    }

    /// The message as it goes over the wire.
    pub(super) fn encode<M>(&mut self, message: M) -> Result<&[u8], FrameError>
    where
        K: Encoder<M>,
    {
        self.frame.clear();
        if let Some(fresh) = &self.fresh {
            self.codec = fresh.clone();
        }
        self.codec.encode(message, &mut self.frame)?;
        Ok(&self.frame)
    }
}
