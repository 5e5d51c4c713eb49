//! DSNs: what the Python client takes, what it gets wrong, and what it silently ignores.

use influx_client::{Auth, Config, Policy, Protocol, v08};
use proptest::prelude::*;

fn check(dsn: &str, expected: &Config) {
    let config: Config = dsn.parse().unwrap_or_else(|error| panic!("{dsn}: {error}"));
    assert_eq!(config, *expected, "{dsn}");
}

/// The configuration of a DSN is usable, and displays so.
fn check_shown(dsn: &str, expected: &str) {
    let config: Config = dsn.parse().unwrap_or_else(|error| panic!("{dsn}: {error}"));
    assert_eq!(config.to_string(), expected, "{dsn}");
}

fn check_refused(dsn: &str, expected: &str) {
    let error = dsn.parse::<Config>().expect_err(dsn);
    assert!(error.to_string().contains(expected), "{dsn:?}: {error}");
    assert!(!error.hint().is_empty());
}

fn host(name: &str) -> Config {
    Config::new(name)
}

#[test]
fn sane_dsns_mean_what_they_mean_to_the_python_client() {
    let u = || Auth::basic("u", "p");
    check("influxdb://", &host("localhost"));
    check("influxdb://localhost", &host("localhost"));
    check("influxdb:///db", &host("localhost").database("db"));
    check("influxdb://u:p@h:1234/db", &host("h").port(1234).auth(u()).database("db"));
    check("https+influxdb://h", &host("h").protocol(Protocol::Https));
    check("http+influxdb://h", &host("h"));
    check("udp+influxdb://h", &host("h").protocol(Protocol::Udp));
    check("HTTPS+INFLUXDB://H:99/DB", &host("h").protocol(Protocol::Https).port(99).database("DB"));
    check("influxdb://u:p@ss@h", &host("h").auth(Auth::basic("u", "p@ss")));
    check("influxdb://u:p:q@h", &host("h").auth(Auth::basic("u", "p:q")));
    check("influxdb://h:/db", &host("h").database("db"));
    check("influxdb://127.0.0.1:9", &host("127.0.0.1").port(9));
}

#[test]
fn the_grammar_holds_every_dialect_transport_and_host() {
    for dsn in [
        "influxdb08://db/metrics?precision=s",
        "influxdb1://u:***@db/metrics?consistency=one&rp=weekly",
        "influxdb1://a:8086,b:8086/metrics?answers=1&policy=replicate",
        "influxdb1://vm:8480/metrics?prefix=%2Finsert%2F0%2Finflux",
        "unix+influxdb1://%2Frun%2Finfluxdb.sock/metrics",
        "udp+influxdb1://db:8089",
        "tcp+influxdb1://questdb:9009",
        "tls+influxdb1://questdb:9009",
        "https+influxdb2://***@cloud/metrics?org=acme",
        "https+influxdb3://***@db/metrics?no_sync=true",
        "influxdb://[::1]:8087,b/db?policy=spread",
    ] {
        check_shown(dsn, dsn);
    }
    check("influxdb://T-o_k==@h", &host("h").auth(Auth::Token("T-o_k==".into())));
    check("influxdb://a%2Fb@h", &host("h").auth(Auth::Token("a/b".into())));
    check("influxdb://@h", &host("h").auth(Auth::None));
    let both = host("a").port(1).host("b").port(2).policy(Policy::Replicate).answers(1);
    check("influxdb://a:1,b:2?policy=replicate&answers=1", &both);
    check("influxdb://a:1,b:2?answers=1&policy=replicate", &both);
    let metrics = host("h").key("rp", "weekly").key("org", "a&b");
    check("influxdb://h?rp=weekly&org=a%26b", &metrics);
}

#[test]
fn a_plain_url_has_a_prefix_for_its_path() {
    check("http://h", &host("h").port(80));
    check("https://h?database=m", &host("h").protocol(Protocol::Https).port(443).database("m"));
    let prefix = host("vm").port(8480).prefix("/insert/0/influx").database("metrics");
    check("http://vm:8480/insert/0/influx?database=metrics", &prefix);
    check("influxdb://vm:8480/metrics?prefix=/insert/0/influx", &prefix);
    check("influxdb://vm:8480/metrics?prefix=/insert/0/influx/", &prefix);
    check("http://vm:8480/insert/0/influx/?database=metrics", &prefix);
    check_refused("influxdb://h/m?database=m", "`database` must not be empty");
    check_refused("influxdb://h?database=", "`database` must not be empty");
    check_refused("influxdb://h?prefix=a/b", "must begin with a `/`");
}

