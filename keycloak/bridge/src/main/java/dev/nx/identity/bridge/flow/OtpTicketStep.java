package dev.nx.identity.bridge.flow;

import dev.nx.identity.bridge.ticket.OtpTicket;
import org.keycloak.OAuthErrorException;
import org.keycloak.authentication.AuthenticationFlowContext;
import org.keycloak.common.VerificationException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.models.AuthenticationExecutionModel;
import org.keycloak.models.credential.OTPCredentialModel;

/**
 * First factor beside the password: takes a one-time code that the identity service has checked. Skipped when the
 * request carries no ticket, so that the next alternative asks for the password.
 */
public class OtpTicketStep extends FirstPartyStep {

    public static final String PROVIDER_ID = "nx-otp-ticket";

    @Override
    public void authenticate(AuthenticationFlowContext context) {
        String wire = parameter(context, FirstPartyParameters.OTP_TICKET);
        if (wire == null) {
            context.attempted();
            return;
        }
        try {
            OtpTicket ticket = OtpTicket.verify(context.getSession(), wire, context.getAuthenticationSession().getClient());
            ticket.requireFor(context.getUser());
            ticket.consume(context.getSession());
        } catch (VerificationException e) {
            refuse(context, e.getMessage());
            return;
        }
        // A type that the brute force protector knows: else a success would not clear the user's count.
        context.success(OTPCredentialModel.TYPE);
    }

    /** Not counted against the user: it was not they who made the ticket. */
    private void refuse(AuthenticationFlowContext context, String reason) {
        context.getEvent().detail(Details.REASON, reason);
        context.getEvent().error(Errors.INVALID_TOKEN);
        refuseUncounted(context, oauthError(OAuthErrorException.INVALID_GRANT, "Invalid OTP ticket"));
    }

    @Override
    public AuthenticationExecutionModel.Requirement[] getRequirementChoices() {
        return new AuthenticationExecutionModel.Requirement[] {
            AuthenticationExecutionModel.Requirement.ALTERNATIVE, AuthenticationExecutionModel.Requirement.DISABLED
        };
    }

    @Override
    public boolean requiresUser() {
        return true;
    }

    @Override
    public String getId() {
        return PROVIDER_ID;
    }

    @Override
    public String getDisplayType() {
        return "OTP ticket (first party)";
    }

    @Override
    public String getHelpText() {
        return "Takes the identity service's signed proof that the user entered the right one-time code";
    }
}
