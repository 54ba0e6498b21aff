import type { RedisConnection } from '../../redis/redis.js';
import { createScript } from '../../redis/script.js';
import type { RevocationList, RevocationNews, Revocations } from './revocations.js';
import type { StatusPlace } from './status-place.js';

/** While this key is there, the bitmaps beside it are whole; a flush takes it along. */
const LOADED = '{nx}:revoked:loaded';
/** More than this at once, and the whole is written instead. */
const MOST_BITS = 5000;
const keyOf = (list: number): string => `{nx}:revoked:${list}`;

/** Sets bits where the bitmaps are whole, and answers which of them were not set before; nil where they are not whole. */
const SET_BITS = `
  if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
  local fresh = {}
  for i = 2, #KEYS do
    if redis.call('SETBIT', KEYS[i], ARGV[i - 1], 1) == 0 then table.insert(fresh, i - 2) end
  end
  return fresh`;

/**
 * Keeps the bitmaps in Redis (S8) for whoever shares it with us: `GETBIT {nx}:revoked:<list> <idx>`, to be trusted while
 * `{nx}:revoked:loaded` exists. They are written whole and at once from what PostgreSQL says whenever that key is
 * missing or a write was lost. Several workers do no harm: each writes all that it learns.
 * @param onRevoked told of what this process was the first to bring; of nothing when all is written anew
 */
export function createRevocationMirror(options: {
  redis: RedisConnection;
  revocations: Pick<Revocations, 'refresh' | 'all'>;
  onRevoked: (places: readonly StatusPlace[]) => Promise<void>;
}): () => Promise<void> {
  const { redis, revocations, onRevoked } = options;
  const setBits = createScript(redis, 'nxRevoke', SET_BITS);
  let isBehind = true;

  /** What of it was new; undefined where the bitmaps are not whole. */
  async function add(revoked: readonly StatusPlace[]): Promise<StatusPlace[] | undefined> {
    const keys = [LOADED, ...revoked.map(({ list }) => keyOf(list))];
    const bits = revoked.map(({ idx }) => idx);
    const fresh = (await setBits(keys, bits)) as number[] | null;
    return fresh?.flatMap((position) => revoked[position] ?? []);
  }

  async function write({ revoked, dropped }: RevocationNews): Promise<readonly StatusPlace[]> {
    const fresh = isBehind || revoked.length > MOST_BITS ? undefined : await add(revoked);
    if (!fresh) {
      const bitmaps = [...revocations.all()].flatMap((list) => [keyOf(list.id), mostSignificantFirst(list)]);
      await redis.mset(...bitmaps, LOADED, '1');
    }
    if (dropped.length > 0) await redis.del(...dropped.map(keyOf));
    return fresh ?? [];
  }

  return async () => {
    const news = await revocations.refresh();
    if (redis.status !== 'ready') {
      isBehind = true;
      return;
    }
    try {
      const fresh = await write(news);
      isBehind = false;
      await onRevoked(fresh);
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