#[test]
fn ipv6_addresses_stand_in_brackets() {
    check("influxdb://[::1]:8087", &host("::1").port(8087));
    check("influxdb://u:p@[::1]/db", &host("::1").auth(Auth::basic("u", "p")).database("db"));
    check("influxdb://[fe80::1%25eth0]", &host("fe80::1%eth0"));
    check_refused("influxdb://::1", "must stand in brackets");
    check_refused("influxdb://[::1", "closing bracket");
    check_refused("influxdb://[::1]8086", "something other than :port");
    check_refused("influxdb://[localhost]", "no IPv6 address");
    check_refused("influxdb://[fe80::1%25]", "no IPv6 address");
    check_refused("influxdb://[fe80::1%25a%25b]", "no IPv6 address");
    check_refused("influxdb://[fe80::1%2k%2kb]", "no IPv6 address");
}

#[test]
fn case_matters_in_zones_and_paths_but_not_in_names() {
    check("influxdb://DB.Example.ORG", &host("db.example.org"));
    check("influxdb://DB.Example.ORG", &host("DB.Example.ORG"));
    check("influxdb://[fe80::1%25Eth0]", &host("fe80::1%Eth0"));
    check_shown("influxdb://[fe80::1%25Eth0]", "influxdb://[fe80::1%25Eth0]");
    let socket = host("/Run/Influx.sock").protocol(Protocol::Unix);
    check("unix+influxdb://%2FRun%2FInflux.sock", &socket);
    check_shown("UNIX+influxdb://%2FRun%2FInflux.sock", "unix+influxdb://%2FRun%2FInflux.sock");
    check("influxdb://a:1,B,[::1]:2", &host("a").port(1).host("B").host("::1").port(2));
}

