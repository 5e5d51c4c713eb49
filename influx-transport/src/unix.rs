//! Streams between programs on one machine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::UnixStream;

use crate::connect::deadline;
use crate::patience::Patience;
use crate::{Connect, Endpoint, Error, ErrorKind, Listen, Phase};

/// Connects to a Unix socket, by its path.
///
/// For HTTP the host is `localhost`.
///
/// ```
/// use influx_transport::Connect;
/// use influx_transport::unix::UnixConnector;
///
/// let connector = UnixConnector::new("/run/collector.sock");
/// assert_eq!(connector.endpoint().to_string(), "/run/collector.sock");
/// ```
#[derive(Clone, Debug)]
pub struct UnixConnector {
    path: PathBuf,
    endpoint: Endpoint,
    connect_timeout: Duration,
}

impl UnixConnector {
    /// Connects to the socket at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let endpoint = Endpoint::local(path.to_string_lossy());
        Self { path, endpoint, connect_timeout: Duration::from_secs(5) }
    }

    /// How long connecting may take. Default: 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }
}

impl Connect for UnixConnector {
    type Stream = UnixStream;

    async fn connect(&self) -> Result<UnixStream, Error> {
        deadline(self.connect_timeout, Phase::Connect, &self.endpoint, async {
            UnixStream::connect(&self.path).await.map_err(|error| {
                let failed = Error::new(ErrorKind::Io, Phase::Connect);
                failed.with_endpoint(&self.endpoint).with_source(error)
            })
        })
        .await
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// Accepts connections on a Unix socket. Dropping it removes the socket's file.
///
/// Who may connect is up to the permissions of the file's directory: set them before.
#[derive(Debug)]
pub struct UnixListener {
    listener: tokio::net::UnixListener,
    path: PathBuf,
    endpoint: Endpoint,
    patience: Patience,
}

impl UnixListener {
    /// Listens on a socket that it makes at this path.
    ///
    /// # Errors
    ///
    /// [`Phase::Bind`]: something exists at this path, or it cannot be made there. The file of a
    /// program that did not end in order is left over; remove it if that program is gone.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn bind(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let endpoint = Endpoint::local(path.to_string_lossy());
        let listener = tokio::net::UnixListener::bind(path).map_err(|error| {
            Error::new(ErrorKind::Io, Phase::Bind).with_endpoint(&endpoint).with_source(error)
        })?;
        Ok(Self { listener, path: path.to_owned(), endpoint, patience: Patience::default() })
    }

    /// How often the system failed to accept a peer.
    pub fn failures(&self) -> u64 {
        self.patience.failures()
    }
}

impl Listen for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> (UnixStream, Endpoint) {
        let (stream, _) = self.patience.outlast(|cx| self.listener.poll_accept(cx)).await;
        // The peer's own socket has no name as a rule.
        (stream, self.endpoint.clone())
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Drop for UnixListener {
    fn drop(&mut self) {
        // A file that is gone already needs no removal.
        drop(std::fs::remove_file(&self.path));
    }
}
