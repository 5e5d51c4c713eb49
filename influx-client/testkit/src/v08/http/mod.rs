//! HTTP without sockets: a request in, an answer out.

mod call;
mod cluster;
mod compression;
mod databases;
mod export;
mod reply;
mod route;
mod series;
mod users;

use std::sync::MutexGuard;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_LENGTH, HeaderName};
use http::{HeaderValue, Method, StatusCode};

use self::call::{Call, too_large, unescape};
use self::compression::Compression;
use self::reply::Reply;
use self::route::Route;
use crate::Body;
use crate::v08::engine::V08;
use crate::v08::refusal::Refusal;
use crate::v08::store::State;

impl V08 {
    /// Answers one request as InfluxDB 0.8.9 does. The escapes of the path are decoded before the
    /// route is chosen.
    pub(crate) fn respond(&self, request: &http::Request<Bytes>) -> Option<http::Response<Body>> {
        let bare = |status, text| Some(Reply::bare(status, text).into_response());
        let Some(path) = unescape(request.uri().path()) else {
            return bare(StatusCode::BAD_REQUEST, "400 Bad Request");
        };
        let (endpoint, segments) = match Route::of(request.method(), &path) {
            Route::Found(endpoint, segments) => (endpoint, segments),
            Route::Options => return Some(self.sign(Reply::empty().into_response())),
            Route::WrongMethod(allowed) => {
                let mut response = bare(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n")?;
                insert(&mut response, ALLOW, &allowed);
                return Some(response);
            }
            Route::Unknown => return bare(StatusCode::NOT_FOUND, "404 page not found\n"),
        };
        let reply =
            self.check_limits(request).and_then(|()| endpoint(self, &Call::new(request, segments)));
        let reply = match reply {
            Ok(reply) => reply,
            Err(Refusal::Answer(status, text)) => Reply::text(status, text),
            Err(Refusal::Early(status, text)) => Reply::bare(status, text),
            Err(Refusal::Abandoned) => Reply::status(StatusCode::OK),
            Err(Refusal::Crash) => return None,
        };
        Some(fit(request, self.sign(reply.into_response())))
    }

    fn check_limits(&self, request: &http::Request<Bytes>) -> Result<(), Refusal> {
        let limit = self.options.limits.max_body;
        if request.body().len() > limit {
            return Err(too_large(limit));
        }
        if request.method() == Method::POST { self.state().must_have_room(1) } else { Ok(()) }
    }

    /// The data, for a call of a cluster admin.
    fn admin_state(&self, call: &Call<'_>) -> Result<MutexGuard<'_, State>, Refusal> {
        let state = self.state();
        call.cluster_admin(&state)?;
        Ok(state)
    }

    /// Adds the headers that every answer of a known route has.
    fn sign(&self, mut response: http::Response<Body>) -> http::Response<Body> {
        for (name, value) in [
            ("access-control-allow-headers", "Origin, X-Requested-With, Content-Type, Accept"),
            ("access-control-allow-methods", "GET, POST, PUT, DELETE"),
            ("access-control-allow-origin", "*"),
            ("access-control-max-age", "2592000"),
        ] {
            insert(&mut response, HeaderName::from_static(name), value);
        }
        let version = self.options.version.as_deref().unwrap_or("0.8.9");
        let version = format!("InfluxDB v{version} (influx-testkit)");
        insert(&mut response, HeaderName::from_static("x-influxdb-version"), &version);
        response
    }
}

/// Fits an answer to the request's method and `Accept-Encoding`.
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

// A value that a header cannot have, which only a strange version is, is left out.
fn insert(response: &mut http::Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
