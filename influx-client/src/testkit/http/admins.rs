//! `/cluster_admins`: the administrators of the whole server.

use http::StatusCode;

use super::call::{Call, text};
use super::databases::named;
use super::reply::Reply;
use crate::testkit::engine::Engine;
use crate::testkit::json::Json;
use crate::testkit::refusal::Refusal;

impl Engine {
    pub(super) fn list_admins(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.state();
        call.cluster_admin(&state)?;
        let names = Json::Array(state.admins.names().map(named).collect());
        Ok(Reply::json(&names, call.flag("pretty")))
    }

    pub(super) fn create_admin(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        // The server reads the body before it checks the credentials.
        let body = call.json().map_err(|error| Refusal::invalid(error.to_string()).early())?;
        let (name, password) = (text(&body, "name")?, text(&body, "password")?);
        let mut state = self.state();
        call.cluster_admin(&state)?;
        state.admins.create(name, password)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(super) fn update_admin(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = call.json().map_err(|error| Refusal::internal(error.to_string()).early())?;
        let password = text(&body, "password")?;
        let mut state = self.state();
        call.cluster_admin(&state)?;
        state.admins.set_password(call.segment(0), password)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(super) fn drop_admin(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.state();
        call.cluster_admin(&state)?;
        state.admins.delete(call.segment(0))?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(super) fn authenticate_admin(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        call.cluster_admin(&self.state())?;
        Ok(Reply::status(StatusCode::OK))
    }
}
