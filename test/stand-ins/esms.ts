import { type StandIn, startStandIn } from './http-stand-in.js';

export const ESMS_CREDENTIAL = { apiKey: 'esms-api-key-canary-92', secretKey: 'esms-secret-canary-93' };

/** eSMS: queues what it accepts, and says 124 to a RequestId that it has seen (facts §8). */
export async function startEsms(): Promise<StandIn> {
  const seen = new Set<unknown>();
  return startStandIn({
    check(body) {
      const broken: string[] = [];
      if (body.ApiKey !== ESMS_CREDENTIAL.apiKey || body.SecretKey !== ESMS_CREDENTIAL.secretKey)
        broken.push('keys');
      if (!/^84\d{9}$/.test(String(body.Phone))) broken.push('Phone');
      if (typeof body.Content !== 'string' || body.Content.length > 160) broken.push('Content');
      if (String(body.Brandname).length > 11) broken.push('Brandname');
      if (body.SmsType !== '2' || body.IsUnicode !== '0' || body.Sandbox !== '0') broken.push('flags');
      if (!/^.{1,50}$/.test(String(body.RequestId))) broken.push('RequestId');
      return broken;
    },
    answer(decided, { RequestId }) {
      if (decided === 'refuse') return { CodeResult: '104', ErrorMessage: 'Brandname is unknown' };
      if (decided === 'unknown-status') return { CodeResult: '999' };
      const again = seen.has(RequestId);
      seen.add(RequestId);
      return again ? { CodeResult: '124' } : { CodeResult: '100', SMSID: `sms-${seen.size}` };
    },
  });
}
