package dev.nx.identity.bridge.mail;

import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.representations.JsonWebToken;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Until when the link of a mail is good: its action token says so, and nothing else that a sender is given. */
final class LinkLife {

    private static final Pattern ACTION_TOKEN = Pattern.compile("/login-actions/action-token\\?(?:[^\\s\"<]*&)?key=([\\w.-]+)");

    private LinkLife() {
    }

    /** @return seconds since 1970; null when there is no such link, or it has no end */
    static Long endsAt(String text) {
        Matcher link = ACTION_TOKEN.matcher(text);
        if (!link.find()) {
            return null;
        }
        try {
            return new JWSInput(link.group(1)).readJsonContent(JsonWebToken.class).getExp();
        } catch (JWSInputException e) {
            return null;
        }
    }
}
