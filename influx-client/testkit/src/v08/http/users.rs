//! `/db/:db/users`: the users of a database.

use http::StatusCode;

use super::call::{Call, text};
use super::reply::Reply;
use crate::v08::engine::V08;
use crate::v08::json::Json;
use crate::v08::refusal::Refusal;
use crate::v08::store::{DatabaseUser, Permissions};

impl V08 {
    pub(crate) fn list_users(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.state();
        let name = call.segment(0);
        call.user_or_admin(&state)?.must_be_admin(&format!("list db users on {name}"))?;
        let users = state.databases.get(name).into_iter().flat_map(|database| &database.users);
        let users = Json::Array(users.map(|(name, user)| describe(name, user)).collect());
        Ok(Reply::json(&users, call.flag("pretty")))
    }

    pub(crate) fn show_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.state();
        let (database, name) = (call.segment(0), call.segment(1));
        call.user_or_admin(&state)?.must_be_admin(&format!("get db user on {database}"))?;
        let user = state.databases.get(database).and_then(|database| database.users.get(name));
        let user = user.ok_or_else(|| Refusal::invalid(format!("Invalid username {name}")))?;
        Ok(Reply::json(&describe(name, user), call.flag("pretty")))
    }

    pub(crate) fn create_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = call.json().map_err(|error| Refusal::invalid(error).early())?;
        let mut state = self.state();
        let requester = call.user_or_admin(&state)?;
        let permissions = match (text(&body, "readFrom")?, text(&body, "writeTo")?) {
            ("", "") => Permissions::default(),
            ("", _) | (_, "") => {
                return Err(Refusal::invalid("You have to provide read and write permissions"));
            }
            (read, write) => Permissions { read_from: read.to_owned(), write_to: write.to_owned() },
        };
        let database = call.segment(0);
        requester.must_be_admin(&format!("create db user on {database}"))?;
        // Named otherwise than on update, where it is `admin`.
        let admin = body.member("isAdmin") == Some(&Json::Bool(true));
        let user = || DatabaseUser::new(text(&body, "password")?, admin, permissions);
        state.create_database_user(database, text(&body, "name")?, user)?;
        Ok(Reply::status(StatusCode::OK))
    }

    /// Changes the members that the body has. Without a known member it does nothing, and succeeds
    /// even for a user that does not exist.
    pub(crate) fn update_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = call.json().map_err(|error| Refusal::invalid(error).early())?;
        if !matches!(body, Json::Object(_)) {
            return Err(body.wrong_type("map[string]interface {}").early());
        }
        let mut state = self.state();
        let requester = call.user_or_admin(&state)?;
        let (database, name) = (call.segment(0), call.segment(1));
        if let Some(password) = body.member("password") {
            let password = password.as_str();
            let password = password.ok_or_else(|| Refusal::invalid("password must be string"))?;
            if !requester.is_user(name) {
                let action = format!("change db user password for {name} on {database}");
                requester.must_be_admin(&action)?;
            }
            state.user_mut(database, name)?.set_password(password)?;
        }
        if let Some(read_from) = body.member("readFrom") {
            let text = "Changing permissions requires passing readFrom and writeTo";
            let write_to = body.member("writeTo").ok_or_else(|| Refusal::invalid(text))?;
            // The handler panics at anything but a text.
            let read_from = read_from.as_str().ok_or(Refusal::Crash)?.to_owned();
            let write_to = write_to.as_str().ok_or(Refusal::Crash)?.to_owned();
            requester.must_be_admin(&format!("change db user permissions on {database}"))?;
            state.user_mut(database, name)?.permissions = Permissions { read_from, write_to };
        }
        if let Some(admin) = body.member("admin") {
            let Json::Bool(admin) = admin else {
                return Err(Refusal::invalid("admin must be boolean"));
            };
            requester.must_be_admin(&format!("grant db user admin privileges on {database}"))?;
            state.user_mut(database, name)?.admin = *admin;
        }
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn drop_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let (database, name) = (call.segment(0), call.segment(1));
        call.user_or_admin(&state)?.must_be_admin(&format!("delete db user on {database}"))?;
        let users = state.databases.get_mut(database).map(|database| &mut database.users);
        match users.and_then(|users| users.remove(name)) {
            Some(_) => Ok(Reply::status(StatusCode::OK)),
            None => Err(Refusal::invalid(format!("User {name} doesn't exist"))),
        }
    }

    pub(crate) fn authenticate_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        call.database_user(&self.state()).map_err(Refusal::early)?;
        Ok(Reply::status(StatusCode::OK))
    }
}

fn describe(name: &str, user: &DatabaseUser) -> Json {
    Json::object([
        ("name", Json::from(name)),
        ("isAdmin", Json::from(user.admin)),
        ("writeTo", Json::from(user.permissions.write_to.as_str())),
        ("readFrom", Json::from(user.permissions.read_from.as_str())),
    ])
}
