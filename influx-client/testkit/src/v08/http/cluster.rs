//! `/cluster`, `/sync` and `/raft`: the server itself.

use http::StatusCode;

use super::call::{Call, text};
use super::reply::Reply;
use crate::v08::engine::V08;
use crate::v08::json::Json;
use crate::v08::query::{Statement, parse};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Database, Space};

impl V08 {
    /// The databases and the names of the cluster admins; the real answer holds much more.
    pub(crate) fn cluster_configuration(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.admin_state(call)?;
        let databases = state.databases.keys().map(|name| (name.clone(), Json::from(0_i64)));
        let admins = state.admins.names().map(|name| {
            let common = Json::object([("name", Json::from(name))]);
            (name.to_owned(), Json::object([("common", common)]))
        });
        let configuration = Json::object([
            ("Databases", Json::Object(databases.collect())),
            ("Admins", Json::Object(admins.collect())),
        ]);
        Ok(Reply::json(&configuration, call.flag("pretty")))
    }

    pub(crate) fn list_servers(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        call.cluster_admin(&self.state())?;
        let server = Json::object([
            ("id", Json::from(1_i64)),
            ("isLeader", Json::from(true)),
            ("isUp", Json::from(false)),
            ("leaderRaftConnectString", Json::from("http://127.0.0.1:8090")),
            ("leaderRaftName", Json::from("testkit")),
            ("protobufConnectString", Json::from("127.0.0.1:8099")),
            ("raftConnectionString", Json::from("http://127.0.0.1:8090")),
            ("raftName", Json::from("testkit")),
        ]);
        Ok(Reply::json(&Json::Array(vec![server]), call.flag("pretty")))
    }

    /// Accepts any number; the only server stays.
    pub(crate) fn drop_server(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        call.cluster_admin(&self.state())?;
        number(call.segment(0)).map_err(Refusal::invalid)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn list_spaces(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.admin_state(call)?;
        Ok(Reply::json(&state.cluster.spaces_json(), call.flag("pretty")))
    }

    pub(crate) fn add_space(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.admin_state(call)?;
        let body = body(call)?;
        let (database, name) = (call.segment(0), text(&body, "name")?);
        state.cluster.must_be_free(database, name)?;
        if !state.databases.contains_key(database) {
            return Err(Refusal::invalid(format!("Database '{database}' doesn't exist.")));
        }
        if name.is_empty() {
            return Err(Refusal::invalid("Shard space must have a name"));
        }
        state.cluster.add_space(Space::read(database, &body)?)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn update_space(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.admin_state(call)?;
        let body = body(call)?;
        let (database, name) = (call.segment(0), call.segment(1));
        let missing = |what| {
            let text = format!("Can't update a shard space {what}that doesn't exist");
            Refusal::Answer(StatusCode::NOT_ACCEPTABLE, text)
        };
        if !state.databases.contains_key(database) {
            return Err(missing("for a database "));
        }
        if state.cluster.space(database, name).is_none() {
            return Err(missing(""));
        }
        if let Some(space) = Space::read_update(database, name, &body) {
            state.cluster.update_space(space);
        }
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn drop_space(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        self.admin_state(call)?.drop_space(call.segment(0), call.segment(1));
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn list_shards(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.admin_state(call)?;
        Ok(Reply::json(&state.cluster.shards_json(), call.flag("pretty")))
    }

    pub(crate) fn add_shards(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.admin_state(call)?;
        let body = body(call)?;
        let shards = body.member("shards").and_then(Json::as_array).unwrap_or_default();
        if shards.is_empty() {
            return Err(Refusal::internal("AddShards called without shards"));
        }
        let (database, space) = (text(&body, "database")?, text(&body, "spaceName")?);
        if state.cluster.space(database, space).is_none() {
            let text = format!("Unable to find shard space {space} for database {database}");
            return Err(Refusal::internal(text));
        }
        state.must_have_room(shards.len())?;
        let seconds = |name| match body.member(name) {
            Some(Json::Number(text)) => text.parse().unwrap_or_default(),
            _ => 0,
        };
        let micros = |name| i64::saturating_mul(seconds(name), 1_000_000);
        let bounds = (micros("startTime"), micros("endTime"));
        for shard in shards {
            let servers = shard.member("serverIds").and_then(Json::as_array).unwrap_or_default();
            state.cluster.add_shard(database, space, bounds, !servers.is_empty());
        }
        Ok(Reply::status(StatusCode::ACCEPTED))
    }

    pub(crate) fn drop_shard(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.admin_state(call)?;
        let id = number(call.segment(0)).map_err(Refusal::internal)?;
        if body(call)?.member("serverIds").and_then(Json::as_array).is_none() {
            let text = "Request must include an object with an array of 'serverIds'";
            return Err(Refusal::invalid(text));
        }
        if let Ok(id) = id.try_into() {
            state.drop_shard(id);
        }
        Ok(Reply::status(StatusCode::ACCEPTED))
    }

    pub(crate) fn create_configured(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.admin_state(call)?;
        let body = body(call)?;
        let name = call.segment(0);
        if state.databases.contains_key(name) {
            return Err(Refusal::invalid(format!("database {name} exists")));
        }
        let list = |name| body.member(name).and_then(Json::as_array).unwrap_or_default();
        state.must_have_room(list("spaces").len() + list("continuousQueries").len())?;
        let spaces: Vec<Space> = list("spaces")
            .iter()
            .map(|space| Space::read(name, space))
            .collect::<Result<_, _>>()?;
        let mut database = Database::default();
        for query in list("continuousQueries") {
            match parse(query.as_str().unwrap_or_default(), self.now())?.pop() {
                Some(Statement::Select(select)) if select.is_continuous() => {
                    database.create_query(*select);
                }
                // The one error whose body is JSON.
                _ => {
                    let nothing = Json::Object(Vec::new());
                    return Ok(Reply::json_with_status(StatusCode::BAD_REQUEST, &nothing, false));
                }
            }
        }
        state.databases.insert(name.to_owned(), database);
        spaces.into_iter().try_for_each(|space| state.cluster.add_space(space))?;
        Ok(Reply::status(StatusCode::CREATED))
    }

    pub(crate) fn sync(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        call.cluster_admin(&self.state())?;
        Ok(Reply::text(StatusCode::OK, "true"))
    }

    pub(crate) fn force_compaction(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        call.cluster_admin(&self.state())?;
        Ok(Reply::text(StatusCode::OK, "OK"))
    }
}

/// The body; the cluster's endpoints answer a malformed one with status 500.
fn body(call: &Call<'_>) -> Result<Json, Refusal> {
    call.json().map_err(Refusal::internal)
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("strconv.ParseInt: parsing \"{text}\": invalid syntax"))
}
