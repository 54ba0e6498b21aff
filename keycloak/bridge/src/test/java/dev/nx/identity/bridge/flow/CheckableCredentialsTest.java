package dev.nx.identity.bridge.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keycloak.credential.CredentialModel;
import org.keycloak.models.SubjectCredentialManager;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.stream.Stream;

/** Keycloak's API stores known credential types only, so unknown and federated ones can be shown here alone. */
class CheckableCredentialsTest {

    @ParameterizedTest(name = "stored {0}, federated {1}: {2}")
    @DisplayName("only password, its history, otp and codes beside otp may pass")
    @CsvSource(value = {
        "password,,true", "password password-history,,true", "password otp,,true", "password otp recovery-authn-codes,,true", ",password,true", "otp,password,true",
        "password recovery-authn-codes,,false", "password webauthn,,false", "password webauthn-passwordless,,false", "password otp webauthn-passwordless,,false",
        "password brand-new,,false", "password,otp,false", "password,brand-new,false", "password otp,webauthn,false"
    }, nullValues = "-")
    void allowList(String stored, String federated, boolean checkable) {
        assertEquals(checkable, CheckableCredentials.areAllOf(credentials(stored, federated)));
    }

    private static SubjectCredentialManager credentials(String stored, String federated) {
        return (SubjectCredentialManager) Proxy.newProxyInstance(SubjectCredentialManager.class.getClassLoader(), new Class<?>[] {SubjectCredentialManager.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getStoredCredentialsStream" -> models(stored);
                    case "getFederatedCredentialsStream" -> models(federated);
                    case "isConfiguredFor" -> Stream.concat(models(stored), models(federated)).anyMatch(model -> model.getType().equals(arguments[0]));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static Stream<CredentialModel> models(String types) {
        return types == null ? Stream.empty() : Arrays.stream(types.split(" ")).map(type -> {
            CredentialModel model = new CredentialModel();
            model.setType(type);
            return model;
        });
    }
}
