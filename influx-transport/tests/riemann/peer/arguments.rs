//! The command line.

use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;

use influx_transport::tls::{TlsAuthorities, TlsIdentity, TlsOptions, TlsServerOptions};

use crate::message::{Attribute, Event};

/// Words, and the files that TLS needs.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) words: Vec<String>,
    ca: Option<String>,
    cert: Option<String>,
    key: Option<String>,
    name: Option<String>,
}

impl Arguments {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut parsed = Self::default();
        for argument in arguments {
            match argument.strip_prefix("--").and_then(|option| option.split_once('=')) {
                Some(("ca", file)) => parsed.ca = Some(file.to_owned()),
                Some(("cert", file)) => parsed.cert = Some(file.to_owned()),
                Some(("key", file)) => parsed.key = Some(file.to_owned()),
                Some(("name", name)) => parsed.name = Some(name.to_owned()),
                _ if argument.starts_with("--") => {
                    return Err(format!("unknown option {argument}").into());
                }
                _ => parsed.words.push(argument),
            }
        }
        Ok(parsed)
    }

    /// The TLS settings of a client.
    pub(crate) fn client_options(&self) -> Result<TlsOptions, Box<dyn Error>> {
        let mut options = TlsOptions::default();
        if let Some(ca) = &self.ca {
            options.authorities = Some(TlsAuthorities::from_file(ca)?);
        }
        options.server_name.clone_from(&self.name);
        if self.cert.is_some() || self.key.is_some() {
            options.identity = Some(self.identity()?);
        }
        Ok(options)
    }

    /// The TLS settings of a server.
    pub(crate) fn server_options(&self) -> Result<TlsServerOptions, Box<dyn Error>> {
        let mut options = TlsServerOptions::new(self.identity()?);
        if let Some(ca) = &self.ca {
            options.client_authorities = Some(TlsAuthorities::from_file(ca)?);
        }
        Ok(options)
    }

    fn identity(&self) -> Result<TlsIdentity, Box<dyn Error>> {
        match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Ok(TlsIdentity::from_files(cert, key)?),
            _ => Err("TLS needs --cert=FILE and --key=FILE here".into()),
        }
    }
}

/// An event of fields such as `service=cpu`. Names that Riemann does not know are attributes.
pub(crate) fn event(fields: &[&str]) -> Result<Event, String> {
    let mut event = Event::default();
    for field in fields {
        let (name, value) =
            field.split_once('=').ok_or_else(|| format!("{field} is not NAME=VALUE"))?;
        let text = Some(value.to_owned());
        match name {
            "description" => event.description = text,
            "host" => event.host = text,
            "metric" => match value.parse() {
                Ok(integer) => event.metric_sint64 = Some(integer),
                Err(_) => event.metric_d = Some(number(field, value)?),
            },
            "service" => event.service = text,
            "state" => event.state = text,
            "tag" => event.tags.extend(text),
            "time" => event.time = Some(number(field, value)?),
            "time_micros" => event.time_micros = Some(number(field, value)?),
            "ttl" => event.ttl = Some(number(field, value)?),
            _ => event.attributes.push(Attribute { key: name.to_owned(), value: text }),
        }
    }
    Ok(event)
}

fn number<T: FromStr<Err: Display>>(field: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|error| format!("{field}: {error}"))
}
