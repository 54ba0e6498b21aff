import { renderSms } from '../templates/sms-templates.js';
import type { Sender } from './sender.js';
import type { SmsProvider } from './sms-provider.js';

/** A provider with the texts and prices of its settings. */
export function smsSender(
  provider: SmsProvider,
  options: {
    circuit: string;
    timeoutMs: number;
    pricePerSegment: number;
    templates?: Parameters<typeof renderSms>[1]['templates'];
    codeDomain?: string | undefined;
  },
): Sender {
  return {
    name: provider.name,
    circuit: options.circuit,
    timeoutMs: options.timeoutMs,
    unclearAtMost: 2,
    unclearAgain: 'soon',
    prepare(content) {
      const text = renderSms(content, { templates: options.templates, domain: options.codeDomain });
      return {
        segments: 1, // renderSms makes no other
        cost: options.pricePerSegment,
        send: (messageId, signal) => provider.send({ messageId, to: content.to, text, signal }),
      };
    },
  };
}
