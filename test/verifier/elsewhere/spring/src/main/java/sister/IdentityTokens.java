package sister;

import java.net.MalformedURLException;
import java.net.URI;
import java.util.Objects;
import java.util.Set;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
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
            @Value("${identity.audience}") String audience) throws MalformedURLException {
        // Kept for five minutes, asked for an unknown kid at most twice in 30 s; Spring's own source has neither
        // that limit nor a tolerance of outages.
        JWKSource<SecurityContext> keys =
                JWKSourceBuilder.create(URI.create(jwks).toURL()).outageTolerantForever().build();
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt")));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.ES256, keys));
        processor.setJWTClaimsSetVerifier((claims, context) -> { }); // by the validators below
        NimbusJwtDecoder decoder = new NimbusJwtDecoder(processor);
        decoder.setJwtValidator(JwtValidators.createAtJwtValidator().issuer(issuer).audience(audience)
                .validators(claims -> {
                    claims.put("client_id", new JwtClaimValidator<String>("client_id", Objects::nonNull));
                    // Account and refresh tokens are for the issuer alone.
                    claims.put("token_type",
                            new JwtClaimValidator<String>("token_type", kind -> kind != null && KINDS.contains(kind)));
                })
                .build());
        return decoder;
    }
}
