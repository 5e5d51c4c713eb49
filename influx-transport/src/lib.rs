//! Exchanges messages over sockets: HTTP, frames, TCP, TLS, Unix sockets, UDP, and memory for tests.
//!
//! This crate carries messages and does not know what they mean: it knows no database, parses no
//! body, follows no redirect, and repeats no request that a peer may have seen.
//!
//! ```no_run
//! # #[cfg(feature = "http")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use bytes::Bytes;
//! use influx_transport::Transport;
//! use influx_transport::http::HttpTransport;
//! use influx_transport::tcp::TcpConnector;
//!
//! let transport = HttpTransport::new(TcpConnector::new("localhost", 8080)?);
//! let request = http::Request::get("/status").body(Bytes::new())?;
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
//! | transport | request | answer | by |
//! |---|---|---|---|
//! | [`http::HttpTransport`] | `http::Request<Bytes>` | `http::Response<HttpBody>` | HTTP/1.1 over pooled connections |
//! | [`framed::FramedTransport`] | a frame | a frame | one connection for all callers, answers in order |
//! | [`framed::FramedSender`] | a frame | `()`, once the system took it | one connection, reopened when it ends |
//! | [`udp::UdpTransport`] | a datagram | `()`, once the system took it | one socket |
//! | [`memory::MemoryTransport`] | any type | any type | a test's script |
//! | [`BoxTransport`] | any type | any type | any transport, chosen at run time |
//!
//! A [`bridge::Bridge`] is not a transport: it passes messages between this program and many peers,
//! in both directions, at any time.
//!
//! # Streams and datagrams
//!
//! | module | out, by [`Connect`] | in, by [`Listen`] |
//! |---|---|---|
//! | [`tcp`] | [`tcp::TcpConnector`] | [`tcp::TcpListener`] |
//! | [`tls`], over any of these | [`tls::TlsConnector`] | [`tls::TlsListener`] |
//! | `unix` | `UnixConnector` | `UnixListener` |
//! | [`memory`] | [`memory::MemoryConnector`] | [`memory::MemoryListener`] |
//! | [`udp`], datagrams | [`udp::UdpTransport`] | [`udp::UdpListener`] |
//!
//! [`framed::FrameReader`] and [`framed::FrameWriter`] read and write frames over any of these
//! streams; the codecs are in [`framing`].
//!
//! # Options, limits and counters
//!
//! The options of a type are a struct with public fields, set by assignment to its `Default`. Every
//! wait for a peer has a time limit, named `…_timeout`; an error of one has its [`Phase`]. A server
//! waits for its next peer or message without one, and so do [`framed::FrameReader`] and
//! [`framed::FrameWriter`]. Everything that a peer can fill has a limit, named `max_…`, in bytes
//! unless the name says otherwise. A larger message is [`ErrorKind::TooLarge`]; at a full queue,
//! callers wait unless the options say otherwise. By default all of these limits are set. Each
//! message or peer that is queued, dropped or refused is counted: see `stats()` of each type.
//!
//! `endpoint()` is the address to connect to: the peer's for a connector or transport, its own for a
//! listener or server. `local_addr()` is the local socket address.
//!
//! # Errors
//!
//! An [`Error`] has a kind, the [`Phase`] in which it happened, and the [`Delivery`] of the request:
//! whether a repetition may repeat its effect. [`Backoff`] has the pauses before repetitions, and
//! [`RetryBudget`] limits their number.
//!
//! # Cancel safety
//!
//! Any future of this crate may be dropped. Each method describes the effect on a request that is
//! under way; a later caller never gets the answer to it.
//!
//! # Runtime
//!
//! Everything runs on [tokio](https://tokio.rs), with its I/O and time drivers enabled. HTTP
//! connections and servers, framed transports, bridges and TLS listeners spawn tasks, which end with
//! their owner.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `bridge` | yes | [`bridge`]: messages between many peers |
//! | `framed` | yes | [`framed`]: frames over any byte stream |
//! | `http` | yes | [`http`]: requests over pooled HTTP/1.1 connections |
//! | `http-server` | no | [`http::HttpServer`]: a small HTTP/1.1 server for embedded and test servers |
//! | `tls` | no | [`tls`]: encryption over any byte stream, by rustls with ring |
//! | `dangerous-no-verification` | no | `TlsOptions::dangerously_trust_anybody`: encryption without checking who answers |
//! | `stream` | no | `bridge::Bridge::events`: the events of a bridge as a stream of the futures crates |
//! | `udp-batch` | no | speed: [`udp::UdpTransport::send_all`] hands up to 64 datagrams to Linux in one call |
//! | `test-util` | no | [`test_util`]: peers that play scripts, and a proxy that breaks connections |

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
mod lock;
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

/// The codecs of frames: the crate influx-framing.
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
