package dev.nx.identity.bridge.grant;

import dev.nx.identity.bridge.flow.PendingActions;
import jakarta.ws.rs.core.Response;
import org.keycloak.authentication.AuthenticationFlowException;
import org.keycloak.authentication.AuthenticationProcessor;
import org.keycloak.common.util.Time;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.AuthenticationFlowModel;
import org.keycloak.models.ClientSessionContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.services.Urls;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.services.managers.AuthenticationSessionManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * One run of an authentication flow within a single token request, with an authentication session of its own.
 * The same calls, in the same order, as in Keycloak's ResourceOwnerPasswordCredentialsGrantType.
 */
final class FlowRun {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final AuthenticationSessionModel authSession;
    private final AuthenticationProcessor processor;

    FlowRun(KeycloakSession session, AuthenticationFlowModel flow, EventBuilder event, String scope) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.authSession = newAuthenticationSession(scope);
        this.processor = new AuthenticationProcessor()
                .setAuthenticationSession(authSession)
                .setFlowId(flow.getId())
                .setFlowPath("token")
                .setConnection(session.getContext().getConnection())
                .setEventBuilder(event)
                .setRealm(realm)
                .setSession(session)
                .setUriInfo(session.getContext().getUri())
                .setRequest(session.getContext().getHttpRequest());
    }

    private AuthenticationSessionModel newAuthenticationSession(String scope) {
        AuthenticationSessionModel created = new AuthenticationSessionManager(session)
                .createAuthenticationSession(realm, false)
                .createAuthenticationSession(session.getContext().getClient());
        created.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
        created.setAction(AuthenticatedClientSessionModel.Action.AUTHENTICATE.name());
        created.setClientNote(OIDCLoginProtocol.ISSUER, Urls.realmIssuer(session.getContext().getUri().getBaseUri(), realm.getName()));
        created.setClientNote(OIDCLoginProtocol.SCOPE_PARAM, scope);
        created.setAuthNote(Details.AUTH_TYPE, "first_party"); // the processor copies it to the event
        return created;
    }

    /**
     * @return null when the user is authenticated, else the answer of the step that refused them; then the run is over
     * @throws AuthenticationFlowException when a step refused without an answer; then the run is over too
     */
    Response authenticate() {
        Response refusal;
        try {
            refusal = processor.authenticateOnly();
        } catch (AuthenticationFlowException e) {
            discard();
            throw e;
        }
        if (refusal != null) {
            discard();
        }
        return refusal;
    }

    UserModel user() {
        return authSession.getAuthenticatedUser();
    }

    boolean hasPendingActions() {
        return PendingActions.exist(session, authSession, processor.getRequest(), processor.getEvent(), user());
    }

    /** Opens the user session; ends the authentication session. */
    ClientSessionContext attachSession() {
        AuthenticationManager.setClientScopesInSession(session, authSession);
        ClientSessionContext clientSessionContext = processor.attachSession();
        userSession().setNote(AuthenticationManager.AUTH_TIME, String.valueOf(Time.currentTimeSeconds()));
        return clientSessionContext;
    }

    UserSessionModel userSession() {
        return processor.getUserSession();
    }

    /** Clears the user's failure counter. */
    void reportSuccess() {
        AuthenticationManager.logSuccess(session, authSession);
    }

    /** Ends a run without a user session. */
    void discard() {
        new AuthenticationSessionManager(session).removeAuthenticationSession(realm, authSession, false);
    }
}
