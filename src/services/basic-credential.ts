/** Longer than any credential of ours: checked before a byte is decoded. */
const MAX_LENGTH = 1024;
const SCHEME = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface BasicCredential {
  name: string;
  secret: string;
}

/**
 * Reads `Authorization: Basic …` (RFC 7617 §2): base64 of UTF-8, split at the first colon, no control characters.
 * Undefined for anything else; base64 is taken in its one canonical form alone (RFC 4648 §3.5).
 */
export function readBasicCredential(authorization: string | undefined): BasicCredential | undefined {
  if (authorization === undefined || authorization.length > MAX_LENGTH) return undefined;
  const encoded = SCHEME.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  const text = decode(bytes);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1 || colon === text.length - 1 || /\p{Cc}/u.test(text)) return undefined;
  return { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
