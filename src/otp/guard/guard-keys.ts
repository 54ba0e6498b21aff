/** The braces put every counter into one slot of a Redis Cluster, so that one script counts them in one step. */
const SLOT = '{nx:otp-guard}';

/** Numbers are dealt out by the thousand: the last three digits tell neighbours apart. `+84901234567` → `+84901234`. */
export const numberPrefix = (e164: string): string => e164.slice(0, -3);

export const guardKeys = {
  addressBlock: (block: string) => `${SLOT}:block:${block}`,
  numberPrefix: (e164: string) => `${SLOT}:prefix:${numberPrefix(e164)}`,
  country: (country: string | null) => `${SLOT}:country:${country ?? 'none'}`,
  /** Hash: `sent:<n>` and `verified:<n>` of the n-th five minutes. */
  conversion: (merchantId: string | null, e164: string) =>
    `${SLOT}:conversion:${merchantId ?? ''}:${numberPrefix(e164)}`,
};
