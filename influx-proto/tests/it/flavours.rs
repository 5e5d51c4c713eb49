//! Servers are told apart by their answers, recorded, documented and hostile ones.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use influx_proto::flavour::{Effect, Flavour, Identity, Probe, UnknownServer};
use influx_proto::{Operation, Reply, ServerError, Target, v1};
use proptest::prelude::*;
use serde_json::Value;

use crate::fixtures::exchanges;

/// The status, headers and body of a recorded reply; the body is decompressed.
fn reply(response: &Value) -> Option<(StatusCode, HeaderMap, Vec<u8>)> {
    let status = u16::try_from(response["status"].as_u64()?).unwrap();
    let headers = (response["headers"].as_array().unwrap().iter())
        .filter_map(|header| {
            let name = header[0].as_str().unwrap().parse::<HeaderName>().unwrap();
            // Two recorded error texts have control characters, which no client hands on.
            Some((name, HeaderValue::from_str(header[1].as_str().unwrap()).ok()?))
        })
        .collect();
    let body = response["decoded_body"].as_str().or(response["body"].as_str()).unwrap();
    Some((StatusCode::from_u16(status).unwrap(), headers, body.as_bytes().to_vec()))
}

#[test]
fn every_recorded_ping_names_its_server() {
    let vm = Flavour::VictoriaMetrics;
    for (files, flavour, count) in [
        (
            &["v08/01_meta.jsonl", "v08/04_db_users.jsonl", "v08/06_query.jsonl"][..],
            Flavour::V08,
            5,
        ),
        (&["v1/exchanges.jsonl"], Flavour::V1_0, 8),
        (&["flavour/vm.jsonl"], vm, 2),
    ] {
        let mut found = 0;
        for exchange in files.iter().flat_map(|file| exchanges(file)) {
            let method = exchange["request"]["method"].as_str().unwrap_or_default();
            let path = exchange["request"]["target"].as_str().unwrap_or_default();
            let is_ping = path.split('?').next() == Some("/ping");
            if !is_ping || !matches!(method, "GET" | "HEAD") {
                continue;
            }
            let Some((status, headers, body)) = reply(&exchange["response"]) else { continue };
            let id = &exchange["id"];
            assert_eq!(Flavour::of(&Reply::new(status, &headers, &body)), Ok(flavour), "{id}");
            found += 1;
        }
        assert_eq!(found, count, "{flavour}");
    }
}

/// No answer is taken for one of another server.
#[test]
fn every_recorded_answer_names_its_server_or_none() {
    for (file, flavours) in [
        ("v08/01_meta.jsonl", &[Flavour::V08][..]),
        ("v08/05_write.jsonl", &[Flavour::V08]),
        ("v08/06_query.jsonl", &[Flavour::V08]),
        ("v08/11_http.jsonl", &[Flavour::V08]),
        ("v1/exchanges.jsonl", &[Flavour::V1_0]),
        ("flavour/vm.jsonl", &[Flavour::VictoriaMetrics]),
    ] {
        for exchange in exchanges(file) {
            let Some((status, headers, body)) = reply(&exchange["response"]) else { continue };
            if let Ok(flavour) = Flavour::of(&Reply::new(status, &headers, &body)) {
                assert!(flavours.contains(&flavour), "{}: {flavour}", exchange["id"]);
            }
        }
    }
}

#[test]
fn the_table_says_what_the_recorded_servers_did() {
    for (file, id, flavour) in [
        ("v1/exchanges.jsonl", "w-partial-parse", Flavour::V1_0),
        ("v1/exchanges.jsonl", "w-conflict-mixed", Flavour::V1_0),
        ("flavour/vm.jsonl", "vmnew-w-mixed", Flavour::VictoriaMetrics),
    ] {
        let all = exchanges(file);
        let exchange = all.iter().find(|exchange| exchange["id"] == id).expect(id);
        let status = exchange["response"]["status"].as_u64().unwrap();
        let effects = [flavour.traits().bad_line, flavour.traits().type_conflict];
        let known = effects.iter().any(|effect| match effect {
            Effect::Partial(of) | Effect::Nothing(of) => u64::from(*of) == status,
            _ => false,
        });
        assert!(known, "{id}: {status}");
    }
    let target = Target::new("http://h".parse().unwrap()).unwrap();
    let request = v1::WriteLines::new("d", "").request(&target).unwrap();
    for flavour in [Flavour::V1_0, Flavour::V1_8, Flavour::VictoriaMetrics] {
        let traits = flavour.traits();
        assert_eq!(request.uri().path(), traits.write_path);
        let (key, value) = traits.precision;
        assert!(request.uri().query().unwrap().contains(&format!("&{key}={value}")), "{flavour}");
    }
}

fn of(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Result<Flavour, UnknownServer> {
    let headers = headers.iter().map(|(name, value)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
    });
    let headers = headers.collect();
    Flavour::of(&Reply::new(StatusCode::from_u16(status).unwrap(), &headers, body))
}

