//! Every route that a 0.8 server registers, from 0.8.0 to 0.8.9.

use influx_proto::Idempotency::{self, Idempotent, NonIdempotent, Safe};
use influx_proto::{Operation, Outcome, Target, v08};

use super::calls::with_call;
use super::recorded::{Recorded, reply};

struct Route {
    method: &'static str,
    path: &'static str,
    body: &'static str,
    /// The status of success, and an answer that goes with it.
    answer: (u16, &'static str),
    idempotency: Idempotency,
}

const fn route(
    method: &'static str,
    path: &'static str,
    body: &'static str,
    answer: (u16, &'static str),
    idempotency: Idempotency,
) -> Route {
    Route { method, path, body, answer, idempotency }
}

const USER: &str = r#"{"name":"u","password":"pass"}"#;
const PASSWORD: &str = r#"{"password":"pass"}"#;
const SPACE: &str = r#"{"name":"s","regex":"/x/"}"#;
const WHOLE_SPACE: &str = r#"{"name":"s","regex":"/x/","retentionPolicy":"inf","shardDuration":"7d",
    "replicationFactor":1,"split":1}"#;
const CONFIGURATION: &str = r#"{"spaces":[],"continuousQueries":[]}"#;
const POINTS: &str = r#"[{"name":"s","columns":["v"],"points":[[1]]}]"#;
const SHARDS: &str = r#"{"database":"d","spaceName":"s","startTime":0,"endTime":1,
    "shards":[{"serverIds":[1]}]}"#;

/// Bodies that no call promises, with the status of success: a login page, what other servers
/// send, and JSON of another shape.
const UNPROMISED: &[&str] = &[
    "<html>log in</html>",
    r#"{"error":"shard 7 is down"}"#,
    r#"[{"error":"shard 7 is down"}]"#,
    r#"{"status":"fail"}"#,
    r#"{"status":1}"#,
    r#"{"results":[{}]}"#,
    "[{}]",
    "[]",
    "[1]",
    r#"["ok"]"#,
    r#"[["ok"]]"#,
    "[[]]",
    "1",
    "\"true\"",
    "true false",
    "[] x",
    "\u{feff}[]",
    "{",
    "OK!",
];

