package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.flow.PlainStepFactory;
import dev.nx.identity.bridge.service.CodePurpose;
import org.keycloak.authentication.Authenticator;
import org.keycloak.models.KeycloakSession;

/** Registers {@link CodeForm} as the first step of the flow behind "Forgot password?". */
public class ForgotPasswordFactory implements PlainStepFactory {

    public static final String PROVIDER_ID = "nx-forgot-password";
    private static final CodeForm FORM = new CodeForm(CodePurpose.FORGOT_PASSWORD);

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
        return "Forgotten password: phone or e-mail, and code";
    }

    @Override
    public String getHelpText() {
        return "Knows whoever enters a code that was sent to their proven phone number or e-mail address";
    }
}
