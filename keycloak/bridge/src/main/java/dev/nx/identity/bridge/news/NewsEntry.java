package dev.nx.identity.bridge.news;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.keycloak.events.Details;
import org.keycloak.events.Event;
import org.keycloak.events.EventType;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.credential.PasswordCredentialModel;

import java.util.Optional;
import java.util.Set;

/**
 * An event as the service is told of it: who and where, nothing of what was written. The service looks by itself.
 *
 * @param at        milliseconds since 1970, by Keycloak's clock
 * @param type      of a user's event, such as {@code LOGOUT}; {@code ADMIN.<operation>} for an administrator's
 * @param sessionId the session that the user's event came from, or will become: the login that a new password is a step of
 * @param path      of an administrator's event, such as {@code users/<id>/logout}
 * @param actorId   the administrator's
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record NewsEntry(String id, String realm, long at, String type, String userId, String sessionId, String path, String actorId) {

    private static final Set<EventType> OF_USERS = Set.of(EventType.LOGOUT, EventType.USER_SESSION_DELETED,
            EventType.UPDATE_CREDENTIAL, EventType.UPDATE_EMAIL, EventType.VERIFY_EMAIL, EventType.UPDATE_PROFILE,
            EventType.DELETE_ACCOUNT, EventType.USER_DISABLED_BY_PERMANENT_LOCKOUT);
    /** First parts of the paths that may concern people: their data, their sessions, where their roles come from. */
    private static final Set<String> PLACES = Set.of("users", "sessions", "logout-all", "groups", "roles", "roles-by-id");

    /** Empty for what says nothing about anybody's session, data or role. */
    static Optional<NewsEntry> of(Event event) {
        if (event.getError() != null || !OF_USERS.contains(event.getType()) || isAnotherCredential(event)) {
            return Optional.empty();
        }
        String sessionId = event.getSessionId() == null ? detail(event, Details.CODE_ID) : event.getSessionId();
        return Optional.of(new NewsEntry(event.getId(), event.getRealmName(), event.getTime(), event.getType().name(),
                event.getUserId(), sessionId, null, null));
    }

    /** @see #of(Event) */
    static Optional<NewsEntry> of(AdminEvent event) {
        String path = event.getResourcePath();
        if (event.getError() != null || path == null || !PLACES.contains(path.split("/", 2)[0]) || isNewUser(event)) {
            return Optional.empty();
        }
        return Optional.of(new NewsEntry(event.getId(), event.getRealmName(), event.getTime(),
                "ADMIN." + event.getOperationType(), null, null, path, event.getAuthDetails().getUserId()));
    }

    /** A second factor that was added ends nothing. */
    private static boolean isAnotherCredential(Event event) {
        return event.getType() == EventType.UPDATE_CREDENTIAL
                && !PasswordCredentialModel.TYPE.equals(detail(event, Details.CREDENTIAL_TYPE));
    }

    /** Whom the service has never seen. */
    private static boolean isNewUser(AdminEvent event) {
        return event.getOperationType() == OperationType.CREATE && event.getResourcePath().matches("users/[^/]+");
    }

    private static String detail(Event event, String name) {
        return event.getDetails() == null ? null : event.getDetails().get(name);
    }
}
