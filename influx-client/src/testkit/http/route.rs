//! Which endpoint a method and a path mean.

use http::Method;

/// What the server can be asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Endpoint {
    AddShards,
    AddSpace,
    AuthenticateAdmin,
    AuthenticateUser,
    ClusterConfiguration,
    CreateAdmin,
    CreateConfigured,
    CreateDatabase,
    CreateUser,
    DropAdmin,
    DropDatabase,
    DropSeries,
    DropServer,
    DropShard,
    DropSpace,
    DropUser,
    ForceCompaction,
    Interfaces,
    ListAdmins,
    ListDatabases,
    ListServers,
    ListShards,
    ListSpaces,
    ListUsers,
    Ping,
    Query,
    ShowUser,
    Sync,
    UpdateAdmin,
    UpdateSpace,
    UpdateUser,
    Write,
}

/// The routes of 0.8.9, besides `GET /export/:db/:space`. A `:` stands for one segment of a path.
const ROUTES: [(Method, &str, Endpoint); 32] = [
    (Method::GET, "/cluster/configuration", Endpoint::ClusterConfiguration),
    (Method::POST, "/cluster/database_configs/:", Endpoint::CreateConfigured),
    (Method::GET, "/cluster/servers", Endpoint::ListServers),
    (Method::DELETE, "/cluster/servers/:", Endpoint::DropServer),
    (Method::GET, "/cluster/shard_spaces", Endpoint::ListSpaces),
    (Method::POST, "/cluster/shard_spaces/:", Endpoint::AddSpace),
    (Method::DELETE, "/cluster/shard_spaces/:/:", Endpoint::DropSpace),
    (Method::POST, "/cluster/shard_spaces/:/:", Endpoint::UpdateSpace),
    (Method::GET, "/cluster/shards", Endpoint::ListShards),
    (Method::POST, "/cluster/shards", Endpoint::AddShards),
    (Method::DELETE, "/cluster/shards/:", Endpoint::DropShard),
    (Method::GET, "/cluster_admins", Endpoint::ListAdmins),
    (Method::POST, "/cluster_admins", Endpoint::CreateAdmin),
    (Method::GET, "/cluster_admins/authenticate", Endpoint::AuthenticateAdmin),
    (Method::DELETE, "/cluster_admins/:", Endpoint::DropAdmin),
    (Method::POST, "/cluster_admins/:", Endpoint::UpdateAdmin),
    (Method::GET, "/db", Endpoint::ListDatabases),
    (Method::POST, "/db", Endpoint::CreateDatabase),
    (Method::DELETE, "/db/:", Endpoint::DropDatabase),
    (Method::GET, "/db/:/authenticate", Endpoint::AuthenticateUser),
    (Method::GET, "/db/:/series", Endpoint::Query),
    (Method::POST, "/db/:/series", Endpoint::Write),
    (Method::DELETE, "/db/:/series/:", Endpoint::DropSeries),
    (Method::GET, "/db/:/users", Endpoint::ListUsers),
    (Method::POST, "/db/:/users", Endpoint::CreateUser),
    (Method::DELETE, "/db/:/users/:", Endpoint::DropUser),
    (Method::GET, "/db/:/users/:", Endpoint::ShowUser),
    (Method::POST, "/db/:/users/:", Endpoint::UpdateUser),
    (Method::GET, "/interfaces", Endpoint::Interfaces),
    (Method::GET, "/ping", Endpoint::Ping),
    (Method::POST, "/raft/force_compaction", Endpoint::ForceCompaction),
    (Method::GET, "/sync", Endpoint::Sync),
];

/// What a method and a path lead to.
#[derive(Debug, PartialEq)]
pub(super) enum Route<'a> {
    /// The endpoint and the segments of the path that its pattern leaves open.
    Found(Endpoint, Vec<&'a str>),
    /// A known path, asked with `OPTIONS`.
    Options,
    /// A known path that does not take the method; the methods that it takes.
    WrongMethod(String),
    Unknown,
}

impl<'a> Route<'a> {
    /// The route of a path whose escapes are decoded already:
    /// a name that contains a slash therefore fits no route.
    pub(super) fn of(method: &Method, path: &'a str) -> Self {
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

    fn check(method: &Method, path: &str, expected: &Route<'_>) {
        assert_eq!(Route::of(method, path), *expected, "{method} {path}");
    }

    #[test]
    fn routes() {
        use Endpoint::{DropUser, Ping, UpdateAdmin};
        check(&Method::GET, "/ping", &Route::Found(Ping, vec![]));
        check(&Method::HEAD, "/ping", &Route::Found(Ping, vec![]));
        check(&Method::DELETE, "/db/a b/users/ü", &Route::Found(DropUser, vec!["a b", "ü"]));
        let update = Route::Found(UpdateAdmin, vec!["authenticate"]);
        check(&Method::POST, "/cluster_admins/authenticate", &update);
        check(&Method::OPTIONS, "/db", &Route::Options);
        check(&Method::GET, "/db/x", &Route::WrongMethod("DELETE, OPTIONS".into()));
        check(&Method::POST, "/ping", &Route::WrongMethod("GET, OPTIONS, HEAD".into()));
        for unknown in ["/", "/ping/", "/db/", "/db/a/b", "/write"] {
            check(&Method::GET, unknown, &Route::Unknown);
        }
    }
}
