//! Bearer tokens, of which the first has expired.

use std::sync::{Mutex, PoisonError};

use influx_client::v1::{Client, Refusal};
use influx_client::{Auth, Outcome, Secret, TokenSource};

use crate::checks::{Checks, Result};

/// Hands out the first token until it is refused, then the next one.
struct Tokens(Mutex<Vec<Secret>>);

impl TokenSource for Tokens {
    fn token(&self) -> Option<Secret> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    }

    fn refused(&self, token: &Secret) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| other != token);
    }
}

pub(crate) async fn renewed(
    checks: &mut Checks,
    client: &Client,
    expired: &str,
    valid: &str,
) -> Result {
    let with = |tokens: &[&str]| {
        let tokens = tokens.iter().map(|token| Secret::new(*token)).collect();
        client.with_auth(Auth::bearer(Tokens(Mutex::new(tokens))))
    };
    let refused = with(&[expired]).databases().await;
    checks.refused("an expired token", refused, (Refusal::InvalidCredentials, Outcome::Hold))?;
    let expected = client.databases().await?;
    checks.equal("a valid token", with(&[valid]).databases().await?, expected.clone())?;
    checks.equal("a renewed token", with(&[expired, valid]).databases().await?, expected)
}
