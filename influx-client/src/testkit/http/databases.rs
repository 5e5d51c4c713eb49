//! `/db`: databases.

use http::StatusCode;

use super::call::{Call, text};
use super::reply::Reply;
use crate::testkit::engine::{Database, Engine};
use crate::testkit::json::Json;
use crate::testkit::refusal::Refusal;

impl Engine {
    pub(super) fn list_databases(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.state();
        call.cluster_admin(&state)?;
        let names = state.databases.keys().map(|name| named(name));
        Ok(Reply::json(&Json::Array(names.collect()), call.flag("pretty")))
    }

    pub(super) fn create_database_from(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.state();
        call.cluster_admin(&state)?;
        let body = call.json().map_err(|error| Refusal::invalid(error.to_string()))?;
        let name = text(&body, "name")?.trim();
        if name.is_empty() {
            return Err(Refusal::invalid("Unable to create database without name"));
        }
        if name.contains('%') {
            return Err(Refusal::invalid(format!("{name} isn't a valid db name")));
        }
        if state.databases.contains_key(name) {
            let text = format!("database {name} exists");
            return Err(Refusal::Answer(StatusCode::CONFLICT, text));
        }
        state.databases.insert(name.to_owned(), Database::default());
        Ok(Reply::status(StatusCode::CREATED))
    }

    pub(super) fn drop_database(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.state();
        call.cluster_admin(&state)?;
        let name = call.segment(0);
        if state.databases.remove(name).is_none() {
            return Err(Refusal::invalid(format!("Database {name} doesn't exist")));
        }
        state.cluster.drop_database(name);
        Ok(Reply::status(StatusCode::NO_CONTENT))
    }
}

/// `{"name":...}`, as the server lists databases and cluster admins.
pub(super) fn named(name: &str) -> Json {
    Json::object([("name", Json::from(name))])
}
