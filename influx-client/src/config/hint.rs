//! How a person can correct a configuration.

use std::borrow::Cow;

use super::ConfigError;
use super::nearest::nearest;

impl ConfigError {
    /// How a person can correct it: one sentence without a full stop.
    pub fn hint(&self) -> Cow<'static, str> {
        match self {
            Self::Dialect { .. } => {
                "use the client of the server's generation, or correct the digits behind `influxdb`"
                    .into()
            }
            Self::Environment { source, .. } => source.hint(),
            Self::Feature { feature, .. } => {
                format!("add features = [\"{feature}\"] to influx-client in Cargo.toml").into()
            }
            Self::Malformed { part, .. } => of_part(part).into(),
            Self::NotUtf8 => "write what is not ASCII as UTF-8, or percent-encoded".into(),
            Self::RepeatedKey { key } => {
                format!("keep one `{}` and delete the others", key.escape_debug()).into()
            }
            Self::ReplacedKey { key, instead } => {
                format!("replace `{key}`: write {instead}").into()
            }
            Self::UnknownKey { key, known } => match nearest(key, known.split(", ")) {
                Some(known) => format!("write `{known}` if that is meant").into(),
                None => "leave the key out, or use the client that has it".into(),
            },
            Self::UnknownScheme { .. } => {
                "write influxdb://user:password@host:port/database".into()
            }
            Self::Useless { setting, .. } => of_useless(setting),
            Self::Value { key, .. } => of_value(key),
        }
    }
}

fn of_part(part: &str) -> &'static str {
    match part {
        "database" => {
            "write one name behind the host, as in influxdb://host/metrics, and a path as prefix=/a/b"
        }
        "host" => {
            "write a name, an IPv4 address, an IPv6 address in brackets as in [::1], or the escaped \
             path of a Unix socket"
        }
        "parameter" => "write key=value, several joined by `&`, with `%` as %25 and `&` as %26",
        "password" => "percent-encode the password: `%` as %25, `@` as %40, `/` as %2F, `?` as %3F",
        "path" => "percent-encode the path: `%` as %25, `?` as %3F",
        "port" => {
            "write the port as digits, as in host:8086; if this is a password, `@` and the host are \
             missing behind it"
        }
        "scheme" => {
            "write influxdb:// for HTTP, https+influxdb:// for HTTPS, udp+influxdb:// for a UdpWriter"
        }
        "text" => {
            "percent-encode it: a space as %20, `#` as %23, `@` as %40, `/` as %2F, `?` as %3F"
        }
        "token" => "percent-encode the token, or write user:password@ if the server has no tokens",
        "user" => "write user:password@host, or @host to send no credentials",
        _ => "correct this part of the DSN: influxdb://user:password@host:port/database?key=value",
    }
}

