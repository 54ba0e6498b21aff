package dev.nx.identity.bridge.mail;

import dev.nx.identity.bridge.outbox.Drainer;
import org.keycloak.Config;
import org.keycloak.common.util.Time;
import org.keycloak.email.EmailSenderProvider;
import org.keycloak.email.EmailSenderProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** Chosen when Keycloak is built: {@code kc.sh build --spi-email-sender--provider=nx-queue}. */
public class MailQueueFactory implements EmailSenderProviderFactory {

    @Override
    public String getId() {
        return "nx-queue";
    }

    @Override
    public EmailSenderProvider create(KeycloakSession session) {
        return new MailQueue(session);
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        new NxMailDrainer().start(factory);
    }

    private static final class NxMailDrainer extends Drainer {

        NxMailDrainer() {
            super(MailQueue.KIND, "/mail", (id, payload) -> QueuedMail.open(id, payload).body(id, Time.currentTimeSeconds()));
        }
    }

    @Override
    public void init(Config.Scope config) {
    }

    @Override
    public void close() {
    }
}
