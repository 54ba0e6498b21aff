package dev.nx.identity.bridge.flow;

import java.util.Set;

/** Form parameters that the steps of a first-party flow read. {@code password} and {@code totp} are Keycloak's own names. */
public final class FirstPartyParameters {

    public static final String IDENTIFIER = "identifier";
    public static final String IDENTIFIER_SCHEME = "identifier_scheme";
    public static final String PASSWORD = "password";
    public static final String TOTP = "totp";
    /** In place of {@link #PASSWORD}. */
    public static final String OTP_TICKET = "otp_ticket";

    public static final String EMAIL = "email";
    public static final String PHONE = "phone";
    public static final String USERNAME = "username";
    /** Values of {@link #IDENTIFIER_SCHEME}. */
    public static final Set<String> SCHEMES = Set.of(EMAIL, PHONE, USERNAME);

    private FirstPartyParameters() {
    }
}
