package dev.nx.identity.bridge.outbox;

import org.keycloak.events.outbox.OutboxStore;
import org.keycloak.models.KeycloakSession;

/**
 * What the identity service is to be told, in Keycloak's own outbox (table {@code OUTBOX_ENTRY}, since 26.7). Nothing
 * outside this package knows the classes behind it: they are Keycloak's internals.
 */
public final class Outbox {

    private static final String OWNER = "nx-identity";

    private Outbox() {
    }

    /**
     * Writes an entry in the transaction of this session: told if that commits, and never if it does not.
     *
     * @param kind    whose {@link Drainer} delivers it
     * @param id      unique among its kind; the service knows the entry by it
     * @param type    for whoever looks at the table
     * @param payload as the drainer of this kind reads it
     */
    public static void put(KeycloakSession session, String kind, String realmId, String id, String type, String payload) {
        new OutboxStore(session).enqueuePending(kind, realmId, OWNER, null, id, type, payload, null);
    }
}
