/** Something that Maven Central serves, pinned: the coordinates say which, the SHA-256 says that it is the one we read. */
export interface Download {
  /** groupId:artifactId:version[:type] */
  artifact: string;
  /** The name that Maven gives the file. */
  file: string;
  sha256: string;
}

export const KEYCLOAK_VERSION = '26.7.4';

export const KEYCLOAK: Download = {
  artifact: `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:zip`,
  file: `keycloak-quarkus-dist-${KEYCLOAK_VERSION}.zip`,
  sha256: 'a286e98b4296d4e75ee88d8527c7cd463b307caa022f088c9f22cffccc741fa1',
};

/** Static redis-server binaries for linux and macOS, packed for Java tests by Signal. */
export const REDIS: Download = {
  artifact: 'org.signal:embedded-redis:0.9.1',
  file: 'embedded-redis-0.9.1.jar',
  sha256: 'c01fe66ecf3b9d3161958e9a0e721aaf74ce98a909faca103fc8d09ff7617827',
};

export const REDIS_VERSION = '7.0.15';
