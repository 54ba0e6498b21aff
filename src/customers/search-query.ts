import type { ReadPhone } from './customer-schema.js';

/** What is looked for, as `identity.search_customers` takes it. */
export interface SearchQuery {
  text: string;
  /** As a number is dialled, `0901…`, whole or a part of one; null when the text can't be one. */
  digits: string | null;
}

const LIKE_A_NUMBER = /^[\d\s+().\-/]+$/;
/** Of Vietnam's numbers a part is taken for a whole one, and lengthened: only these are what was meant. */
const WHOLE_MOBILE = /^\+84[1-9]\d{8}$/;

/** Reads what somebody typed into a search field: words, or a phone number in any spelling, or some digits of one. */
export function readSearchQuery(text: string, readPhone: ReadPhone): SearchQuery {
  const typed = text.normalize('NFKC').trim();
  if (!LIKE_A_NUMBER.test(typed)) return { text: typed, digits: null };
  const e164 = readPhone(typed)?.e164 ?? '';
  const written = typed.replace(/[^\d+]/g, '').replace(/^00/, '+');
  const digits = (WHOLE_MOBILE.test(e164) ? e164 : written).replace(/^\+84/, '0').replace(/\D/g, '');
  return { text: typed, digits: digits.length < 3 ? null : digits };
}
