package dev.nx.identity.bridge.hash;

import org.keycloak.Config;
import org.keycloak.credential.hash.PasswordHashProvider;
import org.keycloak.credential.hash.PasswordHashProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** Keycloak looks for it by the `algorithm` of a stored credential. */
public class BcryptHashesFactory implements PasswordHashProviderFactory {

    public static final String ID = "bcrypt";

    @Override
    public PasswordHashProvider create(KeycloakSession session) {
        return new BcryptHashes();
    }

    @Override
    public String getId() {
        return ID;
    }

    @Override
    public void init(Config.Scope config) {
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
    }

    @Override
    public void close() {
    }
}
