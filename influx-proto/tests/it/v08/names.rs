//! Whatever a name contains, a request reaches the route that was meant, or is an error.

use std::error::Error as _;

use http::HeaderValue;
use http::header::LOCATION;
use influx_proto::v08::{self, V08};
use influx_proto::{
    Dialect, Operation, Outcome, Request, RequestError, ResponseError, Secret, Target,
};
use proptest::prelude::*;

use super::recorded::{Recorded, decode, reply};

fn target() -> Target {
    Target::new("http://127.0.0.1:8086".parse().unwrap()).unwrap()
}

type Call = fn(&str) -> Result<Request, RequestError>;

fn whole_space(name: &str) -> v08::ShardSpace {
    let space = v08::ShardSpace::new(name, "/x/").retention_policy("inf").shard_duration("7d");
    space.replication_factor(1).split(1)
}

/// Every call with a name in its path: the path with `*` for the name, and the call.
const CALLS: &[(&str, Call)] = &[
    ("db/*", |name| v08::DeleteDatabase::new(name).request(&target())),
    ("db/*/series", |name| v08::RunQuery::new(name, "q").request(&target())),
    ("db/*/series", |name| v08::ListSeries::new(name).request(&target())),
    ("db/*/series", |name| v08::ListContinuousQueries::new(name).request(&target())),
    ("db/*/series", |name| v08::WriteSeries::new(name, "[]").request(&target())),
    ("db/*/series/x", |name| v08::DeleteSeries::new(name, "x").request(&target())),
    ("db/*/continuous_queries", |name| {
        v08::ListContinuousQueriesByRest::new(name).request(&target())
    }),
    ("db/*/continuous_queries", |name| {
        v08::CreateContinuousQueryByRest::new(name, "q").request(&target())
    }),
    ("db/*/continuous_queries/1", |name| {
        v08::DeleteContinuousQueryByRest::new(name, 1).request(&target())
    }),
    ("db/*/authenticate", |name| v08::AuthenticateDatabaseUser::new(name).request(&target())),
    ("db/*/users", |name| v08::ListDatabaseUsers::new(name).request(&target())),
    ("db/*/users", |name| {
        v08::CreateDatabaseUser::new(name, "x", &Secret::default()).request(&target())
    }),
    ("db/*/users/x", |name| v08::ShowDatabaseUser::new(name, "x").request(&target())),
    ("db/x/users/*", |name| v08::ShowDatabaseUser::new("x", name).request(&target())),
    ("db/*/users/x", |name| v08::UpdateDatabaseUser::new(name, "x").admin(true).request(&target())),
    ("db/x/users/*", |name| v08::UpdateDatabaseUser::new("x", name).admin(true).request(&target())),
    ("db/*/users/x", |name| v08::DeleteDatabaseUser::new(name, "x").request(&target())),
    ("db/x/users/*", |name| v08::DeleteDatabaseUser::new("x", name).request(&target())),
    ("cluster_admins/*", |name| {
        v08::UpdateClusterAdmin::new(name, &Secret::default()).request(&target())
    }),
    ("cluster_admins/*", |name| v08::DeleteClusterAdmin::new(name).request(&target())),
    ("cluster/database_configs/*", |name| v08::ConfigureDatabase::new(name).request(&target())),
    ("cluster/shard_spaces/*", |name| {
        let space = v08::ShardSpace::new("x", "/x/");
        v08::CreateShardSpace::new(name, &space).request(&target())
    }),
    ("cluster/shard_spaces/*/x", |name| {
        let space = whole_space("x");
        v08::UpdateShardSpace::new(name, &space).request(&target())
    }),
    ("cluster/shard_spaces/x/*", |name| {
        let space = whole_space(name);
        v08::UpdateShardSpace::new("x", &space).request(&target())
    }),
    ("cluster/shard_spaces/*/x", |name| v08::DeleteShardSpace::new(name, "x").request(&target())),
    ("cluster/shard_spaces/x/*", |name| v08::DeleteShardSpace::new("x", name).request(&target())),
    ("export/*/x", |name| v08::Export::new(name, "x").request(&target())),
    ("export/x/*", |name| v08::Export::new("x", name).request(&target())),
];

