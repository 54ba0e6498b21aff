import { hkdfSync } from 'node:crypto';
import type { z } from 'zod';
import { createSealedText } from './sealed-text.js';

/** Values that travel through somebody's hands: they can neither be read nor made up there, nor used for something else. */
export interface SealedJson<Value> {
  seal(value: Value): string;
  /** Undefined for anything that was not sealed here, for this use. */
  open(text: string): Value | undefined;
}

/**
 * AES-256-GCM under a key that is derived for this one use (RFC 5869).
 * @param secret 32 bytes that all replicas share
 * @param use names key and place, such as `reset ticket`: renaming it ends what is outstanding
 */
export function createSealedJson<Schema extends z.ZodType>(options: {
  secret: Buffer;
  use: string;
  schema: Schema;
}): SealedJson<z.infer<Schema>> {
  const { secret, use, schema } = options;
  const sealed = createSealedText(Buffer.from(hkdfSync('sha256', secret, '', `nx-identity ${use}`, 32)));
  return {
    seal: (value) => sealed.seal(JSON.stringify(value), use),
    open(text) {
      try {
        return schema.parse(JSON.parse(sealed.open(text, use)));
      } catch {
        return undefined;
      }
    },
  };
}
