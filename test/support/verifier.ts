import { createVerifier, type Verifier, type VerifierOptions } from '../../verifier/src/index.js';
import type { Issuer } from '../stand-ins/issuer.js';

/** A kit for that issuer and by its clock, with nothing in the background unless the test wants it. */
export async function verifierOf(issuer: Issuer, extra: Partial<VerifierOptions> = {}): Promise<Verifier> {
  const verifier = createVerifier({
    jwksUri: `${issuer.url}/jw-certs`,
    issuer: issuer.url,
    audience: 'nx',
    clock: issuer.clock,
    refreshS: false,
    ...extra,
  });
  await verifier.ready;
  return verifier;
}

/** `accepted`, or the name of the error and its reason. */
export function outcome(verifier: Verifier, token: string): Promise<string> {
  return verifier.verify(token).then(
    () => 'accepted',
    (error) => [error.name, error.reason ?? error.missing].filter(Boolean).join(' '),
  );
}
