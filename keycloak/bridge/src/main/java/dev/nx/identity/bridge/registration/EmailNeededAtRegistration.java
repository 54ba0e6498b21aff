package dev.nx.identity.bridge.registration;

import org.keycloak.services.messages.Messages;
import org.keycloak.services.validation.Validation;
import org.keycloak.userprofile.UserProfileAttributeValidationContext;
import org.keycloak.userprofile.UserProfileContext;
import org.keycloak.validate.SimpleValidator;
import org.keycloak.validate.ValidationContext;
import org.keycloak.validate.ValidationError;
import org.keycloak.validate.ValidatorConfig;

import java.util.List;

/**
 * A check of the user profile: who registers on Keycloak's page names an e-mail address. Without one there would be
 * nothing to prove, and Keycloak would let them in at once. The profile's own "required" would also hold for people who
 * have a phone number only, at every sign-in.
 */
public class EmailNeededAtRegistration implements SimpleValidator {

    public static final String ID = "nx-email-needed-at-registration";

    @Override
    public String getId() {
        return ID;
    }

    @Override
    public ValidationContext validate(Object input, String inputHint, ValidationContext context, ValidatorConfig config) {
        UserProfileContext occasion = UserProfileAttributeValidationContext.from(context).getAttributeContext().getContext();
        if (occasion == UserProfileContext.REGISTRATION && isBlank(input)) {
            context.addError(new ValidationError(ID, inputHint, Messages.MISSING_EMAIL));
        }
        return context;
    }

    /** Keycloak hands over the list of the attribute's values. */
    private static boolean isBlank(Object input) {
        return !(input instanceof List<?> values) || values.isEmpty() || Validation.isBlank(String.valueOf(values.get(0)));
    }
}
