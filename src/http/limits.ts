import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, type Options, rateLimit, type Store } from 'express-rate-limit';
import { Cluster } from 'ioredis';
import { type RedisReply, RedisStore } from 'rate-limit-redis';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { RedisConnection } from '../redis/redis.js';
import { clientAddress, socketAddress } from './client-address.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** One IPv6 customer holds a /64 at least: it is one bucket. */
const IPV6_SUBNET = 64;

export type LimitOptions = Counting & ({ perMinute: number } | { perHour: number });

interface Counting {
  /** Names the policy in the `RateLimit` headers and the counter in Redis. */
  name: string;
  key(request: Request, response: Response): string | Promise<string>;
  /** True for a request that doesn't count. */
  skip?(request: Request, response: Response): boolean;
}

export type CreateLimit = (options: LimitOptions) => RequestHandler;

/**
 * Limits that all replicas share through Redis. While Redis is away each replica counts by itself at half
 * the rate: never open, never shut (D8).
 */
export function createLimits(redis: RedisConnection): CreateLimit {
  return ({ name, key, skip = () => false, ...rate }) => {
    const [most, windowMs] = 'perHour' in rate ? [rate.perHour, HOUR_MS] : [rate.perMinute, MINUTE_MS];
    const store = new SharedOrLocalStore(redis, `nx:limit:${name}:`);
    return rateLimit({
      identifier: name,
      windowMs,
      limit: () => (store.local ? Math.max(1, Math.floor(most / 2)) : most),
      keyGenerator: key,
      skip,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      store,
      validate: { creationStack: false },
      handler: (_request, response, next) => next(tooMany(response, windowMs)),
    });
  };
}

/** What counts as one source: an IPv4 address, or a /64. */
export const addressBucket = (address: string): string => ipKeyGenerator(address, IPV6_SUBNET);

export const byAddress = (request: Request): string => addressBucket(clientAddress(request));

/** For callers that come directly: no hop's word is taken. */
export const bySocketAddress = (request: Request): string => addressBucket(socketAddress(request));

function tooMany(response: Response, windowMs: number): Problem {
  const retryAfter = String(response.getHeader('Retry-After') ?? windowMs / 1000);
  return new Problem(requestErrors.too_many, { headers: { 'Retry-After': retryAfter } });
}

/** A script is loaded into every master of a cluster: its keys are anywhere. */
async function send(redis: RedisConnection, command: string, args: string[]): Promise<RedisReply> {
  if (!(redis instanceof Cluster) || command !== 'SCRIPT')
    return redis.call(command, ...args) as Promise<RedisReply>;
  const [reply] = await Promise.all(redis.nodes('master').map((node) => node.call(command, ...args)));
  return reply as RedisReply;
}

/** Redis when it answers, this process's memory when it doesn't. */
class SharedOrLocalStore implements Store {
  local = false;
  readonly prefix: string;
  private readonly shared: RedisStore;
  private readonly memory = new MemoryStore();
  private options: Options | undefined;
  private sharedIsReady = false;

  constructor(
    private readonly redis: RedisConnection,
    prefix: string,
  ) {
    this.prefix = prefix;
    this.shared = new RedisStore({
      prefix,
      sendCommand: (command: string, ...args: string[]) => send(redis, command, args),
    });
  }

  init(options: Options): void {
    this.options = options;
    this.memory.init(options);
  }

  async increment(key: string) {
    const counted = this.redis.status === 'ready' ? await this.countShared(key) : undefined;
    this.local = counted === undefined;
    return counted ?? this.memory.increment(key);
  }

  /**
   * Undefined when Redis did not answer. The store loads its script once, in `init`, and never recovers from
   * a failure there: so it is initialised when Redis is first there, and again after every failure.
   */
  private async countShared(key: string) {
    try {
      if (!this.sharedIsReady && this.options) await this.shared.init(this.options);
      this.sharedIsReady = true;
      return await this.shared.increment(key);
    } catch {
      this.sharedIsReady = false;
      return undefined;
    }
  }

  async decrement(key: string): Promise<void> {
    await (this.local ? this.memory.decrement(key) : this.shared.decrement(key));
  }

  async resetKey(key: string): Promise<void> {
    await (this.local ? this.memory.resetKey(key) : this.shared.resetKey(key));
  }
}
