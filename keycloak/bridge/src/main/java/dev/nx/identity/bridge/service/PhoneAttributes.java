package dev.nx.identity.bridge.service;

import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

import java.util.List;

/** A user's phone number, by the names that Keycloak's own scope {@code phone} reads. */
public final class PhoneAttributes {

    public static final String NUMBER = "phoneNumber";
    public static final String VERIFIED = "phoneNumberVerified";

    private PhoneAttributes() {
    }

    public static boolean isVerified(UserModel user) {
        return Boolean.parseBoolean(user.getFirstAttribute(VERIFIED));
    }

    /**
     * Only for a number that the identity service has given this user: Keycloak keeps attributes anything but unique, so
     * whoever had it before (an account that was silent for long) loses it here too.
     */
    public static void setProven(KeycloakSession session, UserModel user, String phone) {
        RealmModel realm = session.getContext().getRealm();
        List<UserModel> holders = session.users().searchForUserByUserAttributeStream(realm, NUMBER, phone).toList();
        for (UserModel holder : holders) {
            if (!holder.getId().equals(user.getId())) {
                holder.removeAttribute(NUMBER);
                holder.removeAttribute(VERIFIED);
            }
        }
        user.setSingleAttribute(NUMBER, phone);
        user.setSingleAttribute(VERIFIED, "true");
    }
}
