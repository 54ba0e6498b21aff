package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.service.CodePurpose;
import dev.nx.identity.bridge.service.Codes;
import dev.nx.identity.bridge.service.PhoneAttributes;
import dev.nx.identity.bridge.service.TriedCode;
import org.keycloak.Config;
import org.keycloak.authentication.InitiatedActionSupport;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.authentication.RequiredActionFactory;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.UserModel;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * Required action, and application-initiated ({@code kc_action=nx-verify-phone}): the user proves a number, which the
 * service gives them before it is written here, so that it is nobody else's.
 */
public class VerifyPhone implements RequiredActionProvider, RequiredActionFactory {

    public static final String PROVIDER_ID = "nx-verify-phone";

    @Override
    public void evaluateTriggers(RequiredActionContext context) {
        // only whoever is asked to by an administrator or an app
    }

    @Override
    public void requiredActionChallenge(RequiredActionContext context) {
        context.challenge(dialogue(context).page());
    }

    @Override
    public void processAction(RequiredActionContext context) {
        CodeDialogue dialogue = dialogue(context);
        CodeDialogue.Step step = dialogue.answer(context.getHttpRequest().getDecodedFormParameters());
        if (step.page() != null) {
            context.challenge(step.page());
        } else if (step.tried().outcome() == TriedCode.Outcome.RIGHT && context.getUser().getId().equals(step.tried().keycloakId())) {
            dialogue.forget();
            write(context, step.tried().phone());
            context.success();
        } else {
            context.challenge(dialogue.wrongCodePage());
        }
    }

    private static void write(RequiredActionContext context, String phone) {
        UserModel user = context.getUser();
        EventBuilder event = context.getEvent().clone().event(EventType.UPDATE_PROFILE);
        event.detail(Details.PREF_PREVIOUS + PhoneAttributes.NUMBER, user.getFirstAttribute(PhoneAttributes.NUMBER))
                .detail(Details.PREF_UPDATED + PhoneAttributes.NUMBER, phone);
        PhoneAttributes.setProven(context.getSession(), user, phone);
        event.success();
    }

    private static CodeDialogue dialogue(RequiredActionContext context) {
        return new CodeDialogue(Codes.forPhoneOf(context.getSession(), context.getUser()), context.getAuthenticationSession(), context::form);
    }

    @Override
    public void initiatedActionCanceled(KeycloakSession session, AuthenticationSessionModel authSession) {
        PendingCode.forget(authSession, CodePurpose.VERIFY_PHONE);
    }

    @Override
    public InitiatedActionSupport initiatedActionSupport() {
        return InitiatedActionSupport.SUPPORTED;
    }

    @Override
    public String getDisplayText() {
        return "Verify phone number";
    }

    @Override
    public RequiredActionProvider create(KeycloakSession session) {
        return this;
    }

    @Override
    public void init(Config.Scope config) {
        // settings are the service client's
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        // nothing to prepare
    }

    @Override
    public void close() {
        // holds nothing
    }

    @Override
    public String getId() {
        return PROVIDER_ID;
    }
}
