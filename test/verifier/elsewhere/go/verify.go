package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

// Verifier takes access tokens of nx-identity, by its key set alone. Make one for the process: it keeps the keys.
type Verifier struct {
	keys   keyfunc.Keyfunc
	parser *jwt.Parser
}

// NewVerifier fetches the keys now, every five minutes, and at once for an unknown kid, but not more than every 30 s.
func NewVerifier(ctx context.Context, jwksURI, issuer, audience string) (*Verifier, error) {
	storage, err := jwkset.NewStorageFromHTTP(jwksURI, jwkset.HTTPClientStorageOptions{
		Ctx:                       ctx,
		HTTPTimeout:               3 * time.Second,
		NoErrorReturnFirstHTTPReq: true, // a service may start while the issuer is away
		RefreshInterval:           5 * time.Minute,
	})
	if err != nil {
		return nil, err
	}
	client, err := jwkset.NewHTTPClient(jwkset.HTTPClientOptions{
		HTTPURLs:          map[string]jwkset.Storage{jwksURI: storage},
		RateLimitWaitMax:  time.Second,
		RefreshUnknownKID: rate.NewLimiter(rate.Every(30*time.Second), 1),
	})
	if err != nil {
		return nil, err
	}
	keys, err := keyfunc.New(keyfunc.Options{Ctx: ctx, Storage: client})
	if err != nil {
		return nil, err
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"ES256"}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(5*time.Second),
	)
	return &Verifier{keys, parser}, nil
}

// Verify answers the claims of a token that is good now.
func (v *Verifier) Verify(text string) (jwt.MapClaims, error) {
	if len(text) > 8192 {
		return nil, errors.New("too long")
	}
	token, err := v.parser.Parse(text, v.keys.Keyfunc)
	if err != nil {
		return nil, err
	}
	// The parser does not look at typ (RFC 9068 §4); account and refresh tokens are for the issuer alone.
	claims := token.Claims.(jwt.MapClaims)
	kind, _ := claims["token_type"].(string)
	if token.Header["typ"] != "at+jwt" || !slices.Contains([]string{"platform", "workspace", "system"}, kind) {
		return nil, errors.New("no access token")
	}
	return claims, nil
}
