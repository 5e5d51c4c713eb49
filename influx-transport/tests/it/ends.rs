//! A peer that ends its connection in every way, encrypted or not.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use influx_transport::tcp::TcpConnector;
use influx_transport::tls::{TlsConnector, TlsOptions};
use influx_transport::{Connect, Endpoint, Error};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, server_config};

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// In order; an encrypted one, by a word in TLS.
    Announced,
    /// In order, but without a word in TLS.
    Closed,
    Reset,
}

/// A connection that is encrypted or not, and how it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) encrypted: bool,
    pub(crate) end: End,
}

impl Way {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let ends = [End::Announced, End::Closed, End::Reset];
        [false, true].into_iter().flat_map(move |encrypted| ends.map(|end| Self { encrypted, end }))
    }

    /// Whether the other side can tell the end from a broken connection.
    pub(crate) fn is_in_order(self) -> bool {
        self.end == End::Announced || (!self.encrypted && self.end == End::Closed)
    }

    /// The way to a peer for one connection. It reads up to the end of a request, sends these bytes
    /// and ends the connection.
    pub(crate) async fn peer(self, request_end: &'static str, answer: Bytes) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, tls) = self.encrypted.then(acceptor).unzip();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            if self.end == End::Reset {
                stream.set_zero_linger().unwrap();
            }
            match acceptor {
                None => self.play(&mut stream, request_end, &answer).await,
                Some(acceptor) => {
                    let mut stream = acceptor.accept(stream).await.unwrap();
                    self.play(&mut stream, request_end, &answer).await;
                }
            }
        });
        Peer { address, endpoint: address.into(), tls }
    }

    async fn play<S: AsyncRead + AsyncWrite + Unpin>(
        self,
        stream: &mut S,
        request_end: &str,
        answer: &[u8],
    ) {
        let mut received = Vec::new();
        while !received.ends_with(request_end.as_bytes()) {
            assert!(stream.read_buf(&mut received).await.unwrap() > 0);
        }
        stream.write_all(answer).await.unwrap();
        stream.flush().await.unwrap();
        if self.end == End::Announced {
            stream.shutdown().await.unwrap();
        }
    }
}

/// A server's side of TLS, and a client that trusts it.
pub(crate) fn acceptor() -> (TlsAcceptor, TlsOptions) {
    let authority = Authority::new();
    let config = server_config(&authority.issue("127.0.0.1"), rustls::ALL_VERSIONS, None);
    (TlsAcceptor::from(Arc::new(config)), authority.options())
}

/// The way to a peer. Made by [`Way::peer`].
pub(crate) struct Peer {
    address: SocketAddr,
    endpoint: Endpoint,
    /// The options of a client that trusts the peer, if the connection is encrypted.
    tls: Option<TlsOptions>,
}

impl Connect for Peer {
    type Stream = Box<dyn Stream>;

    async fn connect(&self) -> Result<Self::Stream, Error> {
        let tcp = TcpConnector::from(self.address);
        Ok(match self.tls.clone() {
            None => Box::new(tcp.connect().await?),
            Some(options) => Box::new(TlsConnector::with_options(tcp, options)?.connect().await?),
        })
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}
