//! From a recorded request to the call that makes it.

use http::{Request, StatusCode};
use influx_proto::v08::{self, Permissions, ShardSpace};
use influx_proto::{Operation, Precision, RequestError, ResponseError, Secret, Series, Target};
use serde_json::{Value, json};

use crate::v08_recorded::Recorded;

/// A call whose answer is JSON, so that all calls have one type.
pub(crate) trait Call {
    fn request(&self, target: &Target) -> Result<Request<Vec<u8>>, RequestError>;
    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Value, ResponseError>;
}

struct Answering<O, F>(O, F);

impl<O: Operation, F: Fn(O::Output) -> Value> Call for Answering<O, F> {
    fn request(&self, target: &Target) -> Result<Request<Vec<u8>>, RequestError> {
        self.0.request(target).map(|request| request.map(Vec::from))
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Value, ResponseError> {
        self.0.response(status, body).map(&self.1)
    }
}

/// Why there is no call for a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Missing {
    /// The server has no such route, or it is one of OPTIONS and HEAD.
    Route,
    /// Our types cannot hold the body or the parameters.
    Content,
}

/// Hands the call of a request to `visit`.
pub(crate) fn with_call<T>(
    recorded: &Recorded,
    visit: impl FnOnce(&dyn Call) -> T,
) -> Result<T, Missing> {
    let segments: Vec<_> = recorded.segments.iter().map(String::as_str).collect();
    let text = |key: &str| recorded.body.as_ref()?.get(key)?.as_str();
    let secret = |key: &str| text(key).map(Secret::from);
    let body = recorded.body.as_ref().ok_or(Missing::Content);
    let call = |operation: &dyn Call| Ok(visit(operation));

    match (recorded.method.as_str(), segments.as_slice()) {
        ("GET", ["ping"]) => call(&Answering(v08::Ping, nothing)),
        ("GET", ["interfaces"]) => call(&Answering(v08::ListInterfaces, to_json)),
        ("GET", ["sync"]) => call(&Answering(v08::CheckSync, to_json)),
        ("POST", ["raft", "force_compaction"]) => call(&Answering(v08::ForceCompaction, nothing)),

        ("GET", ["db"]) => call(&Answering(v08::ListDatabases, named)),
        ("POST", ["db"]) => {
            let name = text("name").ok_or(Missing::Content)?;
            call(&Answering(v08::CreateDatabase::new(name), nothing))
        }
        ("DELETE", ["db", name]) => call(&Answering(v08::DeleteDatabase::new(name), nothing)),
        ("POST", ["cluster", "database_configs", database]) => {
            let spaces = list::<ShardSpace>(body?, "spaces")?;
            let queries = list::<String>(body?, "continuousQueries")?;
            let queries: Vec<_> = queries.iter().map(String::as_str).collect();
            let call_ = v08::ConfigureDatabase::new(database)
                .shard_spaces(&spaces)
                .continuous_queries(&queries);
            call(&Answering(call_, nothing))
        }

        ("GET", ["db", database, "series"]) => {
            let query = v08::Query::new(database, recorded.parameter("q").unwrap_or_default())
                .chunked(recorded.parameter("chunked").is_some());
            match precision(recorded)? {
                Some(precision) => call(&Answering(query.precision(precision), to_json)),
                None => call(&Answering(query, to_json)),
            }
        }
        ("POST", ["db", database, "series"]) => {
            let series: Vec<Series> =
                serde_json::from_value(body?.clone()).map_err(|_| Missing::Content)?;
            let write = v08::WriteSeries::new(database, &series);
            match precision(recorded)? {
                Some(precision) => call(&Answering(write.precision(precision), nothing)),
                None => call(&Answering(write, nothing)),
            }
        }
        ("DELETE", ["db", database, "series", name]) => {
            call(&Answering(v08::DeleteSeries::new(database, name), nothing))
        }
        ("GET", ["export", database, space]) => {
            let export = v08::Export::new(database, space);
            let export = match recorded.parameter("l") {
                Some("ddl") => export.part(v08::ExportPart::Definitions),
                Some("dml") => export.part(v08::ExportPart::Points),
                _ => export,
            };
            call(&Answering(export, |text| String::from_utf8(text).unwrap().into()))
        }

        ("GET", ["db", database, "continuous_queries"]) => {
            call(&Answering(v08::ListContinuousQueriesByRest::new(database), to_json))
        }
        ("POST", ["db", database, "continuous_queries"]) => {
            let query = text("query").ok_or(Missing::Content)?;
            call(&Answering(v08::CreateContinuousQueryByRest::new(database, query), nothing))
        }
        ("DELETE", ["db", database, "continuous_queries", id]) => {
            let id = id.parse().map_err(|_| Missing::Content)?;
            call(&Answering(v08::DeleteContinuousQueryByRest::new(database, id), nothing))
        }

        ("GET", ["db", database, "authenticate"]) => {
            call(&Answering(v08::AuthenticateDatabaseUser::new(database), nothing))
        }
        ("GET", ["db", database, "users"]) => {
            call(&Answering(v08::ListDatabaseUsers::new(database), to_json))
        }
        ("GET", ["db", database, "users", name]) => {
            call(&Answering(v08::ShowDatabaseUser::new(database, name), to_json))
        }
        ("POST", ["db", database, "users"]) => {
            let password = secret("password").ok_or(Missing::Content)?;
            let name = text("name").ok_or(Missing::Content)?;
            let mut create = v08::CreateDatabaseUser::new(database, name, &password);
            if let (Some(read_from), Some(write_to)) = (text("readFrom"), text("writeTo")) {
                create = create.permissions(Permissions { read_from, write_to });
            }
            if body?["isAdmin"] == true {
                create = create.admin();
            }
            call(&Answering(create, nothing))
        }
        ("POST", ["db", database, "users", name]) => {
            let password = secret("password");
            let mut update = v08::UpdateDatabaseUser::new(database, name);
            if let Some(password) = &password {
                update = update.password(password);
            }
            if let (Some(read_from), Some(write_to)) = (text("readFrom"), text("writeTo")) {
                update = update.permissions(Permissions { read_from, write_to });
            }
            if let Some(admin) = body?["admin"].as_bool() {
                update = update.admin(admin);
            }
            call(&Answering(update, nothing))
        }
        ("DELETE", ["db", database, "users", name]) => {
            call(&Answering(v08::DeleteDatabaseUser::new(database, name), nothing))
        }

        ("GET", ["cluster_admins"]) => call(&Answering(v08::ListClusterAdmins, named)),
        ("GET", ["cluster_admins", "authenticate"]) => {
            call(&Answering(v08::AuthenticateClusterAdmin, nothing))
        }
        ("POST", ["cluster_admins"]) => {
            let password = secret("password").ok_or(Missing::Content)?;
            let name = text("name").ok_or(Missing::Content)?;
            call(&Answering(v08::CreateClusterAdmin::new(name, &password), nothing))
        }
        ("POST", ["cluster_admins", name]) => {
            let password = secret("password").ok_or(Missing::Content)?;
            call(&Answering(v08::UpdateClusterAdmin::new(name, &password), nothing))
        }
        ("DELETE", ["cluster_admins", name]) => {
            call(&Answering(v08::DeleteClusterAdmin::new(name), nothing))
        }

        ("GET", ["cluster", "configuration"]) => {
            let parse = |document: Secret| serde_json::from_str(document.expose()).unwrap();
            call(&Answering(v08::ShowConfiguration, parse))
        }
        ("POST", ["cluster", "migrate_data"]) => call(&Answering(v08::MigrateData, nothing)),
        ("GET", ["cluster", "servers"]) => call(&Answering(v08::ListServers, to_json)),
        ("DELETE", ["cluster", "servers", id]) => {
            let id = id.parse().map_err(|_| Missing::Content)?;
            call(&Answering(v08::DeleteServer::new(id), nothing))
        }
        ("GET", ["cluster", "shards"]) => call(&Answering(v08::ListShards, to_json)),
        ("POST", ["cluster", "shards"]) => {
            let number = |key: &str| body?[key].as_i64().ok_or(Missing::Content);
            let shards = list::<Value>(body?, "shards")?;
            let shards: Vec<_> =
                shards.iter().map(|shard| list::<u32>(shard, "serverIds").unwrap()).collect();
            let shards: Vec<_> = shards.iter().map(Vec::as_slice).collect();
            let call_ = v08::CreateShards::new(
                text("database").ok_or(Missing::Content)?,
                text("spaceName").ok_or(Missing::Content)?,
                number("startTime")?,
                number("endTime")?,
                &shards,
            );
            call(&Answering(call_, nothing))
        }
        ("DELETE", ["cluster", "shards", id]) => {
            let servers = list::<u32>(body?, "serverIds")?;
            let id = id.parse().map_err(|_| Missing::Content)?;
            call(&Answering(v08::DeleteShard::new(id, &servers), nothing))
        }
        ("GET", ["cluster", "shard_spaces"]) => call(&Answering(v08::ListShardSpaces, to_json)),
        ("POST", ["cluster", "shard_spaces", database]) => {
            let space = space(body?)?;
            call(&Answering(v08::CreateShardSpace::new(database, &space), nothing))
        }
        ("POST", ["cluster", "shard_spaces", database, _]) => {
            let space = space(body?)?;
            call(&Answering(v08::UpdateShardSpace::new(database, &space), nothing))
        }
        ("DELETE", ["cluster", "shard_spaces", database, name]) => {
            call(&Answering(v08::DeleteShardSpace::new(database, name), nothing))
        }
        _ => Err(Missing::Route),
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

fn list<T: serde::de::DeserializeOwned>(object: &Value, key: &str) -> Result<Vec<T>, Missing> {
    serde_json::from_value(object[key].clone()).map_err(|_| Missing::Content)
}

fn space(body: &Value) -> Result<ShardSpace, Missing> {
    serde_json::from_value(body.clone()).map_err(|_| Missing::Content)
}

fn nothing((): ()) -> Value {
    Value::Null
}

fn named(names: Vec<String>) -> Value {
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "an answer is handed over")]
fn to_json<T: serde::Serialize>(answer: T) -> Value {
    serde_json::to_value(answer).unwrap()
}
