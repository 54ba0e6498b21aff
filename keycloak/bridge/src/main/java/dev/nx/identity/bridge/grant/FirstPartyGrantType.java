package dev.nx.identity.bridge.grant;

import dev.nx.identity.bridge.flow.FirstPartyParameters;
import dev.nx.identity.bridge.flow.InteractionRequired;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.keycloak.OAuthErrorException;
import org.keycloak.authentication.AuthenticationFlowError;
import org.keycloak.authentication.AuthenticationFlowException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventType;
import org.keycloak.models.AuthenticationFlowModel;
import org.keycloak.models.ClientSessionContext;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.grants.OAuth2GrantTypeBase;
import org.keycloak.services.CorsErrorResponseException;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.context.ResourceOwnerPasswordCredentialsContext;
import org.keycloak.services.clientpolicy.context.ResourceOwnerPasswordCredentialsResponseContext;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Signs a user in with what an allow-listed first-party client collected on its own pages, by running an
 * authentication flow that administrators configure. All rules about users and credentials live in that flow; this
 * class only decides who may ask, and turns the flow's outcome into an OAuth answer.
 */
public class FirstPartyGrantType extends OAuth2GrantTypeBase {

    static final String CLIENT_ENABLED = "nx.first-party.enabled";

    @Override
    public Response process(Context context) {
        setContext(context);
        checkClientAllowed();
        FirstPartyRequest asked = readRequest();
        record(asked);
        triggerClientPolicy();
        AuthenticationFlowModel flow = flowFor(asked.purpose());
        String scope = asked.purpose() == Purpose.SIGN_IN ? getRequestedScopes() : null;

        FlowRun run = new FlowRun(session, flow, event, scope);
        Response refusal = authenticate(run);
        if (refusal != null) {
            return cors.add(Response.fromResponse(refusal));
        }
        return asked.purpose() == Purpose.VERIFY ? confirm(run) : signIn(run, scope);
    }

    private void checkClientAllowed() {
        if (client.isPublicClient() || !Boolean.parseBoolean(client.getAttribute(CLIENT_ENABLED))) {
            throw refused(Errors.NOT_ALLOWED, OAuthErrorException.UNAUTHORIZED_CLIENT, "Client not allowed for the first-party grant");
        }
        if (client.isConsentRequired()) { // there is no page to ask for it
            throw refused(Errors.CONSENT_DENIED, OAuthErrorException.INVALID_CLIENT, "Client requires user consent");
        }
    }

    private FirstPartyRequest readRequest() {
        try {
            return FirstPartyRequest.of(formParams);
        } catch (IllegalArgumentException e) {
            throw refused(Errors.INVALID_REQUEST, OAuthErrorException.INVALID_REQUEST, e.getMessage());
        }
    }

    /**
     * From here on Keycloak sees the visitor in place of the client. Safe because only the allowed client gets this
     * far; both the context and the event need it, as the event copied the address before.
     */
    private void record(FirstPartyRequest asked) {
        event.detail("purpose", asked.purpose().wireName());
        asked.visitor().address().ifPresent(address -> {
            session.getContext().setConnection(new VisitorConnection(clientConnection, address));
            event.ipAddress(address);
        });
        asked.visitor().agent().ifPresent(agent -> {
            session.getContext().setHttpRequest(VisitorHttpRequest.of(request, agent));
            event.detail("visitor_agent", agent);
        });
    }

    /** The password grant's policy event, so that existing conditions and executors (reject-ropc-grant, ...) apply. */
    private void triggerClientPolicy() {
        try {
            session.clientPolicy().triggerOnEvent(new ResourceOwnerPasswordCredentialsContext(session, formParams));
        } catch (ClientPolicyException e) {
            event.detail(Details.REASON, Details.CLIENT_POLICY_ERROR);
            event.detail(Details.CLIENT_POLICY_ERROR, e.getError());
            event.detail(Details.CLIENT_POLICY_ERROR_DETAIL, e.getErrorDetail());
            event.error(e.getError());
            throw new CorsErrorResponseException(cors, e.getError(), e.getErrorDetail(), e.getErrorStatus());
        }
    }

    /** Never falls back to another flow: a weaker one might let in whom the intended one refuses. */
    private AuthenticationFlowModel flowFor(Purpose purpose) {
        String own = client.getAttribute(purpose.flowAttribute());
        String alias = own != null ? own : realm.getAttribute(purpose.flowAttribute());
        AuthenticationFlowModel flow = alias == null ? null : realm.getFlowByAlias(alias);
        if (flow == null) {
            throw misconfigured("No authentication flow configured for this grant");
        }
        return flow;
    }

    private Response authenticate(FlowRun run) {
        Response refusal;
        try {
            refusal = run.authenticate();
        } catch (AuthenticationFlowException e) {
            if (e.getError() == AuthenticationFlowError.INTERNAL_ERROR) {
                throw misconfigured("The authentication flow of this grant cannot run");
            }
            throw refused(Errors.INVALID_USER_CREDENTIALS, OAuthErrorException.INVALID_GRANT, "Invalid user credentials");
        }
        if (refusal != null && !MediaType.APPLICATION_JSON_TYPE.isCompatible(refusal.getMediaType())) {
            throw misconfigured("The authentication flow of this grant wants to show a page");
        }
        if (refusal == null && run.hasPendingActions()) { // in case the flow has no gate
            event.detail(Details.REASON, InteractionRequired.REQUIRED_ACTION.reason());
            event.error(Errors.RESOLVE_REQUIRED_ACTIONS);
            run.discard();
            return InteractionRequired.REQUIRED_ACTION.response();
        }
        return refusal;
    }

    private Response signIn(FlowRun run, String scope) {
        ClientSessionContext clientSession = run.attachSession();
        updateUserSessionFromClientAuth(run.userSession());
        TokenManager.AccessTokenResponseBuilder tokens = createTokenResponseBuilder(run.user(), run.userSession(), clientSession, scope,
                builder -> new ResourceOwnerPasswordCredentialsResponseContext(formParams, clientSession, builder));
        Response response = createTokenResponse(tokens, clientSession, false); // sends the LOGIN event
        run.reportSuccess();
        return response;
    }

    /** Not a LOGIN event: nobody signed in. A wrong answer before this point is a LOGIN_ERROR like any other. */
    private Response confirm(FlowRun run) {
        event.event(EventType.OAUTH2_EXTENSION_GRANT).user(run.user()).success();
        run.reportSuccess();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("verified", true);
        answer.put("sub", run.user().getId());
        run.discard();
        return cors.add(Response.ok(answer, MediaType.APPLICATION_JSON_TYPE)); // TokenEndpoint has set Cache-Control: no-store
    }

    private CorsErrorResponseException misconfigured(String description) {
        return refused(Errors.INVALID_CONFIG, OAuthErrorException.SERVER_ERROR, description);
    }

    private CorsErrorResponseException refused(String eventError, String oauthError, String description) {
        event.detail(Details.REASON, description);
        event.error(eventError);
        return new CorsErrorResponseException(cors, oauthError, description, Response.Status.BAD_REQUEST);
    }

    @Override
    public EventType getEventType() {
        return EventType.LOGIN;
    }

    /** The ticket is a token and may be longer than other parameters. */
    @Override
    public Set<String> getTokenParameterNames() {
        return Set.of(FirstPartyParameters.OTP_TICKET);
    }
}
