//! From a recorded request to the call that makes it.

use bytes::Bytes;
use influx_proto::encode::EncodeOptions;
use influx_proto::v08::{self, Permissions, Precision, ShardSpace};
use influx_proto::{
    Format, Idempotency, Operation, Outcome, Reply, Request, RequestError, ResponseError, Secret,
    Series, Table, Target, TimeUnit,
};
use serde_json::{Value, json};

use super::recorded::Recorded;

/// A call whose answer is JSON, so that all calls have one type.
pub(crate) trait Call {
    fn request(&self, target: &Target) -> Result<Request, RequestError>;
    fn response(&self, reply: &Reply<'_>) -> Result<Value, ResponseError>;
    fn outcome(&self, reply: &Reply<'_>) -> Outcome;
    fn idempotency(&self) -> Idempotency;
}

struct Answering<O, F>(O, F);

impl<O: Operation, F: Fn(O::Output) -> Value> Call for Answering<O, F> {
    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        self.0.request(target)
    }

    fn response(&self, reply: &Reply<'_>) -> Result<Value, ResponseError> {
        self.0.response(reply).map(&self.1)
    }

    fn outcome(&self, reply: &Reply<'_>) -> Outcome {
        self.0.outcome(reply)
    }

    fn idempotency(&self) -> Idempotency {
        self.0.idempotency()
    }
}

/// The reason why a request does not have a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Missing {
    /// The server has no such route, or it is one of OPTIONS and HEAD.
    Route,
    /// Our types cannot hold the body or the parameters.
    Content,
    /// Our types can hold the points, but their encoder refuses them.
    Unwritable,
}

/// Hands the call of a request to `visit`.
pub(crate) fn with_call<T>(
    recorded: &Recorded,
    visit: impl Fn(&dyn Call) -> T,
) -> Result<T, Missing> {
    let mut found = None;
    let segments: Vec<_> = recorded.segments.iter().map(String::as_str).collect();
    let visit: Visit = &mut |call| found = Some(visit(call));
    match segments.as_slice() {
        ["cluster", rest @ ..] => cluster(recorded, rest, visit)?,
        ["cluster_admins", rest @ ..] => cluster_admins(recorded, rest, visit)?,
        ["db", database, "users", rest @ ..] => users(recorded, database, rest, visit)?,
        ["db", database, "series", rest @ ..] => series(recorded, database, rest, visit)?,
        ["db", database, "continuous_queries", rest @ ..] => {
            continuous_queries(recorded, database, rest, visit)?;
        }
        rest => others(recorded, rest, visit)?,
    }
    found.ok_or(Missing::Route)
}

type Visit<'a> = &'a mut dyn FnMut(&dyn Call);

fn others(recorded: &Recorded, segments: &[&str], visit: Visit) -> Result<(), Missing> {
    match (recorded.method.as_str(), segments) {
        ("GET", ["ping"]) => visit(&Answering(v08::Ping, nothing)),
        ("GET", ["interfaces"]) => visit(&Answering(v08::ListInterfaces, to_json)),
        ("GET", ["sync"]) => visit(&Answering(v08::CheckSync, to_json)),
        ("POST", ["raft", "force_compaction"]) => visit(&Answering(v08::ForceCompaction, nothing)),
        ("GET", ["db"]) => visit(&Answering(v08::ListDatabases, named)),
        ("POST", ["db"]) => {
            visit(&Answering(v08::CreateDatabase::new(recorded.text("name")?), nothing));
        }
        ("DELETE", ["db", name]) => visit(&Answering(v08::DeleteDatabase::new(name), nothing)),
        ("GET", ["db", database, "authenticate"]) => {
            visit(&Answering(v08::AuthenticateDatabaseUser::new(database), nothing));
        }
        ("GET", ["export", database, space]) => {
            let export = v08::Export::new(database, space);
            let export = match recorded.parameter("l") {
                Some("ddl") => export.part(v08::ExportPart::Definitions),
                Some("dml") => export.part(v08::ExportPart::Points),
                _ => export,
            };
            visit(&Answering(export, |text| String::from_utf8(text).unwrap().into()));
        }
        _ => return Err(Missing::Route),
    }
    Ok(())
}

