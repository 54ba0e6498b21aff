package dev.nx.identity.bridge.flow;

import org.keycloak.OAuthErrorException;
import org.keycloak.authentication.AuthenticationFlowContext;
import org.keycloak.authentication.authenticators.util.AuthenticatorUtils;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.models.UserModel;
import org.keycloak.models.credential.PasswordCredentialModel;

import java.util.Optional;

/**
 * First step: finds the user and asks whether they may try. Whoever may not gets the answer, and takes the time, of a
 * wrong password, so that nobody learns who has an account or whose account is locked.
 */
public class IdentifyUser extends FirstPartyStep {

    public static final String PROVIDER_ID = "nx-identify-user";

    @Override
    public void authenticate(AuthenticationFlowContext context) {
        String identifier = parameter(context, FirstPartyParameters.IDENTIFIER);
        if (identifier.chars().anyMatch(Character::isISOControl)) { // PostgreSQL cannot even be asked for a NUL
            refuseUncounted(context, oauthError(OAuthErrorException.INVALID_REQUEST, "identifier has control characters"));
            return;
        }
        context.getEvent().detail(Details.USERNAME, identifier);
        Optional<UserModel> user = UserLookup.find(context.getSession(), parameter(context, FirstPartyParameters.IDENTIFIER_SCHEME), identifier);
        if (user.isEmpty()) {
            refuseLikeWrongPassword(context, Errors.USER_NOT_FOUND);
            return;
        }
        context.getEvent().user(user.get());
        if (!user.get().isEnabled()) { // before Admission, which would take the user's slot
            refuseLikeWrongPassword(context, Errors.USER_DISABLED);
            return;
        }
        switch (Admission.of(context, user.get())) {
            case LOCKED -> refuseLikeWrongPassword(context, Errors.USER_TEMPORARILY_DISABLED);
            case BUSY -> refuseForNow(context);
            case FREE -> admit(context, user.get());
        }
    }

    /** Keycloak's password check is instant for a user without a password, which would tell them from the others. */
    private void admit(AuthenticationFlowContext context, UserModel user) {
        boolean byPassword = parameter(context, FirstPartyParameters.OTP_TICKET) == null;
        if (byPassword && !user.credentialManager().isConfiguredFor(PasswordCredentialModel.TYPE)) {
            AuthenticatorUtils.dummyHash(context);
        }
        context.setUser(user);
        context.success();
    }

    private void refuseLikeWrongPassword(AuthenticationFlowContext context, String eventError) {
        AuthenticatorUtils.dummyHash(context);
        context.getEvent().error(eventError);
        refuseUncounted(context, oauthError(OAuthErrorException.INVALID_GRANT, "Invalid user credentials"));
    }

    /** No event and no hash: nothing was tried, and the client is expected to ask again at once. */
    private void refuseForNow(AuthenticationFlowContext context) {
        refuseUncounted(context, oauthError(OAuthErrorException.TEMPORARILY_UNAVAILABLE, "Another sign-in of this user is in progress"));
    }

    @Override
    public boolean requiresUser() {
        return false;
    }

    @Override
    public String getId() {
        return PROVIDER_ID;
    }

    @Override
    public String getDisplayType() {
        return "Identify user (first party)";
    }

    @Override
    public String getHelpText() {
        return "Finds the user by the form parameters identifier and identifier_scheme (email, phone or username)";
    }
}
