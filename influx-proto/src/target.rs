//! A server and how to authenticate there.

use http::{HeaderValue, Uri};
use zeroize::Zeroizing;

use crate::{RequestError, Secret, base64};

/// A server and how to authenticate there: everything a request needs besides the call itself.
#[derive(Clone, Debug)]
pub struct Target {
    base: Uri,
    credentials: Option<Credentials>,
    placement: CredentialPlacement,
}

/// A user's name and password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    /// The password, never shown.
    pub password: Secret,
}

/// Where credentials travel.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CredentialPlacement {
    /// In the `Authorization` header, unless name or password contain a colon:
    /// the 0.8 server splits at every colon and refuses such a header
    /// (`400 Bad auth value`), so these go into the query string.
    #[default]
    Auto,
    /// Always in the `Authorization` header.
    Header,
    /// Always as `u` and `p` in the query string, where access logs and proxies can see them,
    /// and so can whoever prints the request's address.
    Query,
}

impl Target {
    /// A server without credentials.
    ///
    /// `base` is `http://host:port` or `https://host:port`; a path is kept as a prefix,
    /// for servers behind a proxy.
    ///
    /// # Errors
    ///
    /// [`RequestError::BadBase`] if the scheme is another, the host is missing,
    /// or there are user information or a query, neither of which belongs there.
    pub fn new(base: Uri) -> Result<Self, RequestError> {
        let reason = match (base.scheme_str(), base.authority()) {
            (Some("http" | "https"), Some(authority)) if authority.as_str().contains('@') => {
                "credentials do not belong into the address"
            }
            (Some("http" | "https"), Some(_)) if base.query().is_some() => {
                "a query does not belong into the address"
            }
            (Some("http" | "https"), Some(_)) => {
                return Ok(Self { base, credentials: None, placement: CredentialPlacement::Auto });
            }
            _ => "expected http://host:port or https://host:port",
        };
        Err(RequestError::BadBase { reason })
    }

    /// Sets the credentials of every request.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets where the credentials travel.
    #[must_use]
    pub fn with_placement(mut self, placement: CredentialPlacement) -> Self {
        self.placement = placement;
        self
    }

    /// The server's address.
    pub fn base(&self) -> &Uri {
        &self.base
    }

    /// The credentials, if any.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The credentials if they travel in the query string.
    pub(crate) fn query_credentials(&self) -> Option<&Credentials> {
        self.credentials().filter(|credentials| match self.placement {
            CredentialPlacement::Auto => credentials.contain_colon(),
            CredentialPlacement::Header => false,
            CredentialPlacement::Query => true,
        })
    }

    /// The `Authorization` header, if the credentials travel there.
    pub(crate) fn authorization(&self) -> Result<Option<HeaderValue>, RequestError> {
        match self.credentials() {
            Some(credentials) if self.query_credentials().is_none() => {
                credentials.basic().map(Some)
            }
            _ => Ok(None),
        }
    }
}

impl Credentials {
    /// A user's name and password.
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self { user: user.into(), password: password.into() }
    }

    fn contain_colon(&self) -> bool {
        self.user.contains(':') || self.password.expose().contains(':')
    }

    /// The value of an `Authorization` header (RFC 7617, in UTF-8).
    fn basic(&self) -> Result<HeaderValue, RequestError> {
        if self.contain_colon() {
            return Err(RequestError::ColonInCredentials);
        }
        let pair = Zeroizing::new(format!("{}:{}", self.user, self.password.expose()));
        let mut text = Zeroizing::new(String::from("Basic "));
        base64::encode(pair.as_bytes(), &mut text);
        let mut value =
            HeaderValue::from_str(&text).map_err(|_| RequestError::ColonInCredentials)?;
        value.set_sensitive(true);
        Ok(value)
    }
}
