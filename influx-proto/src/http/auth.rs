//! Credentials, and the header that carries them.

use std::fmt;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use super::RequestError;
use crate::Secret;

/// The credentials of every request to a server.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Auth {
    /// Sends no credentials.
    #[default]
    None,
    /// Sends a user name and a password.
    Basic {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
        /// The part of the request that carries both.
        placement: Placement,
    },
    /// Sends `Authorization: Token …`.
    Token(Secret),
    /// Sends `Authorization: Bearer …` with a token that can expire.
    Bearer(Bearer),
}

/// The part of a request that carries user name and password.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Placement {
    /// The `Authorization` header, or the query string for credentials that the server cannot
    /// read from the header.
    #[default]
    Auto,
    /// The `Authorization` header.
    Header,
    /// The parameters `u` and `p` of the query string. Access logs, proxies and everything that
    /// prints the request's address can show them.
    Query,
}

/// A source of bearer tokens, for tokens that expire.
pub trait TokenSource: Send + Sync {
    /// The token for the next request, or `None` if there is none now.
    ///
    /// Called for each request, on the thread that builds it, so it must not block: return
    /// the token at hand and renew it elsewhere, before it expires.
    fn token(&self) -> Option<Secret>;

    /// Reports that the server refused this token with 401.
    ///
    /// Several requests can report the same token, also after its renewal: compare it with the
    /// one at hand. Must not block.
    fn refused(&self, token: &Secret) {
        let _ = token;
    }
}

impl<F: Fn() -> Option<Secret> + Send + Sync> TokenSource for F {
    fn token(&self) -> Option<Secret> {
        self()
    }
}

/// A shared [`TokenSource`]. Two are equal if they share one source.
#[derive(Clone)]
pub struct Bearer(Arc<dyn TokenSource>);

impl Auth {
    /// A user name and a password, in the header if the server can read them there.
    pub fn basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        let placement = Placement::default();
        Self::Basic { user: user.into(), password: password.into(), placement }
    }

    /// Bearer tokens from this source.
    pub fn bearer(source: impl TokenSource + 'static) -> Self {
        Self::Bearer(Bearer(Arc::new(source)))
    }

    /// Reports that the server answered 401 to a request with these headers.
    ///
    /// Returns whether a repetition can succeed: the token source has another token by now, with
    /// which [`Operation::request`](crate::Operation::request) builds a new request. One such
    /// repetition is enough.
    pub fn renew(&self, refused: &HeaderMap) -> bool {
        let Self::Bearer(Bearer(source)) = self else { return false };
        let value = refused.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(token) = value.and_then(|value| value.strip_prefix(BEARER)) else { return false };
        let token = Secret::new(token);
        source.refused(&token);
        source.token().is_some_and(|newer| newer != token)
    }

    /// User name and password, if `header_carries` and the placement put them into the query
    /// string.
    pub(super) fn parameters(
        &self,
        header_carries: fn(&str, &str) -> bool,
    ) -> Option<(&str, &str)> {
        let Self::Basic { user, password, placement } = self else { return None };
        let (user, password) = (&**user, password.expose());
        let in_query = match placement {
            Placement::Auto => !header_carries(user, password),
            Placement::Header => false,
            Placement::Query => true,
        };
        in_query.then_some((user, password))
    }

    /// The `Authorization` header, unless [`Auth::parameters`] carry the credentials.
    pub(super) fn header(
        &self,
        header_carries: fn(&str, &str) -> bool,
    ) -> Result<Option<HeaderValue>, RequestError> {
        let value = match self {
            Self::None => return Ok(None),
            Self::Basic { .. } if self.parameters(header_carries).is_some() => return Ok(None),
            Self::Basic { user, password, .. } if !header_carries(user, password.expose()) => {
                return Err(RequestError::ColonInCredentials);
            }
            Self::Basic { user, password, .. } => {
                // RFC 7617, in UTF-8.
                let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
                let mut text = Zeroizing::new(String::from("Basic "));
                encode_base64(pair.as_bytes(), &mut text);
                text
            }
            Self::Token(token) => Zeroizing::new(format!("Token {}", token.expose())),
            Self::Bearer(Bearer(source)) => {
                let token = source.token().ok_or(RequestError::NoToken)?;
                Zeroizing::new(format!("{BEARER}{}", token.expose()))
            }
        };
        let mut value = HeaderValue::from_str(&value).map_err(|_| RequestError::BadToken)?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer")
    }
}

impl Eq for Bearer {}

impl PartialEq for Bearer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

const BEARER: &str = "Bearer ";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends the bytes in base64 (RFC 4648, section 4), padded.
fn encode_base64(bytes: &[u8], output: &mut String) {
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            // A group of n bytes has n + 1 digits.
            let digit = BASE64.get(bits >> shift & 63).filter(|_| place <= group.len());
            output.push(digit.map_or('=', |digit| char::from(*digit)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn base64_encodes_the_vectors_of_the_rfc() {
        for (bytes, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("ü?>~", "w7w/Pn4="),
        ] {
            let mut output = String::new();
            encode_base64(bytes.as_bytes(), &mut output);
            assert_eq!(output, expected, "{bytes:?}");
        }
    }

    /// Hands out `first` until it is refused, then `second`.
    struct Expiring(Mutex<&'static str>);

    impl TokenSource for Expiring {
        fn token(&self) -> Option<Secret> {
            Some(Secret::new(*self.0.lock().unwrap()))
        }

        fn refused(&self, token: &Secret) {
            if token.expose() == "first" {
                *self.0.lock().unwrap() = "second";
            }
        }
    }

    #[test]
    fn a_refused_token_is_renewed_once() {
        let auth = Auth::bearer(Expiring(Mutex::new("first")));
        let request = || {
            let value = auth.header(|_, _| true).unwrap().unwrap();
            [(AUTHORIZATION, value)].into_iter().collect::<HeaderMap>()
        };
        let first = request();
        assert_eq!(first[AUTHORIZATION], "Bearer first");
        // A second request with the old token finds it renewed.
        assert!(auth.renew(&first) && auth.renew(&first));
        let second = request();
        assert_eq!(second[AUTHORIZATION], "Bearer second");
        assert!(!auth.renew(&second) && !auth.renew(&HeaderMap::new()));
        assert!(!Auth::Token("first".into()).renew(&first));
        assert!(!Auth::basic("root", "root").renew(&first));
    }

    #[test]
    fn bearers_are_equal_if_they_share_a_source() {
        let auth = Auth::bearer(|| None);
        assert_eq!(auth, auth.clone());
        assert_ne!(auth, Auth::bearer(|| None));
        assert_eq!(auth.header(|_, _| true), Err(RequestError::NoToken));
    }

    #[test]
    fn debug_shows_no_credentials() {
        let secret = || Secret::new("CANARY");
        for auth in [
            Auth::basic("root", secret()),
            Auth::Token(secret()),
            Auth::bearer(move || Some(secret())),
        ] {
            assert!(!format!("{auth:?}").contains("CANARY"), "{auth:?}");
        }
    }
}
