import { z } from 'zod';

/**
 * A parameter of an OAuth endpoint. Sent twice it arrives as an array: RFC 6749 §3.1 and §3.2 forbid that, and name
 * their own errors for it. So the schema takes anything, its description says what is right, and the endpoint refuses
 * in the RFC's words.
 */
export const oauthParameter = (described: { enum?: string[]; description?: string }) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .meta({ type: 'string', ...described });

export type OAuthParameters = Record<string, unknown>;

/** The value, when it was sent once, isn't empty (RFC 6749 §3.1: as if omitted) and is printable; else undefined. */
export function single(parameters: OAuthParameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value) ? value : undefined;
}

/** The parameters that were sent once, as a query; those that break the rule above are left out. */
export function singlesAsQuery(parameters: OAuthParameters): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of Object.keys(parameters)) {
    const value = single(parameters, name);
    if (value !== undefined) query.set(name, value);
  }
  return query;
}
