use std::sync::Mutex;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Access tokens of nx-identity, by its key set alone. Make one for the process: it keeps the keys.
pub struct Verifier {
    jwks_uri: String,
    validation: Validation,
    agent: ureq::Agent,
    held: Mutex<(JwkSet, Option<Instant>)>,
}

impl Verifier {
    pub fn new(jwks_uri: &str, issuer: &str, audience: &str) -> Self {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 5;
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(3))).max_redirects(0);
        Self {
            jwks_uri: jwks_uri.into(),
            validation,
            agent: config.build().into(),
            held: Mutex::new((JwkSet { keys: vec![] }, None)),
        }
    }

    /// The claims of a token that is good now.
    pub fn verify(&self, token: &str) -> Result<Map<String, Value>, Error> {
        if token.len() > 8192 {
            return Err("too long".into());
        }
        let header = decode_header(token)?;
        // The crate does not look at typ (RFC 9068 §4).
        if header.typ.as_deref() != Some("at+jwt") {
            return Err("no access token".into());
        }
        let key = self.key(&header.kid.ok_or("no kid")?)?;
        let claims = decode::<Map<String, Value>>(token, &key, &self.validation)?.claims;
        // Account and refresh tokens are for the issuer alone.
        match claims.get("token_type").and_then(Value::as_str) {
            Some("platform" | "workspace" | "system") => Ok(claims),
            _ => Err("a token of another kind".into()),
        }
    }

    /// Asks after five minutes, and for an unknown kid, but not more than every 30 s. The last good set stays in use.
    fn key(&self, kid: &str) -> Result<DecodingKey, Error> {
        let mut held = self.held.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let wait = Duration::from_secs(if held.0.find(kid).is_some() { 300 } else { 30 });
        if held.1.is_none_or(|asked| asked.elapsed() > wait) {
            held.1 = Some(Instant::now());
            if let Ok(mut answer) = self.agent.get(&self.jwks_uri).call() {
                if let Ok(set) = answer.body_mut().read_json() {
                    held.0 = set;
                }
            }
        }
        Ok(DecodingKey::from_jwk(held.0.find(kid).ok_or("unknown key")?)?)
    }
}
