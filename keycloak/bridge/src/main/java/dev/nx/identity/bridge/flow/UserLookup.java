package dev.nx.identity.bridge.flow;

import dev.nx.identity.bridge.service.PhoneAttributes;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

import java.util.List;
import java.util.Optional;

/** Finds the one person behind an identifier. */
public final class UserLookup {

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
            case FirstPartyParameters.PHONE -> byVerifiedPhone(session, identifier);
            default -> Optional.empty();
        };
    }

    /** Whoever has proven this number, or else this address; exactly one of the two is there. */
    public static Optional<UserModel> byProof(KeycloakSession session, String phone, String email) {
        return phone != null ? byVerifiedPhone(session, phone) : byVerifiedEmail(session, email);
    }

    private static Optional<UserModel> byVerifiedEmail(KeycloakSession session, String email) {
        try {
            return Optional.ofNullable(session.users().getUserByEmail(session.getContext().getRealm(), email))
                    .filter(UserModel::isEmailVerified)
                    .filter(user -> user.getServiceAccountClientLink() == null);
        } catch (ModelDuplicateException e) {
            return Optional.empty();
        }
    }

    /** Keycloak does not keep attributes unique, so two people may hold one number: then neither may sign in with it. */
    public static Optional<UserModel> byVerifiedPhone(KeycloakSession session, String phone) {
        RealmModel realm = session.getContext().getRealm();
        List<UserModel> holders = session.users().searchForUserByUserAttributeStream(realm, PhoneAttributes.NUMBER, phone)
                .filter(PhoneAttributes::isVerified)
                .limit(2)
                .toList();
        return holders.size() == 1 ? Optional.of(holders.get(0)) : Optional.empty();
    }
}
