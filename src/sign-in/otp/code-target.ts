import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { isRecipient } from '../../messaging/index.js';
import { type Identifier, normalizeIdentifier, readPhoneNumber } from '../../people/index.js';

/** Where a code goes. */
export interface CodeTarget {
  identifier: Identifier & { scheme: 'email' | 'phone' };
  /** False for a number that no code is sent to: a landline, a premium number, a country that is not served (O7). */
  served: boolean;
  /** ISO 3166-1 alpha-2; null for an e-mail address, and for a number that doesn't tell. */
  country: string | null;
}

/**
 * Reads what somebody gave as their e-mail or phone number. Says nothing of whether anybody has it.
 * @param countries ISO 3166-1 alpha-2
 * @throws Problem `request.validation_failed` (422) for what can't be one
 */
export function readCodeTarget(
  { scheme, value }: { scheme: 'email' | 'phone'; value: string },
  countries: readonly string[],
): CodeTarget {
  if (scheme === 'email') {
    const { value: email } = normalizeIdentifier({ scheme, value });
    // Braces have a meaning in the keys of Redis (contract §4).
    if (!isRecipient('mail', email) || /[{}]/.test(email)) throw notReadable('must be an e-mail address');
    return { identifier: { scheme, value: email }, served: true, country: null };
  }
  const phone = readPhoneNumber(value);
  if (!phone) throw notReadable('must be a phone number');
  const served = phone.mobile && phone.country !== undefined && countries.includes(phone.country);
  return { identifier: { scheme, value: phone.e164 }, served, country: phone.country ?? null };
}

const notReadable = (message: string) =>
  new Problem(requestErrors.validation_failed, {
    errors: [{ path: 'identifier.value', message, code: 'custom' }],
  });
