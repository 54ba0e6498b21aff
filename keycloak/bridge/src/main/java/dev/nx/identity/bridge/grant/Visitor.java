package dev.nx.identity.bridge.grant;

import java.util.Optional;

/**
 * The person behind the first-party client, as that client saw them: what Keycloak should record instead of the
 * client's own address and agent.
 *
 * @param address canonical IP literal
 * @param agent   value of their User-Agent header, without control characters, at most {@link #AGENT_LENGTH} long
 */
record Visitor(Optional<String> address, Optional<String> agent) {

    /** Keycloak's device parser ignores anything longer. */
    static final int AGENT_LENGTH = 512;

    /**
     * @throws IllegalArgumentException if the address is there but is no IP literal
     */
    static Visitor of(String address, String agent) {
        return new Visitor(Optional.ofNullable(address).map(IpLiteral::canonical), Optional.ofNullable(agent).flatMap(Visitor::clean));
    }

    private static Optional<String> clean(String agent) {
        String printable = agent.replaceAll("\\p{Cntrl}|[\\x{80}-\\x{9f}]", "").strip();
        String capped = printable.substring(0, Math.min(printable.length(), AGENT_LENGTH));
        return capped.isEmpty() ? Optional.empty() : Optional.of(capped);
    }
}
