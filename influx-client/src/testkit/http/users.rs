//! `/db/:db/users`: the users of a database.

use http::StatusCode;

use super::call::Call;
use super::databases::member;
use super::reply::Reply;
use crate::testkit::engine::{DatabaseUser, Engine, Permissions, Requester};
use crate::testkit::json::Json;
use crate::testkit::refusal::Refusal;

impl Engine {
    pub(super) fn list_users(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.state();
        let name = call.segment(0);
        let text = format!("Insufficient permissions to list db users on {name}");
        call.user_or_admin(&state)?.must_be_admin(&text)?;
        let users = state.databases.get(name).into_iter().flat_map(|database| &database.users);
        let users = Json::Array(users.map(|(name, user)| describe(name, user)).collect());
        Ok(Reply::json(&users, call.flag("pretty")))
    }

    pub(super) fn show_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let state = self.state();
        let (database, name) = (call.segment(0), call.segment(1));
        let text = format!("Insufficient permissions to get db user on {database}");
        call.user_or_admin(&state)?.must_be_admin(&text)?;
        let user = state.databases.get(database).and_then(|database| database.users.get(name));
        let Some(user) = user else { return Err(unknown_user(name)) };
        Ok(Reply::json(&describe(name, user), call.flag("pretty")))
    }

    pub(super) fn create_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = call.json().map_err(|error| Refusal::invalid(error.to_string()).early())?;
        let mut state = self.state();
        let requester = call.user_or_admin(&state)?;
        let permissions = match (member(&body, "readFrom")?, member(&body, "writeTo")?) {
            ("", "") => Permissions::default(),
            ("", _) | (_, "") => {
                let text = "You have to provide read and write permissions";
                return Err(Refusal::invalid(text));
            }
            (read, write) => Permissions { read_from: read.to_owned(), write_to: write.to_owned() },
        };
        let database = call.segment(0);
        let text = format!("Insufficient permissions to create db user on {database}");
        requester.must_be_admin(&text)?;
        // Named otherwise than on update, where it is `admin`.
        let admin = body.member("isAdmin") == Some(&Json::Bool(true));
        let name = member(&body, "name")?;
        let user = || DatabaseUser::new(member(&body, "password")?, admin, permissions);
        state.create_database_user(database, name, user)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(super) fn update_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let body = call.json().map_err(|error| Refusal::invalid(error.to_string()).early())?;
        if !matches!(body, Json::Object(_)) {
            let found = body.kind();
            let text = format!("json: cannot unmarshal {found} into Go value of type map");
            return Err(Refusal::invalid(text).early());
        }
        let mut state = self.state();
        let requester = call.user_or_admin(&state)?;
        let (database, name) = (call.segment(0), call.segment(1));
        let users = state.databases.get_mut(database).map(|database| &mut database.users);
        let missing = match &users {
            Some(_) => unknown_user(name),
            None => Refusal::invalid(format!("Invalid database name {database}")),
        };
        let mut user = users.and_then(|users| users.get_mut(name)).ok_or(missing);
        if let Some(password) = body.member("password") {
            let password =
                password.as_str().ok_or_else(|| Refusal::invalid("password must be string"))?;
            let is_self =
                matches!(&requester, Requester::DatabaseUser { name: own, .. } if own == name);
            if !is_self {
                requester.must_be_admin(&format!(
                    "Insufficient permissions to change db user password for {name} on {database}"
                ))?;
            }
            reborrow(&mut user)?.set_password(password)?;
        }
        if let Some(read_from) = body.member("readFrom") {
            let text = "Changing permissions requires passing readFrom and writeTo";
            let write_to = body.member("writeTo").ok_or_else(|| Refusal::invalid(text))?;
            // The handler panics if they are no texts.
            let read_from = read_from.as_str().ok_or(Refusal::Crash)?.to_owned();
            let write_to = write_to.as_str().ok_or(Refusal::Crash)?.to_owned();
            requester.must_be_admin(&format!(
                "Insufficient permissions to change db user permissions on {database}"
            ))?;
            reborrow(&mut user)?.permissions = Permissions { read_from, write_to };
        }
        if let Some(admin) = body.member("admin") {
            let Json::Bool(admin) = admin else {
                return Err(Refusal::invalid("admin must be boolean"));
            };
            requester.must_be_admin(&format!(
                "Insufficient permissions to grant db user admin privileges on {database}"
            ))?;
            reborrow(&mut user)?.admin = *admin;
        }
        // An update without a known member succeeds, even for a user that does not exist.
        Ok(Reply::status(StatusCode::OK))
    }

    pub(super) fn drop_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let (database, name) = (call.segment(0), call.segment(1));
        let text = format!("Insufficient permissions to delete db user on {database}");
        call.user_or_admin(&state)?.must_be_admin(&text)?;
        let users = state.databases.get_mut(database).map(|database| &mut database.users);
        match users.and_then(|users| users.remove(name)) {
            Some(_) => Ok(Reply::status(StatusCode::OK)),
            None => Err(Refusal::invalid(format!("User {name} doesn't exist"))),
        }
    }

    pub(super) fn authenticate_user(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        call.database_user(&self.state()).map_err(Refusal::early)?;
        Ok(Reply::status(StatusCode::OK))
    }
}

fn reborrow<'a>(
    user: &'a mut Result<&mut DatabaseUser, Refusal>,
) -> Result<&'a mut DatabaseUser, Refusal> {
    user.as_deref_mut().map_err(|missing| missing.clone())
}

fn unknown_user(name: &str) -> Refusal {
    Refusal::invalid(format!("Invalid username {name}"))
}

fn describe(name: &str, user: &DatabaseUser) -> Json {
    Json::object([
        ("name", Json::from(name)),
        ("isAdmin", Json::from(user.admin)),
        ("writeTo", Json::from(user.permissions.write_to.as_str())),
        ("readFrom", Json::from(user.permissions.read_from.as_str())),
    ])
}
