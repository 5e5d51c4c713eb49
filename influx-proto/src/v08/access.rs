//! Calls that the server allows to some users only, and refuses to all others as if their password
//! were wrong.

use super::{Refusal, V08};
use crate::{Dialect, ServerError};

/// The only users that may make a call. The server answers all others 401 with the text
/// `Invalid username/password`, also if their password is right (measured on 0.8.9).
#[derive(Clone, Copy, Debug)]
pub(super) enum Access {
    ClusterAdmin,
    DatabaseUser,
}

impl Access {
    /// The remedy for a refusal of such a call.
    pub(super) fn hint(self, refusal: &ServerError) -> Option<&'static str> {
        let hint = V08::hint(refusal);
        if hint != Refusal::InvalidCredentials.hint() {
            return hint;
        }
        Some(match self {
            Self::ClusterAdmin => {
                "this call needs a cluster administrator, and a user of a database is refused as a \
                 wrong password is: correct user and password in the DSN, or use those of one"
            }
            Self::DatabaseUser => {
                "this call needs a user of the database, and a cluster administrator is refused as \
                 a wrong password is: correct user, password and database"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::Operation;
    use crate::v08::{
        AuthenticateDatabaseUser, ConfigureDatabase, CreateDatabase, Export, ListDatabases,
        ListSeries, ListShards, Ping, RunQuery, WriteSeries,
    };

    #[test]
    fn a_wrong_user_is_not_taken_for_a_wrong_password() {
        let hint = |hint: fn(&ServerError) -> Option<&'static str>, status, text: &str| {
            hint(&ServerError::new(status, text.as_bytes())).unwrap_or_default()
        };
        let (admin, user) = ("needs a cluster administrator", "needs a user of the database");
        for (call, expected) in [
            (ListDatabases::hint as fn(&ServerError) -> Option<&'static str>, admin),
            (CreateDatabase::hint, admin),
            (ConfigureDatabase::hint, admin),
            (ListShards::hint, admin),
            (Export::hint, admin),
            (AuthenticateDatabaseUser::hint, user),
            (RunQuery::hint, "correct user and password"),
            (WriteSeries::hint, "correct user and password"),
            (ListSeries::hint, "correct user and password"),
            (Ping::hint, "correct user and password"),
        ] {
            let found = hint(call, StatusCode::UNAUTHORIZED, "Invalid username/password");
            assert!(found.contains(expected), "{found}");
            let found = hint(call, StatusCode::FORBIDDEN, "no");
            assert!(found.contains("needed rights"), "{found}");
            let found = hint(call, StatusCode::UNAUTHORIZED, "<html>nginx");
            assert!(found.contains("a web server or a proxy"), "{found}");
        }
    }
}
