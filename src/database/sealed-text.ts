import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const IV_BYTES = 12; // NIST SP 800-38D §8.2.2: 96 random bits
const TAG_BYTES = 16;

/** Encrypts values that wait in a column. `context` (table, row id, column) binds a value to its place. */
export interface SealedText {
  seal(plain: string, context: string): string;
  /** @throws Error when a byte was changed, the place is another one, or the key is not the one that sealed */
  open(sealed: string, context: string): string;
  /** Whether the key that seals now has sealed this. */
  isCurrent(sealed: string): boolean;
}

/**
 * AES-256-GCM; form: `<key id>.<base64url of iv, tag, ciphertext>`. The first key seals; each opens what it sealed,
 * so that a key can be replaced while reads go on. @param keys 32 bytes each
 */
export function createSealedText(key: Buffer, ...previous: Buffer[]): SealedText {
  const sealingId = keyIdOf(key);
  const keys = new Map([key, ...previous].map((each) => [keyIdOf(each), each]));
  return {
    isCurrent: (sealed) => sealed.startsWith(`${sealingId}.`),
    seal(plain, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${sealingId}.${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`;
    },
    open(sealed, context) {
      const [sealedBy = '', payload = ''] = sealed.split('.');
      const opening = keys.get(sealedBy);
      if (!opening) throw new Error('sealed by another key');
      const bytes = Buffer.from(payload, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', opening, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return (
        decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      );
    },
  };
}

function keyIdOf(key: Buffer): string {
  return createHash('sha256').update('nx-identity sealed text').update(key).digest('base64url').slice(0, 8);
}
