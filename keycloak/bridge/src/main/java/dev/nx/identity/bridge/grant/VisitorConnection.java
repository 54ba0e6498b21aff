package dev.nx.identity.bridge.grant;

import org.keycloak.common.ClientConnection;

/** The client's connection with the visitor's address: sessions, events and the brute force protector read it from here. */
record VisitorConnection(ClientConnection client, String address) implements ClientConnection {

    @Override
    public String getRemoteAddr() {
        return address;
    }

    @Override
    public String getRemoteHost() {
        return address;
    }

    /** The visitor's port is not known. */
    @Override
    public int getRemotePort() {
        return 0;
    }

    @Override
    public String getLocalAddr() {
        return client.getLocalAddr();
    }

    @Override
    public int getLocalPort() {
        return client.getLocalPort();
    }
}
