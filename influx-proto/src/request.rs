//! Assembles a request for a target.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request, Uri};

use crate::{RequestError, Target, quote};

/// A request under construction: its address grows pair by pair.
pub(crate) struct RequestBuilder<'a> {
    target: &'a Target,
    method: Method,
    path: String,
    pairs: Vec<String>,
}

impl<'a> RequestBuilder<'a> {
    /// Starts a request to a path below the target's base.
    ///
    /// Segments are literals or come from [`quote`], and so are encoded.
    pub(crate) fn new(target: &'a Target, method: Method, segments: &[&str]) -> Self {
        let mut path = target.base().path().trim_end_matches('/').to_owned();
        for segment in segments {
            path.push('/');
            path.push_str(segment);
        }
        Self { target, method, path, pairs: Vec::new() }
    }

    /// Adds a parameter.
    pub(crate) fn pair(mut self, key: &str, value: &str) -> Self {
        self.pairs.push(quote::query_pair(key, value));
        self
    }

    /// Adds a parameter if it has a value.
    pub(crate) fn optional_pair(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.pair(key, value),
            None => self,
        }
    }

    /// The request without a body.
    pub(crate) fn build(self) -> Result<Request<Bytes>, RequestError> {
        self.finish(None)
    }

    /// The request with a JSON body.
    pub(crate) fn json(self, body: impl Into<Bytes>) -> Result<Request<Bytes>, RequestError> {
        self.finish(Some(body.into()))
    }

    fn finish(mut self, body: Option<Bytes>) -> Result<Request<Bytes>, RequestError> {
        if let Some(credentials) = self.target.query_credentials() {
            self = self.pair("u", &credentials.user).pair("p", credentials.password.expose());
        }
        let authorization = self.target.authorization()?;
        let content_type = body.is_some().then(|| HeaderValue::from_static("application/json"));

        let mut request = Request::new(body.unwrap_or_default());
        *request.uri_mut() = self.uri()?;
        *request.method_mut() = self.method;
        let headers = request.headers_mut();
        headers.extend(authorization.map(|value| (AUTHORIZATION, value)));
        headers.extend(content_type.map(|value| (CONTENT_TYPE, value)));
        Ok(request)
    }

    fn uri(&self) -> Result<Uri, RequestError> {
        let mut text = self.path.clone();
        for (index, pair) in self.pairs.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(pair);
        }
        let length = text.len();
        let mut parts = self.target.base().clone().into_parts();
        // Everything is encoded and the base is an address already, so only the length can fail.
        parts.path_and_query = PathAndQuery::try_from(text).ok();
        Uri::from_parts(parts).map_err(|_| RequestError::AddressTooLong { length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CredentialPlacement, Credentials};

    const CANARY: &str = "CANARY-7f3a";

    fn build(target: &Target) -> Result<Request<Bytes>, RequestError> {
        RequestBuilder::new(target, Method::GET, &["db", "a%20b", "series"]).pair("q", "x").build()
    }

    #[test]
    fn paths_stand_below_the_base() {
        for (base, expected) in [
            ("http://h:1", "http://h:1/db/a%20b/series?q=x"),
            ("https://[::1]:1/", "https://[::1]:1/db/a%20b/series?q=x"),
            ("http://h/influx/", "http://h/influx/db/a%20b/series?q=x"),
        ] {
            let target = Target::new(base.parse().unwrap()).unwrap();
            assert_eq!(build(&target).unwrap().uri(), expected);
        }
    }

    #[test]
    fn credentials_travel_where_they_can() {
        use CredentialPlacement::{Auto, Header, Query};
        // The address's end, and the header that the 0.8.9 server accepted for such a user.
        for (user, password, placement, query, header) in [
            ("root", "root", Auto, "?q=x", Some("Basic cm9vdDpyb290")),
            ("root", "root", Header, "?q=x", Some("Basic cm9vdDpyb290")),
            ("root", "root", Query, "?q=x&u=root&p=root", None),
            ("ü", "pä", Auto, "?q=x", Some("Basic w7w6cMOk")),
            ("us er", "p@&/é", Query, "?q=x&u=us%20er&p=p%40%26%2F%C3%A9", None),
            ("root", "a:b", Auto, "?q=x&u=root&p=a%3Ab", None),
            ("a:b", "", Auto, "?q=x&u=a%3Ab&p=", None),
        ] {
            let target = Target::new("http://h".parse().unwrap())
                .unwrap()
                .with_credentials(Credentials::new(user, password))
                .with_placement(placement);
            let request = build(&target).unwrap();
            assert_eq!(
                request.uri().path_and_query().unwrap(),
                &*format!("/db/a%20b/series{query}")
            );
            let value = request.headers().get(AUTHORIZATION);
            assert_eq!(value.map(|value| value.to_str().unwrap()), header);
            assert!(value.is_none_or(HeaderValue::is_sensitive));
        }
    }

    #[test]
    fn a_colon_cannot_travel_in_the_header() {
        let target = Target::new("http://h".parse().unwrap())
            .unwrap()
            .with_credentials(Credentials::new("root", format!("a:{CANARY}")))
            .with_placement(CredentialPlacement::Header);
        let error = build(&target).unwrap_err();
        assert_eq!(error, RequestError::ColonInCredentials);
        assert!(!format!("{error} {error:?} {target:?}").contains(CANARY));
    }

    #[test]
    fn a_header_shows_no_password() {
        let target = Target::new("http://h".parse().unwrap())
            .unwrap()
            .with_credentials(Credentials::new("root", CANARY));
        let shown = format!("{:?} {target:#?}", build(&target).unwrap());
        assert!(!shown.contains(CANARY) && !shown.contains("Basic"), "{shown}");
    }

    #[test]
    fn only_a_body_has_a_type_and_nothing_asks_for_compression() {
        let target = Target::new("http://h".parse().unwrap()).unwrap();
        assert!(build(&target).unwrap().headers().is_empty());
        let request = RequestBuilder::new(&target, Method::POST, &["db"]).json("{}").unwrap();
        assert_eq!(request.headers().len(), 1);
        assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(request.body(), "{}");
    }

    #[test]
    fn an_address_has_a_limit() {
        let target = Target::new("http://h".parse().unwrap()).unwrap();
        let query = "x".repeat(70_000);
        let error = RequestBuilder::new(&target, Method::GET, &[]).pair("q", &query).build();
        assert_eq!(error.unwrap_err(), RequestError::AddressTooLong { length: 70_003 });
    }
}
