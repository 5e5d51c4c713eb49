//! DSNs: what the Python client takes, what it gets wrong, and what it silently ignores.

use influx_client::{Config, Protocol};
use influx_proto::Credentials;
use proptest::prelude::*;

/// Protocol, host, port, user, password, database.
type Parts = (Protocol, &'static str, u16, &'static str, &'static str, Option<&'static str>);

fn check(dsn: &str, expected: Parts) {
    let config: Config = dsn.parse().unwrap_or_else(|error| panic!("{dsn}: {error}"));
    let credentials = config.credentials().expect("credentials");
    let found = (
        config.protocol(),
        config.host(),
        config.port(),
        credentials.user.as_str(),
        credentials.password.expose(),
        config.database(),
    );
    assert_eq!(found, expected, "{dsn}");
}

fn check_refused(dsn: &str, expected: &str) {
    let error = dsn.parse::<Config>().expect_err(dsn);
    assert!(error.to_string().contains(expected), "{dsn:?}: {error}");
}

#[test]
fn sane_dsns_mean_what_they_mean_to_the_python_client() {
    use Protocol::{Http, Https, Udp};
    let cases: &[(&str, Parts)] = &[
        ("influxdb://", (Http, "localhost", 8086, "root", "root", None)),
        ("influxdb://localhost", (Http, "localhost", 8086, "root", "root", None)),
        ("influxdb:///db", (Http, "localhost", 8086, "root", "root", Some("db"))),
        ("influxdb://u:p@h:1234/db", (Http, "h", 1234, "u", "p", Some("db"))),
        ("https+influxdb://h", (Https, "h", 8086, "root", "root", None)),
        ("udp+influxdb://h", (Udp, "h", 4444, "root", "root", None)),
        ("HTTPS+INFLUXDB://H:99/DB", (Https, "h", 99, "root", "root", Some("DB"))),
        ("influxdb://u:p@ss@h", (Http, "h", 8086, "u", "p@ss", None)),
        ("influxdb://u:p:q@h", (Http, "h", 8086, "u", "p:q", None)),
        ("influxdb://h:/db", (Http, "h", 8086, "root", "root", Some("db"))),
        ("influxdb://127.0.0.1:9", (Http, "127.0.0.1", 9, "root", "root", None)),
    ];
    for &(dsn, expected) in cases {
        check(dsn, expected);
    }
}

#[test]
fn ipv6_addresses_stand_in_brackets() {
    use Protocol::Http;
    check("influxdb://[::1]:8087", (Http, "::1", 8087, "root", "root", None));
    check("influxdb://u:p@[::1]/db", (Http, "::1", 8086, "u", "p", Some("db")));
    check("influxdb://[fe80::1%25eth0]", (Http, "fe80::1%eth0", 8086, "root", "root", None));
    check_refused("influxdb://::1", "must stand in brackets");
    check_refused("influxdb://[::1", "closing bracket");
    check_refused("influxdb://[::1]8086", "something else than :port");
    check_refused("influxdb://[localhost]", "no IPv6 address");
    check_refused("influxdb://[fe80::1%25]", "no IPv6 address");
    check_refused("influxdb://[fe80::1%25a%25b]", "no IPv6 address");
    check_refused("influxdb://[fe80::1%2k%2kb]", "no IPv6 address");
}

#[test]
fn empty_password_and_port_zero_are_not_replaced() {
    check("influxdb://u:@h", (Protocol::Http, "h", 8086, "u", "", None));
    check_refused("influxdb://h:0", "port");
    check_refused("influxdb://u@h", "has no password");
    check_refused("influxdb://:p@h", "user of the DSN is empty");
    let anonymous: Config = "influxdb://@h".parse().unwrap();
    assert_eq!(anonymous.credentials(), None);
}

#[test]
fn user_password_and_database_are_percent_decoded() {
    check(
        "influxdb://us%40er:p%40ss%2Fw%3Ard@h/my%20db",
        (Protocol::Http, "h", 8086, "us@er", "p@ss/w:rd", Some("my db")),
    );
    check_refused("influxdb://u:100%@h", "password of the DSN has a `%`");
    check_refused("influxdb://u:%f@h", "password of the DSN has a `%`");
    check_refused("influxdb://h/%ff", "not UTF-8");
}

