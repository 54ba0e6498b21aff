import { postJson } from './post-json.js';
import { readAnswer } from './read-answer.js';
import type { SmsProvider } from './sms-provider.js';

/** The development inbox in a provider's place (contract §3): shows the SMS instead of sending it. */
export function createInboxSms(origin: string): SmsProvider {
  return {
    name: 'inbox',
    async send({ to, text, signal }) {
      const result = await postJson({
        url: `${origin}/messages`,
        body: { channel: 'sms', to, text },
        signal,
      });
      if (result.kind === 'answer' && result.status < 300) return { outcome: 'accepted' };
      return readAnswer(result, { accepted: [], refused: [] }, () => ({ status: '' }));
    },
  };
}
