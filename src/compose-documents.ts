import { BASE } from './http/base-path.js';
import { type ServedDocument, staticDocument } from './http/static-documents.js';
import type { Infrastructure } from './infrastructure.js';
import { discoveryDocument, JWK_SET_CACHE, jwkSet, type KeyRing, type Signer } from './tokens/index.js';

const DISCOVERY_CACHE = 'public, max-age=300';

/** By exact path; answered from memory before the framework, and made anew when other keys are published. */
export function composeDocuments(
  { config, metrics }: Infrastructure,
  { published }: Pick<KeyRing, 'published'>,
  accountSigner: Signer,
): Record<string, ServedDocument> {
  const keySet = derived(published, (keys) => staticDocument(jwkSet(keys), JWK_SET_CACHE));
  const discovery = derived(published, (keys) =>
    staticDocument(discoveryDocument(config.tokens.issuer, BASE, keys), DISCOVERY_CACHE),
  );
  const accountKeys = staticDocument(jwkSet([accountSigner]), JWK_SET_CACHE);
  const documents = {
    '/jw-certs': keySet,
    [`${BASE}/jw-certs`]: keySet,
    '/.well-known/jwks.json': keySet,
    '/.well-known/openid-configuration': discovery,
    '/.well-known/oauth-authorization-server': discovery,
    ...(config.tokens.publishAccountKey ? { '/.well-known/account-jwks.json': () => accountKeys } : {}),
  };
  return Object.fromEntries(
    Object.entries(documents).map(([path, read]) => [path, { read, count: metrics.document(path) }]),
  );
}

/** Reads a source at each call, and derives anew only when it is another object. */
function derived<Source, Value>(read: () => Source | undefined, derive: (source: Source) => Value) {
  let known: { source: Source; value: Value } | undefined;
  return (): Value | undefined => {
    const source = read();
    if (source === undefined) return undefined;
    if (known?.source !== source) known = { source, value: derive(source) };
    return known.value;
  };
}
