import { createHmac, hkdfSync, randomInt } from 'node:crypto';

export const CODE_DIGITS = 6;

/** Six digits, each of the million as likely as another; leading zeros are kept. */
export function drawCode(random: (below: number) => number = randomInt): string {
  return String(random(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
}

/** What Redis holds instead of the code: of no use without the pepper, and in no other challenge (O3). */
export type CodeMac = (
  challenge: { namespace: string; identifier: string; nonce: string },
  code: string,
) => string;

/** @param pepper 32 bytes, held in a file: a stolen Redis does not tell the code though there are a million only */
export function createCodeMac(pepper: Buffer): CodeMac {
  const key = Buffer.from(hkdfSync('sha256', pepper, '', 'nx-identity otp code', 32));
  return ({ namespace, identifier, nonce }, code) =>
    createHmac('sha256', key)
      .update(JSON.stringify([namespace, identifier, nonce, code]))
      .digest('base64url');
}
