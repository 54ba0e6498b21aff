import { z } from 'zod';

const identityClaims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  auth_time: z.number().int(),
  acr: z.string().nullable().default(null),
  amr: z.array(z.string()).default([]),
  preferred_username: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  email_verified: z.boolean().default(false),
  phone_number: z.string().optional(),
  phone_number_verified: z.boolean().default(false),
});

/** A person as Keycloak proved them, and the session that it happened in. */
export interface KeycloakIdentity {
  keycloakId: string;
  /** 24 characters of text, not a UUID. */
  sid: string;
  /** Seconds since 1970. */
  authTime: number;
  acr: string | null;
  amr: string[];
  profile: KeycloakProfile;
}

export interface KeycloakProfile {
  username: string;
  displayName: string;
  email: string | null;
  emailVerified: boolean;
  phone: string | null;
  phoneVerified: boolean;
}

/**
 * Reads the claims of a Keycloak token whose signature or channel was checked.
 * @throws ZodError when a claim that the realm promises is missing
 */
export function readIdentity(claims: object): KeycloakIdentity {
  const read = identityClaims.parse(claims);
  return {
    keycloakId: read.sub,
    sid: read.sid,
    authTime: read.auth_time,
    acr: read.acr,
    amr: read.amr,
    profile: {
      username: read.preferred_username,
      displayName: read.name?.trim() || read.preferred_username,
      email: read.email?.toLowerCase() ?? null,
      emailVerified: read.email !== undefined && read.email_verified,
      phone: read.phone_number ?? null,
      phoneVerified: read.phone_number !== undefined && read.phone_number_verified,
    },
  };
}
