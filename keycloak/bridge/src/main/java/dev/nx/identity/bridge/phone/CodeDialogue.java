package dev.nx.identity.bridge.phone;

import dev.nx.identity.bridge.service.Codes;
import dev.nx.identity.bridge.service.CodePurpose;
import dev.nx.identity.bridge.service.StartedCode;
import dev.nx.identity.bridge.service.TriedCode;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.models.utils.FormMessage;
import org.keycloak.sessions.AuthenticationSessionModel;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Number or address, then code, on two pages: what signing in, proving a number and a forgotten password have in common.
 * Known and unknown ones are led alike; the service alone decides what is sent and when.
 */
final class CodeDialogue {

    private final Codes codes;
    private final AuthenticationSessionModel authSession;
    private final Supplier<LoginFormsProvider> form;

    CodeDialogue(Codes codes, AuthenticationSessionModel authSession, Supplier<LoginFormsProvider> form) {
        this.codes = codes;
        this.authSession = authSession;
        this.form = form;
    }

    /** Where the dialogue stands: also after a detour to another way to sign in, or a reload. */
    Response page() {
        return page(null);
    }

    /** @return the next page, or a code that was tried, for the caller to judge */
    Step answer(MultivaluedMap<String, String> posted) {
        Optional<PendingCode> pending = pending();
        if (posted.containsKey(CodePages.CHANGE_ADDRESS)) {
            forget();
            return Step.show(page(null));
        }
        if (pending.isEmpty()) {
            return Step.show(started(codes.start(posted.getFirst(CodePages.addressField(codes.purpose())))));
        }
        if (posted.containsKey(CodePages.RESEND)) {
            return Step.show(started(codes.startAgain(pending.get().challengeId())));
        }
        return tried(codes.verify(pending.get().challengeId(), posted.getFirst(CodePages.CODE_FIELD)));
    }

    /** The one page for a wrong code, and for whatever must look like it. */
    Response wrongCodePage() {
        return page(CodePages.wrongCode());
    }

    void forget() {
        PendingCode.forget(authSession, codes.purpose());
    }

    private Response started(StartedCode started) {
        String field = pending().isPresent() ? CodePages.CODE_FIELD : CodePages.addressField(codes.purpose());
        return switch (started.outcome()) {
            case SENT -> {
                PendingCode.store(authSession, codes.purpose(), started);
                yield page(null);
            }
            case NO_ADDRESS -> page(CodePages.noAddress(codes.purpose()));
            case TOO_SOON -> page(CodePages.wait(field, started.retryIn()));
            case AWAY -> page(CodePages.away(field));
        };
    }

    private Step tried(TriedCode tried) {
        return switch (tried.outcome()) {
            case RIGHT, WRONG -> new Step(null, tried);
            case LOCKED -> Step.show(page(CodePages.wait(CodePages.CODE_FIELD, tried.retryIn())));
            case AWAY -> Step.show(page(CodePages.away(CodePages.CODE_FIELD)));
            case TAKEN -> {
                forget();
                yield Step.show(page(CodePages.takenNumber()));
            }
        };
    }

    private Response page(FormMessage error) {
        CodePurpose purpose = codes.purpose();
        return pending().map(code -> CodePages.code(form.get(), purpose, code, error))
                .orElseGet(() -> CodePages.address(form.get(), purpose, error));
    }

    private Optional<PendingCode> pending() {
        return PendingCode.load(authSession, codes.purpose());
    }

    /** Exactly one of the two is there; a code that was tried is right or wrong. */
    record Step(Response page, TriedCode tried) {

        static Step show(Response page) {
            return new Step(page, null);
        }
    }
}
