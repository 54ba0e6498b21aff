import { createSealedMessage } from '../../src/messaging/index.js';
import { readMessageKeys } from '../../src/tokens/index.js';
import { testParts } from '../parts.js';

/** What the ledger finds a recipient's messages by: the masked number is that of others too, in a suite of thousands. */
export const recipientIndex = (to: string): string =>
  createSealedMessage(readMessageKeys(testParts().keysDir).message).indexOf(to);
