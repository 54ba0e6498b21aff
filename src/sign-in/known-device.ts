import type { Cookie, Reply, Visitor } from '../http/route.js';
import type { Devices, Identifier } from '../people/index.js';
import type { LiveSession } from '../sessions/index.js';
import type { Logger } from '../telemetry/logger.js';
import { DEVICE_TOKEN_TTL_S, type DeviceTokens } from '../tokens/index.js';
import type { AnswerSession } from './session-answer.js';
import type { SignInPlace } from './sign-in-place.js';

type Cookies = Readonly<Record<string, string>>;

/** The device behind a request's cookie, if it has signed in to the account that this identifier belongs to. */
export type FindKnownDevice = (cookies: Cookies, identifier: Identifier) => Promise<string | null>;

/** Makes the device of a sign-in a known one of whoever signed in, by the cookies that come back. Never fails. */
export type NoteDevice = (userId: string, cookies: Cookies, visitor: Visitor) => Promise<Cookie[]>;

/** Answers a sign-in like `AnswerSession`, and makes the device a known one. */
export type AnswerSignIn = (session: LiveSession, cookies: Cookies, visitor: Visitor) => Promise<Reply>;

/** `SameSite=Lax`: it lets nobody in, and must be there when a link from elsewhere leads to a sign-in. */
export function createDeviceCookie(options: { secure: boolean; path: string }) {
  const name = options.secure ? '__Secure-nx_device' : 'nx_device';
  const set = (value: string): Cookie => ({
    name,
    value,
    path: options.path,
    maxAge: DEVICE_TOKEN_TTL_S,
    sameSite: 'lax',
  });
  return { name, set };
}

/** Who has signed in from a device before has counts of their own there: strangers can't lock them out (contract §4). */
export function createKnownDevices(options: {
  tokens: DeviceTokens;
  devices: Devices;
  cookie: ReturnType<typeof createDeviceCookie>;
  placeOf: SignInPlace;
  answer: AnswerSession;
  logger: Logger;
}): { findKnownDevice: FindKnownDevice; noteDevice: NoteDevice; answerSignIn: AnswerSignIn } {
  const { tokens, devices, cookie, placeOf, answer, logger } = options;
  const read = async (cookies: Cookies) => {
    const token = cookies[cookie.name];
    return token === undefined ? undefined : tokens.read(token);
  };

  async function cookiesFor(userId: string, cookies: Cookies, visitor: Visitor): Promise<Cookie[]> {
    const shown = await read(cookies);
    const known = shown?.userId === userId ? shown.deviceId : undefined;
    const deviceId = await devices.signedIn(userId, known, placeOf(userId, visitor));
    return [cookie.set(await tokens.mint({ userId, deviceId }))];
  }

  const noteDevice: NoteDevice = (...signIn) =>
    // The session stands by now: it is not lost for want of a convenience.
    cookiesFor(...signIn).catch((error: unknown) => {
      logger.warn({ err: error }, 'a device was not noted');
      return [];
    });

  return {
    async findKnownDevice(cookies, identifier) {
      const shown = await read(cookies);
      return shown && (await devices.counts(shown, identifier)) ? shown.deviceId : null;
    },
    noteDevice,
    async answerSignIn(session, cookies, visitor) {
      const reply = await answer(session);
      const more = await noteDevice(session.person.id, cookies, visitor);
      return { ...reply, cookies: [...(reply.cookies ?? []), ...more] };
    },
  };
}
