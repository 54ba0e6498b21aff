package dev.nx.identity.bridge.hash;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BcryptHashesTest {

    /** Known answers of OpenBSD's own implementation, as jBCrypt's and others' tests have them. */
    private static final String ABC = "$2a$10$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi";

    @ParameterizedTest
    @ValueSource(strings = {"$2a$", "$2b$", "$2y$"})
    void takesThePasswordThatTheHashWasMadeOf(String variant) {
        String hash = variant + ABC.substring(4);
        assertTrue(BcryptHashes.matches("abc", hash));
        assertFalse(BcryptHashes.matches("abd", hash));
        assertFalse(BcryptHashes.matches("", hash));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "$2a$10$short", "$2x$10$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi",
            "$2a$03$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi", "$2a$31$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi"})
    void takesNothingForWhatIsNoHashOrWouldTakeTooLong(String hash) {
        assertFalse(BcryptHashes.matches("abc", hash));
    }

    @Test
    void makesNone() {
        BcryptHashes hashes = new BcryptHashes();
        assertThrows(UnsupportedOperationException.class, () -> hashes.encodedCredential("abc", 10));
        assertFalse(hashes.policyCheck(null, null));
    }
}
