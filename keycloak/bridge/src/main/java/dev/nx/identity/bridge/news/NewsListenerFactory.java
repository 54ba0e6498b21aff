package dev.nx.identity.bridge.news;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.nx.identity.bridge.outbox.Drainer;
import org.keycloak.Config;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.EventListenerProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.util.JsonSerialization;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Realms that name it among their {@code eventsListeners} tell the service what happens in them. */
public class NewsListenerFactory implements EventListenerProviderFactory {

    @Override
    public String getId() {
        return NewsListener.KIND;
    }

    @Override
    public EventListenerProvider create(KeycloakSession session) {
        return new NewsListener(session);
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        new NxNewsDrainer().start(factory);
    }

    private static final class NxNewsDrainer extends Drainer {

        NxNewsDrainer() {
            super(NewsListener.KIND, "/keycloak/events", (id, payload) -> Map.of("events", List.of(read(payload))));
        }

        private static Map<String, Object> read(String payload) {
            try {
                return JsonSerialization.readValue(payload, new TypeReference<>() { });
            } catch (IOException e) {
                throw new IllegalStateException("an event is not in the form that was put down");
            }
        }
    }

    @Override
    public void init(Config.Scope config) {
    }

    @Override
    public void close() {
    }
}
