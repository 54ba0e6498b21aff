package dev.nx.identity.bridge.grant;

import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.protocol.oidc.grants.OAuth2GrantType;
import org.keycloak.protocol.oidc.grants.OAuth2GrantTypeFactory;

/** Registers the first-party grant; the provider id is the value of {@code grant_type}. */
public class FirstPartyGrantTypeFactory implements OAuth2GrantTypeFactory {

    public static final String GRANT_TYPE = "urn:nx:params:oauth:grant-type:first-party";

    @Override
    public String getId() {
        return GRANT_TYPE;
    }

    /** Exactly two characters and unique among all grants: it is part of every token's {@code jti}. */
    @Override
    public String getShortcut() {
        return "fp";
    }

    @Override
    public OAuth2GrantType create(KeycloakSession session) {
        return new FirstPartyGrantType();
    }

    @Override
    public void init(Config.Scope config) {
        // nothing to configure: the flow is named by client or realm attributes
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