/// A prefix is decoded like any other part, and encoded for the wire.
#[tokio::test]
async fn a_prefix_arrives_as_it_was_written() {
    for (dsn, expected) in [
        ("http://h/insert/0:1/influx", "http://h:80/insert/0:1/influx/ping"),
        ("http://h/a%20b/", "http://h:80/a%20b/ping"),
        ("http://h/a%3Fb%23c", "http://h:80/a%3Fb%23c/ping"),
        ("http://h/100%25", "http://h:80/100%25/ping"),
        ("http://h/k%C3%A4se", "http://h:80/k%C3%A4se/ping"),
        ("influxdb://h?prefix=/a%2520b", "http://h:8086/a%2520b/ping"),
        ("influxdb://h?prefix=/", "http://h:8086/ping"),
        ("unix+influxdb://%2Frun%2Fs?prefix=/p", "http://localhost/p/ping"),
        ("influxdb://[fe80::1%25eth0]", "http://[fe80::1]:8086/ping"),
        ("https://h:1/p", "https://h:1/p/ping"),
    ] {
        let client = crate::memory::replying(dsn, [(200, r#"{"status":"ok"}"#)]);
        client.ping().await.unwrap_or_else(|error| panic!("{dsn}: {error}"));
        assert_eq!(client.requests()[0].uri(), expected, "{dsn}");
        let config: Config = dsn.parse().unwrap();
        assert_eq!(config.to_string().parse(), Ok(config), "{dsn}");
    }
}

#[test]
fn empty_password_and_port_zero_are_not_replaced() {
    check("influxdb://u:@h", &host("h").auth(Auth::basic("u", "")));
    check_refused("influxdb://h:0", "port");
    check_refused("influxdb://:p@h", "user of the DSN is empty");
}

#[test]
fn user_password_and_database_are_percent_decoded() {
    let auth = Auth::basic("us@er", "p@ss/w:rd");
    check("influxdb://us%40er:p%40ss%2Fw%3Ard@h/my%20db", &host("h").auth(auth).database("my db"));
    check_refused("influxdb://u:100%@h", "password of the DSN has a `%`");
    check_refused("influxdb://u:%f@h", "password of the DSN has a `%`");
    check_refused("influxdb://h/%ff", "not UTF-8");
}

#[test]
fn parameters_are_read_or_refused_and_a_fragment_is_refused() {
    check_shown(
        "influxdb://h?response_timeout=5s&precision=u&attempts=1",
        "influxdb://h?attempts=1&response_timeout=5s&precision=u",
    );
    check_refused(
        "influxdb://h?call_timeout=5s&call_timeout=6s",
        "`call_timeout` of the DSN appears twice",
    );
    check_refused("influxdb://h?rp=a&rp=b", "`rp` of the DSN appears twice");
    check_refused("influxdb://h?call_timeout", "`call_timeout`");
    check_refused("influxdb://h?call_timeout=never", "such as 500ms");
    check_refused("influxdb://h?attempts=0", "from 1 to 100");
    check_refused("influxdb://h#frag", "%23");
}

#[test]
fn keys_with_another_name_here_are_refused_with_that_name() {
    for (key, instead) in [
        ("retries", "attempts=…"),
        ("timeout", "response_timeout=…"),
        ("deadline", "call_timeout=…"),
        ("compression", "gzip=true"),
        ("ssl", "https+influxdb://"),
        ("password", "user:password@"),
        ("token", "TOKEN@"),
    ] {
        check_refused(&format!("influxdb://h?{key}=1"), instead);
    }
}

/// The keys of a dialect are read by its client, which knows them all.
#[test]
fn the_client_refuses_keys_and_parts_that_it_does_not_know() {
    for (dsn, expected) in [
        ("influxdb://h?nosuch=1", "unknown key `nosuch`; known are answers, attempts"),
        ("influxdb://h?org=acme", "unknown key `org`"),
        ("influxdb://h?precision=m", "`m` means minutes"),
        ("influxdb1://h", "the DSN names InfluxDB 1.x, but the client is for InfluxDB 0.8"),
        ("influxdb://TOKEN@h", "token of the DSN means nothing to InfluxDB 0.8"),
        ("influxdb://a,b", "names several servers"),
        ("influxdb://h?tls_ca=/ca.pem", "`tls_ca` needs an encrypted connection"),
        ("influxdb://h?answers=1", "`policy` is for several servers"),
        ("influxdb://h?policy=spread", "`policy` is for several servers"),
        ("influxdb://h?max_datagram=100", "`max_datagram` is for datagrams"),
        ("https+influxdb://h?tls_certificate=/c.pem", "`tls_certificate` needs `tls_key`"),
        ("https+influxdb://h?tls_key=/k.pem", "`tls_certificate` needs `tls_key`"),
        ("https+influxdb://h?tls_server_name=a%20b", "`tls_server_name` must be a host name"),
        ("tcp+influxdb://h", "is for writing only"),
        ("udp+influxdb://h", "UdpWriter"),
    ] {
        let error = v08::Client::new(dsn).expect_err(dsn);
        assert!(error.to_string().contains(expected), "{dsn}: {error}");
        assert!(error.hint().is_some());
    }
    let error = v08::Client::new(host("h/x")).unwrap_err();
    assert!(error.to_string().contains("host of the DSN must be a name"), "{error}");
    for dsn in ["influxdb08://h", "http://h", "http://h/prefix", "influxdb://h?precision=s"] {
        v08::Client::new(dsn).unwrap_or_else(|error| panic!("{dsn}: {error}"));
    }
    #[cfg(unix)]
    v08::Client::new("unix+influxdb://%2Frun%2Fdb.sock").unwrap();
}

#[test]
fn a_transport_of_ones_own_refuses_what_only_a_socket_has() {
    let with_transport = |dsn: &str| {
        let transport = influx_client::transport::memory::MemoryTransport::new([]);
        v08::Client::with_transport(dsn, transport)
    };
    for dsn in ["influxdb://h?call_timeout=1s&attempts=1", "https+influxdb://h", "influxdb://h/db"]
    {
        with_transport(dsn).unwrap_or_else(|error| panic!("{dsn}: {error}"));
    }
    for scheme in ["udp", "tcp", "tls"] {
        let error = with_transport(&format!("{scheme}+influxdb://h")).unwrap_err();
        assert!(error.to_string().contains("is for writing only"), "{error}");
    }
    for key in [
        "tls_ca=/ca.pem",
        "tls_certificate=/c.pem",
        "tls_key=/k.pem",
        "tls_server_name=a",
        "resolve_timeout=1s",
        "connect_timeout=1s",
        "handshake_timeout=1s",
        "send_timeout=1s",
        "response_timeout=1s",
        "body_timeout=1s",
    ] {
        let error = with_transport(&format!("https+influxdb://h?{key}"));
        let text = error.expect_err(key).to_string();
        let name = key.split('=').next().unwrap();
        assert!(text.contains(name) && text.contains("transport of your own"), "{text}");
    }
}

#[test]
fn equal_configurations_behave_alike() {
    let default: Config = "udp+influxdb://h:4444".parse().unwrap();
    let given: Config = "udp+influxdb://h:4444?precision=ms".parse().unwrap();
    assert_ne!(default, given);
    v08::UdpWriter::new(default).unwrap();
    let error = v08::UdpWriter::new(given).unwrap_err();
    assert!(error.to_string().contains("always seconds"), "{error}");
}

#[test]
fn other_texts_are_refused() {
    let wrong_schemes = [
        "",
        "//h",
        "h:8086/db",
        "+influxdb",
        "influx://h",
        "influxdb+https://h",
        "https+udp+influxdb://h",
        "influxdb4://h",
        "influxdb8://h",
        "influxdb01://h",
        "udp://h",
        "https+http://h",
    ];
    check_refused("ftp://h", "udp+influxdb://, not with ftp");
    for dsn in wrong_schemes {
        check_refused(dsn, "must begin with a scheme such as influxdb://");
    }
    for dsn in ["influxdb:/h", "influxdb:h", "influxdb"] {
        check_refused(dsn, "must be");
    }
    for port in ["65536", "abc", "-1", "+1", "80:90", "8086x", "99999999999999999999"] {
        check_refused(&format!("influxdb://h:{port}"), "port");
    }
    for host in ["a b", "h\u{7f}", "h\n", "\u{a0}", "käse"] {
        check_refused(&format!("influxdb://{host}"), "the ");
    }
    for hosts in [",", "a,", ",a", "a,,b"] {
        check_refused(&format!("influxdb://{hosts}"), "a list with an empty part");
    }
    check_refused(&format!("influxdb://{}", ["h"; 65].join(",")), "more than 64 hosts");
    check_refused("influxdb://h/a/b", "must not contain a `/`");
    check_refused("influxdb://h/db/", "must not contain a `/`");
    check_refused("influxdb://h/a%2Fb", "must not contain a `/`");
    check_refused("influxdb://h/db ", "space or control");
    check_refused("unix+influxdb://run.sock", "must be the path of a socket");
}

#[test]
fn errors_show_no_piece_of_a_password() {
    let dsns = [
        "influxdb://u:CANARY/q@h",
        "influxdb://u:12/CANARY@h",
        "influxdb://u:12?CANARY@h",
        "influxdb://u:12?CANARY=1@h",
        "influxdb://u:@/CANARY@h",
        "influxdb://u:CANARY#q@h",
        "influxdb://u:CANARY?q@h",
        "influxdb://u:CANARY%@h",
        "influxdb://CANARY%@h",
        "influxdb://u:CANARY q@h",
        "influxdb://u:CANARY@h:x",
        "influxdb://u:CANARY%ff@h",
        "influxdb:u:CANARY@h",
        "ftp://u:CANARY@h",
        "CANARY",
        "CANARY@h",
        "CANARY@http://h",
        "influxdb://h?token=CANARY",
        "influxdb://h?password=CANARY",
        "http://u:CANARY@h:x",
        "u:CANARY@h",
        "influxdb://u:CANARY@[::1",
        "influxdb://u:CANARY@h?call_timeout=x",
        "influxdb://u:CANARY@h?retries=x",
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
        attempts in 1u32..=100, anonymous: bool, value in "\\PC{0,12}",
    ) {
        let auth = if anonymous { Auth::None } else { Auth::basic(user, password) };
        let mut config = Config::new(host).port(port).database(database).key("rp", value);
        config.timeouts.response = std::time::Duration::from_millis(millis);
        config.retry.attempts = attempts;
        let config = config.auth(auth.clone());
        let text = config.to_string();
        let read: Config = text.parse().unwrap();
        prop_assert_eq!(read.auth(auth), config, "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}") {
        let _ = text.parse::<Config>();
        let _ = format!("influxdb://{text}").parse::<Config>();
    }
}
