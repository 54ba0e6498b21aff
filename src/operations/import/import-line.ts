import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { PasswordHash } from '../../keycloak-gateway/index.js';
import { normalizeIdentifier, type Profile } from '../../people/index.js';
import { identifierByShape } from '../../sign-in/index.js';
import { type KeycloakHashing, readPasswordHash } from './password-hash.js';

const LONGEST_LINE = 8192;

/** Somebody who moves over. Without a wish for a username they get one that nobody types. */
export interface Newcomer {
  /** Tells the line from every other; who knows it does not know the line. */
  digest: string;
  profile: Profile;
  hash: PasswordHash;
}

const email = z
  .email()
  .max(254)
  .transform((value) => normalizeIdentifier({ scheme: 'email', value }).value);
const phone = z
  .string()
  .max(40)
  .transform((value) => normalizeIdentifier({ scheme: 'phone', value }).value)
  .refine((value) => /^\+[1-9]\d{7,14}$/.test(value), { error: 'is no phone number' });
const username = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/)
  .refine((value) => identifierByShape(value).scheme === 'username', { error: 'reads like a phone number' })
  .transform((value) => value.toLowerCase());

const lineSchema = z
  .strictObject({
    email: email.optional(),
    emailVerified: z.boolean().default(false),
    phone: phone.optional(),
    phoneVerified: z.boolean().default(false),
    username: username.optional(),
    displayName: z.string().trim().min(1).max(100).optional(),
    passwordHash: z.string().max(512),
  })
  .refine(({ email, phone, username }) => email ?? phone ?? username, { error: 'names nobody' })
  .refine(({ phone, phoneVerified }) => phone === undefined || phoneVerified, {
    path: ['phone'],
    error: 'a number that nobody has proven does not move over: leave it out',
  });

/** What a line asks for, or why it can't be had; a reason never repeats what the line holds. */
export function readImportLine(text: string, keycloak: KeycloakHashing): Newcomer | { reason: string } {
  if (text.length > LONGEST_LINE) return { reason: 'too_long' };
  const { success, data, error } = lineSchema.safeParse(parseJson(text));
  if (!success) return { reason: `invalid: ${error.issues.map(said).join('; ')}` };
  const hash = readPasswordHash(data.passwordHash, keycloak);
  if (typeof hash === 'string') return { reason: hash };
  const digest = createHash('sha256').update(text).digest('hex');
  const name = data.username ?? temporaryName(digest);
  const profile = {
    username: name,
    displayName: data.displayName ?? name,
    email: data.email ?? null,
    emailVerified: data.email !== undefined && data.emailVerified,
    phone: data.phone ?? null,
    phoneVerified: data.phone !== undefined,
  };
  return { digest, profile, hash };
}

/** By it an earlier try at the same line is found in Keycloak, and nobody else. */
export const temporaryName = (digest: string): string => `import-${digest.slice(0, 32)}`;

const said = ({ path, message }: z.core.$ZodIssue) =>
  path.length > 0 ? `${path.join('.')}: ${message}` : message;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
