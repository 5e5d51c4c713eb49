//! Exchanges messages over sockets: HTTP, TCP, UDP and in-memory transports.
//!
//! This crate knows bytes and messages, not what they mean: it knows no database, parses no body,
//! repeats no request that a peer may have seen and follows no redirect.
//!
//! ```no_run
//! # #[cfg(feature = "http")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use bytes::Bytes;
//! use influx_transport::Transport;
//! use influx_transport::http::HttpTransport;
//! use influx_transport::tcp::TcpConnector;
//!
//! let transport = HttpTransport::new(TcpConnector::new("localhost", 8086)?);
//! let request = http::Request::get("http://localhost:8086/ping").body(Bytes::new())?;
//! let response = transport.send(request).await?;
//! println!("{}: {:?}", response.status(), response.into_body().collect(1024).await?);
//! # Ok(())
//! # }
//! ```
//!
//! # Transports
//!
//! A [`Transport`] sends requests and returns answers.
//!
//! | transport | a request | its answer | by |
//! |---|---|---|---|
//! | [`HttpTransport`] | `http::Request<Bytes>` | `http::Response<`[`Body`]`>` | HTTP/1.1 over pooled connections |
//! | [`FramedTransport`] | a frame | a frame | one connection that all callers share, answers in order |
//! | [`FramedSender`] | a frame | `()` when the system took it | one connection, which comes back |
//! | [`UdpTransport`] | a datagram | `()` when the system took it | one socket |
//! | [`MemoryTransport`] | anything | anything | a test's script |
//!
//! A [`Bridge`] is no transport: it passes messages between this program and many peers, in both
//! directions, at any time.
//!
//! # Streams and datagrams
//!
//! | way | out, by [`Connect`] | in, by [`Listen`] |
//! |---|---|---|
//! | TCP | [`TcpConnector`] | [`TcpListener`] |
//! | TLS | [`TlsConnector`] over any of these | [`TlsListener`] over any of these |
//! | Unix sockets | `UnixConnector` | `UnixListener` |
//! | memory | [`MemoryConnector`] | [`MemoryListener`] |
//! | UDP | [`UdpTransport`] | [`UdpListener`] |
//!
//! [`FrameReader`] and [`FrameWriter`] read and write frames over any of these streams.
//!
//! # Errors
//!
//! [`Error`] says for all of them what happened, in which [`Phase`], and by its [`Delivery`]
//! whether a repetition may do something twice. A peer that failed is left alone for a while:
//! [`Backoff`] says how long.
//!
//! # Limits
//!
//! Every wait has a deadline and everything that a peer can fill has a size. The defaults are in
//! the documentation of [`BridgeOptions`], [`HttpOptions`], [`FramedOptions`], [`ServerOptions`], [`SocketOptions`]
//! and of the builder methods; none of them is "unlimited".
//!
//! # Cancel safety
//!
//! Any future of this crate may be dropped. What that means for a request that is under way stands
//! at each method; it never means that a later caller gets the answer to it.
//!
//! # Runtime
//!
//! All of it runs on [tokio](https://tokio.rs), with its I/O and time drivers enabled. Only HTTP
//! connections and servers, the framed transports, bridges and TLS listeners spawn tasks; the tasks
//! end with what they belong to.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `bridge` | yes | [`Bridge`]: messages between many peers |
//! | `framed` | yes | [`FramedTransport`], [`FramedSender`], [`FrameReader`], [`FrameWriter`]: frames over any byte stream |
//! | `http` | yes | [`HttpTransport`]: requests over pooled HTTP/1.1 connections |
//! | `http-server` | | [`HttpServer`]: a small HTTP/1.1 server for embedded and test servers |
//! | `tls` | | [`TlsConnector`] and [`TlsListener`]: encryption over any of the streams |
//! | `dangerous-no-verification` | | `TlsOptions::dangerously_trust_anybody`: encryption to nobody knows whom |
//! | `stream` | | [`Bridge::events`](bridge::Bridge::events): the events of a bridge as a stream of the futures crates |
//! | `udp-batch` | | [`UdpTransport::send_all`]: many datagrams in one system call, on Linux |
//! | `test-util` | | [`test_util`]: peers that play scripts, and a proxy that breaks connections |

#[cfg(any(feature = "framed", feature = "http"))]
mod alarm;
mod backoff;
#[cfg(feature = "bridge")]
pub mod bridge;
mod connect;
mod endpoint;
mod error;
#[cfg(feature = "framed")]
pub mod framed;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "framed")]
mod link;
mod listen;
pub mod memory;
mod patience;
mod resolve;
mod socket;
pub mod tcp;
#[cfg(feature = "test-util")]
pub mod test_util;
#[cfg(feature = "tls")]
pub mod tls;
mod transport;
pub mod udp;
#[cfg(unix)]
pub mod unix;

/// The codecs of frames: the crate influx-framing, whose types this crate's functions take.
#[cfg(feature = "framed")]
pub use influx_framing as framing;

pub use backoff::{Backoff, RetryBudget};
pub use connect::Connect;
pub use endpoint::Endpoint;
pub use error::{CertificateFault, Delivery, Error, ErrorKind, Phase};
pub use listen::{Listen, ListenerStats};
pub use resolve::{BoxResolver, Resolve, SystemResolver};
pub use socket::SocketOptions;
pub use transport::{BoxTransport, Transport};
