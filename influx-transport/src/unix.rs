//! Byte streams over Unix sockets, in both directions.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::UnixStream;

use crate::connect::deadline;
use crate::patience::Patience;
use crate::{Connect, Endpoint, Error, Listen, ListenerStats, Phase};

/// The settings of a [`UnixConnector`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UnixOptions {
    /// The longest time until the connection is open. Default: 5 s.
    pub connect_timeout: Duration,
}

impl Default for UnixOptions {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(5) }
    }
}

/// Connects to a Unix socket by its path.
///
/// HTTP over it is for the host `localhost`.
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
    options: UnixOptions,
}

impl UnixConnector {
    /// A connector to the socket at this path, with the default options.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::with_options(path, UnixOptions::default())
    }

    /// A connector to the socket at this path, with these options.
    pub fn with_options(path: impl Into<PathBuf>, options: UnixOptions) -> Self {
        let path = path.into();
        let endpoint = Endpoint::local(path.to_string_lossy());
        Self { path, endpoint, options }
    }
}

impl Connect for UnixConnector {
    type Stream = UnixStream;

    async fn connect(&self) -> Result<UnixStream, Error> {
        deadline(self.options.connect_timeout, Phase::Connect, &self.endpoint, async {
            let connected = UnixStream::connect(&self.path).await;
            connected.map_err(|error| Error::io(Phase::Connect, &self.endpoint, error))
        })
        .await
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// Accepts connections on a Unix socket. Dropping it removes the socket's file, unless another
/// program has replaced it.
///
/// The permissions of the file's directory say who may connect: set them before.
#[derive(Debug)]
pub struct UnixListener {
    listener: tokio::net::UnixListener,
    path: PathBuf,
    /// The file that [`bind`](Self::bind) made, if it could be told.
    file: Option<(u64, u64)>,
    endpoint: Endpoint,
    patience: Patience,
}

impl UnixListener {
    /// Makes a socket at this path and listens on it.
    ///
    /// # Errors
    ///
    /// [`Phase::Bind`]: a file exists at this path, or the system refuses to make one. A program
    /// that was killed leaves its file behind; remove it once that program is gone.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn bind(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let endpoint = Endpoint::local(path.to_string_lossy());
        let listener = tokio::net::UnixListener::bind(path)
            .map_err(|error| Error::io(Phase::Bind, &endpoint, error))?;
        let patience = Patience::default();
        Ok(Self { listener, path: path.to_owned(), file: identity(path), endpoint, patience })
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

    fn stats(&self) -> ListenerStats {
        self.patience.stats()
    }
}

impl Drop for UnixListener {
    fn drop(&mut self) {
        if self.file.is_some() && identity(&self.path) == self.file {
            // If that fails, the file is gone.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// The device and the number of the file at this path.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let numbers = |file: Metadata| (file.dev(), file.ino());
    std::fs::symlink_metadata(path).ok().map(numbers)
}
