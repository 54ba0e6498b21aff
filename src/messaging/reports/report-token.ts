import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Authenticates reports of providers that sign nothing: a report is good for the message whose address it came to. */
export interface ReportTokens {
  make(providerMessageId: string): string;
  fits(token: string, providerMessageId: string): boolean;
}

/** @param key of all replicas */
export function createReportTokens(key: Buffer): ReportTokens {
  const own = Buffer.from(hkdfSync('sha256', key, '', 'nx-identity delivery report', 32));
  const macOf = (id: string) => createHmac('sha256', own).update(id).digest();
  return {
    make: (id) => macOf(id).toString('base64url'),
    fits(token, id) {
      const [given, right] = [Buffer.from(token, 'base64url'), macOf(id)];
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
