package dev.nx.identity.bridge.grant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Optional;

class FirstPartyRequestTest {

    @ParameterizedTest(name = "{0} is recorded as {1}")
    @CsvSource({"203.0.113.7,203.0.113.7", "2001:db8::1,2001:db8:0:0:0:0:0:1", "::1,0:0:0:0:0:0:0:1", "::ffff:192.0.2.9,192.0.2.9"})
    @DisplayName("an address has one spelling, Keycloak's own")
    void canonicalAddress(String given, String recorded) {
        assertEquals(Optional.of(recorded), Visitor.of(given, null).address());
    }

    @ParameterizedTest(name = "\"{0}\" is refused")
    @ValueSource(strings = {"", " ", "localhost", "example.com", "dead.beef", "dead.beef:", ".::1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ",
        ":", ":::", "1::2::3", "fe80::1%eth0", "[::1]", "2001:db8::1/64", "12345::1", "0x7f.0.0.1", "2130706433"})
    @DisplayName("what is no IP literal is refused")
    void badAddress(String given) {
        assertThrows(IllegalArgumentException.class, () -> Visitor.of(given, null));
    }

    @Test
    @DisplayName("an agent loses control characters and is capped")
    void agent() {
        String agent = Visitor.of(null, " a\nb\u0000c\u0085d" + "x".repeat(600)).agent().orElseThrow();
        assertEquals("abcd" + "x".repeat(508), agent);
        assertEquals(Optional.empty(), Visitor.of(null, "\r\n").agent());
    }

    @Test
    @DisplayName("a request without a purpose is a sign-in; an unknown purpose is refused")
    void purpose() {
        assertEquals(Purpose.SIGN_IN, FirstPartyRequest.of(form("purpose", null)).purpose());
        assertEquals(Purpose.VERIFY, FirstPartyRequest.of(form("purpose", "verify")).purpose());
        assertThrows(IllegalArgumentException.class, () -> FirstPartyRequest.of(form("purpose", "")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"identifier", "identifier_scheme", "password"})
    @DisplayName("a request lacks nothing")
    void complete(String name) {
        assertThrows(IllegalArgumentException.class, () -> FirstPartyRequest.of(form(name, null)));
        assertThrows(IllegalArgumentException.class, () -> FirstPartyRequest.of(form(name, "")));
    }

    @Test
    @DisplayName("a ticket stands in for the password, and both together are refused")
    void ticket() {
        MultivaluedMap<String, String> form = form("password", null);
        form.putSingle("otp_ticket", "a.b.c");
        assertEquals(Purpose.SIGN_IN, FirstPartyRequest.of(form).purpose());
        form.putSingle("password", "");
        assertThrows(IllegalArgumentException.class, () -> FirstPartyRequest.of(form));
    }

    private static MultivaluedMap<String, String> form(String name, String value) {
        MultivaluedMap<String, String> form = new MultivaluedHashMap<>();
        form.putSingle("identifier", "an@example.test");
        form.putSingle("identifier_scheme", "email");
        form.putSingle("password", "secret");
        form.remove(name);
        if (value != null) {
            form.putSingle(name, value);
        }
        return form;
    }
}
