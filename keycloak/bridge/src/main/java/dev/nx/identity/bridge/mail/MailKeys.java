package dev.nx.identity.bridge.mail;

import org.keycloak.Config;

import javax.crypto.spec.SecretKeySpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/**
 * The keys that mails wait under: the file that server option {@code spi-nx--mail--key-file} names, a key a line, 32 bytes
 * in base64. The first seals, all of them open, and the file is read each time: so keys are rotated.
 */
final class MailKeys {

    private static final int BYTES = 32;

    private MailKeys() {
    }

    /** @throws IllegalStateException when there is no usable key; it tells no content */
    static List<SecretKeySpec> read() {
        String file = Config.scope("nx", "mail").get("key-file");
        if (file == null) {
            throw new IllegalStateException("spi-nx--mail--key-file is not set");
        }
        List<SecretKeySpec> keys;
        try {
            keys = Files.readString(Path.of(file)).lines().map(String::strip).filter(line -> !line.isEmpty())
                    .map(MailKeys::key).toList();
        } catch (IOException e) {
            throw new IllegalStateException(file + " can't be read: " + e.getClass().getSimpleName());
        }
        if (keys.isEmpty()) {
            throw new IllegalStateException(file + " holds no key");
        }
        return keys;
    }

    static SecretKeySpec key(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("a key for mails is not base64");
        }
        if (bytes.length != BYTES) {
            throw new IllegalStateException("a key for mails has " + bytes.length + " bytes, not " + BYTES);
        }
        return new SecretKeySpec(bytes, "AES");
    }
}
