//! A configuration as one line of text.

use std::error::Error;

use influx_client::{Auth, Config, ConfigError};

/// A DSN; or in four lines the text before a password up to its colon, the two halves of the
/// password, and the text behind its `@`.
///
/// A displayed DSN reads back the same, and no text shows a piece of a password or a token,
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
            // Without a colon before the last `@`, it is a token; else a user's name, which is shown.
            let rest = format!("{before}{CANARY}{after}@{tail}");
            if rest.rsplit_once('@').is_some_and(|(token, _)| !token.contains(':')) {
                check_secrecy(&format!("influxdb://{rest}"));
            }
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
    // Only the credentials are not shown.
    assert_eq!(read.auth(Auth::None), config.auth(Auth::None), "{shown}");
}

fn check_secrecy(dsn: &str) {
    let shown = match dsn.parse::<Config>() {
        Ok(config) => format!("{config} {config:?}"),
        Err(error) => format!("{error:?} {} {}", chain(&error), error.hint()),
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
