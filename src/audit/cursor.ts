/** The last row of a page: where the next one goes on. */
export interface Cursor {
  /** Microseconds since 1970. */
  at: string;
  id: string;
}

const LARGEST_ID = 2n ** 63n - 1n;

/** Opaque to callers; bound to no filter, so that a page can be narrowed. */
export function writeCursor({ at, id }: Cursor): string {
  return Buffer.from(`${at}.${id}`).toString('base64url');
}

/** Undefined for what we did not write. */
export function readCursor(text: string): Cursor | undefined {
  const [, at, id] = /^(\d{1,16})\.(\d{1,19})$/.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  if (at === undefined || id === undefined || BigInt(id) > LARGEST_ID) return undefined;
  return writeCursor({ at, id }) === text ? { at, id } : undefined;
}
