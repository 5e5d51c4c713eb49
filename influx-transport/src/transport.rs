//! The interface that every transport offers, and transports that are chosen at run time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::Error;

/// Exchanges messages: connect, send, disconnect.
///
/// [`send`](Self::send) connects when necessary; [`connect`](Self::connect) only does so earlier. A
/// transport stays usable after a [`disconnect`](Self::disconnect).
///
/// All methods take `&self`, so that one transport serves many tasks at once. An answer reaches only
/// the caller that sent its request, even after another caller gave up.
///
/// A program that works with any transport takes it as a parameter:
///
/// ```
/// use influx_transport::{Error, Transport};
/// use influx_transport::memory::MemoryTransport;
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
    /// A request.
    type Request: Send;
    /// An answer; `()` for a transport without answers, such as one of datagrams.
    type Response: Send;

    /// Connects now, unless a connection is already open.
    ///
    /// # Errors
    ///
    /// No connection was opened; nothing was sent.
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

    /// Closes the open connections that are not in use.
    ///
    /// # Errors
    ///
    /// A connection was closed, but not in order.
    fn disconnect(&self) -> impl Future<Output = Result<(), Error>> + Send;
}

/// A program, for example a test, keeps one clone and hands another one out.
impl<T: Transport> Transport for Arc<T> {
    type Request = T::Request;
    type Response = T::Response;

    async fn connect(&self) -> Result<(), Error> {
        T::connect(self).await
    }

    async fn send(&self, request: T::Request) -> Result<T::Response, Error> {
        T::send(self, request).await
    }

    async fn disconnect(&self) -> Result<(), Error> {
        T::disconnect(self).await
    }
}

/// Any transport with these messages, chosen at run time. Clones share it.
///
/// ```
/// use bytes::Bytes;
/// use influx_transport::{BoxTransport, Error, Transport};
/// use influx_transport::memory::MemoryTransport;
/// use influx_transport::udp::UdpTransport;
///
/// fn choose(host: Option<&str>) -> Result<BoxTransport<Bytes, ()>, Error> {
///     match host {
///         Some(host) => Ok(BoxTransport::new(UdpTransport::new(host, 5555)?)),
///         None => Ok(BoxTransport::new(MemoryTransport::new([Ok(())]))),
///     }
/// }
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(choose(None)?.send(Bytes::from("x")))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BoxTransport<Q, R>(Arc<dyn Erased<Q, R>>);

impl<Q: Send + 'static, R: Send + 'static> BoxTransport<Q, R> {
    /// Takes over a transport.
    pub fn new(transport: impl Transport<Request = Q, Response = R>) -> Self {
        Self(Arc::new(transport))
    }
}

impl<Q: Send + 'static, R: Send + 'static> Transport for BoxTransport<Q, R> {
    type Request = Q;
    type Response = R;

    async fn connect(&self) -> Result<(), Error> {
        self.0.connect_boxed().await
    }

    async fn send(&self, request: Q) -> Result<R, Error> {
        self.0.send_boxed(request).await
    }

    async fn disconnect(&self) -> Result<(), Error> {
        self.0.disconnect_boxed().await
    }
}

impl<Q, R> Clone for BoxTransport<Q, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q, R> fmt::Debug for BoxTransport<Q, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxTransport").finish_non_exhaustive()
    }
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// [`Transport`] as an object. Other names for its methods keep calls unambiguous.
trait Erased<Q, R>: Send + Sync {
    fn connect_boxed(&self) -> BoxFuture<'_, ()>;
    fn send_boxed(&self, request: Q) -> BoxFuture<'_, R>;
    fn disconnect_boxed(&self) -> BoxFuture<'_, ()>;
}

impl<T: Transport> Erased<T::Request, T::Response> for T {
    fn connect_boxed(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.connect())
    }

    fn send_boxed(&self, request: T::Request) -> BoxFuture<'_, T::Response> {
        Box::pin(self.send(request))
    }

    fn disconnect_boxed(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.disconnect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryTransport;

    #[tokio::test]
    async fn a_box_is_the_transport_in_it() {
        let transport = BoxTransport::new(MemoryTransport::new([Ok("1"), Ok("2")]));
        transport.connect().await.unwrap();
        assert_eq!(transport.send('a').await.unwrap(), "1");
        assert_eq!(transport.clone().send('b').await.unwrap(), "2");
        assert!(transport.send('c').await.unwrap_err().is_closed());
        transport.disconnect().await.unwrap();
    }

    #[tokio::test]
    async fn a_test_keeps_a_clone_of_what_it_hands_out() {
        let ours = Arc::new(MemoryTransport::new([Ok("1")]));
        let theirs = BoxTransport::new(Arc::clone(&ours));
        assert_eq!(theirs.send('a').await.unwrap(), "1");
        assert_eq!(ours.take_requests(), ['a']);
    }
}
