import { type StandIn, startStandIn } from './http-stand-in.js';

export const ESMS_CREDENTIAL = { apiKey: 'esms-api-key-canary-92', secretKey: 'esms-secret-canary-93' };

export interface EsmsStandIn extends StandIn {
  /** Reports what became of a message that it has taken, as eSMS does: by GET, unsigned. Answers the status. */
  report(
    index: number,
    fate: { SendStatus: string; SendSuccess: string; SendFailed: string },
  ): Promise<number>;
}

/** eSMS: queues what it accepts, and says 124 to a RequestId that it has seen (facts §8). */
export async function startEsms(): Promise<EsmsStandIn> {
  const seen = new Set<unknown>();
  const standIn = await startStandIn({
    check(body) {
      const broken: string[] = [];
      if (body.ApiKey !== ESMS_CREDENTIAL.apiKey || body.SecretKey !== ESMS_CREDENTIAL.secretKey)
        broken.push('keys');
      if (!/^84\d{9}$/.test(String(body.Phone))) broken.push('Phone');
      if (typeof body.Content !== 'string' || body.Content.length > 160) broken.push('Content');
      if (String(body.Brandname).length > 11) broken.push('Brandname');
      if (body.SmsType !== '2' || body.IsUnicode !== '0' || body.Sandbox !== '0') broken.push('flags');
      if (!/^.{1,50}$/.test(String(body.RequestId))) broken.push('RequestId');
      if (body.CallbackUrl !== undefined && !URL.canParse(String(body.CallbackUrl)))
        broken.push('CallbackUrl');
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
  async function report(index: number, fate: Record<string, string>): Promise<number> {
    const { CallbackUrl, RequestId, Phone } = standIn.accepted[index]?.body ?? {};
    const url = new URL(String(CallbackUrl));
    const rest = {
      SMSID: 'sms-1',
      TotalReceiver: '1',
      TotalSent: '1',
      TotalPrice: '900',
      TypeId: '2',
      telcoid: '1',
    };
    const query = { ...rest, ...fate, RequestId: String(RequestId), phonenumber: String(Phone) };
    url.search = new URLSearchParams(query).toString();
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status;
  }
  return Object.assign(standIn, { report });
}
