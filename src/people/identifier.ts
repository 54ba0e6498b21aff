import { readPhoneNumber } from './phone-number.js';

export interface Identifier {
  scheme: 'email' | 'phone' | 'username';
  value: string;
}

/** A few characters fold into many; what grows past this is no identifier of anybody. */
const LONGEST = 320;

/**
 * One spelling for one account, and so one limit: e-mail and username in lower case, phone in E.164
 * (Vietnam's numbers may come without a country code). What can't be read stays as it is and matches nobody.
 */
export function normalizeIdentifier({ scheme, value }: Identifier): Identifier {
  const folded = value.normalize('NFKC').trim();
  const text = folded.length > 0 && folded.length <= LONGEST ? folded : value;
  if (scheme !== 'phone') return { scheme, value: text.toLowerCase() };
  return { scheme, value: readPhoneNumber(text)?.e164 ?? text };
}
