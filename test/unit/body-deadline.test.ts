import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { allowLongBody, watchBody } from '../../src/http/body-deadline.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** As much of a request as deadlines look at; its socket tells when it has been cut. */
function arriving() {
  const socket = Object.assign(new EventEmitter(), {
    destroyed: false,
    destroy() {
      socket.destroyed = true;
    },
    setTimeout: (_ms: number, then: () => void) => void socket.on('timeout', then),
  });
  const request = Object.assign(new EventEmitter(), { complete: false, socket });
  watchBody(request as unknown as IncomingMessage);
  return { request, socket, allowLong: () => allowLongBody(request as unknown as IncomingMessage) };
}

test('a body that has not arrived within 20 seconds is cut off, an answer that takes longer is not (hostile input)', () => {
  const [slow, answered, closed] = [arriving(), arriving(), arriving()];
  answered.request.complete = true;
  closed.request.emit('close');
  jest.advanceTimersByTime(19_999);
  expect(slow.socket.destroyed).toBe(false);
  jest.advanceTimersByTime(1);
  expect([slow, answered, closed].map(({ socket }) => socket.destroyed)).toEqual([true, false, false]);
});

test('a body that is read as it comes may take longer, until its next piece does not come (hostile input)', () => {
  const { request, socket, allowLong } = arriving();
  allowLong();
  jest.advanceTimersByTime(300_000);
  expect(socket.destroyed).toBe(false);
  socket.emit('timeout');
  expect(socket.destroyed).toBe(true);
  request.emit('close');
  expect(socket.listenerCount('timeout')).toBe(0); // the connection's next request has its own
});
