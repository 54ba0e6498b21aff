package dev.nx.identity.bridge.grant;

import java.util.Arrays;
import java.util.Optional;

/** Why the client sends a user's credentials. */
enum Purpose {

    /** Opens a session and answers tokens. */
    SIGN_IN("sign-in", "nx.first-party.flow"),

    /** Only asks whether the credentials are right; counts failures all the same, opens no session. */
    VERIFY("verify", "nx.first-party.verify-flow");

    private final String wireName;
    private final String flowAttribute;

    Purpose(String wireName, String flowAttribute) {
        this.wireName = wireName;
        this.flowAttribute = flowAttribute;
    }

    /** Value of the form parameter {@code purpose}. */
    String wireName() {
        return wireName;
    }

    /** Client attribute, else realm attribute, that holds the alias of the flow to run. */
    String flowAttribute() {
        return flowAttribute;
    }

    /** A missing parameter means {@link #SIGN_IN}; an unknown one is empty. */
    static Optional<Purpose> of(String parameter) {
        if (parameter == null) {
            return Optional.of(SIGN_IN);
        }
        return Arrays.stream(values()).filter(purpose -> purpose.wireName.equals(parameter)).findFirst();
    }
}
