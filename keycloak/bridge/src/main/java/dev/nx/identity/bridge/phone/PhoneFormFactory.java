package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.flow.PlainStepFactory;
import dev.nx.identity.bridge.service.CodePurpose;
import org.keycloak.authentication.Authenticator;
import org.keycloak.models.AuthenticationExecutionModel;
import org.keycloak.models.KeycloakSession;

/** Registers {@link CodeForm} for signing in; the theme names it by this id's display name. */
public class PhoneFormFactory implements PlainStepFactory {

    public static final String PROVIDER_ID = "nx-phone-form";
    private static final CodeForm FORM = new CodeForm(CodePurpose.SIGN_IN);

    @Override
    public String getId() {
        return PROVIDER_ID;
    }

    @Override
    public Authenticator create(KeycloakSession session) {
        return FORM;
    }

    @Override
    public String getDisplayType() {
        return "Phone and code by SMS";
    }

    @Override
    public String getHelpText() {
        return "Signs in whoever enters a code that was sent to their proven phone number";
    }

    @Override
    public AuthenticationExecutionModel.Requirement[] getRequirementChoices() {
        return REQUIREMENT_CHOICES;
    }
}
