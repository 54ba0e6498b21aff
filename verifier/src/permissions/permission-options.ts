import type { ServiceCredentials } from '../issuer/system-token.js';

/** What of a Redis client is used; ioredis has it, for one server and for a cluster. */
export interface PermissionStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'PX', milliseconds: number): Promise<unknown>;
}

/** All durations in seconds unless the name says otherwise. */
export interface PermissionOptions {
  /** `https://<issuer>/v1/api/identity` */
  base: string;
  /** This sister as the issuer knows it; it has to be granted `policies.read`. */
  service: ServiceCredentials;
  /** Shared by the replicas of this sister; answers in it are keyed by the issuer's `base`. */
  store?: PermissionStore;
  /** Nothing kept is believed unless the issuer told so long ago at the most that nothing has changed (10). */
  maxStalenessS?: number;
  /** How long an answer stays in the store (300). */
  storeS?: number;
  /** Milliseconds that an answer may take (3000); what takes longer is not permitted. */
  timeoutMs?: number;
  /** So many answers are remembered at the least (20,000), and twice as many at the most. */
  cacheSize?: number;
  /** Milliseconds that never go back. */
  monotonicNow?: () => number;
  /** What went wrong in the background or on the way to the issuer. */
  onWarning?: (what: string, error: unknown) => void;
}

const DEFAULTS = {
  maxStalenessS: 10,
  storeS: 300,
  timeoutMs: 3000,
  cacheSize: 20_000,
  monotonicNow: () => performance.now(),
  onWarning: () => undefined,
} satisfies Partial<PermissionOptions>;

export type PermissionSettings = ReturnType<typeof readPermissionOptions>;

/** @throws TypeError for what could ask nobody */
export function readPermissionOptions(options: PermissionOptions) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: Required<Omit<PermissionOptions, 'store'>> & Pick<PermissionOptions, 'store'> = {
    ...DEFAULTS,
    ...(given as unknown as PermissionOptions),
  };
  const { base, service, maxStalenessS } = settings;
  mustBe('base', /^https?:\/\/[^?#@]+$/.test(base) && URL.canParse(base));
  mustBe('service', [service?.tokenEndpoint, service?.name, service?.secret].every(isText));
  // Below this no question for changes could wait for one.
  mustBe('maxStalenessS', maxStalenessS >= 5);
  for (const name of ['storeS', 'timeoutMs', 'cacheSize'] as const) mustBe(name, settings[name] > 0);
  return { ...settings, base: base.replace(/\/+$/, ''), waitS: waitWithin(maxStalenessS) };
}

/** A question for changes counts from when it was asked, until the next one is answered: so two of them fit in. */
const waitWithin = (maxStalenessS: number): number => Math.min(25, Math.floor((maxStalenessS - 3) / 2));

function mustBe(name: string, ok: boolean): void {
  if (!ok) throw new TypeError(`createPermissions: ${name} is missing or not usable`);
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
