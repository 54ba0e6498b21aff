import { hkdfSync, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { createSealedText } from '../../database/sealed-text.js';

/** Seconds between the right code and the new password. */
export const RESET_TICKET_LIFE_S = 600;

const ticketSchema = z.strictObject({
  id: z.string(),
  userId: z.string(),
  keycloakId: z.string(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
});

/** Whose password may be set anew, once. */
export type ResetTicket = z.infer<typeof ticketSchema>;

export interface ResetTickets {
  issue(person: { userId: string; keycloakId: string }): string;
  /** Undefined for what is too old or not ours. */
  read(ticket: string): ResetTicket | undefined;
}

const CONTEXT = 'reset ticket';

/** Sealed, so that it is of use nowhere else and tells nothing. @param secret of all replicas @param now milliseconds */
export function createResetTickets(secret: Buffer, now: () => number): ResetTickets {
  const sealed = createSealedText(
    Buffer.from(hkdfSync('sha256', secret, '', 'nx-identity reset ticket', 32)),
  );
  return {
    issue(person) {
      const ticket = { id: randomUUID(), ...person, expiresAt: now() + RESET_TICKET_LIFE_S * 1000 };
      return sealed.seal(JSON.stringify(ticket), CONTEXT);
    },
    read(text) {
      try {
        const ticket = ticketSchema.parse(JSON.parse(sealed.open(text, CONTEXT)));
        return ticket.expiresAt > now() ? ticket : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
