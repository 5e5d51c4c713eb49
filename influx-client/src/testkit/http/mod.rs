//! HTTP without sockets: a request in, an answer out.

mod admins;
mod call;
mod cluster;
mod compression;
mod databases;
mod reply;
mod route;
mod series;
mod users;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_LENGTH, HeaderName};
use http::{HeaderValue, Method, StatusCode};

use self::call::{Call, too_large, unescape};
use self::compression::Compression;
use self::reply::Reply;
use self::route::{Endpoint, Route};
use super::answer::{Answer, Body};
use super::engine::Engine;
use super::refusal::Refusal;

impl Engine {
    /// Answers one request as InfluxDB 0.8.9 does.
    ///
    /// The path must be as the client sent it: its escapes are decoded before the route is chosen.
    /// The answer to `HEAD` has no body, but the `Content-Length` of the one that `GET` would have.
    pub fn handle(&self, request: &http::Request<Bytes>) -> Answer {
        self.count_request();
        let Some(path) = unescape(request.uri().path()) else {
            let reply = Reply::bare(StatusCode::BAD_REQUEST, "400 Bad Request");
            return Answer::Reply(reply.into_response());
        };
        let (endpoint, segments) = match Route::of(request.method(), &path) {
            Route::Found(endpoint, segments) => (endpoint, segments),
            Route::Options => return Answer::Reply(self.sign(Reply::empty().into_response())),
            Route::WrongMethod(allowed) => {
                let reply = Reply::bare(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n");
                let mut response = reply.into_response();
                insert(&mut response, ALLOW, &allowed);
                return Answer::Reply(response);
            }
            Route::Unknown => {
                let reply = Reply::bare(StatusCode::NOT_FOUND, "404 page not found\n");
                return Answer::Reply(reply.into_response());
            }
        };
        let reply = match self.answer(endpoint, &Call::new(request, segments)) {
            Ok(reply) => reply,
            Err(Refusal::Answer(status, text)) => Reply::text(status, text),
            Err(Refusal::Early(status, text)) => Reply::bare(status, text),
            Err(Refusal::Crash) => return Answer::Drop,
        };
        let response = self.sign(reply.into_response());
        Answer::Reply(fit(request, response))
    }

    fn answer(&self, endpoint: Endpoint, call: &Call<'_>) -> Result<Reply, Refusal> {
        let limit = self.settings.max_body;
        if call.request.body().len() > limit {
            return Err(too_large(limit));
        }
        if call.request.method() == Method::POST {
            self.state().must_have_room(1)?;
        }
        match endpoint {
            Endpoint::AddShards => self.add_shards(call),
            Endpoint::AddSpace => self.add_space(call),
            Endpoint::AuthenticateAdmin => self.authenticate_admin(call),
            Endpoint::AuthenticateUser => self.authenticate_user(call),
            Endpoint::ClusterConfiguration => self.cluster_configuration(call),
            Endpoint::CreateAdmin => self.create_admin(call),
            Endpoint::CreateConfigured => self.create_configured(call),
            Endpoint::CreateDatabase => self.create_database_from(call),
            Endpoint::CreateUser => self.create_user(call),
            Endpoint::DropAdmin => self.drop_admin(call),
            Endpoint::DropDatabase => self.drop_database(call),
            Endpoint::DropSeries => self.drop_series(call),
            Endpoint::DropServer => self.drop_server(call),
            Endpoint::DropShard => self.drop_shard(call),
            Endpoint::DropSpace => self.drop_space(call),
            Endpoint::DropUser => self.drop_user(call),
            Endpoint::ForceCompaction => self.force_compaction(call),
            // The answer of a server without its web interface.
            Endpoint::Interfaces => {
                Err(Refusal::invalid("open interfaces: no such file or directory"))
            }
            Endpoint::ListAdmins => self.list_admins(call),
            Endpoint::ListDatabases => self.list_databases(call),
            Endpoint::ListServers => self.list_servers(call),
            Endpoint::ListShards => self.list_shards(call),
            Endpoint::ListSpaces => self.list_spaces(call),
            Endpoint::ListUsers => self.list_users(call),
            Endpoint::Ping => Ok(Reply::bare(StatusCode::OK, "{\"status\":\"ok\"}")),
            Endpoint::Query => self.query(call),
            Endpoint::ShowUser => self.show_user(call),
            Endpoint::Sync => self.sync(call),
            Endpoint::UpdateAdmin => self.update_admin(call),
            Endpoint::UpdateSpace => self.update_space(call),
            Endpoint::UpdateUser => self.update_user(call),
            Endpoint::Write => self.write_points(call),
        }
    }

    /// Adds what every answer of a known route carries.
    fn sign(&self, mut response: http::Response<Body>) -> http::Response<Body> {
        for (name, value) in [
            ("access-control-allow-headers", "Origin, X-Requested-With, Content-Type, Accept"),
            ("access-control-allow-methods", "GET, POST, PUT, DELETE"),
            ("access-control-allow-origin", "*"),
            ("access-control-max-age", "2592000"),
        ] {
            insert(&mut response, HeaderName::from_static(name), value);
        }
        let version = format!("InfluxDB v{} (influx-client testkit)", self.settings.version);
        insert(&mut response, HeaderName::from_static("x-influxdb-version"), &version);
        response
    }
}

/// Makes of an answer what the request's method and `Accept-Encoding` ask for.
fn fit(request: &http::Request<Bytes>, mut response: http::Response<Body>) -> http::Response<Body> {
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(compression) = Compression::wanted(request.headers().get(ACCEPT_ENCODING))
    {
        compression.apply(&mut response);
    }
    if request.method() == Method::HEAD {
        if let Body::Full(body) = response.body() {
            let length = body.len().to_string();
            insert(&mut response, CONTENT_LENGTH, &length);
        }
        *response.body_mut() = Body::Full(Bytes::new());
    }
    response
}

// A value that is no header, which only a strange version can be, is left out.
fn insert(response: &mut http::Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
