package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.flow.Admission;
import dev.nx.identity.bridge.flow.UserLookup;
import dev.nx.identity.bridge.service.CodePurpose;
import dev.nx.identity.bridge.service.Codes;
import dev.nx.identity.bridge.service.TriedCode;
import org.keycloak.authentication.AuthenticationFlowContext;
import org.keycloak.authentication.Authenticator;
import org.keycloak.events.Errors;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.credential.OTPCredentialModel;

import java.util.Optional;

/**
 * First factor on Keycloak's own pages: a code by SMS, or for a forgotten password by mail as well. Whoever may not sign
 * in sees what a wrong code would show them.
 */
class CodeForm implements Authenticator {

    private final CodePurpose purpose;

    /** @param purpose one that anybody may ask for */
    CodeForm(CodePurpose purpose) {
        this.purpose = purpose;
    }

    @Override
    public void authenticate(AuthenticationFlowContext context) {
        context.challenge(dialogue(context).page());
    }

    @Override
    public void action(AuthenticationFlowContext context) {
        CodeDialogue dialogue = dialogue(context);
        CodeDialogue.Step step = dialogue.answer(context.getHttpRequest().getDecodedFormParameters());
        if (step.page() != null) {
            context.challenge(step.page());
        } else if (step.tried().outcome() == TriedCode.Outcome.RIGHT) {
            admit(context, dialogue, step.tried());
        } else {
            count(context, step.tried().keycloakId());
            context.forceChallenge(dialogue.wrongCodePage());
        }
    }

    private static void admit(AuthenticationFlowContext context, CodeDialogue dialogue, TriedCode right) {
        Optional<UserModel> user = ownerOf(context, right);
        String refusal = user.map(owner -> refusal(context, owner)).orElse(Errors.USER_NOT_FOUND);
        if (!refusal.isEmpty()) {
            user.ifPresent(context.getEvent()::user);
            context.getEvent().error(refusal);
            context.forceChallenge(dialogue.wrongCodePage());
            return;
        }
        dialogue.forget();
        context.setUser(user.get());
        // A type that the brute force protector knows: else a success would not clear the user's count.
        context.success(OTPCredentialModel.TYPE);
    }

    /** Service and Keycloak must agree on whose number or address it is, and so must a session that only asks again who it is. */
    private static Optional<UserModel> ownerOf(AuthenticationFlowContext context, TriedCode right) {
        return UserLookup.byProof(context.getSession(), right.phone(), right.email())
                .filter(user -> user.getId().equals(right.keycloakId()))
                .filter(user -> context.getUser() == null || context.getUser().getId().equals(user.getId()));
    }

    /** The event's error; empty for a user who may sign in. */
    private static String refusal(AuthenticationFlowContext context, UserModel user) {
        if (!user.isEnabled()) {
            return Errors.USER_DISABLED;
        }
        return Admission.of(context, user) == Admission.FREE ? "" : Errors.USER_TEMPORARILY_DISABLED;
    }

    /**
     * By the protector itself: a failed challenge would have it look for the attempted user name, which would then stand
     * on the page of the password. Without a category, as it ignores those that it doesn't know.
     */
    private static void count(AuthenticationFlowContext context, String keycloakId) {
        RealmModel realm = context.getRealm();
        UserModel user = keycloakId == null ? null : context.getSession().users().getUserById(realm, keycloakId);
        if (user != null) {
            context.getEvent().user(user);
            if (realm.isBruteForceProtected()) {
                context.getProtector().failedLogin(realm, user, context.getConnection(), context.getUriInfo(), null);
            }
        }
        context.getEvent().error(Errors.INVALID_USER_CREDENTIALS);
    }

    private CodeDialogue dialogue(AuthenticationFlowContext context) {
        return new CodeDialogue(Codes.forAnybody(context.getSession(), purpose), context.getAuthenticationSession(), context::form);
    }

    @Override
    public boolean requiresUser() {
        return false;
    }

    @Override
    public boolean configuredFor(KeycloakSession session, RealmModel realm, UserModel user) {
        return true;
    }

    @Override
    public void setRequiredActions(KeycloakSession session, RealmModel realm, UserModel user) {
        // whoever has no number signs in another way
    }

    @Override
    public void close() {
        // holds nothing
    }
}
