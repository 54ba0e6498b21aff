package dev.nx.identity.bridge.flow;

import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

import java.util.List;
import java.util.Optional;

/** Finds the one person behind an identifier. */
final class UserLookup {

    private static final String PHONE_NUMBER = "phoneNumber";
    private static final String PHONE_NUMBER_VERIFIED = "phoneNumberVerified";

    private UserLookup() {
    }

    /** Empty for nobody, for more than one match, and for the service account of a client. */
    static Optional<UserModel> find(KeycloakSession session, String scheme, String identifier) {
        RealmModel realm = session.getContext().getRealm();
        try {
            return byScheme(session, realm, scheme, identifier).filter(user -> user.getServiceAccountClientLink() == null);
        } catch (ModelDuplicateException e) {
            return Optional.empty();
        }
    }

    private static Optional<UserModel> byScheme(KeycloakSession session, RealmModel realm, String scheme, String identifier) {
        return switch (scheme) {
            case FirstPartyParameters.EMAIL -> Optional.ofNullable(session.users().getUserByEmail(realm, identifier));
            case FirstPartyParameters.USERNAME -> Optional.ofNullable(session.users().getUserByUsername(realm, identifier));
            case FirstPartyParameters.PHONE -> byVerifiedPhone(session, realm, identifier);
            default -> Optional.empty();
        };
    }

    /** Keycloak does not keep attributes unique, so two people may hold one number: then neither may sign in with it. */
    private static Optional<UserModel> byVerifiedPhone(KeycloakSession session, RealmModel realm, String phone) {
        List<UserModel> holders = session.users().searchForUserByUserAttributeStream(realm, PHONE_NUMBER, phone)
                .filter(user -> Boolean.parseBoolean(user.getFirstAttribute(PHONE_NUMBER_VERIFIED)))
                .limit(2)
                .toList();
        return holders.size() == 1 ? Optional.of(holders.get(0)) : Optional.empty();
    }
}
