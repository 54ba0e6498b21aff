package dev.nx.identity.bridge.mail;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;

/**
 * AES-256-GCM, bound to a place: what was sealed for one entry opens for no other. Form: base64 of iv, text and tag.
 *
 * @param keys the first seals, all of them open
 */
record SealedText(List<SecretKeySpec> keys) {

    private static final String ALGORITHM = "AES/GCM/NoPadding";
    private static final int IV_BYTES = 12; // NIST SP 800-38D §8.2.2: 96 random bits
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    String seal(String plain, String place) {
        byte[] iv = new byte[IV_BYTES];
        RANDOM.nextBytes(iv);
        try {
            byte[] text = cipher(Cipher.ENCRYPT_MODE, keys.get(0), iv, place).doFinal(plain.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(ByteBuffer.allocate(IV_BYTES + text.length).put(iv).put(text).array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws IllegalStateException when no key opens it, a byte was changed, or the place is another one */
    String open(String sealed, String place) {
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(sealed));
        byte[] iv = new byte[IV_BYTES];
        bytes.get(iv);
        byte[] text = new byte[bytes.remaining()];
        bytes.get(text);
        for (SecretKeySpec key : keys) {
            try {
                return new String(cipher(Cipher.DECRYPT_MODE, key, iv, place).doFinal(text), StandardCharsets.UTF_8);
            } catch (AEADBadTagException e) {
                continue; // sealed by another key, perhaps
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalStateException("no key opens it here");
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] iv, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(ALGORITHM);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, iv));
        cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
