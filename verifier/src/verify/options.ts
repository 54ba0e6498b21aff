import type { TokenKind } from '../claims.js';
import type { ServiceCredentials } from '../issuer/system-token.js';
import type { StatusListOptions } from '../status/status-list-options.js';

/** What went wrong in the background or on the way to the issuer; no part of a token or secret is in it. */
export type OnWarning = (what: string, error: unknown) => void;

/** All durations in seconds unless the name says otherwise. */
export interface VerifierOptions {
  /** `https://<issuer>/jw-certs` */
  jwksUri: string;
  /** What `iss` has to be, to the letter. */
  issuer: string;
  /** What `aud` has to be or hold; for services that call, this service's own registered name beside it. */
  audience: string | readonly string[];
  /** `at+jwt` unless the issuer is set to `JWT`. */
  typ?: 'at+jwt' | 'JWT';
  algorithms?: readonly ('ES256' | 'RS256')[];
  /** Kinds of token that are taken; all three unless said otherwise. */
  tokenKinds?: readonly TokenKind[];
  /** Older tokens are refused, whatever their `exp` says (3600). */
  maxAgeS?: number;
  /** How far the clocks may be apart (5). */
  clockToleranceS?: number;
  /** Revocation before a token's end; without it a token is good until then. */
  statusList?: StatusListOptions;
  /** Tells the issuer, with each status list that is fetched, who is asking and which keys are loaded here. */
  service?: ServiceCredentials;
  /** Between two background fetches of the keys (300); false switches every background fetch off. */
  refreshS?: number | false;
  /** Between two fetches because of unknown keys (30). */
  cooldownS?: number;
  /** Milliseconds that one call to the issuer may take (3000). */
  timeoutMs?: number;
  /** So many verified tokens are remembered at the least (5,000), and twice as many at the most. */
  cacheSize?: number;
  /** Milliseconds since 1970. */
  clock?: () => number;
  onWarning?: OnWarning;
}

const DEFAULTS = {
  typ: 'at+jwt',
  algorithms: ['ES256'],
  tokenKinds: ['platform', 'workspace', 'system'],
  maxAgeS: 3600,
  clockToleranceS: 5,
  refreshS: 300,
  cooldownS: 30,
  timeoutMs: 3000,
  cacheSize: 5000,
  clock: Date.now,
  onWarning: () => undefined,
} satisfies Partial<VerifierOptions>;

export type Settings = ReturnType<typeof readOptions>;

/** @throws TypeError for what could verify nothing, or everything */
export function readOptions(options: VerifierOptions) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: Required<Omit<VerifierOptions, 'statusList' | 'service'>> & VerifierOptions = {
    ...DEFAULTS,
    ...(given as unknown as VerifierOptions),
  };
  const { statusList, service } = settings;
  const audiences = [settings.audience].flat();
  mustBe('issuer', isText(settings.issuer));
  mustBe('audience', audiences.length > 0 && audiences.every(isText));
  mustBe('algorithms', isSome(settings.algorithms, ['ES256', 'RS256']));
  mustBe('tokenKinds', isSome(settings.tokenKinds, DEFAULTS.tokenKinds));
  mustBe('typ', ['at+jwt', 'JWT'].includes(settings.typ));
  for (const name of ['maxAgeS', 'timeoutMs', 'cacheSize'] as const) mustBe(name, settings[name] > 0);
  for (const name of ['clockToleranceS', 'cooldownS'] as const) mustBe(name, settings[name] >= 0);
  mustBe('refreshS', settings.refreshS === false || settings.refreshS > 0);
  mustBe('jwksUri', isAddress(settings.jwksUri));
  if (statusList) mustBe('statusList.base', isAddress(statusList.base));
  if (statusList?.fetchBase !== undefined) mustBe('statusList.fetchBase', isAddress(statusList.fetchBase));
  if (service)
    mustBe('service', isAddress(service.tokenEndpoint) && isText(service.name) && isText(service.secret));
  return { ...settings, audiences };
}

function mustBe(name: string, ok: boolean): void {
  if (!ok) throw new TypeError(`createVerifier: ${name} is missing or not usable`);
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isSome = (values: readonly string[], of: readonly string[]) =>
  values.length > 0 && values.every((value) => of.includes(value));

/** Without a query, a fragment or credentials, which would end up in logs. */
function isAddress(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return ['https:', 'http:'].includes(protocol) && `${username}${password}${search}${hash}` === '';
}
