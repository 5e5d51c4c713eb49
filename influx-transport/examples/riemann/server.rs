//! A small Riemann: takes events, keeps the latest of them and finds them again.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use influx_framing::{Decoder, Encoder, Frame, LengthCodec};
use influx_transport::Listen;
use influx_transport::udp::UdpListener;
use prost::Message;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::message::{self, Event, Msg};
use crate::store::{Store, refusal};

/// Serves any number of listeners, all from one store.
pub(crate) struct Server {
    state: Mutex<State>,
    /// Is shown every event that is stored.
    observe: fn(&Event),
}

/// What a server did so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counts {
    pub(crate) messages: u64,
    pub(crate) events: u64,
    pub(crate) refused: u64,
}

impl Server {
    pub(crate) fn new(observe: fn(&Event)) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), observe })
    }

    pub(crate) fn counts(&self) -> Counts {
        self.state().counts
    }

    /// How many events are kept.
    pub(crate) fn stored(&self) -> usize {
        self.state().store.len()
    }

    /// Serves the peers of a listener for ever. Dropping the future closes their connections.
    pub(crate) async fn serve(self: &Arc<Self>, listener: impl Listen) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                (stream, _) = listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                    let server = Arc::clone(self);
                    connections.spawn(async move { server.converse(stream).await });
                }
                // How one connection ended is nobody else's business.
                Some(_) = connections.join_next() => {}
            }
        }
    }

    /// Takes datagrams for ever. Nobody learns which of them made no sense.
    pub(crate) async fn receive(&self, mut listener: UdpListener) {
        loop {
            let (datagram, _) = listener.recv().await;
            if let Ok(request) = Msg::decode(datagram) {
                self.answer(request);
            }
        }
    }

    /// Answers one peer's messages in order, until it goes or sends what is no message.
    async fn converse<S>(&self, mut stream: S) -> Result<(), Box<dyn Error + Send + Sync>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut codec = message::codec();
        let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
        loop {
            let more = self.answer_some(&mut codec, &mut input, &mut output);
            // What came before a fault is answered.
            timeout(PATIENCE, stream.write_all_buf(&mut output)).await??;
            timeout(PATIENCE, stream.flush()).await??;
            if !more? {
                input.reserve(READ_SIZE);
                if timeout(PATIENCE, stream.read_buf(&mut input)).await?? == 0 {
                    // TLS tells an end from a connection that somebody cut.
                    return Ok(timeout(PATIENCE, stream.shutdown()).await??);
                }
            }
        }
    }

    /// Answers messages until the next is incomplete, or there is enough to be written: then there
    /// may be more.
    fn answer_some(
        &self,
        codec: &mut LengthCodec,
        input: &mut BytesMut,
        output: &mut BytesMut,
    ) -> Result<bool, Box<dyn Error + Send + Sync>> {
        while output.len() < WRITE_SIZE {
            // The codec never cuts a frame: it fails at one that is too long.
            let frame = codec.decode(input)?.and_then(Frame::into_complete);
            let Some(frame) = frame else { return Ok(false) };
            let answer = self.answer(Msg::decode(frame)?);
            codec.encode(answer.encode_to_vec(), output)?;
        }
        Ok(true)
    }

    /// Stores a message's events and answers its query. It may have both, or nothing.
    fn answer(&self, request: Msg) -> Msg {
        let mut state = self.state();
        state.counts.messages += 1;
        if let Some(reason) = request.events.iter().find_map(unacceptable) {
            state.counts.refused += 1;
            return refusal(reason);
        }
        for event in request.events {
            (self.observe)(&event);
            state.counts.events += 1;
            state.store.add(event);
        }
        match request.query {
            Some(query) => state.store.query(&query.string.unwrap_or_default()),
            None => Msg { ok: Some(true), ..Msg::default() },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct State {
    store: Store,
    counts: Counts,
}

/// Why an event cannot be stored, if so.
fn unacceptable(event: &Event) -> Option<String> {
    let metric = event.metric_d.or(event.metric_f.map(f64::from))?;
    let service = event.service.as_deref().unwrap_or("an event without a service");
    (!metric.is_finite()).then(|| format!("the metric of {service} is {metric}"))
}

/// Further peers wait in the system's queue.
const MAX_CONNECTIONS: usize = 256;

/// How long a peer may be silent, or take nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much is read at once.
const READ_SIZE: usize = 64 * 1024;

/// With so many bytes of answers the peer must take some before it is answered further.
const WRITE_SIZE: usize = 64 * 1024;
