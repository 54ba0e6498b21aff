import type { RedisConnection } from '../../redis/redis.js';
import { createScript } from '../../redis/script.js';
import type { RevocationList, RevocationNews, Revocations } from './revocations.js';
import type { StatusPlace } from './status-place.js';

/** While this key is there, the bitmaps beside it are whole; a flush takes it along. */
const LOADED = '{nx}:revoked:loaded';
/** More than this at once, and the whole is written instead. */
const MOST_BITS = 5000;
const keyOf = (list: number): string => `{nx}:revoked:${list}`;

/** Sets bits where the bitmaps are whole; 0 where they are not. */
const SET_BITS = `
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  for i = 2, #KEYS do redis.call('SETBIT', KEYS[i], ARGV[i - 1], 1) end
  return 1`;

/**
 * Keeps the bitmaps in Redis (S8) for whoever shares it with us: `GETBIT {nx}:revoked:<list> <idx>`, to be trusted while
 * `{nx}:revoked:loaded` exists. They are written whole and at once from what PostgreSQL says whenever that key is
 * missing or a write was lost. Several workers do no harm: each writes all that it learns.
 */
export function createRevocationMirror(options: {
  redis: RedisConnection;
  revocations: Pick<Revocations, 'refresh' | 'all'>;
}): () => Promise<void> {
  const { redis, revocations } = options;
  const setBits = createScript(redis, 'nxRevoke', SET_BITS);
  let isBehind = true;

  /** Whether the bitmaps were whole, and so are now. */
  async function add(revoked: readonly StatusPlace[]): Promise<boolean> {
    const keys = [LOADED, ...revoked.map(({ list }) => keyOf(list))];
    const bits = revoked.map(({ idx }) => idx);
    return (await setBits(keys, bits)) === 1;
  }

  async function write({ revoked, dropped }: RevocationNews): Promise<void> {
    if (isBehind || revoked.length > MOST_BITS || !(await add(revoked))) {
      const bitmaps = [...revocations.all()].flatMap((list) => [keyOf(list.id), mostSignificantFirst(list)]);
      await redis.mset(...bitmaps, LOADED, '1');
    }
    if (dropped.length > 0) await redis.del(...dropped.map(keyOf));
  }

  return async () => {
    const news = await revocations.refresh();
    if (redis.status !== 'ready') {
      isBehind = true;
      return;
    }
    try {
      await write(news);
      isBehind = false;
    } catch (error) {
      isBehind = true;
      throw error;
    }
  };
}

/** Redis counts the bits of a byte from the highest, a status list from the lowest. */
const mostSignificantFirst = ({ bits }: RevocationList): Buffer =>
  Buffer.from(bits.map((byte) => REVERSED[byte] ?? 0));

const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2),
);
