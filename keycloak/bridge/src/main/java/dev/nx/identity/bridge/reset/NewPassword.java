package dev.nx.identity.bridge.reset;

import dev.nx.identity.bridge.flow.PlainStepFactory;
import jakarta.ws.rs.core.MultivaluedMap;
import org.keycloak.authentication.AuthenticationFlowContext;
import org.keycloak.authentication.Authenticator;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserCredentialModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.credential.PasswordCredentialModel;
import org.keycloak.models.utils.FormMessage;
import org.keycloak.services.messages.Messages;
import org.keycloak.services.validation.Validation;


/**
 * Last step of the flow behind "Forgot password?": the new password, and the end of every session there was. A step and
 * not Keycloak's required action, in which whoever sits before the page chooses whether other sessions end.
 */
public class NewPassword implements Authenticator, PlainStepFactory {

    public static final String PROVIDER_ID = "nx-new-password";

    private static final String PAGE = "nx-new-password.ftl";
    private static final String PASSWORD = "password-new";
    private static final String CONFIRMATION = "password-confirm";

    @Override
    public void authenticate(AuthenticationFlowContext context) {
        context.challenge(context.form().createForm(PAGE));
    }

    @Override
    public void action(AuthenticationFlowContext context) {
        MultivaluedMap<String, String> posted = context.getHttpRequest().getDecodedFormParameters();
        String password = posted.getFirst(PASSWORD);
        if (Validation.isBlank(password)) {
            refuse(context, Errors.PASSWORD_MISSING, new FormMessage(PASSWORD, Messages.MISSING_PASSWORD));
        } else if (!password.equals(posted.getFirst(CONFIRMATION))) {
            refuse(context, Errors.PASSWORD_CONFIRM_ERROR, new FormMessage(CONFIRMATION, Messages.NOTMATCH_PASSWORD));
        } else {
            set(context, password);
        }
    }

    private static void set(AuthenticationFlowContext context, String password) {
        UserModel user = context.getUser();
        try {
            user.credentialManager().updateCredential(UserCredentialModel.password(password, false));
        } catch (ModelException e) { // the realm's password policy
            refuse(context, Errors.PASSWORD_REJECTED, new FormMessage(PASSWORD, e.getMessage(), e.getParameters()));
            return;
        }
        user.removeRequiredAction(UserModel.RequiredAction.UPDATE_PASSWORD);
        EarlierSessions.end(context);
        tell(context);
        context.success(PasswordCredentialModel.TYPE);
    }

    /** As Keycloak's own action does: listeners may know either event. */
    @SuppressWarnings("deprecation")
    private static void tell(AuthenticationFlowContext context) {
        event(context, EventType.UPDATE_PASSWORD).success();
        event(context, EventType.UPDATE_CREDENTIAL).success();
    }

    private static void refuse(AuthenticationFlowContext context, String error, FormMessage message) {
        event(context, EventType.UPDATE_CREDENTIAL_ERROR).error(error);
        context.forceChallenge(context.form().addError(message).createForm(PAGE));
    }

    /** Names the session that this sign-in will be, so that whoever ends sessions upon it spares this one. */
    private static EventBuilder event(AuthenticationFlowContext context, EventType type) {
        return context.getEvent().clone().event(type)
                .user(context.getUser())
                .session(context.getAuthenticationSession().getParentSession().getId())
                .detail(Details.CREDENTIAL_TYPE, PasswordCredentialModel.TYPE);
    }

    @Override
    public boolean requiresUser() {
        return true;
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
    public Authenticator create(KeycloakSession session) {
        return this;
    }

    @Override
    public String getId() {
        return PROVIDER_ID;
    }

    @Override
    public String getDisplayType() {
        return "New password, every session ends";
    }

    @Override
    public String getHelpText() {
        return "Asks for a new password and ends every session of the user";
    }

    @Override
    public String getReferenceCategory() {
        return PasswordCredentialModel.TYPE;
    }

    @Override
    public void close() {
        // holds nothing
    }
}