#[rustfmt::skip]
const ROUTES: [Route; 37] = [
    route("GET", "/cluster/configuration", "", (200, "{}"), Safe),
    route("POST", "/cluster/database_configs/d", CONFIGURATION, (201, ""), Idempotent),
    route("POST", "/cluster/migrate_data", "", (202, ""), NonIdempotent),
    route("GET", "/cluster/servers", "", (200, r#"[{"id":1}]"#), Safe),
    route("DELETE", "/cluster/servers/1", "", (200, ""), Idempotent),
    route("GET", "/cluster/shard_spaces", "", (200, "null"), Safe),
    route("POST", "/cluster/shard_spaces/d", SPACE, (200, ""), NonIdempotent),
    route("DELETE", "/cluster/shard_spaces/d/s", "", (200, ""), Idempotent),
    route("POST", "/cluster/shard_spaces/d/s", WHOLE_SPACE, (200, ""), Idempotent),
    route("GET", "/cluster/shards", "", (200, r#"[{"id":1,"serverIds":null,"more":{}}]"#), Safe),
    route("POST", "/cluster/shards", SHARDS, (202, ""), NonIdempotent),
    route("DELETE", "/cluster/shards/1", r#"{"serverIds":[1]}"#, (202, ""), Idempotent),
    route("GET", "/cluster_admins", "", (200, "[]"), Safe),
    route("POST", "/cluster_admins", USER, (200, ""), NonIdempotent),
    route("DELETE", "/cluster_admins/u", "", (200, ""), Idempotent),
    route("POST", "/cluster_admins/u", PASSWORD, (200, ""), Idempotent),
    route("GET", "/cluster_admins/authenticate", "", (200, ""), Safe),
    route("GET", "/db", "", (200, "[]"), Safe),
    route("POST", "/db", r#"{"name":"d"}"#, (201, ""), Idempotent),
    route("GET", "/db/d/authenticate", "", (200, ""), Safe),
    route("GET", "/db/d/continuous_queries", "", (200, r#"[{"id":1,"query":"q"}]"#), Safe),
    route("POST", "/db/d/continuous_queries", r#"{"query":"q"}"#, (200, ""), NonIdempotent),
    route("DELETE", "/db/d/continuous_queries/1", "", (200, ""), Idempotent),
    route("GET", "/db/d/series?q=list+series", "", (200, "[]"), Safe),
    route("POST", "/db/d/series", POINTS, (200, ""), NonIdempotent),
    route("DELETE", "/db/d/series/s", "", (204, ""), Idempotent),
    route("GET", "/db/d/users", "", (200, "[]"), Safe),
    route("POST", "/db/d/users", USER, (200, ""), NonIdempotent),
    route("DELETE", "/db/d/users/u", "", (200, ""), Idempotent),
    route("GET", "/db/d/users/u", "", (200, r#"{"name":"u"}"#), Safe),
    route("POST", "/db/d/users/u", PASSWORD, (200, ""), Idempotent),
    route("DELETE", "/db/d", "", (204, ""), Idempotent),
    route("GET", "/export/d/s", "", (200, "# DDL\n"), Safe),
    route("GET", "/interfaces", "", (200, "[\"default\"]"), Safe),
    route("GET", "/ping", "", (200, r#"{"status":"ok"}"#), Safe),
    route("POST", "/raft/force_compaction", "", (200, "OK"), Idempotent),
    route("GET", "/sync", "", (200, "true"), Safe),
];

#[test]
fn every_route_has_its_call() {
    let target = Target::new("http://127.0.0.1:8086".parse().unwrap()).unwrap();
    for route in &ROUTES {
        let name = format!("{} {}", route.method, route.path);
        let recorded = Recorded::new(route.method, route.path, route.body.as_bytes());
        let check = with_call(&recorded, |call| {
            let request = call.request(&target).unwrap();
            assert_eq!(Recorded::of_call(&request), recorded, "{name}");
            assert_eq!(call.idempotency(), route.idempotency, "{name}");
            // The answer to a migration was not recorded, so that any success counts.
            let other_successes = [200, 201, 202, 204]
                .into_iter()
                .filter(|status| *status != route.answer.0 && !name.ends_with("migrate_data"));
            for status in other_successes.chain([301, 400, 401, 403, 404, 405, 500, 503]) {
                let reply = reply(status, route.answer.1);
                assert!(call.response(&reply).is_err(), "{name} {status}");
                assert_ne!(call.outcome(&reply), Outcome::Done, "{name} {status}");
            }
            for body in UNPROMISED {
                let reply = reply(route.answer.0, body);
                // An empty list, texts as interfaces, and any object as the configuration are promised.
                let is_promised = *body == "[]" && route.answer.1.starts_with(['[', 'n'])
                    || *body == r#"["ok"]"# && name.ends_with("interfaces")
                    || body.starts_with("{\"")
                        && !body.contains("error")
                        && name.ends_with("configuration");
                assert_eq!(call.response(&reply).is_ok(), is_promised, "{name} {body}");
                let expected = if is_promised { Outcome::Done } else { Outcome::Unknown };
                assert_eq!(call.outcome(&reply), expected, "{name} {body}");
            }
            let reply = reply(route.answer.0, route.answer.1);
            assert!(call.response(&reply).is_ok(), "{name}");
            assert_eq!(call.outcome(&reply), Outcome::Done, "{name}");
        });
        assert_eq!(check, Ok(()), "{name}");
    }
}

#[test]
fn a_server_that_is_not_in_sync_has_not_failed() {
    let sync = Recorded::new("GET", "/sync", b"");
    for (status, body, expected) in [
        (200, "true", Some(true)),
        (200, "false", Some(false)),
        (500, "false", Some(false)),
        (500, "unexpected EOF", None),
        (500, "", None),
    ] {
        let answer = with_call(&sync, |call| call.response(&reply(status, body)).ok()).unwrap();
        assert_eq!(answer, expected.map(Into::into), "{status} {body}");
    }
}

#[test]
fn a_list_has_a_million_elements_at_most() {
    const LIMIT: usize = 1_000_000;
    for (elements, fits) in [(LIMIT, true), (LIMIT + 1, false)] {
        let names = vec![r#"{"name":""}"#; elements].join(",");
        let listed = v08::ListDatabases.response(&reply(200, &format!("[{names}]")));
        let rows = vec![r#"[""]"#; elements].join(",");
        let body = format!(r#"[{{"name":"s","columns":["name"],"points":[{rows}]}}]"#);
        let series = v08::ListSeries::new("d").response(&reply(200, &body));
        for found in [listed, series] {
            match found {
                Ok(names) => assert!(fits && names.len() == elements),
                Err(error) => assert!(!fits && error.outcome::<v08::V08>() == Outcome::Unknown),
            }
        }
    }
}
