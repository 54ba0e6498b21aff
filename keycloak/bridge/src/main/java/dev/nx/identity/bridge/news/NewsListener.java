package dev.nx.identity.bridge.news;

import dev.nx.identity.bridge.outbox.Outbox;
import org.keycloak.events.Event;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.models.KeycloakSession;
import org.keycloak.util.JsonSerialization;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Puts down what the service has to hear, in the transaction of what happened: there is no one without the other. */
record NewsListener(KeycloakSession session) implements EventListenerProvider {

    static final String KIND = "nx-events";

    @Override
    public void onEvent(Event event) {
        NewsEntry.of(event).ifPresent(entry -> put(entry, event.getRealmId()));
    }

    @Override
    public void onEvent(AdminEvent event, boolean includeRepresentation) {
        NewsEntry.of(event).ifPresent(entry -> put(entry, event.getRealmId()));
    }

    private void put(NewsEntry entry, String realmId) {
        try {
            Outbox.put(session, KIND, realmId, entry.id(), entry.type(), JsonSerialization.writeValueAsString(entry));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
    }
}
