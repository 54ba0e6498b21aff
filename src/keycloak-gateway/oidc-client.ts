import { allowInsecureRequests, ClientSecretBasic, Configuration, customFetch } from 'openid-client';
import type { Traces } from '../telemetry/traces.js';
import { type MeasureCall, measureFetch } from './measure-call.js';

export interface KeycloakSettings {
  /** Where this service reaches Keycloak. */
  url: string;
  /** Where people reach it; its tokens name this one as their issuer. */
  publicUrl: string;
  realm: string;
  clientId: string;
  clientSecret: string;
  timeoutMs: number;
}

export interface KeycloakAddresses {
  issuer: string;
  /** The realm's OIDC endpoints as this service calls them. */
  endpoints: string;
  jwksUri: string;
}

export function keycloakAddresses(settings: KeycloakSettings): KeycloakAddresses {
  const endpoints = `${settings.url}/realms/${settings.realm}/protocol/openid-connect`;
  return {
    issuer: `${settings.publicUrl}/realms/${settings.realm}`,
    endpoints,
    jwksUri: `${endpoints}/certs`,
  };
}

/**
 * The confidential client, without asking Keycloak anything: the service starts while Keycloak is away, and
 * reaches it inside while its tokens name the public issuer. Every call ends within `timeoutMs`.
 */
export function createOidcClient(
  settings: KeycloakSettings,
  measure: MeasureCall,
  traces?: Traces,
): Configuration {
  const { issuer, endpoints, jwksUri } = keycloakAddresses(settings);
  const configuration = new Configuration(
    {
      issuer,
      // The one endpoint that browsers visit: where people reach Keycloak.
      authorization_endpoint: `${issuer}/protocol/openid-connect/auth`,
      authorization_response_iss_parameter_supported: true,
      token_endpoint: `${endpoints}/token`,
      introspection_endpoint: `${endpoints}/token/introspect`,
      jwks_uri: jwksUri,
    },
    settings.clientId,
    { client_secret: settings.clientSecret },
    ClientSecretBasic(settings.clientSecret),
  );
  configuration[customFetch] = measureFetch(measure, traces);
  configuration.timeout = settings.timeoutMs / 1000;
  if (settings.url.startsWith('http:')) allowInsecureRequests(configuration);
  return configuration;
}
