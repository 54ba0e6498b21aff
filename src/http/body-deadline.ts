import type { IncomingMessage } from 'node:http';

/** Milliseconds for a whole body. */
const WHOLE_BODY_MS = 20_000;
/** Between two pieces of a body that a route reads as it comes. */
const NEXT_PIECE_MS = 60_000;
/** For such a body as a whole: Node's own `requestTimeout`, which knows no routes. */
export const LONGEST_BODY_MS = 600_000;

const deadlines = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Cuts the connection of a client whose body has not arrived in time. */
export function watchBody(request: IncomingMessage): void {
  const deadline = setTimeout(() => request.complete || request.socket.destroy(), WHOLE_BODY_MS).unref();
  deadlines.set(request, deadline);
  request.once('close', () => clearTimeout(deadline));
}

/** From now on it is each piece of the body that has to arrive in time. */
export function allowLongBody(request: IncomingMessage): void {
  clearTimeout(deadlines.get(request));
  const { socket } = request;
  const cut = () => socket.destroy();
  socket.setTimeout(NEXT_PIECE_MS, cut);
  request.once('close', () => socket.off('timeout', cut));
}