#[test]
fn parameters_are_read_or_refused_and_a_fragment_is_refused() {
    let config: Config = "influxdb://h?timeout=5s&precision=u&retries=1".parse().unwrap();
    assert_eq!(config.to_string(), "influxdb://root:***@h:8086?precision=u&retries=1&timeout=5s");
    check_refused("influxdb://h?ssl=true", "unknown key `ssl`");
    check_refused("influxdb://h?timeout=5s&timeout=6s", "`timeout` of the DSN appears twice");
    check_refused("influxdb://h?timeout", "`timeout`");
    check_refused("influxdb://h?timeout=never", "such as 500ms");
    check_refused("influxdb://h?precision=m", "`m` means minutes");
    check_refused("influxdb://h?retries=0", "from 1 to 100");
    check_refused("influxdb://h#frag", "%23");
}

#[test]
fn tls_is_a_scheme_and_not_a_truth_value() {
    check_refused("influxdb://h?ssl=1", "unknown key");
    let config: Config = "https+influxdb://h".parse().unwrap();
    assert_eq!(config.protocol(), Protocol::Https);
}

#[test]
fn what_is_no_dsn_is_refused() {
    let wrong_schemes = [
        "",
        "//h",
        "h:8086/db",
        "+influxdb",
        "influx://h",
        "http://h",
        "influxdb+https://h",
        "http+influxdb://h",
        "tcp+influxdb://h",
        "https+udp+influxdb://h",
        "udp://h",
    ];
    for dsn in wrong_schemes {
        check_refused(dsn, "must begin with influxdb://");
    }
    for dsn in ["influxdb:/h", "influxdb:h", "influxdb"] {
        check_refused(dsn, "must be");
    }
    for port in ["65536", "abc", "-1", "+1", "80:90", "8086x", "99999999999999999999"] {
        check_refused(&format!("influxdb://h:{port}"), "port");
    }
    for host in ["h1:1,h2:2", "h1,h2", "a b", "h\u{7f}", "h\n", "\u{a0}"] {
        check_refused(&format!("influxdb://{host}"), "the ");
    }
    check_refused("influxdb://h/a/b", "must not contain a `/`");
    check_refused("influxdb://h/db/", "must not contain a `/`");
    check_refused("influxdb://h/a%2Fb", "must not contain a `/`");
    check_refused("influxdb://h/db ", "space or control");
}

#[test]
fn no_error_shows_a_piece_of_the_password() {
    let dsns = [
        "influxdb://u:CANARY/q@h",
        "influxdb://u:12/CANARY@h",
        "influxdb://u:12?CANARY@h",
        "influxdb://u:12?CANARY=1@h",
        "influxdb://u:@/CANARY@h",
        "influxdb://u:CANARY#q@h",
        "influxdb://u:CANARY?q@h",
        "influxdb://u:CANARY%@h",
        "influxdb://u:CANARY q@h",
        "influxdb://u:CANARY@h:x",
        "influxdb://u:CANARY%ff@h",
        "influxdb:u:CANARY@h",
        "http://u:CANARY@h",
        "u:CANARY@h",
        "influxdb://u:CANARY@[::1",
        "influxdb://u:CANARY@h?timeout=x",
    ];
    for dsn in dsns {
        let error = dsn.parse::<Config>().expect_err(dsn);
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{dsn}: {error:?}");
    }
}

proptest! {
    #[test]
    fn reading_what_display_wrote_gives_an_equal_configuration(
        user in "\\PC{1,12}", password in "\\PC{0,12}", database in "[^/\\x00]{1,12}",
        host in "[a-z0-9.-]{1,20}|::1|fe80::1%eth0", port in 1u16.., millis in 1u64..10_000_000,
        attempts in 1u32..=100, anonymous: bool,
    ) {
        let config = Config::new(host)
            .with_port(port)
            .with_database(database)
            .with_timeout(std::time::Duration::from_millis(millis))
            .with_max_attempts(attempts);
        let config = if anonymous { config.without_credentials() } else { config.with_credentials(Credentials::new(user.clone(), password.clone())) };
        let text = config.to_string();
        let read: Config = text.parse().unwrap();
        let read = if anonymous { read } else { read.with_credentials(Credentials::new(user, password)) };
        prop_assert_eq!(read, config, "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}") {
        let _ = text.parse::<Config>();
        let _ = format!("influxdb://{text}").parse::<Config>();
    }
}
