import { type Identifier, readPhoneNumber } from '../../people/index.js';

/** Digits in any script, what people put between them, key caps (the two marks), and an extension at the end. */
const WRITTEN_AS_NUMBER = /^(?:[+\p{Nd}\s().\-/]|\ufe0f|\u20e3)+(?:(?:;ext=|ext\.?|x|#)\s*\p{Nd}+)?$/iu;

/**
 * What a plain string identifies somebody by (contract §4): with an `@` an e-mail address; a number that could be
 * somebody's mobile, or that begins with a plus, a phone; anything else a username, one of digits included.
 */
export function identifierByShape(value: string): Identifier {
  const text = value.normalize('NFKC').trim();
  if (text.includes('@')) return { scheme: 'email', value };
  if (WRITTEN_AS_NUMBER.test(text) && (text.startsWith('+') || readPhoneNumber(text)?.mobile)) {
    return { scheme: 'phone', value };
  }
  return { scheme: 'username', value };
}
