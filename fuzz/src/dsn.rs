//! A configuration as one line of text.

use std::error::Error;

use influx_client::{Config, ConfigError};

/// A DSN, or its four parts in a line each: up to the colon before the password, the password's
/// two halves, from the `@` behind it on.
///
/// A displayed configuration reads back the same, and nothing shows a piece of the password,
/// escaped or not.
pub fn dsn(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_display(text);
    if text.to_lowercase().contains(CANARY) {
        return;
    }
    if let [head, before, after, tail] = text.split('\n').collect::<Vec<_>>()[..] {
        // Before the `://` is behind the scheme, a colon does not begin a password.
        if head.contains("://") {
            check_secrecy(&format!("{head}:{before}{CANARY}{after}@{tail}"));
        }
    }
}

/// In lower case, as host names are shown.
const CANARY: &str = "canary7f3a";

fn check_display(dsn: &str) {
    let Ok(config) = dsn.parse::<Config>() else { return };
    let shown = config.to_string();
    let read: Config = shown.parse().unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert_eq!(read.to_string(), shown);
    let read = match config.credentials() {
        Some(credentials) => read.with_credentials(credentials.clone()),
        None => read,
    };
    assert_eq!(read, config, "{shown}");
}

fn check_secrecy(dsn: &str) {
    let shown = match dsn.parse::<Config>() {
        Ok(config) => format!("{config} {config:?}"),
        Err(error) => format!("{error:?} {}", chain(&error)),
    };
    assert!(!shown.to_lowercase().contains(CANARY), "{dsn:?} is shown as {shown}");
}

fn chain(error: &ConfigError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
