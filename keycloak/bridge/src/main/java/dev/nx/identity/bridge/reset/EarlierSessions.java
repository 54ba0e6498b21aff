package dev.nx.identity.bridge.reset;

import org.keycloak.authentication.AuthenticationFlowContext;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.services.managers.AuthenticationManager;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The sessions that a user had before this sign-in. */
final class EarlierSessions {

    private EarlierSessions() {
    }

    /** Ends them, and tells every client of theirs by a logout token; one that can't be told learns it at its next refresh. */
    static void end(AuthenticationFlowContext context) {
        KeycloakSession session = context.getSession();
        RealmModel realm = context.getRealm();
        String own = context.getAuthenticationSession().getParentSession().getId();
        List<UserSessionModel> sessions = Stream.concat(
                session.sessions().getUserSessionsStream(realm, context.getUser()),
                session.sessions().getOfflineUserSessionsStream(realm, context.getUser())).toList();
        for (UserSessionModel earlier : sessions) {
            if (earlier.getId().equals(own) && !earlier.isOffline()) {
                endClients(context, earlier);
            } else {
                AuthenticationManager.backchannelLogout(session, earlier, true);
            }
        }
    }

    /**
     * This browser was signed in and was asked again. Keycloak keeps that session's id for the new one, and the service
     * opens nothing on an id that has ended there: the app is told to ask once more, and the new password signs in.
     */
    private static void endClients(AuthenticationFlowContext context, UserSessionModel earlier) {
        for (String client : Set.copyOf(earlier.getAuthenticatedClientSessions().keySet())) {
            ClientModel model = context.getRealm().getClientById(client);
            AuthenticationManager.backchannelLogoutUserSessionFromClient(context.getSession(), context.getRealm(), earlier, model,
                    context.getUriInfo(), context.getHttpRequest().getHttpHeaders());
        }
    }
}
