package dev.nx.identity.bridge.grant;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Reads IP addresses without ever asking a name server. */
final class IpLiteral {

    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");
    /** Only the alphabet: with a colon inside and such a first character, InetAddress parses or throws, but looks nothing up. */
    private static final Pattern V6_ALPHABET = Pattern.compile("[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");

    private IpLiteral() {
    }

    /**
     * One spelling per address, the one Keycloak uses for its own connections: IPv6 in eight groups without "::",
     * an IPv4-mapped address as IPv4.
     *
     * @throws IllegalArgumentException if the text is no IPv4 or IPv6 literal (zone ids are refused too)
     */
    static String canonical(String text) {
        boolean v6 = text.indexOf(':') >= 0 && V6_ALPHABET.matcher(text).matches();
        if (v6 || V4.matcher(text).matches()) {
            try {
                return InetAddress.getByName(text).getHostAddress();
            } catch (UnknownHostException e) {
                throw notAnAddress();
            }
        }
        throw notAnAddress();
    }

    private static IllegalArgumentException notAnAddress() {
        return new IllegalArgumentException("visitor_address must be an IP address");
    }
}
