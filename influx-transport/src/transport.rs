//! The interface that every transport offers.

use std::future::Future;

use crate::Error;

/// Exchanges messages: connect, send, disconnect.
///
/// Dialling is lazy: [`send`](Self::send) connects when it has to, [`connect`](Self::connect) only
/// does it now. A transport stays usable after [`disconnect`](Self::disconnect), which closes what
/// is open.
///
/// All methods take `&self`, so that one transport serves many tasks at once. An answer never
/// reaches another caller than the one that sent its request, also if that caller gave up.
///
/// A program that only needs *some* transport takes it as a parameter:
///
/// ```
/// use influx_transport::{Error, MemoryTransport, Transport};
///
/// async fn ping<T: Transport<Request = u32>>(transport: &T) -> Result<T::Response, Error> {
///     transport.connect().await?;
///     transport.send(1).await
/// }
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// assert_eq!(ping(&MemoryTransport::new([Ok("pong")])).await?, "pong");
/// # Ok::<(), Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Transport: Send + Sync + 'static {
    /// What is sent.
    type Request: Send;
    /// What comes back. `()` for a transport that cannot get an answer, like a datagram's: the
    /// type says so.
    type Response: Send;

    /// Connects now, unless a connection is already open.
    ///
    /// # Errors
    ///
    /// No connection came about; nothing was sent.
    fn connect(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// Sends one request and waits for its answer.
    ///
    /// # Errors
    ///
    /// [`Error::delivery`] says whether the peer may have seen the request.
    ///
    /// # Cancel safety
    ///
    /// A dropped future may have sent the request. Its answer is never given to another caller.
    fn send(
        &self,
        request: Self::Request,
    ) -> impl Future<Output = Result<Self::Response, Error>> + Send;

    /// Closes what is open and not in use.
    ///
    /// # Errors
    ///
    /// What was open could not be closed in order. It is closed nevertheless.
    fn disconnect(&self) -> impl Future<Output = Result<(), Error>> + Send;
}
