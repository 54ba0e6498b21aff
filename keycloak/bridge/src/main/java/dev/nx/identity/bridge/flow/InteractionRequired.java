package dev.nx.identity.bridge.flow;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.keycloak.OAuthErrorException;

import java.util.LinkedHashMap;
import java.util.Map;

/** Why a right password was not enough. Answered as OAuth error {@code interaction_required} with a {@code reason}. */
public enum InteractionRequired {

    REQUIRED_ACTION("required_action", "The account has something to complete on the sign-in page"),
    CREDENTIAL_NOT_SUPPORTED("credential_not_supported", "The account is protected by a credential that only the sign-in page can check"),
    TOTP_REQUIRED("totp_required", "The account needs a one-time code in the parameter totp");

    private final String reason;
    private final String description;

    InteractionRequired(String reason, String description) {
        this.reason = reason;
        this.description = description;
    }

    public String reason() {
        return reason;
    }

    public Response response() {
        Map<String, String> body = new LinkedHashMap<>();
        body.put("error", OAuthErrorException.INTERACTION_REQUIRED);
        body.put("error_description", description);
        body.put("reason", reason);
        return Response.status(Response.Status.BAD_REQUEST).entity(body).type(MediaType.APPLICATION_JSON_TYPE).build();
    }
}
