import type { Visitor } from '../../http/route.js';
import { type NoteConsumer, parseLoadedKids } from '../keys/key-consumers.js';
import type { ReadSystemToken } from '../read-system-token.js';

export type NoteReader = (reader: {
  authorization?: string | undefined;
  loadedKids?: string | undefined;
  visitor: Visitor;
}) => Promise<void>;

/**
 * A verifier that reads a list may say, by its system token and `X-Loaded-Kids`, which signing keys it holds: before a
 * key turns, an operator sees whom it would leave behind (T5). Nobody has to, and whatever is no such token says nothing.
 */
export function createNoteReader(options: {
  readSystemToken: ReadSystemToken;
  noteConsumer: NoteConsumer;
}): NoteReader {
  const { readSystemToken, noteConsumer } = options;
  return async ({ authorization, loadedKids, visitor }) => {
    const token = /^Bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || loadedKids === undefined) return;
    const service = await readSystemToken(token);
    if (service === undefined) return;
    await noteConsumer({
      service: service.name,
      instance: visitor.address,
      kids: parseLoadedKids(loadedKids),
    });
  };
}
