package dev.nx.identity.bridge.flow;

import org.keycloak.Config;
import org.keycloak.authentication.AuthenticatorFactory;
import org.keycloak.models.AuthenticationExecutionModel;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.provider.ProviderConfigProperty;

import java.util.List;

/** Registers a step that has no settings, nothing to set up, and is required wherever it stands. */
public interface PlainStepFactory extends AuthenticatorFactory {

    /** null is counted by the brute force protector; a category of our own would be ignored by it. */
    @Override
    default String getReferenceCategory() {
        return null;
    }

    @Override
    default AuthenticationExecutionModel.Requirement[] getRequirementChoices() {
        return new AuthenticationExecutionModel.Requirement[] {
            AuthenticationExecutionModel.Requirement.REQUIRED, AuthenticationExecutionModel.Requirement.DISABLED
        };
    }

    @Override
    default boolean isUserSetupAllowed() {
        return false;
    }

    @Override
    default boolean isConfigurable() {
        return false;
    }

    @Override
    default List<ProviderConfigProperty> getConfigProperties() {
        return List.of();
    }

    @Override
    default void init(Config.Scope config) {
        // no settings
    }

    @Override
    default void postInit(KeycloakSessionFactory factory) {
        // nothing to prepare
    }

    @Override
    default void close() {
        // holds nothing
    }
}
