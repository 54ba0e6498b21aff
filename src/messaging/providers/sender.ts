import type { MessageContent } from '../message.js';
import type { Tried } from '../next-step.js';

/** What a provider did with a message. */
export interface Outcome {
  /**
   * `refused`: a definite no. `unreachable`: it never got the message. `unclear`: it may have accepted it.
   */
  outcome: 'accepted' | 'refused' | 'unclear' | 'unreachable';
  /** Whether a refusal may turn into a yes by itself. */
  temporary?: boolean;
  /** For operators: a word from a fixed set, never what somebody else has written. */
  errorClass?: string;
  /** The provider's own status, cut to a line. */
  status?: string;
  /** The provider's own id of the message. */
  reference?: string;
}

/** A message as one provider would send it. */
export interface PreparedMessage {
  /** Parts of an SMS; 1 for a mail. */
  segments: number;
  /** VND. */
  cost: number;
  /** Never rejects for what the other side does. @param providerMessageId the same for the same message, whatever happens */
  send(providerMessageId: string, signal: AbortSignal): Promise<Outcome>;
}

/** One way out for messages: a provider with a merchant's or the platform's settings. */
export interface Sender extends Tried {
  timeoutMs: number;
  /** Whose trouble counts together: the circuit breaker's key. */
  circuit: string;
  /** @throws UnsendableText */
  prepare(content: MessageContent): PreparedMessage;
}

/** A text that no carrier takes: a fault of its template. */
export class UnsendableText extends Error {
  constructor(reason: string) {
    super(`The text cannot be sent: ${reason}`);
    this.name = 'UnsendableText';
  }
}
