package sister;

import java.util.Set;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** Access tokens of nx-identity, by its key set alone; the rest of the resource server is Spring's own. */
@Configuration
class IdentityTokens {
    private static final Set<String> KINDS = Set.of("platform", "workspace", "system");

    @Bean
    JwtDecoder jwtDecoder(@Value("${identity.jwks}") String jwks, @Value("${identity.issuer}") String issuer,
            @Value("${identity.audience}") String audience) {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSetUri(jwks)
                .jwsAlgorithm(SignatureAlgorithm.ES256)
                .validateType(false) // Nimbus by itself takes the typ JWT alone; the next line asks for at+jwt
                .build();
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                JwtValidators.createAtJwtValidator().issuer(issuer).audience(audience).build(),
                // Account and refresh tokens are for the issuer alone.
                new JwtClaimValidator<String>("token_type", kind -> kind != null && KINDS.contains(kind))));
        return decoder;
    }
}
