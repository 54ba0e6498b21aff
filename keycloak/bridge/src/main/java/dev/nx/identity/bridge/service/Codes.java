package dev.nx.identity.bridge.service;

import jakarta.ws.rs.core.HttpHeaders;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One-time codes for whoever sits before a page: the identity service sends, counts and checks them. */
public record Codes(KeycloakSession session, CodePurpose purpose, UserModel asker) {

    private static final int LONGEST_AGENT = 512;
    private static final int LONGEST_ADDRESS = 320;

    /** Codes that anybody may ask for: to sign in, or because of a forgotten password. */
    public static Codes forAnybody(KeycloakSession session, CodePurpose purpose) {
        return new Codes(session, purpose, null);
    }

    /** Codes for a number that is to become this user's. */
    public static Codes forPhoneOf(KeycloakSession session, UserModel user) {
        return new Codes(session, CodePurpose.VERIFY_PHONE, user);
    }

    /** @param address a phone number, or for a forgotten password an e-mail address as well; as typed */
    public StartedCode start(String address) {
        if (address == null || address.isBlank() || address.length() > LONGEST_ADDRESS) {
            return StartedCode.unreadable();
        }
        return start(purpose == CodePurpose.FORGOT_PASSWORD ? "identifier" : "phone", address.strip());
    }

    /** Another code to the address of an earlier one. */
    public StartedCode startAgain(String challengeId) {
        return start("again", challengeId);
    }

    private StartedCode start(String member, String value) {
        Map<String, Object> body = body();
        body.put(member, value);
        body.put("language", "en".equals(session.getContext().resolveLocale(asker).getLanguage()) ? "en" : "vi");
        if (asker != null) {
            body.put("keycloakId", asker.getId());
        }
        return StartedCode.of(IdentityService.post("/otp/start", body));
    }

    public TriedCode verify(String challengeId, String typed) {
        String code = typed == null ? "" : typed.replaceAll("\\s", "");
        if (!code.matches("[0-9]{6}")) {
            return TriedCode.unreadable();
        }
        Map<String, Object> body = body();
        body.put("challengeId", challengeId);
        body.put("code", code);
        if (asker != null) {
            body.put("profile", profile(asker));
        }
        return TriedCode.of(IdentityService.post("/otp/verify", body));
    }

    private Map<String, Object> body() {
        Map<String, Object> body = new HashMap<>();
        body.put("purpose", purpose.value());
        body.put("visitor", Map.of("address", address(), "agent", agent()));
        return body;
    }

    private String address() {
        return session.getContext().getConnection().getRemoteAddr().replaceFirst("%.*", "");
    }

    private String agent() {
        String agent = session.getContext().getHttpRequest().getHttpHeaders().getHeaderString(HttpHeaders.USER_AGENT);
        return agent == null ? "" : agent.substring(0, Math.min(agent.length(), LONGEST_AGENT));
    }

    /** As tokens describe the user, so that the service knows them alike by either way. */
    private static Map<String, Object> profile(UserModel user) {
        String name = Stream.of(user.getFirstName(), user.getLastName())
                .filter(part -> part != null && !part.isEmpty()).collect(Collectors.joining(" "));
        String phone = user.getFirstAttribute(PhoneAttributes.NUMBER);
        Map<String, Object> profile = new HashMap<>();
        profile.put("username", user.getUsername());
        profile.put("displayName", name.isEmpty() ? user.getUsername() : name);
        profile.put("email", user.getEmail());
        profile.put("emailVerified", user.getEmail() != null && user.isEmailVerified());
        profile.put("phone", phone);
        profile.put("phoneVerified", Objects.nonNull(phone) && PhoneAttributes.isVerified(user));
        return profile;
    }
}
