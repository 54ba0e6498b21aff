package dev.nx.identity.bridge.hash;

import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.keycloak.credential.hash.PasswordHashProvider;
import org.keycloak.models.PasswordPolicy;
import org.keycloak.models.credential.PasswordCredentialModel;

/**
 * Takes passwords of people who moved here with a bcrypt hash (S13), and makes no such hash: as none is what the realm asks for, Keycloak
 * replaces it by one of its own at the first right password.
 */
class BcryptHashes implements PasswordHashProvider {

    /** One try takes some four seconds at this cost; an import refuses more, and so does this. */
    private static final int HIGHEST_COST = 16;

    @Override
    public boolean policyCheck(PasswordPolicy policy, PasswordCredentialModel credential) {
        return false;
    }

    @Override
    public PasswordCredentialModel encodedCredential(String rawPassword, int iterations) {
        throw new UnsupportedOperationException("bcrypt is only read here");
    }

    @Override
    public boolean verify(String rawPassword, PasswordCredentialModel credential) {
        return matches(rawPassword, credential.getPasswordSecretData().getValue());
    }

    /** What is no hash at all fits nobody's password. */
    static boolean matches(String password, String hash) {
        if (hash == null || !hash.matches("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}")) return false;
        if (Integer.parseInt(hash.substring(4, 6)) > HIGHEST_COST) return false;
        try {
            return OpenBSDBCrypt.checkPassword(hash, password.toCharArray());
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    @Override
    public void close() {
    }
}
