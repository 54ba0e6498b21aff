import { parsePhoneNumberFromString } from 'libphonenumber-js';

export interface Identifier {
  scheme: 'email' | 'phone' | 'username';
  value: string;
}

/**
 * One spelling for one account, and so one limit: e-mail and username in lower case, phone in E.164
 * (Vietnam's numbers may come without a country code). What can't be read stays as it is and matches nobody.
 */
export function normalizeIdentifier({ scheme, value }: Identifier): Identifier {
  const text = value.normalize('NFKC').trim() || value;
  if (scheme !== 'phone') return { scheme, value: text.toLowerCase() };
  return { scheme, value: parsePhoneNumberFromString(text, 'VN')?.number ?? text };
}
