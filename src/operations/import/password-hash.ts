import type { PasswordHash } from '../../keycloak-gateway/index.js';

/** What Keycloak hashes with, and so what a hash becomes at the first right password. */
export interface KeycloakHashing {
  memoryKib: number;
  iterations: number;
}

/** Beyond it one try takes seconds; the bridge takes none that cost more. */
const HIGHEST_BCRYPT_COST = 16;

const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/**
 * A hash as Keycloak stores it, or why it can't move over: `unknown_hash`, or `stronger_than_keycloak`, as Keycloak would
 * replace it by a weaker one at the next sign-in (S13). Argon2id in PHC's format, bcrypt as `$2a$`, `$2b$` or `$2y$`.
 */
export function readPasswordHash(
  text: string,
  keycloak: KeycloakHashing,
): PasswordHash | 'unknown_hash' | 'stronger_than_keycloak' {
  const argon2id = ARGON2ID.exec(text);
  if (argon2id) return readArgon2id(argon2id, keycloak);
  const cost = Number(BCRYPT.exec(text)?.[1] ?? 0);
  if (cost < 4 || cost > HIGHEST_BCRYPT_COST) return 'unknown_hash';
  return {
    credentialData: JSON.stringify({ hashIterations: cost, algorithm: 'bcrypt' }),
    secretData: JSON.stringify({ value: text }),
  };
}

/** Strength is memory, and memory times passes: Keycloak's must not be less of either. Lanes only share the work out. */
function readArgon2id([, ...parts]: string[], keycloak: KeycloakHashing) {
  const [memory, passes, lanes] = parts.slice(0, 3).map(Number) as [number, number, number];
  const [salt = '', hash = ''] = parts.slice(3).map((part) => Buffer.from(part, 'base64').toString('base64'));
  if (passes < 1 || lanes < 1 || memory < 8 * lanes) return 'unknown_hash';
  if (memory > keycloak.memoryKib || memory * passes > keycloak.memoryKib * keycloak.iterations)
    return 'stronger_than_keycloak';
  return {
    credentialData: JSON.stringify({
      hashIterations: passes,
      algorithm: 'argon2',
      additionalParameters: {
        hashLength: [String(Buffer.from(hash, 'base64').length)],
        memory: [String(memory)],
        type: ['id'],
        version: ['1.3'],
        parallelism: [String(lanes)],
      },
    }),
    secretData: JSON.stringify({ value: hash, salt }),
  };
}
