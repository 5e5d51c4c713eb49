//! The meaning of each recorded refusal.

use http::StatusCode;
use influx_proto::ServerError;
use influx_proto::v08::Refusal as Kind;

use super::exchanges::{all, answer};

/// The kinds that the status alone does not tell, by how the text begins.
const KINDS: &[(Kind, &[&str])] = &[
    (Kind::DatabaseExists, &["database d1 exists", "database cfgdb exists"]),
    (
        Kind::DatabaseNotFound,
        &[
            "Can't update a shard space for a database that doesn't exist",
            "Database 'nosuchdb' doesn't exist.",
            "Database a%b doesn't exist",
            "Database d2 doesn't exist",
            "Database never doesn't exist",
            "Database nosuchdb doesn't exist",
            "Invalid database name nosuchdb",
            "No such database nosuchdb",
            "database not found nosuchdb",
        ],
    ),
    (Kind::FieldNotFound, &["Field nosuch doesn't exist in series cpu"]),
    (Kind::InvalidDuration, &["Rat.Scan: invalid syntax"]),
    (Kind::InvalidPassword, &["Password must be more than 4 and less than 56 characters"]),
    (Kind::PointTooLarge, &["Unable to write no data. Series was nil or had no points."]),
    (Kind::RouteNotFound, &["404 page not found", "Method Not Allowed"]),
    (Kind::SeriesNotFound, &["Couldn't find series: "]),
    (Kind::ShardSpaceExists, &["Shard space high exists for db sd"]),
    (
        Kind::ShardSpaceNotFound,
        &[
            "Can't update a shard space that doesn't exist",
            "Unable to find shard space nosuch for database sd",
            "shard space nosuch for database ad not found",
        ],
    ),
    (Kind::Syntax, &["Error at 1:0 0:6. syntax error", "syntax error, "]),
    (
        Kind::Unreadable,
        &[
            "AddShards called without shards",
            "EOF",
            "gzip: invalid header",
            "invalid character ",
            "strconv.ParseFloat: ",
            "strconv.ParseInt: parsing \"abc\": invalid syntax",
            "unexpected EOF",
        ],
    ),
    (Kind::UserExists, &["User paul already exists"]),
    (
        Kind::UserNotFound,
        &[
            "Invalid user name ",
            concat!("Invalid username ", "nobody"),
            "Invalid username paul",
            "User paul doesn't exist",
        ],
    ),
];

#[test]
fn every_recorded_refusal_has_its_kind() {
    let mut seen = vec![false; KINDS.iter().map(|(_, texts)| texts.len()).sum()];
    for exchange in all() {
        let Some((status, body)) = answer(&exchange).filter(|(status, _)| *status >= 300) else {
            continue;
        };
        let mut expected = match status {
            400 => Kind::BadRequest,
            401 => Kind::InvalidCredentials,
            403 => Kind::PermissionDenied,
            500 => Kind::Internal,
            _ => Kind::UnexpectedStatus,
        };
        let texts =
            KINDS.iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (kind, text)));
        for (seen, (kind, text)) in seen.iter_mut().zip(texts) {
            if body.starts_with(text) {
                (*seen, expected) = (true, *kind);
            }
        }
        let error = ServerError::new(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        assert_eq!(Kind::of(&error), expected, "{}: {error}", exchange["id"]);
    }
    assert!(seen.iter().all(|seen| *seen), "a text is listed in vain: {seen:?}");
}
