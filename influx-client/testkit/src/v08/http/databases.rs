//! `/db` and `/cluster_admins`: databases and administrators.

use http::StatusCode;

use super::call::{Call, text};
use super::reply::Reply;
use crate::v08::engine::V08;
use crate::v08::json::Json;
use crate::v08::refusal::Refusal;
use crate::v08::store::Database;

impl V08 {
    pub(crate) fn list_databases(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.admin_state(call)?;
        let names = state.databases.keys().map(|name| named(name));
        Ok(Reply::json(&Json::Array(names.collect()), call.flag("pretty")))
    }

    pub(crate) fn create_database_from(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.admin_state(call)?;
        let body = call.json().map_err(Refusal::invalid)?;
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

    pub(crate) fn drop_database(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.admin_state(call)?;
        let name = call.segment(0);
        if state.databases.remove(name).is_none() {
            return Err(Refusal::invalid(format!("Database {name} doesn't exist")));
        }
        state.cluster.drop_database(name);
        Ok(Reply::status(StatusCode::NO_CONTENT))
    }

    pub(crate) fn list_admins(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.admin_state(call)?;
        let names = Json::Array(state.admins.names().map(named).collect());
        Ok(Reply::json(&names, call.flag("pretty")))
    }

    pub(crate) fn create_admin(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        // The server reads the body before it checks the credentials.
        let body = call.json().map_err(|error| Refusal::invalid(error).early())?;
        let (name, password) = (text(&body, "name")?, text(&body, "password")?);
        let mut state = self.admin_state(call)?;
        state.admins.create(name, password)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn update_admin(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = call.json().map_err(|error| Refusal::internal(error).early())?;
        let password = text(&body, "password")?;
        let mut state = self.admin_state(call)?;
        state.admins.set_password(call.segment(0), password)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn drop_admin(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.admin_state(call)?;
        state.admins.delete(call.segment(0))?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn authenticate_admin(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        call.cluster_admin(&self.state())?;
        Ok(Reply::status(StatusCode::OK))
    }
}

/// `{"name":...}`, as the server lists databases and cluster admins.
fn named(name: &str) -> Json {
    Json::object([("name", Json::from(name))])
}
