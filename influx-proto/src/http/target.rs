//! A server and the credentials for it.

use http::Uri;

use super::{Auth, RequestError};

/// A server and the credentials for it: the part that all requests have in common.
#[derive(Clone, Debug)]
pub struct Target {
    base: Uri,
    auth: Auth,
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
                "credentials do not belong in the address"
            }
            (Some("http" | "https"), Some(_)) if base.query().is_some() => {
                "a query does not belong in the address"
            }
            (Some("http" | "https"), Some(_)) => return Ok(Self { base, auth: Auth::None }),
            _ => "expected http://host:port or https://host:port",
        };
        Err(RequestError::BadBase { reason })
    }

    /// Sets the credentials of every request.
    #[must_use]
    pub fn with_auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// The server's address.
    pub fn base(&self) -> &Uri {
        &self.base
    }

    /// The credentials.
    pub fn auth(&self) -> &Auth {
        &self.auth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_without_credentials_and_query_is_a_base() {
        for (base, accepted) in [
            ("http://h", true),
            ("https://h:1/a/b", true),
            ("ftp://h", false),
            ("http://CANARY@h", false),
            ("http://h?u=CANARY", false),
            ("/a", false),
            ("h:1", false),
        ] {
            match Target::new(base.parse().unwrap()) {
                Ok(target) => assert!(accepted && target.base() == base, "{base}"),
                Err(error) => {
                    assert!(!accepted && !format!("{error:?}").contains("CANARY"), "{base}");
                }
            }
        }
    }
}
