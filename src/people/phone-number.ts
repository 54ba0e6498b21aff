import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

export interface PhoneNumber {
  /** `+84901000001` */
  e164: string;
  /** ISO 3166-1 alpha-2, where the number tells it. */
  country: CountryCode | undefined;
  /** Whether a message can reach it: no landline, premium, satellite or voice-only number. */
  mobile: boolean;
}

/** Numbers without a country code are Vietnam's. */
const HOME = 'VN';

/** Vietnam's mobile prefixes in use (facts §6): libphonenumber's table lags behind 052, 055 and others. */
const VIETNAM_MOBILE = /^(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)\d{7}$/;

/** The plan of 15 September 2018 took a digit out of every 11-digit number; people still write the old ones. */
const VIETNAM_BEFORE_2018: Record<string, string> = {
  ...{ 162: '32', 163: '33', 164: '34', 165: '35', 166: '36', 167: '37', 168: '38', 169: '39' },
  ...{ 120: '70', 121: '79', 122: '77', 126: '76', 128: '78' },
  ...{ 123: '83', 124: '84', 125: '85', 127: '81', 129: '82' },
  ...{ 186: '56', 188: '58', 199: '59' },
};

const E164 = /^\+[1-9]\d{7,14}$/;

/** A digit drawn as a key cap is the digit and these two marks. */
const KEY_CAP = /[\ufe0f\u20e3]/g;

/** What people write as a phone number, however spelled; undefined when it can't be one. */
export function readPhoneNumber(text: string): PhoneNumber | undefined {
  const parsed = parsePhoneNumberFromString(text.normalize('NFKC').replace(KEY_CAP, ''), HOME);
  if (!parsed || !E164.test(parsed.number)) return undefined;
  if (parsed.countryCallingCode !== '84') {
    const mobile = ['MOBILE', 'FIXED_LINE_OR_MOBILE'].includes(parsed.getType() ?? '');
    // Satellite phones are "mobile" in the table, and of no country.
    const reachable = mobile && parsed.country !== undefined && parsed.isValid();
    return { e164: parsed.number, country: parsed.country, mobile: reachable };
  }
  const national = inTodaysPlan(parsed.nationalNumber);
  return { e164: `+84${national}`, country: HOME, mobile: VIETNAM_MOBILE.test(national) };
}

function inTodaysPlan(national: string): string {
  const today = national.length === 10 ? VIETNAM_BEFORE_2018[national.slice(0, 3)] : undefined;
  return today === undefined ? national : today + national.slice(3);
}
