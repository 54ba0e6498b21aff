import { type StandIn, startStandIn } from './http-stand-in.js';

export const VNPAY_SECRET = 'vnpay-secret-canary-91';
const GSM = /^[A-Za-z0-9 @£$¥.,:;()/+\-!?'"*=_\n#&%<>]*$/;

/** VNPAY's gateway with the limits that integrators' sources tell (facts §1). */
export const startVnpay = (): Promise<StandIn> =>
  startStandIn({
    check(body) {
      const broken: string[] = [];
      const text = (name: string, longest: number, shortest = 1) => {
        const value = body[name];
        if (typeof value !== 'string' || value.length < shortest || value.length > longest) broken.push(name);
      };
      text('messageId', 32);
      text('destination', 15);
      text('sender', 11);
      text('keyword', 64, 0);
      text('shortMessage', 480);
      text('encryptMessage', 0, 0);
      text('partnerCode', 64);
      if (!/^[A-Za-z0-9]+$/.test(String(body.messageId))) broken.push('messageId');
      if (!/^(84|0)\d{9}$/.test(String(body.destination))) broken.push('destination');
      if (!GSM.test(String(body.shortMessage))) broken.push('shortMessage');
      if (body.isEncrypt !== 0 || body.type !== 0 || !Number.isInteger(body.requestTime))
        broken.push('numbers');
      if (body.sercretKey !== VNPAY_SECRET) broken.push('sercretKey');
      return broken;
    },
    answer: (decided, { messageId, partnerCode, sender, keyword, destination }) => ({
      messageId,
      status: { accept: '200', refuse: '41', 'unknown-status': '777' }[decided],
      description: 'described',
      isMnp: '0',
      partnerCode,
      sender,
      keyword,
      destination,
    }),
  });
