package dev.nx.identity.bridge.service;

/**
 * What came of asking for a code.
 *
 * @param challengeId   opaque; null unless sent
 * @param maskedAddress enough for its owner to know the number or address by
 * @param retryIn       seconds until another may be asked for
 */
public record StartedCode(Outcome outcome, String challengeId, String maskedAddress, int retryIn) {

    /** {@code SENT} says nothing of whether anybody has the address. */
    public enum Outcome { SENT, NO_ADDRESS, TOO_SOON, AWAY }

    static StartedCode of(IdentityService.Answer answer) {
        return switch (answer.status()) {
            case 202 -> new StartedCode(Outcome.SENT, answer.text("challengeId"), answer.text("maskedAddress"),
                    answer.body().path("resendIn").asInt());
            case 422 -> failed(isAboutTheAddress(answer) ? Outcome.NO_ADDRESS : Outcome.AWAY, 0);
            case 429 -> failed(Outcome.TOO_SOON, answer.retryAfter());
            default -> failed(Outcome.AWAY, 0);
        };
    }

    /** What is no address is not asked about. */
    static StartedCode unreadable() {
        return failed(Outcome.NO_ADDRESS, 0);
    }

    private static StartedCode failed(Outcome outcome, int retryIn) {
        return new StartedCode(outcome, null, null, retryIn);
    }

    private static boolean isAboutTheAddress(IdentityService.Answer answer) {
        String path = answer.body().path("errors").path(0).path("path").asText();
        return path.equals("phone") || path.equals("identifier") || path.equals("identifier.value");
    }
}
