import type { Logger } from '../telemetry/logger.js';
import { type BasicCredential, readBasicCredential } from './basic-credential.js';
import type { ProvenServices } from './proven-services.js';
import type { SecretHasher } from './secret-hasher.js';
import type { Attempt, ProvenService } from './service.js';
import type { ServiceStore, StoredService } from './service-store.js';

/** A service has two credentials at most (the table's slots). */
const SLOTS = 2;

export interface IdentifyService {
  /** Undefined: refused, whatever the reason, after the same work. */
  identify(attempt: Attempt): Promise<ProvenService | undefined>;
  /** The name that an attempt is made under; undefined when it is refused whatever its secret. */
  nameOf(attempt: Attempt): string | undefined;
  /** Whether the answer is at hand, so that it costs no hash. */
  isKnown(attempt: Attempt): boolean;
}

/**
 * Who calls (P5): a service proves itself by BASIC, from an allowed address, through nobody's hands. Every refusal
 * asks the store once and computes two hashes, so that time tells neither which names exist nor what was wrong.
 */
export function createIdentifyService(options: {
  store: Pick<ServiceStore, 'find' | 'noteUse'>;
  hasher: Pick<SecretHasher, 'verify'>;
  decoyHash: string;
  proven: ProvenServices;
  isAllowed(address: string): boolean;
  logger: Logger;
}): IdentifyService {
  const { store, hasher, decoyHash, proven, isAllowed, logger } = options;
  const flights = new Map<string, Promise<ProvenService | undefined>>();

  const read = ({ authorization, address, forwarded }: Attempt): BasicCredential | undefined =>
    isAllowed(address) && !forwarded ? readBasicCredential(authorization) : undefined;

  async function findMatch(service: StoredService | undefined, secret: string) {
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const credential = service?.credentials[slot];
      const isRight = await hasher.verify(credential?.hash ?? decoyHash, secret);
      if (isRight && credential) return credential;
    }
    return undefined;
  }

  async function check(credential: BasicCredential | undefined): Promise<ProvenService | undefined> {
    const readAt = proven.now();
    const service = await store.find(credential?.name ?? '');
    const match = await findMatch(service, credential?.secret ?? '-');
    if (!service || !match || !credential) return undefined;
    const { id, name, grants } = service;
    const answer = { id, name, grants, status: match.status };
    const forMs = match.expiresInMs ?? Number.POSITIVE_INFINITY;
    proven.keep(proven.keyOf(credential), answer, readAt, forMs);
    store
      .noteUse(match.id)
      .catch((error: unknown) => logger.warn({ err: error }, 'the use of a credential was not noted'));
    return answer;
  }

  return {
    nameOf: (attempt) => read(attempt)?.name,
    isKnown(attempt) {
      const credential = read(attempt);
      return credential !== undefined && proven.get(proven.keyOf(credential)) !== undefined;
    },
    async identify(attempt) {
      const credential = read(attempt);
      if (!credential) return check(undefined);
      const key = proven.keyOf(credential);
      const known = proven.get(key);
      if (known) return known;
      // A busy service's calls all come here when its answer has run out: they share one check.
      const flight = flights.get(key) ?? check(credential).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}
