package dev.nx.identity.bridge.service;

import org.keycloak.models.UserModel;

/** A user's phone number, by the names that Keycloak's own scope {@code phone} reads. */
public final class PhoneAttributes {

    public static final String NUMBER = "phoneNumber";
    public static final String VERIFIED = "phoneNumberVerified";

    private PhoneAttributes() {
    }

    public static boolean isVerified(UserModel user) {
        return Boolean.parseBoolean(user.getFirstAttribute(VERIFIED));
    }

    /** Only for a number that the identity service has given this user: Keycloak keeps attributes anything but unique. */
    public static void setProven(UserModel user, String phone) {
        user.setSingleAttribute(NUMBER, phone);
        user.setSingleAttribute(VERIFIED, "true");
    }
}
