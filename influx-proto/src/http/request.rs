//! Builds a request for a target.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Dialect, Request, RequestError, Target};

/// Everything but the characters that no part of an address gives a meaning to (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The greatest length of a path with its query string, in bytes: the crate `http` holds no more.
const MAX_ADDRESS: usize = 65_534;

/// A text for any part of an address.
///
/// A space becomes `%20`, which every decoder understands; only form decoders understand `+`.
pub(crate) fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A request under construction.
pub(crate) struct RequestBuilder<'a> {
    target: &'a Target,
    header_carries: fn(&str, &str) -> bool,
    method: Method,
    /// The path and the query string so far.
    address: String,
    has_query: bool,
}

impl<'a> RequestBuilder<'a> {
    /// Starts a request to a path below the target's base.
    ///
    /// Segments are literals or percent-encoded.
    pub(crate) fn new<D: Dialect>(target: &'a Target, method: Method, segments: &[&str]) -> Self {
        let mut address = target.base().path().trim_end_matches('/').to_owned();
        for segment in segments {
            address.push('/');
            address.push_str(segment);
        }
        Self { target, header_carries: D::header_carries, method, address, has_query: false }
    }

    /// Adds a parameter.
    pub(crate) fn pair(mut self, key: &str, value: &str) -> Self {
        self.address.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.address.extend(utf8_percent_encode(key, RESERVED));
        self.address.push('=');
        self.address.extend(utf8_percent_encode(value, RESERVED));
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
    pub(crate) fn build(self) -> Result<Request, RequestError> {
        self.finish(None)
    }

    /// The request with a JSON body.
    pub(crate) fn json(self, body: impl Into<Bytes>) -> Result<Request, RequestError> {
        self.finish(Some(body.into()))
    }

    fn finish(mut self, body: Option<Bytes>) -> Result<Request, RequestError> {
        let auth = self.target.auth();
        if let Some((user, password)) = auth.parameters(self.header_carries) {
            self = self.pair("u", user).pair("p", password);
        }
        let authorization = auth.header(self.header_carries)?;
        let content_type = body.is_some().then(|| HeaderValue::from_static("application/json"));

        let mut parts = self.target.base().clone().into_parts();
        // Everything is encoded and the base is an address already, so only the length can fail.
        parts.path_and_query = PathAndQuery::try_from(self.address).ok();
        let too_large = |_| RequestError::TooLarge { what: "address", limit: MAX_ADDRESS };
        let uri = Uri::from_parts(parts).map_err(too_large)?;

        let mut request = http::Request::new(body.unwrap_or_default());
        *request.uri_mut() = uri;
        *request.method_mut() = self.method;
        let headers = request.headers_mut();
        headers.extend(authorization.map(|value| (AUTHORIZATION, value)));
        headers.extend(content_type.map(|value| (CONTENT_TYPE, value)));
        Ok(Request::new(request))
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;
    use crate::{Auth, Outcome, Placement, ServerError};

    const CANARY: &str = "CANARY-7f3a";

    struct AnyDialect;

    impl Dialect for AnyDialect {
        fn outcome(refusal: &ServerError) -> Outcome {
            Outcome::of_status(refusal.status)
        }

        fn hint(_: &ServerError) -> Option<&'static str> {
            None
        }
    }

    fn start<'a>(target: &'a Target, segments: &[&str]) -> RequestBuilder<'a> {
        RequestBuilder::new::<AnyDialect>(target, Method::GET, segments)
    }

    fn build(target: &Target) -> Result<Request, RequestError> {
        start(target, &["db", "a%20b", "series"]).pair("q", "x").build()
    }

    fn target() -> Target {
        Target::new("http://h".parse().unwrap()).unwrap()
    }

    fn basic(user: &str, password: &str, placement: Placement) -> Target {
        target().with_auth(Auth::Basic {
            user: user.to_owned(),
            password: password.into(),
            placement,
        })
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

    fn check_auth(target: &Target, query: &str, header: Option<&str>) {
        let request = build(target).unwrap();
        let address = format!("/db/a%20b/series{query}");
        assert_eq!(request.uri().path_and_query().unwrap(), &*address);
        let value = request.headers().get(AUTHORIZATION);
        assert_eq!(value.map(|value| value.to_str().unwrap()), header);
        assert!(value.is_none_or(HeaderValue::is_sensitive));
    }

    #[test]
    fn credentials_travel_where_they_can() {
        use Placement::{Auto, Header, Query};
        for (user, password, placement, query, header) in [
            ("root", "root", Auto, "?q=x", Some("Basic cm9vdDpyb290")),
            ("root", "root", Header, "?q=x", Some("Basic cm9vdDpyb290")),
            ("root", "root", Query, "?q=x&u=root&p=root", None),
            ("ü", "pä", Auto, "?q=x", Some("Basic w7w6cMOk")),
            ("us er", "p@&/é", Query, "?q=x&u=us%20er&p=p%40%26%2F%C3%A9", None),
            ("root", "a:b", Auto, "?q=x", Some("Basic cm9vdDphOmI=")),
            ("a:b", "", Auto, "?q=x&u=a%3Ab&p=", None),
        ] {
            check_auth(&basic(user, password, placement), query, header);
        }
        check_auth(&target(), "?q=x", None);
        check_auth(&target().with_auth(Auth::Token("t==".into())), "?q=x", Some("Token t=="));
        let bearer = Auth::bearer(|| Some("a.b".into()));
        check_auth(&target().with_auth(bearer), "?q=x", Some("Bearer a.b"));
    }

    #[test]
    fn unusable_credentials_are_refused_and_not_shown() {
        let source = || Some(format!("\n{CANARY}").into());
        for (target, expected) in [
            (
                basic(&format!("a:{CANARY}"), "", Placement::Header),
                RequestError::ColonInCredentials,
            ),
            (target().with_auth(Auth::Token(format!("{CANARY}\n").into())), RequestError::BadToken),
            (target().with_auth(Auth::bearer(source)), RequestError::BadToken),
            (target().with_auth(Auth::bearer(|| None)), RequestError::NoToken),
        ] {
            let error = build(&target).unwrap_err();
            assert_eq!(error, expected);
            assert!(!format!("{error} {error:?}").contains(CANARY));
        }
    }

    #[test]
    fn only_a_body_has_a_type_and_nothing_asks_for_compression() {
        assert!(build(&target()).unwrap().headers().is_empty());
        let request = start(&target(), &["db"]).json("{}").unwrap();
        assert_eq!(request.headers().len(), 1);
        assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(request.body(), "{}");
    }

    #[test]
    fn an_address_has_a_limit() {
        let request = |length| start(&target(), &[]).pair("q", &"x".repeat(length)).build();
        // The address begins with `?q=`, and `/` stands in for the missing path.
        assert!(request(MAX_ADDRESS - 4).is_ok());
        let error = request(MAX_ADDRESS - 2);
        assert_eq!(
            error.unwrap_err(),
            RequestError::TooLarge { what: "address", limit: MAX_ADDRESS }
        );
    }

    #[test]
    fn a_space_is_not_a_plus() {
        let request = start(&target(), &[]).pair("q", "a + b & c").build().unwrap();
        assert_eq!(request.uri(), "http://h/?q=a%20%2B%20b%20%26%20c");
    }

    proptest! {
        #[test]
        fn parameters_come_back(key in any::<String>(), value in any::<String>()) {
            let request = start(&target(), &["x"]).pair(&key, &value).build().unwrap();
            let query = request.uri().query().unwrap();
            prop_assert!(!query.contains(['&', '#', ' ', '+', ';']));
            let (key_text, value_text) = query.split_once('=').unwrap();
            let decode = |text| percent_decode_str(text).decode_utf8().unwrap().into_owned();
            prop_assert_eq!((decode(key_text), decode(value_text)), (key, value));
        }
    }
}
