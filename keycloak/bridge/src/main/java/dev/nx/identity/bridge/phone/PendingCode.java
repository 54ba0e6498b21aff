package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.service.CodePurpose;
import dev.nx.identity.bridge.service.StartedCode;
import org.keycloak.common.util.Time;
import org.keycloak.sessions.AuthenticationSessionModel;

import java.util.Optional;

/**
 * What is remembered between the page of the address and the page of the code: nothing that says whose it is,
 * and nothing that helps to guess the code.
 *
 * @param challengeId   the service's, opaque; it knows the address by it
 * @param maskedAddress enough for its owner to know the number or address by
 * @param resendAt      seconds since 1970
 */
record PendingCode(String challengeId, String maskedAddress, long resendAt) {

    private static final String CHALLENGE = ".challenge";
    private static final String MASKED_ADDRESS = ".masked-address";
    private static final String RESEND_AT = ".resend-at";

    static void store(AuthenticationSessionModel authSession, CodePurpose purpose, StartedCode started) {
        String prefix = prefix(purpose);
        authSession.setAuthNote(prefix + CHALLENGE, started.challengeId());
        authSession.setAuthNote(prefix + MASKED_ADDRESS, started.maskedAddress());
        authSession.setAuthNote(prefix + RESEND_AT, String.valueOf(Time.currentTimeSeconds() + started.retryIn()));
    }

    /** Empty when none was asked for. */
    static Optional<PendingCode> load(AuthenticationSessionModel authSession, CodePurpose purpose) {
        String prefix = prefix(purpose);
        String challengeId = authSession.getAuthNote(prefix + CHALLENGE);
        if (challengeId == null) {
            return Optional.empty();
        }
        return Optional.of(new PendingCode(challengeId, authSession.getAuthNote(prefix + MASKED_ADDRESS),
                Long.parseLong(authSession.getAuthNote(prefix + RESEND_AT))));
    }

    static void forget(AuthenticationSessionModel authSession, CodePurpose purpose) {
        for (String note : new String[] {CHALLENGE, MASKED_ADDRESS, RESEND_AT}) {
            authSession.removeAuthNote(prefix(purpose) + note);
        }
    }

    /** Seconds; 0 when another code may be asked for. */
    int resendIn() {
        return (int) Math.max(0, resendAt - Time.currentTimeSeconds());
    }

    private static String prefix(CodePurpose purpose) {
        return "nx.code." + purpose.value();
    }
}
