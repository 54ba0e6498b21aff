package dev.nx.identity.bridge.service;

/**
 * What came of a code that was typed.
 *
 * @param keycloakId whose number or address it is; for a wrong code, whose failures count; may be null then
 * @param phone      in E.164; null unless right and sent there
 * @param email      null unless right and sent there
 * @param retryIn    seconds, where another try has to wait
 */
public record TriedCode(Outcome outcome, String keycloakId, String phone, String email, int retryIn) {

    /** {@code TAKEN}: right, but somebody else holds the number. */
    public enum Outcome { RIGHT, WRONG, LOCKED, TAKEN, AWAY }

    /** What is no code costs nothing. */
    static TriedCode unreadable() {
        return new TriedCode(Outcome.WRONG, null, null, null, 0);
    }

    static TriedCode of(IdentityService.Answer answer) {
        String owner = answer.text("keycloakId");
        return switch (answer.status()) {
            case 200 -> new TriedCode(Outcome.RIGHT, owner, answer.text("phone"), answer.text("email"), 0);
            case 401 -> new TriedCode("otp.invalid".equals(answer.text("code")) ? Outcome.WRONG : Outcome.AWAY, owner, null, null, 0);
            case 409 -> new TriedCode(Outcome.TAKEN, null, null, null, 0);
            case 429 -> new TriedCode(Outcome.LOCKED, null, null, null, answer.retryAfter());
            default -> new TriedCode(Outcome.AWAY, null, null, null, 0);
        };
    }
}
