package dev.nx.identity.bridge.flow;

import org.keycloak.credential.CredentialModel;
import org.keycloak.models.SubjectCredentialManager;
import org.keycloak.models.credential.OTPCredentialModel;
import org.keycloak.models.credential.PasswordCredentialModel;
import org.keycloak.models.credential.RecoveryAuthnCodesCredentialModel;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which of a user's credentials a first-party flow can check. An allow-list: a user with a passkey, a security key or
 * any type still to come chose to be protected by it, so a password must not be enough without it.
 */
final class CheckableCredentials {

    private static final Set<String> STORED = Set.of(PasswordCredentialModel.TYPE, PasswordCredentialModel.PASSWORD_HISTORY, OTPCredentialModel.TYPE);

    private CheckableCredentials() {
    }

    static boolean areAllOf(SubjectCredentialManager credentials) {
        Set<String> stored = credentials.getStoredCredentialsStream().map(CredentialModel::getType).collect(Collectors.toSet());
        boolean otpStored = stored.contains(OTPCredentialModel.TYPE);
        return stored.stream().allMatch(type -> STORED.contains(type) || isSpareFor(otpStored, type))
                && credentials.getFederatedCredentialsStream().map(CredentialModel::getType).allMatch(PasswordCredentialModel.TYPE::equals)
                && (otpStored || !credentials.isConfiguredFor(OTPCredentialModel.TYPE)); // Keycloak's OTP step sees stored ones only
    }

    /** Recovery codes stand in for a lost OTP device; alone they would be the second factor, which the API can't ask for. */
    private static boolean isSpareFor(boolean otpStored, String type) {
        return otpStored && RecoveryAuthnCodesCredentialModel.TYPE.equals(type);
    }
}
