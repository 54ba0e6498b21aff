import { createHmac } from 'node:crypto';
import type { Visitor } from '../http/route.js';
import { addressBlock } from '../otp/index.js';

/** What one household or one office shares; its provider gives the rest of the address to nobody else. */
const IPV6_BITS = 64;

/** Whence somebody signs in, as far as it is told from other places: nobody can read address or agent from it. */
export type SignInPlace = (userId: string, visitor: Pick<Visitor, 'address' | 'agent'>) => string;

/** @param secret of all replicas; a new one makes every place unfamiliar, once */
export function createSignInPlace(secret: Buffer): SignInPlace {
  return (userId, { address, agent }) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['sign-in place', userId, agentFamily(agent), addressBlock(address, IPV6_BITS)]))
      .digest('base64url');
}

/** A browser's new version is no new device: the agent without its numbers. */
const agentFamily = (agent: string): string => agent.replace(/[\d._]+/g, '');
