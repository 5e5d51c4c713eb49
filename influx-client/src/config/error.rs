//! What can be wrong with a configuration.

use thiserror::Error;

/// A configuration that cannot be used.
///
/// No variant holds the DSN or a part of it that could be a piece of the password.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The environment variable holds something that is not a DSN.
    #[error("the environment variable {variable} is not a DSN")]
    Environment {
        /// The variable's name.
        variable: &'static str,
        /// What is wrong with its value.
        source: Box<ConfigError>,
    },
    /// A part of the DSN is malformed.
    #[error("the {part} of the DSN {reason}")]
    Malformed {
        /// Which part: scheme, host, port, user, password, database, parameter.
        part: &'static str,
        /// What is wrong with it and how to write it.
        reason: &'static str,
    },
    /// The value is not UTF-8.
    #[error("the value is not UTF-8")]
    NotUtf8,
    /// The key appears twice.
    #[error("the key `{key}` of the DSN appears twice")]
    RepeatedKey {
        /// The key.
        key: String,
    },
    /// There is no such key.
    #[error("the DSN has an unknown key `{}`; known are {known}", key.escape_debug())]
    UnknownKey {
        /// The key.
        key: String,
        /// Every known key.
        known: String,
    },
    /// The scheme is not one of ours.
    #[error(
        "the DSN must begin with influxdb://, https+influxdb:// or udp+influxdb://, not with {}",
        scheme.escape_debug()
    )]
    UnknownScheme {
        /// The scheme that was found.
        scheme: String,
    },
    /// A key's value is unusable.
    #[error("the value of `{key}` in the DSN {reason}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is expected.
        reason: &'static str,
    },
}
