package dev.nx.identity.bridge.ticket;

import org.keycloak.common.VerificationException;
import org.keycloak.common.util.Time;
import org.keycloak.crypto.Algorithm;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.crypto.SignatureProvider;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.services.Urls;

import java.nio.charset.StandardCharsets;

/**
 * The identity service's proof that this user entered the right one-time code a moment ago: a JWS for this realm and
 * client alone, thirty seconds long at most, good once.
 */
public final class OtpTicket {

    private static final String TYPE = "otp-ticket+jwt";
    private static final int LONGEST_LIFE_SECONDS = 30;
    private static final int CLOCK_SKEW_SECONDS = 5;

    private final JsonWebToken claims;

    private OtpTicket(JsonWebToken claims) {
        this.claims = claims;
    }

    /** @throws VerificationException whose message says what is wrong; for the event, not for the client */
    public static OtpTicket verify(KeycloakSession session, String wire, ClientModel client) throws VerificationException {
        try {
            JWSInput jws = new JWSInput(wire);
            require(TYPE.equals(jws.getHeader().getType()), "wrong typ");
            require(Algorithm.ES256.equals(jws.getHeader().getRawAlgorithm()), "wrong alg");
            requireSignature(session, jws);
            OtpTicket ticket = new OtpTicket(jws.readJsonContent(JsonWebToken.class));
            ticket.requireAudience(session, client);
            ticket.requireTimes();
            return ticket;
        } catch (JWSInputException e) {
            throw new VerificationException("not a JWS", e);
        }
    }

    private static void requireSignature(KeycloakSession session, JWSInput jws) throws VerificationException {
        KeyWrapper key = TicketKeys.find(session, jws.getHeader().getKeyId()).orElseThrow(() -> new VerificationException("unknown kid"));
        boolean valid = session.getProvider(SignatureProvider.class, Algorithm.ES256).verifier(key)
                .verify(jws.getEncodedSignatureInput().getBytes(StandardCharsets.US_ASCII), jws.getSignature());
        require(valid, "bad signature");
    }

    private void requireAudience(KeycloakSession session, ClientModel client) throws VerificationException {
        String issuer = Urls.realmIssuer(session.getContext().getUri().getBaseUri(), session.getContext().getRealm().getName());
        String[] audience = claims.getAudience();
        require(audience != null && audience.length == 1 && issuer.equals(audience[0]), "wrong aud");
        require(client.getClientId().equals(claims.getIssuedFor()), "wrong azp");
    }

    private void requireTimes() throws VerificationException {
        require(claims.getId() != null && !claims.getId().isBlank(), "no jti");
        require(claims.getIat() != null && claims.getExp() != null, "no iat or exp");
        long now = Time.currentTimeSeconds();
        require(claims.getExp() - claims.getIat() <= LONGEST_LIFE_SECONDS, "lives too long");
        require(claims.getIat() <= now + CLOCK_SKEW_SECONDS, "from the future");
        require(claims.getExp() > now, "expired");
    }

    public void requireFor(UserModel user) throws VerificationException {
        require(user.getId().equals(claims.getSubject()), "wrong sub");
    }

    /** To be called last: from here on the ticket is used up, in the whole cluster. */
    public void consume(KeycloakSession session) throws VerificationException {
        long remembered = LONGEST_LIFE_SECONDS + 2L * CLOCK_SKEW_SECONDS;
        require(session.singleUseObjects().putIfAbsent("nx-otp-ticket:" + claims.getId(), remembered), "replayed");
    }

    private static void require(boolean holds, String reason) throws VerificationException {
        if (!holds) {
            throw new VerificationException(reason);
        }
    }
}
