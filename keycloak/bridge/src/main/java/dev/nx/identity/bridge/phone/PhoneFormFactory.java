package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.service.CodePurpose;
import org.keycloak.Config;
import org.keycloak.authentication.Authenticator;
import org.keycloak.authentication.AuthenticatorFactory;
import org.keycloak.models.AuthenticationExecutionModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.provider.ProviderConfigProperty;

import java.util.List;

/** Registers {@link CodeForm} for signing in; the theme names it by this id's display name. */
public class PhoneFormFactory implements AuthenticatorFactory {

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

    /** null is counted by the brute force protector; a category of our own would be ignored by it. */
    @Override
    public String getReferenceCategory() {
        return null;
    }

    @Override
    public AuthenticationExecutionModel.Requirement[] getRequirementChoices() {
        return REQUIREMENT_CHOICES;
    }

    @Override
    public boolean isUserSetupAllowed() {
        return false;
    }

    @Override
    public boolean isConfigurable() {
        return false;
    }

    @Override
    public List<ProviderConfigProperty> getConfigProperties() {
        return List.of();
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
}
