package dev.nx.identity.bridge.mail;

import dev.nx.identity.bridge.outbox.Outbox;
import org.jboss.logging.Logger;
import org.keycloak.email.EmailException;
import org.keycloak.email.EmailSenderProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.utils.KeycloakModelUtils;

import java.util.Map;

/**
 * Keycloak writes the mail, the identity service sends it: here it is only put down, in the transaction of what it is
 * about. The realm's own mail settings play no part.
 */
record MailQueue(KeycloakSession session) implements EmailSenderProvider {

    static final String KIND = "nx-mail";
    private static final Logger LOG = Logger.getLogger(MailQueue.class);

    @Override
    public void send(Map<String, String> config, String address, String subject, String textBody, String htmlBody)
            throws EmailException {
        if (address == null || address.isBlank()) {
            throw new EmailException("There is no address to write to");
        }
        String text = textBody == null ? "" : textBody;
        QueuedMail mail = new QueuedMail(address.strip(), subject, text, htmlBody, LinkLife.endsAt(text));
        String id = KeycloakModelUtils.generateId();
        String sealed;
        try {
            sealed = mail.seal(id);
        } catch (IllegalStateException e) {
            LOG.errorf("A mail can't be sealed, so it is not sent: %s", e.getMessage());
            throw new EmailException("Mails can't be queued");
        }
        Outbox.put(session, KIND, session.getContext().getRealm().getId(), id, "MAIL", sealed);
    }

    /** Whatever the console saves is kept and unused; its test mail goes the way of every mail. */
    @Override
    public void validate(Map<String, String> config) {
    }

    @Override
    public void close() {
    }
}
