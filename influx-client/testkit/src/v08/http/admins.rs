//! `/cluster_admins`: the administrators of the whole server.

use http::StatusCode;

use super::call::{Call, text};
use super::databases::named;
use super::reply::Reply;
use crate::v08::engine::V08;
use crate::v08::json::Json;
use crate::v08::refusal::Refusal;

impl V08 {
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
