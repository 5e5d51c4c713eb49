//! Shared by the tests of the framed transports.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use influx_framing::{Decoder, Encoder, LengthCodec, Prefix};
use influx_transport::framed::{FramedOptions, FramedTransport};
use influx_transport::test_util::{Script, ScriptedConnector};
use influx_transport::{Connect, Error, Listen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) type Exchange<C> = FramedTransport<C, LengthCodec>;

/// Four bytes of length, big-endian, and at most 1 KiB.
pub(crate) fn codec() -> LengthCodec {
    let mut codec = LengthCodec::new(Prefix::U32_BE);
    codec.max_len = 1024;
    codec
}

/// A message as it goes over the wire.
pub(crate) fn wire(message: &str) -> Bytes {
    let mut wire = BytesMut::new();
    codec().encode(message, &mut wire).unwrap();
    wire.freeze()
}

/// Options without jitter: every pause is as long as it can be.
pub(crate) fn options() -> FramedOptions {
    let mut options = FramedOptions::default();
    options.random = || 1.0;
    options
}

pub(crate) fn exchange<C: Connect>(connector: C) -> Exchange<C> {
    FramedTransport::with_options(connector, codec(), options())
}

/// A transport whose peer plays these scripts in memory.
pub(crate) fn scripted(
    scripts: impl IntoIterator<Item = Script>,
) -> (Arc<ScriptedConnector>, Exchange<Shared<ScriptedConnector>>) {
    let connector = Arc::new(ScriptedConnector::new(scripts));
    (Arc::clone(&connector), exchange(Shared(connector)))
}

/// A connector that the test keeps a hand on.
pub(crate) struct Shared<C>(pub(crate) Arc<C>);

impl<C: Connect> Connect for Shared<C> {
    type Stream = C::Stream;

    async fn connect(&self) -> Result<C::Stream, Error> {
        self.0.connect().await
    }

    fn endpoint(&self) -> &influx_transport::Endpoint {
        self.0.endpoint()
    }
}

/// A server that answers each message with itself.
pub(crate) struct Echo {
    accepted: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Echo {
    pub(crate) fn start(listener: impl Listen) -> Self {
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (mut stream, _) = listener.accept().await;
                count.fetch_add(1, Ordering::Relaxed);
                connections.spawn(async move {
                    let (mut codec, mut input) = (codec(), BytesMut::new());
                    while let Ok(1..) = stream.read_buf(&mut input).await {
                        let mut out = BytesMut::new();
                        while let Some(frame) = codec.decode(&mut input).unwrap() {
                            codec.encode(frame.into_complete().unwrap(), &mut out).unwrap();
                        }
                        let sent = stream.write_all(&out).await.and(stream.flush().await);
                        if sent.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { accepted, task }
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A small random number generator whose seed stands in the test.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // The constants of a common linear congruential generator.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
