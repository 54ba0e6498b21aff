import { randomUUID } from 'node:crypto';
import type { Notices } from './compose-notices.js';
import { BASE } from './http/base-path.js';
import type { Infrastructure } from './infrastructure.js';
import { createDevices } from './people/index.js';
import {
  type AnswerSession,
  createDeviceCookie,
  createKnownDevices,
  createSignInPlace,
} from './sign-in/index.js';
import { createDeviceTokens, createSigner, type KeyMaterial } from './tokens/index.js';

/** Wires the devices that somebody has signed in from. */
export async function composeDevices(
  { config, database, logger }: Infrastructure,
  { notify }: Notices,
  keys: Pick<KeyMaterial, 'deviceToken' | 'otpPepper'>,
  answer: AnswerSession,
): Promise<ReturnType<typeof createKnownDevices>> {
  const { issuer } = config.tokens;
  return createKnownDevices({
    tokens: createDeviceTokens({ signer: await createSigner(keys.deviceToken), issuer, now: Date.now }),
    devices: createDevices({
      database,
      newDeviceId: randomUUID,
      onNewDevice: (sql, userId) => notify(sql, { userId, event: 'new-device' }),
    }),
    cookie: createDeviceCookie({ secure: issuer.startsWith('https:'), path: `${BASE}/auth` }),
    placeOf: createSignInPlace(keys.otpPepper),
    answer,
    logger,
  });
}
