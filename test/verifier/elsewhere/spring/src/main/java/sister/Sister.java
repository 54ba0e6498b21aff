package sister;

import java.util.Map;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.context.ServletWebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A resource server: every request needs a token. Prints its port. */
@SpringBootApplication
@RestController
public class Sister {
    public static void main(String[] args) {
        SpringApplication.run(Sister.class, args);
    }

    @GetMapping("/me")
    Map<String, Object> me(@AuthenticationPrincipal Jwt token) {
        return token.getClaims();
    }

    @EventListener
    void listening(ServletWebServerInitializedEvent event) {
        System.out.println("port " + event.getWebServer().getPort());
    }
}
