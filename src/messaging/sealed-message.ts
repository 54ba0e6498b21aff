import { createHmac, hkdfSync } from 'node:crypto';
import { z } from 'zod';
import { createSealedText } from '../database/sealed-text.js';

const texts = z.record(z.string(), z.string());
const contentSchema = z.object({ to: z.string(), variables: texts });

/** What of a message stands sealed in its row, bound to the message's id (D7). */
export interface SealedMessage {
  sealContent(id: string, content: { to: string; variables: Record<string, string> }): string;
  sealSecret(id: string, secret: Record<string, string>): string;
  /** @throws Error when a byte was changed or the row is another message's */
  openContent(id: string, sealed: string): z.infer<typeof contentSchema>;
  openSecret(id: string, sealed: string): Record<string, string>;
  /** Finds a recipient's messages without telling who it is. */
  indexOf(to: string): string;
}

const contentPlace = (id: string) => JSON.stringify(['Message', id, 'sealed_content']);
const secretPlace = (id: string) => JSON.stringify(['Message', id, 'sealed_secret']);

/** @param key 32 bytes */
export function createSealedMessage(key: Buffer): SealedMessage {
  const sealed = createSealedText(key);
  const indexKey = Buffer.from(hkdfSync('sha256', key, '', 'nx-identity message recipient index', 32));
  return {
    sealContent: (id, content) => sealed.seal(JSON.stringify(content), contentPlace(id)),
    sealSecret: (id, secret) => sealed.seal(JSON.stringify(secret), secretPlace(id)),
    openContent: (id, text) => contentSchema.parse(JSON.parse(sealed.open(text, contentPlace(id)))),
    openSecret: (id, text) => texts.parse(JSON.parse(sealed.open(text, secretPlace(id)))),
    indexOf: (to) => createHmac('sha256', indexKey).update(to).digest('base64url'),
  };
}