fn series(
    recorded: &Recorded,
    database: &str,
    segments: &[&str],
    visit: Visit,
) -> Result<(), Missing> {
    match (recorded.method.as_str(), segments) {
        ("GET", []) => {
            let query = v08::RunQuery::new(database, recorded.parameter("q").unwrap_or_default())
                .chunked(recorded.parameter("chunked").is_some());
            let precision = precision(recorded)?;
            let query = match precision {
                Some(precision) => query.precision(precision),
                None => query,
            };
            // The server's own unit is milliseconds.
            let unit = precision.unwrap_or(Precision::Milliseconds).into();
            visit(&Answering(query, |series: Vec<Series>| as_sent(&series, unit)));
        }
        ("POST", []) => {
            let series: Vec<Series> = parse(recorded.body()?)?;
            let (body, identified) = encode(&series).ok_or(Missing::Unwritable)?;
            let write = v08::WriteSeries::new(database, body).identified(identified);
            let write = match precision(recorded)? {
                Some(precision) => write.precision(precision),
                None => write,
            };
            visit(&Answering(write, nothing));
        }
        ("DELETE", [name]) => visit(&Answering(v08::DeleteSeries::new(database, name), nothing)),
        _ => return Err(Missing::Route),
    }
    Ok(())
}

fn continuous_queries(
    recorded: &Recorded,
    database: &str,
    segments: &[&str],
    visit: Visit,
) -> Result<(), Missing> {
    match (recorded.method.as_str(), segments) {
        ("GET", []) => {
            visit(&Answering(v08::ListContinuousQueriesByRest::new(database), to_json));
        }
        ("POST", []) => {
            let query = recorded.text("query")?;
            visit(&Answering(v08::CreateContinuousQueryByRest::new(database, query), nothing));
        }
        ("DELETE", [id]) => {
            let id = number(id)?;
            visit(&Answering(v08::DeleteContinuousQueryByRest::new(database, id), nothing));
        }
        _ => return Err(Missing::Route),
    }
    Ok(())
}

fn users(
    recorded: &Recorded,
    database: &str,
    segments: &[&str],
    visit: Visit,
) -> Result<(), Missing> {
    let permissions = match (recorded.text("readFrom"), recorded.text("writeTo")) {
        (Ok(read_from), Ok(write_to)) => Some(Permissions { read_from, write_to }),
        _ => None,
    };
    match (recorded.method.as_str(), segments) {
        ("GET", []) => visit(&Answering(v08::ListDatabaseUsers::new(database), to_json)),
        ("GET", [name]) => visit(&Answering(v08::ShowDatabaseUser::new(database, name), to_json)),
        ("POST", []) => {
            let password = recorded.text("password")?.into();
            let mut create =
                v08::CreateDatabaseUser::new(database, recorded.text("name")?, &password);
            if let Some(permissions) = permissions {
                create = create.permissions(permissions);
            }
            if recorded.body()?["isAdmin"] == true {
                create = create.admin();
            }
            visit(&Answering(create, nothing));
        }
        ("POST", [name]) => {
            let password = recorded.text("password").map(Secret::from);
            let mut update = v08::UpdateDatabaseUser::new(database, name);
            if let Ok(password) = &password {
                update = update.password(password);
            }
            if let Some(permissions) = permissions {
                update = update.permissions(permissions);
            }
            if let Some(admin) = recorded.body()?["admin"].as_bool() {
                update = update.admin(admin);
            }
            visit(&Answering(update, nothing));
        }
        ("DELETE", [name]) => {
            visit(&Answering(v08::DeleteDatabaseUser::new(database, name), nothing));
        }
        _ => return Err(Missing::Route),
    }
    Ok(())
}

fn cluster_admins(recorded: &Recorded, segments: &[&str], visit: Visit) -> Result<(), Missing> {
    match (recorded.method.as_str(), segments) {
        ("GET", []) => visit(&Answering(v08::ListClusterAdmins, named)),
        ("GET", ["authenticate"]) => visit(&Answering(v08::AuthenticateClusterAdmin, nothing)),
        ("POST", []) => {
            let password = recorded.text("password")?.into();
            let name = recorded.text("name")?;
            visit(&Answering(v08::CreateClusterAdmin::new(name, &password), nothing));
        }
        ("POST", [name]) => {
            let password = recorded.text("password")?.into();
            visit(&Answering(v08::UpdateClusterAdmin::new(name, &password), nothing));
        }
        ("DELETE", [name]) => visit(&Answering(v08::DeleteClusterAdmin::new(name), nothing)),
        _ => return Err(Missing::Route),
    }
    Ok(())
}

