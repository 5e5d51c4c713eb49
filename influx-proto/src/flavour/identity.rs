//! A server and its version, out of any of its answers.

use std::fmt;

use http::StatusCode;
use thiserror::Error;

use super::signs::{Answer, Found};
use crate::{Printable, Reply, ServerError};

/// A kind of server, as far as its differences matter to a client.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Flavour {
    /// `InfluxDB` 0.8.
    V08,
    /// `InfluxDB` 1.0 to 1.7.
    V1_0,
    /// `InfluxDB` 1.8 and later 1.x.
    V1_8,
    /// `InfluxDB` 2.x.
    V2,
    /// `InfluxDB` 3.x.
    V3,
    /// `VictoriaMetrics`, which takes line protocol.
    VictoriaMetrics,
}

impl Flavour {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::V08, Self::V1_0, Self::V1_8, Self::V2, Self::V3, Self::VictoriaMetrics];

    /// The server that sent this reply to a [`Probe`](super::Probe) or any other call.
    ///
    /// # Errors
    ///
    /// [`UnknownServer`] unless the reply names its server beyond doubt.
    pub fn of(reply: &Reply<'_>) -> Result<Self, UnknownServer> {
        Identity::of(reply).map(|identity| identity.flavour)
    }

    /// The server of this version, such as `1.6.7~rc0`, `v2.7.1` or `InfluxDB v0.8.9 (git: …)`.
    pub fn of_version(version: &str) -> Option<Self> {
        let version = version.strip_prefix("InfluxDB ").unwrap_or(version);
        let version = version.strip_prefix('v').unwrap_or(version);
        let (major, rest) = version.split_once('.')?;
        let minor = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        // No version has a sign, which `parse` takes.
        let is_number = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number = |text| Some(text).filter(is_number)?.parse::<u16>().ok();
        match (number(major)?, number(minor)?) {
            (0, 8) => Some(Self::V08),
            (1, 0..=7) => Some(Self::V1_0),
            (1, _) => Some(Self::V1_8),
            (2, _) => Some(Self::V2),
            (3, _) => Some(Self::V3),
            _ => None,
        }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.traits().name)
    }
}

/// A server as it names itself.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Identity {
    /// Its kind.
    pub flavour: Flavour,
    /// The version, in the server's words, cut at [`ServerError::MAX_HEADER`] bytes.
    pub version: Option<String>,
}

impl Identity {
    /// The server that sent this reply.
    ///
    /// # Errors
    ///
    /// [`UnknownServer`] unless the reply names its server beyond doubt.
    pub fn of(reply: &Reply<'_>) -> Result<Self, UnknownServer> {
        Self::of_answer(&Answer::of_reply(reply))
    }

    /// The server that refused, by the part of its headers that the error keeps.
    ///
    /// # Errors
    ///
    /// As [`Identity::of`].
    pub fn of_refusal(refusal: &ServerError) -> Result<Self, UnknownServer> {
        Self::of_answer(&Answer::of_refusal(refusal))
    }

    fn of_answer(answer: &Answer<'_>) -> Result<Self, UnknownServer> {
        let status = answer.status;
        let version = answer.version.as_deref().map(str::to_owned);
        match answer.certain() {
            Some(Found::Server(flavour)) => Ok(Self { flavour, version }),
            Some(Found::WebServer) => Err(UnknownServer::WebServer { status }),
            None => Err(match (version, answer.location.as_deref()) {
                (Some(version), _) => UnknownServer::Version { version },
                (None, Some(location)) => {
                    UnknownServer::Redirect { status, location: location.to_owned() }
                }
                _ if matches!(status.as_u16(), 502 | 504) => UnknownServer::WebServer { status },
                _ => UnknownServer::Unnamed { status },
            }),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.flavour.fmt(f)?;
        let Some(version) = &self.version else { return Ok(()) };
        // Behind it, 0.8.9 names its commit and its storage engines.
        let version = version.split(" (").next().unwrap_or_default();
        write!(f, " (its version: {})", Printable(version))
    }
}

/// A reply that does not tell which server sent it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum UnknownServer {
    /// The reply points to another address, as those of captive portals do.
    #[error("the answer {status} is a redirect to {}", Printable(location))]
    Redirect {
        /// The status.
        status: StatusCode,
        /// The address without its secrets, see [`ServerError::location`].
        location: String,
    },
    /// The reply has neither a version nor another sign of a known server.
    #[error("the answer {status} does not name its server")]
    Unnamed {
        /// The status.
        status: StatusCode,
    },
    /// The reply names a version of no known server.
    #[error("the version {} is unknown", Printable(version))]
    Version {
        /// The version, cut at [`ServerError::MAX_HEADER`] bytes.
        version: String,
    },
    /// The reply is a page for people, or that of a gateway without a server behind it.
    #[error("a web server or a proxy gave the answer {status}")]
    WebServer {
        /// The status.
        status: StatusCode,
    },
}
