import { jwtVerify } from 'jose';
import { signJwt } from './sign-jwt.js';
import type { Signer } from './signer.js';

const TYP = 'device+jwt';
const MAX_LENGTH = 2048;

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
 * Says who has signed in from here before; signs nobody in. JWTs by an internal key of their own (D1).
 * @param now milliseconds since 1970
 */
export function createDeviceTokens(options: {
  signer: Signer;
  issuer: string;
  now: () => number;
}): DeviceTokens {
  const { signer, issuer, now } = options;
  return {
    mint({ userId, deviceId }) {
      const iat = Math.floor(now() / 1000);
      return signJwt(signer, TYP, {
        iss: issuer,
        aud: issuer,
        sub: userId,
        iat,
        exp: iat + DEVICE_TOKEN_TTL_S,
        jti: deviceId,
      });
    },
    async read(token) {
      if (token.length > MAX_LENGTH) return undefined;
      try {
        const { payload } = await jwtVerify(token, signer.publicKey, {
          algorithms: [signer.alg],
          typ: TYP,
          issuer,
          audience: issuer,
          requiredClaims: ['exp', 'iat', 'sub', 'jti'],
          currentDate: new Date(now()),
        });
        return { userId: payload.sub as string, deviceId: payload.jti as string };
      } catch {
        return undefined;
      }
    },
  };
}