/// Every call with a name in its body only.
const BODIES: &[Call] = &[
    |name| v08::CreateDatabase::new(name).request(&target()),
    |name| v08::CreateClusterAdmin::new(name, &Secret::default()).request(&target()),
    |name| v08::CreateDatabaseUser::new("x", name, &Secret::default()).request(&target()),
    |name| v08::CreateShardSpace::new("x", &v08::ShardSpace::new(name, "/x/")).request(&target()),
    |name| {
        let spaces = [v08::ShardSpace::new(name, "/x/")];
        v08::ConfigureDatabase::new("x").shard_spaces(&spaces).request(&target())
    },
    |name| v08::CreateShards::new(name, "x", 0, 1, &[]).request(&target()),
    |name| v08::CreateShards::new("x", name, 0, 1, &[]).request(&target()),
];

/// Names that the Python client let through, which dropped another database or deleted a cluster
/// administrator.
const INJECTIONS: &[&str] = &[
    "",
    ".",
    "..",
    "../../victim",
    "x/../../../cluster_admins/root",
    "x/users/root",
    "a/b?c=d#e",
    "a\\b",
    "a\0",
    "a\r\nHost: x",
    "\u{85}",
    "/.*/",
];

/// Names that look dangerous but arrive as one segment.
const HARMLESS: &[&str] =
    &["a;drop series b", "a\" ; drop", "a?b#c&d", "a b", "ü", "...", "*", ":x"];

#[test]
fn no_name_leads_to_another_route() {
    for (path, call) in CALLS {
        for name in INJECTIONS {
            assert!(matches!(call(name), Err(RequestError::Name { .. })), "{path} {name:?}");
        }
        for name in HARMLESS {
            let request = Recorded::of_call(&call(name).unwrap());
            assert_eq!(request.segments.join("\n"), path.replace('/', "\n").replace('*', name));
        }
    }
}

#[test]
fn names_in_bodies_are_checked_too() {
    for call in BODIES {
        for name in INJECTIONS {
            assert!(matches!(call(name), Err(RequestError::Name { .. })), "{name:?}");
        }
        for name in HARMLESS {
            assert!(call(name).is_ok(), "{name:?}");
        }
    }
}

#[test]
fn what_is_encoded_already_is_encoded_again() {
    // The server refuses a percent sign in names of databases and users, but not of spaces.
    for name in ["%2e%2e", "a%2Fb", "a%b"] {
        assert!(v08::DeleteDatabase::new(name).request(&target()).is_err());
        assert!(v08::DeleteClusterAdmin::new(name).request(&target()).is_err());
        let request = v08::DeleteShardSpace::new("x", name).request(&target()).unwrap();
        let segments = Recorded::of_call(&request).segments;
        assert_eq!(segments, ["cluster", "shard_spaces", "x", name]);
    }
}

#[test]
fn a_deleted_series_is_one_name_in_the_query_that_the_server_makes() {
    // The last column is what the server pastes behind `drop series `.
    for (name, pasted) in [
        ("cpu.load", Some("cpu.load")),
        ("a b", Some("\"a b\"")),
        ("%2e%2e", Some("\"%2e%2e\"")),
        ("..", Some("\"..\"")),
        ("a?b#c", Some("\"a?b#c\"")),
        ("select", Some("\"select\"")),
        ("10", Some("\"10\"")),
        ("a;drop series b", None),
        ("a\" ; drop", None),
        ("/.*/", None),
        ("a/b?c=d#e", None),
        ("../../victim", None),
        ("a\\", None),
        ("a\n", None),
        ("", None),
    ] {
        let request = v08::DeleteSeries::new("x", name).request(&target()).ok();
        let segments = request.map(|request| Recorded::of_call(&request).segments);
        let expected =
            pasted.map(|pasted| ["db", "x", "series", pasted].map(str::to_owned).to_vec());
        assert_eq!(segments, expected, "{name:?}");
    }
}

