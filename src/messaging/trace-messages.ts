import type { Traces } from '../telemetry/traces.js';
import type { PromiseMessage } from './promise-message.js';
import type { Sender } from './providers/sender.js';
import type { SendMessageOptions } from './send-message.js';

/** The same promise as a span, from which the worker goes on. */
export function tracePromises(promise: PromiseMessage, traces: Traces | undefined): PromiseMessage {
  if (!traces) return promise;
  return (sql, message) => {
    const attributes = { channel: message.channel, template: message.template };
    return traces.span({ name: 'message promised', kind: 'producer', attributes }, () =>
      promise(sql, message),
    );
  };
}

/** What makes a worker go on with the trace of whoever promised a message, down to each provider's answer. */
export function traceSending(
  traces: Traces | undefined,
  sendersFor: SendMessageOptions['sendersFor'],
): Pick<SendMessageOptions, 'sendersFor' | 'resume'> {
  if (!traces) return { sendersFor };
  return {
    sendersFor: async (message) =>
      (await sendersFor(message)).map((sender) => traceSender(sender, message.channel, traces)),
    resume: ({ id, channel, requestId, traceParent }, work) => {
      if (requestId === null || traceParent === null) return work();
      const attributes = { channel, messageId: id };
      const place = { name: 'message sent', kind: 'consumer', attributes } as const;
      return traces.resume({ requestId, traceParent }, place, work);
    },
  };
}

const traceSender = (sender: Sender, channel: string, traces: Traces): Sender => ({
  ...sender,
  prepare: (content) => {
    const prepared = sender.prepare(content);
    return {
      ...prepared,
      async send(providerMessageId, signal) {
        const attributes = { channel, 'peer.service': sender.name };
        const end = traces.begin({ name: `provider ${sender.name}`, kind: 'client', attributes });
        const outcome = await prepared.send(providerMessageId, signal);
        end?.(outcome.outcome === 'accepted' ? undefined : { code: outcome.errorClass ?? outcome.outcome }, {
          outcome: outcome.outcome,
        });
        return outcome;
      },
    };
  },
});
