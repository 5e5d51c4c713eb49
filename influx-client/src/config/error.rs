//! The errors of a configuration.

use std::convert::Infallible;

use thiserror::Error;

/// A configuration that cannot be used.
///
/// No variant holds the DSN or a part of it that could be a piece of a password or a token.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The DSN names another dialect than the client has.
    #[error("the DSN names {named}, but the client is for {client}")]
    Dialect {
        /// The dialect of the DSN.
        named: &'static str,
        /// The dialect of the client.
        client: &'static str,
    },
    /// The environment variable holds something that is not a DSN.
    #[error("the environment variable {variable} cannot be used: {source}")]
    Environment {
        /// The variable's name.
        variable: &'static str,
        /// The defect of its value.
        source: Box<ConfigError>,
    },
    /// The setting needs a feature of this crate with which the program was not built.
    #[error("{setting} needs influx-client with its feature `{feature}`")]
    Feature {
        /// The setting, as a DSN has it.
        setting: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// A part of the DSN is malformed, or the client cannot use it.
    #[error("the {part} of the DSN {reason}")]
    Malformed {
        /// Which part: scheme, host, port, user, password, token, database, parameter.
        part: &'static str,
        /// The defect, and the correct form.
        reason: &'static str,
    },
    /// The value is not UTF-8.
    #[error("the value is not UTF-8")]
    NotUtf8,
    /// The key appears twice.
    #[error("the key `{}` of the DSN appears twice", key.escape_debug())]
    RepeatedKey {
        /// The key.
        key: String,
    },
    /// The key has another name here.
    #[error("the key `{key}` is not read: write {instead}")]
    ReplacedKey {
        /// The key.
        key: &'static str,
        /// The key to write instead.
        instead: &'static str,
    },
    /// Neither this crate nor the dialect knows the key.
    #[error("the DSN has an unknown key `{}`; known are {known}", key.escape_debug())]
    UnknownKey {
        /// The key.
        key: String,
        /// Every known key.
        known: String,
    },
    /// The scheme is unknown.
    #[error(
        "the DSN must begin with a scheme such as influxdb://, https+influxdb:// or \
         udp+influxdb://{}{scheme}",
        if scheme.is_empty() { "" } else { ", not with " }
    )]
    UnknownScheme {
        /// The scheme that was found; empty if the DSN has none.
        scheme: String,
    },
    /// A setting has no effect here, so that it is refused.
    #[error("the setting `{setting}` {reason}")]
    Useless {
        /// The setting, by its key in a DSN where it has one.
        setting: &'static str,
        /// Why it has no effect.
        reason: &'static str,
    },
    /// The value of a key cannot be used.
    #[error("the value of `{key}` {reason}")]
    Value {
        /// The key.
        key: &'static str,
        /// The expected form.
        reason: &'static str,
    },
}

impl From<Infallible> for ConfigError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
