package dev.nx.identity.bridge.flow;

import org.keycloak.events.EventBuilder;
import org.keycloak.http.HttpRequest;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/** Required actions that are waiting for a user, those included that only now fall due (an expired password, ...). */
public final class PendingActions {

    private PendingActions() {
    }

    /**
     * When there are any, the request is refused, and its transaction is rolled back: the triggers have written the
     * new actions to the user, where they would stay after their cause is gone (VERIFY_EMAIL outlives the
     * verification). The hosted page evaluates the triggers again.
     */
    public static boolean exist(KeycloakSession session, AuthenticationSessionModel authSession, HttpRequest request, EventBuilder event, UserModel user) {
        AuthenticationManager.evaluateRequiredActionTriggers(session, authSession, request, event, authSession.getRealm(), user);
        boolean pending = user.getRequiredActionsStream().findAny().isPresent() || !authSession.getRequiredActions().isEmpty();
        if (pending) {
            session.getTransactionManager().setRollbackOnly();
        }
        return pending;
    }
}
