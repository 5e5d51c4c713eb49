//! The server role.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::options::TlsServerOptions;
use super::stream::TlsStream;
use crate::{Endpoint, Error, Listen, ListenerStats};

/// Accepts peers that encrypt with TLS 1.2 or 1.3, over any other listener.
///
/// Handshakes run side by side, in tasks of the current tokio runtime: a peer that stalls, or does
/// not speak TLS, delays no other. It is disconnected and counted in `failed_handshakes` of
/// [`stats`](Listen::stats). Peers that return resume their session, which saves both sides most of
/// the handshake; the last 256 sessions are kept in memory.
///
/// ```
/// use influx_transport::Listen;
/// use influx_transport::tcp::TcpListener;
/// use influx_transport::tls::{TlsAuthorities, TlsIdentity, TlsListener, TlsServerOptions};
///
/// async fn example() -> Result<(), Box<dyn std::error::Error>> {
///     let identity = TlsIdentity::from_files("server.pem", "server.key")?;
///     let mut options = TlsServerOptions::new(identity);
///     options.client_authorities = Some(TlsAuthorities::from_file("clients.pem")?);
///     let listener = TcpListener::bind("0.0.0.0:5556".parse()?).await?;
///     let listener = TlsListener::new(listener, options)?;
///     loop {
///         let (stream, peer) = listener.accept().await;
///         println!("{peer} has a certificate of ours");
/// #       drop(stream);
///     }
/// }
/// ```
pub struct TlsListener<L: Listen> {
    listener: L,
    acceptor: TlsAcceptor,
    handshake_timeout: Duration,
    max_handshakes: usize,
    handshakes: Mutex<JoinSet<Option<Accepted<L>>>>,
    failed_handshakes: AtomicU64,
}

impl<L: Listen> TlsListener<L> {
    /// Encrypts the streams of this listener, with these options.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): the certificate and the key do not belong
    /// together, or cannot be used.
    pub fn new(listener: L, options: TlsServerOptions) -> Result<Self, Error> {
        Ok(Self {
            listener,
            handshake_timeout: options.handshake_timeout,
            max_handshakes: options.max_handshakes.max(1),
            acceptor: Arc::new(options.into_config()?).into(),
            handshakes: Mutex::default(),
            failed_handshakes: AtomicU64::new(0),
        })
    }

    /// The listener below.
    pub fn listener(&self) -> &L {
        &self.listener
    }

    fn handshake(
        &self,
        stream: L::Stream,
        peer: Endpoint,
    ) -> impl Future<Output = Option<Accepted<L>>> + Send + 'static {
        let handshake = timeout(self.handshake_timeout, self.acceptor.accept(stream));
        async move { Some((TlsStream::new(handshake.await.ok()?.ok()?), peer)) }
    }
}

impl<L: Listen> Listen for TlsListener<L> {
    type Stream = TlsStream<L::Stream>;

    /// Waits for the next peer that has finished its handshake.
    ///
    /// Handshakes begin only during a call, and continue between calls. At most
    /// [`max_handshakes`](TlsServerOptions::max_handshakes) peers are in one, or wait to be accepted
    /// after it.
    async fn accept(&self) -> Accepted<L> {
        let mut handshakes = self.handshakes.lock().await;
        loop {
            tokio::select! {
                Some(finished) = handshakes.join_next() => match finished {
                    Ok(Some(accepted)) => return accepted,
                    // A panic costs its own peer only.
                    Ok(None) | Err(_) => {
                        self.failed_handshakes.fetch_add(1, Ordering::Relaxed);
                    }
                },
                (stream, peer) = self.listener.accept(),
                    if handshakes.len() < self.max_handshakes =>
                {
                    handshakes.spawn(self.handshake(stream, peer));
                }
            }
        }
    }

    fn endpoint(&self) -> &Endpoint {
        self.listener.endpoint()
    }

    /// The counts of the listener below, and the failed handshakes.
    fn stats(&self) -> ListenerStats {
        let failed_handshakes = self.failed_handshakes.load(Ordering::Relaxed);
        ListenerStats { failed_handshakes, ..self.listener.stats() }
    }
}

impl<L: Listen + fmt::Debug> fmt::Debug for TlsListener<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsListener")
            .field("listener", &self.listener)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

type Accepted<L> = (TlsStream<<L as Listen>::Stream>, Endpoint);
