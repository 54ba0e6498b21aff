import { inflateSync } from 'node:zlib';

/** Eight million sessions by one bit each: far more than a list of ours, and no bomb. */
const MAX_BYTES = 1024 * 1024;
const BITS = [1, 2, 4, 8];

/** The status at an index: 0 is valid, anything else is not. Undefined beyond the list. */
export type StatusAt = (index: number) => number | undefined;

/**
 * Reads a Status List (draft-ietf-oauth-status-list §4): `lst` is base64url of a ZLIB stream (RFC 1950), `bits`
 * says how many bits a status has, and the first status is in the least significant bits of the first byte.
 * @throws Error when it is none
 */
export function readStatusBits(list: unknown): StatusAt {
  const { bits, lst } = (list ?? {}) as { bits?: unknown; lst?: unknown };
  if (typeof bits !== 'number' || !BITS.includes(bits) || typeof lst !== 'string')
    throw new Error('no status list');
  const bytes = inflateSync(Buffer.from(lst, 'base64url'), { maxOutputLength: MAX_BYTES });
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  return (index) => {
    if (!Number.isSafeInteger(index) || index < 0) return undefined;
    const byte = bytes[Math.floor(index / perByte)];
    return byte === undefined ? undefined : (byte >> ((index % perByte) * bits)) & mask;
  };
}