fn cluster(recorded: &Recorded, segments: &[&str], visit: Visit) -> Result<(), Missing> {
    match (recorded.method.as_str(), segments) {
        ("GET", ["configuration"]) => {
            let parse = |document: Secret| serde_json::from_str(document.expose()).unwrap();
            visit(&Answering(v08::ShowConfiguration, parse));
        }
        ("POST", ["database_configs", database]) => {
            let spaces: Vec<ShardSpace> = parse(&recorded.body()?["spaces"])?;
            let queries: Vec<String> = parse(&recorded.body()?["continuousQueries"])?;
            let queries: Vec<_> = queries.iter().map(String::as_str).collect();
            let configure = v08::ConfigureDatabase::new(database)
                .shard_spaces(&spaces)
                .continuous_queries(&queries);
            visit(&Answering(configure, nothing));
        }
        ("POST", ["migrate_data"]) => visit(&Answering(v08::MigrateData, nothing)),
        ("GET", ["servers"]) => visit(&Answering(v08::ListServers, to_json)),
        ("DELETE", ["servers", id]) => {
            visit(&Answering(v08::DeleteServer::new(number(id)?), nothing));
        }
        ("GET", ["shards"]) => visit(&Answering(v08::ListShards, to_json)),
        ("POST", ["shards"]) => {
            let body = recorded.body()?;
            let time = |key: &str| body[key].as_i64().ok_or(Missing::Content);
            let shards: Vec<Shard> = parse(&body["shards"])?;
            let shards: Vec<_> = shards.iter().map(|shard| shard.server_ids.as_slice()).collect();
            let create = v08::CreateShards::new(
                recorded.text("database")?,
                recorded.text("spaceName")?,
                time("startTime")?,
                time("endTime")?,
                &shards,
            );
            visit(&Answering(create, nothing));
        }
        ("DELETE", ["shards", id]) => {
            let shard: Shard = parse(recorded.body()?)?;
            let delete = v08::DeleteShard::new(number(id)?, &shard.server_ids);
            visit(&Answering(delete, nothing));
        }
        ("GET", ["shard_spaces"]) => visit(&Answering(v08::ListShardSpaces, to_json)),
        ("POST", ["shard_spaces", database]) => {
            let space = parse(recorded.body()?)?;
            visit(&Answering(v08::CreateShardSpace::new(database, &space), nothing));
        }
        ("POST", ["shard_spaces", database, _]) => {
            let space = parse(recorded.body()?)?;
            visit(&Answering(v08::UpdateShardSpace::new(database, &space), nothing));
        }
        ("DELETE", ["shard_spaces", database, name]) => {
            visit(&Answering(v08::DeleteShardSpace::new(database, name), nothing));
        }
        _ => return Err(Missing::Route),
    }
    Ok(())
}

/// One shard in a request about shards.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shard {
    server_ids: Vec<u32>,
}

impl Recorded {
    fn body(&self) -> Result<&Value, Missing> {
        self.body.as_ref().ok_or(Missing::Content)
    }

    fn text(&self, key: &str) -> Result<&str, Missing> {
        self.body()?.get(key).and_then(Value::as_str).ok_or(Missing::Content)
    }
}

fn precision(recorded: &Recorded) -> Result<Option<Precision>, Missing> {
    match recorded.parameter("time_precision") {
        None => Ok(None),
        Some("s") => Ok(Some(Precision::Seconds)),
        Some("ms") => Ok(Some(Precision::Milliseconds)),
        Some("u") => Ok(Some(Precision::Microseconds)),
        Some(_) => Err(Missing::Content),
    }
}

fn parse<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Missing> {
    serde_json::from_value(value.clone()).map_err(|_| Missing::Content)
}

fn number(segment: &str) -> Result<u32, Missing> {
    segment.parse().map_err(|_| Missing::Content)
}

fn nothing((): ()) -> Value {
    Value::Null
}

fn named(names: Vec<String>) -> Value {
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

/// The body of a write of these series, whose times travel as they are, and whether each of its
/// points has its identity.
fn encode(series: &[Series]) -> Option<(Bytes, bool)> {
    let table = Table::new("").time_unit(TimeUnit::Nanoseconds);
    let mut options = EncodeOptions::default();
    options.time_unit = Some(TimeUnit::Nanoseconds);
    let series: Vec<_> = series.iter().map(|series| table.series(series)).collect();
    let bodies = Format::SeriesJson.encode(&series, &options, None).ok()?;
    let body = bodies.into_iter().next();
    Some(body.map_or_else(|| ("[]".into(), true), |body| (body.bytes, body.identified)))
}

/// The series with their times as they travelled.
fn as_sent(series: &[Series], unit: TimeUnit) -> Value {
    let sent = series.iter().map(|series| {
        let mut sent = Series::new(series.name(), series.columns()).unwrap();
        for point in series.points() {
            let cells = point.iter().map(|cell| match cell {
                influx_proto::Value::Time(time) => time.in_unit(unit).into(),
                other => other.clone(),
            });
            sent.push(cells).unwrap();
        }
        sent
    });
    to_json(sent.collect::<Vec<_>>())
}

fn to_json<T: serde::Serialize>(answer: T) -> Value {
    serde_json::to_value(answer).unwrap()
}
