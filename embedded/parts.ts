/** Values of the realm's placeholders, for its import and for keeping it. */
export interface RealmUrls {
  identityPublicUrl: string;
  spaOrigin: string;
}

/** What the embedded parts are and how to reach them; plain data, fit for JSON. */
export interface PartsDescription {
  postgres: {
    host: string;
    port: number;
    /** Database nx_identity as its owner: migrations and nothing else. */
    ownerUrl: string;
    /** Database nx_identity as the service logs in. */
    appUrl: string;
    /** Database nx_identity as superuser, for tests; empty when PostgreSQL is not ours. */
    superUrl: string;
  };
  redis: { url: string };
  keycloak: {
    url: string;
    realm: string;
    clientId: string;
    clientSecret: string;
    clientSecretFile: string;
    /** What the bridge calls the service by; empty when Keycloak is not ours. */
    bridgeSecret: string;
    bridgeSecretFile: string;
    /** What Keycloak's mails wait under until the service has them; empty when Keycloak is not ours. */
    mailKeyFile: string;
    /** Service account with all rights in the realm master; empty when Keycloak is not ours. */
    adminClientId: string;
    adminClientSecret: string;
    /** The same in a file, for the migration job. */
    adminClientSecretFile: string;
    /** Empty when Keycloak is not ours, as is the log file. */
    managementUrl: string;
    logFile: string;
  };
  realmUrls: RealmUrls;
  /** The development inbox. */
  inbox: { url: string; smtpUrl: string };
  /** Where the service is expected: Keycloak was told so. */
  service: { port: number; metricsPort: number; internalPort: number; url: string };
  /** The service's signing keys. */
  keysDir: string;
  dataDir: string;
}

/** The running parts. */
export interface Parts extends PartsDescription {
  /** Rejects when one of them ends without having been asked to; never resolves. */
  readonly crashed: Promise<never>;
  stop(): Promise<void>;
}
