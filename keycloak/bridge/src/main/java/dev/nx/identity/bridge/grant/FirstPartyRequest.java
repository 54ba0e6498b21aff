package dev.nx.identity.bridge.grant;

import dev.nx.identity.bridge.flow.FirstPartyParameters;
import jakarta.ws.rs.core.MultivaluedMap;

/**
 * The checked form parameters that the grant itself needs. What the flow's steps read (identifier, password or
 * ticket, totp) is only checked for presence here and stays in the HTTP request.
 */
record FirstPartyRequest(Purpose purpose, Visitor visitor) {

    /**
     * @throws IllegalArgumentException with a description for the client if a parameter is missing or malformed
     */
    static FirstPartyRequest of(MultivaluedMap<String, String> form) {
        requireValue(form, FirstPartyParameters.IDENTIFIER);
        boolean byTicket = form.containsKey(FirstPartyParameters.OTP_TICKET);
        if (byTicket && form.containsKey(FirstPartyParameters.PASSWORD)) {
            throw new IllegalArgumentException("password and otp_ticket exclude each other");
        }
        requireValue(form, byTicket ? FirstPartyParameters.OTP_TICKET : FirstPartyParameters.PASSWORD);
        if (!FirstPartyParameters.SCHEMES.contains(requireValue(form, FirstPartyParameters.IDENTIFIER_SCHEME))) {
            throw new IllegalArgumentException("identifier_scheme must be email, phone or username");
        }
        Purpose purpose = Purpose.of(form.getFirst("purpose"))
                .orElseThrow(() -> new IllegalArgumentException("purpose must be sign-in or verify"));
        return new FirstPartyRequest(purpose, Visitor.of(form.getFirst("visitor_address"), form.getFirst("visitor_agent")));
    }

    private static String requireValue(MultivaluedMap<String, String> form, String name) {
        String value = form.getFirst(name);
        if (value == null || value.isEmpty()) { // spaces may be a password, and an identifier of spaces finds nobody
            throw new IllegalArgumentException("Missing form parameter: " + name);
        }
        return value;
    }
}
