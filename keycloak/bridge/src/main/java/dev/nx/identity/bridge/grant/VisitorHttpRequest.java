package dev.nx.identity.bridge.grant;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import org.keycloak.http.FormPartValue;
import org.keycloak.http.HttpRequest;

import java.security.cert.X509Certificate;

/** The client's request with the visitor's User-Agent: Keycloak's device activity parses that header of the current request. */
record VisitorHttpRequest(HttpRequest client, HttpHeaders headers) implements HttpRequest {

    static HttpRequest of(HttpRequest client, String agent) {
        return new VisitorHttpRequest(client, new VisitorHttpHeaders(client.getHttpHeaders(), agent));
    }

    @Override
    public HttpHeaders getHttpHeaders() {
        return headers;
    }

    @Override
    public String getHttpMethod() {
        return client.getHttpMethod();
    }

    @Override
    public MultivaluedMap<String, String> getDecodedFormParameters() {
        return client.getDecodedFormParameters();
    }

    @Override
    public MultivaluedMap<String, FormPartValue> getMultiPartFormParameters() {
        return client.getMultiPartFormParameters();
    }

    @Override
    public X509Certificate[] getClientCertificateChain() {
        return client.getClientCertificateChain();
    }

    @Override
    public UriInfo getUri() {
        return client.getUri();
    }

    @Override
    public boolean isProxyTrusted() {
        return client.isProxyTrusted();
    }
}
