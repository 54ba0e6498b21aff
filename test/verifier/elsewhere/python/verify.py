import jwt  # PyJWT, with cryptography


class Verifier:
    """Access tokens of nx-identity, by its key set alone. Make one for the process: it keeps the keys."""

    def __init__(self, jwks_uri: str, issuer: str, audience: str):
        # An unknown kid asks again; the set is taken anew after five minutes, so that a retired key is gone by then.
        self._keys = jwt.PyJWKClient(jwks_uri, cache_jwk_set=True, lifespan=300, timeout=3)
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
