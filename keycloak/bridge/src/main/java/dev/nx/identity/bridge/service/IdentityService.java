package dev.nx.identity.bridge.service;

import com.fasterxml.jackson.databind.JsonNode;
import org.jboss.logging.Logger;
import org.keycloak.Config;
import org.keycloak.util.JsonSerialization;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The identity service's internal calls, by the bridge's own credential. Somebody waits, or a transaction does: two seconds
 * at the longest. Server options {@code spi-nx--adapter--url}, {@code --secret-file} and {@code --name}.
 */
public final class IdentityService {

    private static final Logger LOG = Logger.getLogger(IdentityService.class);
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(1))
            .build();

    private IdentityService() {
    }

    /**
     * @return what the service said; {@link Answer#AWAY} when it said nothing in time, or nothing that can be read
     */
    public static Answer post(String call, Map<String, Object> body) {
        CompletableFuture<HttpResponse<String>> exchange = null;
        try {
            exchange = HTTP.sendAsync(request(call, body), HttpResponse.BodyHandlers.ofString());
            // The request's own timeout ends with the headers: a body that never comes would be waited for.
            HttpResponse<String> response = exchange.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            return read(call, response);
        } catch (TimeoutException | ExecutionException | IOException | RuntimeException e) {
            LOG.warnf("The identity service did not answer %s: %s", call, e);
            return Answer.AWAY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.AWAY;
        } finally {
            if (exchange != null) {
                exchange.cancel(true); // frees the connection of one that came too late
            }
        }
    }

    private static HttpRequest request(String call, Map<String, Object> body) throws IOException {
        Config.Scope options = Config.scope("nx", "adapter");
        String secret = Files.readString(Path.of(options.get("secret-file", ""))).strip(); // each time: it may be rotated
        String credential = options.get("name", "keycloak-bridge") + ":" + secret;
        return HttpRequest.newBuilder(URI.create(options.get("url", "") + "/internal/identity" + call))
                .header("Content-Type", "application/json")
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credential.getBytes(StandardCharsets.UTF_8)))
                .POST(HttpRequest.BodyPublishers.ofString(JsonSerialization.writeValueAsString(body)))
                .build();
    }

    private static Answer read(String call, HttpResponse<String> response) throws IOException {
        int status = response.statusCode();
        JsonNode body = JsonSerialization.readValue(response.body(), JsonNode.class);
        String code = body.path("code").asText();
        boolean fault = status >= 500 || status == 403 || status == 404 || "service.refused".equals(code);
        LOG.logf(fault ? Logger.Level.WARN : Logger.Level.DEBUG, "The identity service answered %s with %d %s", call, status, code);
        int retryAfter = response.headers().firstValue("Retry-After").map(IdentityService::seconds).orElse(60);
        return new Answer(status, body, retryAfter);
    }

    private static int seconds(String retryAfter) {
        return retryAfter.matches("[0-9]{1,6}") ? Integer.parseInt(retryAfter) : 60;
    }

    /**
     * @param status     of HTTP; 0 when the service is away
     * @param retryAfter seconds
     */
    public record Answer(int status, JsonNode body, int retryAfter) {

        static final Answer AWAY = new Answer(0, JsonSerialization.createObjectNode(), 0);

        public boolean isDone() {
            return status / 100 == 2;
        }

        /** This very request will never be taken; another one may. */
        public boolean isAboutTheRequest() {
            return status == 400 || status == 413 || status == 422;
        }

        /** Every request would be answered so, now: it is away, busy, or does not know us. */
        public boolean isAboutTheService() {
            return !isDone() && !isAboutTheRequest() && status != 500;
        }

        String text(String member) {
            return body.path(member).asText(null);
        }
    }
}
