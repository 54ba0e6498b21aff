package dev.nx.identity.bridge.mail;

import org.junit.jupiter.api.Test;

import javax.crypto.spec.SecretKeySpec;
import java.util.Base64;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class SealedTextTest {

    private static final SecretKeySpec OLD = MailKeys.key("A".repeat(43) + "=");
    private static final SecretKeySpec NEW = MailKeys.key("B".repeat(42) + "A=");
    private static final String LINK = "https://id.example.test/?key=canary";

    @Test
    void opensWhatItSealedForTheSamePlaceAndNoOther() {
        SealedText text = new SealedText(List.of(OLD));
        String sealed = text.seal(LINK, "one");
        assertEquals(LINK, text.open(sealed, "one"));
        assertThrows(IllegalStateException.class, () -> text.open(sealed, "other"));
        assertFalse(new String(Base64.getDecoder().decode(sealed)).contains("canary"));
        assertNotEquals(sealed, text.seal(LINK, "one"));
    }

    @Test
    void isRotatedByAFirstKeyThatSealsWhileTheOldOneStillOpens() {
        String before = new SealedText(List.of(OLD)).seal(LINK, "one");
        SealedText rotated = new SealedText(List.of(NEW, OLD));
        assertEquals(LINK, rotated.open(before, "one"));
        String after = rotated.seal(LINK, "one");
        assertThrows(IllegalStateException.class, () -> new SealedText(List.of(OLD)).open(after, "one"));
    }

    @Test
    void noticesAChangedByte() {
        SealedText text = new SealedText(List.of(OLD));
        byte[] bytes = Base64.getDecoder().decode(text.seal(LINK, "one"));
        bytes[20] ^= 1;
        String bent = Base64.getEncoder().encodeToString(bytes);
        assertThrows(IllegalStateException.class, () -> text.open(bent, "one"));
    }

    @Test
    void takesKeysOf32BytesAlone() {
        assertThrows(IllegalStateException.class, () -> MailKeys.key("AAAA"));
        assertThrows(IllegalStateException.class, () -> MailKeys.key("no base64!"));
    }
}
