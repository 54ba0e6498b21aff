package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.service.CodePurpose;
import jakarta.ws.rs.core.Response;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.models.utils.FormMessage;

/** The two pages of the theme: which number, and which code. Every text is a message of the theme. */
final class CodePages {

    static final String NUMBER_FIELD = "phone";
    static final String CODE_FIELD = "code";
    /** Buttons of the second page. */
    static final String RESEND = "resend";
    static final String CHANGE_NUMBER = "change-number";

    private static final int MINUTE = 60;

    private CodePages() {
    }

    static Response number(LoginFormsProvider form, CodePurpose purpose, FormMessage error) {
        return page(form, purpose, error).createForm("nx-phone.ftl");
    }

    static Response code(LoginFormsProvider form, CodePurpose purpose, PendingCode pending, FormMessage error) {
        return page(form, purpose, error)
                .setAttribute("nxMaskedPhone", pending.maskedPhone())
                .setAttribute("nxResendIn", pending.resendIn())
                .createForm("nx-phone-code.ftl");
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
        return new FormMessage(NUMBER_FIELD, "nxPhoneTaken");
    }

    static FormMessage noNumber() {
        return new FormMessage(NUMBER_FIELD, "nxPhoneUnreadable");
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
