import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { createSealedJson } from '../../database/sealed-json.js';

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

/** Sealed, so that it is of use nowhere else and tells nothing. @param secret of all replicas @param now milliseconds */
export function createResetTickets(secret: Buffer, now: () => number): ResetTickets {
  const sealed = createSealedJson({ secret, use: 'reset ticket', schema: ticketSchema });
  return {
    issue: (person) =>
      sealed.seal({ id: randomUUID(), ...person, expiresAt: now() + RESET_TICKET_LIFE_S * 1000 }),
    read(text) {
      const ticket = sealed.open(text);
      return ticket && ticket.expiresAt > now() ? ticket : undefined;
    },
  };
}
