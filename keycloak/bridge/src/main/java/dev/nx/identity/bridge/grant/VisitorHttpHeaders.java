package dev.nx.identity.bridge.grant;

import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;

import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The client's headers with another User-Agent. */
record VisitorHttpHeaders(HttpHeaders client, String agent) implements HttpHeaders {

    @Override
    public List<String> getRequestHeader(String name) {
        return USER_AGENT.equalsIgnoreCase(name) ? List.of(agent) : client.getRequestHeader(name);
    }

    @Override
    public String getHeaderString(String name) {
        return USER_AGENT.equalsIgnoreCase(name) ? agent : client.getHeaderString(name);
    }

    @Override
    public MultivaluedMap<String, String> getRequestHeaders() {
        MultivaluedMap<String, String> copy = new MultivaluedHashMap<>();
        client.getRequestHeaders().forEach((name, values) -> copy.put(name, getRequestHeader(name)));
        return copy;
    }

    @Override
    public List<MediaType> getAcceptableMediaTypes() {
        return client.getAcceptableMediaTypes();
    }

    @Override
    public List<Locale> getAcceptableLanguages() {
        return client.getAcceptableLanguages();
    }

    @Override
    public MediaType getMediaType() {
        return client.getMediaType();
    }

    @Override
    public Locale getLanguage() {
        return client.getLanguage();
    }

    @Override
    public Map<String, Cookie> getCookies() {
        return client.getCookies();
    }

    @Override
    public Date getDate() {
        return client.getDate();
    }

    @Override
    public int getLength() {
        return client.getLength();
    }
}
