//! A server over any listener. It does not know what the messages mean.

use std::error::Error;
use std::time::Duration;

use influx_transport::Listen;
use influx_transport::framed::{FrameReader, FrameWriter};
use influx_transport::framing::Frame;
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::message::{self, Msg};

/// Answers the messages of all peers for ever. Dropping the future closes their connections.
pub(crate) async fn serve<F>(listener: impl Listen, answer: F)
where
    F: Fn(Msg) -> Msg + Clone + Send + Sync + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            (stream, _) = listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                connections.spawn(converse(stream, answer.clone()));
            }
            // The fault of one connection does not concern the others.
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers one peer in order, until it closes the connection or sends something else.
async fn converse<S, F>(stream: S, answer: F) -> Result<(), Box<dyn Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
    F: Fn(Msg) -> Msg + Send + Sync,
{
    let (input, output) = tokio::io::split(stream);
    let mut requests = FrameReader::new(input, message::codec());
    let mut answers = FrameWriter::new(output, message::codec());
    loop {
        let more = requests.try_next_each(|request: Frame<&[u8]>| {
            let request = Msg::decode(request.into_complete().unwrap_or_default())?;
            Ok(answers.try_feed(answer(request).encode_to_vec())?)
        });
        let more: Result<bool, Box<dyn Error + Send + Sync>> = timeout(PATIENCE, more).await?;
        // The messages before a fault are answered too.
        timeout(PATIENCE, answers.flush()).await??;
        if !more? {
            // The end of a TLS connection must not look cut off.
            return Ok(timeout(PATIENCE, answers.close()).await??);
        }
    }
}

/// Further peers wait in the system's queue.
const MAX_CONNECTIONS: usize = 256;

/// The longest time in which a peer neither sends nor reads.
const PATIENCE: Duration = Duration::from_secs(60);
