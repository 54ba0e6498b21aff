import { type Audit, acting } from '../../audit/index.js';
import { type Configuration, UnusableConfiguration } from '../../configurations/index.js';
import type { Database } from '../../database/database.js';
import type { NextId } from '../../database/snowflake.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { type Language, type Sender, UnsendableText } from '../../messaging/index.js';
import { findCode } from './codes.js';
import { findConfiguration, findEnvelope } from './configuration-store.js';
import { configurationErrors } from './errors.js';
import { requireWithin, tenantOf } from './reach.js';
import type { Writer } from './write-configuration.js';

/** Milliseconds: somebody waits for the answer. */
const LONGEST = 10_000;
/** Opens nothing: no challenge knows it. */
const CODE = '000000';

export interface Trial {
  ok: boolean;
  errorClass?: string;
}

/** Sends the text of a code by one configuration, to the caller's own proven address or number and to no other. */
export type TryConfiguration = (id: string, language: Language, writer: Writer) => Promise<Trial>;

export function createTryConfiguration(options: {
  database: Database;
  senderOf: (row: Configuration<unknown>) => Sender;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
}): TryConfiguration {
  const { database, senderOf, audit, nextId } = options;

  async function findRow(id: string, { reach }: Writer): Promise<Configuration<unknown>> {
    const row = await findConfiguration(database, id);
    if (!row) throw new Problem(requestErrors.not_found);
    requireWithin(reach, row.merchantId);
    return { ...row, credential: await findEnvelope(database, id) };
  }

  async function findRecipient(channel: 'sms' | 'mail', userId: string): Promise<string> {
    const [proven] = await database.query<{ value: string }>(
      'SELECT value FROM identity."Identifier" WHERE user_id = $1 AND scheme = $2 ORDER BY proven_at DESC LIMIT 1',
      [userId, channel === 'sms' ? 'phone' : 'email'],
    );
    if (!proven) throw new Problem(configurationErrors.no_proven_recipient);
    return proven.value;
  }

  async function send(row: Configuration<unknown>, to: string, language: Language): Promise<Trial> {
    try {
      const messageId = nextId();
      const sender = senderOf(row);
      const content = { id: messageId, to, template: 'otp', language, variables: { minutes: '5' } } as const;
      const prepared = sender.prepare({ ...content, secret: { code: CODE } });
      const signal = AbortSignal.timeout(Math.min(sender.timeoutMs, LONGEST));
      const { outcome, errorClass } = await prepared.send(messageId, signal);
      return outcome === 'accepted' ? { ok: true } : { ok: false, errorClass: errorClass ?? outcome };
    } catch (error) {
      if (error instanceof UnusableConfiguration) return { ok: false, errorClass: 'configuration' };
      if (error instanceof UnsendableText) return { ok: false, errorClass: 'unsendable-text' };
      throw error;
    }
  }

  return async (id, language, writer) => {
    const row = await findRow(id, writer);
    const channel = findCode(row.code)?.channel;
    if (!channel) throw new Problem(configurationErrors.sends_nothing);
    const to = await findRecipient(channel, writer.userId);
    const trial = await send(row, to, language);
    const tenantId = await tenantOf(database, row.merchantId);
    await audit.record(database, {
      ...acting(writer),
      action: 'configuration.tried',
      subject: { type: 'configuration', id },
      ...(tenantId === undefined ? {} : { tenantId }),
      after: { code: row.code, merchantId: row.merchantId, ...trial },
    });
    return trial;
  };
}
