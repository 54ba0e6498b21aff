package dev.nx.identity.bridge.flow;

import org.keycloak.authentication.AuthenticationFlowContext;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.models.SubjectCredentialManager;
import org.keycloak.models.UserModel;
import org.keycloak.models.credential.OTPCredentialModel;

import java.util.Optional;

/**
 * After the right password and before anything with an effect: stops users who must go to the hosted page, or must
 * first enter their one-time code. It stands before user-session-limits, which would end another session of the user
 * for a sign-in that is then refused.
 */
public class HostedOnlyGate extends FirstPartyStep {

    public static final String PROVIDER_ID = "nx-hosted-only-gate";

    @Override
    public void authenticate(AuthenticationFlowContext context) {
        Optional<InteractionRequired> obstacle = obstacle(context);
        if (obstacle.isEmpty()) {
            context.success();
            return;
        }
        context.getEvent().detail(Details.REASON, obstacle.get().reason());
        context.getEvent().error(Errors.RESOLVE_REQUIRED_ACTIONS);
        refuseUncounted(context, obstacle.get().response());
    }

    private static Optional<InteractionRequired> obstacle(AuthenticationFlowContext context) {
        UserModel user = context.getUser();
        SubjectCredentialManager credentials = user.credentialManager();
        if (PendingActions.exist(context.getSession(), context.getAuthenticationSession(), context.getHttpRequest(), context.getEvent(), user)) {
            return Optional.of(InteractionRequired.REQUIRED_ACTION);
        }
        if (!CheckableCredentials.areAllOf(credentials)) {
            return Optional.of(InteractionRequired.CREDENTIAL_NOT_SUPPORTED);
        }
        if (credentials.isConfiguredFor(OTPCredentialModel.TYPE) && isBlank(parameter(context, FirstPartyParameters.TOTP))) {
            return Optional.of(InteractionRequired.TOTP_REQUIRED);
        }
        return Optional.empty();
    }

    private static boolean isBlank(String value) {
        return value == null || value.isBlank();
    }

    @Override
    public boolean requiresUser() {
        return true;
    }

    @Override
    public String getId() {
        return PROVIDER_ID;
    }

    @Override
    public String getDisplayType() {
        return "Hosted-only gate (first party)";
    }

    @Override
    public String getHelpText() {
        return "Refuses users who have something to do that only Keycloak's own pages can ask for";
    }
}
