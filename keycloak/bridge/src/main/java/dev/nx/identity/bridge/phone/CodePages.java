package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.service.CodePurpose;
import jakarta.ws.rs.core.Response;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.models.utils.FormMessage;

/** The pages of the theme: which number or address, and which code. Every text is a message of the theme. */
final class CodePages {

    static final String CODE_FIELD = "code";
    /** Buttons of the second page. */
    static final String RESEND = "resend";
    static final String CHANGE_ADDRESS = "change-address";

    private static final int MINUTE = 60;

    private CodePages() {
    }

    /** The field of the first page. */
    static String addressField(CodePurpose purpose) {
        return purpose == CodePurpose.FORGOT_PASSWORD ? "identifier" : "phone";
    }

    static Response address(LoginFormsProvider form, CodePurpose purpose, FormMessage error) {
        String page = purpose == CodePurpose.FORGOT_PASSWORD ? "nx-forgot-password.ftl" : "nx-phone.ftl";
        return page(form, purpose, error).createForm(page);
    }

    static Response code(LoginFormsProvider form, CodePurpose purpose, PendingCode pending, FormMessage error) {
        return page(form, purpose, error)
                .setAttribute("nxMaskedAddress", pending.maskedAddress())
                .setAttribute("nxResendIn", pending.resendIn())
                .createForm("nx-code.ftl");
    }

    private static LoginFormsProvider page(LoginFormsProvider form, CodePurpose purpose, FormMessage error) {
        if (error != null) {
            form.addError(error);
        }
        return form.setAttribute("nxPurpose", purpose.value());
    }

    static FormMessage wrongCode() {
        return new FormMessage(CODE_FIELD, "nxCodeWrong");
    }

    static FormMessage takenNumber() {
        return new FormMessage(addressField(CodePurpose.VERIFY_PHONE), "nxPhoneTaken");
    }

    static FormMessage noAddress(CodePurpose purpose) {
        String key = purpose == CodePurpose.FORGOT_PASSWORD ? "nxIdentifierUnreadable" : "nxPhoneUnreadable";
        return new FormMessage(addressField(purpose), key);
    }

    static FormMessage away(String field) {
        return new FormMessage(field, "nxCodesAway");
    }

    static FormMessage wait(String field, int seconds) {
        return seconds > 2 * MINUTE
                ? new FormMessage(field, "nxWaitMinutes", String.valueOf((seconds + MINUTE - 1) / MINUTE))
                : new FormMessage(field, "nxWaitSeconds", String.valueOf(seconds));
    }
}
