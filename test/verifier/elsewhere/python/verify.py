import jwt  # PyJWT, with cryptography


class _Keys(jwt.PyJWKClient):
    """Goes on with the last good set while the issuer is away."""

    _last = None

    def fetch_data(self):
        try:
            self._last = super().fetch_data()
        except jwt.PyJWTError:
            if self._last is None:
                raise
            self.jwk_set_cache.put(self._last)
        return self._last


class Verifier:
    """Access tokens of nx-identity, by its key set alone. Make one for the process: it keeps the keys."""

    def __init__(self, jwks_uri: str, issuer: str, audience: str):
        # The set is taken anew after five minutes, so that a retired key is gone by then; an unknown kid asks
        # again, at most every 30 s.
        self._keys = _Keys(jwks_uri, lifespan=300, cooldown_duration=30, timeout=3)
        self._issuer, self._audience = issuer, audience

    def verify(self, token: str) -> dict:
        """The claims. Raises jwt.PyJWTError."""
        if len(token) > 8192:
            raise jwt.InvalidTokenError("too long")
        decoded = jwt.decode_complete(
            token,
            self._keys.get_signing_key_from_jwt(token).key,
            algorithms=["ES256"],
            issuer=self._issuer,
            audience=self._audience,
            leeway=5,
            options={"require": ["iss", "aud", "sub", "iat", "exp", "jti", "client_id", "token_type"]},
        )
        # PyJWT does not look at typ (RFC 9068 §4); account and refresh tokens are for the issuer alone.
        if decoded["header"].get("typ", "").lower() != "at+jwt":
            raise jwt.InvalidTokenError("no access token")
        claims = decoded["payload"]
        if claims["token_type"] not in ("platform", "workspace", "system"):
            raise jwt.InvalidTokenError("a token of another kind")
        return claims
