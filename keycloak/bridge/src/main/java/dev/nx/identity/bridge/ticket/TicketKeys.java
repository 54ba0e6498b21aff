package dev.nx.identity.bridge.ticket;

import org.jboss.logging.Logger;
import org.keycloak.Config;
import org.keycloak.crypto.Algorithm;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.crypto.PublicKeysWrapper;
import org.keycloak.jose.jwk.JSONWebKeySet;
import org.keycloak.keys.PublicKeyStorageProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.util.JWKSUtils;
import org.keycloak.util.JsonSerialization;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * The identity service's public ticket keys, from the JWK Set file that the server option {@code spi-nx--otp-ticket--jwks}
 * names. A file and no address: Keycloak must not call the service while the service waits for Keycloak.
 */
final class TicketKeys {

    private static final Logger LOG = Logger.getLogger(TicketKeys.class);

    private TicketKeys() {
    }

    /** Keycloak's key cache reads the file again, ten seconds later at the earliest, when a key id is unknown. */
    static Optional<KeyWrapper> find(KeycloakSession session, String keyId) {
        String file = Config.scope("nx", "otp-ticket").get("jwks");
        if (file == null || keyId == null) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(session.getProvider(PublicKeyStorageProvider.class)
                    .getPublicKey("nx-otp-ticket::" + file, keyId, Algorithm.ES256, () -> read(file)));
        } catch (RuntimeException e) {
            LOG.errorf(e, "The OTP ticket keys in %s cannot be read", file);
            return Optional.empty();
        }
    }

    private static PublicKeysWrapper read(String file) throws IOException {
        JSONWebKeySet keys = JsonSerialization.readValue(Files.readString(Path.of(file)), JSONWebKeySet.class);
        return new PublicKeysWrapper(Arrays.stream(keys.getKeys()).map(JWKSUtils::getKeyWrapper).filter(Objects::nonNull).toList());
    }
}
