package dev.nx.identity.bridge.service;

/** What a code is good for, by the service's names. */
public enum CodePurpose {

    SIGN_IN("sign-in"),
    VERIFY_PHONE("verify-phone"),
    FORGOT_PASSWORD("forgot-password");

    private final String value;

    CodePurpose(String value) {
        this.value = value;
    }

    public String value() {
        return value;
    }
}