fn of_useless(setting: &'static str) -> Cow<'static, str> {
    match setting {
        "answers" | "host" | "policy" => {
            "name one host without policy and answers, and make a client for each server".into()
        }
        "batch" => "encode the points by the database to which they are sent".into(),
        "tls_certificate" => {
            "give both tls_certificate and tls_key, and https+influxdb://, or neither".into()
        }
        _ if setting.starts_with("tls_") => {
            format!("write https+influxdb:// to encrypt, or leave `{setting}` out").into()
        }
        _ => format!("leave `{setting}` out").into(),
    }
}

/// A usable value of each key that all dialects have.
fn of_value(key: &'static str) -> Cow<'static, str> {
    let value = match key {
        "answers" => "answers=1, or 0 for all",
        "attempts" => "attempts=1 for one try, attempts=3 for two repetitions",
        "database" => "the database once: in the path, or as database=metrics",
        "gzip" => "gzip=true or gzip=false",
        "max_points" => "max_points=5000, digits without a unit",
        "max_request" => "max_request=8388608, bytes as digits without a unit",
        "max_response" => "max_response=67108864, bytes as digits without a unit",
        "max_values" => "max_values=16000000, digits without a unit",
        "min_body_rate" => "min_body_rate=100, bytes per second as digits, or 0 for any pace",
        "non_finite" => "non_finite=omit to leave NaN and infinities out",
        "policy" => "policy=failover",
        "prefix" => "prefix=/insert/0/influx",
        "tls_ca" => "tls_ca=/path/of/authorities.pem",
        "tls_certificate" => "tls_certificate=/path/of/chain.pem",
        "tls_key" => "tls_key=/path/of/key.pem",
        "tls_server_name" => "tls_server_name=db.example.org",
        _ if key.ends_with("_timeout") => {
            return format!("write {key}=30s: digits, and ms, s or m").into();
        }
        _ => return format!("give `{key}` a value that the error names, or leave it out").into(),
    };
    format!("write {value}").into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::keys::{KEYS, REPLACED, read_dialect_keys};
    use super::super::{Config, Key};
    use super::*;

    /// The error of a DSN, or of a client that has no keys of its own.
    fn error(dsn: &str) -> ConfigError {
        let none: &[Key<()>] = &[];
        let config = dsn.parse::<Config>().and_then(|config| read_dialect_keys(&config, none));
        config.expect_err(dsn)
    }

    #[test]
    fn each_key_has_a_hint_of_its_own() {
        let mut hints = HashSet::new();
        for key in KEYS {
            let bad = if key.name.starts_with("tls_") { "" } else { "b\u{e4}d" };
            let error = error(&format!("influxdb://h?{}={bad}", key.name));
            assert!(error.to_string().contains(&format!("`{}`", key.name)), "{error}");
            let hint = error.hint();
            assert!(hint.contains(&format!("{}=", key.name)), "{}: {hint}", key.name);
            assert!(hints.insert(hint.clone()), "{hint}");
            // The value of the hint is one that the key takes.
            let value = hint.split_once(&format!("{}=", key.name)).unwrap().1;
            let end = value.find([',', ':', ' ']).unwrap_or(value.len());
            assert!((key.read)(&mut Config::default(), &value[..end]), "{hint}");
        }
        for (key, instead) in REPLACED {
            let error = error(&format!("influxdb://h?{key}=1"));
            assert!(error.to_string().contains(&format!("`{key}`")), "{error}");
            let hint = error.hint();
            assert!(hint.starts_with(&format!("replace `{key}`: write {instead}")), "{hint}");
            assert!(hints.insert(hint.clone()), "{hint}");
        }
    }

    #[test]
    fn a_key_with_a_slip_is_recognized() {
        for key in KEYS {
            let (first, last) = key.name.split_at(key.name.len() - 1);
            for slip in [first.to_owned(), format!("{}s", key.name), format!("{first}z{last}")] {
                if REPLACED.iter().any(|(replaced, _)| *replaced == slip) {
                    continue;
                }
                let error = error(&format!("influxdb://h?{slip}=1"));
                assert!(error.to_string().contains(&format!("unknown key `{slip}`")), "{error}");
                assert!(error.hint().contains(&format!("`{}`", key.name)), "{slip}: {error:?}");
            }
        }
        let hint = error("influxdb://h?nosuch=1").hint();
        assert!(hint.starts_with("leave the key out"), "{hint}");
    }

    #[test]
    fn each_part_of_a_dsn_has_a_hint() {
        for (dsn, text, hint) in [
            ("influxdb://h?attempts=0", "from 1 to 100", "attempts=1 for one try"),
            ("influxdb://h?call_timeout=5h", "such as 500ms", "call_timeout=30s: digits"),
            ("influxdb://h?max_request=8MiB", "number of bytes", "without a unit"),
            ("influxdb://h?database=", "`database`", "database=metrics"),
            ("influxdb://h?gzip=1", "`gzip` must be true or false", "gzip=true"),
            ("influxdb://h?rp=a&rp=b", "`rp` of the DSN appears twice", "keep one `rp`"),
            ("influxdb://h?a=%f", "the parameter of the DSN", "key=value"),
            ("influxdb://u:%f@h", "the password of the DSN", "percent-encode the password"),
            ("influxdb://%f@h", "the token of the DSN", "percent-encode the token"),
            ("influxdb://:p@h", "the user of the DSN", "@host to send no credentials"),
            ("influxdb://h:x", "the port of the DSN", "digits, as in host:8086"),
            ("influxdb://::1", "the host of the DSN", "[::1]"),
            ("influxdb://h/a/b", "the database of the DSN", "prefix=/a/b"),
            ("http://h/%f", "the path of the DSN", "percent-encode the path"),
            ("influxdb://h#a", "the text of the DSN", "`#` as %23"),
            ("influxdb:/h", "scheme", "influxdb://"),
            ("influxdb", "scheme of the DSN", "https+influxdb:// for HTTPS"),
            ("ftp://h", "not with ftp", "influxdb://user:password@host:port/database"),
        ] {
            let error = error(dsn);
            assert!(error.to_string().contains(text), "{dsn}: {error}");
            assert!(error.hint().contains(hint), "{dsn}: {}", error.hint());
        }
        let useless = |setting| ConfigError::Useless { setting, reason: "" }.hint();
        for (setting, hint) in [
            ("host", "a client for each server"),
            ("policy", "a client for each server"),
            ("batch", "the database to which they are sent"),
            ("tls_ca", "https+influxdb://"),
            ("tls_certificate", "both"),
            ("max_points", "leave `max_points` out"),
        ] {
            assert!(useless(setting).contains(hint), "{setting}");
        }
        let feature = ConfigError::Feature { setting: "gzip=true", feature: "gzip" };
        assert_eq!(feature.to_string(), "gzip=true needs influx-client with its feature `gzip`");
        assert!(feature.hint().contains(r#"features = ["gzip"]"#));
        let source = Box::new(feature);
        let hint = source.hint();
        let environment = ConfigError::Environment { variable: Config::DSN_VARIABLE, source };
        assert_eq!(environment.hint(), hint);
    }
}
