package dev.nx.identity.bridge.mail;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.keycloak.util.JsonSerialization;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * A mail as Keycloak has written it. Its links open accounts, so it waits sealed.
 *
 * @param html      may be null
 * @param expiresAt seconds since 1970 by Keycloak's clock, when its link is worth nothing any more; null without one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record QueuedMail(String to, String subject, String text, String html, Long expiresAt) {

    String seal(String id) {
        try {
            return new SealedText(MailKeys.read()).seal(JsonSerialization.writeValueAsString(this), place(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static QueuedMail open(String id, String sealed) {
        String json = new SealedText(MailKeys.read()).open(sealed, place(id));
        try {
            return JsonSerialization.readValue(json, QueuedMail.class);
        } catch (IOException e) {
            throw new IllegalStateException("a mail is not in the form that was sealed"); // the cause would quote it
        }
    }

    private static String place(String id) {
        return "OUTBOX_ENTRY " + id;
    }

    /** As the service takes it. Keycloak's clock says how long the link lives on: no other has to agree with it. */
    Map<String, Object> body(String id, long now) {
        Map<String, Object> body = new HashMap<>();
        body.put("id", id);
        body.put("to", to);
        body.put("subject", subject);
        body.put("text", text);
        if (html != null) {
            body.put("html", html);
        }
        if (expiresAt != null) {
            body.put("validForS", Math.max(0, expiresAt - now));
        }
        return body;
    }
}