#[test]
fn an_error_tells_the_name_the_character_and_its_place() {
    let error = v08::ShowDatabaseUser::new("x", "a/b").request(&target()).unwrap_err();
    assert_eq!(error.to_string(), "the user name cannot be sent");
    let source = error.source().unwrap().to_string();
    assert_eq!(source, r#""a/b" contains '/' at byte 1, which cannot be sent"#);
}

#[test]
fn a_redirect_is_a_refusal_that_names_its_address() {
    let headers = [(LOCATION, HeaderValue::from_static("http://elsewhere/db?u=root&p=CANARY"))];
    let headers = headers.into_iter().collect();
    for status in [301, 302, 303, 307, 308] {
        let mut reply = reply(status, "<a href=\"http://elsewhere\">");
        reply.headers = &headers;
        for answer in
            [v08::ListDatabases.response(&reply).map(drop), v08::MigrateData.response(&reply)]
        {
            let Err(ResponseError::Server(error)) = answer else { panic!("{answer:?}") };
            assert_eq!(error.location.as_deref(), Some("http://elsewhere/db"));
            assert!(
                error
                    .to_string()
                    .ends_with("a redirect to http://elsewhere/db, which is not followed")
            );
            assert!(V08::hint(&error).unwrap().contains("redirects are not followed"));
            assert_eq!(V08::outcome(&error), Outcome::Hold);
        }
    }
}

proptest! {
    #[test]
    fn a_database_is_exactly_one_segment(name in any::<String>()) {
        if let Ok(request) = v08::DeleteDatabase::new(&name).request(&target()) {
            prop_assert_eq!(request.uri().path().matches('/').count(), 2);
            prop_assert_eq!(Recorded::of_call(&request).segments, ["db", &*name]);
        }
    }

    #[test]
    fn refused_segments_have_a_reason(name in any::<String>()) {
        let legal = !name.is_empty() && name != "." && name != ".." && name.len() <= 255
            && !name.contains(['/', '\\']) && !name.contains(char::is_control);
        let segment = v08::path_segment(&name);
        prop_assert_eq!(segment.is_ok(), legal);
        if let Ok(segment) = segment {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
            prop_assert!(segment.bytes().all(plain));
            prop_assert_eq!(decode(&segment), name);
        }
    }

    #[test]
    fn queries_come_back(text in any::<String>()) {
        let request = v08::RunQuery::new("x", &text).request(&target()).unwrap();
        let recorded = Recorded::of_call(&request);
        prop_assert_eq!(recorded.parameter("q"), Some(&*text));
    }
}

type Change = fn(&mut v08::ShardSpace);

/// The server sets what an update leaves out to 0 or nothing, and then refuses every write.
#[test]
fn an_update_of_a_shard_space_has_every_setting() {
    let whole = whole_space("s");
    let update =
        |space: &v08::ShardSpace| v08::UpdateShardSpace::new("x", space).request(&target());
    update(&whole).unwrap();
    let cases: [(Change, &str); 7] = [
        (|space| space.regex = None, "regex"),
        (|space| space.retention_policy = None, "retention_policy"),
        (|space| space.shard_duration = None, "shard_duration"),
        (|space| space.replication_factor = None, "replication_factor"),
        (|space| space.replication_factor = Some(0), "replication_factor"),
        (|space| space.split = None, "split"),
        (|space| space.split = Some(0), "split"),
    ];
    for (change, setting) in cases {
        let mut space = whole.clone();
        change(&mut space);
        assert_eq!(update(&space).unwrap_err(), RequestError::Incomplete { setting });
        if space.replication_factor != Some(0) && space.split != Some(0) {
            update(&space.clone().or(&whole)).unwrap();
        }
        v08::CreateShardSpace::new("x", &space).request(&target()).unwrap();
    }
}
