//! The endpoint of a method and a path.

use http::{Method, StatusCode};

use super::call::Call;
use super::reply::Reply;
use crate::v08::engine::V08;
use crate::v08::refusal::Refusal;

/// Carries out a call.
pub(crate) type Endpoint = fn(&V08, &Call<'_>) -> Result<Reply, Refusal>;

/// The routes of 0.8.9. A `:` stands for one segment of a path.
const ROUTES: [(Method, &str, Endpoint); 33] = [
    (Method::GET, "/cluster/configuration", V08::cluster_configuration),
    (Method::POST, "/cluster/database_configs/:", V08::create_configured),
    (Method::GET, "/cluster/servers", V08::list_servers),
    (Method::DELETE, "/cluster/servers/:", V08::drop_server),
    (Method::GET, "/cluster/shard_spaces", V08::list_spaces),
    (Method::POST, "/cluster/shard_spaces/:", V08::add_space),
    (Method::DELETE, "/cluster/shard_spaces/:/:", V08::drop_space),
    (Method::POST, "/cluster/shard_spaces/:/:", V08::update_space),
    (Method::GET, "/cluster/shards", V08::list_shards),
    (Method::POST, "/cluster/shards", V08::add_shards),
    (Method::DELETE, "/cluster/shards/:", V08::drop_shard),
    (Method::GET, "/cluster_admins", V08::list_admins),
    (Method::POST, "/cluster_admins", V08::create_admin),
    (Method::GET, "/cluster_admins/authenticate", V08::authenticate_admin),
    (Method::DELETE, "/cluster_admins/:", V08::drop_admin),
    (Method::POST, "/cluster_admins/:", V08::update_admin),
    (Method::GET, "/db", V08::list_databases),
    (Method::POST, "/db", V08::create_database_from),
    (Method::DELETE, "/db/:", V08::drop_database),
    (Method::GET, "/db/:/authenticate", V08::authenticate_user),
    (Method::GET, "/db/:/series", V08::query),
    (Method::POST, "/db/:/series", V08::write_points),
    (Method::DELETE, "/db/:/series/:", V08::drop_series),
    (Method::GET, "/db/:/users", V08::list_users),
    (Method::POST, "/db/:/users", V08::create_user),
    (Method::DELETE, "/db/:/users/:", V08::drop_user),
    (Method::GET, "/db/:/users/:", V08::show_user),
    (Method::POST, "/db/:/users/:", V08::update_user),
    (Method::GET, "/export/:/:", V08::export),
    // The answer of a server without its web interface.
    (Method::GET, "/interfaces", |_, _| {
        Err(Refusal::invalid("open interfaces: no such file or directory"))
    }),
    (Method::GET, "/ping", |_, _| Ok(Reply::bare(StatusCode::OK, "{\"status\":\"ok\"}"))),
    (Method::POST, "/raft/force_compaction", V08::force_compaction),
    (Method::GET, "/sync", V08::sync),
];

/// The result of the search for an endpoint.
pub(crate) enum Route<'a> {
    /// The endpoint and the segments of the path that its pattern leaves open.
    Found(Endpoint, Vec<&'a str>),
    /// A known path, asked with `OPTIONS`.
    Options,
    /// A known path with another method; the methods that it takes.
    WrongMethod(String),
    Unknown,
}

impl<'a> Route<'a> {
    /// The route of a path whose escapes are decoded already:
    /// a name that contains a slash therefore fits no route.
    pub(crate) fn of(method: &Method, path: &'a str) -> Self {
        let fitting: Vec<_> = ROUTES
            .iter()
            .filter_map(|(method, pattern, endpoint)| {
                segments(pattern, path).map(|segments| (method, endpoint, segments))
            })
            .collect();
        if fitting.is_empty() {
            return Self::Unknown;
        }
        if method == Method::OPTIONS {
            return Self::Options;
        }
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let allowed = fitting.iter().map(|(method, ..)| method.as_str()).collect::<Vec<_>>();
        let head = if allowed.contains(&"GET") { ", HEAD" } else { "" };
        let allowed = format!("{}, OPTIONS{head}", allowed.join(", "));
        match fitting.into_iter().find(|(method, ..)| *method == wanted) {
            Some((_, endpoint, segments)) => Self::Found(*endpoint, segments),
            None => Self::WrongMethod(allowed),
        }
    }
}

/// The segments that stand for a `:` of the pattern, if the path fits.
fn segments<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut open = Vec::new();
    let mut path = path.split('/');
    for expected in pattern.split('/') {
        let found = path.next()?;
        if expected == ":" && !found.is_empty() {
            open.push(found);
        } else if expected != found {
            return None;
        }
    }
    path.next().is_none().then_some(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the open segments of the route that is found, or the kind of route.
    fn check(method: &Method, path: &str, expected: &[&str]) {
        let found = match Route::of(method, path) {
            Route::Found(_, segments) => segments.into_iter().map(str::to_owned).collect(),
            Route::Options => vec!["options".to_owned()],
            Route::WrongMethod(allowed) => vec!["wrong method".to_owned(), allowed],
            Route::Unknown => vec!["unknown".to_owned()],
        };
        assert_eq!(found, expected, "{method} {path}");
    }

    #[test]
    fn routes() {
        check(&Method::GET, "/ping", &[]);
        check(&Method::HEAD, "/ping", &[]);
        check(&Method::DELETE, "/db/a b/users/ü", &["a b", "ü"]);
        check(&Method::POST, "/cluster_admins/authenticate", &["authenticate"]);
        check(&Method::OPTIONS, "/db", &["options"]);
        check(&Method::GET, "/db/x", &["wrong method", "DELETE, OPTIONS"]);
        check(&Method::POST, "/ping", &["wrong method", "GET, OPTIONS, HEAD"]);
        for unknown in ["/", "/ping/", "/db/", "/db/a/b", "/write"] {
            check(&Method::GET, unknown, &["unknown"]);
        }
    }
}