#[test]
fn an_answer_gives_a_server_or_a_named_error() {
    let status = |code| StatusCode::from_u16(code).unwrap();
    let version = "X-Influxdb-Version";
    let unknown = |version: &str| Err(UnknownServer::Version { version: version.to_owned() });
    let v2_health = br#"{"name":"influxdb","message":"ready","status":"pass","version":"v2.7.1"}"#;
    let v1_health = br#"{"name":"influxdb","status":"pass","version":"1.8.10"}"#;
    let v3_ping = br#"{"product_name":"InfluxDB 3 Core","version":"3.1.0","revision":"a"}"#;
    let host = ("X-Server-Hostname", "h");
    for (code, headers, body, expected) in [
        (204, &[(version, "1.0.0")][..], &b""[..], Ok(Flavour::V1_0)),
        (204, &[(version, "1.7.11")], b"", Ok(Flavour::V1_0)),
        (204, &[(version, "v1.12.0")], b"", Ok(Flavour::V1_8)),
        (204, &[(version, "1.11.8-c1.11.8")], b"", Ok(Flavour::V1_8)),
        (401, &[(version, "1.8.10")], b"", Ok(Flavour::V1_8)),
        (204, &[(version, "v2.7.1")], b"", Ok(Flavour::V2)),
        (503, &[(version, "2.0.0-rc.1")], b"", Ok(Flavour::V2)),
        (200, &[], v2_health, Ok(Flavour::V2)),
        (200, &[], v1_health, Ok(Flavour::V1_8)),
        (200, &[], v3_ping, Ok(Flavour::V3)),
        (404, &[(version, "3.1.0")], b"", Ok(Flavour::V3)),
        (204, &[host], b"", Ok(Flavour::VictoriaMetrics)),
        (204, &[host, (version, "1.8.0")], b"", Ok(Flavour::VictoriaMetrics)),
        (204, &[host, (version, "1.8.0"), ("X-Influxdb-Build", "OSS")], b"", Ok(Flavour::V1_8)),
        (200, &[], b"VictoriaMetrics is Healthy.\n", Ok(Flavour::VictoriaMetrics)),
        (204, &[], b"", Err(UnknownServer::Unnamed { status: status(204) })),
        (200, &[], b"OK", Err(UnknownServer::Unnamed { status: status(200) })),
        (200, &[], b"{\"status\":\"ok\"}", Err(UnknownServer::Unnamed { status: status(200) })),
        (404, &[host], b"", Err(UnknownServer::Unnamed { status: status(404) })),
        (
            400,
            &[("Content-Type", "application/json")],
            br#"{"code":"no","message":"no"}"#,
            Err(UnknownServer::Unnamed { status: status(400) }),
        ),
        (
            502,
            &[("Server", "nginx")],
            b"<html>\r\n<head><title>502 Bad Gateway</title>",
            Err(UnknownServer::WebServer { status: status(502) }),
        ),
        (502, &[], b"", Err(UnknownServer::WebServer { status: status(502) })),
        (200, &[], b"\n<!DOCTYPE html>", Err(UnknownServer::WebServer { status: status(200) })),
        (200, &[host], b"<html>", Err(UnknownServer::WebServer { status: status(200) })),
        (
            302,
            &[("Location", "http://u:p@portal/login?token=1")],
            b"",
            Err(UnknownServer::Redirect {
                status: status(302),
                location: "http://portal/login".to_owned(),
            }),
        ),
        (204, &[(version, "10.1")], b"", unknown("10.1")),
        (204, &[(version, "1.")], b"", unknown("1.")),
        (204, &[(version, "+1.6")], b"", unknown("+1.6")),
        (204, &[(version, "1")], b"", unknown("1")),
        (204, &[(version, "0.9.6")], b"", unknown("0.9.6")),
        (204, &[(version, "1.99999999999")], b"", unknown("1.99999999999")),
        (204, &[(version, "")], b"", unknown("")),
    ] {
        assert_eq!(of(code, headers, body), expected, "{code} {headers:?}");
    }
}

#[test]
fn a_probe_asks_and_reads() {
    let target = Target::new("http://h/prefix".parse().unwrap()).unwrap();
    for (probe, path) in [
        (Probe::Ping, "/prefix/ping"),
        (Probe::Health, "/prefix/health"),
        (Probe::Healthy, "/prefix/-/healthy"),
    ] {
        assert_eq!(probe.request(&target).unwrap().uri().path(), path);
    }
    let headers = [("x-influxdb-version".parse().unwrap(), "v2.7.1".parse().unwrap())];
    let headers: HeaderMap = headers.into_iter().collect();
    for (status, success) in [(200, true), (204, true), (302, false), (404, false), (503, false)] {
        let reply = Reply::new(StatusCode::from_u16(status).unwrap(), &headers, b"");
        let identity = match Probe::Ping.response(&reply) {
            Ok(identity) => identity,
            Err(_) => Identity::of_refusal(&ServerError::from(&reply)),
        };
        assert_eq!(Probe::Ping.response(&reply).is_ok(), success, "{status}");
        assert_eq!(identity.unwrap().to_string(), "InfluxDB 2.x (its version: v2.7.1)");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(
        status in 100_u16..1000,
        version in proptest::option::of("[ -~]{0,20}|v?[0-3][.][0-9]{0,12}.{0,3}"),
        body in proptest::collection::vec(any::<u8>(), 0..300),
        start in prop_oneof![Just(""), Just("<htm"), Just("{\"version\":\""), Just("\u{e9}")],
    ) {
        let mut headers = HeaderMap::new();
        if let Some(Ok(version)) = version.map(|version| HeaderValue::from_bytes(version.as_bytes())) {
            headers.insert("x-influxdb-version", version);
        }
        let body = [start.as_bytes(), &body].concat();
        let reply = Reply::new(StatusCode::from_u16(status).unwrap(), &headers, &body);
        let found = Identity::of(&reply);
        // A server is found only by a sign that stands in the answer.
        if found.is_ok() && headers.is_empty() {
            prop_assert!(start.starts_with('{'), "{found:?}");
        }
        if let Err(error) = found {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}
