import { createInternalJwts } from './internal-jwt.js';
import type { Signer } from './signer.js';

/** Seconds: 90 days from the last sign-in. */
export const DEVICE_TOKEN_TTL_S = 90 * 86_400;

/** A browser or phone that somebody has signed in from. */
export interface KnownDevice {
  userId: string;
  deviceId: string;
}

export interface DeviceTokens {
  mint(device: KnownDevice): Promise<string>;
  /** Undefined for anything but a token of ours that has not run out; whether the device still counts is in its row. */
  read(token: string): Promise<KnownDevice | undefined>;
}

/**
 * Says who has signed in from here before; signs nobody in.
 * @param now milliseconds since 1970
 */
export function createDeviceTokens(options: {
  signer: Signer;
  issuer: string;
  now: () => number;
}): DeviceTokens {
  const { now } = options;
  const jwts = createInternalJwts({ typ: 'device+jwt', ...options });
  return {
    mint({ userId, deviceId }) {
      const iat = Math.floor(now() / 1000);
      return jwts.mint({ sub: userId, iat, exp: iat + DEVICE_TOKEN_TTL_S, jti: deviceId });
    },
    read: (token) =>
      jwts.read(token).then(
        ({ sub: userId, jti: deviceId }) => ({ userId, deviceId }),
        () => undefined,
      ),
  };
}
