package dev.nx.identity.bridge.service;

/**
 * What came of asking for a code.
 *
 * @param challengeId opaque; null unless sent
 * @param maskedPhone enough for its owner to know the number by
 * @param retryIn     seconds until another may be asked for
 */
public record StartedCode(Outcome outcome, String challengeId, String maskedPhone, int retryIn) {

    /** {@code SENT} says nothing of whether anybody has the number. */
    public enum Outcome { SENT, NO_NUMBER, TOO_SOON, AWAY }

    static StartedCode of(IdentityService.Answer answer) {
        return switch (answer.status()) {
            case 202 -> new StartedCode(Outcome.SENT, answer.text("challengeId"), answer.text("maskedPhone"),
                    answer.body().path("resendIn").asInt());
            case 422 -> failed(isAboutTheNumber(answer) ? Outcome.NO_NUMBER : Outcome.AWAY, 0);
            case 429 -> failed(Outcome.TOO_SOON, answer.retryAfter());
            default -> failed(Outcome.AWAY, 0);
        };
    }

    /** What is no number is not asked about. */
    static StartedCode unreadable() {
        return failed(Outcome.NO_NUMBER, 0);
    }

    private static StartedCode failed(Outcome outcome, int retryIn) {
        return new StartedCode(outcome, null, null, retryIn);
    }

    private static boolean isAboutTheNumber(IdentityService.Answer answer) {
        String path = answer.body().path("errors").path(0).path("path").asText();
        return path.equals("phone") || path.equals("identifier.value");
    }
}
