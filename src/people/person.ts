import type { KeycloakProfile } from '../keycloak-gateway/index.js';

/** A user of the platform as our table keeps them; `id` is a snowflake. */
export interface Person {
  id: string;
  displayName: string;
  email: string | null;
  emailVerified: boolean;
  phone: string | null;
  phoneVerified: boolean;
}

/** What Keycloak last said of a person; it is the source, our row a copy. */
export type Profile = KeycloakProfile;

/** Selects a Person from a row of `identity."User"` named `person`. */
export const PERSON_AS_JSON = `jsonb_build_object('id', person.id, 'displayName', person.display_name,
  'email', person.email, 'emailVerified', person.email_verified,
  'phone', person.phone, 'phoneVerified', person.phone_verified)`;

/** In the order of the columns username, display_name, email, email_verified, phone, phone_verified. */
export function profileValues(profile: Profile): unknown[] {
  const { username, displayName, email, emailVerified, phone, phoneVerified } = profile;
  return [username, displayName, email, emailVerified, phone, phoneVerified];
}

/** `+84901000001` → `+84*****0001`: enough for its owner to know it by. */
export function maskPhone(phone: string): string {
  return `${phone.slice(0, 3)}${'*'.repeat(Math.max(phone.length - 7, 0))}${phone.slice(-4)}`;
}
