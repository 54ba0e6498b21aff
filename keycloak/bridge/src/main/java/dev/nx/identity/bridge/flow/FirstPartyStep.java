package dev.nx.identity.bridge.flow;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.keycloak.authentication.AuthenticationFlowContext;
import org.keycloak.authentication.Authenticator;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.representations.idm.OAuth2ErrorRepresentation;

/**
 * What the bridge's own steps of a first-party flow have in common: stateless, without settings, always required,
 * and answering JSON in one request, never a page.
 */
abstract class FirstPartyStep implements Authenticator, PlainStepFactory {

    /** As the client sent it; the copy that the grant gets has lost what looks like a control sequence. */
    static String parameter(AuthenticationFlowContext context, String name) {
        return context.getHttpRequest().getDecodedFormParameters().getFirst(name);
    }

    static Response oauthError(String error, String description) {
        return Response.status(Response.Status.BAD_REQUEST)
                .entity(new OAuth2ErrorRepresentation(error, description))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .build();
    }

    /** {@code forceChallenge} ends the flow without a report to the brute force protector; {@code failure} would count. */
    static void refuseUncounted(AuthenticationFlowContext context, Response answer) {
        context.forceChallenge(answer);
    }

    @Override
    public Authenticator create(KeycloakSession session) {
        return this;
    }

    @Override
    public boolean configuredFor(KeycloakSession session, RealmModel realm, UserModel user) {
        return true;
    }

    @Override
    public void setRequiredActions(KeycloakSession session, RealmModel realm, UserModel user) {
        // a step that suits every user has nothing to set up
    }

    @Override
    public void action(AuthenticationFlowContext context) {
        // never called: there is no page to post from
    }

    @Override
    public void close() {
        // holds nothing
    }
}
