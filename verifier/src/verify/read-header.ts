import { decodeProtectedHeader } from 'jose';
import { InvalidToken } from '../errors.js';

/** What would bring a key along, change how the token is read, or ask for an extension: none is ever followed. */
const REFUSED = ['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c', 'zip', 'enc'];
const MAX_REMEMBERED = 50;

/** The members of a header that matter once it has passed. */
export interface TokenHeader {
  kid: string;
  alg: string;
}

/**
 * Reads headers by the strict profile: an algorithm of the list, the `typ`, a `kid`, and nothing of what is refused.
 * All tokens by one key have the same header, so the last few that passed are remembered.
 */
export function createHeaderReader(options: {
  typ: string;
  algorithms: readonly string[];
}): (token: string) => TokenHeader {
  const passed = new Map<string, TokenHeader>();
  return (token) => {
    const encoded = token.slice(0, token.indexOf('.'));
    const known = passed.get(encoded);
    if (known) return known;
    const header = checkHeader(token, options);
    if (passed.size >= MAX_REMEMBERED) passed.clear();
    passed.set(encoded, header);
    return header;
  };
}

function checkHeader(token: string, options: { typ: string; algorithms: readonly string[] }): TokenHeader {
  const { kid, alg, typ, ...rest } = decode(token);
  if (REFUSED.some((name) => Object.hasOwn(rest, name))) throw new InvalidToken('header');
  if (typeof alg !== 'string' || !options.algorithms.includes(alg)) throw new InvalidToken('algorithm');
  if (typeof typ !== 'string' || mediaType(typ) !== mediaType(options.typ)) throw new InvalidToken('type');
  if (typeof kid !== 'string') throw new InvalidToken('unknown_key');
  return { kid, alg };
}

function decode(token: string) {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw new InvalidToken('malformed');
  }
}

/** RFC 7515 §4.1.9: `application/` may be left out, and case does not count. */
const mediaType = (typ: string) => typ.toLowerCase().replace(/^application\//, '');
